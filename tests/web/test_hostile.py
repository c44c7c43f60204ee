"""Hostile text in every field of every form: it is shown as text, and nothing comes of it."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy import update

from store.grants import Purpose
from store.tables import grants, people, task_people
from tests import crowd
from tests.web.applicants import filled
from tests.web.crowded import NUMBER
from tests.web.scanner import Markup, dump

_BREAKING_OUT = (
    "<x-evil y-evil=1>",
    "\"><x-evil y-evil=1> ' y-evil=1 autofocus onfocus=alert(1) x='",
    "</textarea></form></main><x-evil>",
    "</title></style></script><script>evil()</script>",
)
MARKS = {
    "markup": " ".join(_BREAKING_OUT),
    "template": "{{7*7}}{% for x in 'evil' %}{{ self }}{% endfor %} \u202eevil\u2066 \u200f \U0001f600",
    "address": "javascript:evil()//https://",
    "lines": "one\r\nX-Evil: 1\r\n\r\n<x-evil>\0evil\x1b[31m\ufffe",
    "long": "<x-evil>" * 1250,  # 10,000 signs
}
NO_NEW_ATTRIBUTE = re.compile(r"^(on|y-evil)|^(style|srcdoc)$")


def sound(page):
    """Whether a page has no element or attribute that is not ours, nor a header that was typed."""
    markup = Markup(page.text)
    assert "x-evil" not in markup.tags
    assert [one for one in markup.attributes if NO_NEW_ATTRIBUTE.search(one[1])] == []
    assert markup.tags.count("main") == 1
    scripts = re.findall(r"<(?:script|style)\b[^>]*>", page.text)
    assert all("nonce=" in one for one in scripts)
    assert [link for link in markup.links if link.startswith("javascript")] == []
    assert "x-evil" not in page.headers
    assert "49{%" not in page.text
    return markup


def spoiled(form, mark):
    """The form with a hostile text in all that can be typed, and everything hidden as it was."""
    hidden = dict(form.hidden)
    return [(name, hidden.get(name, mark)) for name, _ in form.fields]


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
async def test_hostile_text_in_every_field_changes_nothing(few, mark):
    forms = 0
    for path in [*few.paths.values(), "/link"]:
        page = await few.get(path)
        if not page.headers.get("content-type", "").startswith("text/html"):
            continue
        before = dump(few.store)
        for form in Markup(page.text).forms:
            forms += 1
            for button in form.buttons:
                to = form.action or path
                fields = [*spoiled(form, mark), *([button] if button[1] != "save" else [])]
                answer = await few.send("POST", to, fields)
                assert answer.status in {200, 303, 409, 422, 503}, (path, answer.status)
                if answer.status != 303:
                    sound(answer)
        assert _less(dump(few.store)) == _less(before), path
    assert forms > 10


def _less(tables):
    """Without what is kept to be sent later: Temporal is away here."""
    return {name: rows for name, rows in tables.items() if name not in {"drafts", "submissions"}}


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
async def test_hostile_draft_is_shown_as_it_was_typed(few, mark):
    """Kept by one request, shown by another: of what fits only NUL is lost; nothing becomes markup."""
    path = few.task(crowd.SIGN_OFF, crowd.mentor(NUMBER))
    (form,) = [one for one in Markup((await few.get(path)).text).forms if len(one.fields) > 1]
    names = [name for name, _ in form.fields if name not in dict(form.hidden)]

    kept = await few.send("POST", path, [*spoiled(form, mark), ("step", "save")])
    again = await few.get(path)

    sound(kept)
    shown = dict(sound(again).forms[0].fields)
    wanted = mark.replace("\0", "").replace("\r\n", "\n")
    areas = set(re.findall(r'<textarea[^>]* name="([^"]+)"', again.text))
    assert kept.status == (422 if mark == MARKS["long"] else 200)  # A line is shorter than a text.
    assert areas & set(names)
    found = {shown[name].replace("\r\n", "\n") for name in areas & set(names)}
    assert wanted in found
    assert all(wanted.startswith(each) for each in found)  # As much of it as its field takes.


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
async def test_hostile_names_stay_names(few, mark):
    """A name is typed by whoever applies, and read by everybody."""
    with few.store.database.writing() as connection:
        connection.execute(update(people).values(name=mark, given_name=mark))

    for path in few.paths.values():
        page = await few.get(path)
        if page.headers["content-type"].startswith("text/html"):
            assert page.status in {200, 405}
            sound(page)
        else:
            assert "\r\n\r\n" not in page.text


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
async def test_hostile_application_is_text_until_it_is_read(site, mark):
    row = site.open()
    path = await site.begin(row)
    await site.post(path, mine="yes")
    typed = {
        name: value if name in {"step", "draft", "email", "locale", "zone"} else mark
        for name, value in filled(site, row, step="save").items()
    }

    saved = await site.browser.post(path, data=typed)
    checked = await site.browser.post(path, data=typed | {"step": "check"})
    shown = await site.get(path)

    for page in (saved, checked, shown):
        sound(page)
        assert page.status_code in {200, 422}
    (application,) = site.store.applications.of_address(row.id, "ada@example.org")
    assert application.sent is None
    visible = unescape(shown.text)
    assert mark[:20].replace("\0", "").split("\r\n")[0].strip() in visible


def expire(store):
    """As if what was given had been given long ago."""
    with store.database.writing() as connection:
        connection.execute(update(grants).values(expires=datetime.now(UTC) - timedelta(seconds=1)))


def revoke(store):
    store.grants.revoke(crowd.resident(NUMBER), at=datetime.now(UTC))


@pytest.mark.parametrize("end", [expire, revoke])
async def test_expired_and_revoked_links_are_as_dead_as_forged_ones(few, end):
    paths = few.paths
    purposes = {
        Purpose.TASK: "/t/{token}",
        Purpose.PERSON: "/me/{token}",
        Purpose.CALENDAR: "/calendar/{token}.ics",
    }
    forged = await few.get("/t/forged")

    living = await few.get(paths[purposes[Purpose.TASK]])
    end(few.store)

    assert living.status == 200
    for room in purposes.values():
        for method in ("GET", "POST"):
            page = await few.send(method, paths[room], [("step", "confirm")])
            if method == "GET":
                nonce = re.compile(r'nonce="[^"]+"')
                assert nonce.sub("", page.text) == nonce.sub("", forged.text)
            assert page.status == 404 or room.startswith("/calendar") or room == "/me/{token}"
            assert page.status in {404, 405}


async def test_link_of_somebody_who_is_not_asked_any_more_is_dead(few):
    """Given to another mentor: the old link neither reads nor writes, the new one's does."""
    old, new = crowd.mentor(NUMBER), crowd.mentor(NUMBER + 5)
    link, inside = few.task(crowd.SIGN_OFF, old), few.me(old)
    key = crowd.SIGN_OFF.replace("/", "~")
    with few.store.database.writing() as connection:
        whose = task_people.c.residency == crowd.residency(NUMBER)
        connection.execute(
            update(task_people).where(whose, task_people.c.key == crowd.SIGN_OFF).values(person=new)
        )
    before = dump(few.store)
    dead = [link, f"{link}/later", f"{link}/undo"]
    dead += [
        f"{inside}/task/{crowd.residency(NUMBER)}/{key}{end}" for end in ("", "/later", "/undo")
    ]

    answers = [
        await few.send(
            method, path, [("step", "confirm"), ("outcome", "approved"), ("sure", "yes")]
        )
        for path in dead
        for method in ("GET", "POST")
    ]

    assert {answer.status for answer in answers} == {404}
    assert dump(few.store) == before
    assert (await few.get(few.task(crowd.SIGN_OFF, new))).status == 200
