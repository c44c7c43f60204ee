"""What is sent from a task's page: once, by whoever may, also where something is away."""

import asyncio
import re

from residency.errors import UnavailableError, UnconfirmedError
from residency.wire import Tag
from tests.web.desk import refreshed
from tests.web.desks import (  # noqa: F401  # Fixtures, and what they need.
    count,
    desk,
    done,
    house,
    rehearsal,
    resident,
    scheduling,
    settings,
    signing,
)


async def test_double_click_and_repeat_record_it_once(desk, resident):  # noqa: F811  # The fixtures.
    task = resident.find("report m1")
    path = desk.link(resident, task)
    check = await desk.check(path, await desk.get(path))

    pages = await asyncio.gather(*(desk.confirm(path, check) for _ in range(3)))
    await refreshed(resident)
    later = [await desk.get(path), await desk.confirm(path, check)]

    assert {page.status for page in (*pages, *later)} == {200}
    first = [page for page in pages if "Recorded</p>" in page.text]
    assert len(first) == 1
    for page in (*pages, *later):
        if page not in first:
            assert "Already recorded" in page.text
            assert "You, Person 0" in page.text
    assert len(done(resident, task.key)) == 1


async def test_of_two_at_once_the_second_is_thanked_and_kept(desk, rehearsal):  # noqa: F811  # The fixtures.
    found = await rehearsal.start("residence", cohort={"mentors": 4})
    task = await found.reach("evaluate")
    first, second = task.who[:2]
    paths = [desk.link(found, task, person) for person in (first, second)]
    checks = [await desk.check(path, await desk.get(path), outcome="passed") for path in paths]

    pages = await asyncio.gather(*(desk.confirm(*pair) for pair in zip(paths, checks, strict=True)))
    await refreshed(found)

    (counted,) = [one.data["by"] for one in done(found, task.key)]
    second_page = pages[1] if counted == first else pages[0]
    name = found.store.people.get(counted).name
    assert [page.status for page in pages] == [200, 200]
    assert counted in (first, second)
    assert [f"{name} was a moment faster" in page.text for page in pages].count(True) == 1
    assert f"{name} was a moment faster" in second_page.text
    assert len(found.events(Tag.THANKED)) == 1


async def test_task_of_somebody_else_is_a_dead_link(desk, signing):  # noqa: F811  # The fixtures.
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


async def test_co_mentor_reads_what_the_lead_answers(desk, signing):  # noqa: F811  # The fixtures.
    task = signing.find("sign-off m1")
    path = desk.link(signing, task, signing.roles["mentors"][1])

    page = await desk.get(path)
    sent = await desk.post(path, step="confirm", outcome="approved", **{"answer-comment": "Yes"})

    lead = signing.store.people.get(task.who[0]).name
    assert f"This waits for {lead}" in page.text
    assert "The first experiments ran" in page.text
    assert (sent.status, done(signing, task.key)) == (409, [])
    assert "What you sent just now was not taken" in sent.text


async def test_reviewers_are_blind_to_each_other(desk, rehearsal):  # noqa: F811  # The fixtures.
    found = await rehearsal.start("tiny")
    task = await found.reach("review")
    one, two = task.who
    names = [found.store.people.get(each).name for each in (one, two)]

    await desk.do(found, task, one, **{"answer-comment": "Only mine."})
    pages = [await desk.get(desk.link(found, task, each)) for each in (one, two)]

    assert "Only mine." in pages[0].text
    assert "Your part is recorded" in pages[0].text
    assert names[1] not in pages[0].text
    assert "Only mine." not in pages[1].text
    assert names[0] not in pages[1].text
    assert "The application" in pages[1].text
    await desk.do(found, found.find("review"), two)
    decision = await found.reach("decide-screening")
    assert "Only mine." in (await desk.get(desk.link(found, decision))).text


async def test_resident_reads_what_is_theirs_to_read_of_a_verdict(desk, signing):  # noqa: F811  # The fixtures.
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


async def test_closed_tasks_say_so_kindly(desk, resident):  # noqa: F811  # The fixtures.
    task = resident.find("report m1")
    path = desk.link(resident, task)

    await resident.act("waive", task=task.key, reason="Ill.")
    waived = await desk.get(path)
    sent = await desk.post(path, step="confirm", **{"answer-done": "x", "answer-next": "y"})
    await resident.act("withdraw", actor=resident.person, reason="Bye.")
    page = await desk.get(path)

    assert "This is not needed any more" in waived.text
    assert sent.status == 409
    assert "What you sent just now was not taken" in sent.text
    assert "This has ended" in page.text
    assert done(resident, task.key) == []


async def test_without_temporal_pages_read_and_what_was_typed_is_kept(desk, resident, monkeypatch):  # noqa: F811  # The fixtures.
    task = resident.find("report m1")
    path = desk.link(resident, task)
    connect = desk.house.connect

    async def away(**_):
        raise UnavailableError("The Temporal server can't be reached.")

    monkeypatch.setattr("web.door.QUIET", 0.0)
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


async def test_what_is_not_confirmed_is_never_called_failed(desk, resident, monkeypatch):  # noqa: F811  # The fixtures.
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


async def test_without_a_database_there_is_a_plain_page(desk, resident, monkeypatch):  # noqa: F811  # The fixtures.
    path = desk.link(resident, resident.find("report m1"))

    def away(*_, **__):
        raise UnavailableError('The database "/secret/place.db" is locked.')

    monkeypatch.setattr(desk.house.store.database, "reading", away)
    pages = [await desk.get(path), await desk.post(path, step="check")]

    assert [page.status for page in pages] == [503, 503]
    assert all("secret" not in page.text for page in pages)
