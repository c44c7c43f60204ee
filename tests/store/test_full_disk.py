"""A disk that is really full: a tiny file system of its own, in a namespace of its own."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from residency.settings import CHECKOUT

MOUNTED = 'mount -t tmpfs -o size=2m none "$1" && head -c 700000 /dev/zero > "$1/filler" && '
MOUNTED += 'exec "$0" -m tests.store.full "$1"'


def may_mount():
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False
    )
    return tried.returncode == 0


@pytest.mark.skipif(not may_mount(), reason="needs user namespaces (`unshare -rm mount`)")
def test_full_disk_is_told_and_nothing_is_lost(tmp_path):
    ended = subprocess.run(
        ["unshare", "-rm", "sh", "-c", MOUNTED, sys.executable, tmp_path],
        capture_output=True,
        text=True,
        check=False,
        cwd=CHECKOUT,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)

    assert found["said"] == (
        f'The database "{tmp_path}/residency.db" could not be written: the disk is full; '
        "free some space."
    )
    assert found["kept"] > 10
    assert found["read_while_full"] == found["kept_after"] == found["kept"]
    assert (found["refused_after"], found["sound"]) == (2, "ok")
    assert found["looked"] == [0, ""]  # Who only looks needs no room.
    assert found["wrote"] == [1, f"{found['said']}\n"]
