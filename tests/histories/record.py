"""Records the histories that tests/workflows/test_replay.py replays: `python -m tests.histories.record`.

Run it after a change of the workflow that is meant; each file is one run of one residency. Those
named `former-...` are of rules by which nothing begins any more (`Start.edition`); they stay as they are.
"""

import asyncio
import json
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import leaving
from finding import find_binary
from residency.settings import load
from store import Store
from tests.workflows.house import Rehearsal
from tests.workflows.journeys import HUGGING_FACE, ODD, place, working

HERE = Path(__file__).parent
LATE = "[{when: offer}, {late: 9 days}]"
FLAGS = """
- {when: "sign-off fog", do: flag, flag: extend, weeks: 2, times: 1}
- {when: "sign-off repair", do: flag, flag: concern, times: 1}
- {when: "sign-off repair", do: changes, times: 1}
"""
JOURNEYS = {
    "prompt": (HUGGING_FACE, {}, ""),
    "late": (ODD, {}, LATE),
    "continued": (ODD, {"force_continue": True}, ""),
    "flags": (ODD, {}, FLAGS),
}
"""Name -> program, settings, cast."""


async def main():
    folder = Path(tempfile.mkdtemp())
    empty = folder / "empty.db"
    store = Store(f"sqlite:///{empty}")
    store.migrate()
    store.close()
    binary = find_binary(load(), say=print).path
    for name, (program, settings, cast) in JOURNEYS.items():
        await record(folder / name, name, binary, empty, program, settings, cast)
    async with place(folder / "clock", binary=binary, empty=empty) as here, working(here):
        keep("clock", [await on_the_real_clock(here)])
    shutil.rmtree(folder)


async def record(data, name, binary, empty, program, settings, cast):
    async with place(data, binary=binary, empty=empty, **settings) as here, working(here):
        summary = await here.rehearsal(program, cast=cast).run()
        runs = []
        async for found in here.client.list_workflows(f"WorkflowId = '{summary.residencies[0]}'"):
            handle = here.client.get_workflow_handle(found.id, run_id=found.run_id)
            runs.append((found.start_time, await handle.fetch_history()))
    keep(name, [history for _, history in sorted(runs, key=lambda run: run[0])])
    sys.stdout.write(f"{summary.people_by_end}\n")


async def on_the_real_clock(here):
    """A history with timers: one rings, for a stage and for nobody's ladder, and the next is set."""
    first_day = datetime.now(UTC).date() + timedelta(days=300)
    somebody = await Rehearsal(here.house, here.client).start(
        "waits", real=True, first_day=first_day
    )
    await stage_is(somebody, "selection")
    await somebody.act("decide", at=None, outcome="accept")
    await somebody.act("release", at=None)
    await stage_is(somebody, "offer")
    await somebody.act("note", at=None, reason="it goes on")
    return await somebody.handle.fetch_history()


async def stage_is(somebody, stage):
    for _ in range(300):
        if (await somebody.view()).stage == stage:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{stage} did not come")


def keep(name, histories):
    for old in HERE.glob(f"{name}*.json"):
        old.unlink()
    for number, history in enumerate(histories, 1):
        file = HERE / (f"{name}.json" if len(histories) == 1 else f"{name}-{number}.json")
        compact = json.dumps(json.loads(history.to_json()), separators=(",", ":"))
        file.write_text(compact + "\n")
        sys.stdout.write(f"{file.name}: {len(history.events)} events\n")


if __name__ == "__main__":
    leaving.run_main(main)
