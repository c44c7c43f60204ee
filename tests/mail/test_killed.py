"""The mail process killed at each point, times each kind of answer: nothing lost, nothing twice."""

import json
import shutil
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from mail.render import Renderer
from mail.transports.sendgrid import SendGridTransport
from residency.settings import CHECKOUT
from residency.wire import Posted, Tag
from store import Store
from store.posting import MailState
from tests.mail import fake_sendgrid
from tests.mail.carrying import Carrier, check
from tests.mail.cohorts import Cohort
from tests.mail.conftest import AT, Desk
from tests.mail.fake_sendgrid import ANSWERS
from tests.mail.killing import GATHERED, POINTS

KINDS = [202, 429, fake_sendgrid.CUT_AFTER]
"""One that was taken, one that was not, and one of which nobody knows."""
PAIRS = [
    # All of them are killed under Temporal too (tests/workflows/test_mail_killed.py).
    pytest.param(
        point,
        answer,
        marks=[] if answer in KINDS or point == "request written" else [pytest.mark.slow],
    )
    for point in POINTS
    for answer in ANSWERS
]
SATURDAY = AT + timedelta(days=1)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A database with one residency, and the desk that made it."""
    path = tmp_path_factory.mktemp("killed") / "residency.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    desk = Desk(store, Renderer(templates=CHECKOUT / "templates", programs=CHECKOUT / "none"))
    store.close()
    return path, desk


@pytest.fixture(scope="module")
def process():
    command = [sys.executable, "-m", "tests.mail.killing"]
    begun = subprocess.Popen(
        command,
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    yield begun
    begun.stdin.close()
    begun.wait(10)
    begun.stdout.close()


@pytest.fixture(scope="module")
def server():
    with fake_sendgrid.running(hangs=1.0) as fake:
        yield fake


@pytest.fixture
def fake(server):
    server.log.clear()
    server.answers.clear()
    server.received = 0
    return server


class Killed:
    """Posts in the process, which dies at a point the first time."""

    def __init__(self, process, fake, database, point):
        self.process, self.fake, self.point = process, fake, point
        self.database = f"sqlite:///{database}"
        self.deaths = 0

    def __call__(self, post):
        job = {
            "database": self.database,
            "url": self.fake.url,
            "point": self.point,
            "post": post.model_dump_json(),
        }
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        ended = json.loads(self.process.stdout.readline())
        assert ended["code"] == 0
        if ended["signal"]:
            self.deaths += 1
            if self.point == "request written":
                self._wait_for_the_request()
            self.point = ""
        return Posted.model_validate_json(ended["posted"]) if ended["posted"] else None

    def _wait_for_the_request(self):
        """It was written; that it is in the fake's log may take a moment."""
        until = time.monotonic() + 5
        while not self.fake.received and time.monotonic() < until:
            time.sleep(0.005)


@pytest.mark.parametrize(("point", "answer"), PAIRS)
def test_killed_at_any_point_with_any_answer(template, process, fake, tmp_path, point, answer):
    path, desk = template
    database = shutil.copy(path, tmp_path / "residency.db")
    fake.answers = [answer]
    letters = [
        desk.letter(),
        desk.letter("offer", task="offer/offer//1", kind="offer", item="", occurrence="o~0"),
        desk.letter("mentor-appointed", to="p-mentor", occurrence="m~0"),
    ]
    now = AT
    if point == "row written":  # Only what waits for its window is written before it is claimed.
        letters, now = [one.model_copy(update={"at": SATURDAY}) for one in letters], SATURDAY
    carrier = Carrier(letters, make_post=desk.post, now=now)
    killed = Killed(process, fake, database, point)

    carrier.carry(killed)

    store = Store(f"sqlite:///{database}")
    rows = store.outbox.list(residency="r-one")
    store.close()
    assert killed.deaths == 1
    assert len(rows) == 3
    assert check(fake, rows, carrier.told) == []


@pytest.fixture(scope="module")
def gathered(tmp_path_factory):
    """A database with two residencies whose reminders rang for one coordinator, and these."""
    path = tmp_path_factory.mktemp("gathered") / "residency.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    renderer = Renderer(templates=CHECKOUT / "templates", programs=CHECKOUT / "none")
    cohort = Cohort(store, renderer)
    for residency, name in (("r-1", "Ines"), ("r-2", "Hugo")):
        cohort.add(residency, name)
        cohort.open(residency, at=AT - timedelta(days=2))
    letters = {each: cohort.ring(each) for each in ("r-1", "r-2")}
    store.close()
    return path, cohort, letters


