"""Runs the real command in a process of its own, on a data folder of its own."""

import os
import subprocess
import sys
import time
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from residency.settings import CHECKOUT

PROGRAM = "huggingface-ai-research-residency-2022"
COMMAND = [sys.executable, "-c", "from cli import main; main()"]


def environment(data, **more):
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("RESIDENCY_", "TEMPORAL_")) or name == "RESIDENCY_CACHE"
    }
    kept.pop("PYTHONDONTWRITEBYTECODE", None)  # Or every command compiles all that it imports.
    return kept | {"RESIDENCY_DATA": str(data), "PYTHONPATH": str(CHECKOUT), "NO_COLOR": "1"} | more


def run(data, *arguments, timeout=90, **more):
    """The ended process, with its `stdout` and `stderr` as texts."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
        cwd=data.parent,
        env=environment(data, **more),
    )


def started(data, *arguments, **more):
    """A process that runs on; end it."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=data.parent,
        env=environment(data, **more),
    )


def fetched(link, *, seconds=60):
    """The status and the text of a page, once its server is there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urlopen(link, timeout=seconds) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()
        except URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def until_said(process, text, *, seconds=60):
    """Reads until a line has the text; returns all lines."""
    lines = []
    deadline = time.monotonic() + seconds
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return lines
        if time.monotonic() > deadline:
            break
    raise AssertionError(f"never said {text!r}: {''.join(lines)}")


def sample_answers(form="application"):
    from residency.definition import load
    from residency.forms import sample_answers

    return sample_answers(load(PROGRAM).forms[form])
