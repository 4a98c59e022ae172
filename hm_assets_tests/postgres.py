"""A Postgres server of the tests' own. It refuses to run as root: then it runs as the user that its package made."""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

INSTALL = "Debian: apt-get install postgresql"


def _pg_ctl() -> Path | None:
    """The server's own command, which Debian keeps off the path; the newest version there is."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: float(path.parts[4]))
    found = shutil.which("pg_ctl")
    return Path(found) if found else versions[-1] if versions else None


@contextmanager
def postgres_server() -> Iterator[str]:
    """The server's address, without the name of a database."""
    from port_for import get_port
    from pytest_postgresql.executors import PostgreSQLExecutor

    pg_ctl = _pg_ctl()
    if pg_ctl is None:
        pytest.skip(f"no Postgres on this machine ({INSTALL})")
    # Not under pytest's folders: they are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="hm-postgres-"))
    command = pg_ctl
    if os.geteuid() == 0:
        try:
            owner = pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("Postgres does not run as root, and there is no user postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        command = folder / "pg_ctl"
        command.write_text(
            f"#!/bin/sh\ncd / && exec setpriv --reuid={owner.pw_uid} --regid={owner.pw_gid} --clear-groups "
            f'{pg_ctl} "$@"\n'
        )
        command.chmod(0o755)
        folder.chmod(folder.stat().st_mode | stat.S_IXGRP | stat.S_IXOTH)
    server = PostgreSQLExecutor(
        executable=str(command),
        host="127.0.0.1",
        port=get_port(None),
        datadir=str(folder / "data"),
        unixsocketdir=str(folder),
        logfile=str(folder / "log"),
        startparams="-w",
        # What a test wrote need not outlive the power.
        postgres_options="-F",
        dbname="hm_assets",
    )
    try:
        server.start()
        yield f"postgresql://postgres@127.0.0.1:{server.port}"
    finally:
        stop = [str(command), "stop", "-D", server.datadir, "-m", "immediate"]
        subprocess.run(stop, check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
