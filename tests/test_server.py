import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest

import tethered
from residency.errors import UnavailableError
from residency.settings import load
from server import SEARCH_ATTRIBUTES, DevServer, connect, running


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No configuration of the person who runs the tests."""
    for name in [name for name in os.environ if name.startswith(("TEMPORAL_", "RESIDENCY_TEMP"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "none.toml"))


def gone(pid, *, within=5.0):
    """Whether the process ends in time; a zombie has ended."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        state = subprocess.run(
            ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
        ).stdout.strip()
        if not state or state.startswith("Z"):
            return True
        time.sleep(0.02)
    return False


async def test_server_knows_our_search_attributes(client):
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace="default")
    )

    kinds = {
        name: IndexedValueType.Name(kind).removeprefix("INDEXED_VALUE_TYPE_").replace("_", "")
        for name, kind in answer.custom_attributes.items()
        if name.startswith("Residency")
    }
    assert kinds == {name: kind.upper() for name, kind in SEARCH_ATTRIBUTES.items()}


def test_state_file_tells_others_where_it_runs(temporal_binary, tmp_path):
    with DevServer(temporal_binary, data=tmp_path) as server:
        state = running(tmp_path)

        assert state is not None
        assert (state.pid, state.address, state.version) == (
            server.pid,
            server.address,
            server.version,
        )
        assert json.loads((tmp_path / "server.json").read_text())["pid"] == server.pid
        pid = server.pid

    assert gone(pid)
    assert running(tmp_path) is None
    assert not (tmp_path / "server.json").exists()


@pytest.mark.parametrize(
    "state",
    [
        "",
        "{",
        "[]",
        '{"pid": 1}',
        '{"pid": 99999999, "address": "127.0.0.1:1", "version": "1", "started": ""}',
        f'{{"pid": {os.getpid()}, "address": "127.0.0.1:1", "version": "1", "started": ""}}',
        f'{{"pid": {os.getpid()}, "address": "nothing", "version": "1", "started": ""}}',
    ],
    ids=["empty", "cut off", "a list", "half", "gone", "not listening", "no address"],
)
def test_state_file_of_a_server_that_is_gone_says_nothing(tmp_path, state):
    (tmp_path / "server.json").write_text(state)

    assert running(tmp_path) is None


async def test_killed_server_goes_on_with_its_file(temporal_binary, tmp_path):
    async with DevServer(temporal_binary, data=tmp_path) as server:
        first = await connect(load(), address=server.address)
        await first.start_workflow("Kept", id="kept", task_queue="nobody")
        server.kill()

    async with DevServer(temporal_binary, data=tmp_path) as server:
        second = await connect(load(), address=server.address)
        description = await second.get_workflow_handle("kept").describe()

    assert description.workflow_type == "Kept"


def test_second_server_on_one_file_is_refused(temporal_binary, tmp_path):
    with DevServer(temporal_binary, data=tmp_path) as server:
        with pytest.raises(UnavailableError) as refusal:
            DevServer(temporal_binary, data=tmp_path).start()

        assert str(refusal.value) == (
            f"A Temporal dev server (process {server.pid}, {server.address}) already uses "
            f'"{tmp_path}/temporal.db"; stop it, or use it.'
        )


def test_file_that_is_damaged_is_named(temporal_binary, tmp_path):
    (tmp_path / "temporal.db").write_bytes(b"not a database at all " * 100)

    with pytest.raises(UnavailableError) as refusal:
        DevServer(temporal_binary, data=tmp_path).start()

    assert str(refusal.value).startswith(f'The Temporal file "{tmp_path}/temporal.db" is damaged (')
    assert running(tmp_path) is None


