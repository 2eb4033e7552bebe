"""The page of speeds is what the files beside it say; a network's twin is measured right after it."""

from __future__ import annotations

import argparse
import json

import pytest

from benchmarks import bench
from benchmarks.bench import page, slug

FIGURES = {
    "network": "jmcnn/cnn-base",
    "profile": "cpu",
    "precision": "float32",
    "threads": 2,
    "batch": 64,
    "size": 96,
    "parameters": 1000,
    "step_ms": 640.0,
    "trained_a_second": 100.0,
    "answered_a_second": 350.0,
    "waits_percent": 1.26,
    "operations": 2e8,
    "peak_memory_mib": 1234,
}
TWIN = FIGURES | {"trained_a_second": 80.0, "answered_a_second": 500.0, "version": "2.13.0"}
MACHINE = {"float32_operations_a_second": 1e11, "search_in_10000_seconds": 0.125}


def written(folder, twins=None, **changes):
    networks = {"one": FIGURES | changes}
    known = {"processor": "A processor (2 cores)", "measured": "2026-11-27", "code_version": "0123456789ab"}
    content = known | {"networks": networks, "machine": {"2": MACHINE}} | ({"twins": twins} if twins else {})
    (folder / f"{slug(known['processor'])}.json").write_text(json.dumps(content))
    return page(folder).splitlines()


def cells(lines, first):
    (line,) = [line for line in lines if line.startswith(f"| {first}")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_row_says_the_rates_their_ratio_what_is_waited_for_and_the_share_of_the_peak(tmp_path):
    lines = written(tmp_path)
    assert "### jmcnn/cnn-base, profile cpu, batches of 64" in lines
    expected = ["float32", "2", "640", "100", "350", "3.5", "1.3%", "60%", "1,234"]
    assert cells(lines, "float32 |") == expected
    assert (tmp_path / "a-processor-2-cores.json").exists()


def test_what_was_not_measured_on_as_many_threads_has_no_share_of_the_peak(tmp_path):
    assert cells(written(tmp_path, threads=1), "float32 |")[-2] == ""


def test_the_machines_own_figures_follow(tmp_path):
    assert cells(written(tmp_path), "search in 10000 seconds") == ["search in 10000 seconds", "0.125"]


def test_a_twin_stands_beside_its_network_with_the_ratios(tmp_path):
    lines = written(tmp_path, twins={"one": TWIN, "another": TWIN})
    (header,) = [number for number, line in enumerate(lines) if "| PyTorch |" in line]
    assert [cell.strip() for cell in lines[header + 2].strip("|").split("|")] == [
        *("float32", "2", "100", "80", "1.25", "350", "500", "0.70")
    ]
    assert lines[header - 2].startswith("The same in PyTorch 2.13.0;")
    assert lines[header + 3] == ""


class Measured:
    """Takes the place of the processes that measure, and keeps what they were asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, module, name, *options):
        self.asked.append((module, name))
        figures = {one: value for one, value in FIGURES.items() if one not in ("network", "profile")}
        return figures | ({"version": "2.13.0"} if module == "twin" else {})


@pytest.fixture
def measured(monkeypatch):
    measured = Measured()
    monkeypatch.setattr(bench, "told", measured)
    return measured


def measure(folder, *, networks="neighborhood-18,lenet", twins=True, precisions=("float32",)):
    options = argparse.Namespace(
        profiles=["smoke"],
        networks=networks,
        precisions=list(precisions),
        threads=[1],
        seconds=1.0,
        results=folder,
        machine=False,
        twins=twins,
    )
    assert bench.measure(options) == []
    (path,) = folder.glob("*.json")
    return json.loads(path.read_text())


def test_the_twin_of_a_network_is_measured_right_after_it_where_torch_is_installed(
    tmp_path, measured, monkeypatch
):
    monkeypatch.setattr(bench, "torch_is_installed", lambda: True)
    known = measure(tmp_path)
    *networks, (twin, recipe) = measured.asked
    assert networks == [("network", "age-gender/lenet"), ("network", "neighborhood/neighborhood-18")]
    assert twin == "twin"
    assert json.loads(recipe)["arguments"]["depth"] == 18
    assert list(known["twins"]) == ["neighborhood/neighborhood-18 smoke float32 1"]
    assert "| PyTorch |" in page(tmp_path)


def test_no_twin_is_measured_in_a_format_that_twins_do_not_have(tmp_path, measured, monkeypatch):
    monkeypatch.setattr(bench, "torch_is_installed", lambda: True)
    measure(tmp_path, networks="neighborhood-18", precisions=["float16"])
    assert [module for module, _ in measured.asked] == ["network"]


def test_without_torch_a_sentence_says_what_to_install(tmp_path, measured, monkeypatch, capsys):
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: None)
    measure(tmp_path, networks="neighborhood-18")
    assert [module for module, _ in measured.asked] == ["network"]
    assert "pip install -r requirements-bench.txt -c constraints.txt" in capsys.readouterr().out


def test_twins_may_be_left_out(tmp_path, measured, monkeypatch, capsys):
    monkeypatch.setattr(bench, "torch_is_installed", lambda: pytest.fail("not asked"))
    measure(tmp_path, networks="neighborhood-18", twins=False)
    assert [module for module, _ in measured.asked] == ["network"]
