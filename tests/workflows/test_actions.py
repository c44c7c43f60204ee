"""Every action of the table works once, on a real server; a verb without a case fails."""

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from residency.actions import ACTIONS
from residency.wire import Tag

SHORT = "residence"


@dataclass(frozen=True)
class Case:
    """How an action comes to be possible, who does it, and what the record says then."""

    reach: str
    tag: Tag
    program: str = SHORT
    role: str = "coordinators"
    task: str = ""  # what the task goes by, where the action needs one
    fields: dict = field(default_factory=dict)
    day: int | None = None  # so many days from now
    start: int | None = None
    first: tuple = ()  # actions of coordinators before it
    mails: tuple = ()  # (notice, role) that come of it


CASES = {
    "complete": Case(reach="item-desk", tag=Tag.DONE, role="mentors", task="item-desk"),
    "accept": Case(
        reach="offer",
        program="tiny",
        role="resident",
        task="offer",
        tag=Tag.DONE,
        fields={"form": "offer-answer"},
        mails=(("offer-accepted", "resident"), ("offer-answered", "coordinators")),
    ),
    "decline": Case(
        reach="offer",
        program="tiny",
        role="resident",
        task="offer",
        tag=Tag.DONE,
        fields={"form": "offer-answer"},
        mails=(("offer-declined", "resident"), ("offer-answered", "coordinators")),
    ),
    "approve": Case(
        reach="sign-off m1",
        role="mentors",
        tag=Tag.DONE,
        fields={"form": "sign-off"},
        mails=(("milestone-approved", "resident"),),
    ),
    "request-changes": Case(
        reach="sign-off m1",
        role="mentors",
        tag=Tag.DONE,
        fields={"form": "sign-off"},
        mails=(("changes-requested", "resident"),),
    ),
    "withdraw": Case(
        reach="report m1",
        role="resident",
        tag=Tag.ENDED,
        fields={"reason": "another path"},
        mails=(
            ("withdrawn", "resident"),
            ("withdrawal", "coordinators"),
            ("residency-ended", "mentors"),
        ),
    ),
    "concern": Case(
        reach="report m1",
        role="resident",
        tag=Tag.FLAGGED,
        fields={"reason": "a worry"},
        mails=(("concern-raised", "coordinators"),),
    ),
    "flag": Case(
        reach="report m1",
        role="mentors",
        tag=Tag.FLAGGED,
        fields={"flag": "extend", "weeks": 2, "reason": "late data"},
        mails=(("extension-wanted", "coordinators"),),
    ),
    "decide": Case(reach="select", program="tiny", tag=Tag.DONE, fields={"outcome": "waitlist"}),
    "release": Case(reach="release", program="tiny", tag=Tag.RELEASED),
    "take-back": Case(
        reach="release", program="tiny", tag=Tag.TAKEN_BACK, first=(("release", {}),)
    ),
    "rescind": Case(
        reach="offer",
        program="tiny",
        tag=Tag.ENDED,
        fields={"reason": "the budget is gone"},
        mails=(("offer-rescinded", "resident"),),
    ),
    "schedule": Case(
        reach="schedule-talk",
        program="tiny",
        tag=Tag.MEETING,
        start=3,
        mails=(("interview-invitation", "resident"),),
    ),
    "move-meeting": Case(
        reach="schedule-talk",
        program="tiny",
        tag=Tag.MEETING,
        first=(("schedule", {"start": 3}),),
        start=5,
        mails=(("interview-moved", "resident"),),
    ),
    "cancel-meeting": Case(
        reach="schedule-talk",
        program="tiny",
        tag=Tag.MEETING_CANCELED,
        first=(("schedule", {"start": 3}),),
        mails=(("interview-canceled", "resident"),),
    ),
    "reopen": Case(
        reach="report m1",
        tag=Tag.REOPENED,
        fields={"task": "onboarding/item-desk/desk/1", "reason": "it broke"},
        mails=(("task-reassigned", "mentors"),),
    ),
    "undo": Case(
        reach="item-contract",
        tag=Tag.REOPENED,
        fields={"task": "onboarding/item-contract/contract/1"},
        first=(("complete", {"task": "onboarding/item-contract/contract/1"}),),
    ),
    "ask-later": Case(
        reach="report m1",
        role="resident",
        tag=Tag.OPENED,
        task="report m1",
        fields={"reason": "a cold"},
        day=12,
        mails=(("date-wanted", "coordinators"),),
    ),
    "waive": Case(
        reach="report m1", tag=Tag.WAIVED, task="report m1", fields={"reason": "on holiday"}
    ),
    "move-date": Case(
        reach="report m1",
        tag=Tag.MOVED,
        task="report m1",
        day=12,
        mails=(("due-date-moved", "resident"),),
    ),
    "first-day": Case(
        reach="item-contract",
        tag=Tag.SHIFTED,
        fields={"day": date(2027, 3, 15), "reason": "a visa"},
        mails=(("first-day-moved", "resident"), ("first-day-moved", "mentors")),
    ),
    "extend": Case(
        reach="report m1",
        tag=Tag.SHIFTED,
        fields={"weeks": 2, "reason": "late data"},
        mails=(("extension-granted", "resident"), ("extension-granted", "mentors")),
    ),
    "reassign": Case(
        reach="report m1",
        tag=Tag.APPOINTED,
        fields={"role": "mentors", "who": ["spare"]},
        mails=(("mentor-relieved", "mentors"),),
    ),
    "appoint": Case(reach="appoint", tag=Tag.APPOINTED, fields={"who": ["spare"]}),
    "confirm-termination": Case(
        reach="handle-terminate",
        tag=Tag.ENDED,
        fields={"reason": "nothing came"},
        first=(("flag", {"flag": "terminate", "reason": "no sign of life"}),),
        mails=(("termination-confirmed", "resident"),),
    ),
    "reject-termination": Case(
        reach="handle-terminate",
        tag=Tag.FLAG_CLOSED,
        first=(("flag", {"flag": "terminate", "reason": "no sign of life"}),),
        mails=(("termination-rejected", "resident"),),
    ),
    "finish": Case(
        reach="report m1",
        tag=Tag.ENDED,
        fields={"reason": "hired"},
        mails=(("completed-early", "resident"),),
    ),
    "hold": Case(reach="item-contract", tag=Tag.HELD),
    "resume": Case(reach="item-contract", tag=Tag.RESUMED, first=(("hold", {}),)),
    "resend": Case(
        reach="report m1",
        tag=Tag.TOLD,
        task="report m1",
        mails=(("milestone-opening", "resident"),) * 2,
    ),
    "note": Case(reach="item-contract", tag=Tag.NOTED, fields={"reason": "spoke on the phone"}),
    "bounced": Case(
        reach="item-contract",
        tag=Tag.BOUNCED,
        fields={"who": ["resident"]},
        mails=(("address-bounced", "coordinators"),),
    ),
    "correct-address": Case(
        reach="item-contract", role="resident", tag=Tag.ADDRESS, fields={"email": "new@example.org"}
    ),
}


