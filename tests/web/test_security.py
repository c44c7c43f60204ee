"""What every answer carries, and which requests are refused before any route is asked."""

import re
from html import unescape
from time import time

import pytest
from limits import RateLimitItemPerMinute
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from residency.settings import load
from tests.web.asking import ask
from web.app import make_app
from web.limiting import Limits, Rate, client_of
from web.pages import Pages
from web.security import LARGEST, Guard
from wiring import House

OURS = {"sec-fetch-site": "same-origin", "origin": "null"}
NONCE = re.compile(r"nonce[=-]\"?[\w-]+\"?")
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def house(tmp_path):
    made = House(load(data=tmp_path))
    yield made
    made.store.close()


@pytest.fixture
def app(house):
    return make_app(house)


@pytest.mark.parametrize("path", ["/t/none", "/nowhere", "/healthz", "/t/none/undo"])
async def test_every_answer_is_guarded(app, path):
    answer, _ = await ask(app, "GET", path)

    told = answer.headers
    assert told["x-content-type-options"] == "nosniff"
    assert told["referrer-policy"] == "no-referrer"
    assert told["cache-control"] == "no-store"
    assert told["x-robots-tag"] == "noindex, nofollow"
    assert "frame-ancestors 'none'" in told["content-security-policy"]
    assert "unsafe" not in told["content-security-policy"]
    assert "strict-transport-security" not in told


async def test_nonce_is_another_one_for_every_answer(app):
    policies = {
        (await ask(app, "GET", "/t/x"))[0].headers["content-security-policy"] for _ in "abc"
    }

    assert len(policies) == 3


async def test_address_with_tls_is_kept_to_it(tmp_path):
    house = House(load(data=tmp_path, public_url="https://door.example.org"))

    answer, _ = await ask(make_app(house), "GET", "/t/none")

    # Other names of the domain are not ours to speak for.
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    house.store.close()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "https://evil.example.org", "host": "door.example.org"},
        {"sec-fetch-site": "cross-site", "origin": "null"},
        {"sec-fetch-site": "same-site", "origin": "https://other.example.org"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "https://evil.example.org", "host": "door"},
    ],
)
async def test_form_of_another_page_is_refused(app, headers):
    answer, _ = await ask(app, "POST", "/t/none", headers=headers, body=b"step=confirm")

    assert answer.status == 403
    assert "nothing was done" in answer.body
    assert "begins with https:// (TLS)" in answer.body
    assert "<title>We can&#39;t tell where this form comes from" in answer.body


@pytest.mark.parametrize("headers", [OURS, {"origin": "http://door:8000", "host": "door:8000"}])
async def test_form_of_our_own_page_reaches_its_route(app, headers):
    answer, _ = await ask(app, "POST", "/nowhere", headers=headers)

    assert answer.status == 404


async def test_public_address_is_what_an_origin_is_held_against(tmp_path):
    house = House(load(data=tmp_path, public_url="https://Door.example.org/"))
    app = make_app(house)

    ours, _ = await ask(app, "POST", "/nowhere", headers={"origin": "https://door.example.org"})
    forged = {"origin": "https://evil.example.org", "host": "evil.example.org"}
    theirs, _ = await ask(app, "POST", "/nowhere", headers=forged)

    assert (ours.status, theirs.status) == (404, 403)
    house.store.close()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "sentence"),
    [
        ("PUT", "/link", {}, 405, "This address can't be opened by itself"),
        ("DELETE", "/t/none", {}, 405, "This address can't be opened by itself"),
        ("POST", "/link", {"content-type": "multipart/form-data"}, 400, "could not be read"),
        ("POST", "/link", {"content-type": f"{FORM}; charset=utf-16"}, 415, "not written in UTF-8"),
        ("GET", "/nowhere", {}, 404, "There is no such page"),
    ],
)
async def test_what_can_not_be_taken_is_told_why(app, method, path, headers, status, sentence):
    answer, _ = await ask(app, method, path, headers=OURS | headers, body=b"email=a")

    told = unescape(answer.body)
    assert answer.status == status
    assert sentence in told
    assert ("There is no such page" in told) == (status == 404)
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    "charset",
    [
        "unicode_escape",
        "raw_unicode_escape",
        "utf-7",
        "punycode",
        "latin-1",
        "idna",
        '"a\\"b"',
        "\xe9",
    ],
)
@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x"])
async def test_coding_of_nobodys_browser_is_refused(app, kind, charset):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n\\ud800 a@b.org\r\n--x--\r\n'
    )
    headers = {**OURS, "content-type": f"{kind}; charset={charset}"}

    answers = [
        (await ask(app, "POST", path, headers=headers, body=body))[0].status
        for path in ("/link", "/apply/no/where", "/a/none", "/t/none")
    ]

    assert set(answers) == {415}


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf8"'])
async def test_coding_that_is_read_may_be_named(app, charset):
    headers = {**OURS, "content-type": f"{FORM}; charset={charset}"}

    answer, _ = await ask(app, "POST", "/link", headers=headers, body=b"email=a")

    assert answer.status == 200


