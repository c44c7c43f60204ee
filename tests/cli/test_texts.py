"""What commands read and write: moments, answers, tables, sentences."""

from datetime import UTC, date, datetime

import pytest

from cli.answers import read_answers
from cli.dryrun import moves, told_sentence
from cli.moments import column, due, moment, read_moment
from cli.output import plain, show_table
from cli.telling import SENTENCES, sentence
from residency.errors import ResidencyError
from residency.forms import Form
from residency.wire import DateMove, Event, Tag

FORM = Form.model_validate(
    {
        "title": "A form",
        "fields": [
            {"id": "score", "label": "Score", "type": "scale"},
            {"id": "fit", "label": "Fits", "type": "yes-no"},
            {"id": "kinds", "label": "Kinds", "type": "choices", "values": {"a": "A", "b": "B"}},
            {"id": "why", "label": "Why", "type": "text"},
        ],
    }
)


def test_end_of_a_day_is_written_as_2359():
    midnight = datetime(2026, 6, 30, 22, tzinfo=UTC)  # July 1, 00:00 in Paris.

    assert due(midnight, "Europe/Paris") == "2026-06-30 23:59"
    assert moment(midnight, "Europe/Paris") == "2026-07-01 00:00"


def test_moment_is_read_in_the_zone_of_the_program():
    read = read_moment("2026-05-04 14:00", "Europe/Paris")

    assert read.astimezone(UTC) == datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert read_moment("2026-05-04T14:00Z", "Europe/Paris").astimezone(UTC).hour == 14


def test_moment_that_is_none_gets_a_sentence():
    with pytest.raises(ResidencyError) as told:
        read_moment("noon", "Europe/Paris")

    assert str(told.value) == (
        '"noon" is no time; write one like "2026-05-04 14:00" (in Europe/Paris).'
    )


def test_answers_are_typed_by_the_form():
    pairs = ["score=4", "fit=no", "kinds=a, b", "why=a=b"]

    assert read_answers(FORM, pairs, None) == {
        "score": 4,
        "fit": False,
        "kinds": ["a", "b"],
        "why": "a=b",
    }


def test_answers_of_a_file_are_overruled_by_options(tmp_path):
    file = tmp_path / "answers.yaml"
    file.write_text("score: 2\nwhy: 2026-05-04\n")

    assert read_answers(FORM, ["score=5"], file) == {"score": 5, "why": "2026-05-04"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[1", "answers.yaml:1:3: no YAML or JSON: "),
        ("- 1", 'answers.yaml" holds no answers; write one `field: answer` a line.'),
    ],
)
def test_file_that_holds_no_answers_gets_a_sentence(tmp_path, text, told):
    file = tmp_path / "answers.yaml"
    file.write_text(text)

    with pytest.raises(ResidencyError) as error:
        read_answers(FORM, [], file)

    assert told in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_every_tag_has_a_sentence():
    assert set(SENTENCES) == set(Tag)


def test_event_is_told_with_names_and_titles():
    event = Event(
        seq=1,
        at=datetime(2026, 5, 4, tzinfo=UTC),
        tag=Tag.DONE,
        actor="p-c",
        name_of="p-m",
        task="milestones/sign-off/m3/2",
        data={"outcome": "changes"},
    )
    document = {"titles": {"kinds": {"sign-off": "Sign-off"}, "items": {"m3": "Month 3"}}}
    names = {"p-c": "Colette", "p-m": "Ines"}

    told = sentence(event, name=lambda one: names.get(one, one), document=document, zone="UTC")

    assert told == "Colette in the name of Ines completed Sign-off: Month 3 (round 2): changes"


def test_moves_are_told_like_a_person_would():
    found = [
        DateMove(what="m8", was=date(2026, 12, 31), will_be=date(2027, 1, 21)),
        DateMove(what="m9", was=date(2027, 1, 25), will_be=date(2027, 2, 15)),
        DateMove(what="presentation", was=date(2027, 1, 18), will_be=date(2027, 2, 8)),
        DateMove(what="last-day", was=date(2027, 1, 31), will_be=date(2027, 2, 21)),
    ]

    assert moves(found, today=date(2026, 11, 2)) == (
        "2 milestones move: m8 (Dec 31, 2026 -> Jan 21, 2027), m9 (Jan 25 -> Feb 15, 2027); "
        "the presentation moves from Jan 18 to Feb 8, 2027, the last day from Jan 31 to "
        "Feb 21, 2027"
    )


def test_moves_within_this_year_need_no_year():
    found = [DateMove(what="last-day", was=date(2026, 5, 1), will_be=date(2026, 5, 22))]

    assert moves(found, today=date(2026, 1, 2)) == "the last day moves from May 1 to May 22"
    assert moves(found, today=date(2025, 1, 2)) == ("the last day moves from May 1 to May 22, 2026")


def test_zone_that_all_times_share_is_named_once():
    noon = datetime(2026, 6, 30, 12, tzinfo=UTC)

    assert column("at", [(noon, "Europe/Paris"), (None, "Asia/Tokyo")]) == (
        "at (Europe/Paris)",
        ["2026-06-30 14:00", ""],
    )
    assert column("at", [(noon, "Europe/Paris"), (noon, "")]) == (
        "at",
        ["2026-06-30 14:00 Europe/Paris", "2026-06-30 12:00 UTC"],
    )
    assert column("at", []) == ("at", [])


def test_people_who_would_be_told_are_counted_once_by_role():
    roles = {"p-1": "the resident", "p-2": "mentor", "p-3": "mentor", "p-4": "coordinator"}
    told = ["extension-granted:p-1", "x:p-2", "x:p-3", "x:p-4", "y:p-4"]

    assert told_sentence(roles, told) == (
        "4 people would be told: the resident, 2 mentors, 1 coordinator."
    )
    assert told_sentence(roles, []) == "Nobody would be told."


def test_table_off_a_terminal_is_never_cut(capsys):
    show_table(("id", "name"), [("r-1", "x" * 200), ("r-22", None)])

    assert capsys.readouterr().out.splitlines() == [
        "id    name",
        "r-1   " + "x" * 200,
        "r-22",
    ]


def test_rows_become_json():
    assert plain({"day": date(2026, 5, 4), "tag": Tag.DONE, "many": (1, None)}) == {
        "day": "2026-05-04",
        "tag": "task:done",
        "many": [1, None],
    }
