"""Mail hangs, the database is away, the server is away: nothing is lost, and nothing happens twice."""

import asyncio
import contextlib
import os
import sqlite3
import threading
from time import monotonic

import pytest
from sqlalchemy import update

from mail.transports.port import NotSent
from residency.errors import UnavailableError, UnconfirmedError
from residency.wire import Act
from store.tables import clicks
from tests.workflows.journeys import ODD, Child, assert_same, working

pytest_plugins = ("tests.workflows.journeys_fixtures",)

TWO = """
- {name: Ada Example, email: ada@example.org}
- {name: Ben Example, email: ben@example.org}
"""


@contextlib.contextmanager
def database_away(data):
    """Another connection holds the file's lock for as long as the block lasts."""
    connection = sqlite3.connect(data / "residency.db", isolation_level=None, timeout=30)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


@contextlib.contextmanager
def now_and_then(data, *, away, between):
    """The database is away for so many seconds, again and again."""
    over = threading.Event()

    def pause():
        while not over.wait(between):
            with database_away(data):
                over.wait(away)

    thread = threading.Thread(target=pause)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


async def test_mail_that_hangs_while_the_clock_moves_changes_nothing(plainly, placed):
    told = await plainly(ODD)

    async with placed() as here:
        free, transport = threading.Event(), here.house.outbox._rehearsal
        send = transport.send
        transport.send = lambda mail: send(mail) if free.wait(60) else NotSent
        async with working(here):
            rehearsal = here.rehearsal(ODD)
            freed = asyncio.get_running_loop().call_later(3, free.set)
            again = here.told(await rehearsal.run())
            freed.cancel()

    assert_same(again, told)


async def test_database_that_pauses_while_the_clock_moves_changes_nothing(plainly, placed):
    told = await plainly(ODD)

    async with placed(record_timeout=60) as here, working(here):
        rehearsal = here.rehearsal(ODD)
        with now_and_then(here.data, away=1.2, between=0.7):
            again = here.told(await rehearsal.run())

    assert_same(again, told)


@pytest.mark.parametrize(
    "seconds",
    [
        6,
        pytest.param(30, marks=[pytest.mark.slow]),
        pytest.param(
            600,
            marks=[
                pytest.mark.slow,
                pytest.mark.timeout(900),
                pytest.mark.skipif(
                    "RESIDENCY_TEST_LONG" not in os.environ, reason="RESIDENCY_TEST_LONG is not set"
                ),
            ],
        ),
    ],
)
async def test_click_while_the_database_is_away_is_taken_and_recorded_once(placed, seconds):
    async with placed(record_timeout=2) as here, working(here):
        one, other = await two_going_on(here)
        note = await a_note(here, one, "note-1")

        began = monotonic()
        with database_away(here.data):
            click = asyncio.create_task(here.residencies.act(one, note))
            while monotonic() - began < seconds or not click.done():
                await answers_soon(here, one, other)
                await asyncio.sleep(0.2)
            with pytest.raises(UnconfirmedError) as unconfirmed:
                await click
        await until(lambda: here.house.store.record.action(one, "note-1"))
        again = await here.residencies.act(one, note)

        assert str(unconfirmed.value) == (
            f"Taken, not confirmed yet: {one} has not answered within 2 s, and the database is "
            "away. Asking again is safe; it will be recorded once (note-1)."
        )
        assert again.code == "again"
        assert again.data["by"] == note.actor
        assert here.house.store.clicks.waiting() == []
        assert [e.action for e in events_of(here, one)].count("note-1") == 1
        assert here.house.store.record.count(one, void=True) == 0


async def test_click_that_was_never_answered_is_sent_again_when_a_worker_starts(placed):
    async with placed(record_timeout=1) as here:
        async with working(here):
            one, _ = await two_going_on(here)
            note = await a_note(here, one, "note-2")
        with pytest.raises(UnconfirmedError):  # no worker is there to take it
            await here.residencies.act(one, note)
        assert [act.id for _, act in here.house.store.clicks.waiting()] == ["note-2"]

        with Child(here):
            await until(lambda: not here.house.store.clicks.waiting())

        assert [e.action for e in events_of(here, one)].count("note-2") == 1


async def test_click_whose_event_is_recorded_but_was_not_answered_is_sent(placed):
    async with placed() as here, working(here):
        one, _ = await two_going_on(here)
        note = await a_note(here, one, "note-5")
        await here.residencies.act(one, note)
        here.house.store.clicks.flush()
        with here.house.store.database.writing() as connection:
            connection.execute(update(clicks).values(answered=None))
        sent = []
        update_of = here.residencies._update

        async def spy(residency, name, act):
            sent.append(act.id)
            return await update_of(residency, name, act)

        here.residencies._update = spy

        first = await here.residencies.act(one, note)
        second = await here.residencies.act(one, note)

        assert (first.code, second.code) == ("again", "again")
        assert first.data == second.data
        assert sent == ["note-5"]  # the second was answered by the record
        assert [e.action for e in events_of(here, one)].count("note-5") == 1


