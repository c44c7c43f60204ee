"""When and where applications are taken, and what is said where they are not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

from intake import KEPT, window
from tests.web.applicants import ADA, Site, filled, mark_of, page_text


async def test_too_early_says_when_it_opens(site):
    row = site.open(opens=3)

    page = await site.get(site.path)
    posted = await site.post(site.path, step="save", email=ADA)

    assert page.status_code == 200
    assert "when that day begins in Paris. Come back then" in page_text(page)
    assert f'datetime="{row.opens}"' in page.text
    assert (posted.status_code, site.mails()) == (409, [])
    assert "<form" not in page.text


async def test_too_late_says_when_it_closed_and_what_is_open(site):
    site.open(name="next")
    row = site.open(opens=-20, closes=-1)

    page = await site.get(site.path)
    posted = await site.browser.post(site.path, data={"step": "save", "email": ADA})

    assert "Applications were taken until" in page_text(page)
    assert f'href="/apply/{row.program}/next"' in page.text
    assert "Your application was not taken" in posted.text
    assert site.store.applications.of_address(row.id, ADA) == []


async def test_draft_of_a_closed_cohort_says_when_it_is_forgotten(site, monkeypatch):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    mark = mark_of(await site.browser.post(path, data=filled(site, row)))
    _close(site, row)

    page = await site.get(path)
    sent = await site.post(path, step="send", sure="yes", mark=mark)

    assert "What you had begun was not sent. It is deleted on" in page_text(page)
    assert "Applications are closed" in sent.text
    assert site.store.applications.waiting() == []


async def test_drafts_are_forgotten_thirty_days_after_the_close(site):
    row = site.open()
    path = await site.begin(row)
    await site.begin(row, email="bob@example.org")
    await site.send(row, path)
    over = window(row).closes + KEPT

    early = site.house.intake.forget_drafts(at=over - timedelta(seconds=1))
    late = site.house.intake.forget_drafts(at=over)

    assert (early, late) == (0, 1)
    assert site.store.applications.of_address(row.id, "bob@example.org") == []
    assert len(site.store.applications.of_address(row.id, ADA)) == 1


def _close(site, row):
    """Moves a cohort's last day into the past."""
    closed = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    with site.store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE cohorts SET closes = ? WHERE id = ?", (closed, row.id))


async def test_unknown_program_and_cohort_get_a_friendly_page(site):
    site.open()

    for path in ("/apply/nothing/2022", f"{site.path}x", "/apply/😀/2022"):
        page = await site.get(path)
        posted = await site.browser.post(path, data={"step": "save"})

        assert (page.status_code, posted.status_code) == (404, 404)
        assert "Nobody takes applications here" in page.text


async def test_program_that_takes_applications_elsewhere_leads_there(site):
    def elsewhere(definition):
        stage = definition.program.stages.application
        stages = definition.program.stages.model_copy(
            update={
                "application": stage.model_copy(
                    update={"channel": stage.channel.model_copy(update={"here": False})}
                )
            }
        )
        return replace(definition, program=definition.program.model_copy(update={"stages": stages}))

    site.open(change=elsewhere)

    page = await site.get(site.path)

    assert 'href="https://apply.workable.com/huggingface/j/1B77519961/"' in page.text
    assert '<form method="post"' not in page.text


async def test_without_a_public_address_nothing_is_taken(data):
    made = Site(data, public_url=None)
    made.open()

    page = await made.get(made.path)
    made.store.close()

    assert page.status_code == 200
    assert "This page can't take applications just now." in unescape(page.text)


BROUGHT = "Answer the mail that brought you here"


async def test_only_where_a_mails_link_leads_is_that_mail_to_be_answered(site):
    row = site.open(change=lambda one: _answered_at(one, None))
    mailed = await site.begin(row)

    public = [await site.get(path) for path in (site.path, "/apply/no/such", "/nowhere", "/link")]
    private = [await site.get(path) for path in (mailed, "/t/gone", "/me/gone")]

    assert [BROUGHT in page.text for page in public] == [False] * 4
    assert [BROUGHT in page.text for page in private] == [True] * 3


async def test_application_page_names_the_address_of_its_program(site):
    site.open(change=lambda one: _answered_at(one, "ask@program.example"))

    page = await site.get(site.path)

    assert 'Write to <a href="mailto:ask@program.example">' in page.text
    assert BROUGHT not in page.text


def _answered_at(definition, address):
    mail = definition.program.mail.model_copy(update={"reply_to": address})
    return replace(definition, program=definition.program.model_copy(update={"mail": mail}))


async def test_bare_post_to_an_application_changes_nothing(site):
    """Of one that was sent it leads back to its receipt."""
    row = site.open()
    path = await site.begin(row)
    answers, kept = [], []

    for step in ("unconfirmed", "confirmed", "sent"):
        before = site.store.applications.of_address(row.id, ADA)
        answers.append(await site.post(path))
        kept.append(site.store.applications.of_address(row.id, ADA) == before)
        if step == "unconfirmed":
            await site.post(path, mine="yes")
        if step == "confirmed":
            await site.send(row, path)

    assert [answer.status_code for answer in answers] == [422, 200, 303]
    assert answers[2].headers["location"] == path
    assert kept == [True, True, True]
