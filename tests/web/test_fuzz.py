"""Every route, asked for anything: never a fault of ours, always guarded, and no token in a log."""

import json
import logging
from functools import cache
from urllib.parse import quote

import pytest
import structlog
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect

from tests.web.asking import ask
from tests.web.browsing import HOST, OURS
from tests.web.crowded import statements
from web.limiting import Limits
from web.pages import asset
from web.security import Guard

GUARDED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow",
    "x-frame-options": "DENY",
}
PUBLIC = {
    "/link": "/link",
    "/healthz": "/healthz",
    "/webhooks/sendgrid": "/webhooks/sendgrid",
    "/static/{digest}/{name}": asset("style.css"),
    "/apply/{program}/{cohort}": "/apply/{program}/{cohort}",
    "/a/{token}": "/a/{token}",
}
METHODS = ["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "BREW"]
NAMES = [
    "step", "page", "action", "outcome", "reason", "name", "email", "sure", "flag", "weeks", "day",
    "keep", "mine", "gone", "again", "zone", "locale", "mark", "draft", "answer-", "answer-done",
    "answer-progress", "answer-hours", "identity-x",
]  # fmt: skip  # A row a line reads best.
WORDS = [
    "", "check", "confirm", "save", "edit", "send", "drop", "link", "yes", "no", "approved", "changes",
    "\0", "\ud800", "é" * 300, "{{7*7}}", "<script>", "a" * 20_000, "9" * 5000, "1e999", "nan", "-0",
    "2027-02-30", "0000-00-00", "9999-12-31", "25:61", "x@y", "a@b.example", "\u202e", "\r\n\r\n",
    "../../etc/passwd", "' OR 1=1 --",
]  # fmt: skip  # As above.
TEXTS = st.one_of(st.sampled_from(WORDS), st.text(max_size=40))


def routes(app):
    """Path and methods of every route."""
    return [(one.path, set(one.methods or ())) for one in iter_route_contexts(app.routes)]


def paths_of(browser):
    """A living path for each route."""
    return PUBLIC | {path: found for path, found in browser.paths.items() if path.startswith("/")}


def test_every_route_is_known(few):
    """A new route belongs in `Crowd.paths` or PUBLIC, and so into the tests that ask for each."""
    found = {path for path, _ in routes(few.app)}

    assert found == set(paths_of(few))
    assert len(found) > 15


async def test_reading_writes_nothing_at_any_route(few):
    paths = paths_of(few)
    wrote, statuses = {}, {}

    for path, living in [*paths.items(), *few.paths.items()]:
        for method in ("GET", "HEAD", "OPTIONS"):
            with statements(few.store) as sent:
                page = await few.send(method, living)
            if sent.writes:
                wrote[method, path] = sent.writes
            statuses[method, path] = page.status

    assert wrote == {}
    assert max(statuses.values()) < 500
    readable = {path for path, methods in routes(few.app) if "GET" in methods}
    post_only = {path for path, _ in routes(few.app)} - readable
    gone = {"/a/{token}", "/apply/{program}/{cohort}"}  # Nobody applies here.
    assert {
        path for (method, path), status in statuses.items() if method == "GET" and status != 200
    } == post_only | gone


async def test_method_that_a_route_does_not_know_is_named(few):
    answer = await few.send("DELETE", few.paths["/me/{token}"])

    assert answer.status in {403, 405}
    read = await few.send("GET", few.paths["/me/{token}/calendar"])
    assert (read.status, read.headers["allow"]) == (405, "POST")


async def test_links_of_one_kind_open_no_other_room(few):
    """Every token at every route that has one: only its own kind's answers, all others alike."""
    living, paths = few.tokens(), paths_of(few)
    rooms = {path: found for path, found in paths.items() if "{token}" in path}
    own = {"/t/": "task", "/me/": "person", "/calendar/": "calendar"}
    answers, opened = set(), set()

    for path, found in rooms.items():
        if path in PUBLIC or path == "/me/{token}/calendar":
            continue
        right = next(token for token in living.values() if token in found)
        for purpose, token in living.items():
            middle = "A" if token[-9] != "A" else "B"
            forged = [f"{token[:-9]}{middle}{token[-8:]}", token.upper(), token[:-1]]
            for given_ in [token, *forged]:
                page = await few.send("GET", found.replace(right, given_))
                if page.status == 200:
                    opened.add((path, purpose.value, given_ == token))
                else:
                    nonce = page.headers["content-security-policy"].split("'nonce-")[1][:22]
                    answers.add((page.status, page.text.replace(nonce, "")))

    expected = {
        (path, purpose, True)
        for path in rooms
        for start, purpose in own.items()
        if path.startswith(start) and path != "/me/{token}/calendar"
    }
    assert opened == expected
    assert len(answers) == 1


@pytest.mark.parametrize(
    "content", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
async def test_ten_megabytes_are_refused_however_they_come(few, content):
    """Without a length that says so beforehand, piece by piece."""
    head = b'--x\r\nContent-Disposition: form-data; name="reason"\r\n\r\n'
    pieces = [head if "multipart" in content else b"reason=", *[b"a" * 65_536] * 160]
    headers = {**OURS, "Host": HOST, "Content-Type": content}

    for path in (few.paths["/t/{token}"], few.paths["/me/{token}/concern/{residency}"], "/link"):
        answer, unread = await ask(few.app, "POST", path, headers=headers, parts=pieces)

        assert (path, answer.status) == (path, 413)
        assert unread > 100
        assert answer.headers.items() >= GUARDED.items()


async def test_request_that_breaks_off_is_no_fault_of_ours():
    async def gone(_scope, _receive, _send):
        raise ClientDisconnect

    guard = Guard(gone, base="", limits=Limits({}), broken=None)

    answer, _ = await ask(guard, "GET", "/link")

    assert answer.status == 400
    assert answer.headers.items() >= GUARDED.items()


async def test_fault_of_ours_is_a_plain_guarded_page_and_is_logged(few, monkeypatch):
    def fail(*_):
        raise RuntimeError("secret-of-ours")

    monkeypatch.setattr(few.store.lists, "residency", fail)
    with structlog.testing.capture_logs() as logged:
        page = await few.get(few.paths["/t/{token}"])

    assert page.status == 500
    assert page.headers.items() >= GUARDED.items()
    assert page.headers["cache-control"] == "no-store"
    assert "secret-of-ours" not in page.text
    assert [line["event"] for line in logged] == ["web.failed"]


@pytest.mark.parametrize("origin", ["http://[", "http://a:b:c", "://", "\u00e9", "null, null"])
async def test_half_an_origin_is_a_foreign_one(few, origin):
    answer = await few.send("POST", "/link", [("email", "a@b.example")], Origin=origin)

    assert answer.status == 403


@pytest.mark.parametrize("length", ["\u00b2", "9" * 5000, "+1", " 1", "1_0"])
async def test_length_that_is_no_number_is_refused(few, length):
    answer = await few.send("POST", "/link", [], **{"Content-Length": length})

    assert answer.status == 413


HEADERS = st.dictionaries(
    st.sampled_from(
        ["Host", "Origin", "Sec-Fetch-Site", "Content-Type", "Content-Length", "If-None-Match",
         "Accept", "X-Forwarded-For", "Range", "Cookie", "Transfer-Encoding"]
    ),
    st.one_of(
        st.sampled_from(["", "null", "same-origin", "cross-site", "-1", "1e3", "multipart/form-data",
                         "multipart/form-data; boundary=", "application/json", "a" * 9000, "http://["]),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=30),
    ),
    max_size=3,
)  # fmt: skip  # As above.
FIELDS = st.lists(st.tuples(st.sampled_from(NAMES) | TEXTS, TEXTS), max_size=8)


@cache
def _patterns():
    return [
        *sorted(PUBLIC), "/t/{token}", "/t/{token}/undo", "/t/{token}/later",
        "/me/{token}", "/me/{token}/address",
        "/me/{token}/r/{residency}", "/me/{token}/withdraw/{residency}",
        "/me/{token}/concern/{residency}", "/me/{token}/calendar", "/calendar/{token}.ics",
        "/me/{token}/task/{residency}/{key}", "/me/{token}/task/{residency}/{key}/undo",
        "/me/{token}/task/{residency}/{key}/later",
    ]  # fmt: skip  # As above.


@settings(
    max_examples=120,
    deadline=None,  # Other things run on this machine.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    pattern=st.sampled_from(_patterns()),
    is_living=st.booleans(),
    parts=st.lists(TEXTS, min_size=3, max_size=3),
    method=st.sampled_from(METHODS),
    headers=HEADERS,
    fields=FIELDS,
)
async def test_anything_may_be_asked(few, pattern, is_living, parts, method, headers, fields):
    path = paths_of(few)[pattern] if is_living else pattern
    for name, part in zip(("token", "residency", "key"), parts, strict=True):
        path = path.replace(f"{{{name}}}", part)
    body = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in fields).encode()
    ours = {"Content-Type": "application/x-www-form-urlencoded", **OURS, "Host": HOST}

    with Heard() as heard:
        answer = await asked(few, method, path, body=body, headers=ours | headers)

    assert answer.status < 500 or path.startswith("/webhooks/") or _was_taken(answer)
    assert answer.headers.items() >= GUARDED.items()
    assert "content-security-policy" in answer.headers
    assert "cache-control" in answer.headers
    assert "Traceback" not in answer.body
    for token in few.tokens().values():
        assert token not in heard.text


def _quoted(text):
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def _was_taken(answer):
    """Temporal is away here: what is right is kept, and asked for again."""
    return answer.status == 503 and ("Not sent yet" in answer.body or "try again" in answer.body)


async def asked(browser, method, path, **more):
    """As a server hands it on: what can't be read as UTF-8 is replaced."""
    path = path.encode("utf-8", "replace").decode()
    answer, _ = await ask(browser.app, method, path if path.startswith("/") else f"/{path}", **more)
    return answer


class Heard(logging.Handler):
    """All that is logged meanwhile, by structlog and by libraries, as one text."""

    def __enter__(self):
        self._lines = []
        self._structlog = structlog.testing.capture_logs()
        self._entries = self._structlog.__enter__()
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *error):
        logging.getLogger().removeHandler(self)
        self._structlog.__exit__(*error)

    def emit(self, record):
        self._lines.append(self.format(record))

    @property
    def text(self):
        return "\n".join([*self._lines, json.dumps(self._entries, default=repr)])
