"""What a task's page does with what is typed: faults, drafts, repeats, taking back, other dates, outages."""

import re
from contextvars import ContextVar
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, func, select

from intake import Applicant
from residency.errors import UnavailableError, UnconfirmedError
from residency.wire import Tag
from store.tables import drafts, metadata
from tests.web.desk import Desk, Form, refreshed
from tests.workflows.conftest import empty_database, house, rehearsal, settings  # noqa: F401  # Fixtures.

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)> {{7*7}} 'a' \x07 & https://evil.example"


@pytest.fixture
def desk(rehearsal, client):  # noqa: F811  # The fixture.
    return Desk(rehearsal, client)


@pytest.fixture
async def resident(rehearsal):  # noqa: F811  # As above.
    found = await rehearsal.start("residence")
    await found.reach("report m1")
    return found


@pytest.fixture
async def signing(resident):
    """A resident whose first report waits for its sign-off."""
    await resident.report("m1")
    return resident


@pytest.fixture
async def scheduling(rehearsal):  # noqa: F811  # As above.
    """An applicant whose interview is to be scheduled."""
    found = await rehearsal.start("tiny")
    await found.reach("schedule-talk")
    return found


def rows(store):
    """Every row of every table but the outbox, whose mails go out meanwhile."""
    with store.database.reading() as connection:
        return {
            table.name: connection.execute(select(table)).all()
            for table in metadata.sorted_tables
            if table.name != "outbox"
        }


def count(store, table):
    with store.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar()


def last_day(task, **later):
    """The day that a task is due at the end of, or one so long after it."""
    return f"{task.due - timedelta(minutes=1) + timedelta(**later):%Y-%m-%d}"


def done(resident, key):
    return [one for one in resident.events(Tag.DONE) if one.task == key]


# Reading


async def test_page_says_who_whose_what_and_by_when(desk, signing):
    task = signing.find("sign-off m1")
    page = await desk.get(desk.link(signing, task))

    mentor = signing.store.people.get(task.who[0]).name
    assert f"You are {mentor}" in page.text
    assert "Person 0" in page.text
    assert "<h1>Sign-off: First</h1>" in page.text
    assert re.search(r"<dt>Until</dt><dd><time [^>]*>[^<]*23:59 \(Lisbon time\)</time>", page.text)
    assert "The first experiments ran and their results are written up." in page.text
    assert "checked" not in page.text


async def test_reading_changes_nothing(desk, signing):
    task = signing.find("sign-off m1")
    path = desk.link(signing, task)
    own = desk.house.links.person(task.who[0])
    long = f"{own}/task/{signing.id}/{task.key.replace('/', '~')}"
    before = rows(signing.store)

    answers = [
        await ask(one)
        for one in (path, f"{path}/later", f"{path}/undo", long, f"{long}/later")
        for ask in (desk.get, desk.head)
    ]

    assert {answer.status for answer in answers} == {200}
    assert rows(signing.store) == before


async def test_links_of_both_kinds_show_the_same_task(desk, signing):
    task = signing.find("sign-off m1")
    short = await desk.get(desk.link(signing, task))
    own = desk.house.links.person(task.who[0])
    long = await desk.get(f"{own}/task/{signing.id}/{task.key.replace('/', '~')}")

    assert Form(short.text).controls.keys() == Form(long.text).controls.keys()
    assert f'href="{own}"' in long.text
    assert "/me/" not in short.text


async def test_a_program_that_opens_links_and_sends_their_forms_records_nothing(desk, resident):
    task = resident.find("report m1")
    path = desk.link(resident, task)
    before = rows(resident.store)

    for step in ("check", "confirm", "save", "edit", "", "nonsense"):
        page = await desk.get(path)
        await desk.post(path, **Form(page.text).as_it_stands(), step=step)
    for button in ("undo", "later"):
        await desk.post(f"{path}/{button}", page="a-1")

    assert rows(resident.store) == before
    assert (await desk.do(resident, task))[-1].status == 200


async def test_a_draft_is_not_recorded_by_a_program_that_sends_forms(desk, resident):
    task = resident.find("report m1")
    path = desk.link(resident, task)
    await desk.post(path, **desk.filled(await desk.get(path), {}), step="save")

    page = await desk.get(path)
    check = await desk.post(path, **Form(page.text).as_it_stands(), step="check")
    sent = await desk.post(path, **Form(check.text).as_it_stands(), step="confirm")

    assert (check.status, sent.status) == (200, 422)
    assert "Please say that you have read it over." in sent.text
    assert done(resident, task.key) == []


