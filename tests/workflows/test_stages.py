"""What each stage does when it does not go as planned."""

from datetime import date, timedelta

import pytest

from residency.wire import State


async def test_sign_off_stops_the_reminders(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("report m2")

    await resident.report("m2")
    await rehearsal.move(days=1)
    await resident.mentor.sign_off("m2")
    await rehearsal.move(days=7)

    assert resident.notices("m2") == ["milestone-opening", "milestone-approved"]


async def test_application_is_revised_once_and_judged_again(rehearsal):
    resident = await rehearsal.start("tiny")

    await resident.complete("judge", "revise")
    await resident.reach("revise")
    await resident.complete("revise")
    await resident.reach("judge round-2")
    await resident.complete("judge", "revise")
    await resident.reach("screening")

    assert "please-revise" in resident.notices()
    assert [event.task for event in resident.events("task:opened")][:3] == [
        "application/judge-reviewers//1",
        "application/revise//1",
        "application/judge-reviewers//2",
    ]


async def test_failed_requirement_prepares_a_rejection_that_waits_for_its_release(rehearsal):
    resident = await rehearsal.start("tiny")

    await resident.complete("judge", "done", results={"craft": False})
    await rehearsal.move(days=2)
    told = resident.notices()
    await resident.act("release")
    await rehearsal.move(hours=12)

    assert told == ["application-received"]
    assert await resident.ended() == "rejected"
    assert resident.notices()[-1] == "rejected"


async def test_coordinator_decides_over_a_prepared_rejection(rehearsal):
    resident = await rehearsal.start("tiny")

    await resident.complete("judge", "done", results={"craft": False})
    await resident.act("decide", outcome="advance")
    await resident.reach("screening")

    assert "rejected" not in resident.notices()
    assert (await resident.view()).pending == {}


async def test_decision_taken_back_leaves_no_trace_for_the_person(rehearsal):
    resident = await rehearsal.start("tiny")
    await resident.reach("release")
    await resident.act("release")
    await resident.act("take-back")
    await rehearsal.move(days=1)
    told = resident.notices()

    task = resident.find("select")
    await resident.act("decide", outcome="reject", task=task.key)
    await resident.act("release")
    await rehearsal.move(minutes=15)

    assert "offer" not in told
    assert await resident.ended() == "rejected"
    assert [event.tag for event in resident.events("seat")] == ["seat:granted", "seat:freed"]


async def test_nothing_is_told_before_the_cooling_off_is_over(rehearsal):
    resident = await rehearsal.start("tiny")
    await resident.reach("release")
    await resident.act("release")

    await rehearsal.move(minutes=14)
    early = resident.notices()
    await rehearsal.move(minutes=1)

    assert "offer" not in early
    assert "offer" in resident.notices()


async def test_waitlisted_person_is_accepted_later(rehearsal):
    resident = await rehearsal.start("tiny")
    await resident.reach("select")
    await resident.act("decide", outcome="waitlist")
    await resident.act("release")
    await rehearsal.move(days=3)
    told = resident.notices()

    await resident.act("decide", outcome="accept", task=resident.find("select").key)
    await resident.act("release")
    await resident.reach("offer")

    assert told[-1] == "waitlisted"


async def test_waitlist_is_closed_on_the_first_day(rehearsal):
    resident = await rehearsal.start("tiny")
    await resident.reach("select")
    await resident.act("decide", outcome="waitlist")
    await resident.act("release")

    assert await resident.finish() == "waitlist-closed"
    assert resident.notices()[-1] == "waitlist-closed"


async def test_changes_are_asked_for_in_any_number_of_rounds(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("sign-off m1")
    await resident.mentor.sign_off("m1", "changes")
    again = resident.find("report m1")
    await resident.report("m1")
    day = resident.calendar.day_of(resident.now) + timedelta(days=9)
    await resident.mentor.sign_off("m1", "changes", day=day)
    third = resident.find("report m1")
    await resident.report("m1")
    await resident.mentor.sign_off("m1")
    await resident.settled()

    assert again.due == resident.calendar.end_of(
        resident.calendar.day_of(again.opened) + timedelta(days=4)
    )
    assert (third.round, third.due) == (3, resident.calendar.end_of(day))
    assert resident.events("task:done")[-1].task == "milestones/sign-off/m1/3"


async def test_who_reported_early_loses_no_time_by_a_rework(rehearsal):
    def soon(start):
        milestones = start.plan.milestones.model_copy(update={"rework": "1d"})
        return start.model_copy(
            update={"plan": start.plan.model_copy(update={"milestones": milestones})}
        )

    resident = await rehearsal.start("residence", change=soon)
    await resident.reach("report m1")
    first = resident.find("report m1")
    await resident.report("m1")
    await resident.mentor.sign_off("m1", "changes")
    await resident.settled()

    again = resident.find("report m1")

    assert (again.round, again.due) == (2, first.due)


async def test_wish_for_another_date_ends_with_its_task(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("report m1")
    task = resident.find("report m1")
    day = resident.calendar.day_of(task.due) + timedelta(days=5)
    await resident.themselves.do("ask-later", task=task.key, day=day, reason="I was ill.")
    wish = resident.find("handle-date")
    await resident.report("m1")
    await resident.settled()

    waived = [event.task for event in resident.events("task:waived")]
    assert waived == [wish.key]


async def test_reopened_sign_off_is_told_again(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("sign-off m1")
    key = resident.find("sign-off m1").key
    await resident.mentor.sign_off("m1")
    await resident.act("reopen", task=key, reason="a slip")
    await resident.mentor.sign_off("m1")
    await rehearsal.move(days=3)

    assert resident.notices("m1").count("milestone-approved") == 2


async def test_reopened_report_brings_its_sign_off_back(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("sign-off m1")
    await resident.mentor.sign_off("m1")
    await resident.act("reopen", task="milestones/report/m1/1", reason="the wrong file")
    await resident.report("m1")
    await resident.mentor.sign_off("m1")
    await rehearsal.move(days=3)

    wanted = resident.notices("m1", to=resident.mentor.id).count("sign-off-wanted")
    assert wanted == 2
    assert resident.notices("m1").count("milestone-approved") == 2


async def test_reopened_evaluation_counts(rehearsal):
    resident = await rehearsal.start("residence", cast=[{"when": "sign-off m3", "do": "nothing"}])
    await resident.reach("evaluate")
    key = resident.find("evaluate").key
    await resident.complete("evaluate", "passed")
    await resident.act("reopen", task=key, reason="a slip")
    await resident.complete("evaluate", "again")
    await resident.reach("schedule-presentation round-2")

    assert resident.said.ended is None


async def test_canceled_interview_is_scheduled_again(rehearsal):
    resident = await rehearsal.start("tiny")
    await resident.reach("schedule-talk")
    await resident.act("schedule", start=resident.now + timedelta(days=3))
    await resident.act("cancel-meeting")
    await resident.reach("schedule-talk round-2")
    await resident.act("schedule", start=resident.now + timedelta(days=4))
    await resident.act("move-meeting", start=resident.now + timedelta(days=5))
    await resident.reach("scorecard")

    sequences = [event.data["sequence"] for event in resident.events("meeting")]
    assert sequences == [0, 1, 2, 3]


async def test_meeting_that_was_moved_is_reminded_of_again(rehearsal):
    resident = await rehearsal.start("tiny")
    await resident.reach("schedule-talk")
    await resident.act("schedule", start=resident.now + timedelta(days=3))
    await rehearsal.move(days=2, hours=2)
    await resident.act("move-meeting", start=resident.now + timedelta(days=5))
    await resident.reach("scorecard")
    await resident.settled()

    assert resident.notices("talk").count("interview-reminder") == 2


async def test_termination_is_never_one_click(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("report m1")
    await resident.mentor.do("flag", flag="terminate", reason="no sign of life")
    code, _ = await resident.refused("confirm-termination", reason="at once")

    await resident.complete("hearing")
    await resident.act("confirm-termination", reason="heard")

    assert code == "no-open-task"
    assert await resident.ended() == "terminated"
    assert {"termination-proposed", "termination-confirmed"} <= set(resident.notices())


async def test_withdrawal_during_a_hearing_ends_cleanly(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("report m1")
    await resident.mentor.do("flag", flag="terminate", reason="no sign of life")

    await resident.themselves.do("withdraw", reason="another path")

    assert await resident.ended() == "withdrawn"
    (ended,) = resident.events("residency:ended")
    assert not [event for event in resident.events("task:opened") if event.seq > ended.seq]


async def test_concern_reaches_coordinators_alone(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("report m1")
    mentors = resident.roles["mentors"]

    await resident.themselves.do("concern", reason="a worry")
    await rehearsal.move(hours=1)

    heard = [row.receiver for row in resident.mails() if row.notice == "concern-raised"]
    assert sorted(heard) == sorted(resident.start.coordinators)
    assert not any(
        "concern" in repr(row.letter) for who in mentors for row in resident.mails(to=who)
    )


async def test_coordinators_task_for_all_needs_all(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.complete("item-contract")
    first, second = resident.start.coordinators

    await resident.complete("item-access", actor=first)
    waiting = resident.find("item-access")
    await resident.complete("item-access", actor=second)

    assert waiting.who == [second]
    assert resident.find("item-access") is None


async def test_thanked_once_and_kept(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("item-desk")
    await resident.settled()
    key = resident.find("item-desk").key
    await resident.mentor.complete("item-desk")
    comment = resident.text("I had one too")

    act = resident.an_act("complete", actor=resident.co_mentor.id, task=key, submission=comment)
    said = await resident.send(act)
    again = await resident.send(act)
    await resident.settled()

    assert (said.code, again.code) == ("thanked", "again")
    assert said.data["by"] == resident.mentor.id
    assert [event.submission for event in resident.events("task:thanked")] == [comment]


async def test_hold_keeps_mails_back_until_notices_are_resumed(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.act("hold")
    await resident.reach("report m1")
    await rehearsal.move(days=1)
    held = {row.state.value for row in resident.mails(about="m1")}

    await resident.act("resume")
    await resident.settled()

    states = {(row.state.value, row.skip) for row in resident.mails(about="m1")}
    assert held == {"held"}
    assert states == {("sent", "")}


async def test_history_says_what_came_of_every_task(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.act("waive", task=resident.find("item-contract").key, reason="by hand")

    (closed,) = await rehearsal.residencies.history(resident.id)

    assert (closed.key, closed.state) == ("onboarding/item-contract/contract/1", State.WAIVED)


@pytest.mark.slow
async def test_hugging_face_residency_completes(rehearsal):
    from tests.workflows.house import HUGGING_FACE

    resident = await rehearsal.start(HUGGING_FACE, first_day=date(2027, 9, 1))

    assert await resident.finish() == "completed"
    assert resident.notices()[-1] == "completed"


async def test_interview_that_a_bound_rejects_is_released_as_its_own_stage_says(rehearsal):
    def change(start):
        one = start.plan.interviews
        rounds = [each.model_copy(update={"bound": 1.1}) for each in one.rounds]
        one = one.model_copy(update={"rounds": rounds, "release": "automatic"})
        return start.model_copy(update={"plan": start.plan.model_copy(update={"interviews": one})})

    resident = await rehearsal.start("tiny", change=change)

    ended = await resident.finish()

    assert ended == "rejected"
    assert not [event for event in resident.events("task:opened") if "release" in event.task]


async def test_program_without_any_stage_before_the_first_day_waits_for_it_in_onboarding(rehearsal):
    resident = await rehearsal.start("late")

    stage = (await resident.view()).stage
    await resident.themselves.do("withdraw", reason="another path")

    assert stage == "onboarding"
    assert resident.said.ended == "withdrawn"
