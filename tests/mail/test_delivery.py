"""Events of the webhook: every kind, in any order, twice and late."""

import itertools
import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mail.delivery import MOST, Webhook, WebhookError, read_events
from mail.transports.port import Unknown
from mail.transports.recording import RecordingTransport
from residency.errors import ResidencyError
from residency.wire import Act, Tag
from tests.mail.signing import Signer, body_of, event

NOW = datetime(2022, 9, 23, 8, tzinfo=UTC)
SIGNER = Signer()


@pytest.fixture
def webhook(store):
    return Webhook(store, key=SIGNER.key, now=lambda: NOW)


def take(webhook, *events):
    body = body_of(*events)
    signature, timestamp = SIGNER.sign(body, at=NOW)
    return webhook.take(body, signature=signature, timestamp=timestamp)


@pytest.fixture
def key(desk):
    """The key of a mail to Ada that was sent."""
    desk.outbox().post(desk.post(desk.letter()))
    (row,) = desk.rows()
    return row.key


def fate(desk, key):
    row = desk.store.outbox.get(key)
    return row.state.value, row.delivery.value


@pytest.mark.parametrize(
    ("word", "delivery"),
    [
        ("processed", "accepted"),
        ("deferred", "delayed"),
        ("delivered", "delivered"),
        ("open", "delivered"),
        ("click", "delivered"),
        ("bounce", "bounced"),
        ("dropped", "dropped"),
        ("spamreport", "complained"),
        ("unsubscribe", "accepted"),
        ("group_unsubscribe", "accepted"),
        ("group_resubscribe", "accepted"),
        ("account_status_change", "accepted"),
        ("an-event-of-2031", "accepted"),
    ],
)
def test_every_event_is_kept_and_says_its_part(desk, webhook, key, word, delivery):
    taken = take(webhook, event(word, key))

    assert taken.new == 1
    assert fate(desk, key) == ("sent", delivery)
    assert [one.event for one in desk.store.webhooks.of_mail(key)] == [word]


@pytest.mark.parametrize("order", [*itertools.permutations(["deferred", "delivered", "bounce"])])
@pytest.mark.parametrize("together", [True, False])
def test_any_order_comes_to_the_same(desk, webhook, key, order, together):
    events = [event(word, key) for word in order]
    for batch in [events] if together else [[one] for one in events]:
        take(webhook, *batch)

    assert fate(desk, key) == ("sent", "bounced")
    assert desk.store.people.get("p-ada").paused == "bounced"


def test_duplicates_are_kept_once(desk, webhook, key):
    bounce = event("bounce", key)

    counts = [take(webhook, bounce, bounce).new, take(webhook, bounce).new]

    assert counts == [1, 0]
    assert len(desk.store.clicks.waiting()) == 1


def test_late_event_does_not_take_back(desk, webhook, key):
    take(webhook, event("spamreport", key, at=1664002800))

    take(webhook, event("delivered", key, at=1663916400))

    assert fate(desk, key) == ("sent", "complained")


@pytest.mark.parametrize("word", ["bounce", "dropped", "spamreport"])
def test_bad_address_is_paused_and_its_coordinators_are_told(desk, webhook, key, word):
    reason = "550 5.1.1 <p-ada@example.org>: no such user"

    taken = take(webhook, event(word, key, reason=reason, id="e-1"))

    said = {"bounce": "bounced", "dropped": "dropped", "spamreport": "complained"}[word]
    ((residency, act),) = taken.acts
    assert desk.store.people.get("p-ada").paused == f"{said}: 550 5.1.1 <(address)>: no such user"
    assert residency == "r-one"
    assert act == Act(
        id=act.id, verb="bounced", actor="mail", who=["p-ada"], item="milestone-opening"
    )
    assert desk.store.clicks.waiting() == [("r-one", act)]


@pytest.mark.parametrize(
    ("ours", "told"),
    [
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@bücher.example", "Ada@BÜCHER.example"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),
        ("ada@xn--strae-oqa.example", "Ada@Straße.example"),
    ],
)
def test_address_of_another_script_is_paused_however_it_is_told(desk, webhook, key, ours, told):
    desk.store.people.correct_email("p-ada", ours)

    taken = take(webhook, event("bounce", key, address=told))

    assert len(taken.acts) == 1
    assert desk.store.people.get("p-ada").paused.startswith("bounced")


