"""A mail process that is killed at a named point, with every mail of many residencies on its way.

It is the mail worker of the settings. RESIDENCY_TEST_POINT names the point (killing.POINTS, and
COMPLETED), RESIDENCY_TEST_MANY how many residencies come by it: each waits there, and with the last
of them the process ends by SIGKILL. Without a point it works on. Its patience is shortened, so that
a server that hangs and the silence of a dead process are noticed within seconds.
"""

import asyncio
import functools
import json
import os
import select
import signal
import sys
import threading
from datetime import timedelta

import temporalio.bridge.worker
import temporalio.worker
from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, Interceptor

import activities.notify
import leaving
import mail.outbox
import mail.transports.sendgrid  # noqa: F401  # Before the fork; the wiring imports it late.
import server  # noqa: F401  # As above.
import wiring
from mail.preview import Previews
from mail.render import Renderer
from residency.definition import definition_document
from residency.notices import notice_named
from residency.settings import CHECKOUT, load
from tests.mail.killing import POINTS, die, set_point
from tests.workflows.house import definition_of
from workflows.post import NOTICE

REPORTED = POINTS[-1]
"""The activity's function has returned; the server was not told yet."""
COMPLETED = "completed"
"""The server was told."""
FIRST = {
    "residence": ("mentor-appointed", "welcome", "checklist-item"),
    "offered": ("offer",),
}
"""What residencies begin with. Of unknown fate, the first are sent once more, an offer never is."""
PATIENCE = 1.5
"""Seconds that the transport waits for an answer."""
BEAT = 0.3


class Ending:
    """Where residencies wait for each other, and the end of the process."""

    def __init__(self, point, many):
        self.point = point
        self._many, self._lock = many, threading.Lock()
        self._arrived, self._posts = set(), {}

    def wait(self, *_):
        """In the thread of an activity."""
        self._arrive(activity.info().workflow_id)
        threading.Event().wait()

    async def run(self, post):
        """An activity, from outside of its function."""
        info = activity.info()
        if info.workflow_id in self._arrived:  # Its first mails have come to the point.
            await rest()
        self._posts[info.task_token] = info.workflow_id
        posted = await post
        if self.point == REPORTED:
            self._arrive(info.workflow_id)
            await rest()
        return posted

    def completed(self, token):
        if self.point == COMPLETED and token in self._posts:
            self._arrive(self._posts[token])

    def _arrive(self, residency):
        with self._lock:
            self._arrived.add(residency)
            if len(self._arrived) == self._many:
                die()


async def rest():
    """For ever, with signs of life; those of an activity in a thread must come from one."""
    while True:
        await asyncio.to_thread(activity.heartbeat)
        await asyncio.sleep(BEAT)


class Watching(Interceptor):
    def __init__(self, ending):
        self._ending = ending

    def intercept_activity(self, next):  # noqa: A002  # the SDK's name
        ending = self._ending

        class Inbound(ActivityInboundInterceptor):
            async def execute_activity(self, input):  # noqa: A002  # the SDK's name
                return await ending.run(super().execute_activity(input))

        return Inbound(next)


def watch_completions(ending):
    """What the SDK's core answers once the server has a completion has no other place to be seen."""
    complete = temporalio.bridge.worker.Worker.complete_activity_task

    async def completed(self, completion):
        await complete(self, completion)
        ending.completed(completion.task_token)

    temporalio.bridge.worker.Worker.complete_activity_task = completed


def made_renderer():
    """The house's; it has compiled what the first mails of these residencies are made from."""
    renderer = Renderer(templates=CHECKOUT / "templates", programs=CHECKOUT / "programs")
    for program, notices in FIRST.items():
        document = definition_document(definition_of(program))
        for notice in (*notices, NOTICE):
            Previews(renderer).sample(notice_named(notice), document)
    return renderer


def hurry(house, many):
    """So many posts at once, and little patience with whoever is silent."""
    wiring.MAIL_THREADS = max(many, wiring.MAIL_THREADS)
    activities.notify.BEAT = BEAT
    house.carrier._api.client.timeout = PATIENCE


async def work(renderer):
    house = wiring.House(load())
    house.renderer = renderer
    many = int(os.environ.get("RESIDENCY_TEST_MANY", "0"))
    hurry(house, many)
    house.files = house.carrier  # Rehearsed residencies, for their clock; their mail is as real.
    ending = Ending(os.environ.get("RESIDENCY_TEST_POINT", ""), many)
    set_point(ending.point, house.store, house.carrier, end=ending.wait)
    watch_completions(ending)
    temporalio.worker.Worker = functools.partial(
        temporalio.worker.Worker,
        interceptors=[Watching(ending)],
        max_heartbeat_throttle_interval=timedelta(seconds=BEAT),
    )
    async with house.mail_worker(await house.connect()):
        await asyncio.Event().wait()


def begin(environment, renderer):
    """Such a process, forked from this one, which has imported everything and runs nothing."""
    child = os.fork()
    if child:
        return child
    try:
        os.environ |= environment
        log = os.open(
            f"{environment['RESIDENCY_DATA']}/mail.log", os.O_CREAT | os.O_APPEND | os.O_WRONLY
        )
        for stream in (1, 2):
            os.dup2(log, stream)
        leaving.run_main(lambda: work(renderer))
    finally:  # Whatever it was: a forked process must not go on.
        os._exit(1)


def ended(children):
    """Those that have ended meanwhile, by the signal that ended them (0: none did)."""
    found = {}
    while children - set(found):
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            break
        found[pid] = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return found


def say(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main():
    """Each line on standard input is the environment of one; says which began, and which ended how."""
    children, renderer = set(), made_renderer()
    while True:
        if select.select([sys.stdin], [], [], 0.02)[0]:
            line = sys.stdin.readline()
            if not line:
                break
            children.add(pid := begin(json.loads(line), renderer))
            say(begun=pid)
        for pid, by in ended(children).items():
            children.remove(pid)
            say(ended=pid, signal=by)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
