"""The live state by Query: what happens next, and which mails wait for their window."""

import asyncio
from datetime import timedelta


async def settled_view(resident):
    for _ in range(500):
        view = await resident.view()
        if not view.unrecorded and view.unsent == view.kept:
            return view
        await asyncio.sleep(0.02)
    raise AssertionError(view)


async def test_view_says_what_happens_next(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("report m1")
    key = resident.find("report m1").key

    found = set()
    while not found >= {f"reminder {key}", "stage"}:
        found.add((await resident.view()).next_what)
        await resident.ring()

    assert all(what in ("mail", "stage") or what.split()[0] == "reminder" for what in found)


async def test_mail_that_waits_for_its_window_is_counted(rehearsal):
    resident = await rehearsal.start("residence")
    await resident.reach("report m1")
    saturday = resident.now + timedelta(days=(5 - resident.now.weekday()) % 7)
    await resident.move_to(saturday.replace(hour=12))

    await resident.act("withdraw", actor=resident.themselves.id, reason="another path")
    view = await settled_view(resident)

    assert view.ended == "withdrawn"
    assert view.unsent == view.kept > 0
    assert view.next_what == "mail"
