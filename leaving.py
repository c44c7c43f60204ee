"""How every command ends: one line for a person's error, everything flushed, then out.

With a Temporal client alive, CPython may abort while it tears itself down (sdk-python issue 300),
so a process never gets that far: it leaves by `os._exit`, which also skips `atexit`. Whatever must
be closed is closed by its own `with` before `run_main` gets control back.
"""

import contextlib
import inspect
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import FrameType
from typing import NoReturn

from residency.errors import ResidencyError

FAILED = 1
UNEXPECTED = 70  # EX_SOFTWARE of sysexits.h: a fault of ours, not of the person.
INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM
PIPE_CLOSED = 141  # What a shell reports for a program that its pager or `head` has left.


def leave(code: int) -> NoReturn:
    """Flush standard output, standard error and the logs, and end the process at once."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        # A reader that has gone, or a full disk, must not turn leaving into a traceback.
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def run_main(work: Callable[[], object], *, logs: bool = False) -> NoReturn:
    """Run a command and leave with its exit code.

    `work` is a function or a coroutine function; a whole number that it returns is the exit code,
    anything else is 0. A ResidencyError is its sentence on standard error and 1; Ctrl-C is 130 and
    SIGTERM 143, both after everything open was closed; any other exception is a sentence and 70. Its
    traceback is in `errors.log` of the data folder; on standard error with RESIDENCY_DEBUG, and
    where that is a log (`logs`).
    """
    leave(_outcome(work, logs=logs))


def _outcome(work: Callable[[], object], *, logs: bool) -> int:
    ending = _Ending()
    try:
        with ending.terminable():
            result = work()
            if inspect.iscoroutine(result):
                import asyncio  # noqa: PLC0415  # 60 ms that most commands needn't pay.

                result = asyncio.run(result)
        sys.stdout.flush()
    except ResidencyError as error:
        _tell(str(error))
        return FAILED
    except KeyboardInterrupt:
        return TERMINATED if ending.terminated else INTERRUPTED
    except BrokenPipeError:
        return PIPE_CLOSED
    except SystemExit as leaving:
        return _exit_code(leaving)
    except Exception as error:  # noqa: BLE001  # The last line of defense; nothing is hidden.
        _tell_unexpected(error, logs=logs)
        return UNEXPECTED
    return result if isinstance(result, int) else 0


def _tell_unexpected(error: Exception, *, logs: bool) -> None:
    from residency.settings import Settings, SettingsError, load  # noqa: PLC0415  # Rarely needed.

    settings: Settings | None = None
    with contextlib.suppress(SettingsError):
        settings = load()
    whole = "".join(traceback.format_exception(error)).rstrip()
    if logs or (settings is not None and settings.debug):
        _tell(whole)
        return
    where = "RESIDENCY_DEBUG=true shows where it comes from"
    if settings is not None and settings.data.is_dir():
        with contextlib.suppress(OSError):
            file = settings.data / "errors.log"
            with file.open("a", encoding="utf-8") as log:
                log.write(f"{datetime.now(UTC).isoformat()} {' '.join(sys.argv[1:2])}\n{whole}\n\n")
            where = f'"{file}" has where it comes from'
    _tell(f"This should not have happened: {type(error).__name__}. It is a fault of ours; {where}.")


class _Ending:
    """Makes SIGTERM end a command like Ctrl-C: tasks are cancelled and `with` blocks close."""

    terminated = False

    @contextlib.contextmanager
    def terminable(self) -> Iterator[None]:
        try:
            before = signal.signal(signal.SIGTERM, self._terminate)
        except ValueError:  # Only the main thread may set handlers.
            yield
            return
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, before)

    def _terminate(self, _number: int, _frame: FrameType | None) -> None:
        self.terminated = True
        # asyncio already turns SIGINT into the cancellation of the main task.
        signal.raise_signal(signal.SIGINT)


def _exit_code(leaving: SystemExit) -> int:
    """`sys.exit` takes a number, nothing, or a text to show."""
    if leaving.code is None or isinstance(leaving.code, int):
        return leaving.code or 0
    _tell(str(leaving.code))
    return FAILED


def _tell(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr)  # noqa: T201  # This is the one place that ends a command.
