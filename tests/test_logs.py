import io
import json
import logging
import re

import pytest
import structlog

import logs
from residency.settings import load


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def restored():
    """The logging of the test session, as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_lines_are_json_where_nobody_watches():
    stream = io.StringIO()
    logs.configure(load(log_format="auto"), stream=stream)

    structlog.get_logger("store").info("record_written", residency="r-abcdefgh", events=3)

    line = json.loads(stream.getvalue())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "record_written",
        "events": 3,
        "level": "info",
        "logger": "store",
        "residency": "r-abcdefgh",
    }


def test_lines_are_readable_on_a_terminal():
    stream = Terminal()
    logs.configure(load(log_format="auto"), stream=stream)

    structlog.get_logger("store").info("record_written")

    assert "record_written" in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_line_on_a_terminal_is_short(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    logs.configure(load(log_format="auto"), stream=stream)

    structlog.get_logger("worker").info("working", queue="residency")
    logging.getLogger("uvicorn.error").info("Application startup complete.")

    assert re.fullmatch(r"\d\d:\d\d:\d\d \[info +\] working +queue=residency\n", stream.getvalue())


def test_libraries_log_the_same_way():
    stream = io.StringIO()
    logs.configure(load(log_format="json"), stream=stream)

    logging.getLogger("temporalio.worker").warning("poll %s", "failed")

    line = json.loads(stream.getvalue())
    assert (line["event"], line["level"], line["logger"]) == (
        "poll failed",
        "warning",
        "temporalio.worker",
    )


def test_level_is_kept():
    stream = io.StringIO()
    logs.configure(load(log_level="error"), stream=stream)

    structlog.get_logger("store").warning("slow")

    assert stream.getvalue() == ""


def test_exception_is_shown_without_local_values():
    stream = io.StringIO()
    logs.configure(load(log_format="console"), stream=stream)

    def fail(_name):
        raise RuntimeError("broken")

    try:
        fail("marked person")
    except RuntimeError:
        structlog.get_logger("mail").exception("mail_failed")

    assert "RuntimeError: broken" in stream.getvalue()
    assert stream.getvalue().count("marked person") == 1  # The line of source, not the value.
