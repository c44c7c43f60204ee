"""What every answer carries, and which requests are refused before any route is asked."""

import pytest
from limits import RateLimitItemPerMinute

from residency.settings import load
from tests.web.asking import ask
from web.app import make_app
from web.limiting import Limits, Rate, client_of
from web.security import LARGEST
from wiring import House

OURS = {"sec-fetch-site": "same-origin", "origin": "null"}


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

    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
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


@pytest.mark.parametrize("headers", [OURS, {"origin": "http://door:8000", "host": "door:8000"}])
async def test_form_of_our_own_page_reaches_its_route(app, headers):
    answer, _ = await ask(app, "POST", "/nowhere", headers=headers)

    assert answer.status == 404


async def test_public_address_is_what_an_origin_is_held_against(tmp_path):
    house = House(load(data=tmp_path, public_url="https://door.example.org/in"))
    app = make_app(house)

    ours, _ = await ask(app, "POST", "/nowhere", headers={"origin": "https://door.example.org"})
    forged = {"origin": "https://evil.example.org", "host": "evil.example.org"}
    theirs, _ = await ask(app, "POST", "/nowhere", headers=forged)

    assert (ours.status, theirs.status) == (404, 403)
    house.store.close()


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


async def test_who_asks_too_often_is_asked_to_wait(house):
    app = make_app(house, limits=Limits({Rate.READ: RateLimitItemPerMinute(3)}))

    answers = [(await ask(app, "GET", "/nowhere"))[0] for _ in range(5)]
    well, _ = await ask(app, "GET", "/healthz")

    assert [answer.status for answer in answers] == [404, 404, 404, 429, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert well.status == 200


async def test_link_that_is_used_too_often_leaves_others_alone(house):
    app = make_app(house, limits=Limits({Rate.LINK: RateLimitItemPerMinute(2)}))

    same = [(await ask(app, "POST", "/t/one", headers=OURS))[0].status for _ in range(3)]
    other, _ = await ask(app, "POST", "/t/two", headers=OURS)

    assert same[-1] == 429
    assert other.status != 429


async def test_who_guesses_links_is_stopped(house):
    app = make_app(house, limits=Limits({Rate.DEAD: RateLimitItemPerMinute(3)}))

    guesses = [(await ask(app, "GET", f"/t/guess-{number}"))[0].status for number in range(6)]

    assert guesses == [404, 404, 404, 429, 429, 429]


def test_household_counts_as_one_client():
    assert client_of("2001:db8:1:2:aaaa::1") == client_of("2001:db8:1:2:bbbb::2")
    assert client_of("2001:db8:1:3::1") != client_of("2001:db8:1:2::1")
    assert client_of("192.0.2.1") == "192.0.2.1"
