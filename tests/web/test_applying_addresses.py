"""Whose address it is that somebody applies with: what a stranger may do, and what nobody is told."""

import re
from datetime import UTC, datetime

import pytest
from limits import RateLimitItemPerHour

from intake import Applicant
from store.applications import Application
from tests.web.applicants import ADA, filled, mark_of, page_text
from tests.web.crowded import statements
from web import applying
from web.limiting import Limits, Rate

# Whose address it is


async def test_stranger_neither_reads_nor_changes_a_confirmed_application(site):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    kept = site.store.applications.of_address(row.id, ADA)

    answer = await site.browser.post(
        site.path, data=filled(site, row, name="Mallory", draft="d-two")
    )
    same_page = await site.browser.post(site.path, data=filled(site, row, name="Mallory"))
    found = site.store.applications.of_address(row.id, ADA)

    assert found[0] == kept[0]
    assert [one.confirmed is None for one in found] == [False, True]
    assert "Ada Lovelace" not in answer.text + same_page.text


async def test_owner_of_two_chooses_which_one_goes_on(site):
    row = site.open()
    first = await site.begin(row)
    await site.post(first, mine="yes")
    second = await site.begin(row, name="Ada B.", draft="d-two")

    asked = await site.get(second)
    chosen = await site.post(second, mine="yes")
    dead = await site.get(first)

    (left,) = site.store.applications.of_address(row.id, ADA)
    assert "You have another application with this address" in page_text(asked)
    assert (chosen.status_code, dead.status_code) == (303, 404)
    assert left.given["name"] == "Ada B."


async def test_owner_of_two_goes_on_with_the_older_one(site):
    row = site.open()
    first = await site.begin(row)
    await site.post(first, mine="yes")
    second = await site.begin(row, name="Ada B.", draft="d-two")

    chosen = await site.post(second, mine="other")
    page = await site.get(chosen.headers["location"])

    (left,) = site.store.applications.of_address(row.id, ADA)
    assert left.given["name"] == "Ada Lovelace"
    assert 'value="Ada Lovelace"' in page.text


async def test_whoever_did_not_begin_it_deletes_it(site):
    row = site.open()
    path = await site.begin(row)

    gone = await site.post(path, mine="no")

    assert "It is deleted" in gone.text
    assert site.store.applications.of_address(row.id, ADA) == []
    assert (await site.get(path)).status_code == 404


async def test_owner_deletes_a_draft_only_by_saying_so(site):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")

    unsure = await site.post(path, step="drop")
    kept = site.store.applications.of_address(row.id, ADA)
    await site.post(path, step="drop", gone="yes")

    assert "Delete this application" in unsure.text
    assert len(kept) == 1
    assert site.store.applications.of_address(row.id, ADA) == []


async def test_first_mail_greets_nobody_by_what_a_stranger_typed(site):
    row = site.open()

    await site.begin(row, name="evil.example is waiting for you")

    (subject, text) = site.mails()[-1]
    assert "please confirm your address" in subject
    assert "evil" not in text


# The same answer, whether an address is known or not


async def test_answer_is_the_same_for_a_known_address_whose_mail_says_so(site):
    row = site.open()
    applicant = Applicant(name="Ada", email=ADA)
    site.house.intake.prepare(row, applicant, at=datetime.now(UTC), residency="r-known")
    _started_before(site, row)

    known = await site.browser.post(site.path, data=filled(site, row))
    other = await site.browser.post(site.path, data=filled(site, row, email="new@example.org"))

    assert _less(known, ADA) == _less(other, "new@example.org")
    assert [subject for subject, _ in site.mails()] == [
        "Your application to the 🤗 AI Research Residency Program is with us already"
    ]
    assert "please confirm" in site.mails("new@example.org")[0][0]
    assert site.store.applications.of_address(row.id, ADA) == []


async def test_link_is_sent_again_and_the_answer_is_the_same_for_nobody(site):
    row = site.open()
    now = datetime.now(UTC)
    site.store.applications.begin(
        Application(id="d-one", cohort=row.id, email=ADA, created=now, changed=now)
    )

    known = await site.post(site.path, step="link", again=ADA.upper())
    nobody = await site.post(site.path, step="link", again="nobody@example.org")

    assert _less(known, ADA.upper()) == _less(nobody, "nobody@example.org")
    assert "Is it yours?" in (await site.get(site.link())).text
    assert len(site.mails()) == 1
    assert site.mails("nobody@example.org") == []


