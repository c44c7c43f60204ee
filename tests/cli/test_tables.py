"""Tables on a terminal: as wide as it is, wrapped at words, the least important column left out."""

import sys

import pytest

from cli import output
from cli.output import show_table
from cli.tables import layout, lines_of, shortened, width_of

HEADINGS = ("id", "cohort", "date (Europe/Paris)", "waits for")
ROW = ("r-7f3akq2m", "2031", "2031-09-30 23:59", "Ines Duarte: Sign-off: Month 4, since 2031-09-26")


def shown(rows=(ROW,), *, width, spare=("cohort",), headings=HEADINGS):
    laid = layout(headings, rows, width=width, spare=spare)
    return [line for row in (headings, *rows) for line in lines_of(row, laid)]


@pytest.fixture
def terminal(monkeypatch):
    """Makes standard output a terminal of that width, without colors."""

    def make(width, **environment):
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(output, "terminal_width", lambda: width)
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

    return make


def test_table_that_fits_is_left_as_it_is():
    assert shown(width=120) == [
        "id          cohort  date (Europe/Paris)  waits for",
        "r-7f3akq2m  2031    2031-09-30 23:59     Ines Duarte: Sign-off: Month 4, since 2031-09-26",
    ]


def test_long_cell_is_wrapped_at_words():
    assert shown(width=70) == [
        "id          cohort  date              waits for",
        "                    (Europe/Paris)",
        "r-7f3akq2m  2031    2031-09-30 23:59  Ines Duarte: Sign-off: Month 4,",
        "                                      since 2031-09-26",
    ]


def test_spare_column_is_left_out_where_all_would_be_too_narrow():
    assert shown(width=62) == [
        "id          date              waits for",
        "            (Europe/Paris)",
        "r-7f3akq2m  2031-09-30 23:59  Ines Duarte: Sign-off: Month 4,",
        "                              since 2031-09-26",
    ]


@pytest.mark.parametrize("width", [24, 40, 60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal_and_no_word_is_broken(width):
    rows = [ROW, ("r-2", "x" * 60, "", "a " * 50), ("r-3", "", "", "")]

    lines = shown(rows, width=width)

    written = {word for row in (HEADINGS, *rows) for cell in row for word in cell.split()}
    assert max(map(len, lines)) <= width
    for word in " ".join(lines).split():
        assert word in written or any(one.startswith(word.rstrip("…")) for one in written)
        assert word in written or word.endswith("…")


def test_wide_letters_take_two_columns():
    rows = [("1", "山田太郎"), ("2", "Zoe\u0301")]

    lines = shown(rows, width=80, headings=("n", "name"), spare=())

    assert lines == ["n  name", "1  山田太郎", "2  Zoe\u0301"]
    assert (width_of("山田"), width_of("e\u0301")) == (4, 1)
    assert shortened("山田太郎", 5) == "山田…"


def test_terminal_is_told_what_was_left_out(terminal, capsys):
    terminal(60)

    show_table(HEADINGS, [ROW], spare=("cohort",))

    shown = capsys.readouterr()
    assert "2031 " not in shown.out
    assert shown.err == "No room for cohort; a wider terminal or a pipe shows all.\n"


def test_pipe_gets_every_column_whole(capsys):
    show_table(HEADINGS, [ROW], spare=("cohort",))

    shown = capsys.readouterr()
    assert shown.out.splitlines()[1].split() == " ".join(ROW).split()
    assert shown.err == ""


def test_what_moves_the_cursor_is_not_written(terminal, capsys):
    terminal(80)

    show_table(("name",), [("Ada\x1b[2J\nLovelace",)])

    assert capsys.readouterr().out == "name\nAda [2J Lovelace\n"


def test_colors_only_where_they_are_wanted(terminal, capsys):
    terminal(80, NO_COLOR="")

    show_table(("name",), [("Ada",), ("Bo",)], dim=[False, True])

    assert capsys.readouterr().out == "\x1b[1mname\x1b[0m\nAda\n\x1b[2mBo\x1b[0m\n"
