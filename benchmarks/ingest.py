"""Raw files to monthly tables against a bare script: `python -m benchmarks.ingest --preset hm`.

The platform's side is the whole `hm run --select group:raw`: looking at the files (content hash, lines counted from the
bytes, months), ingestion with every row checked, rejects and deliveries, versions, all checks, Dagster around it.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

from benchmarks.measure import Timing, in_turn, python, save, timed


def main() -> None:
    """Measure and print; the figures land in benchmarks/results/ingest.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--preset", default="demo", help="demo, survey, coop or hm (31.8 million lines, 4 GB)"
    )
    parser.add_argument("--raw", type=Path, help="use these files instead of generating them")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hm_bench_") as folder:
        work = Path(folder)
        raw = options.raw
        if raw is None:
            raw = work / "raw"
            made = timed(python("hm_assets.cli", "data", "generate", "--preset", options.preset, "--to", raw))
            print(
                f"generate --preset {options.preset}: {made.seconds:.1f} s, {made.peak_mb:,.0f} MB",
                flush=True,
            )
        rows = [_ingest(raw, work, options.repeats)]
        print(f"written to {save('ingest', rows, preset=options.preset)}")


def _ingest(raw: Path, work: Path, repeats: int) -> dict[str, float | str]:
    def bare() -> Timing:
        shutil.rmtree(work / "bare", ignore_errors=True)
        return timed(python("benchmarks.bare", "ingest", raw, work / "bare"))

    def ours() -> Timing:
        shutil.rmtree(work / "warehouse", ignore_errors=True)
        return timed(
            python(
                "hm_assets.cli",
                "run",
                "--raw",
                raw,
                "--warehouse",
                work / "warehouse",
                "--select",
                "group:raw",
            )
        )

    # The first reading of a file comes from the disk; both sides should find it in memory.
    bare()
    return in_turn("raw to monthly tables", bare, ours, repeats)


if __name__ == "__main__":
    main()
