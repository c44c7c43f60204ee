"""The command line: `residency NOUN ...`; one file per noun, imported when the noun is used."""

import gc
import os
import signal
from typing import NoReturn

from leaving import INTERRUPTED, run_main


def main() -> NoReturn:
    """The command `residency`; ends the process."""
    run_main(run)


def run() -> int:
    """Runs the command of `sys.argv`; returns its exit code."""
    # No plugin of pydantic is ours; looking for them costs 25 ms.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")

    # Nearly all that a command makes lives until it ends: looking for garbage costs a tenth of it.
    gc.set_threshold(50_000, 20, 20)

    from cli.app import command  # noqa: PLC0415  # So that importing the package costs nothing.

    # A shell's `residency up &` in a script ignores Ctrl-C, and SIGTERM comes to us as that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        command().main(prog_name="residency")
    except SystemExit as leaving:
        if leaving.code == INTERRUPTED:
            raise KeyboardInterrupt from None  # `leaving` tells Ctrl-C from SIGTERM.
        raise
    return 0