# Typing


async def test_faults_stand_beside_their_fields_and_what_was_typed_stays(desk, signing):
    task = signing.find("sign-off m1")
    path = desk.link(signing, task)

    page = await desk.post(
        path, step="check", flag="extend", weeks="many", **{"answer-private": "Kept?"}
    )

    assert page.status == 422
    ids = re.findall(r'<li><a href="#([^"]+)">', page.text)
    assert ids == ["answer-comment", "outcome", "weeks", "flag-reason"]
    assert all(f'id="{one}"' in page.text for one in ids)
    assert all(f'id="{one}-error"' in page.text for one in ids)
    assert "Kept?" in page.text
    assert 'value="many"' in page.text


async def test_approving_and_proposing_to_end_it_contradict_each_other(desk, signing):
    path = desk.link(signing, signing.find("sign-off m1"))

    page = await desk.check(
        path, await desk.get(path), flag="terminate", **{"flag-reason": "He left."}
    )

    assert page.status == 422
    assert "You can&#39;t approve it and propose to end it at once" in page.text


async def test_draft_is_kept_shown_again_and_dropped_once_recorded(desk, resident):
    task = resident.find("report m1")
    path = desk.link(resident, task)

    kept = await desk.post(path, step="save", **{"answer-done": "Half of it"})
    later = await desk.get(path)

    assert "Kept as a draft" in kept.text
    assert "Half of it" in later.text
    assert "Your draft of" in later.text
    await desk.do(resident, task)
    assert count(resident.store, drafts) == 0


async def test_what_is_shown_is_what_is_recorded(desk, signing):
    task = signing.find("sign-off m1")
    path = desk.link(signing, task)
    typed = {
        "answer-comment": "  Start over.\r\nPlease.  ",
        "answer-private": "",
        "outcome": "changes",
        "day": desk.day,
        "flag": "extend",
        "weeks": "2",
        "flag-reason": "The machine was broken.",
    }

    check = await desk.check(path, await desk.get(path), **typed)
    receipt = await desk.confirm(path, check)
    await refreshed(signing)

    for page in (check, receipt):
        shown = re.findall(r"<dt>([^<]*)</dt><dd>(.*?)</dd>", page.text, re.DOTALL)
        plain = {name: re.sub("<[^>]+>", "", value).strip() for name, value in shown}
        assert plain["What you want to tell them"] == "Start over.\nPlease."
        assert plain["For coordinators only"] == "Not answered"
        assert plain["Your verdict"] == "Ask for changes: another round"
        assert plain["Weeks"] == "2"
        assert plain["What it is about"] == "The machine was broken."
    (recorded,) = done(signing, task.key)
    (flag,) = signing.events(Tag.FLAGGED)
    assert recorded.data["outcome"] == "changes"
    assert signing.store.submissions.get(recorded.submission).answers == {
        "comment": "Start over.\nPlease."
    }
    assert (flag.data["flag"], flag.data["weeks"]) == ("extend", 2)
    assert signing.store.submissions.get(flag.submission).text == "The machine was broken."
    assert last_day(signing.find("report m1")) == desk.day


async def test_hostile_text_is_text_wherever_it_stands(desk, signing):
    task = signing.find("sign-off m1")
    path = desk.link(signing, task)
    names = Form((await desk.get(path)).text).controls

    odd = await desk.post(path, step="check", **dict.fromkeys(names, HOSTILE))
    kept = await desk.post(path, step="save", **dict.fromkeys(names, HOSTILE))
    text = HOSTILE.replace("\x07", "")
    typed = {"answer-comment": text, "answer-private": text, "outcome": "approved"}
    check = await desk.check(path, await desk.get(path), **typed)
    receipt = await desk.confirm(path, check)
    await refreshed(signing)
    again = await desk.get(path)
    report = await desk.get(desk.link(signing, signing.find("m2"))) if signing.find("m2") else again

    assert (odd.status, kept.status, receipt.status) == (422, 200, 200)
    for page in (odd, kept, check, receipt, again, report):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "49" not in re.findall(r"\{\{7\*7\}\}|\b49\b", page.text)
    assert "&lt;script&gt;alert(1)" in receipt.text