async def test_sent_application_is_not_sent_twice(site):
    row = site.open()
    path = await site.begin(row)
    await site.send(row, path)

    again = await site.browser.post(site.path, data=filled(site, row, draft="d-two"))

    assert again.status_code == 200
    assert "is with us already" in site.mails()[-1][0]
    assert len(site.store.applications.of_address(row.id, ADA)) == 1


async def test_somebody_who_applied_by_another_way_meanwhile_sends_no_second_one(site):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    mark = mark_of(await site.browser.post(path, data=filled(site, row)))
    applicant = Applicant(name="Ada", email=ADA)
    site.house.intake.prepare(row, applicant, at=datetime.now(UTC), residency="r-known")
    _started_before(site, row)

    await site.post(path, step="send", sure="yes", mark=mark)

    assert site.store.applications.of_address(row.id, ADA) == []
    assert "is with us already" in site.mails()[-1][0]


def _started_before(site, row):
    """The residency r-known, as if its record had begun."""
    person = site.store.people.by_email(ADA)
    with site.store.database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO residencies (id, cohort, person, definition, next_at) VALUES (?, ?, ?, ?, NULL)",
            ("r-known", row.id, person.id, row.definition),
        )


def _less(answer, address):
    return answer.status_code, re.sub(r'nonce="[^"]+"', "", answer.text).replace(address, "")


# Limits


async def test_client_is_written_for_a_few_times_an_hour_and_loses_nothing(site):
    row = site.open()
    site.use(Limits())

    answers = [
        await site.browser.post(
            site.path, data=filled(site, row, step="save", email=f"a{number}@example.org")
        )
        for number in range(21)
    ]

    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert 'value="Ada Lovelace"' in answers[-1].text
    assert site.mails("a20@example.org") == []


@pytest.mark.parametrize("step", ["save", "check"])
async def test_address_is_written_to_three_times_an_hour_and_loses_nothing(site, step):
    row = site.open()
    site.use(Limits())

    answers = [
        await site.browser.post(
            site.path, data=filled(site, row, step=step, draft=f"d-{number}", name=f"Ada {number}")
        )
        for number in range(5)
    ]

    kept = site.store.applications.of_address(row.id, ADA)
    assert {(answer.status_code, page_text(answer)) for answer in answers} == {
        (200, page_text(answers[0]))
    }
    assert "unless we wrote there often in the last hour" in page_text(answers[0])
    assert len(site.mails()) == 3
    assert {one.given["name"] for one in kept} == {f"Ada {number}" for number in range(5)}


async def test_what_no_mail_went_for_is_reached_by_a_link_that_is_asked_for_later(site):
    row = site.open()
    site.use(Limits({Rate.ADDRESS: RateLimitItemPerHour(0)}))
    await site.browser.post(site.path, data=filled(site, row, step="save", name="Ada B."))
    none_went = site.mails()
    site.use(Limits({}))

    await site.post(site.path, step="link", again=ADA)
    await site.post(site.link(), mine="yes")

    assert none_went == []
    assert 'value="Ada B."' in (await site.get(site.link())).text


async def test_known_and_unknown_addresses_are_answered_with_the_same_work(site, monkeypatch):
    """What is asked of the database before the answer goes tells them apart, if nothing else does."""
    row = site.open()
    applicant = Applicant(name="Ada", email=ADA)
    site.house.intake.prepare(row, applicant, at=datetime.now(UTC), residency="r-known")
    _started_before(site, row)
    monkeypatch.setattr(applying, "write_first", lambda *_: None)  # Runs after the answer.

    asked = {}
    for address in ("warm@example.org", ADA, "new@example.org"):
        with statements(site.store) as sent:
            await site.browser.post(site.path, data=filled(site, row, email=address))
        asked[address] = ([statement for statement, _ in sent.reads], sent.writes)

    assert asked[ADA] == asked["new@example.org"]


async def test_page_promises_nobody_what_holds_for_some(site):
    """Where somebody has applied before, what was typed goes; so nobody is told that it stays anyway."""
    row = site.open()

    page = page_text(await site.browser.post(site.path, data=filled(site, row)))

    assert "Your answers are complete. A mail is on its way" in page
    assert "Only if an application was sent with this address before, it is not kept" in page
    assert "complete, and they are kept" not in page
