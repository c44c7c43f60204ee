"""A PostgreSQL cluster for one test session: in a temporary folder, behind a socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg

DEBIAN = Path("/usr/lib/postgresql")


def binaries():
    """The folder of `initdb` and `postgres`; None where there is none."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).resolve().parent
    folders = [path / "bin" for path in sorted(DEBIAN.glob("*"), reverse=True)]
    return next((path for path in folders if (path / "initdb").exists()), None)


@contextmanager
def cluster(folder):
    """Starts a server and gives its address; it refuses to be root, so it runs as somebody else."""
    with tempfile.TemporaryDirectory(prefix="residency-pg-") as place:
        as_whom = {}
        if os.geteuid() == 0:
            as_whom = {"user": _somebody(), "group": None, "extra_groups": []}
            os.chown(place, pwd.getpwnam(as_whom["user"]).pw_uid, -1)
            as_whom["group"] = pwd.getpwnam(as_whom["user"]).pw_gid
        data = f"{place}/data"
        subprocess.run(
            [folder / "initdb", "-D", data, "-U", "residency", "-A", "trust", "-E", "UTF8", "-N"],
            check=True,
            capture_output=True,
            cwd=place,
            **as_whom,
        )
        options = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=120"]
        with (
            Path(place, "log").open("wb") as log,
            subprocess.Popen(
                [folder / "postgres", "-D", data, "-k", place, *options],
                stdout=log,
                stderr=log,
                cwd=place,
                **as_whom,
            ) as server,
        ):
            try:
                _wait(place)
                yield f"postgresql+psycopg://residency@/postgres?host={place}"
            finally:
                server.send_signal(2)  # SIGINT: it ends its sessions and leaves at once.


def _somebody():
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _wait(place):
    """Until it answers; a new cluster needs about a second."""
    for _ in range(200):
        try:
            psycopg.connect(f"host={place} user=residency dbname=postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(Path(place, "log").read_text())
