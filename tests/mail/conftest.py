"""Made-up definitions, and an outbox on a real store, for the tests of mail."""

import shutil
import ssl
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mail.context import Facts
from mail.message import Mail
from mail.outbox import Outbox
from mail.preview import Previews
from mail.render import Renderer
from mail.samples import sample_facts
from mail.transports.port import Transport
from mail.transports.recording import RecordingTransport
from residency.definition import definition_document, load
from residency.wire import Batch, Event, Letter, Post, Tag
from store import Store
from store.cohorts import CohortRow
from store.people import Person

CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted(path.parent.name for path in CHECKOUT.glob("programs/*/program.yaml"))


def made_document() -> dict[str, Any]:
    """A definition document, with as little in it as a mail needs."""
    months = {f"m{number}": f"Month {number}" for number in range(1, 10)}
    return {
        "program": {
            "id": "residency",
            "name": "🤗 AI Research Residency Program",
            "organization": "Analytical Engines",
            "words": {"person": "resident", "program": "residency", "period": "month"},
            "time_zone": "Europe/Paris",
            "look": {"color": "#ff9d00", "logo": None},
            "mail": {"sender": None, "reply_to": None, "signature": None},
            "send_window": {"opens": "08:00", "closes": "18:00"},
            "stages": {"milestones": {"every": "1 month"}},
        },
        "titles": {
            "items": {**months, "contract": "Sign the contract"},
            "kinds": {"report": "Report", "sign-off": "Sign-off", "item-contract": "Sign it"},
            "rounds": {"research": "Research conversation"},
            "statements": {"all": "All backgrounds are welcome."},
        },
        "forms": {},
    }


@cache
def real_document(program: str) -> dict[str, Any]:
    return definition_document(load(program))


@pytest.fixture(params=PROGRAMS)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The document of each program in the checkout."""
    return real_document(request.param)


@pytest.fixture
def one_document() -> dict[str, Any]:
    return made_document()


@pytest.fixture(scope="session")
def house() -> Callable[..., Renderer]:
    """Renderers of the house's templates that share what they have compiled."""
    compiled: dict[Any, Any] = {}

    def make(**options: Any) -> Renderer:
        renderer = Renderer(templates=CHECKOUT / "templates", programs=CHECKOUT / "none", **options)
        renderer._compiled = compiled
        return renderer

    return make


@pytest.fixture
def facts(one_document: dict[str, Any]) -> Facts:
    """The made-up people of samples."""
    return sample_facts(one_document)


@pytest.fixture
def draw(house: Callable[..., Renderer], facts: Facts) -> Callable[..., Mail]:
    """Draws the mail of a letter, in these facts or in others."""
    previews = Previews(house())
    return lambda letter, other=None: previews.draw(other or facts, letter)


@pytest.fixture
def make_renderer(tmp_path: Path) -> Callable[..., Renderer]:
    def make(**options: Any) -> Renderer:
        return Renderer(templates=CHECKOUT / "templates", programs=tmp_path / "programs", **options)

    return make


LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
AT = datetime(2022, 9, 23, 7, tzinfo=UTC)  # A Friday, 09:00 in Paris.


class Desk:
    """An outbox with one residency on a real store, and what the tests ask of it."""

    def __init__(self, store: Store, renderer: Renderer, *, rehearsal: bool = False) -> None:
        self.store, self.renderer = store, renderer
        self.recording = RecordingTransport()
        store.definitions.save("d" * 64, "residency", 1, made_document())
        scope = "c-one" if rehearsal else ""
        for person in _people(scope):
            store.people.add(person)
        cohort = CohortRow(
            id="c-one",
            program="residency",
            name="2022",
            definition="d" * 64,
            first_day=date(2022, 6, 1),
            seats=3,
            coordinators=["p-coordinator"],
            rehearsal=rehearsal,
        )
        store.cohorts.open(cohort, [])
        self.record(
            Tag.STARTED,
            program="residency",
            cohort="c-one",
            person="p-ada",
            track="",
            definition="d" * 64,
            rehearsal=rehearsal,
        )
        self.record(Tag.DATES, first="2022-06-01", last="2023-02-28")
        self.record(Tag.APPOINTED, role="mentors", item="", who="p-mentor")

    _seq = 0

    def record(self, tag: Tag, *, task: str = "", at: datetime = AT, **data: Any) -> None:
        self._seq += 1
        event = Event(seq=self._seq, at=at, tag=tag, task=task, data=data)
        self.store.record.append(
            Batch(residency="r-one", first=self._seq, events=[event], run=0, history=self._seq)
        )

    def outbox(self, transport: Transport | None = None, **options: Any) -> Outbox:
        return Outbox(
            self.store,
            self.renderer,
            transport=transport or self.recording,
            rehearsal=options.get("rehearsal", transport or self.recording),
            sender="Residencies <mail@example.org>",
            now=options.get("now", lambda: LONG_AGO),
        )

    def letter(self, notice: str = "milestone-opening", **change: Any) -> Letter:
        values: dict[str, Any] = {
            "to": "p-ada",
            "occurrence": "milestones/report/m4/1~0",
            "at": AT,
            "task": "milestones/report/m4/1",
            "kind": "report",
            "item": "m4",
            "due": datetime(2022, 9, 30, 22, tzinfo=UTC),
        }
        return Letter(notice=notice, **(values | change))

    def post(self, *letters: Letter, now: datetime = AT) -> Post:
        return Post(residency="r-one", definition="d" * 64, now=now, letters=list(letters))

    def rows(self) -> list[Any]:
        return self.store.outbox.list(residency="r-one")


def _people(scope: str) -> list[Person]:
    zones = {"p-ada": "Europe/Paris", "p-mentor": "America/New_York", "p-coordinator": ""}
    names = {"p-ada": "Ada Lovelace", "p-mentor": "Grace Hopper", "p-coordinator": "Noor Haddad"}
    return [
        Person(
            id=each,
            name=names[each],
            given_name=names[each].split()[0],
            email=f"{each}@example.org",
            zone=zone,
            rehearsal=scope,
        )
        for each, zone in zones.items()
    ]


@pytest.fixture
def desk(store: Store, make_renderer: Callable[..., Renderer]) -> Desk:
    return Desk(store, make_renderer())


@pytest.fixture
def rehearsed(store: Store, make_renderer: Callable[..., Renderer]) -> Desk:
    return Desk(store, make_renderer(), rehearsal=True)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody has signed but itself, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("the command openssl is needed to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1"
    command += " -addext subjectAltName=IP:127.0.0.1"
    command += " -addext keyUsage=critical,digitalSignature,keyCertSign"
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*certificate)
    return made
