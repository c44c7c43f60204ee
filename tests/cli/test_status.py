"""`residency status`: where everybody is, and what each residency waits for."""

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from cli.app import app
from residency.wire import Tag
from store import Store
from tests.store.batches import AT, batch, event, open_cohort, opened, person, started

SIGN_OFF = "milestones/sign-off/m4/1"


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("RESIDENCY_DATA", str(tmp_path))
    store = Store(f"sqlite:///{tmp_path / 'residency.db'}")
    store.migrate()
    open_cohort(store)
    yield store
    store.close()


def begin(store, *events, residency="r-aaaaaaaa", who="p-resident", next_at=None):
    store.people.add(person(who))
    begun = [started(person=who), event(2, Tag.STAGE, stage="milestones")]
    store.record.append(batch(*begun, *events, residency=residency, next_at=next_at))


def waits_for(*arguments):
    """The last column of each row."""
    done = CliRunner().invoke(app, ["status", *arguments])
    heading, *lines = done.stdout.splitlines()
    return [line[heading.index("waits for") :] for line in lines]


def test_list_says_who_is_waited_for_and_why_and_since_when(store):
    store.people.add(person("p-mentor"))
    begin(store, opened(3, SIGN_OFF, who="p-mentor"))

    assert waits_for() == ["Name p-mentor: sign off: m4, since 2026-01-05"]


def test_what_is_due_first_is_named_and_the_rest_counted(store):
    later = opened(3, SIGN_OFF, who="p-resident", due=AT + timedelta(days=9))
    begin(store, later, opened(4, who="p-resident", due=AT + timedelta(days=2)))

    assert waits_for() == ["themselves: report: m1, since 2026-01-05; and 1 more task"]


def test_only_who_must_still_answer_is_waited_for(store):
    for who in ("p-1", "p-2", "p-3", "p-4"):
        store.people.add(person(who))
    asked = "p-1,p-2,p-3,p-4"
    answered = event(4, Tag.PART, task=SIGN_OFF, actor="p-1")
    begin(store, opened(3, SIGN_OFF, who=asked, rule="all"), answered)
    begin(store, opened(3, SIGN_OFF, who=asked, rule="lead"), residency="r-b", who="p-5")

    assert waits_for() == [
        "Name p-2, Name p-3 and 1 more: sign off: m4, since 2026-01-05",
        "Name p-1: sign off: m4, since 2026-01-05",
    ]


def test_residency_that_waits_for_a_date_waits_for_nobody(store):
    begin(store, next_at=AT)
    begin(store, event(3, Tag.ENDED, how="completed"), residency="r-b", who="p-2", next_at=AT)

    assert waits_for("--ended") == ["nobody: it goes on by itself", ""]


def over(store, residency, who, **more):
    store.people.add(person(who))
    ended = event(2, Tag.ENDED, how="withdrawn")
    store.record.append(batch(started(person=who, **more), ended, residency=residency))


def told(*arguments):
    done = CliRunner().invoke(app, ["status", *arguments])
    assert (done.exit_code, done.stdout) == (0, "")
    return done.stderr


def test_nobody_to_show_counts_what_each_option_would_show(store):
    open_cohort(store, known="c-next", name="next")
    open_cohort(store, known="c-played", name="played", rehearsal=True)
    over(store, "r-a", "p-a")
    assert told() == "Nobody to show; 1 residency is shown with --ended.\n"
    over(store, "r-b", "p-b")
    over(store, "r-c", "p-c", cohort="c-next")
    over(store, "r-d", "p-d", cohort="c-played", rehearsal=True)

    assert told() == "Nobody to show; 3 residencies are shown with --ended.\n"
    assert told("--cohort", "2026") == "Nobody to show; 2 residencies are shown with --ended.\n"
    assert told("--cohort", "played") == "Nobody to show; 1 residency is shown with --ended.\n"
    assert told("--rehearsals") == "Nobody to show; 4 residencies are shown with --ended.\n"


def test_running_rehearsal_is_shown_with_its_own_option(store):
    open_cohort(store, known="c-played", name="played", rehearsal=True)
    store.people.add(person("p-r"))
    store.record.append(
        batch(started(person="p-r", cohort="c-played", rehearsal=True), residency="r-r")
    )

    assert told("--ended") == "Nobody to show; 1 residency is shown with --rehearsals.\n"
    over(store, "r-a", "p-a")
    over(store, "r-b", "p-b")
    assert told() == (
        "Nobody to show; 2 residencies are shown with --ended, 1 with --rehearsals.\n"
    )


def test_ended_rehearsal_takes_both_options(store):
    open_cohort(store, known="c-played", name="played", rehearsal=True)
    over(store, "r-a", "p-a", cohort="c-played", rehearsal=True)

    assert told() == "Nobody to show; 1 residency is shown with --ended --rehearsals.\n"
    assert told("--ended") == "Nobody to show; 1 residency is shown with --rehearsals.\n"


@pytest.mark.parametrize("options", [(), ("--ended",), ("--ended", "--rehearsals")])
def test_no_option_is_named_where_none_would_show_anybody(store, options):
    empty = "Nobody is here yet: residency cohort open PROGRAM NAME, then residency apply.\n"
    assert told(*options) == empty

    over(store, "r-a", "p-a")
    open_cohort(store, known="c-now", name="now")

    yet = "Nobody is in this cohort yet: residency apply.\n"
    assert told("--cohort", "now", *options) == yet


def test_json_has_every_task_and_its_time(store):
    begin(store, opened(3, SIGN_OFF, who="p-mentor"), opened(4, who="p-resident", due=AT))

    (row,) = json.loads(CliRunner().invoke(app, ["status", "--json"]).stdout)

    assert [(one["task"], one["who"], one["since"]) for one in row["waits_for"]] == [
        ("milestones/report/m1/1", ["p-resident"], "2026-01-05T09:04:00+00:00"),
        (SIGN_OFF, ["p-mentor"], "2026-01-05T09:03:00+00:00"),
    ]
