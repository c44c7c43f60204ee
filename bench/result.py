"""What a benchmark says in the end, with the budgets beside it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel

from bench.rounds import Measured, Round, middle

if TYPE_CHECKING:
    from bench.histories import Told

EVENTS_PER_STEP = 12.5
EVENTS_PER_STEP_PAUSED = 13.3
EVENTS_PER_POST = 6
"""An activity and the workflow task that takes its answer."""
EVENTS_PER_MOVE = 5
"""An Update and its workflow task, of a move that records nothing."""
BYTES_PER_STEP = 1800
OF_TWIN_EVENTS = 0.68
PLAN_BYTES = 8000
RATIO = 1.2
EVENTS_PER_RUNG = 14.0


class Result(BaseModel):
    """Medians over rounds (rates, seconds) and journeys (all that is counted)."""

    journeys: int
    concurrency: int
    rounds: int
    late: bool
    journeys_per_s: float
    twin_journeys_per_s: float
    ratio: float  # the median of the rounds' ratios
    human_steps: int
    rungs: int
    moves: int  # of the rehearsal's clock; on a real one, a timer each
    records: int
    mails: int
    history_events: int
    twin_history_events: int
    posts: int  # activities that carried mails: fewer, the faster people act
    paused_events: int  # the same history where everybody acts with pauses, and no two posts merge
    real_clock_events: int  # an estimate: with timers in the place of moves
    history_bytes: int
    twin_history_bytes: int
    plan_bytes: int
    cloud_actions: int
    twin_cloud_actions: int
    events_per_human_step: float
    paused_events_per_human_step: float
    bytes_per_human_step: int
    events_of_twin: float
    events_per_rung: float | None = None
    cpu_s_per_journey: dict[str, float]
    twin_cpu_s_per_journey: dict[str, float]
    peak_rss_mb: int
    server_version: str
    verified: bool
    faults: list[str]


@dataclass(frozen=True, kw_only=True)
class Budget:
    """One promise: what was measured, what is allowed, whether it is kept."""

    name: str
    measured: str
    allowed: str
    kept: bool


def result_of(measured: Measured) -> Result:
    options, told, counted = measured.options, measured.told, measured.counted
    human = round(middle([one.human for one in counted]))
    rungs = round(middle([one.rungs for one in counted]))
    events = round(middle([one.events for one in told]))
    both = zip(told, measured.driven, strict=True)
    paused = round(middle([paused_events(one, driven.moved) for one, driven in both]))
    size = round(middle([one.size for one in told]))
    twins = round(middle([one.events for one in measured.twins_told]))
    moves = round(middle([len(one.moved) for one in measured.driven]))
    rings = middle([one.rings for one in measured.driven])
    plan = len(measured.scene.plan.model_dump_json(exclude_defaults=True).encode())
    return Result(
        journeys=options.journeys,
        concurrency=options.concurrency,
        rounds=options.rounds,
        late=options.late,
        journeys_per_s=round(_rate(measured.ours, options.journeys), 3),
        twin_journeys_per_s=round(_rate(measured.twins, options.journeys), 3),
        ratio=round(
            middle(
                [t.seconds / o.seconds for o, t in zip(measured.ours, measured.twins, strict=True)]
            ),
            2,
        ),
        human_steps=human,
        rungs=rungs,
        moves=moves,
        records=round(middle([sum(step.records for step in one.steps) for one in counted])),
        mails=round(middle([one.mails for one in counted])),
        history_events=events,
        twin_history_events=twins,
        posts=round(middle([one.posts for one in told])),
        paused_events=paused,
        real_clock_events=round(events + 2 * (rings - moves)),
        history_bytes=size,
        twin_history_bytes=round(middle([one.size for one in measured.twins_told])),
        plan_bytes=plan,
        cloud_actions=round(middle(_actions(measured))),
        twin_cloud_actions=round(middle([one.actions for one in measured.twins_told])),
        events_per_human_step=round(events / human, 2),
        paused_events_per_human_step=round(paused / human, 2),
        bytes_per_human_step=round((size - plan) / human),
        events_of_twin=round(events / twins, 3),
        events_per_rung=_per_rung(events, measured.ordinary, rungs) if options.late else None,
        cpu_s_per_journey=_cpu(measured.ours, options.journeys),
        twin_cpu_s_per_journey=_cpu(measured.twins, options.journeys),
        peak_rss_mb=round(measured.peak_rss_mb),
        server_version=measured.scene.server.version,
        verified=not measured.faults,
        faults=measured.faults[:20],
    )


def paused_events(told: Told, moved: Collection[datetime]) -> int:
    """Each moment that tells somebody something has a post of its own.

    The clock stands still at each opening until which letters were kept, also where it was not
    `moved` there, because it had gone on before the mail said so.
    """
    posts, moves = told.moments - told.posts, len(told.kept - set(moved))
    return told.events + EVENTS_PER_POST * posts + EVENTS_PER_MOVE * moves


def _rate(rounds: list[Round], journeys: int) -> float:
    return middle([journeys / one.seconds for one in rounds])


def _cpu(rounds: list[Round], journeys: int) -> dict[str, float]:
    return {
        name: round(middle([one.cpu[name] for one in rounds]) / journeys, 3)
        for name in rounds[0].cpu
    }


def _actions(measured: Measured) -> list[float]:
    """With the driver's Queries, which no history has."""
    pairs = zip(measured.told, measured.driven, strict=True)
    return [told.actions + driven.queries for told, driven in pairs]


def _per_rung(events: int, ordinary: Told, rungs: int) -> float | None:
    """What a rung adds to an ordinary journey."""
    return round((events - ordinary.events) / rungs, 2) if rungs else None


def budgets(result: Result) -> list[Budget]:
    """The promises of the design, as far as this run can tell."""
    if result.late:
        per_rung = result.events_per_rung or 0.0
        return [_most("history events a rung", per_rung, EVENTS_PER_RUNG)]
    return [
        _most("history events a human step", result.events_per_human_step, EVENTS_PER_STEP),
        _most(
            "the same, where no two posts merge",
            result.paused_events_per_human_step,
            EVENTS_PER_STEP_PAUSED,
        ),
        _most("bytes a human step, besides the plan", result.bytes_per_human_step, BYTES_PER_STEP),
        _most("of the twin's events", result.events_of_twin, OF_TWIN_EVENTS),
        _most("bytes of the plan", result.plan_bytes, PLAN_BYTES),
        Budget(
            name="journeys a second, of the twin's",
            measured=f"{result.ratio:g}",
            allowed=f"at least {RATIO:g}",
            kept=result.ratio >= RATIO,
        ),
    ]


def _most(name: str, measured: float, allowed: float) -> Budget:
    return Budget(
        name=name,
        measured=f"{measured:g}",
        allowed=f"at most {allowed:g}",
        kept=measured <= allowed,
    )
