"""The Temporal dev server: started, watched, found again by other commands, never left behind.

`finding.py` says where its binary comes from; a server of somebody else's is only connected to.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import ports
import tethered
from finding import Address, Binary, find, load_profile
from residency.errors import UnavailableError
from residency.settings import Settings
from serverfile import Running, announce, forget, running

if TYPE_CHECKING:
    from temporalio.client import Client  # A second to import on a cold machine.

__all__ = ["Address", "Binary", "DevServer", "Running", "connect", "find", "running"]

SEARCH_ATTRIBUTES = {
    "ResidencyProgram": "Keyword",
    "ResidencyCohort": "Keyword",
    "ResidencyStage": "Keyword",
    "ResidencyMentors": "KeywordList",
}
# A server of one's own needs no protection from its only user; these are requests a second.
_LIMITS = {
    "frontend.rps": 100_000,
    "frontend.namespaceRPS": 100_000,
    "frontend.namespaceRPS.visibility": 10_000,
    "history.rps": 100_000,
    "matching.rps": 100_000,
    "frontend.persistenceMaxQPS": 100_000,
    "history.persistenceMaxQPS": 100_000,
    "matching.persistenceMaxQPS": 100_000,
}
START_SECONDS = 60.0
STOP_SECONDS = 10.0
MOST_TRIES = 3


class PortTakenError(UnavailableError):
    """Another program listens on the port."""


class DevServer:
    """One dev server, in a data folder (its file `temporal.db` there) or, without one, in memory.

    Use it with `with`, `async with`, or `start` and `stop`. It dies with this process, however that
    ends. `port` and `ui_port` 0 mean any free one; `ui_port` None means no pages.
    """

    def __init__(
        self,
        binary: Path,
        *,
        data: Path | None = None,
        port: int = 0,
        ui_port: int | None = None,
        namespace: str | None = None,
    ) -> None:
        self.binary = binary
        self.data = data
        self.port = self._wanted = port
        self._tries = 0
        self.ui_port = ui_port
        self.namespace = namespace
        self.version = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._tether: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    @property
    def address(self) -> str:
        """`host:port`, known once it was started."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The server's own process."""
        if self._process is None:
            raise UnavailableError("The Temporal dev server is not running.")
        return self._process.pid

    def start(self) -> Self:
        """Start it and wait until it answers; raises UnavailableError with the reason."""
        while True:
            self._launch()
            try:
                self._listening()
                self.version = _in_thread(self._serving())
                break
            except BaseException as error:
                self.kill()
                if not self._may_try_again(error):
                    raise
        self._announce()
        return self

    def stop(self) -> None:
        """Ask it to end, and end it after ten seconds; does nothing when it has ended."""
        if self.data is None:  # There is nothing to put down.
            self.kill()
        else:
            self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(getattr(signal, "SIGKILL", signal.SIGTERM))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        # Not in a worker thread: on Linux the server dies with the thread that has started it.
        while True:
            self._launch()
            try:
                await asyncio.to_thread(self._listening)
                self.version = await self._serving()
                break
            except BaseException as error:
                self.kill()
                if not self._may_try_again(error):
                    raise
        self._announce()
        return self

    def _may_try_again(self, error: BaseException) -> bool:
        """Whether another free port may do: somebody can take one between our choice and the start."""
        self._tries += 1
        if not isinstance(error, PortTakenError) or self._wanted or self._tries >= MOST_TRIES:
            return False
        self.port = 0
        return True

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.stop)

    def _launch(self) -> None:
        lock = self._claim()
        try:
            self.port = ports.free(self.port)
            if self.ui_port is not None:
                self.ui_port = ports.free(self.ui_port)
            self._log = self._open_log()
            command = [str(self.binary), *self._arguments()]
            self._process, self._tether = tethered.spawn(command, log=self._log, keep=lock)
        except OSError as error:
            raise UnavailableError(
                f'The Temporal dev server "{self.binary}" can\'t be started: {error.strerror}.'
            ) from error
        finally:
            if lock is not None:
                os.close(lock)  # The server holds it now.

    def _claim(self) -> int | None:
        """Lock the data folder's file, for as long as the server lives; two would corrupt it."""
        if self.data is None:
            return None
        file = self.data / "temporal.db"
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.data / "temporal.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise UnavailableError(
                f'The data folder "{self.data}" can\'t be written: {error.strerror}. '
                "Set RESIDENCY_DATA to another one."
            ) from error
        if not tethered.lock(lock):
            os.close(lock)
            other = running(self.data)
            who = f" (process {other.pid}, {other.address})" if other else ""
            raise UnavailableError(
                f'A Temporal dev server{who} already uses "{file}"; stop it, or use it.'
            )
        return lock

    def _arguments(self) -> list[str]:
        arguments = ["server", "start-dev", "--ip", "127.0.0.1", "--port", str(self.port)]
        arguments += ["--log-level", "error", "--color", "never"]
        if self.ui_port is None:
            arguments.append("--headless")
        else:
            arguments += ["--ui-port", str(self.ui_port)]
        if self.namespace and self.namespace != "default":
            arguments += ["--namespace", self.namespace]
        for name, kind in SEARCH_ATTRIBUTES.items():
            arguments += ["--search-attribute", f"{name}={kind}"]
        for key, value in _LIMITS.items():
            arguments += ["--dynamic-config-value", f"{key}={value}"]
        if self.data is not None:
            arguments += ["--db-filename", str(self.data / "temporal.db")]
            # Readers and the writer side by side; each commit is on the disk before it is answered.
            arguments += ["--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=2"]
        return arguments

    def _open_log(self) -> IO[bytes]:
        if self.data is None:
            return tempfile.TemporaryFile()  # Open for as long as the server lives.
        (self.data / "temporal.log").write_bytes(b"")
        return (self.data / "temporal.log").open("a+b")

    def _listening(self) -> None:
        """Wait for the port to open: cheaper than asking by gRPC, and sees an early end."""
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while not ports.accepts(self.address):
            if self._process.poll() is not None:
                raise UnavailableError(self._why())
            if time.monotonic() > deadline:
                raise UnavailableError(
                    f"The Temporal dev server did not answer within {START_SECONDS:g} s."
                )
            time.sleep(0.02)

    async def _serving(self) -> str:
        """Wait until it serves the namespace; returns the server's version."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return await _version(self.address, namespace=self.namespace or "default")
            except Exception as error:
                if self._process is None or self._process.poll() is not None:
                    raise UnavailableError(self._why()) from error
                if time.monotonic() > deadline:
                    raise UnavailableError(
                        f"The Temporal dev server did not answer within {START_SECONDS:g} s."
                    ) from error
            await asyncio.sleep(0.05)

    def _why(self) -> str:
        """Why it ended by itself, from its last words."""
        assert self._log is not None
        self._log.seek(0)
        said = self._log.read().decode(errors="replace")
        last = _last_words(said)
        file = f'"{(self.data or Path()) / "temporal.db"}"'
        if "address already in use" in said:
            raise PortTakenError(
                f'The port "{self.port}" is taken; choose another one, or 0 for any.'
            )
        if "database is locked" in last:
            return f"The Temporal file {file} is locked by another program; end that one first."
        if any(sign in last for sign in ("not a database", "malformed", "no such table")):
            return (
                f"The Temporal file {file} is damaged ({last}). "
                "Restore it from a backup, or choose another folder by RESIDENCY_DATA."
            )
        return f"The Temporal dev server ended at once: {last}."

    def _announce(self) -> None:
        if self.data is None:
            return
        ui = f"http://127.0.0.1:{self.ui_port}" if self.ui_port is not None else None
        state = Running(
            pid=self.pid,
            address=self.address,
            version=self.version,
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            ui=ui,
        )
        announce(self.data, state)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if self._tether is not None:  # First, or it could kill a later process of the same number.
            self._tether.kill()
            self._tether.wait()
            self._tether = None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._forget(process.pid)
        if self._log is not None:
            self._log.close()
            self._log = None

    def _forget(self, pid: int) -> None:
        if self.data is not None:
            forget(self.data, pid)


async def connect(settings: Settings, *, address: str | None = None, **more: Any) -> "Client":
    """A client of the server at `address` (a dev server's), or of the one that is configured.

    TLS, API key and namespace come from Temporal's own configuration, unless RESIDENCY_TEMPORAL_...
    says otherwise; `more` goes to `Client.connect`. Raises UnavailableError.
    """
    from temporalio.client import Client  # noqa: PLC0415  # A second to import on a cold machine.

    from converter import DATA_CONVERTER  # noqa: PLC0415  # As above.
    from logs import forward_core  # noqa: PLC0415  # As above.

    options = dict(load_profile(settings).to_client_connect_config())
    if address is not None:
        # A server of our own knows neither TLS nor the namespace of a profile.
        options = {"namespace": "default"}
    target = address or settings.temporal_address or options.get("target_host")
    if target is None:
        raise UnavailableError(
            "No Temporal server is known: start one with `residency server`, or set "
            "RESIDENCY_TEMPORAL_ADDRESS."
        )
    options |= {"target_host": target, "data_converter": DATA_CONVERTER}
    if settings.temporal_namespace:
        options["namespace"] = settings.temporal_namespace
    forward_core()
    try:
        return await Client.connect(**options, **more)
    except (RuntimeError, OSError, ValueError) as error:
        raise UnavailableError(
            f'The Temporal server at "{target}" can\'t be reached: {_reason(error)}. '
            "Is it running, and is the address right (RESIDENCY_TEMPORAL_ADDRESS)?"
        ) from error


async def _version(address: str, *, namespace: str) -> str:
    from temporalio.api.workflowservice.v1 import (  # noqa: PLC0415  # Half a second to import.
        DescribeNamespaceRequest,
        GetSystemInfoRequest,
    )
    from temporalio.client import Client  # noqa: PLC0415  # As above.

    from logs import forward_core  # noqa: PLC0415  # As above.

    forward_core()
    client = await Client.connect(address, namespace=namespace)
    await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    answer = await client.workflow_service.get_system_info(GetSystemInfoRequest())
    return answer.server_version


def _reason(error: BaseException) -> str:
    """The last, most telling part of what the SDK says."""
    text = str(error)
    if 'message: "' in text:
        return text.rpartition('message: "')[2].split('"')[0].lower()
    if "dns error" in text:
        return "no machine of that name is known"
    return " ".join(text.split())[:200].rstrip(".")


def _last_words(log: str) -> str:
    """The end of the last line: what went wrong, without the parts that it went through."""
    lines = log.strip().splitlines()
    if not lines:
        return "it said nothing"
    message = lines[-1].partition(' msg="')[2].rstrip('"') or lines[-1]
    return ": ".join(message.split(": ")[-2:]).replace('\\"', '"').strip(". ")


def _in_thread(work: Coroutine[Any, Any, str]) -> str:
    """Run a coroutine to its end, also where a loop already runs in this thread."""
    result: list[str | BaseException] = []

    def run() -> None:
        try:
            result.append(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001  # Raised again below, in the caller's thread.
            result.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if isinstance(result[0], BaseException):
        raise result[0]
    return result[0]
