"""The log of a rehearsal: nothing of it is lost on a narrow terminal."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from cli.live import LiveLog, short_name
from rehearsal.driver import Moment
from residency.wire import Event, Tag

AT = datetime(2027, 4, 28, 9, 17, tzinfo=UTC)
DECIDED = "Decide on the interviews: Programming conversation: advance"


def log(text, *, width, terminal=True, name="Wanjiru Lindqvist"):
    """The lines of one moment."""
    file = StringIO()
    console = Console(file=file, width=width, force_terminal=terminal, color_system=None)
    event = Event(seq=1, at=AT, tag=Tag.DONE, data={})
    moment = Moment(at=AT, residency="r-1", name=name, stage="interviews", text=text, event=event)
    log = LiveLog(console, zone="Europe/Paris")
    log.tell(moment)
    return [line for line in file.getvalue().splitlines() if line and "April 2027" not in line]


def test_outcome_is_whole_on_80_columns():
    assert log(DECIDED, width=80) == [
        "Wed 28 11:17  Wanjiru L.      interviews    Decide on the interviews:",
        "                                            Programming conversation: advance",
    ]


def test_wide_terminal_has_each_on_one_line():
    assert log(DECIDED, width=120) == [
        f"Wed 28 11:17  Wanjiru Lindqvist     interviews    {DECIDED}",
    ]


def test_what_is_no_terminal_gets_one_line_however_long():
    assert log(DECIDED * 4, width=80, terminal=False) == [
        f"2027-04-28 11:17  Wanjiru Lindqvist     interviews    {DECIDED * 4}",
    ]


@pytest.mark.parametrize("width", [30, 50, 80, 99, 100])
def test_no_line_is_wider_than_the_terminal(width):
    lines = log(DECIDED, width=width)

    assert max(map(len, lines)) <= width
    if width >= 60:
        assert "advance" in lines[-1]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("Wanjiru van der Lindqvist", "Wanjiru L."),
        ("Wolfeschlegelstein", "Wolfeschlegel…"),
        ("Ada\x1b[2J Lo", "Ada [2J Lo"),
    ],
)
def test_long_names_are_shortened_by_their_family_name(name, short):
    assert short_name(name, 14) == short