def test_domain_that_only_looks_alike_is_another_address(desk, webhook, key):
    desk.store.people.correct_email("p-ada", "ada@straße.example")

    taken = take(webhook, event("bounce", key, address="ada@strasse.example"))

    assert list(taken.acts) == []
    assert desk.store.people.get("p-ada").paused == ""


def test_paused_address_gets_nothing_until_it_is_corrected(desk, webhook, key):
    take(webhook, event("bounce", key))
    letters = [desk.letter("welcome", occurrence=str(number)) for number in range(2)]

    desk.outbox().post(desk.post(letters[0]))
    desk.store.people.correct_email("p-ada", "ada@example.net")
    desk.outbox().post(desk.post(letters[1]))

    rows = {row.occurrence: (row.state, row.skip) for row in desk.rows()}
    assert rows["0"] == ("skipped", "the address is paused: bounced")
    assert rows["1"] == ("sent", "")
    assert desk.recording.mails[-1].to[1] == "ada@example.net"


def test_late_bounce_of_an_old_address_pauses_nobody(desk, webhook, key):
    desk.store.people.correct_email("p-ada", "ada@example.net")

    taken = take(webhook, event("bounce", key))

    assert taken.acts == ()
    assert desk.store.people.get("p-ada").paused == ""
    assert fate(desk, key) == ("sent", "bounced")


def test_bounce_to_an_override_pauses_nobody(desk, webhook, key):
    take(webhook, event("bounce", key, address="me@example.com"))

    assert desk.store.people.get("p-ada").paused == ""


def test_coordinator_of_the_newest_open_residency_is_told(desk, webhook, key):
    desk.record(Tag.ENDED, how="completed")

    taken = take(webhook, event("bounce", key))

    assert taken.acts == ()
    assert desk.store.people.get("p-ada").paused == "bounced"


@pytest.mark.parametrize("known", ["", "m-nobodyknowsthiskey"])
def test_event_of_no_mail_of_ours_is_kept(desk, webhook, known):
    taken = take(webhook, event("bounce", known))

    assert (taken.new, taken.acts) == (1, ())
    assert desk.store.people.get("p-ada").paused == ""
    assert len(desk.store.webhooks.of_mail(known)) == 1


def test_one_request_tells_of_many_mails(desk, webhook):
    words = ["processed", "deferred", "delivered", "bounce"]
    letters = [desk.letter(occurrence=str(number)) for number in range(12)]
    desk.outbox().post(desk.post(*letters))
    keys = {row.occurrence: row.key for row in desk.rows()}

    take(webhook, *[event(words[int(at) % 4], key) for at, key in keys.items()])

    told = {row.occurrence: row.delivery.value for row in desk.rows()}
    said = ["accepted", "delayed", "delivered", "bounced"]
    assert told == {str(number): said[number % 4] for number in range(12)}


def test_event_settles_what_was_of_unknown_fate(desk, webhook):
    outbox = desk.outbox(RecordingTransport(lambda _: Unknown("cut")))
    posted = outbox.post(desk.post(desk.letter()))
    (row,) = desk.rows()

    take(webhook, event("processed", row.key))
    again = outbox.post(desk.post(desk.letter(), now=posted.later[0]))

    assert fate(desk, row.key) == ("sent", "accepted")
    assert (again.later, again.failed) == ({}, [])


