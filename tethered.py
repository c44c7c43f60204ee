"""Processes that never outlive the one that started them, and what is asked about processes.

A child is killed with its parent also when the parent is killed by SIGKILL and can say nothing.
"""

import os
import subprocess
import sys
import threading
from typing import IO

# Becomes the command itself, after asking Linux to kill it with its parent (PR_SET_PDEATHSIG is 1).
_TETHERED = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)
if os.getppid() != int(sys.argv[1]):
    sys.exit("the process that started this one has ended")
os.execv(sys.argv[2], sys.argv[2:])
"""
# Elsewhere a small process waits for our end of a pipe to close, which even SIGKILL does.
_WATCHING = """
import os, signal, sys
sys.stdin.buffer.read()
os.kill(int(sys.argv[1]), getattr(signal, "SIGKILL", signal.SIGTERM))
"""


def spawn(
    command: list[str], *, log: IO[bytes], keep: int | None = None
) -> tuple[subprocess.Popen[bytes], subprocess.Popen[bytes] | None]:
    """Start a command, tied to this process; the second process is the tie, where one is needed.

    `log` gets its standard error; `keep` is a file that it inherits, such as one with a lock.
    """
    main = threading.current_thread() is threading.main_thread()
    by_kernel = sys.platform == "linux" and main
    bare = [sys.executable, "-I", "-S", "-c"]
    process = subprocess.Popen(
        [*bare, _TETHERED, str(os.getpid()), *command] if by_kernel else command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=log,
        start_new_session=True,  # Ctrl-C is for us; we end the child when our work has ended.
        pass_fds=() if keep is None else (keep,),
    )
    if by_kernel:
        return process, None
    watch = [*bare, _WATCHING, str(process.pid)]
    return process, subprocess.Popen(watch, stdin=subprocess.PIPE, start_new_session=True)


def alive(pid: int) -> bool:
    """Whether a process of this number lives."""
    if sys.platform == "win32":
        return True  # Not to be asked there: os.kill would end it.
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def lock(file: int) -> bool:
    """Lock an open file for as long as it, or a copy of it in a child, is open."""
    try:
        import fcntl  # noqa: PLC0415  # Not on Windows.
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