async def test_hostile_name_is_a_name(desk, rehearsal):  # noqa: F811  # As above.
    name = "<script>alert(1)</script> O'Hara"
    applicant = Applicant(name=name, email="ohara@example.org")
    resident = await rehearsal.start("residence", applicant=applicant)
    task = await resident.reach("report m1")

    own = await desk.do(resident, task)
    mentors = await desk.do(resident, resident.find("sign-off m1"))

    for page in (*own, *mentors):
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; O&#39;Hara" in page.text


@pytest.mark.parametrize(
    ("day", "clock", "fault"),
    [
        ("2027-03-28", "01:30", "There is no such time on that day: the clocks change."),
        ("2026-01-01", "14:30", "That day has passed."),
        ("2226-01-01", "14:30", "Please look at the year again."),
        ("soon", "14:30", "Please write the date like 2022-04-03."),
        ("2027-03-29", "25:00", "Please write the time like 14:30."),
        ("2027-03-29", "", "Please give a time, like 14:30."),
    ],
)
async def test_times_that_cannot_be_are_said_so(desk, scheduling, day, clock, fault):
    path = desk.link(scheduling, scheduling.find("schedule-talk"))

    page = await desk.check(path, await desk.get(path), day=day, clock=clock)

    assert page.status == 422
    assert fault in page.text


async def test_meeting_is_scheduled_in_the_programs_time(desk, scheduling):
    day = f"{scheduling.now + timedelta(days=7):%Y-%m-%d}"

    _, check, receipt = await desk.do(
        scheduling,
        scheduling.find("schedule-talk"),
        day=day,
        clock="09:05",
        minutes="",
        **{"answer-place": "Room 7"},
    )

    (meeting,) = scheduling.store.lists.residency(scheduling.id).meetings
    local = meeting.at.astimezone(ZoneInfo("Europe/Lisbon"))
    assert (f"{local:%Y-%m-%d %H:%M}", meeting.minutes) == (f"{day} 09:05", 30)
    for page in (check, receipt):
        assert "09:05 (Lisbon time)" in page.text
        assert "<dt>Minutes</dt><dd>30</dd>" in page.text
        assert "Room 7" in page.text


