"""The kinds of task of a program, with their people, dates and ladders: what a plan states once."""

import math
from collections.abc import Iterator
from typing import Any

from residency.dates import Offset, Span
from residency.defaults import (
    AGAIN,
    DECIDE,
    ESCALATE,
    FLAGS,
    OWN_ESCALATE,
    OWN_REMIND,
    RELEASE,
    REMIND,
    SCHEDULED_AHEAD,
)
from residency.derived import ATTESTATIONS, judge_form_id, judges
from residency.fields import days_of
from residency.milestones import milestone_ids
from residency.plan import Kind, Rule, Rung
from residency.program import Program
from residency.stages import Milestones, Override, Part, Report, SignOff, Stages, Task

Named = Iterator[tuple[str, Kind]]


def kinds_of(program: Program) -> dict[str, Kind]:
    """Every kind of task that the program's stages use, by name."""
    stages = program.stages
    found = [
        *_application(program),
        *_deciding(stages),
        *_screening(stages),
        *_interviews(stages),
        *_selection(stages),
        *_onboarding(stages),
        *_milestones(program),
        *_presentation(stages),
        *_publication(stages),
        *_completion(program),
        *_flags(),
    ]
    return dict(found)


def kind(
    part: Part,
    by: str,
    *,
    notice: str,
    rule: Rule = Rule.ANY,
    outcomes: list[str] | None = None,
    form: str = "",
    opens: str = "",
) -> Kind:
    """The kind of a task; what the part leaves out is the house's."""
    role, whose = by, rule
    if isinstance(part, Task) and part.by:
        role, said = next(iter(part.by.items()))
        whose = Rule(said) if said else rule
    return Kind(
        by=role,
        form=part.form or form,
        rule=whose,
        due=short_span(part.due),
        ladder=ladder(part, role),
        lapse=Offset.parse(part.lapse).short if part.lapse else "",
        outcomes=outcomes or ["done"],
        opens=opens,
        notice=notice,
    )


def ladder(part: Part, role: str) -> list[Rung]:
    """Reminders, then escalations, by day; the last is the coordinator's and repeats every week."""
    own = role == "coordinators"
    remind = part.remind if part.remind is not None else (OWN_REMIND if own else REMIND)
    escalate = part.escalate
    if escalate is None:
        escalate = OWN_ESCALATE if own else ESCALATE
    rungs = [(Offset.parse(text), "assignee") for text in remind]
    rungs += [(Offset.parse(text), who) for who, text in escalate.items()]
    if part.escalate is None:
        # The house's coordinator comes after every reminder, however late those are.
        last_day = math.ceil(max([days_of(offset) for offset, _ in rungs], default=0))
        if days_of(rungs[-1][0]) < last_day:
            rungs[-1] = (Offset.parse(f"+{last_day + 3}d"), "coordinator")
    rungs.sort(key=lambda rung: (days_of(rung[0]), rung[1] == "coordinator"))
    last = len(rungs) - 1
    return [
        Rung(on=offset.short, to=who, every=AGAIN if number == last else "")
        for number, (offset, who) in enumerate(rungs)
    ]


def short_span(text: str | None) -> str:
    """`14 days` -> `14d`; empty stays empty."""
    return Span.parse(text).short if text else ""


def _application(program: Program) -> Named:
    stage = program.stages.application
    if stage is None:
        return
    for role in dict.fromkeys(judges(program).values()):
        if role != "answers":
            outcomes = ["done", "revise"] if stage.revisions else ["done"]
            yield (
                f"judge-{role}",
                kind(
                    stage.judge,
                    role,
                    notice="judging-wanted",
                    outcomes=outcomes,
                    form=judge_form_id(role),
                ),
            )
    if stage.revisions:
        yield "revise", kind(stage.revise, "resident", notice="please-revise", form="application")


def _deciding(stages: Stages) -> Named:
    """What any stage that decides may open: a prepared decision waits to be decided or released."""
    application = stages.application
    part = application.release_task if application else Part.model_validate(RELEASE)
    yield (
        "release",
        kind(part, "coordinators", notice="decision-waits", outcomes=["released"]),
    )
    if application is not None or stages.screening is not None:
        decide = stages.screening.decide if stages.screening else Part.model_validate(DECIDE)
        yield "decide-screening", _decision(decide, ["advance", "reject"])


