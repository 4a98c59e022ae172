"""Commands timed as whole processes, two in turn, with the peak memory that the operating system saw."""

import contextlib
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

RESULTS = Path(__file__).parent / "results"
SAMPLE_SECONDS = 0.05
# A warehouse has thousands of files: looking more often would take time from what is measured.
DISK_SECONDS = 1.0


@dataclass(frozen=True)
class Timing:
    """Wall seconds and peak resident memory of a process and its children, and what it printed."""

    seconds: float
    peak_mb: float
    output: str = ""


class Watch:
    """Samples processor time and memory of a process and its descendants, and the size of a folder, while it runs."""

    def __init__(self, pid: int, folder: Path | None = None) -> None:
        self._samples: list[tuple[float, float, float, float]] = []
        self._folder, self._disk, self._looked = folder, 0.0, -DISK_SECONDS
        self._process = psutil.Process(pid)
        self._gone: dict[int, float] = {}
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        try:
            while self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
                memory = 0
                for member in [self._process, *self._process.children(recursive=True)]:
                    try:
                        times = member.cpu_times()
                        # What ended members took stays counted.
                        self._gone[member.pid] = times.user + times.system
                        memory += member.memory_info().rss
                    except psutil.NoSuchProcess:
                        continue
                now = time.monotonic()
                if self._folder and now - self._looked >= DISK_SECONDS:
                    self._looked, self._disk = now, size_of(self._folder)
                self._samples.append((now, sum(self._gone.values()), memory / 2**20, self._disk))
                time.sleep(SAMPLE_SECONDS)
        except psutil.NoSuchProcess:
            return

    def between(self, start: float, end: float) -> tuple[float, float, float]:
        """Seconds of the processors, the highest memory in MB, and the largest size of the folder in MB."""
        inside = [sample for sample in list(self._samples) if start - SAMPLE_SECONDS <= sample[0] <= end]
        if not inside:
            return 0.0, 0.0, 0.0
        cpu = inside[-1][1] - inside[0][1]
        return cpu, max(sample[2] for sample in inside), max(sample[3] for sample in inside)


def size_of(folder: Path) -> float:
    """MB of all files below a folder; one that vanishes meanwhile counts nothing."""
    size = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                size += Path(path, name).lstat().st_size
    return size / 2**20


def timed(command: Sequence[str], environment: dict[str, str] | None = None) -> Timing:
    """Run a command to its end; a failure is an error."""
    started = time.monotonic()
    process = subprocess.Popen(
        command, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    watch = Watch(process.pid)
    output, _ = process.communicate()
    ended = time.monotonic()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output.decode()[-3000:]}")
    return Timing(ended - started, watch.between(started, ended)[1], output.decode())


def in_turn(
    name: str, bare: Callable[[], Timing], ours: Callable[[], Timing], repeats: int
) -> dict[str, float | str]:
    """Run both in turn, bare first; report medians and the median of the pairs' ratios."""
    pairs = [(bare(), ours()) for _ in range(repeats)]
    row = {
        "what": name,
        "bare_seconds": statistics.median(b.seconds for b, _ in pairs),
        "platform_seconds": statistics.median(o.seconds for _, o in pairs),
        "ratio": statistics.median(o.seconds / b.seconds for b, o in pairs),
        "lowest_ratio": min(o.seconds / b.seconds for b, o in pairs),
        "highest_ratio": max(o.seconds / b.seconds for b, o in pairs),
        "bare_peak_mb": max(b.peak_mb for b, _ in pairs),
        "platform_peak_mb": max(o.peak_mb for _, o in pairs),
    }
    print(
        f"{name}: bare {row['bare_seconds']:.1f} s, {row['bare_peak_mb']:,.0f} MB; "
        f"platform {row['platform_seconds']:.1f} s, {row['platform_peak_mb']:,.0f} MB; "
        f"ratio {row['ratio']:.2f} ({row['lowest_ratio']:.2f} to {row['highest_ratio']:.2f}, {repeats} pairs)",
        flush=True,
    )
    return row


def save(name: str, rows: Sequence[dict[str, float | str]], **facts: object) -> Path:
    """Write the figures with the machine they were measured on."""
    RESULTS.mkdir(exist_ok=True)
    machine = {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"machine": machine, **facts, "rows": list(rows)}, indent=2) + "\n")
    return path


def python(module: str, *arguments: object) -> list[str]:
    """A command that runs a module with this interpreter."""
    return [sys.executable, "-W", "ignore", "-m", module, *map(str, arguments)]


def made(raw: str, warehouse: str, stage: str, names: Sequence[str]) -> list[dict[str, float | str]]:
    """`hm run` of these tables of a stage at full depth: a row each, and one of the run with its highest memory."""
    selection = " or ".join(f"key:{stage}/{name}" for name in names)
    command = [sys.executable, "-m", "hm_assets.cli", "run", "--raw", raw, "--warehouse", warehouse]
    timing = timed([*command, "--depth", "full", "--select", selection])
    found = re.findall(rf"ok {stage}/(\w+) \(([\d.]+) s\)", timing.output)
    rows: list[dict[str, float | str]] = [
        {"what": name, "seconds": float(seconds)} for name, seconds in found if name in names
    ]
    rows.append({"what": "the run", "seconds": timing.seconds, "peak_mb": timing.peak_mb})
    for row in rows:
        print(row)
    return rows
