"""A definition made into the plan that a workflow carries: what it must decide by, and no texts."""

from datetime import date
from typing import Final

from residency.cohort import Cohort
from residency.dates import Offset, Span, Unit
from residency.definition import Definition, definition_hash
from residency.derived import judges
from residency.kinds import change_of, kinds_of, report_kind, short_span, sign_off_kind
from residency.milestones import milestone_ids, times
from residency.plan import (
    ApplicationPlan,
    CompletionPlan,
    Group,
    InterviewsPlan,
    ItemPlan,
    MilestonePlan,
    MilestonesPlan,
    OfferPlan,
    OnboardingPlan,
    Plan,
    PresentationPlan,
    PublicationPlan,
    RoundPlan,
    ScreeningPlan,
    SelectionPlan,
)
from residency.program import Program
from residency.stages import Milestones, Requires

_YEARS_OF_HOLIDAYS: Final = 2
_DAYS_IN_WEEKS: Final = {Unit.DAYS: 1, Unit.WEEKS: 7, Unit.MONTHS: 30, Unit.YEARS: 365}


def compile_plan(definition: Definition, cohort: Cohort | None = None) -> Plan:
    """The plan of a program; the cohort adds the holidays of its own years."""
    program = definition.program
    stages = program.stages
    return Plan(
        definition=definition_hash(definition),
        program=program.id,
        version=program.version,
        zone=program.time_zone,
        length=short_span(program.length or "1 day"),
        extension_weeks=_weeks(program.extensions.at_most),
        roll=program.roll,
        holidays=holidays_of(program, cohort),
        opens=program.send_window.opens,
        closes=program.send_window.closes,
        kinds=kinds_of(program),
        application=_application(program),
        screening=_screening(program),
        interviews=_interviews(program),
        selection=SelectionPlan(
            cooling_off=short_span(stages.selection.cooling_off), release=stages.selection.release
        )
        if stages.selection
        else None,
        offer=OfferPlan() if stages.offer else None,
        onboarding=_onboarding(program),
        milestones=_milestones(program),
        presentation=_presentation(program),
        publication=PublicationPlan(when=stages.publication.when) if stages.publication else None,
        completion=_completion(program),
    )


def group(rule: Requires) -> Group:
    """A tree of requirements as the workflow carries it."""
    return Group(
        all_of=[rule.requirement] if rule.requirement else _members(rule.all_of),
        any_of=_members(rule.any_of),
        none_of=_members(rule.none_of),
    )


def _members(rules: list[Requires]) -> list[str | Group]:
    return [rule.requirement or group(rule) for rule in rules]


def holidays_of(program: Program, cohort: Cohort | None) -> list[date]:
    """The holidays of program and cohort: those of countries for two years around the first day."""
    entries = [*program.holidays, *(cohort.holidays if cohort else [])]
    days = {entry for entry in entries if isinstance(entry, date)}
    countries = [entry for entry in entries if isinstance(entry, str)]
    if countries and cohort:
        start = min(day for day in (cohort.opens, cohort.closes, cohort.first_day) if day)
        years = range(start.year, cohort.first_day.year + _YEARS_OF_HOLIDAYS + 1)
        for country in countries:
            days |= {day for day in public_holidays(country, years) if day >= start}
    return sorted(days)


def public_holidays(country: str, years: range) -> set[date]:
    """The public holidays of FR or US-CA. Raises NotImplementedError for an unknown one."""
    import holidays  # noqa: PLC0415  # It is slow to import, and few programs need it.

    name, _, part = country.partition("-")
    return set(holidays.country_holidays(name, subdiv=part or None, years=years))


def _weeks(text: str) -> int:
    span = Span.parse(text)
    return span.count * _DAYS_IN_WEEKS.get(span.unit, 1) // 7


def _application(program: Program) -> ApplicationPlan | None:
    stage = program.stages.application
    if stage is None:
        return None
    return ApplicationPlan(
        requires=group(stage.requires) if stage.requires else None,
        judged=judges(program),
        revisions=stage.revisions,
        release=stage.release,
    )


def _screening(program: Program) -> ScreeningPlan | None:
    stage = program.stages.screening
    if stage is None:
        return None
    return ScreeningPlan(
        begins=stage.begins, reviews=stage.reviews, bound=stage.bound, release=stage.release
    )


def _interviews(program: Program) -> InterviewsPlan | None:
    stage = program.stages.interviews
    if stage is None:
        return None
    rounds = [
        RoundPlan(id=one.id, panel=one.panel, minutes=one.minutes, bound=one.bound)
        for one in stage.rounds
    ]
    remind = Offset.parse(stage.remind).span.short
    return InterviewsPlan(rounds=rounds, remind=remind, release=stage.release)


def _onboarding(program: Program) -> OnboardingPlan | None:
    stage = program.stages.onboarding
    if stage is None:
        return None
    items = [
        ItemPlan(id=one.id, due=Offset.parse(one.due or "0d").short, after=one.after)
        for one in stage.items
    ]
    return OnboardingPlan(mentors=stage.mentors, items=items)


def _milestones(program: Program) -> MilestonesPlan | None:
    stage = program.stages.milestones
    if stage is None:
        return None
    items = [
        _milestone(program, stage, name, number)
        for number, name in enumerate(milestone_ids(program), 1)
    ]
    sign_off = stage.sign_off
    return MilestonesPlan(
        items=items,
        rework=short_span(sign_off.rework if sign_off and sign_off.rework else "7 days"),
        rounds=(sign_off.rounds or 0) if sign_off else 0,
    )


def _milestone(program: Program, stage: Milestones, name: str, number: int) -> MilestonePlan:
    due = change_of(stage, name).due
    month = ""
    if due is None and stage.every:
        month = _month(program, stage.every, number)
    elif isinstance(due, str):
        month = short_span(due)
    return MilestonePlan(
        id=name,
        month=month,
        day=due if isinstance(due, date) else None,
        report=report_kind(stage, name),
        sign_off=sign_off_kind(stage, name),
    )


def _month(program: Program, every: str, number: int) -> str:
    """The end of that period; of a last, shorter one, the length itself."""
    last = number == len(milestone_ids(program))
    return short_span(program.length) if last else times(Span.parse(every), number).short


def _presentation(program: Program) -> PresentationPlan | None:
    stage = program.stages.presentation
    if stage is None:
        return None
    materials = Offset.parse(stage.materials.before).span.short if stage.materials else ""
    return PresentationPlan(
        before_end=short_span(stage.before_end or "14 days"),
        day=stage.day,
        minutes=stage.minutes,
        panel=stage.panel,
        evaluated=stage.evaluated,
        again=stage.again,
        optional=stage.optional,
        materials=materials,
        remind=Offset.parse(stage.remind).span.short,
    )


def _completion(program: Program) -> CompletionPlan | None:
    stage = program.stages.completion
    if stage is None:
        return None
    on = {"milestones": program.stages.milestones, "presentation": program.stages.presentation}
    return CompletionPlan(
        attest=stage.attest and bool(program.attests),
        require=[name for name in stage.require if on[name]],
    )