def _decision(part: Part, outcomes: list[str]) -> Kind:
    return kind(part, "coordinators", notice="decision-wanted", outcomes=outcomes)


def _screening(stages: Stages) -> Named:
    stage = stages.screening
    if stage is not None:
        yield "review", kind(stage, "reviewers", notice="review-wanted", rule=Rule.ALL)


def _interviews(stages: Stages) -> Named:
    stage = stages.interviews
    if stage is None:
        return
    for one in stage.rounds:
        schedule = stage.schedule
        if one.schedule:
            schedule = schedule.model_copy(update={"due": one.schedule})
        yield (
            f"schedule-{one.id}",
            kind(schedule, "coordinators", notice="schedule-wanted", outcomes=["scheduled"]),
        )
        card = over(stage.scorecard, one)
        yield (
            f"scorecard-{one.id}",
            kind(card, "interviewers", notice="scorecard-wanted", rule=Rule.ALL),
        )
    yield "decide-round", _decision(stage.decide, ["advance", "reject"])


def over(base: Part, other: Part) -> Task:
    """The base with what the other part states, as a plain task."""
    names = Task.model_fields
    values: dict[str, Any] = {name: getattr(base, name, None) for name in names}
    said = {name: getattr(other, name, None) for name in names}
    return Task.model_construct(**(values | {k: v for k, v in said.items() if v is not None}))


def _selection(stages: Stages) -> Named:
    if stages.selection is not None:
        yield "select", _decision(stages.selection.decide, ["accept", "waitlist", "reject"])
    if stages.offer is not None:
        yield (
            "offer",
            kind(stages.offer, "resident", notice="offer", outcomes=["accepted", "declined"]),
        )


def _onboarding(stages: Stages) -> Named:
    stage = stages.onboarding
    if stage is None:
        return
    yield "appoint", kind(stage.appoint, "coordinators", notice="appoint-wanted")
    for item in stage.items:
        part = item.model_copy(update={"due": None})  # It counts from the first day.
        yield f"item-{item.id}", kind(part, "resident", notice="checklist-item")


def _milestones(program: Program) -> Named:
    stage = program.stages.milestones
    if stage is None:
        return
    if stage.report:
        yield "report", _report(stage.report)
    if stage.sign_off:
        yield "sign-off", _sign_off(stage.sign_off)
    for name in milestone_ids(program):
        change = change_of(stage, name)
        report, sign_off = report_of(stage, change), sign_off_of(stage, change)
        if report and report_kind(stage, name) != "report":
            yield f"report-{name}", _report(report)
        if sign_off and sign_off_kind(stage, name) != "sign-off":
            yield f"sign-off-{name}", _sign_off(sign_off)


def change_of(stage: Milestones, name: str) -> Override:
    """What one milestone has of its own: in the list and under `only`, which wins."""
    listed = next((one for one in stage.at or [] if one.id == name), None)
    only = stage.only.get(name)
    if listed is None or only is None:
        return only or listed or Override()
    return Override.model_construct(
        name=only.name or listed.name,
        due=only.due or listed.due,
        report=_both(listed.report, only.report),
        sign_off=_both(listed.sign_off, only.sign_off),
    )


def _both(base: Any, other: Any) -> Any:
    """What an `only` says over what the list says; `off` (None) wins, and switches it on again too."""
    if other is None:
        return None
    if base is None:
        return other if _says(other) else None
    return _laid_over(base, other)


def _says(part: Part) -> bool:
    return any(value is not None for _, value in part)


def _laid_over(base: Any, other: Any) -> Any:
    """The base with what the other states."""
    return base.model_copy(update={name: value for name, value in other if value is not None})


def report_of(stage: Milestones, change: Override) -> Report | None:
    """The report of one milestone; None where there is none."""
    if change.report is None:
        return None
    if stage.report is None:
        return change.report if _says(change.report) else None
    report: Report = _laid_over(stage.report, change.report)
    return report


def sign_off_of(stage: Milestones, change: Override) -> SignOff | None:
    """The sign-off of one milestone; None where there is none."""
    if change.sign_off is None:
        return None
    if stage.sign_off is None:
        return change.sign_off if _says(change.sign_off) else None
    sign_off: SignOff = _laid_over(stage.sign_off, change.sign_off)
    return sign_off


