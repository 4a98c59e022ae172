"""A landing zone in object storage: its objects are fetched into a folder of the warehouse, which is then what is read.

A fetch makes the folder a mirror of what lies under the address: new and changed objects (by ETag and size) replace
files, what vanished goes. Nothing of it is done until all that is new is whole and on disk: a fetch that breaks leaves
the folder as it was, and no mixture of two deliveries, whose lines could count twice.
"""

import contextlib
import fcntl
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hm_assets.raw.files import suffix_of
from hm_assets.raw.landing import NotReady
from hm_assets.settings import COPIES, Settings
from hm_assets.sources import contract, origin
from hm_assets.warehouse import artifacts
from hm_assets.warehouse.errors import LandingError, WarehouseError, first_line
from hm_assets.warehouse.identity import Identity

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta
    from obstore.store import S3Store

NOTES: Final = ".fetched"
"""Folder within the mirror: what each file was fetched as, the lock, `parts` (what is being fetched)."""
VARIABLES: Final = "AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"


def address_of(settings: Settings, known: Identity | None) -> str | None:
    """Where the landing zone lies in object storage; None where it is a folder."""
    if settings.raw is not None:
        return settings.raw if isinstance(settings.raw, str) else None
    return known.fetched_from if known else None


def fetch(
    address: str, folder: Path, say: Callable[[str], None] = lambda _: None, wait: bool = True
) -> list[str]:
    """Make the folder a mirror of the objects that lie directly under the address; returns the names fetched.

    Parameters
    ----------
    address
        `s3://bucket/prefix`.
    folder
        The mirror; made where it is not there.
    say
        Told what is being fetched.
    wait
        Wait while another process fetches into the same folder.

    Raises
    ------
    LandingError
        The storage cannot be read; what was there before is still there. `NotReady` where an object changed while it
        was fetched, or (without `wait`) another process is fetching.
    """
    parts = folder / NOTES / "parts"
    try:
        with _alone(address, folder, wait):
            shutil.rmtree(parts, ignore_errors=True)  # of a fetch that was killed
            found = listed(address)
            if not found:
                raise LandingError(
                    f"HM_RAW: no input file lies directly under {address}. {contract.HOW_TO_GET}"
                )
            known = _noted(folder)
            new = [name for name in sorted(found) if known.get(name) != _version(found[name])]
            try:
                for name in new:
                    _download(address, found[name], parts, say)
                _replace(folder, parts, {name: _version(each) for name, each in found.items()}, new)
            finally:
                shutil.rmtree(parts, ignore_errors=True)
            return new
    except OSError as error:
        path = error.filename2 or error.filename or folder
        raise LandingError(f"{path} cannot be read or written ({error.strerror}).") from error


def listed(address: str) -> dict[str, "ObjectMeta"]:
    """The objects directly under an address that may be input files, by name; deeper ones are not looked at.

    Raises
    ------
    LandingError
        The storage cannot be read, or the package for it is not installed.
    """
    with _opened(address) as store:
        under = store.list_with_delimiter()["objects"]
    return {e["path"]: e for e in under if suffix_of(Path(e["path"])) or e["path"] == origin.FILE}


def drop_others(warehouse: Path, raw: Path) -> None:
    """Delete the copies that earlier landing zones left in a warehouse."""
    for copy in (warehouse / COPIES).glob("*"):
        if (copy / NOTES).is_dir() and copy.resolve() != raw.resolve():
            shutil.rmtree(copy)


def _version(found: "ObjectMeta") -> list[Any]:
    # A store that gives no ETag gives at least the time of the last change.
    return [found["e_tag"] or found["last_modified"].isoformat(), found["size"]]


def _replace(folder: Path, parts: Path, versions: dict[str, list[Any]], new: list[str]) -> None:
    """Make the folder hold what `versions` names: the parts that are new replace files, the others go."""
    if new:
        # Killed from here on, it knows nothing of the files it was replacing, and fetches them again.
        _note(folder, {name: version for name, version in versions.items() if name not in new})
    for name in new:
        (parts / name).replace(folder / name)
    for path in folder.iterdir():
        if path.is_file() and path.name not in versions:
            path.unlink()
    if new:
        _note(folder, versions)


