"""`hm doctor`: what this machine, this installation and this warehouse need, line by line, and what to do about it.

A fault is something without which the default engine does not work; a warning is a part that is optional, or will
matter. Nothing is written, besides what the survey of the landing zone remembers.
"""

import datetime as dt
import importlib.metadata
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hm_assets.raw import landing, objects, refusal
from hm_assets.settings import Settings
from hm_assets.warehouse import artifacts, delta, forgotten, identity, java
from hm_assets.warehouse.errors import HmAssetsError, LandingError, WarehouseError
from hm_assets.warehouse.instance import daemon_beats, home_of, is_current, opened, set_home
from hm_assets.warehouse.schema import Table

OK, WARNING, FAULT = "OK", "warning", "fault"
GB = 1e9
LEAST_DISK_GB, LITTLE_DISK_GB = 0.5, 5
LEAST_MEMORY_GB, LITTLE_MEMORY_GB = 2, 8
OLDEST_PYTHON = (3, 11)
LOCKSTEP = ("dagster", "dagster-webserver", "dagster-graphql", "dagster-pipes", "dagster-shared")
PORTS = {3000: "the Dagster UI", 8000: "the portal"}
SILENT_AFTER = dt.timedelta(minutes=2)


@dataclass(frozen=True)
class Line:
    """What was looked at, how it stands, what was found, and what to do if it is not well."""

    what: str
    state: str
    found: str
    to_do: str = ""


def examine(settings: Settings, now: dt.datetime, known: Mapping[str, Table]) -> list[Line]:
    """All lines, `known` being the registry; a look that itself fails is a fault and does not hide the others."""
    looks: list[Callable[[Settings], Iterator[Line]]] = [
        lambda _: machine(),
        disks,
        lambda _: python(),
        lambda _: versions(importlib.metadata.version, _required(), _pinned()),
        lambda settings: instance(settings, now),
        lambda settings: stored(settings.warehouse, known),
        landing_zone,
        lambda _: ports(PORTS),
        spark,
    ]
    lines: list[Line] = []
    for look in looks:
        try:
            lines += look(settings)
        except (HmAssetsError, OSError) as error:
            lines.append(Line("warehouse", FAULT, str(error)))
    return lines


