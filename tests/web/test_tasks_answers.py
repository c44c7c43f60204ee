"""What is typed into a task's page: faults, drafts, and what will be recorded."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from intake import Applicant
from residency.wire import Tag
from store.tables import drafts
from tests.web.desk import Form, refreshed
from tests.web.desks import (  # noqa: F401  # Fixtures, and what they need.
    count,
    desk,
    done,
    house,
    last_day,
    rehearsal,
    resident,
    scheduling,
    settings,
    signing,
)

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(2)> {{7*7}} 'a' \x07 & https://evil.example"


async def test_faults_stand_beside_their_fields_and_what_was_typed_stays(desk, signing):  # noqa: F811  # The fixtures.
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


async def test_approving_and_proposing_to_end_it_contradict_each_other(desk, signing):  # noqa: F811  # The fixtures.
    path = desk.link(signing, signing.find("sign-off m1"))

    page = await desk.check(
        path, await desk.get(path), flag="terminate", **{"flag-reason": "He left."}
    )

    assert page.status == 422
    assert "You can&#39;t approve it and propose to end it at once" in page.text


async def test_draft_is_kept_shown_again_and_dropped_once_recorded(desk, resident):  # noqa: F811  # The fixtures.
    task = resident.find("report m1")
    path = desk.link(resident, task)

    kept = await desk.post(path, step="save", **{"answer-done": "Half of it"})
    later = await desk.get(path)

    assert "Kept as a draft" in kept.text
    assert "Half of it" in later.text
    assert "Your draft of" in later.text
    await desk.do(resident, task)
    assert count(resident.store, drafts) == 0


async def test_draft_keeps_what_fits_and_shows_the_rest_until_it_is_shorter(desk, resident):  # noqa: F811  # The fixtures.
    task = resident.find("report m1")
    path = desk.link(resident, task)

    kept = await desk.post(path, step="save", **{"answer-done": "x" * 90_000 + "the end"})
    later = await desk.get(path)

    assert kept.status == 422
    assert "Kept as far as it fits" in kept.text
    assert "the end</textarea>" in kept.text
    assert "the end</textarea>" not in later.text
    assert len(later.text) < 60_000


async def test_what_is_shown_is_what_is_recorded(desk, signing):  # noqa: F811  # The fixtures.
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


async def test_hostile_text_is_text_wherever_it_stands(desk, signing):  # noqa: F811  # The fixtures.
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


async def test_hostile_name_is_a_name(desk, rehearsal):  # noqa: F811  # The fixtures.
    name = "<script>alert(1)</script> O'Hara"
    applicant = Applicant(name=name, email="ohara@example.org")
    found = await rehearsal.start("residence", applicant=applicant)
    task = await found.reach("report m1")

    own = await desk.do(found, task)
    mentors = await desk.do(found, found.find("sign-off m1"))

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
        ("soon", "14:30", "Please give a day, as in 2022-04-03."),
        ("2027-03-29", "25:00", "Please write the time like 14:30."),
        ("2027-03-29", "", "Please give a time, like 14:30."),
    ],
)
async def test_times_that_cannot_be_are_said_so(desk, scheduling, day, clock, fault):  # noqa: F811  # The fixtures.
    path = desk.link(scheduling, scheduling.find("schedule-talk"))

    page = await desk.check(path, await desk.get(path), day=day, clock=clock)

    assert page.status == 422
    assert fault in page.text


async def test_meeting_is_scheduled_in_the_programs_time(desk, scheduling):  # noqa: F811  # The fixtures.
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


async def test_offer_takes_a_typed_name(desk, rehearsal):  # noqa: F811  # The fixtures.
    found = await rehearsal.start("tiny")
    task = await found.reach("offer")
    path = desk.link(found, task)

    check = await desk.check(path, await desk.get(path), outcome="declined")
    nameless = await desk.confirm(path, check, name="Somebody Else")
    open_then = found.find("offer")
    receipt = await desk.confirm(path, check, name="  person   0 ")
    await refreshed(found)

    assert (check.status, nameless.status, receipt.status) == (200, 422, 200)
    assert "Please type “Person 0”." in nameless.text
    assert open_then is not None
    assert found.said.ended == "declined"
