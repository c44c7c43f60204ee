"""Names for people to read: of milestones, rounds, kinds of task, statements and requirements."""

from typing import Any

from residency.fields import readable
from residency.milestones import milestone_ids
from residency.program import Program
from residency.spans import Span

KINDS = {
    "revise": "Revise the application",
    "release": "Release a prepared decision",
    "review": "Review",
    "decide-screening": "Decide on the screening",
    "decide-round": "Decide on the interviews",
    "select": "Decide on a place",
    "offer": "Answer the offer",
    "appoint": "Appoint",
    "report": "Report",
    "sign-off": "Sign-off",
    "presentation-offer": "Say whether you present",
    "schedule-presentation": "Schedule the presentation",
    "materials": "Materials of the presentation",
    "evaluate": "Evaluation of the presentation",
    "decide-presentation": "Decide on the presentation",
    "recommend": "Recommend for publication",
    "publish": "Submit the work for publication",
    "record-publication": "Record the publication",
    "attest-end": "Declaration at the end",
    "decide-end": "Decide on the end",
    "handle-concern": "Take care of a concern",
    "handle-extend": "Decide on an extension",
    "handle-date": "Decide on another date",
    "hearing": "Tell your side",
    "handle-terminate": "Decide on a termination",
    "correct-address": "Correct an address",
    "check-date": "Look at a date again",
}


def titles(program: Program) -> dict[str, dict[str, Any]]:
    """By what they name: items, kinds, rounds, statements, requirements, attests, tracks."""
    stages = program.stages
    rounds = {
        one.id: one.name or readable(one.id)
        for one in (stages.interviews.rounds if stages.interviews else [])
    }
    items = {
        one.id: one.name or readable(one.id)
        for one in (stages.onboarding.items if stages.onboarding else [])
    }
    return {
        "items": items | milestone_titles(program),
        "kinds": KINDS | _named_kinds(program, rounds, items),
        "rounds": rounds,
        "statements": dict(program.statements),
        "requirements": _requirements(program),
        "attests": {name: said.text for name, said in program.attests.items()},
        "tracks": {name: track.name for name, track in program.tracks.items()},
    }


def milestone_titles(program: Program) -> dict[str, str]:
    """`Month 3: First results`, and just the name where milestones are a list.

    Every three months, the first is `Month 3`, as far as the program counts in months.
    """
    stage = program.stages.milestones
    if stage is None:
        return {}
    if stage.at:
        names = {one.id: one.name or readable(one.id) for one in stage.at}
        return names | {name: over.name for name, over in stage.only.items() if over.name}
    period = program.words.period[:1].upper() + program.words.period[1:]
    return {
        name: f"{period} {number}" + (f": {over.name}" if over and over.name else "")
        for name, number in _numbered(program).items()
        for over in [stage.only.get(name)]
    }


def _numbered(program: Program) -> dict[str, int]:
    """The period at whose end each milestone is; just its number where the word for a period is not
    what the program counts in.
    """
    ids, every = (
        milestone_ids(program),
        program.stages.milestones and program.stages.milestones.every,
    )
    span, whole = Span.parse(every or "1 month"), Span.parse(program.length or "1 month")
    if f"{program.words.period}s" != span.unit.value:
        return {name: number for number, name in enumerate(ids, 1)}
    most = whole.count if whole.unit is span.unit else span.count * len(ids)
    return {name: min(number * span.count, most) for number, name in enumerate(ids, 1)}


def _named_kinds(program: Program, rounds: dict[str, str], items: dict[str, str]) -> dict[str, str]:
    named = {f"schedule-{name}": f"Schedule: {title}" for name, title in rounds.items()}
    named |= {f"scorecard-{name}": f"Scorecard: {title}" for name, title in rounds.items()}
    named |= {f"item-{name}": title for name, title in items.items()}
    application = program.stages.application
    roles = application.judged_by if application else {}
    named |= {
        f"judge-{role}": "Judge what the program requires" for role in roles if role != "answers"
    }
    for name, title in milestone_titles(program).items():
        named |= {f"report-{name}": f"Report: {title}", f"sign-off-{name}": f"Sign-off: {title}"}
    for kind, part in _renamed(program).items():
        if part:
            named[kind] = part
    return named


def _renamed(program: Program) -> dict[str, str | None]:
    """The names that a program gives to tasks of its own."""
    stages = program.stages
    names: dict[str, str | None] = {}
    if stages.screening:
        names |= {"review": stages.screening.name}
    if stages.offer:
        names |= {"offer": stages.offer.name}
    if stages.milestones and stages.milestones.report:
        names |= {"report": stages.milestones.report.name}
    if stages.milestones and stages.milestones.sign_off:
        names |= {"sign-off": stages.milestones.sign_off.name}
    if stages.presentation:
        names |= {"evaluate": stages.presentation.evaluate.name}
    return names


def _requirements(program: Program) -> dict[str, str]:
    named = dict(program.requirements)
    application = program.stages.application
    ids = application.requires.ids() if application and application.requires else []
    wanted = [application.prefers] if application else []
    for prefers in (*wanted, *(track.prefers for track in program.tracks.values())):
        ids += prefers.of
    return named | {name: program.label(name) for name in ids}