@pytest.mark.parametrize("answer", [202, 400, 429, 503, fake_sendgrid.CUT_AFTER])
@pytest.mark.parametrize("point", [*POINTS, GATHERED])
def test_digest_killed_at_any_point(gathered, process, fake, tmp_path, point, answer):
    path, cohort, letters = gathered
    database = shutil.copy(path, tmp_path / "residency.db")
    fake.answers = [answer]
    carriers = {
        each: Carrier(
            [letter.model_copy()],
            make_post=lambda *one, now, of=each: cohort.of(of, *one, now=now),
            now=AT,
        )
        for each, letter in letters.items()
    }
    killed = Killed(process, fake, database, point)

    for carrier in carriers.values():  # Both wait first, then each comes for its own.
        carrier.carry(killed, until=AT)
    for carrier in carriers.values():
        carrier.carry(killed)

    store = Store(f"sqlite:///{database}")
    rows = store.outbox.list(cohort="c-one")
    store.close()
    told = [letter for carrier in carriers.values() for letter in carrier.told]
    (digest,) = [row for row in rows if row.notice == "digest"]
    assert killed.deaths == 1
    assert {row.digest for row in rows} == {"", digest.key}
    assert len({entry.key for entry in fake.log}) == 1
    # A coordinator is told of the letter that the digest came in the place of.
    kept = [] if told else [digest]
    assert check(fake, [*(row for row in rows if row is not digest), *kept], told) == []
    assert bool(told) is (digest.state is MailState.FAILED)


@pytest.mark.parametrize("answer", [fake_sendgrid.CUT_AFTER, 503])
def test_what_is_asked_is_never_sent_twice(template, process, fake, tmp_path, answer):
    path, desk = template
    database = shutil.copy(path, tmp_path / "residency.db")
    fake.answers = [answer]
    offer = desk.letter("offer", task="offer/offer//1", kind="offer", item="")
    carrier = Carrier([offer], make_post=desk.post, now=AT)

    carrier.carry(Killed(process, fake, database, ""))

    assert len(fake.log) == 1
    assert [letter.notice for letter in carrier.told] == ["offer"]
    assert carrier.now == AT + timedelta(minutes=15)


def test_endless_doubt_ends_with_a_coordinator(template, process, fake, tmp_path):
    path, desk = template
    database = shutil.copy(path, tmp_path / "residency.db")
    fake.answers = [503] * 50
    carrier = Carrier([desk.letter()], make_post=desk.post, now=AT)

    carrier.carry(Killed(process, fake, database, ""))

    store = Store(f"sqlite:///{database}")
    (row,) = store.outbox.list(residency="r-one")
    store.close()
    assert (row.state, row.again, len(fake.log)) == (MailState.UNKNOWN, 3, 4)
    assert [letter.notice for letter in carrier.told] == ["milestone-opening"]


def test_checker_sees_each_fault(template, fake):
    _, desk = template
    letter = desk.letter()
    row = _row(desk, letter, state=MailState.SENT, attempts=1)
    body = {
        "personalizations": [{"custom_args": {"key": row.key}}],
        "headers": {"Message-ID": "<one>"},
    }
    entry = fake_sendgrid.Entry(202, True, body, {})

    fake.log = []
    lost = check(fake, [row], [])
    fake.log = [entry, entry]
    copied = check(fake, [row], [])

    assert lost == ["lost: milestone-opening sent", "said to be sent: milestone-opening sent"]
    assert copied == [
        "copied without a mark: milestone-opening sent",
        "asked too often: milestone-opening sent",
    ]


def _row(desk, letter, **change):
    from store.mails import Mail

    return Mail(
        subject="r-one",
        notice=letter.notice,
        occurrence=letter.occurrence,
        receiver=letter.to,
        at=letter.at,
        letter=letter,
        **change,
    )


def test_weekend_without_a_provider(desk, fake):
    """Down from Friday to Monday: all goes out afterwards, in order, once; what is moot is skipped."""
    monday = AT + timedelta(days=2, hours=22)
    away = SendGridTransport("SG.x", url="http://127.0.0.1:9", timeout=1)
    back = SendGridTransport("SG.x", url=fake.url, timeout=2)
    task = "milestones/report/m5/1"
    desk.record(Tag.OPENED, task=task, kind="report", item="m5", round=1, who="p-ada")
    letters = [
        desk.letter(occurrence=f"{number}", at=AT + timedelta(minutes=20 * number))
        for number in range(8)
    ]
    letters[3] = letters[3].model_copy(update={"task": task, "item": "m5"})
    offer = desk.letter("offer", at=SATURDAY, task="offer/offer//1", kind="offer", item="")
    carrier = Carrier([], make_post=desk.post, now=AT)
    down, up = desk.outbox(away).post, desk.outbox(back).post

    for letter in [*letters, offer]:
        carrier.carry(down, until=letter.at)
        carrier.now = letter.at
        carrier.waiting.append(letter)
    desk.record(Tag.DONE, task=task, at=SATURDAY + timedelta(hours=1), outcome="done")
    carrier.carry(down, until=monday)
    tries = carrier.posts
    carrier.carry(up)

    rows = {row.occurrence: row for row in desk.rows()}
    order = [row for entry in fake.log for row in rows.values() if row.key == entry.key]
    mine = [row.occurrence for row in order if row.notice == "milestone-opening"]
    assert check(fake, rows.values(), carrier.told) == []
    assert mine == ["0", "1", "2", "4", "5", "6", "7"]
    assert rows["3"].skip == "superseded: the task is closed"
    assert [row.notice for row in order].count("offer") == 1
    assert carrier.told == []
    assert tries < 100
