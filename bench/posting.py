"""How fast mails leave through a provider that takes its time, and how fast its events are taken."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mail.delivery import Webhook
from mail.outbox import Outbox
from mail.preview import SENDER
from mail.render import Renderer
from mail.transports.sendgrid import SendGridTransport
from residency.definition import definition_document, load, program_ids
from residency.settings import CHECKOUT
from residency.wire import Batch, Event, Letter, Post, Tag
from store import Store
from store.cohorts import CohortRow
from store.people import Person
from wiring import MAIL_THREADS

DELAY: Final = 0.05
"""Seconds that the provider takes for each mail."""
A_POST: Final = 2
"""Mails of one post: what a moment mostly brings."""
A_BATCH: Final = 500
"""Events of one request."""
_AT: Final = datetime(2022, 9, 23, 7, tzinfo=UTC)
_HASH: Final = "b" * 64


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What was measured by the wall clock; `sent` is what the outbox says was."""

    sent: int
    delivered_s: float
    delivered_per_s: float
    webhook_events_per_s: float


def run(*, mails: int, tell: Callable[[int, int], None]) -> Delivered:
    """Sends so many mails by as many threads as a mail worker has; then takes two events of each."""
    with TemporaryDirectory(prefix="residency-bench-") as folder, _provider() as url:
        store = Store(f"sqlite:///{Path(folder) / 'bench.db'}")
        store.migrate()
        posts = list(_scene(store, mails // A_POST))
        outbox = _outbox(store, url)
        outbox.post(posts.pop())  # Templates are compiled once, and that is not what is measured.
        began = perf_counter()
        with ThreadPoolExecutor(MAIL_THREADS) as pool:
            for done, _ in enumerate(pool.map(outbox.post, posts), start=1):
                tell(done * A_POST, mails)
        took = perf_counter() - began
        sent = store.outbox.counts().get("sent", 0)
        events = _events_per_s(store)
        store.close()
    return Delivered(
        sent=sent,
        delivered_s=round(took, 2),
        delivered_per_s=round(len(posts) * A_POST / took, 1),
        webhook_events_per_s=round(events, 1),
    )


@contextmanager
def _provider() -> Iterator[str]:
    command = [sys.executable, "-m", "bench.provider", str(DELAY)]
    with subprocess.Popen(
        command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.stdin.close()


def _outbox(store: Store, url: str) -> Outbox:
    renderer = Renderer(templates=CHECKOUT / "templates", programs=CHECKOUT / "programs")
    transport = SendGridTransport("SG.bench", url=url)
    return Outbox(
        store,
        renderer,
        transport=transport,
        rehearsal=transport,
        sender=SENDER,
        now=lambda: _AT,  # In everybody's send window.
    )


def _scene(store: Store, residencies: int) -> Iterator[Post]:
    """Residencies of one cohort, and what one moment brings in each: a mail to two people."""
    programs = CHECKOUT / "programs"
    program = load(program_ids(programs)[0], programs)
    store.definitions.save(_HASH, program.program.id, 1, definition_document(program))
    for name in ("p-coordinator", "p-mentor"):
        store.people.add(_person(name))
    store.cohorts.open(
        CohortRow(
            id="c-bench",
            program=program.program.id,
            name="bench",
            definition=_HASH,
            first_day=date(2022, 6, 1),
            seats=residencies,
            coordinators=["p-coordinator"],
            rehearsal=False,
        )
    )
    for number in range(residencies):
        store.people.add(_person(f"p-{number}"))
        store.record.append(_begun(number, program.program.id))
        letters = [
            _letter("waitlisted", to=f"p-{number}"),
            _letter("mentor-appointed", to="p-mentor"),
        ]
        yield Post(residency=f"r-{number}", now=_AT, letters=letters)


def _begun(number: int, program: str) -> Batch:
    started = {"program": program, "cohort": "c-bench", "person": f"p-{number}", "track": ""}
    told: list[tuple[Tag, Mapping[str, Any]]] = [
        (Tag.STARTED, {**started, "definition": _HASH, "rehearsal": False}),
        (Tag.APPOINTED, {"role": "mentors", "item": "", "who": "p-mentor"}),
    ]
    events = [
        Event(seq=seq, at=_AT, tag=tag, data=dict(data)) for seq, (tag, data) in enumerate(told, 1)
    ]
    return Batch(residency=f"r-{number}", first=1, events=events, run=0, history=1)


def _person(id_: str) -> Person:
    return Person(
        id=id_,
        name=f"{id_} Example",
        given_name=id_,
        email=f"{id_}@example.org",
        zone="Europe/Paris",
    )


def _letter(notice: str, *, to: str) -> Letter:
    return Letter(notice=notice, to=to, occurrence="bench", at=_AT)


def _events_per_s(store: Store) -> float:
    """Signed requests, as SendGrid sends them: processed and delivered, of every mail."""
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    webhook = Webhook(store, key=base64.b64encode(public).decode())
    stamp = str(int(datetime.now(UTC).timestamp()))
    told = [
        {"event": word, "key": row.key, "sg_event_id": f"{word}-{row.key}", "timestamp": int(stamp)}
        for row in store.outbox.list()
        for word in ("processed", "delivered")
    ]
    requests = []
    for start in range(0, len(told), A_BATCH):
        body = json.dumps(told[start : start + A_BATCH]).encode()
        signed = private.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        requests.append((body, base64.b64encode(signed).decode()))
    began = perf_counter()
    for body, signature in requests:
        webhook.take(body, signature=signature, timestamp=stamp)
    return len(told) / (perf_counter() - began)
