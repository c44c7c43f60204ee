"""What is typed into an application: checked, kept and shown, whatever it is."""

import re
from dataclasses import replace
from datetime import date

import pytest

from mail.direct import DirectMail
from residency.forms import Form, FormField
from tests.web.applicants import ADA, filled, page_text
from web.calls import _validated, call_of, zones
from web.typed import Beginning, _readable, fitting, is_cut


async def test_faults_stand_beside_their_fields_and_what_was_typed_stays(site):
    row = site.open()
    typed = filled(
        site, row, name="", email="no address", zone="Mars/Olympus",
        answer__open_source_links="javascript:alert(1)", answer__positive_change_proposal="",
        identity__communities=["martian"],
    )  # fmt: skip
    del typed["answer-full_time"]

    page = await site.browser.post(site.path, data=typed)

    faulty = re.findall(r'id="([\w-]+)-error"', page.text)
    assert page.status_code == 422
    assert faulty == [
        "name",
        "email",
        "zone",
        "answer-open_source_links",
        "answer-positive_change_proposal",
        "answer-full_time",
        "identity-communities",
    ]
    assert 'value="no address"' in page.text
    assert site.store.applications.of_address(row.id, "no address") == []


async def test_tracks_are_chosen_and_nothing_else(site):
    row = site.open("apple-aiml-internship", seats={"engineering": 2, "research": 2})
    path = await site.begin(row, track="research")

    wrong = await site.browser.post(site.path, data=filled(site, row, track="cooking"))
    sent = await site.send(row, path, track="research")

    (application,) = site.store.applications.waiting()
    assert wrong.status_code == 422
    assert sent.status_code == 303
    assert site.house.intake.taken(application).track == "research"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "{{ 7 * 7 }} {% raw %}",
        "\u202eright to left\u2066",
        "' OR 1=1 --",
        "😀" * 50,
        "a\0b",
        "\r\nBcc: all@example.org",
    ],
)
async def test_hostile_text_is_text_and_nothing_else(site, text):
    row = site.open()
    path = await site.begin(row, step="save", answer__programming_skills=text, name=text)
    await site.post(path, mine="yes")

    draft = await site.get(path)
    checked = await site.browser.post(
        path, data=filled(site, row, answer__programming_skills=text, name=text)
    )

    assert draft.status_code == 200
    assert checked.status_code in (200, 422)
    assert "<script>alert" not in draft.text + checked.text
    assert "49 {% raw" not in draft.text


async def test_ten_thousand_characters_are_taken_and_one_more_is_not(site):
    row = site.open()
    path = await site.begin(row, answer__positive_change_proposal="x\r\n" * 5000)

    long = await site.browser.post(
        site.path, data=filled(site, row, answer__positive_change_proposal="x" * 10_001)
    )
    await site.send(row, path, answer__positive_change_proposal="x\r\n" * 4999 + "xx")

    (application,) = site.store.applications.waiting()
    (submission,) = site.store.submissions.of(application.residency)
    assert long.status_code == 422
    assert "Please shorten it by 1" in page_text(long)
    assert len(submission.answers["positive_change_proposal"]) == 10_000


async def test_files_and_unknown_fields_are_left_out(site):
    row = site.open()

    answer = await site.browser.post(
        site.path,
        data={
            **filled(site, row, step="save", answer__salary="1", identity__secret="2"),
            "answer-programming_skills": b"a file",
        },
        boundary="xxx",
    )

    (application,) = site.store.applications.of_address(row.id, ADA)
    assert answer.status_code == 200
    assert "salary" not in application.given["answers"]
    assert application.identity == {}


async def test_dates_are_said_in_the_readers_zone_too(site):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")

    page = page_text(await site.get(path))

    assert "Applications close" in page
    assert "(Paris time)" in page
    assert "(Tokyo time)" in page


async def test_program_says_its_own_privacy_text(site):
    def own(definition):
        said = {"privacy": "We keep it for one year.\n\nNobody else reads it."}
        return replace(definition, program=definition.program.model_copy(update=said))

    site.open(name="own", change=own)
    page = await site.get(site.path)
    site.open("tiny")
    house = await site.get(site.path)

    assert "<p>We keep it for one year.</p>" in page.text
    assert "is deleted 30 days after applications close" in page_text(house)


async def test_mail_that_can_not_go_harms_nobody(site, monkeypatch):
    row = site.open()

    def broken(*_args, **_more):
        raise OSError("disk full")

    monkeypatch.setattr(DirectMail, "send", broken)
    with pytest.raises(OSError, match="disk full"):
        await site.browser.post(site.path, data=filled(site, row))

    assert len(site.store.applications.of_address(row.id, ADA)) == 1


