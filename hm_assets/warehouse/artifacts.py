"""Models and documents: files written to a temporary name and renamed, so that a reader never sees half of one."""

import contextlib
import glob
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.spill import is_running


def recipe(*parts: Any) -> str:
    """Hash of what a fit depends on besides its data (code version, settings, seed); equal, so the model is kept."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def path_of(warehouse: Path, key: Sequence[str], month: str | None = None) -> Path:
    """Where an asset's model or other small result lies: `<warehouse>/<stage>/<name>.json`, or a folder of months."""
    return (warehouse.joinpath(*key) / month if month else warehouse.joinpath(*key)).with_suffix(".json")


def kept_path(warehouse: Path, key: Sequence[str], digest: str) -> Path:
    """Where a past content of an asset's JSON lies, by its hash: a document of last month can be made from it again."""
    return warehouse.joinpath(".kept", *key, f"{digest}.json")


def write_text(path: Path, text: str) -> Path:
    """Write a text file atomically; its folder is made."""
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> Path:
    """The same for a file of any kind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    for left in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        if not is_running(left.name.split(".")[-2]):
            left.unlink(missing_ok=True)
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
    return path


def write_json(path: Path, value: Any) -> Path:
    """Write a value as JSON with sorted keys: equal values give equal bytes."""
    return write_text(path, json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read what `write_json` wrote.

    Raises
    ------
    WarehouseError
        The file is missing or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WarehouseError(f"{path} is missing; materialise the asset that writes it again") from error
    except ValueError as error:
        raise WarehouseError(f"{path} is not valid JSON ({error}); delete it and run again") from error