@pytest.mark.slow
def test_file_that_is_locked_is_named(temporal_binary, tmp_path):
    with DevServer(temporal_binary, data=tmp_path) as server:
        server.kill()
    with closing(sqlite3.connect(tmp_path / "temporal.db")) as other:
        other.execute("begin exclusive")

        with pytest.raises(UnavailableError) as refusal:
            DevServer(temporal_binary, data=tmp_path).start()

    assert str(refusal.value) == (
        f'The Temporal file "{tmp_path}/temporal.db" is locked by another program; '
        "end that one first."
    )


def test_port_that_is_taken_is_named(temporal_binary):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(UnavailableError) as refusal:
            DevServer(temporal_binary, port=port).start()

    assert str(refusal.value) == (
        f'The port "{port}" can\'t be used: address already in use. '
        "Choose another one, or 0 for any that is free."
    )


def test_data_folder_that_cannot_be_made_is_named(temporal_binary, tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(UnavailableError) as refusal:
        DevServer(temporal_binary, data=tmp_path / "file").start()

    assert str(refusal.value) == (
        f'The data folder "{tmp_path}/file" can\'t be written: File exists. '
        "Set RESIDENCY_DATA to another one."
    )


def test_server_that_ends_at_once_is_told_with_its_last_words(tmp_path):
    binary = tmp_path / "temporal"
    binary.write_text("#!/bin/sh\necho first >&2\necho the disk is on fire >&2\nexit 1\n")
    binary.chmod(0o755)

    with pytest.raises(UnavailableError) as refusal:
        DevServer(binary).start()

    assert str(refusal.value) == "The Temporal dev server ended at once: the disk is on fire."


async def test_address_where_nobody_listens_is_named():
    with pytest.raises(UnavailableError) as refusal:
        await connect(load(temporal_address="127.0.0.1:1"))

    assert str(refusal.value) == (
        'The Temporal server at "127.0.0.1:1" can\'t be reached: connection refused. '
        "Is it running, and is the address right (RESIDENCY_TEMPORAL_ADDRESS)?"
    )


async def test_no_address_at_all_says_what_to_do():
    with pytest.raises(UnavailableError) as refusal:
        await connect(load())

    assert str(refusal.value) == (
        "No Temporal server is known: start one with `residency server`, or set "
        "RESIDENCY_TEMPORAL_ADDRESS."
    )


async def test_profile_gives_address_and_namespace(monkeypatch, tmp_path, dev_server):
    file = tmp_path / "temporal.toml"
    file.write_text(f'[profile.here]\naddress = "{dev_server.address}"\nnamespace = "elsewhere"\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))

    client = await connect(load(temporal_profile="here"))
    overridden = await connect(load(temporal_profile="here", temporal_namespace="default"))

    assert (client.namespace, overridden.namespace) == ("elsewhere", "default")


async def test_api_key_of_a_profile_turns_tls_on(monkeypatch, tmp_path, dev_server):
    file = tmp_path / "temporal.toml"
    file.write_text(f'[profile.cloud]\naddress = "{dev_server.address}"\napi_key = "marked"\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))

    # The dev server speaks no TLS, so a client that insists on it can't connect.
    with pytest.raises(UnavailableError) as refusal:
        await asyncio.wait_for(connect(load(temporal_profile="cloud")), 30)

    assert "marked" not in str(refusal.value)


STARTS = """
import sys, threading, time
from pathlib import Path
from server import DevServer
def start():
    server = DevServer(Path(sys.argv[1])).start()
    print(server.pid, flush=True)
    time.sleep(60)
THREAD
"""


@pytest.mark.parametrize(
    "how", ["start()", "threading.Thread(target=start).start()"], ids=["main", "thread"]
)
def test_server_dies_with_the_process_that_started_it(temporal_binary, how):
    program = STARTS.replace("THREAD", how)

    with subprocess.Popen(
        [sys.executable, "-c", program, str(temporal_binary)], stdout=subprocess.PIPE
    ) as parent:
        pid = int(parent.stdout.readline())
        alive = tethered.alive(pid)
        parent.send_signal(signal.SIGKILL)

    assert alive
    assert gone(pid)
