"""What is sent to a task's page and is not taken, or not confirmed yet: the page says so and shows it."""

import pytest

from residency.errors import UnconfirmedError
from tests.web.desk import refreshed
from tests.web.desks import (  # noqa: F401  # Fixtures, and what they need.
    desk,
    done,
    house,
    rehearsal,
    resident,
    settings,
    signing,
)

NOT_TAKEN = "What you sent just now was not taken"
NOT_CONFIRMED = "You have sent an answer that is not confirmed yet"
SECOND = {"outcome": "changes", "answer-comment": "The second chapter is missing."}


@pytest.mark.parametrize("step", ["check", "confirm", "late"])
async def test_other_verdict_of_a_second_tab_is_said_not_to_be_taken_and_shown(desk, signing, step):  # noqa: F811  # The fixtures.
    task = signing.find("sign-off m1")
    path = desk.link(signing, task)
    first, second = await desk.get(path), await desk.get(path)
    check = await desk.check(path, first, outcome="approved", **{"answer-comment": "Fine."})
    other = await desk.check(path, second, **SECOND)

    recorded = await desk.confirm(path, check)
    if step == "late":  # The residency says it before this process's own record does.
        answer = await _answered_late(desk, path, other)
    elif step == "check":
        answer = await desk.check(path, second, **SECOND)
    else:
        answer = await desk.confirm(path, other)
    await refreshed(signing)
    again = await desk.confirm(path, check)

    assert NOT_TAKEN not in recorded.text
    assert answer.status == 409
    assert NOT_TAKEN in answer.text
    assert "The second chapter is missing." in answer.text
    assert "Ask for changes: another round" in answer.text
    assert "Approve it" in answer.text.split("What is recorded")[1]
    assert (again.status, NOT_TAKEN in again.text) == (200, False)
    assert len(done(signing, task.key)) == 1


async def _answered_late(desk, path, page):  # noqa: F811  # The fixture.
    """Sends it as though the task had still been open when its page was read."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("web.scenes.Scene.may_answer", True)
        return await desk.confirm(path, page)


async def test_same_answer_of_a_second_tab_is_just_recorded_already(desk, signing):  # noqa: F811  # The fixtures.
    path = desk.link(signing, signing.find("sign-off m1"))
    typed = {"outcome": "approved", "answer-comment": "Fine."}
    first, second = await desk.get(path), await desk.get(path)
    checks = [await desk.check(path, page, **typed) for page in (first, second)]

    pages = [await desk.confirm(path, check) for check in checks]

    assert [page.status for page in pages] == [200, 200]
    assert "Already recorded" in pages[1].text
    assert NOT_TAKEN not in pages[1].text


async def test_task_whose_answer_is_not_confirmed_yet_says_what_was_sent(
    desk,  # noqa: F811  # The fixtures.
    signing,  # noqa: F811
    monkeypatch,
):
    path = desk.link(signing, signing.find("sign-off m1"))
    check = await desk.check(path, await desk.get(path), **SECOND)

    async def silent(*_):
        raise UnconfirmedError("Taken, not confirmed yet.")

    before = await desk.get(path)
    with monkeypatch.context() as patch:
        patch.setattr("client.Residencies._update", silent)
        sent = await desk.confirm(path, check)
    signing.store.drafts.drop(
        signing.roles["mentors"][0], signing.id, signing.find("sign-off m1").key
    )
    opened = await desk.get(path)
    await desk.confirm(path, sent)
    await refreshed(signing)
    after = await desk.get(path)

    assert sent.status == 503
    assert "in a few minutes" in sent.text
    assert [NOT_CONFIRMED in page.text for page in (before, opened, after)] == [False, True, False]
    told = opened.text.split("What you have sent</h2>")[1].split("</section>")[0]
    assert "Ask for changes: another round" in told
    assert "The second chapter is missing." in told
    assert NOT_CONFIRMED in opened.text.split("<h1>")[0]
