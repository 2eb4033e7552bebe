from data_prep.datasets.cacd_vs import DATASET
from data_prep.datasets.samples import Rejected, Sample
from tests.support.label_files import touch


def test_pairs_are_named_and_nobody_is(tmp_path):
    touch(tmp_path, "0000_0.jpg", "0000_1.jpg", "0001_2.jpg")
    assert list(DATASET.scan(tmp_path)) == [
        Sample(tmp_path / "0000_0.jpg", "0000_0.jpg"),
        Sample(tmp_path / "0000_1.jpg", "0000_1.jpg"),
        Rejected("0001_2.jpg", "name is not of the form 0123_0.jpg"),
    ]
