"""`hm bench`: where the time of a whole run goes; the measuring itself lives in `benchmarks/`, beside the package."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import hm_assets
from hm_assets.warehouse.errors import HmAssetsError

ROOT = Path(hm_assets.__file__).parents[1]


def run(arguments: list[str]) -> None:
    """Run `benchmarks.suite` with these arguments; what it prints is shown as it comes.

    Raises
    ------
    HmAssetsError
        The benchmarks or what they need are not installed, or the benchmark failed.
    """
    if not (ROOT / "benchmarks" / "suite.py").exists():
        raise HmAssetsError(
            "The benchmarks are not part of the installed package. Clone the project, install it with "
            "`pip install -e '.[dev]'`, and run `hm bench` there."
        )
    if importlib.util.find_spec("psutil") is None:
        raise HmAssetsError("hm bench needs psutil, which `pip install -e '.[dev]'` brings.")
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.suite", *arguments]
    if (code := subprocess.call(command, cwd=ROOT)) != 0:
        raise HmAssetsError(f"The benchmark ended with {code}; what failed stands above.")
