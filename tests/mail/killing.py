"""A mail process that is killed at a named point: `python -m tests.mail.killing`.

Each line on standard input is a job; a process forked for it posts letters through a real outbox on
a real store to a fake SendGrid, and says what came of it, if it lives so long. The points are put
around the store and the transport here; the product knows nothing of them.
"""

import http.client
import json
import os
import signal
import sys
import traceback
from datetime import timedelta

import structlog

from mail.outbox import Outbox
from mail.preview import Previews
from mail.render import Renderer
from mail.transports.sendgrid import SendGridTransport
from residency.notices import notice_named
from residency.settings import CHECKOUT
from residency.wire import Post
from store import Store
from tests.mail.conftest import LONG_AGO, made_document

POINTS = ("row written", "claimed", "request written", "response read", "settled", "reported")
"""A worker's process is killed at the same ones (tests/workflows/mail_child.py)."""
GATHERED = "gathered"
"""Only what posts a digest comes by here."""
WAIT = timedelta(minutes=15)
_RENDERER = Renderer(templates=CHECKOUT / "templates", programs=CHECKOUT / "none")


def compile_first():
    """What the jobs send, so that each process forked later finds it compiled."""
    for notice in ("milestone-opening", "offer", "mentor-appointed", "digest"):
        Previews(_RENDERER).sample(notice_named(notice), made_document())


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def after(function, then):
    """The function, and then the end."""

    def called(*args, **options):
        result = function(*args, **options)
        then(result)
        return result

    return called


def set_point(point, store, transport, *, end=die):
    """Puts an end behind what is named; where nothing of the outbox is, whoever calls it must."""
    outbox = store.outbox
    match point:
        case "row written":
            outbox.put_many = after(outbox.put_many, end)
        case "gathered":
            store.digests.gather = after(store.digests.gather, end)
        case "claimed":
            outbox.open_many = after(outbox.open_many, end)
        case "request written":
            http.client.HTTPConnection.getresponse = end
        case "response read":
            transport.send = after(transport.send, end)
        case "settled":
            outbox.settle_many = after(outbox.settle_many, end)


def run(job, out):
    store = Store(job["database"])
    transport = SendGridTransport("SG.made-up", url=job["url"], timeout=0.4)
    set_point(job["point"], store, transport)
    outbox = Outbox(
        store,
        _RENDERER,
        transport=transport,
        rehearsal=transport,
        sender="mail@example.org",
        wait=WAIT,
        now=lambda: LONG_AGO,  # The test's clock is that of its posts.
    )
    posted = outbox.post(Post.model_validate_json(job["post"]))
    out.write(posted.model_dump_json())
    out.flush()
    if job["point"] == "reported":
        die()


def fork(job):
    """Runs a job in a process of its own; what it said, and the signal that ended it."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            with os.fdopen(write, "w") as out:
                run(job, out)
            os._exit(0)
        finally:  # Whatever it was: the code says so, and a forked process must not go on.
            traceback.print_exc()
            os._exit(1)
    os.close(write)
    with os.fdopen(read) as said:
        posted = said.read()
    _, status = os.waitpid(child, 0)
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return {"posted": posted, "signal": killed, "code": status >> 8}


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    compile_first()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(fork(json.loads(line))) + "\n")
        sys.stdout.flush()