def machine() -> Iterator[Line]:
    """Cores and memory (of this process: what a container allows counts)."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield Line("cores", OK, str(cores))
    memory = _memory_bytes() / GB
    state = FAULT if memory < LEAST_MEMORY_GB else WARNING if memory < LITTLE_MEMORY_GB else OK
    to_do = (
        ""
        if state == OK
        else f"HM_MEMORY_LIMIT=1GB for DuckDB; the full size of H&M wants {LITTLE_MEMORY_GB} GB"
    )
    yield Line("memory", state, f"{memory:.1f} GB", to_do)


def _memory_bytes() -> int:
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    text = limit.read_text().strip() if limit.exists() else "max"
    return min(whole, int(text)) if text.isdigit() else whole


def disks(settings: Settings) -> Iterator[Line]:
    """Free space where tables and temporary files go, and whether they can be written."""
    for what, folder in (("warehouse", settings.warehouse), ("temporary files", Path(tempfile.gettempdir()))):
        there = folder.resolve()
        while not there.exists():
            there = there.parent
        free = shutil.disk_usage(there).free / GB
        try:
            with tempfile.TemporaryFile(dir=there):
                pass
        except OSError as error:
            yield Line(
                what, FAULT, f"{there} cannot be written ({error.strerror})", "give this user the right to"
            )
            continue
        state = FAULT if free < LEAST_DISK_GB else WARNING if free < LITTLE_DISK_GB else OK
        yield Line(what, state, f"{there}, {free:.1f} GB free", "" if state == OK else "make room")


def python() -> Iterator[Line]:
    """The interpreter."""
    good = sys.version_info[:2] >= OLDEST_PYTHON
    found = ".".join(map(str, sys.version_info[:3]))
    yield Line("Python", OK if good else FAULT, found, "" if good else "make PYTHON=python3.12")


def _required() -> list[str]:
    """What pyproject.toml asks for without extras, as the installation (or the checkout) states it."""
    try:
        return importlib.metadata.requires("hm_assets") or []
    except importlib.metadata.PackageNotFoundError:
        import tomllib

        path = Path(__file__).parents[2] / "pyproject.toml"
        return list(tomllib.loads(path.read_text(encoding="utf-8"))["project"]["dependencies"])


def versions(
    version_of: Callable[[str], str], required: list[str], pinned: Mapping[str, str]
) -> Iterator[Line]:
    """The packages against what is asked for, and Dagster's among themselves: they are released in lockstep."""
    from packaging.requirements import Requirement

    install = "pip install -c constraints.txt -e ."
    asked = [Requirement(text) for text in required]
    for each in asked:
        if each.marker is not None and not each.marker.evaluate({"extra": ""}):
            continue
        found = _version(version_of, each.name)
        if found is None:
            yield Line(each.name, FAULT, "is not installed", install)
        elif not each.specifier.contains(found, prereleases=True):
            yield Line(each.name, FAULT, f"{found}, and {each.specifier} is needed", install)
    together = {name: version for name in LOCKSTEP if (version := _version(version_of, name))}
    others = [name for name, pin in pinned.items() if _version(version_of, name) not in (pin, None)]
    if others:
        names = ", ".join(f"{name} {version_of(name)} for {pinned[name]}" for name in others[:5])
        more = f" and {len(others) - 5} more" if len(others) > 5 else ""
        yield Line("packages", WARNING, f"not those of constraints.txt: {names}{more}", install)
    if len(set(together.values())) > 1:
        found = ", ".join(f"{name} {version}" for name, version in together.items())
        yield Line("Dagster's packages", FAULT, f"are of several releases: {found}", install)
    elif not others:
        yield Line("packages", OK, f"as asked for; Dagster {together.get('dagster')}")