def _note(folder: Path, versions: dict[str, list[Any]]) -> None:
    artifacts.write_json(folder / NOTES / "objects.json", {"objects": versions})


def _noted(folder: Path) -> dict[str, list[Any]]:
    """What the files of the folder were fetched as; a file that is gone or has another size now is not known."""
    try:
        noted = artifacts.read_json(folder / NOTES / "objects.json")["objects"]
        return {n: v for n, v in noted.items() if (folder / n).is_file() and _size(folder / n) == v[1]}
    except (WarehouseError, KeyError, TypeError, AttributeError, IndexError):
        return {}  # fetching again is all that it costs


def _size(path: Path) -> int:
    return path.stat().st_size


def _download(address: str, found: "ObjectMeta", parts: Path, say: Callable[[str], None]) -> None:
    name, size = found["path"], found["size"]
    parts.mkdir(exist_ok=True)
    part = parts / name
    # Were it replaced meanwhile, half of it could be of the old one and half of the new one.
    asked: GetOptions = {"if_match": found["e_tag"]}
    say(f"fetching {address}/{name} ({size / 1e6:,.1f} MB)")
    with part.open("wb") as file, _opened(address, name) as store:
        for chunk in store.get(name, options=asked).stream():
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if _size(part) != size:
        raise NotReady(f"{address}/{name} was cut off at {_size(part):,} of {size:,} bytes. Run again.")


@contextlib.contextmanager
def _alone(address: str, folder: Path, wait: bool) -> Iterator[None]:
    (folder / NOTES).mkdir(parents=True, exist_ok=True)
    with (folder / NOTES / "lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise NotReady(f"another process is fetching {address}") from error
        yield


@contextlib.contextmanager
def _opened(address: str, name: str = "") -> Iterator["S3Store"]:
    """The storage under an address; its own errors fill pages, and are told in a sentence that names the setting."""
    try:
        from obstore.exceptions import BaseError, PreconditionError
        from obstore.store import S3Store
    except ImportError as error:
        raise LandingError(
            'Object storage wants one more package: pip install -c constraints.txt "hm_assets[s3]"'
        ) from error
    bucket, _, prefix = address.removeprefix("s3://").partition("/")
    try:
        yield S3Store(
            bucket,
            prefix=prefix or None,
            client_options={
                # The usual limit is on a whole request, and a large file takes longer; a dead line sends nothing.
                "timeout": "1 day",
                "read_timeout": "30s",
                # Whoever names such an endpoint means it.
                "allow_http": os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://"),
            },
            retry_config={"max_retries": 3},
        )
    except (BaseError, FileNotFoundError) as error:
        if name and isinstance(error, (PreconditionError, FileNotFoundError)):
            raise NotReady(
                f"{address}/{name} was replaced or deleted while it was fetched. Run again."
            ) from error
        if bad := re.search(r'invalid path: .*?Path "([^"]*)"', str(error)):
            raise LandingError(
                f"HM_RAW: {address} holds objects under {bad[1]!r}, and no file can have such a name. Rename or delete "
                "them there, or name another prefix."
            ) from error
        raise LandingError(
            f"HM_RAW: {address} cannot be read ({_reason(error)}). Mend the address, or what this process is told by "
            f"{VARIABLES}."
        ) from error


def _reason(error: Exception) -> str:
    """The storage's own code and message (it answers in XML), else what the library says first.

    A password in the endpoint's address is left out, and so is an answer of any other kind: it may repeat a token.
    """
    told = re.search(r"<Code>([^<]+)</Code>\s*(?:<Message>([^<]*)</Message>)?", str(error))
    if told:
        return ": ".join(filter(None, told.groups()))
    said = re.sub(r"(status code: \d+[^:]*|error response|list response):.*", r"\1", first_line(error))
    return re.sub(r"//\S*@", "//", said)
