"""The rounds: ours and the twin in turns on one server; medians count."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from bench import usage
from bench.counting import Counted, count
from bench.histories import Told, read
from bench.journeys import Driven, Journey
from bench.scene import PATIENCE, Scene, scene
from bench.twin import QUEUE, Answer, Done, Step
from bench.twin import Journey as TwinStart
from residency.errors import UnavailableError

if TYPE_CHECKING:
    from bench.result import Result

T = TypeVar("T")
Tell = Callable[[str, int, int], None]
"""Told what is under way, how much of it is done, and how much there is."""

LATE_RUNGS = 3


@dataclass(frozen=True, kw_only=True)
class Options:
    """`concurrency` journeys are under way at a time; `late`: nobody acts before three rungs rang."""

    journeys: int = 20
    concurrency: int = 10
    rounds: int = 3
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Round:
    """One side's turn: wall seconds, and CPU seconds by process."""

    seconds: float
    cpu: dict[str, float]


@dataclass
class Measured:
    """Everything that a run has seen."""

    options: Options
    scene: Scene
    ordinary: Told  # one journey in which everybody acts at once
    steps: list[Step] = field(default_factory=list)  # what the twin does
    ours: list[Round] = field(default_factory=list)
    twins: list[Round] = field(default_factory=list)
    driven: list[Driven] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    twins_told: list[Told] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    peak_rss_mb: float = 0.0


async def run(options: Options, *, tell: Tell) -> Result:
    """Measures; raises ResidencyError where a worker ends or a journey can't go on."""
    from bench.result import result_of  # noqa: PLC0415  # It knows this module.

    tell("Starting a server and the workers", 0, 0)
    everybody = options.journeys * options.rounds + 2
    async with scene(journeys=everybody) as made:
        watch = asyncio.create_task(_watch(made))
        try:
            work = asyncio.create_task(_measure(made, options, tell))
            await asyncio.wait([work, watch], return_when=asyncio.FIRST_COMPLETED)
            if not work.done():
                work.cancel()
                watch.result()
            return result_of(await work)
        finally:
            watch.cancel()


async def _watch(made: Scene) -> None:
    """Ends with an error as soon as a worker has ended."""
    while True:
        made.check()
        await asyncio.sleep(0.5)


async def _measure(made: Scene, options: Options, tell: Tell) -> Measured:
    measured = await _count(made, options, tell)
    for turn in range(options.rounds):
        numbers = range(2 + turn * options.journeys, 2 + (turn + 1) * options.journeys)
        ours = [Journey(made, number, rungs=_rungs(options)) for number in numbers]
        twins = [f"twin-{number}" for number in numbers]
        of = f"of {options.rounds}"
        # The first turn is the other's each time, so that neither always meets a fresher server.
        for is_ours in (True, False) if turn % 2 == 0 else (False, True):
            if is_ours:
                what = f"Round {turn + 1} {of}: ours"
                took, driven = await _timed(made, options, [j.run for j in ours], tell, what)
                measured.ours.append(took)
                measured.driven += driven
            else:
                runs = [lambda twin=twin: _twin(made, twin, measured.steps) for twin in twins]
                what = f"Round {turn + 1} {of}: the twin"
                took, _ = await _timed(made, options, runs, tell, what)
                measured.twins.append(took)
        measured.peak_rss_mb = _peak(made)
        tell(f"Round {turn + 1} {of}: reading", 0, 0)
        await _read(made, measured, [j.driven for j in ours], twins)
    await asyncio.to_thread(_verify_files, made, measured)
    return measured


def _rungs(options: Options) -> int:
    return LATE_RUNGS if options.late else 0


async def _count(made: Scene, options: Options, tell: Tell) -> Measured:
    """A journey of ours says what the twin has to do; both are warm then."""
    tell("Counting the steps of a journey", 0, 0)
    driven = await Journey(made, 0).run()
    told = await read(made.client, driven.residency)
    measured = Measured(options=options, scene=made, ordinary=told)
    if options.late:
        driven = await Journey(made, 1, rungs=_rungs(options)).run()
        told = await read(made.client, driven.residency)
    measured.steps = (await asyncio.to_thread(count, made, driven, told)).steps
    await _twin(made, "twin-0", measured.steps)
    return measured


async def _twin(made: Scene, id: str, steps: Sequence[Step]) -> None:
    """Drives one twin: an Update for each step, as soon as the last was answered."""
    at = made.opening
    start = TwinStart(plan=made.plan, first=steps[0], steps=list(steps[1:]))
    handle = await made.client.start_workflow("PlainTwin", start, id=id, task_queue=QUEUE)
    for number, step in enumerate(steps[1:], 1):
        done = Done(
            id=f"{id}-{number}",
            verb="complete",
            actor="p-somebody",
            task=step.kind,
            submission="s-something",
            at=at,
        )
        await handle.execute_update(
            "act",
            done,
            id=done.id,
            result_type=Answer,
            rpc_timeout=timedelta(seconds=PATIENCE),
        )
    await handle.result()


async def _timed(
    made: Scene,
    options: Options,
    runs: Sequence[Callable[[], Awaitable[T]]],
    tell: Tell,
    what: str,
) -> tuple[Round, list[T]]:
    """Runs all, so many at a time."""
    turn, done = asyncio.Semaphore(options.concurrency), 0
    tell(what, 0, len(runs))

    async def one(run: Callable[[], Awaitable[T]]) -> T:
        nonlocal done
        async with turn:
            result = await run()
        done += 1
        tell(what, done, len(runs))
        return result

    before, began = _cpu(made), perf_counter()
    results = await asyncio.gather(*(one(run) for run in runs))
    seconds, after = perf_counter() - began, _cpu(made)
    cpu = {name: after[name] - before[name] for name in after}
    worker = cpu["worker"] + cpu.pop("twin")  # The other side's worker only polls meanwhile.
    return Round(seconds=seconds, cpu=cpu | {"worker": worker}), results


def _cpu(made: Scene) -> dict[str, float]:
    return {
        "server": usage.cpu_seconds(made.server.pid),
        "worker": usage.cpu_seconds(made.worker.pid),
        "driver": usage.own_cpu_seconds(),
        "twin": usage.cpu_seconds(made.twin.pid),
    }


def _peak(made: Scene) -> float:
    """Server, our worker and the driver together."""
    others = (made.server.pid, made.worker.pid)
    return usage.own_peak_rss_mb() + sum(usage.peak_rss_mb(pid) for pid in others)


async def _read(made: Scene, measured: Measured, driven: list[Driven], twins: list[str]) -> None:
    """Histories, records and mails of a round, outside of what is timed."""
    for one in driven:
        told = await read(made.client, one.residency)
        counted = await asyncio.to_thread(count, made, one, told)
        measured.told.append(told)
        measured.counted.append(counted)
        measured.faults += [f"{one.residency}: {fault}" for fault in counted.faults]
    for id in twins:
        measured.twins_told.append(await read(made.client, id))


def _verify_files(made: Scene, measured: Measured) -> None:
    """As many mail files as mails were sent, of the counting journeys too."""
    sent = made.house.store.outbox.counts(cohort=made.row.id).get("sent", 0)
    files = sum(1 for _ in made.mails.glob("*.eml"))
    if sent != files:
        measured.faults.append(f"{sent} mails were sent, but there are {files} files")
    if not measured.counted:
        raise UnavailableError("Nothing was measured.")


def middle(values: Sequence[float]) -> float:
    """The median, 0 of nothing."""
    return float(median(values)) if values else 0.0