def _version(version_of: Callable[[str], str], name: str) -> str | None:
    try:
        return version_of(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _pinned() -> dict[str, str]:
    """What constraints.txt pins, where this is a checkout."""
    path = Path(__file__).parents[2] / "constraints.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {name: version for name, _, version in (line.partition("==") for line in lines) if version}


def instance(settings: Settings, now: dt.datetime) -> Iterator[Line]:
    """Dagster's instance: it opens, its tables are current, its daemon lives."""
    if not settings.postgres_url and not home_of(settings.warehouse).exists():
        yield Line("instance", OK, "not there yet; `hm run` makes it")
        return
    kind = "Postgres" if settings.postgres_url else "SQLite"
    try:
        home = set_home(settings.warehouse, settings.postgres_url)
        with opened(home) as found:
            if is_current(found):
                yield Line("instance", OK, f"{kind}, {home}")
            else:
                yield Line(
                    "instance",
                    FAULT,
                    f"{home} is of another version",
                    "stop all servers; `dagster instance migrate`",
                )
            beats = daemon_beats(found)
    except HmAssetsError as error:
        yield Line("instance", FAULT, str(error))
        return
    if not beats:
        yield Line(
            "daemon", WARNING, "has never run: sensors and schedules sleep", "`hm ui`, or `hm serve daemon`"
        )
        return
    silent = [name for name, (at, _) in beats.items() if now - at > SILENT_AFTER]
    if silent:
        last = max(at for at, _ in beats.values())
        yield Line(
            "daemon",
            WARNING,
            f"{_words(silent)} silent, last heard {last:%Y-%m-%d %H:%M} UTC: sensors and schedules sleep",
            "`hm ui`, or `hm serve daemon`",
        )
        return
    faults = [f"{name}: {error}" for name, (_, error) in beats.items() if error]
    yield Line("daemon", WARNING if faults else OK, "; ".join(faults) or "lives")


def _words(names: list[str]) -> str:
    return ", ".join(sorted(name.lower().replace("_", " ") for name in names))


def stored(warehouse: Path, known: Mapping[str, Table]) -> Iterator[Line]:
    """Whether tables and models can be read and are whole, and whether everybody who asked is forgotten."""
    tables = models = faults = 0
    for name, table in known.items():
        try:
            found = delta.open_table(warehouse, table)
            lost = delta.lost_files(found) if found else []
        except WarehouseError as error:
            faults += 1
            yield Line(name, FAULT, str(error))
            continue
        tables += found is not None
        if lost:
            faults += 1
            yield Line(
                name, WARNING, f"{len(lost)} files are gone or cut, as {lost[0]}", "`hm run` makes it anew"
            )
    stages = {table.stage for table in known.values()}
    for path in sorted(path for stage in stages for path in (warehouse / stage).glob("**/*.json")):
        if path.parent.name == "_delta_log":
            continue
        models += 1
        try:
            artifacts.read_json(path)
        except WarehouseError as error:
            faults += 1
            yield Line("model", FAULT, str(error))
    if not faults:
        yield Line("tables and models", OK, f"{tables} and {models}" if tables else "none yet")
    listed = forgotten.read(warehouse)
    if listed and listed.unfinished:
        yield Line(
            "forgetting",
            WARNING,
            f"{listed.unfinished} customers are not wholly forgotten",
            "`hm forget` again",
        )


def landing_zone(settings: Settings) -> Iterator[Line]:
    """The landing zone in the words of its survey."""
    known = identity.read(settings.warehouse)
    raw = settings.landing_zone or (known.raw if known else Path("data/raw"))
    if address := objects.address_of(settings, known):
        # What is read is the copy; whether the storage answers is another question.
        try:
            yield Line("object storage", OK, f"{address}: {len(objects.listed(address))} files")
        except LandingError as error:
            yield Line("object storage", FAULT, str(error))
        if not raw.is_dir():
            return
    if known is None and not landing.holds_files(raw):
        yield Line(
            "landing zone",
            WARNING,
            f"{raw.resolve()} holds no files yet",
            "bring yours, or `hm run` makes a demo",
        )
        return
    refused = refusal.read(settings.warehouse)
    try:
        found = landing.survey(raw, settings.warehouse)
    except LandingError as error:
        yield Line("landing zone", FAULT, str(error))
        return
    lines = sum(file.rows for file in found.transactions)
    yield Line("landing zone", OK, f"{raw}: {lines:,} lines from {found.first_day} to {found.last_day}")
    for each in refused:
        yield Line(
            "landing zone", WARNING, f"the sensor refused it: {each.reason}", "it looks again within a minute"
        )
    for name in found.not_ours:
        yield Line("landing zone", WARNING, f"{name} is not one of the input files", "left alone")


def ports(wanted: dict[int, str]) -> Iterator[Line]:
    """Whether the servers' ports are free."""
    for port, name in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                yield Line(
                    f"port {port}", WARNING, "is taken", f"fine if {name} runs; else `hm ui` takes another"
                )
            else:
                yield Line(f"port {port}", OK, f"free for {name}")


def spark(settings: Settings) -> Iterator[Line]:
    """Java and Spark: needed only with HM_ENGINE=spark."""
    missing = FAULT if settings.engine == "spark" else WARNING
    found = java.executable()
    if found is None:
        yield Line(
            "Java", missing, "is not there", f"only HM_ENGINE=spark wants it: Java {java.OLDEST} or newer"
        )
    else:
        number, line = java.version(found)
        old = number is None or number < java.OLDEST
        yield Line("Java", missing if old else OK, line, f"{java.OLDEST} or newer" if old else "")
    try:
        yield Line("Spark", OK, importlib.metadata.version("pyspark"))
    except importlib.metadata.PackageNotFoundError:
        to_do = 'only HM_ENGINE=spark wants it: pip install -c constraints.txt "hm_assets[spark]"'
        yield Line("Spark", missing, "is not installed", to_do)
