"""Half-written files of killed commands are swept from the suite's folders, and from no other."""

from reproductions.shared.harness.leftovers import sweep_all
from reproductions.shared.harness.options import Options

LEFT = ".table1.md.abcdefgh.part"
OWN = (
    "results",
    "results/smile",
    "results/smile/runs",
    "results/smile/data",
    "results/detectors/runs",
    "runs/smile/net-smoke-seed1",
    "prepared",
    "prepared/fgnet-arcface-112-auto/parts",
)
OTHERS = ("results/holidays", "runs/holidays/deep", "prepared/generated/Synthetic/images")


def test_every_folder_of_the_suite_is_swept_and_no_other(tmp_path):
    for folder in (*OWN, *OTHERS):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / LEFT).write_text("half")
        (tmp_path / folder / "kept.json").touch()
    options = Options(
        results_root=tmp_path / "results", runs_root=tmp_path / "runs", prepared_root=tmp_path / "prepared"
    )
    sweep_all(options, {"smile"})
    left = sorted(path.parent.relative_to(tmp_path).as_posix() for path in tmp_path.rglob(LEFT))
    assert left == sorted(OTHERS)
    assert len(list(tmp_path.rglob("kept.json"))) == len(OWN) + len(OTHERS)
    sweep_all(Options(results_root=tmp_path / "none"), {"smile"})
