"""The whole platform, stage by stage: `python -m benchmarks.suite --preset hm --scales 0.1,0.3,1`.

For each scale, files are generated (or taken from `--raw`) and one `hm run` makes everything that `--select` names in
an empty warehouse. While it runs, the processor time and memory of its processes and the size of the warehouse, with
what is spilled, are sampled, and each step that it says to be done gets what passed between its start and its end; a
step's checks count with the step's stage. Where several scales ran, the growth of each stage's processor time with the
number of lines is fitted: seconds ~ lines^exponent, by least squares on logarithms. `hm run` looks at its steps twice a
second, so a step's figures are right to half a second, and a stage of less than a second has no exponent.

Prints Markdown; the figures land in benchmarks/results/suite-ENGINE.json, the pictures beside it.
"""

import argparse
import math
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.measure import RESULTS, Watch, python, save, timed
from hm_assets.warehouse import delta
from hm_assets.warehouse.charts import SERIES
from hm_assets.warehouse.pictures import BLUE

# What `hm run` prints of a step; it looks twice a second, so a step may end that much before its line.
DONE = re.compile(r"ok (\w+)/(\w+) \(([\d.]+) s\)")
LEAST_SECONDS = 1.0
STAGES = (
    "raw",
    "customers",
    "articles",
    "features",
    "explore",
    "segments",
    "profiles",
    "forecasts",
    "recommendations",
    "playbooks",
    "monitoring",
)


@dataclass(frozen=True)
class Step:
    """What an asset or a check took: seconds passed and of the processors, highest memory and size of the warehouse."""

    stage: str
    name: str
    wall: float
    cpu: float
    peak_mb: float
    disk_mb: float
    rows: int | None


def whole_run(raw: Path, warehouse: Path, engine: str, depth: str, select: str | None) -> list[Step]:
    """One `hm run`, and what each of its steps took; the last one, `run/whole`, is the command itself.

    Raises
    ------
    RuntimeError
        The command failed.
    """
    command = python("hm_assets.cli", "run", "--raw", raw, "--warehouse", warehouse, "--engine", engine)
    command += ["--depth", depth, *(["--select", select] if select else [])]
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    watch, steps, said = Watch(process.pid, warehouse), [], []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if found := DONE.search(line):
            stage, name, seconds = found[1], found[2], float(found[3])
            now = time.monotonic()
            used = watch.between(now - seconds, now)
            steps.append(Step(stage, name, seconds, *used, rows_of(warehouse, stage, name)))
    if process.wait():
        raise RuntimeError(f"{' '.join(command)} failed:\n{''.join(said)[-3000:]}")
    used = watch.between(started, time.monotonic())
    return [*steps, Step("run", "whole", time.monotonic() - started, *used, None)]


def rows_of(warehouse: Path, stage: str, name: str) -> int | None:
    """Rows of the table now, by its log; None where the step makes no table."""
    from hm_assets.definitions import TABLES

    table = TABLES.get(f"{stage}/{name}")
    stored = None if table is None else delta.open_table(warehouse, table)
    return None if stored is None else delta.row_count(stored)


def by_stage(steps: Iterable[Step]) -> list[Step]:
    """The steps of a stage added up, in the order of the lineage; its rows are those of all its tables."""
    found: dict[str, list[Step]] = {}
    for step in steps:
        found.setdefault(step.stage, []).append(step)
    return [
        Step(
            stage,
            "all",
            sum(step.wall for step in found[stage]),
            sum(step.cpu for step in found[stage]),
            max(step.peak_mb for step in found[stage]),
            max(step.disk_mb for step in found[stage]),
            sum(step.rows or 0 for step in found[stage]),
        )
        for stage in (*STAGES, "run")
        if stage in found
    ]


def exponent(lines: Sequence[float], seconds: Sequence[float]) -> float:
    """The slope of log seconds on log lines: 1 is linear. NaN where a run was too short to be timed."""
    if min(seconds) < LEAST_SECONDS:
        return float("nan")
    return float(np.polyfit(np.log(lines), np.log(seconds), 1)[0])


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="demo", help="demo, survey, coop or hm (31.8 million lines)")
    parser.add_argument("--scales", default="1", help="of the preset, with commas between")
    parser.add_argument("--raw", type=Path, help="files that are there, instead of generated ones")
    parser.add_argument("--engine", default="duckdb", help="duckdb or spark")
    parser.add_argument("--depth", default="quick", help="quick or full")
    parser.add_argument("--select", help="Dagster's asset selection; default everything")
    parser.add_argument(
        "--work", type=Path, help="where files and warehouses go and stay; default: gone at the end"
    )
    asked = parser.parse_args()
    scales = [None] if asked.raw else [float(scale) for scale in asked.scales.split(",")]
    with tempfile.TemporaryDirectory(prefix="hm_bench_") as folder:
        work = asked.work or Path(folder)
        runs = {}
        for scale in scales:
            raw = asked.raw or generated(work, asked.preset, scale)
            warehouse = work / f"warehouse-{asked.engine}-{asked.preset}-{scale}"
            shutil.rmtree(warehouse, ignore_errors=True)
            steps = whole_run(raw, warehouse, asked.engine, asked.depth, asked.select)
            lines = rows_of(warehouse, "raw", "transactions") or 0
            runs[lines] = steps
            print(f"\n{table(by_stage(steps), lines)}\n\n{longest(steps)}", flush=True)
            if asked.work is None:
                shutil.rmtree(warehouse)
    rows = [{"lines": lines, **asdict(step)} for lines, steps in runs.items() for step in steps]
    name = f"suite-{asked.engine}"
    save(name, rows, preset=asked.preset, engine=asked.engine, depth=asked.depth, select=asked.select)
    if len(runs) > 1:
        print(f"\n{growth(runs)}")
    print(f"\nwritten: {name}.json, {drawn(runs, name).name}")


