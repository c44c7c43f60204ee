"""What only a running residency refuses, with the sentence that the person is shown."""

from datetime import timedelta
from uuid import uuid4

import pytest

from residency.errors import RefusedError
from residency.wire import Move
from tests.residency.test_sentences import ELSEWHERE

WEEK = timedelta(weeks=1)


async def no_seat(rehearsal):
    seats = {"name": f"c{uuid4().hex[:12]}", "seats": 1}
    first = await rehearsal.start("tiny", cohort=seats)
    second = await rehearsal.start("tiny", cohort=seats)
    await first.reach("offer")
    await second.reach("release")
    return await second.refused("release")


async def clock_real(rehearsal):
    resident = await rehearsal.start("residence", real=True)
    return await resident.refused("note", reason="hello", at=resident.start.started)


async def clock_back(rehearsal):
    resident = await rehearsal.start("residence")
    return await resident.refused("note", reason="hello", at=resident.now - WEEK)


async def rings_before(rehearsal):
    resident = await rehearsal.start("residence")
    return await resident.refused("note", reason="hello", at=resident.now + 20 * WEEK)


async def not_found(rehearsal):
    resident = await rehearsal.start("residence")
    resident.id = "r-nobody"
    return await resident.refused("note", reason="hello")


CASES = {
    "no-seat": (no_seat, "No seat is left (1 of 1 taken). Waitlist, or free one first."),
    "clock-real": (clock_real, "{id} is not a rehearsal: its clock is the real one"),
    "clock-back": (clock_back, "A clock only goes forward: it is 20"),
    "rings-before": (rings_before, "The clock can't pass what rings at 20"),
    "not-found": (not_found, '"r-nobody" is no residency here; `residency status` lists them.'),
}


def test_every_refusal_of_a_running_residency_has_a_case():
    assert set(CASES) == set(ELSEWHERE)


@pytest.mark.parametrize("code", list(CASES))
async def test_running_residency_refuses(rehearsal, code):
    make, sentence = CASES[code]

    refused, said = await make(rehearsal)

    assert refused == code
    assert said.startswith(sentence.format(id=rehearsal.residents[-1].id))
    assert "?" not in said


async def test_real_clock_cannot_be_moved(rehearsal):
    resident = await rehearsal.start("residence", real=True)

    with pytest.raises(RefusedError) as refused:
        await rehearsal.residencies.move_clock(
            resident.id, Move(id="m", to=resident.start.started + WEEK)
        )

    assert refused.value.code == "clock-real"


async def test_seat_is_free_again_after_a_decline(rehearsal):
    seats = {"name": f"c{uuid4().hex[:12]}", "seats": 1}
    first = await rehearsal.start("tiny", cohort=seats)
    second = await rehearsal.start("tiny", cohort=seats)
    await first.reach("offer")
    await second.reach("release")
    foreseen = await rehearsal.residencies.preview(second.id, second.an_act("release"))
    refused = await second.refused("release")

    await first.complete("offer", "declined")
    await first.ended()
    free = await rehearsal.residencies.preview(second.id, second.an_act("release"))
    said = await second.act("release")

    assert refused[0] == "no-seat"
    assert (foreseen.refused, foreseen.code, foreseen.data) == (
        True,
        "no-seat",
        {"taken": 1, "seats": 1},
    )
    assert (free.refused, free.code) == (False, "done")
    assert said.code == "done"
    assert [event.tag for event in first.events("seat")] == ["seat:granted", "seat:freed"]


@pytest.mark.parametrize(("verb", "how"), [("withdraw", "withdrawn"), (None, "lapsed")])
async def test_seat_is_freed(rehearsal, verb, how):
    resident = await rehearsal.start("tiny", cast=[{"when": "offer", "do": "nothing"}])
    await resident.reach("offer")
    if verb:
        await resident.themselves.do(verb, reason="another path")

    ended = await resident.finish() if not verb else await resident.ended()

    assert ended == how
    assert resident.events("seat")[-1].tag == "seat:freed"


async def test_residency_that_ended_says_how(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.themselves.do("withdraw", reason="another path")
    await resident.ended()

    code, sentence = await resident.refused("note", reason="too late")

    assert code == "ended"
    assert sentence == f"{resident.id} has ended (withdrawn); nothing can be done to it any more."


async def test_refusal_names_people(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("report m1")
    task = resident.find("report m1").key

    code, sentence = await resident.refused("complete", actor=resident.mentor.id, task=task)

    assert code == "not-yours"
    assert sentence == f'"{task}" is not yours to do; it waits for Person 0 ({resident.person}).'


async def test_refused_action_may_be_tried_again_with_its_id(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("report m1")
    act = resident.an_act("extend", weeks=5, reason="too long")

    with pytest.raises(RefusedError):
        await resident.send(act)
    said = await resident.send(act.model_copy(update={"weeks": 1}))

    assert said.code == "done"


async def test_update_right_after_the_start_waits_for_the_story(rehearsal):
    resident = await rehearsal.start("residence", real=True)

    said = await resident.act("note", reason="hello", at=None)

    assert said.code == "done"
    assert resident.events()[0].tag == "residency:started"