def report_kind(stage: Milestones, name: str) -> str:
    """The kind of a milestone's report: the common one, its own, or "" for none."""
    report = report_of(stage, change_of(stage, name))
    if report is None:
        return ""
    return "report" if _same(stage.report, report) else f"report-{name}"


def sign_off_kind(stage: Milestones, name: str) -> str:
    """The kind of a milestone's sign-off: the common one, its own, or "" for none."""
    sign_off = sign_off_of(stage, change_of(stage, name))
    if sign_off is None:
        return ""
    return "sign-off" if _same(stage.sign_off, sign_off) else f"sign-off-{name}"


def _same(one: Part | None, other: Part) -> bool:
    return one is not None and one.model_copy(update={"name": None}) == other.model_copy(
        update={"name": None}
    )


def _report(part: Report) -> Kind:
    opens = Offset.parse(part.opens).short if part.opens else ""
    return kind(
        part.model_copy(update={"due": None}),
        "resident",
        notice="milestone-opening",
        form="report",
        opens=opens,
    )


def _sign_off(part: SignOff) -> Kind:
    return kind(
        part,
        "mentors",
        notice="sign-off-wanted",
        rule=Rule.LEAD,
        outcomes=["approved", "changes"],
        form="sign-off",
    )


def _presentation(stages: Stages) -> Named:
    stage = stages.presentation
    if stage is None:
        return
    if stage.optional:
        outcomes = ["accepted", "declined"]
        yield (
            "presentation-offer",
            kind(stage.offer, "resident", notice="presentation-offered", outcomes=outcomes),
        )
    opens = Offset.parse(SCHEDULED_AHEAD).short
    yield (
        "schedule-presentation",
        kind(
            stage.schedule,
            "coordinators",
            notice="schedule-wanted",
            outcomes=["scheduled"],
            opens=opens,
        ),
    )
    if stage.materials:
        part = stage.materials.model_copy(update={"due": None})
        yield "materials", kind(part, "resident", notice="materials-due", form="materials")
    if stage.evaluated:
        outcomes = ["passed", "again", "not-passed"] if stage.again else ["passed", "not-passed"]
        yield (
            "evaluate",
            kind(stage.evaluate, "panelists", notice="evaluation-wanted", outcomes=outcomes),
        )
        yield "decide-presentation", _decision(stage.decide, ["again", "end"])


def _publication(stages: Stages) -> Named:
    stage = stages.publication
    if stage is None or stage.when == "never":
        return
    if stage.when == "mentor-recommends":
        outcomes = ["recommend", "not-now"]
        yield (
            "recommend",
            kind(
                stage.recommend,
                "mentors",
                notice="recommendation-wanted",
                rule=Rule.LEAD,
                outcomes=outcomes,
            ),
        )
    yield "publish", kind(stage.submit, "resident", notice="publication-wanted", form="publication")
    yield (
        "record-publication",
        kind(stage.record, "resident", notice="publication-record-wanted", form="publication"),
    )


def _completion(program: Program) -> Named:
    stage = program.stages.completion
    if stage is None:
        return
    if stage.attest and program.attests:
        yield (
            "attest-end",
            kind(stage.attestation, "resident", notice="attestation-wanted", form=ATTESTATIONS),
        )
    yield "decide-end", _decision(stage.decide, ["complete", "end"])


def _flags() -> Named:
    for name, by, notice, outcomes, form in (
        ("handle-concern", "coordinators", "concern-raised", ["done"], ""),
        ("handle-extend", "coordinators", "extension-wanted", ["granted", "refused"], ""),
        ("handle-date", "coordinators", "date-wanted", ["granted", "refused"], ""),
        ("hearing", "resident", "termination-proposed", ["done"], "hearing"),
        ("handle-terminate", "coordinators", "termination-waits", ["confirmed", "rejected"], ""),
        ("correct-address", "coordinators", "address-bounced", ["done"], ""),
    ):
        part = Part.model_validate(FLAGS[name])
        yield name, kind(part, by, notice=notice, outcomes=outcomes, form=form)