def generated(work: Path, preset: str, scale: float) -> Path:
    """Files of the preset at that scale; those that are there already are taken as they are."""
    raw = work / f"raw-{preset}-{scale}"
    if not raw.exists():
        command = ("data", "generate", "--preset", preset, "--scale", scale, "--to", raw)
        # Above the preset's own size a single CSV file takes more disk than all that is made of it.
        timed(python("hm_assets.cli", *command, *(("--parquet",) if scale > 1 else ())))
    return raw


def table(stages: Sequence[Step], lines: int) -> str:
    """Markdown: what each stage took."""
    head = [
        f"{lines:,} lines:",
        "",
        "| stage | seconds | processor seconds | highest memory | warehouse on disk | rows of its tables |",
    ]
    head.append("|---|---|---|---|---|---|")
    rows = [
        f"| {step.stage} | {step.wall:.1f} | {step.cpu:.1f} | {step.peak_mb:,.0f} MB "
        f"| {step.disk_mb:,.0f} MB | {step.rows or 0:,} |"
        for step in stages
    ]
    return "\n".join(head + rows)


def longest(steps: Sequence[Step], count: int = 12) -> str:
    """Markdown: the steps that took longest."""
    head = ["| step | seconds | processor seconds | highest memory |", "|---|---|---|---|"]
    inside = sorted((step for step in steps if step.stage != "run"), key=lambda step: -step.wall)
    rows = [
        f"| {s.stage}/{s.name} | {s.wall:.1f} | {s.cpu:.1f} | {s.peak_mb:,.0f} MB |" for s in inside[:count]
    ]
    return "\n".join(head + rows)


def growth(runs: Mapping[int, Sequence[Step]]) -> str:
    """Markdown: processor seconds of each stage by number of lines, and the fitted exponent."""
    sizes = sorted(runs)
    stages = {size: {step.stage: step for step in by_stage(runs[size])} for size in sizes}
    # What a stage takes for any number of lines flattens the whole: the two largest tell of the lines alone.
    head = [
        "| stage | " + " | ".join(f"{size:,} lines" for size in sizes) + " | exponent | of the two largest |"
    ]
    head.append("|---" * (len(sizes) + 3) + "|")
    rows = []
    for stage in (stage for stage in stages[sizes[0]] if all(stage in found for found in stages.values())):
        seconds = [stages[size][stage].cpu for size in sizes]
        cells = " | ".join(f"{each:.1f} s" for each in seconds)
        slopes = (exponent(sizes, seconds), exponent(sizes[-2:], seconds[-2:]))
        told = " | ".join("-" if math.isnan(slope) else f"{slope:.2f}" for slope in slopes)
        rows.append(f"| {stage} | {cells} | {told} |")
    return "\n".join(head + rows)


def drawn(runs: Mapping[int, Sequence[Step]], name: str) -> Path:
    """A picture: of one run, where its time went; of several, how each stage grows."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 4.2), layout="constrained")
    sizes = sorted(runs)
    if len(sizes) == 1:
        stages = [step for step in by_stage(runs[sizes[0]]) if step.stage != "run"][::-1]
        axes.barh([step.stage for step in stages], [step.wall for step in stages], color=BLUE)
        most = max(stages, key=lambda step: step.wall)
        whole = sum(step.wall for step in stages)
        axes.set_title(
            f"{most.stage} takes {most.wall / whole:.0%} of the time of {sizes[0]:,} lines", loc="left"
        )
        axes.set_xlabel("seconds")
    else:
        taken = {size: {step.stage: step.cpu for step in by_stage(runs[size])} for size in sizes}
        common = [
            stage
            for stage in taken[sizes[-1]]
            if stage != "run" and all(stage in found for found in taken.values())
        ]
        common.sort(key=lambda stage: -taken[sizes[-1]][stage])
        steepest: dict[str, float] = {}
        for stage, colour in zip(common, SERIES * 2, strict=False):
            seconds = [taken[size][stage] for size in sizes]
            steepest[stage] = exponent(sizes[-2:], seconds[-2:])
            axes.loglog(sizes, seconds, marker="o", color=colour, label=f"{stage} {steepest[stage]:.2f}")
        first = taken[sizes[0]][common[0]]
        even = [first * size / sizes[0] for size in sizes]
        axes.loglog(sizes, even, color="grey", linestyle=":", label="as the lines 1.00")
        axes.legend(
            title="exponent between\nthe two largest",
            loc="center left",
            bbox_to_anchor=(1, 0.5),
            frameon=False,
        )
        most = max(common, key=lambda stage: -1.0 if math.isnan(steepest[stage]) else steepest[stage])
        axes.set_title(
            f"The work of {most} grows fastest: lines to the power of {steepest[most]:.2f}", loc="left"
        )
        axes.set_xticks(sizes, [f"{size / 1e6:.1f} M" for size in sizes])
        axes.set_xticks([], minor=True)
        axes.set_xlabel("lines")
        axes.set_ylabel("processor seconds")
    axes.spines[["top", "right"]].set_visible(False)
    path = RESULTS / f"{name}.svg"
    figure.savefig(path, metadata={"Date": None})
    return path


if __name__ == "__main__":
    main()