def test_every_zone_of_the_list_is_a_zone():
    from residency.dates import zone_named

    names = [name for part in zones().values() for name in part]

    assert len(names) > 400
    assert [zone_named(name).key for name in names] == names


LONG = "answer-positive_change_proposal"


async def test_draft_keeps_what_fits_and_shows_the_rest_until_it_is_shorter(site):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    typed = filled(site, row, step="save") | {LONG: "x" * 10_000 + "the end"}

    saved = await site.browser.post(path, data=typed)
    checked = await site.browser.post(path, data=typed | {"step": "check"})
    opened = await site.get(path)

    (application,) = site.store.applications.of_address(row.id, ADA)
    assert application.given["answers"][LONG.removeprefix("answer-")] == "x" * 10_000
    for page in (saved, checked):
        assert page.status_code == 422
        assert "Please shorten it by 7" in page_text(page)
        assert "the end</textarea>" in page.text
    assert "Saved as far as it fits" in saved.text
    assert "the end</textarea>" not in opened.text


async def test_what_is_begun_with_too_long_an_answer_is_not_cut_but_asked_for_again(site):
    row = site.open()
    typed = filled(site, row, step="save") | {LONG: "x" * 10_000 + "the end"}

    page = await site.browser.post(site.path, data=typed)

    assert page.status_code == 422
    assert "the end</textarea>" in page.text
    assert (site.mails(), site.store.applications.of_address(row.id, ADA)) == ([], [])


@pytest.mark.parametrize("is_confirmed", [True, False])
async def test_neither_a_draft_nor_its_page_grows_without_end(site, is_confirmed):
    row = site.open()
    path = site.path
    if is_confirmed:
        path = await site.begin(row)
        await site.post(path, mine="yes")
    typed = filled(site, row, step="save")
    long = {name: "x" * 900_000 for name in typed if name == LONG}
    many = {
        name: "y" * 90_000 if name.startswith("answer-") and name != LONG else value
        for name, value in typed.items()
    }

    pages = [await site.browser.post(path, data=each) for each in (typed | long, many)]

    kept = [repr(one) for one in site.store.applications.of_address(row.id, ADA)]
    assert [len(page.text) < 500_000 for page in pages] == [True, True]
    assert [len(one) < 100_000 for one in kept] == [True] * is_confirmed


async def test_days_are_read_as_days(site):
    row = site.open()
    form = Form(title="A", fields=[FormField(id="day", label="Day", type="date")])

    pairs = call_of(site.store, row).pairs(form, {"day": "2022-04-03"})

    assert pairs == [("Day", date(2022, 4, 3))]


def test_half_a_sign_is_no_sign():
    assert _readable("a\ud800b\0\r\n") == "a?b\n"


def test_an_answer_of_each_kind_is_as_long_as_its_field():
    values = {"a": "A", "b": "B"}
    form = Form(
        title="A",
        fields=[
            FormField(id="line", label="A", length=5),
            FormField(id="text", label="A", type="text"),
            FormField(id="number", label="A", type="number"),
            FormField(id="choices", label="A", type="choices", values=values),
            FormField(id="untouched", label="A"),
        ],
    )

    kept, too_long = fitting(
        {field.id: field for field in form.fields},
        {
            "line": "  exact  ",
            "text": "t" * 10_001,
            "number": "1" * 999,
            "choices": ["a" * 999, "b", "c"],
        },
    )

    assert kept == {
        "line": "exact",
        "text": "t" * 10_000,
        "number": "1" * 200,
        "choices": ["a" * 200, "b"],
    }
    assert too_long == ["text"]


@pytest.mark.parametrize("step", ["save", "check"])
async def test_what_is_longer_than_is_read_is_told_with_its_true_length(site, step):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    typed = filled(site, row, step=step) | {LONG: "x" * 320_000}

    page = await site.browser.post(path, data=typed)

    told = page_text(page)
    assert page.status_code == 422
    assert (
        "Please shorten it by 310,000 characters; 10,000 fit here. It had 320,000, and only its first "
        "100,000 stand here." in told
    )
    assert "All of it still stands below" not in told
    assert ("Of what you sent not all stands below" in told) == (step == "save")


def test_what_is_cut_is_no_answer_even_where_its_beginning_would_fit():
    form = Form(title="A", fields=[FormField(id="a", label="A", type="text", length=100_000)])
    spaced = Beginning.of(" " * 9 + "x" * 100_000, 100_000)
    cut = Beginning.of("x" * 100_001, 100_000)

    assert (spaced, is_cut({"a": spaced})) == ("x" * 100_000, False)
    assert _validated(form, {"a": spaced}, "")[1] == {}
    assert _validated(form, {"a": cut}, "")[1] == {
        "a": "“A”: please shorten it by 1 characters; 100,000 fit here. It had 100,001, and only its "
        "first 100,000 stand here."
    }
