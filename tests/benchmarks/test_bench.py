"""The page of speeds is what the files beside it say."""

from __future__ import annotations

import json

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
MACHINE = {"float32_operations_a_second": 1e11, "search_in_10000_seconds": 0.125}


def written(folder, **changes):
    networks = {"one": FIGURES | changes}
    known = {"processor": "A processor (2 cores)", "measured": "2026-11-27", "code_version": "0123456789ab"}
    content = known | {"networks": networks, "machine": {"2": MACHINE}}
    (folder / f"{slug(known['processor'])}.json").write_text(json.dumps(content))
    return page(folder).splitlines()


def cells(lines, first):
    (line,) = [line for line in lines if line.startswith(f"| {first}")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_row_says_the_rates_their_ratio_what_is_waited_for_and_the_share_of_the_peak(tmp_path):
    assert cells(written(tmp_path), "jmcnn/cnn-base") == [
        *("jmcnn/cnn-base", "cpu", "float32", "2", "64", "640", "100", "350", "3.5", "1.3%", "60%", "1,234")
    ]
    assert (tmp_path / "a-processor-2-cores.json").exists()


def test_what_was_not_measured_on_as_many_threads_has_no_share_of_the_peak(tmp_path):
    assert cells(written(tmp_path, threads=1), "jmcnn/cnn-base")[-2] == ""


def test_the_machines_own_figures_follow(tmp_path):
    assert cells(written(tmp_path), "search in 10000 seconds") == ["search in 10000 seconds", "0.125"]
