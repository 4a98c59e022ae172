"""What Spark needs besides its settings: a Java of the right age, and pyspark. Looked for without starting either."""

import importlib.metadata
import os
import re
import shutil
import subprocess
from pathlib import Path

from hm_assets.warehouse.errors import HmAssetsError

OLDEST = 17


def executable() -> str | None:
    """The `java` that Spark will start: of JAVA_HOME, else of the path."""
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").exists():
        return str(Path(home) / "bin" / "java")
    return shutil.which("java")


def version(java: str) -> tuple[int | None, str]:
    """Its number (17 of 17.0.15) and the line in which it says so."""
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False, timeout=30).stderr
    lines = [line for line in said.splitlines() if "version" in line] or said.splitlines() or ["?"]
    number = re.search(r'version "(\d+)', lines[0])
    return (int(number[1]) if number else None), lines[0]


def require(remote: bool = False) -> None:
    """Refuse what Spark would answer with a page of its own; a Spark Connect server has a Java of its own.

    Raises
    ------
    HmAssetsError
        pyspark is not installed, Java is not there, or it is too old.
    """
    try:
        importlib.metadata.version("pyspark")
    except importlib.metadata.PackageNotFoundError as error:
        raise HmAssetsError(
            'HM_ENGINE=spark needs pyspark: pip install -c constraints.txt "hm_assets[spark]"'
        ) from error
    if remote:
        return
    java = executable()
    number, line = (None, "there is none") if java is None else version(java)
    if number is None or number < OLDEST:
        raise HmAssetsError(
            f"HM_ENGINE=spark needs Java {OLDEST} or newer ({line}); install it, or name it in JAVA_HOME"
        )
