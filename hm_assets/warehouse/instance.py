"""The Dagster instance of a warehouse: where it lies, SQLite or Postgres, and opening it once before several do.

One machine needs nothing: SQLite files in `<warehouse>/.dagster`. A team names `HM_POSTGRES_URL`
(`postgresql://user:password@host:5432/database`, one database per warehouse), and the same file asks for Postgres.
"""

import datetime as dt
import fcntl
import os
import sqlite3
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources, util
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log.base import EventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, create_engine, event

from hm_assets.warehouse import artifacts
from hm_assets.warehouse.errors import HmAssetsError

CONFIG = "dagster.yaml"
POSTGRES_URL = "HM_POSTGRES_URL"
DRIVER = "postgresql+psycopg2"
STORAGE = f"""# Runs, events and schedules in Postgres: several processes and machines may write at once.
storage:
  postgres:
    postgres_url:
      env: {POSTGRES_URL}
"""


def configuration(postgres: bool) -> str:
    """The instance's `dagster.yaml`, on SQLite or on Postgres."""
    text = resources.files("hm_assets").joinpath(CONFIG).read_text(encoding="utf-8")
    if not postgres:
        return text
    return text.replace("on one machine: SQLite beside the tables", "of a team, in Postgres") + STORAGE


def home_of(warehouse: Path) -> Path:
    """Where the instance lies: in the warehouse, unless DAGSTER_HOME names another place."""
    return Path(os.environ.get("DAGSTER_HOME") or (warehouse / ".dagster").resolve())


def set_home(warehouse: Path, postgres_url: str | None = None) -> Path:
    """Name the warehouse's Dagster instance to this process and its children, unless DAGSTER_HOME names one.

    A home without a `dagster.yaml` gets one (Postgres if `postgres_url` is given); one that a person changed stays.

    Raises
    ------
    HmAssetsError
        DAGSTER_HOME is not absolute, or Postgres is asked for and cannot be had; nothing is written then.
    """
    home = home_of(warehouse)
    if not home.is_absolute():
        raise HmAssetsError(
            f"DAGSTER_HOME is {home}; Dagster wants an absolute folder, e.g. {home.resolve()}"
        )
    if postgres_url and util.find_spec("dagster_postgres") is None:
        raise HmAssetsError(
            f"{POSTGRES_URL} is set, and dagster-postgres is not installed: "
            'pip install -c constraints.txt "hm_assets[postgres]"'
        )
    url = _with_driver(postgres_url) if postgres_url else None
    path = home / CONFIG
    written = path.read_text(encoding="utf-8") if path.exists() else None
    if written is None or (postgres_url and written == configuration(postgres=False)):
        if url:
            _refuse_unreachable(url)
        home.mkdir(parents=True, exist_ok=True)
        artifacts.write_text(path, configuration(bool(postgres_url)))
    elif not postgres_url and written == configuration(postgres=True):
        # To fall back to SQLite here would hide the history from whoever forgot to set the variable.
        raise HmAssetsError(
            f"this warehouse's instance lies in Postgres: set {POSTGRES_URL}, or delete {path} "
            "to go on with SQLite, which knows only what was run before Postgres"
        )
    elif postgres_url and "postgres" not in str(written):
        raise HmAssetsError(
            f"{POSTGRES_URL} is set, and {path} was changed by hand and names no Postgres. "
            "Add the `storage` of deploy/dagster.yaml to it, or delete the file."
        )
    if url:
        os.environ[POSTGRES_URL] = url
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def _with_driver(url: str) -> str:
    """The address with the driver that dagster-postgres is written for: SQLAlchemy 2.1 would take another one."""
    scheme, colon, rest = url.partition("://")
    if not colon or scheme not in ("postgres", "postgresql", DRIVER):
        raise HmAssetsError(
            f"{POSTGRES_URL} is no address of a Postgres: postgresql://USER:PASSWORD@HOST:5432/DATABASE"
        )
    return f"{DRIVER}://{rest}"


def _refuse_unreachable(url: str) -> None:
    """A slip in the address must not turn a warehouse's instance over to a database that is not there."""
    import psycopg2

    try:
        psycopg2.connect(url.replace(DRIVER, "postgresql", 1), connect_timeout=10).close()
    except psycopg2.Error as error:
        raise HmAssetsError(_no_answer(url, _first_line([str(error)]))) from error


def prepare(home: Path) -> None:
    """Open the instance once, alone: a fresh one that several processes open at once is spoilt for good.

    Several may call this at once; the others wait for the first (a lock that the system lifts when its owner dies).

    Raises
    ------
    HmAssetsError
        It cannot be opened, or its tables are of another version of Dagster.
    """
    with (home / ".opening").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with opened(home) as instance:
            if not is_current(instance):
                raise HmAssetsError(
                    f"the Dagster instance {home} is of another version; "
                    "stop all servers, then `dagster instance migrate`"
                )


