"""How long the UI's code location takes to load, in processes of their own: `python -m benchmarks.loading`.

Prints the median and range of five, in seconds: `import dagster` alone, and all until Dagster's repository is there.
"""

import statistics
import subprocess
import sys

REPEATS = 5
LOADED = """
import time
start = time.perf_counter()
import dagster
bare = time.perf_counter() - start
from hm_assets.definitions import defs
defs.get_repository_def()
print(bare, time.perf_counter() - start)
"""


def main() -> None:
    """Measure and print."""
    command = [sys.executable, "-W", "ignore", "-c", LOADED]
    runs = [subprocess.check_output(command, text=True).split() for _ in range(REPEATS)]
    for place, what in enumerate(("dagster alone", "the location")):
        found = sorted(float(run[place]) for run in runs)
        print(f"{what}: {statistics.median(found):.2f} s ({found[0]:.2f} to {found[-1]:.2f})")


if __name__ == "__main__":
    main()
