"""What people say on their own page: they withdraw, raise a concern, correct their address."""

import pytest

from residency.errors import UnavailableError
from residency.wire import Exit, Tag
from tests.web.persons import action_in, browser, house, rehearsal, resident, rows, settings  # noqa: F401  # Fixtures.


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Please say why"),
        ({"reason": "A job", "name": ""}, "Please type"),
        ({"reason": "A job", "name": "yes"}, "Please type"),
        ({"reason": " ", "name": "Person 0"}, "Please say why"),
        ({"reason": "x" * 6012, "name": "Person 0"}, "Please shorten it by 1,012 characters"),
    ],
)
async def test_withdrawing_takes_a_reason_and_the_name(browser, resident, typed, sentence):  # noqa: F811  # The fixtures.
    path = f"{browser.home(resident.person)}/withdraw/{resident.id}"

    page = await browser.post(path, **typed)

    assert page.status == 422
    assert sentence in page.text
    assert typed.get("reason", "").strip() in page.text  # Whole, also where it is too long.
    assert resident.events(Tag.ENDED) == []


async def test_withdrawing_is_recorded_once_with_its_reason(browser, resident):  # noqa: F811  # As above.
    path = f"{browser.home(resident.person)}/withdraw/{resident.id}"
    action = action_in(await browser.get(path))
    typed = {"reason": "A job <b>elsewhere</b>", "name": " person  0 ", "action": action}

    first = await browser.post(path, **typed)
    again = await browser.post(path, **typed)
    after = await browser.get(browser.home(resident.person))
    late = await browser.get(path)

    (ended,) = resident.events(Tag.ENDED)
    assert (first.status, again.status) == (200, 200)
    assert "You have withdrawn" in first.text
    assert "It was recorded before" in again.text
    assert ended.data["how"] == Exit.WITHDRAWN
    assert ended.actor == resident.person
    assert resident.store.submissions.get(ended.submission).text == "A job <b>elsewhere</b>"
    assert "It ended on" in after.text
    assert "Nothing to withdraw from" in late.text


async def test_second_withdrawal_by_another_page_says_that_it_has_ended(browser, resident):  # noqa: F811  # As above.
    path = f"{browser.home(resident.person)}/withdraw/{resident.id}"
    one, other = [action_in(await browser.get(path)) for _ in range(2)]
    typed = {"reason": "A job", "name": "Person 0"}

    await browser.post(path, **typed, action=one)
    second = await browser.post(path, **typed, action=other)

    assert second.status == 409
    assert "It has ended meanwhile" in second.text
    assert "(withdrawn)" not in second.text
    assert len(resident.events(Tag.ENDED)) == 1


async def test_concern_reaches_coordinators_alone(browser, resident):  # noqa: F811  # As above.
    words = "My desk is in a corridor, and nobody answers."
    path = f"{browser.home(resident.person)}/concern/{resident.id}"
    action = action_in(await browser.get(path))

    page = await browser.post(path, reason=words, action=action)
    await resident.settled()
    mentor = await browser.get(browser.home(resident.mentor.id))
    coordinator = resident.start.coordinators[0]
    told = [row for row in resident.mails() if row.notice == "concern-raised"]

    assert "Your concern is on its way" in page.text
    assert {row.receiver for row in told} <= set(resident.start.coordinators)
    assert coordinator in {row.receiver for row in told}
    assert "oncern:" not in mentor.text
    assert words not in mentor.text


async def test_mentor_may_raise_a_concern_too(browser, resident):  # noqa: F811  # As above.
    path = f"{browser.home(resident.mentor.id)}/concern/{resident.id}"
    action = action_in(await browser.get(path))

    page = await browser.post(path, reason="They have gone quiet.", action=action)
    theirs = await browser.get(browser.home(resident.person))

    assert page.status == 200
    assert resident.events(Tag.FLAGGED)[0].data["by"] == resident.mentor.id
    assert "gone quiet" not in theirs.text


async def test_address_is_read_once_more_before_it_is_changed(browser, resident):  # noqa: F811  # As above.
    path = f"{browser.home(resident.person)}/address"
    action = action_in(await browser.get(path))
    typed = {"email": "new.person@example.org", "action": action}

    check = await browser.post(path, **typed, step="check")
    unchanged = resident.store.people.get(resident.person).email
    done = await browser.post(path, **typed, step="confirm")

    assert "From now on we write to" in check.text
    assert unchanged == "person0@example.org"
    assert "Your address is changed" in done.text
    assert resident.store.people.get(resident.person).email == "new.person@example.org"


@pytest.mark.parametrize("action", ["the same", "another page's"])
async def test_address_that_is_confirmed_once_more_says_that_it_was(browser, resident, action):  # noqa: F811  # As above.
    path = f"{browser.home(resident.person)}/address"
    first = action_in(await browser.get(path))
    typed = {"email": "new.person@example.org", "step": "confirm"}
    await browser.post(path, **typed, action=first)
    await resident.settled()  # The receipt is on its way.
    rows_before = rows(resident.store)

    again = first if action == "the same" else action_in(await browser.get(path))
    page = await browser.post(path, **typed, action=again)

    assert page.status == 200
    assert "It was recorded before; nothing was done twice." in page.text
    assert "Your address is changed" in page.text
    assert rows(resident.store) == rows_before


@pytest.mark.parametrize(
    ("email", "sentence"),
    [
        ("", "That is no address"),
        ("nobody", "That is no address"),
        ("PERSON0@example.org", "That is the address that we have"),
        ("mentor1@example.org", "That address can&#39;t be used here"),
    ],
)
async def test_bad_addresses_are_refused(browser, resident, email, sentence):  # noqa: F811  # As above.
    path = f"{browser.home(resident.person)}/address"

    page = await browser.post(path, email=email, step="check", action="a-one")

    assert page.status == 422
    assert sentence in page.text
    assert resident.store.people.get(resident.person).email == "person0@example.org"


async def test_what_can_not_be_sent_is_kept(browser, resident, monkeypatch):  # noqa: F811  # As above.
    path = f"{browser.home(resident.person)}/concern/{resident.id}"
    action = action_in(await browser.get(path))
    connect = browser.house.connect

    async def away(**_):
        raise UnavailableError("The Temporal server can't be reached: secret-host:7233")

    monkeypatch.setattr("web.door.QUIET", 0.0)
    monkeypatch.setattr(browser.house, "connect", away)
    failed = await browser.post(path, reason="Nobody answers.", action=action)
    opened = await browser.get(path)
    monkeypatch.setattr(browser.house, "connect", connect)
    sent = await browser.post(path, reason="Nobody answers.", action=action)
    after = await browser.get(path)

    assert failed.status == 503
    assert "Not sent yet" in failed.text
    assert "secret-host" not in failed.text
    assert action in failed.text
    assert "Nobody answers." in failed.text
    assert "Nobody answers." in opened.text
    assert sent.status == 200
    assert "Nobody answers." not in after.text
    assert len(resident.events(Tag.FLAGGED)) == 1


async def test_hostile_words_are_words(browser, resident):  # noqa: F811  # As above.
    words = "</textarea><script>alert(1)</script>\x00 {{ 7 * 7 }} \u202e"
    path = f"{browser.home(resident.person)}/withdraw/{resident.id}"

    page = await browser.post(path, reason=words, name="<img src=x>")

    assert page.status == 422
    assert "<script>alert" not in page.text
    assert "<img src=x>" not in page.text
    assert "{{ 7 * 7 }}" in page.text
