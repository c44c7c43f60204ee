"""The webhook's route: what is answered when, and that 2xx means kept."""

import asyncio
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from mail.delivery import LARGEST
from residency.errors import UnavailableError
from residency.settings import CHECKOUT, load
from residency.wire import Act
from tests.mail.signing import Signer, body_of, event
from tests.web.asking import ask
from web.app import make_app
from web.telling import Telling
from web.webhooks import SIGNATURE, TIMESTAMP
from wiring import House

SIGNER = Signer()
PATH = "/webhooks/sendgrid"


@pytest.fixture
def house(tmp_path):
    made = House(load(data=tmp_path, sendgrid_webhook_key=SIGNER.key))
    yield made
    made.store.close()


def signed(body):
    signature, timestamp = SIGNER.sign(body)
    return {SIGNATURE: signature, TIMESTAMP: timestamp}


async def post(app, body, *, headers=None):
    answer, _ = await ask(
        app, "POST", PATH, body=body, headers=signed(body) if headers is None else headers
    )
    return answer


async def test_events_are_kept_before_the_answer(house):
    answer = await post(make_app(house), body_of(event("delivered", "m-one")))

    assert (answer.status, answer.body) == (204, "")
    assert [one.event for one in house.store.webhooks.of_mail("m-one")] == ["delivered"]


async def test_bad_requests_are_refused_with_a_sentence(house):
    app = make_app(house)
    body = body_of(event("delivered", "m-one"))

    unsigned = await post(app, body, headers={})
    malformed = await post(app, body, headers=signed(body) | {SIGNATURE: "abc"})
    no_json = await post(app, b"hello")

    assert [unsigned.status, malformed.status, no_json.status] == [400, 400, 400]
    assert unsigned.body == "The request is not signed.\n"
    assert malformed.body == "The signature can't be read.\n"
    assert no_json.body == "The body is not JSON.\n"
    assert house.store.webhooks.of_mail("m-one") == []


async def test_huge_body_is_not_read_to_its_end(house):
    parts = [b"x" * 1_000_000] * 20

    answer, left = await ask(make_app(house), "POST", PATH, parts=parts)

    assert (answer.status, left) == (413, 20 - LARGEST // 1_000_000 - 1)


async def test_without_a_key_nobody_is_believed(tmp_path):
    house = House(load(data=tmp_path))

    answer = await post(make_app(house), body_of(event("delivered", "m-one")))

    assert (answer.status, answer.body) == (503, "The webhook's key is not set.\n")


async def test_nothing_is_answered_2xx_that_was_not_kept(house, monkeypatch):
    def away(*_, **__):
        raise UnavailableError('The database "/secret/place.db" is locked.')

    app = make_app(house)
    monkeypatch.setattr(house.store.webhooks, "take", away)

    answer = await post(app, body_of(event("delivered", "m-one")))

    assert (answer.status, answer.body) == (503, "Not available just now; please try again.\n")


async def test_health_needs_the_database(house, monkeypatch):
    app = make_app(house)
    well, _ = await ask(app, "GET", "/healthz")

    def away():
        raise UnavailableError("away")

    monkeypatch.setattr(house.store.database, "reading", away)
    ill, _ = await ask(app, "GET", "/healthz")

    assert (well.status, well.body, ill.status) == (200, '{"status":"ok"}', 503)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", PATH, 405), ("GET", "/docs", 404), ("GET", "/openapi.json", 404), ("GET", "/", 404)],
)
async def test_nothing_else_is_served(house, method, path, status):
    answer, _ = await ask(make_app(house), method, path)

    assert answer.status == status


class Residencies:
    """Takes actions, after it was away for so many."""

    def __init__(self, house, *, away=0):
        self.house, self.away, self.told = house, away, []
        self.asked = asyncio.Queue()

    async def send(self, residency, act):
        if self.away:
            self.away -= 1
            self.asked.put_nowait(False)
            raise UnavailableError("the server is away")
        self.told.append((residency, act))
        self.house.store.clicks.answered(act.id, "done")
        self.asked.put_nowait(True)


async def test_what_can_not_be_told_now_is_told_soon_without_another(house):
    act = Act(id="a-0", verb="bounced", actor="mail", who=["p-a"])
    telling = Telling(house, again=0.01)
    telling._residencies = fake = Residencies(house, away=2)

    await telling.begin()
    telling.tell([("r-one", act)])
    asked = [await asyncio.wait_for(fake.asked.get(), 5) for _ in range(3)]
    await telling.end()

    assert asked == [False, False, True]
    assert [act.id for _, act in fake.told] == ["a-0"]


async def test_what_was_kept_before_is_read_again_where_the_database_was_away(house, monkeypatch):
    act = Act(id="a-0", verb="bounced", actor="mail", who=["p-a"])
    house.store.clicks.put("r-one", act)
    waiting, tries = house.store.clicks.waiting, []

    def away():
        tries.append(1)
        if len(tries) == 1:
            raise UnavailableError("the database is away")
        return waiting()

    monkeypatch.setattr(house.store.clicks, "waiting", away)
    telling = Telling(house, again=0.01)
    telling._residencies = fake = Residencies(house)

    await telling.begin()
    told = await asyncio.wait_for(fake.asked.get(), 5)
    await telling.end()

    assert told
    assert [act.id for _, act in fake.told] == ["a-0"]


async def test_what_can_not_be_told_now_is_told_with_the_next(house):
    acts = [Act(id=f"a-{n}", verb="bounced", actor="mail", who=["p-a"]) for n in range(3)]
    house.store.clicks.put("r-one", acts[0])
    house.store.clicks.put("r-one", Act(id="a-other", verb="note", actor="p-b"))
    telling = Telling(house)
    telling._residencies = fake = Residencies(house, away=1)

    await telling.begin()
    first = await asyncio.wait_for(fake.asked.get(), 5)
    telling.tell([("r-one", acts[1])])
    others = [await asyncio.wait_for(fake.asked.get(), 5) for _ in range(2)]
    await telling.end()

    assert (first, others) == (False, [True, True])
    assert [act.id for _, act in fake.told] == ["a-0", "a-1"]
    assert [act.id for _, act in house.store.clicks.waiting()] == ["a-other"]


def well(process, address):
    """What the address answers, once anybody listens there."""
    until = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.status
        except urllib.error.URLError:
            assert process.poll() is None, "it has ended"
            assert time.monotonic() < until, "nobody listens"
            time.sleep(0.05)


def test_command_serves_until_it_is_ended(tmp_path):
    environment = os.environ | {
        "RESIDENCY_DATA": str(tmp_path),
        "RESIDENCY_SENDGRID_WEBHOOK_KEY": SIGNER.key,
        "RESIDENCY_LOG_FORMAT": "json",
    }
    command = [sys.executable, "-c", "from cli import main; main()", "web", "--port", "0"]
    process = subprocess.Popen(
        command, cwd=CHECKOUT, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        said = process.stderr.readline()
        address = said.split()[2].rstrip(";")
        body = body_of(event("delivered", "m-one"))
        health = well(process, f"{address}/healthz")
        request = urllib.request.Request(f"{address}{PATH}", body, signed(body))
        with urllib.request.urlopen(request, timeout=10) as answer:
            kept = answer.status
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{address}{PATH}", b"[]", timeout=10)
        refused.value.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        rest = process.stderr.read()
        process.stderr.close()

    assert said.startswith("Listens on http://127.0.0.1:")
    assert (health, kept, refused.value.code) == (200, 204, 400)
    assert process.returncode == 143
    assert "Traceback" not in rest