@contextmanager
def opened(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of that folder.

    Raises
    ------
    HmAssetsError
        It cannot be opened.
    """
    # Dagster marks some of what the file asks for as previews at every start; the pin is exact.
    warnings.filterwarnings("ignore", module="dagster")
    try:
        instance = dg.DagsterInstance.from_config(str(home))
        instance.get_runs_count()
    except Exception as error:
        raise HmAssetsError(_not_opened(home, error)) from error
    with instance, _quickened(instance.event_log_storage):
        yield instance


@contextmanager
def _quickened(log: EventLogStorage) -> Iterator[None]:
    """Spare SQLite's log of runs most of its time: an event takes 10 ms of processor, and the demo has 4,000 of them.

    Dagster 1.13 makes an engine for each event, which opens the file and compiles each statement anew; here a file of
    the log keeps its engine and its connection. And SQLite does not wait until the disk has the event: a log that is
    written ahead is never damaged by that (SQLite's manual, "PRAGMA synchronous"). When the power fails it may lack the
    last events, and what it does not know of is made again.
    """
    if not isinstance(log, SqliteEventLogStorage):
        yield
        return
    engines: dict[str, Engine] = {}

    @contextmanager
    def connect(shard: str) -> Iterator[Connection]:
        with log._db_lock:
            if shard not in engines:
                waiting = {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
                engines[shard] = create_engine(log.conn_string_for_shard(shard), connect_args=waiting)
                event.listen(engines[shard], "connect", _do_not_wait_for_the_disk)
            if shard not in log._initialized_dbs:
                log._initdb(engines[shard])
                log._initialized_dbs.add(shard)
            with engines[shard].begin() as connection:
                yield connection

    log._connect = connect  # type: ignore[method-assign]
    # Asked on a connection of its own for each event of a check, and always so.
    log.has_table = cache(log.has_table)  # type: ignore[method-assign]
    try:
        yield
    finally:
        del log._connect, log.has_table
        for engine in engines.values():
            engine.dispose()


def _do_not_wait_for_the_disk(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")


def database_of(instance: dg.DagsterInstance) -> str | None:
    """The address of the Postgres that holds the instance's log; None where files in its home do."""
    url = getattr(instance.event_log_storage, "postgres_url", None)
    return None if url is None else str(url)


def is_current(instance: dg.DagsterInstance) -> bool:
    """Whether the tables of the instance are those of the installed Dagster."""
    storages = (instance.run_storage, instance.event_log_storage, instance.schedule_storage)
    versions = [storage.alembic_version() for storage in storages if storage is not None]
    return all(version is None or version[0] == version[1] for version in versions)


def daemon_beats(instance: dg.DagsterInstance) -> dict[str, tuple[dt.datetime, str]]:
    """When each daemon that the instance needs was last heard (UTC), and its latest error in a line, or ""."""
    beats = instance.get_daemon_heartbeats()
    return {
        name: (
            dt.datetime.fromtimestamp(beats[name].timestamp, dt.UTC),
            _first_line([error.message for error in beats[name].errors or ()]),
        )
        for name in instance.get_required_daemon_types()
        if name in beats
    }


def runs_by_status(instance: dg.DagsterInstance) -> dict[str, int]:
    """How many runs there are of each status (`success`, `failure`, `started`, ...)."""
    return {
        status.value.lower(): instance.get_runs_count(dg.RunsFilter(statuses=[status]))
        for status in dg.DagsterRunStatus
    }


def last_made(instance: dg.DagsterInstance) -> dict[str, float]:
    """When an asset of each stage (the first part of its key) was last made, in seconds since 1970."""
    found: dict[str, float] = {}
    for record in instance.get_asset_records():
        event = record.asset_entry.last_materialization
        if event is not None:
            stage = record.asset_entry.asset_key.path[0]
            found[stage] = max(event.timestamp, found.get(stage, 0.0))
    return dict(sorted(found.items()))


def _first_line(messages: Sequence[str]) -> str:
    return messages[0].strip().splitlines()[0] if messages else ""


def _not_opened(home: Path, error: BaseException) -> str:
    """The innermost cause in a line, without the password that a URL may hold."""
    while error.__cause__ is not None:
        error = error.__cause__
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if "postgres" in (home / CONFIG).read_text(encoding="utf-8"):
        return _no_answer(os.environ.get(POSTGRES_URL, ""), said)
    return (
        f"the Dagster instance {home} cannot be opened ({said}). `hm doctor` looks again; if its files are damaged, "
        "stop all servers and delete that folder: the history of runs goes, the tables stay; `hm run` makes them anew."
    )


def _no_answer(url: str, said: str) -> str:
    place = url.rpartition("@")[2] or "unset"
    return (
        f"Postgres at {place} does not answer as it should ({said.replace(url, place) if url else said}). "
        f"Is it running, and are user, password and database of {POSTGRES_URL} right? `hm doctor` looks again."
    )
