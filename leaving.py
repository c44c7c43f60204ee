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


def run_main(work: Callable[[], object]) -> NoReturn:
    """Run a command and leave with its exit code.

    `work` is a function or a coroutine function; a whole number that it returns is the exit code,
    anything else is 0. A ResidencyError is its sentence on standard error and 1; Ctrl-C is 130 and
    SIGTERM 143, both after everything open was closed; any other exception is its traceback and 70.
    """
    leave(_outcome(work))


def _outcome(work: Callable[[], object]) -> int:
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
    except Exception:  # noqa: BLE001  # The last line of defense: told in full, never hidden.
        _tell(traceback.format_exc().rstrip())
        return UNEXPECTED
    return result if isinstance(result, int) else 0


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