def test_event_without_an_id_is_kept_once(desk, webhook, key):
    one = event("delivered", key)
    del one["sg_event_id"]

    assert [take(webhook, one).new, take(webhook, one).new] == [1, 0]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"event": None, "timestamp": "soon", "email": 7, "key": ["m"]},
        {"event": "bounce", "timestamp": 1e300, "reason": {"a": 1}},
        {"event": "x" * 10_000, "sg_event_id": "\ud800", "key": "k\x00\n"},
        {"event": "delivered", "timestamp": -1, "sg_event_id": "🤗" * 500},
    ],
)
def test_odd_event_is_kept_and_harms_nothing(webhook, told):
    assert take(webhook, told).new == 1


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"not json", "The body is not JSON."),
        (b"[" * 100_000, "The body is not JSON."),
        (b"{}", "The body is not a list of events."),
        (b"[1]", "The body is not a list of events."),
        (b"[" + b"{}," * MOST + b"{}]", f"There are {MOST + 1} events; allowed: {MOST}."),
    ],
)
def test_what_is_no_list_of_events_is_refused(body, sentence):
    with pytest.raises(WebhookError) as refused:
        read_events(body)

    assert str(refused.value) == sentence


def spoiled(body, signature, timestamp):
    """Requests that must not be believed, with the sentence each gets."""
    other = Signer().sign(body, at=NOW)[0]
    return {
        "unsigned": (body, "", timestamp, "The request is not signed."),
        "without time": (body, signature, "", "The request is not signed."),
        "odd signs": (body, "MEQ=x!", timestamp, "The signature is wrong."),
        "padding": (body, "abc", timestamp, "The signature can't be read."),
        "not ASCII": (body, "é", timestamp, "The signature can't be read."),
        "no UTF-8": (b"\xff", signature, timestamp, "The signature can't be read."),
        "no DER": (body, "AAAA", timestamp, "The signature is wrong."),
        "other key": (body, other, timestamp, "The signature is wrong."),
        "other body": (body + b" ", signature, timestamp, "The signature is wrong."),
        "other time": (body, signature, str(int(timestamp) + 1), "The signature is wrong."),
    }


@pytest.mark.parametrize("how", list(spoiled(b"[]", *SIGNER.sign(b"[]", at=NOW))))
def test_request_that_is_not_signed_is_refused(webhook, how):
    body = body_of(event("bounce", "m-x"))
    given, signature, timestamp, sentence = spoiled(body, *SIGNER.sign(body, at=NOW))[how]

    with pytest.raises(WebhookError) as refused:
        webhook.take(given, signature=signature, timestamp=timestamp)

    assert str(refused.value) == sentence


def test_request_that_was_tried_for_a_day_is_taken(webhook):
    body = body_of(event("bounce", "m-x"))
    signature, timestamp = SIGNER.sign(body, at=NOW - timedelta(hours=24))

    assert webhook.take(body, signature=signature, timestamp=timestamp).new == 1
    assert webhook.take(body, signature=signature, timestamp=timestamp).new == 0


@pytest.mark.parametrize("off", [timedelta(minutes=16), timedelta(hours=-26)])
def test_old_request_is_refused(webhook, off):
    body = body_of(event("delivered", "m-x"))
    signature, timestamp = SIGNER.sign(body, at=NOW + off)

    with pytest.raises(WebhookError) as refused:
        webhook.take(body, signature=signature, timestamp=timestamp)

    assert str(refused.value) == "The request is old, or from the future."


def rsa():
    """A public key, of the wrong kind."""
    public = generate_private_key(65537, 2048).public_key()
    return b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


@pytest.mark.parametrize("bad", ["abc", "AAAA", "MFkwEwYHKoZIzj0CAQY", rsa()])
def test_key_that_is_none_is_said(store, bad):
    with pytest.raises(ResidencyError) as refused:
        Webhook(store, key=bad)

    assert str(refused.value).startswith(f'RESIDENCY_SENDGRID_WEBHOOK_KEY is "{bad[:20]}…"')


def test_webhook_takes_a_thousand_events_a_second(desk, webhook):
    letters = [desk.letter(occurrence=str(number)) for number in range(100)]
    desk.outbox().post(desk.post(*letters))
    keys = [row.key for row in desk.rows()]
    words = ["processed", "deferred", "delivered", "open"]
    batches = [[event(word, key) for key in keys for word in words[:number]] for number in (2, 4)]
    batches += [[event("click", key, at=at) for key in keys] for at in range(10)]
    began = time.process_time()

    kept = sum(take(webhook, *batch).new for batch in batches)

    assert kept == 1400
    assert kept / (time.process_time() - began) > 1000