async def test_picture_comes_from_the_programs_own_place_alone():
    def images(logo):
        request = Request({"type": "http", "path": "/", "headers": [], "state": {}})
        Pages().show(request, "broken.html", document=_with(logo), sentence="")
        return request.state.images

    assert images("https://www.example.org/in/logo.png") == "https://www.example.org"
    assert images("https://example.org:8443/a") == "https://example.org:8443"
    for other in ("", "http://example.org/a", "https://*/a", "https://a;b/c", "https://a b/c", "x"):
        assert images(other) == ""


def _with(logo):
    return {"program": {"name": "A", "look": {"logo": logo, "color": None}, "mail": {}}}


@pytest.mark.parametrize("origin", ["", "https://www.example.org"])
async def test_pictures_are_named_in_the_policy(origin):
    async def page(scope, _receive, send):
        scope["state"]["images"] = origin
        await PlainTextResponse("ok")(scope, _receive, send)

    answer, _ = await ask(Guard(page, base="", limits=Limits({}), broken=None), "GET", "/link")

    policy = answer.headers["content-security-policy"].split("; ")
    assert f"img-src 'self' data: {origin}".strip() in policy


@pytest.mark.parametrize("length", [str(LARGEST + 1), "-1", "much"])
async def test_body_that_says_it_is_too_large_is_not_read(app, length):
    headers = {**OURS, "content-length": length}

    answer, unread = await ask(app, "POST", "/t/none", headers=headers, parts=[b"x"] * 3)

    assert answer.status == 413
    assert unread == 3


@pytest.mark.parametrize("path", ["/t/none", "/link", "/me/none/withdraw/r-1"])
async def test_body_that_turns_out_too_large_is_given_up(app, path):
    pieces = [b"a" * 65536] * 200

    answer, unread = await ask(app, "POST", path, headers=OURS, parts=pieces)

    assert answer.status < 500
    assert unread > 150


async def test_dead_links_of_every_kind_get_one_answer(app):
    paths = ["/t/none", "/t/" + "a" * 700, "/t/a.b.c", "/t/%00", "/me/none", "/a/none"]

    answers = [(await ask(app, "GET", path))[0] for path in paths]

    assert {answer.status for answer in answers} == {404}
    assert len({NONCE.sub("", answer.body) for answer in answers}) == 1
    assert len({tuple(_told(answer)) for answer in answers}) == 1


def _told(answer):
    """Headers, but for the nonce."""
    return sorted((name, NONCE.sub("", value)) for name, value in answer.headers.items())


async def test_addresses_that_are_no_links_lock_nobodys_link(house):
    app = make_app(house, limits=Limits({Rate.DEAD: RateLimitItemPerMinute(3)}))

    for path in ["/nowhere", "/apply/no/where", "/static/0/x", "/favicon.ico", "/robots.txt"]:
        assert (await ask(app, "GET", path))[0].status == 404
    link, _ = await ask(app, "GET", "/t/none")

    assert link.status == 404


async def test_who_asks_too_often_is_asked_to_wait(house):
    app = make_app(house, limits=Limits({Rate.READ: RateLimitItemPerMinute(3)}))

    answers = [(await ask(app, "GET", "/nowhere"))[0] for _ in range(5)]
    well, _ = await ask(app, "GET", "/healthz")

    assert [answer.status for answer in answers] == [404, 404, 404, 429, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert "That was too often in a short time." in answers[-1].body
    assert "by a link in one of our mails and see this page again" in answers[-1].body
    assert well.status == 200


async def test_link_that_is_used_too_often_leaves_others_alone(house):
    app = make_app(house, limits=Limits({Rate.LINK: RateLimitItemPerMinute(2)}))

    same = [(await ask(app, "POST", "/t/one", headers=OURS))[0].status for _ in range(3)]
    other, _ = await ask(app, "POST", "/t/two", headers=OURS)

    assert same[-1] == 429
    assert other.status != 429


async def test_link_that_every_mail_signs_anew_is_counted_as_one(house, monkeypatch):
    app = make_app(house, limits=Limits({Rate.LINK: RateLimitItemPerMinute(2)}))
    now = time()
    tokens = []
    for later in range(3):
        monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + later * 60)  # noqa: B023  # Called at once.
        tokens.append(house.links.person("p-1").rpartition("/")[2])

    told = [(await ask(app, "POST", f"/me/{token}", headers=OURS))[0].status for token in tokens]
    other, _ = await ask(app, "POST", "/me/x.y.z", headers=OURS)

    assert len(set(tokens)) == 3
    assert told[-1] == 429
    assert 429 not in {*told[:-1], other.status}


async def test_who_guesses_links_is_stopped(house):
    app = make_app(house, limits=Limits({Rate.DEAD: RateLimitItemPerMinute(3)}))

    guesses = [(await ask(app, "GET", f"/t/guess-{number}"))[0].status for number in range(6)]

    assert guesses == [404, 404, 404, 429, 429, 429]


def test_household_counts_as_one_client():
    assert client_of("2001:db8:1:2:aaaa::1") == client_of("2001:db8:1:2:bbbb::2")
    assert client_of("2001:db8:1:3::1") != client_of("2001:db8:1:2::1")
    assert client_of("192.0.2.1") == "192.0.2.1"


def test_address_of_the_old_kind_is_one_client_however_it_is_written():
    assert client_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert client_of("::ffff:192.0.2.2") != client_of("::ffff:192.0.2.1")