@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", ["another", "same"])
async def test_worker_and_server_killed_between_a_commit_and_the_end_of_its_task(placed, first):
    async with placed(file_backed=True, hurried=True, record_timeout=3) as here:
        with Child(here, RESIDENCY_TEST_HANG="note:added") as child:
            await until((here.data / "ready").exists)
            one, _ = await two_going_on(here)
            note = await a_note(here, one, "note-3")
            (here.data / "hang").touch()
            with pytest.raises(UnconfirmedError):
                await here.residencies.act(one, note)
            await until((here.data / "committed").exists)
            child.kill()
            here.server.kill()
            before = events_of(here, one)
            (here.data / "hang").unlink()
            # The note is committed; to the server it may never have happened.
            if first == "another":  # Nobody sends the note before something else was recorded.
                here.house.store.clicks.answered(note.id, code="withheld by the test")

            here.server.start()  # in this thread, with which it would end
            await here.connect(hurried=True)
            child.start()
            here.residencies = here.house.residencies(here.client)
            other = note.model_copy(update={"id": "hold-1", "verb": "hold"})
            for act in [other, note] if first == "another" else [note, other]:
                await confirmed(here, one, act)

            view = await here.residencies.view(one)
            after = events_of(here, one)

    assert [event.action for event in before].count("note-3") == 1
    assert [event.seq for event in after] == list(range(1, len(after) + 1))
    assert [event.action for event in after].count("note-3") == 1
    assert [event.action for event in after].count("hold-1") == 1
    assert view.unrecorded == 0
    assert view.held is True


@pytest.mark.timeout(600)
async def test_everybody_goes_on_after_a_stop_and_a_start(plainly, placed, tmp_path):
    told = await plainly(ODD)

    async with placed(file_backed=True, hurried=True, record_timeout=60) as here:
        rehearsal = here.rehearsal(ODD)
        with Child(here) as child:
            stopped = asyncio.Event()
            step = here.residencies.step

            async def restarting(residency, act):
                if "fog" in act.task and not stopped.is_set():
                    stopped.set()
                    child.stop()
                    port = here.server.port
                    await asyncio.to_thread(here.server.stop)
                    here.server.port = port  # the driver's client finds it again
                    here.server.start()
                    child.start()
                return await step(residency, act)

            here.residencies.step = restarting
            again = here.told(await rehearsal.run())

    assert stopped.is_set()
    assert_same(again, told)


async def test_unwritable_mail_folder_gives_the_mail_back_with_a_reason(placed):
    async with placed() as here, working(here):
        (here.data / "rehearsals").write_text("a file where a folder should be")
        one, _ = await two_going_on(here)
        tried = []

        def is_tried():
            tried[:] = [row for row in here.house.store.outbox.list(residency=one) if row.detail]
            return tried

        await until(is_tried)

        assert {row.state for row in tried} == {"queued"}
        assert {row.detail for row in tried} == {"the file can't be written (ENOTDIR)"}


async def test_unreachable_server_is_said_in_a_sentence(placed):
    async with placed(record_timeout=2) as here:
        async with working(here):
            one, _ = await two_going_on(here)
            note = await a_note(here, one, "note-4")
        await asyncio.to_thread(here.server.kill)

        with pytest.raises(UnavailableError) as away:
            await here.residencies.view(one)
        with pytest.raises(UnconfirmedError):  # what somebody does is kept, and sent later
            await here.residencies.act(one, note)

        assert str(away.value) == f"{one} did not answer within 2 s; is a worker running?"
        assert [act.id for _, act in here.house.store.clicks.waiting()] == ["note-4"]


async def two_going_on(here):
    """Two residencies that wait for their first decision; their ids."""
    from datetime import date

    # What a test is short of patience for comes later: on busy cores this may take its time.
    rehearsal = here.rehearsal(ODD, people=TWO, cast="[{do: nothing}]", until=date(2027, 6, 15))
    patience, here.residencies._patience = here.residencies._patience, 60
    summary = await rehearsal.run()
    here.residencies._patience = patience
    return summary.residencies


async def a_note(here, residency, id):
    coordinator = (await here.residencies.view(residency)).roles["coordinators"][0]
    return Act(id=id, verb="note", actor=coordinator, reason="s-note")


async def answers_soon(here, one, other):
    """Every Query of the one, and a Query and a click's arrival at the other, in under a second."""
    began = monotonic()
    await here.residencies.view(one)
    await here.residencies.history(one)
    await here.residencies.view(other)
    assert monotonic() - began < 1


async def confirmed(here, residency, act):
    """Asks with one id until it is confirmed."""
    for _ in range(20):
        with contextlib.suppress(UnconfirmedError, UnavailableError):
            return await here.residencies.act(residency, act)
    raise AssertionError(f"{act.id} was never confirmed")


async def until(true, *, seconds=30):
    end = monotonic() + seconds
    while not await asyncio.to_thread(true):
        assert monotonic() < end, "it never came true"
        await asyncio.sleep(0.05)


def events_of(here, residency):
    return here.house.store.record.events(residency)
