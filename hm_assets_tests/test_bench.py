"""What `hm bench` tells: a stage's time, processors, memory and rows, and how they grow."""

import pytest
from typer.testing import CliRunner

from benchmarks.suite import Step, by_stage, exponent, growth
from hm_assets.cli import app
from hm_assets.commands import bench


def step(stage: str, name: str, wall: float, rows: int | None = None) -> Step:
    return Step(stage, name, wall, 2 * wall, 100 * wall, 10 * wall, rows)


def test_a_stage_is_the_sum_of_its_steps_and_the_height_of_its_memory():
    steps = [
        step("features", "a", 1, 10),
        step("raw", "b", 2, 5),
        step("features", "c", 3),
        step("run", "whole", 7),
    ]
    assert by_stage(steps) == [
        Step("raw", "all", 2, 4, 200, 20, 5),
        Step("features", "all", 4, 8, 300, 30, 10),
        Step("run", "all", 7, 14, 700, 70, 0),
    ]


def test_the_exponent_of_growth_is_found():
    lines = [1e5, 1e6, 1e7]
    assert exponent(lines, [each**1.3 for each in lines]) == pytest.approx(1.3)
    runs = {int(each): [step("raw", "b", each * 6e-6), step("explore", "c", 0.1)] for each in lines}
    assert growth(runs).splitlines()[-2:] == [
        "| raw | 1.2 s | 12.0 s | 120.0 s | 1.00 | 1.00 |",
        "| explore | 0.2 s | 0.2 s | 0.2 s | - | - |",
    ]


def test_the_two_largest_tell_of_the_lines_where_every_run_has_a_fixed_part():
    runs = {lines: [step("features", "b", 100 + lines * 1e-4)] for lines in (10_000, 1_000_000, 100_000_000)}
    *_, overall, largest = (cell.strip() for cell in growth(runs).splitlines()[-1].strip("|").split("|"))
    assert float(overall) < 0.6
    assert float(largest) > 0.8


@pytest.mark.slow
def test_a_bench_of_two_sizes_prints_stages_and_growth(tmp_path, capfd, monkeypatch):
    for bound in ("HM_FIRST_MONTH", "HM_LAST_MONTH"):
        monkeypatch.delenv(bound, raising=False)
    asked = ["--scales=0.03,0.05", "--select=group:raw", f"--work={tmp_path}"]
    bench.run(["--preset=demo", *asked])
    said = capfd.readouterr().out
    assert "3,600 lines:" in said
    assert "| stage | 3,600 lines | 6,000 lines | exponent | of the two largest |" in said
    tables = [line.split("|") for line in said.splitlines() if line.startswith("| raw | ") and " MB " in line]
    small, large = (int(cells[6].replace(",", "")) for cells in tables)
    assert small > 3_600
    assert large > 6_000
    assert all(int(cells[5].removesuffix(" MB ")) > 0 for cells in tables)


def test_without_the_benchmarks_it_is_told_where_they_are(monkeypatch, tmp_path):
    monkeypatch.setattr(bench, "ROOT", tmp_path)
    found = CliRunner().invoke(app, ["bench"])
    assert found.exit_code == 1
    assert "Clone the project" in found.output