async def started(rehearsal, case):
    """A residency in which the action is possible."""
    cohort = {"mentors": 0} if case.reach == "appoint" else None
    resident = await rehearsal.start(case.program, cohort=cohort)
    if not case.first or not case.reach.startswith("handle-"):
        await resident.reach(case.reach)
    for verb, fields in case.first:
        days = fields.get("start")
        more = {"start": resident.now + timedelta(days=days)} if days else {}
        if case.reach.startswith("handle-"):
            await resident.reach("report m1")
        await resident.act(verb, **{**fields, **more})
    if case.reach.startswith("handle-"):
        await resident.reach(case.reach)
    return resident


def fields_of(resident, case):
    fields = dict(case.fields)
    if case.task:
        fields["task"] = resident.find(case.task).key
    if case.day is not None:
        fields["day"] = resident.calendar.day_of(resident.now) + timedelta(days=case.day)
    if case.start is not None:
        fields["start"] = resident.now + timedelta(days=case.start)
    if fields.get("who") == ["spare"]:
        used = set(resident.roles.get("mentors", []))
        pool = resident.store.cohorts.members(resident.start.cohort)
        role = "mentors" if any(one.role == "mentors" for one in pool) else "panelists"
        spare = [one.person for one in pool if one.role == role and one.person not in used]
        fields["who"] = spare[:1]
    if fields.get("who") == ["resident"]:
        fields["who"] = [resident.start.person]
    if form := fields.pop("form", ""):
        fields["submission"] = resident.answers(form)
    if email := fields.pop("email", ""):
        fields["submission"] = resident.answers("", email=email)
    return fields


def test_every_action_has_a_case():
    assert set(CASES) == set(ACTIONS)


@pytest.mark.parametrize("verb", list(ACTIONS))
async def test_action_works_once_and_as_its_dry_run_said(rehearsal, verb):
    case = CASES[verb]
    resident = await started(rehearsal, case)
    actor, people = resident.somebody(case.role), dict(resident.roles)
    act = resident.an_act(verb, actor=actor.id, **fields_of(resident, case))
    await resident.settled()
    before, view = len(resident.events()), await resident.view()

    preview = await rehearsal.residencies.preview(resident.id, act)
    untouched = await resident.view()
    said = await resident.send(act)
    again = await resident.send(act)
    new = resident.events()[before:]
    await (resident.ended() if resident.said.ended else resident.move(days=4))

    caused = [event for event in new if event.action == act.id]
    foreseen = [event for event in preview.events if event.action == act.id]
    assert untouched == view
    assert (preview.code, said.code, again.code) == ("done", "done", "again")
    assert (again.data["by"], again.data["at"]) == (actor.id, said.now.isoformat())
    assert {event.actor for event in caused} == {actor.id}
    assert case.tag in {event.tag for event in caused}
    assert [_shape(event) for event in foreseen] == [_shape(event) for event in caused]
    assert {key: preview.data[key] for key in said.data} == said.data
    for notice, role in case.mails:
        told = resident.notices(to=people[role][0])
        assert told.count(notice) == case.mails.count((notice, role))


def _shape(event):
    return event.tag, event.task, event.data, event.submission
