"""Claims and figures compare runs of one training set, but where the training set is what is asked about."""

import dataclasses

from common.evidence.claims import NOT_TESTED, judge
from reproductions.jmcnn import tables
from reproductions.jmcnn.experiments import HALF, HALF_SWEEP, SWEEP
from tests.support.fake_predictions import FakePredictions
from tests.support.fake_records import FGNET, UTKFACE, measurement, record

LFW = dataclasses.replace(UTKFACE, dataset="lfw", title="LFW", images=3600)
CASIA = dataclasses.replace(UTKFACE, dataset="casia-webface", title="CASIA-WebFace", images=490_000)
CLAIMS = {claim.name: claim for claim in tables.CLAIMS}
HALF_ENDS = ", films at half the side"


def runs(experiment, values, trained_on):
    return [
        record(
            [measurement(value, "fgnet-oldest", FGNET, "rank-1", "cosine")],
            seed,
            experiment,
            paper="jmcnn",
            trained_on=trained_on,
            configuration={"experiment": experiment},
        )
        for seed, value in enumerate(values, 1)
    ]


def drawn(name, records, root):
    (plot,) = (one for one in tables.report().plots if one.name == name)
    return plot.data(records, root).values["series"]


def test_a_claim_about_the_loss_never_compares_two_training_sets():
    records = runs("cnn-fine-tuned", [40, 41, 42], (LFW, FGNET)) + runs(
        "jmcnn-0.1", [80, 82, 81], (CASIA, FGNET)
    )
    verdicts = judge(CLAIMS["JMCNN beats the fine-tuned baseline"], records, FakePredictions())
    assert {verdict.verdict for verdict in verdicts} == {NOT_TESTED}
    same = runs("cnn-fine-tuned", [40, 41, 42], (LFW, FGNET)) + runs("jmcnn-0.1", [50, 52, 51], (LFW, FGNET))
    (verdict,) = judge(CLAIMS["JMCNN beats the fine-tuned baseline"], same, FakePredictions())
    assert verdict.verdict == "reproduced"


def test_that_fine_tuning_helps_does():
    records = runs("cnn-base", [40, 41, 42], (LFW,)) + runs("cnn-fine-tuned", [50, 52, 51], (LFW, FGNET))
    (verdict,) = judge(CLAIMS["fine-tuning helps"], records, FakePredictions())
    assert verdict.verdict == "reproduced"


def test_a_line_over_lambda_is_of_one_training_set(tmp_path):
    records = [
        one for place, ours in enumerate(SWEEP[:3]) for one in runs(ours.name, [40 + place], (LFW, FGNET))
    ]
    records += runs(SWEEP[1].name, [80], (CASIA, FGNET))
    (series,) = drawn("fig4-fgnet", records, tmp_path)
    assert [point[1] for point in series["points"]] == [40, 41, 42]
    assert series["label"] == FGNET.protocol


def test_lines_of_two_sets_are_called_by_their_sets(tmp_path):
    films = dataclasses.replace(FGNET, dataset="imfdb", title="IMFDB")
    records = [
        record(
            [
                measurement(20 + place, "imfdb-oldest", films, "rank-1", "cosine"),
                measurement(40 + place, "fgnet-one-out", FGNET, "rank-1", "cosine"),
            ],
            1,
            ours.name,
            paper="jmcnn",
            trained_on=(LFW, films),
            configuration={"experiment": ours.name},
        )
        for place, ours in enumerate(HALF_SWEEP)
    ]
    first, second = drawn("fig4-films", records, tmp_path)
    assert first["label"].startswith("IMFDB, ")
    assert second["label"].startswith("FG-NET, ")
    assert [point[1] for point in first["points"]] == [20, 21, 22]


def test_claims_at_half_the_side_are_those_of_the_full_one_and_name_rows_that_are_run():
    half = {name.removesuffix(HALF_ENDS): one for name, one in CLAIMS.items() if name.endswith(HALF_ENDS)}
    names = {one.name for one in HALF}
    for name, one in half.items():
        assert {one.better, one.worse, *one.between} <= names, name
    full = {name for name in CLAIMS if ", films" not in name} - {"better and better up to 0.1"}
    assert set(half) == full | {"the regulariser helps to tell ages", "the regulariser takes age from F4"}
    for name in full:
        ours, theirs = CLAIMS[name], half[name]
        assert (ours.sentence, ours.columns, ours.ratio) == (theirs.sentence, theirs.columns, theirs.ratio)


def test_claims_on_films_at_full_size_are_asked_elsewhere_under_cpu():
    full = [one for name, one in CLAIMS.items() if name.endswith(", films")]
    assert len(full) == 5
    assert {one.elsewhere[0] for one in full} == {"cpu"}