async def test_offer_takes_a_typed_name(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("tiny")
    task = await resident.reach("offer")
    path = desk.link(resident, task)

    check = await desk.check(path, await desk.get(path), outcome="declined")
    nameless = await desk.confirm(path, check, name="Somebody Else")
    open_then = resident.find("offer")
    receipt = await desk.confirm(path, check, name="  person   0 ")
    await refreshed(resident)

    assert (check.status, nameless.status, receipt.status) == (200, 422, 200)
    assert "Please type “Person 0”." in nameless.text
    assert open_then is not None
    assert resident.said.ended == "declined"


# Sending


async def test_double_click_and_repeat_record_it_once(desk, resident):
    task = resident.find("report m1")
    path = desk.link(resident, task)
    check = await desk.check(path, await desk.get(path))

    pages = [await desk.confirm(path, check) for _ in range(2)]
    await refreshed(resident)
    later = await desk.get(path)

    assert [page.status for page in (*pages, later)] == [200, 200, 200]
    assert "Recorded</p>" in pages[0].text
    for page in (pages[1], later):
        assert "Already recorded" in page.text
        assert "you, Person 0" in page.text
    assert len(done(resident, task.key)) == 1


async def test_of_two_at_once_the_second_is_thanked_and_kept(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("residence", cohort={"mentors": 4})
    task = await resident.reach("evaluate")
    first, second = task.who[:2]
    paths = [desk.link(resident, task, person) for person in (first, second)]
    checks = [await desk.check(path, await desk.get(path), outcome="passed") for path in paths]

    pages = [await desk.confirm(*pair) for pair in zip(paths, checks, strict=True)]
    await refreshed(resident)

    name = resident.store.people.get(first).name
    assert [page.status for page in pages] == [200, 200]
    assert f"{name} was a moment faster" in pages[1].text
    assert [one.data["by"] for one in done(resident, task.key)] == [first]
    assert len(resident.events(Tag.THANKED)) == 1


async def test_task_of_somebody_else_is_a_dead_link(desk, signing):
    task = signing.find("sign-off m1")
    path = desk.link(signing, task)
    strange = desk.house.links.task(signing.id, task.key, signing.person)
    own = desk.house.links.person(signing.person)
    new = next(
        one.person
        for one in signing.store.cohorts.members(signing.start.cohort)
        if one.role == "mentors" and one.person not in signing.roles["mentors"]
    )

    before = await desk.get(path)
    await signing.act("reassign", role="mentors", who=[new], reason="He is away.")
    pages = [
        await desk.get(path),
        await desk.post(path, step="confirm", outcome="approved"),
        await desk.get(strange),
        await desk.get(f"{own}/task/{signing.id}/{task.key.replace('/', '~')}"),
        await desk.get(f"{own}/task/{signing.id}/no~such~task~1"),
        await desk.get(desk.link(signing, task, new)),
    ]

    assert before.status == 200
    assert [page.status for page in pages] == [404, 404, 404, 404, 404, 200]
    assert len({re.sub(r"nonce-?[^\s;]*", "", page.text) for page in pages[:5]}) == 1


async def test_co_mentor_reads_what_the_lead_answers(desk, signing):
    task = signing.find("sign-off m1")
    path = desk.link(signing, task, signing.roles["mentors"][1])

    page = await desk.get(path)
    sent = await desk.post(path, step="confirm", outcome="approved", **{"answer-comment": "Yes"})

    lead = signing.store.people.get(task.who[0]).name
    assert f"This waits for {lead}" in page.text
    assert "The first experiments ran" in page.text
    assert (sent.status, done(signing, task.key)) == (200, [])


async def test_reviewers_are_blind_to_each_other_until_all_are_in(desk, rehearsal):  # noqa: F811  # As above.
    resident = await rehearsal.start("tiny")
    task = await resident.reach("review")
    one, two = task.who
    names = [resident.store.people.get(each).name for each in (one, two)]

    await desk.do(resident, task, one, **{"answer-comment": "Only mine."})
    pages = [await desk.get(desk.link(resident, task, each)) for each in (one, two)]

    assert "Only mine." in pages[0].text
    assert "Your part is recorded" in pages[0].text
    assert names[1] not in pages[0].text
    assert "Only mine." not in pages[1].text
    assert names[0] not in pages[1].text
    assert "The application" in pages[1].text
    await desk.do(resident, resident.find("review"), two)
    decision = await resident.reach("decide-screening")
    assert "Only mine." in (await desk.get(desk.link(resident, decision))).text


async def test_resident_reads_what_is_theirs_to_read_of_a_verdict(desk, signing):
    await desk.do(
        signing,
        signing.find("sign-off m1"),
        **{
            "answer-comment": "Please go deeper.",
            "answer-private": "Not sure about him.",
            "outcome": "changes",
            "flag": "concern",
            "flag-reason": "He seems lonely.",
        },
    )
    task = signing.find("report m1")

    page = await desk.get(desk.link(signing, task))
    concern = await desk.get(desk.link(signing, signing.find("handle-concern")))

    assert "Please go deeper." in page.text
    assert "What you wrote before stands in the fields" in page.text
    assert "Not sure about him." not in page.text
    assert "lonely" not in page.text
    assert "He seems lonely." in concern.text


async def test_closed_tasks_say_so_kindly(desk, resident):
    task = resident.find("report m1")
    path = desk.link(resident, task)

    await resident.act("waive", task=task.key, reason="Ill.")
    waived = await desk.get(path)
    sent = await desk.post(path, step="confirm", **{"answer-done": "x", "answer-next": "y"})
    await resident.act("withdraw", actor=resident.person, reason="Bye.")
    page = await desk.get(path)

    assert "This is not needed any more" in waived.text
    assert sent.status == 200
    assert "This has ended" in page.text
    assert done(resident, task.key) == []


# Taking back, and other dates


async def test_what_was_just_answered_is_taken_back_with_what_was_written(desk, resident):
    task = resident.find("report m1")
    path = desk.link(resident, task)
    _, _, receipt = await desk.do(resident, task, **{"answer-done": "Too early."})

    unsure = await desk.post(f"{path}/undo", page="a-1")
    undone = await desk.post(f"{path}/undo", page="a-2", sure="yes")
    await refreshed(resident)

    assert f'action="{path}/undo"' in receipt.text
    assert unsure.status == 422
    assert "It is open again" in undone.text
    assert "Too early." in undone.text
    assert resident.find("report m1") is not None
    assert (await desk.do(resident, resident.find("report m1")))[-1].status == 200


async def test_nothing_is_taken_back_later(desk, resident):
    task = resident.find("report m1")
    path = desk.link(resident, task)
    await desk.do(resident, task)

    await resident.move(minutes=16)
    desk.link(resident, task)
    page = await desk.get(path)
    undone = await desk.post(f"{path}/undo", page="a-1", sure="yes")

    assert "/undo" not in page.text
    assert "Already recorded" in undone.text
    assert resident.find("report m1") is None


async def test_another_date_is_asked_for_granted_and_told(desk, resident):
    task = resident.find("report m1")
    path = desk.link(resident, task)
    early, late = last_day(task, days=0), last_day(task, days=5)

    first = await desk.get(path)
    wrong = await desk.post(f"{path}/later", day=early, reason="")
    asked = await desk.post(f"{path}/later", page="a-1", day=late, reason="I am ill.")
    await refreshed(resident)
    waiting = await desk.get(f"{path}/later")
    coordinator, _, _ = await desk.do(resident, resident.find("handle-date"), outcome="granted")

    assert f'href="{path}/later"' in first.text
    assert wrong.status == 422
    assert "That is no later than it is due already." in wrong.text
    assert "You have asked for another date" in asked.text
    assert "You have asked already" in waiting.text
    assert "I am ill." in coordinator.text
    assert "Report: First" in coordinator.text
    assert last_day(resident.find("report m1")) == late


# Outages


async def test_without_temporal_pages_read_and_what_was_typed_is_kept(desk, resident):
    task = resident.find("report m1")
    path = desk.link(resident, task)
    connect = desk.house.connect

    async def away(**_):
        raise UnavailableError("The Temporal server can't be reached.")

    desk.house.connect = away
    page = await desk.get(path)
    check = await desk.check(path, page, **{"answer-done": "All of it."})
    sent = await desk.confirm(path, check)
    kept = await desk.get(path)
    desk.house.connect = connect
    again = await desk.confirm(path, sent)

    assert (page.status, check.status, sent.status, again.status) == (200, 200, 503, 200)
    assert "Not sent yet" in sent.text
    assert "All of it." in kept.text
    await refreshed(resident)
    assert len(done(resident, task.key)) == 1


async def test_what_is_not_confirmed_is_never_called_failed(desk, resident, monkeypatch):
    task = resident.find("report m1")
    path = desk.link(resident, task)
    check = await desk.check(path, await desk.get(path))

    async def slow(*_):
        raise UnconfirmedError("Taken, not confirmed yet.")

    with monkeypatch.context() as patch:
        patch.setattr("web.tasks.do", slow)
        sent = await desk.confirm(path, check)
    again = await desk.confirm(path, sent)
    await refreshed(resident)

    assert sent.status == 503
    assert "Taken, not confirmed yet" in sent.text
    assert again.status == 200
    assert len(done(resident, task.key)) == 1


async def test_without_a_database_there_is_a_plain_page(desk, resident, monkeypatch):
    path = desk.link(resident, resident.find("report m1"))

    def away(*_, **__):
        raise UnavailableError('The database "/secret/place.db" is locked.')

    monkeypatch.setattr(desk.house.store.database, "reading", away)
    pages = [await desk.get(path), await desk.post(path, step="check")]

    assert [page.status for page in pages] == [503, 503]
    assert all("secret" not in page.text for page in pages)


# Cost


async def test_a_page_costs_a_fixed_number_of_queries(desk, signing):
    @event.listens_for(signing.store.database.engine, "before_cursor_execute")
    def note(*given):
        if counted.get() is not None and given[2].startswith("SELECT"):
            counted.get().append(given[2])

    async def cost(what):
        path = desk.link(signing, signing.find(what))
        counted.set([])
        page = await desk.get(path)
        return len(counted.get()), page

    early, _ = await cost("sign-off m1")
    await signing.reach("sign-off m3")
    late, page = await cost("sign-off m3")

    assert (early, late) == (QUERIES, QUERIES)
    assert len(page.text) < 100_000


counted = ContextVar("counted", default=None)
"""The statements of a request: it runs in the test's context, and what the workers do does not."""


QUERIES = 14
"""What one task's page asks the database for, whatever has happened before."""
