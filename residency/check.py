"""Checks across a definition, beyond what a single value can be."""

from collections.abc import Iterator, Sequence

from residency.checkdates import check_dates
from residency.checkforms import check_forms
from residency.checkpeople import check_cohorts
from residency.compile import group
from residency.dates import Offset
from residency.definition import Draft
from residency.derived import APPLICATION, ATTESTATIONS
from residency.faulting import Checker
from residency.fields import ROLES, days_of
from residency.milestones import milestone_ids
from residency.program import Program
from residency.rules import satisfying
from residency.source import Steps, quoted
from residency.stages import Materials, Part, Report, Requires, Task
from residency.validation import did_you_mean

ESCALATED = ("mentor", "co-mentor", "coordinator", "resident")


def check(draft: Draft) -> None:
    """Note every fault and warning that only shows when the parts are seen together."""
    assert draft.program is not None
    checker = Checker(draft.sources["program"])
    program = draft.program
    if draft.folder.resolve().name != program.id:
        folder = quoted(draft.folder.resolve().name)
        says = f"{quoted(program.id)} is not the name of its folder, {folder}"
        checker.fault("id", says=says, warns=True)
    _check_calendar(checker, program)
    for steps, part in parts(program):
        _check_part(checker, draft, steps, part)
    _check_rules(checker, draft, program)
    _check_attests(checker, program)
    _check_rounds_and_items(checker, program)
    _check_only(checker, program)
    check_dates(checker, program)
    check_forms(draft)
    check_cohorts(draft)


def parts(program: Program) -> Iterator[tuple[Steps, Part]]:
    """Every task of the program with the way to it."""
    for name, stage in program.stages:
        yield from _parts(stage, ("stages", name))


def _parts(value: object, steps: Steps) -> Iterator[tuple[Steps, Part]]:
    if isinstance(value, Part):
        yield steps, value
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from _parts(one, (*steps, number))
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _parts(one, (*steps, name))
    elif hasattr(value, "model_fields_set"):
        for name, one in value:  # type: ignore[attr-defined]  # A model gives its fields.
            yield from _parts(one, (*steps, name))


def _check_calendar(checker: Checker, program: Program) -> None:
    window = program.send_window
    if window.closes != "00:00" and window.closes <= window.opens:
        says = f"{quoted(f'{window.opens}-{window.closes}')} is no time; it closes after it opens"
        checker.fault("send_window", says=says)
    for number, entry in enumerate(program.holidays):
        if isinstance(entry, str) and not known_country(entry):
            says = f"{quoted(entry)} is no country with known holidays; write FR or US-CA"
            checker.fault("holidays", number, says=says)


def known_country(country: str) -> bool:
    """Whether the public holidays of FR or US-CA are known."""
    from residency.compile import public_holidays  # noqa: PLC0415  # It is slow and rarely needed.

    try:
        public_holidays(country, range(2024, 2025))
    except NotImplementedError:
        return False
    return True


def _check_part(checker: Checker, draft: Draft, steps: Steps, part: Part) -> None:
    _check_form(checker, draft, steps, part.form)
    if part.escalate is not None:
        _check_ladder(checker, (*steps, "escalate"), part)
    if part.remind is not None and len(part.remind) != len(set(part.remind)):
        checker.fault(*steps, "remind", says="the same reminder stands there twice")
    if isinstance(part, Task) and part.by is not None and len(part.by) != 1:
        says = "has not exactly one role; write one, as in mentors or {mentors: lead}"
        checker.fault(*steps, "by", says=says)
    for role in part.by or {} if isinstance(part, Task) else {}:
        if role not in {*ROLES, *draft.roles} and (near := did_you_mean(role, list(ROLES))):
            checker.fault(*steps, "by", says=f"{quoted(role)} is no role{near}")
    if isinstance(part, Report | Materials) and part.due:
        key = "opens" if isinstance(part, Report) else "before"
        says = f"its day is set by what it belongs to; leave it out, or write {key}"
        checker.fault(*steps, "due", says=says, at_key=True)
    for name in ("opens", "before"):
        offset = getattr(part, name, None)
        if offset and not Offset.parse(offset).negative:
            says = f"{quoted(offset)} is not before it; write one like 7 days before"
            checker.fault(*steps, name, says=says)


def _check_form(
    checker: Checker, draft: Draft, steps: Steps, form: str | None, key: str = "form"
) -> None:
    if form and form not in draft.known:
        near = did_you_mean(form, sorted(draft.known))
        says = f"{quoted(form)} is no form{near or f'; write forms/{form}.yaml'}"
        if form == ATTESTATIONS:
            says = f"{quoted(form)} has nothing to ask; write attests"
        checker.fault(*steps, key, says=says)


def _check_ladder(checker: Checker, steps: Steps, part: Part) -> None:
    assert part.escalate is not None
    for who in part.escalate:
        if who not in ESCALATED:
            says = f"{quoted(who)} is nobody to escalate to; write mentor, co-mentor or coordinator"
            checker.fault(*steps, who, says=says + did_you_mean(who, list(ESCALATED)), at_key=True)
    reached = {who: days_of(Offset.parse(text)) for who, text in part.escalate.items()}
    reminded = [days_of(Offset.parse(text)) for text in part.remind or []]
    last = max([*reached.values(), *reminded], default=0.0)
    if reached.get("coordinator") != last:
        says = (
            "the ladder has no last person; its last step must be the coordinator's, "
            "as in {coordinator: 8 days after}"
        )
        checker.fault(*steps, says=says, at_key=True)


def _check_rules(checker: Checker, draft: Draft, program: Program) -> None:
    application = program.stages.application
    if application is None:
        return
    base = ("stages", "application")
    if application.form not in draft.own:  # "application" is derived, so it is always known.
        form = application.form if application.form != APPLICATION else None
        _check_form(checker, draft, base, form)
    _check_form(checker, draft, base, application.identity_form, "identity_form")
    known: list[str] = []
    if application.requires is not None:
        known = application.requires.ids()
        whole = _check_rule(checker, application.requires, (*base, "requires"))
        if whole and satisfying(group(application.requires)) is None:
            says = "no answers can meet this: the program rejects everybody"
            checker.fault(*base, "requires", says=says, at_key=True)
    seen: dict[str, str] = {}
    for role, names in application.judged_by.items():
        for number, name in enumerate(names):
            steps: Steps = (
                *base,
                "judged_by",
                *_as_written(checker, (*base, "judged_by"), role),
                number,
            )
            if name not in known:
                says = f"{quoted(name)} is not required{did_you_mean(name, known)}"
                checker.fault(*steps, says=says)
            elif name in seen:
                checker.fault(*steps, says=f"{quoted(name)} is judged by {seen[name]} already")
            seen[name] = role
    for name in program.requirements:
        wanted = {*known, *application.prefers.of}
        wanted.update(one for track in program.tracks.values() for one in track.prefers.of)
        if name not in wanted:
            says = f"nothing requires or prefers it{did_you_mean(name, sorted(wanted))}"
            checker.fault("requirements", name, says=says, at_key=True, warns=True)


def _as_written(checker: Checker, steps: Steps, role: str) -> tuple[str, ...]:
    """A role's key as it was written: `reviewer` may stand for reviewers."""
    for written in (role, role.removesuffix("s")):
        if (*steps, written) in checker.source.places:
            return (written,)
    return (role,)


def _check_rule(checker: Checker, rule: Requires, steps: Steps) -> bool:
    """Whether every part of the rule is a requirement or has groups, which must all hold."""
    lists = {name: getattr(rule, name) for name in ("all_of", "any_of", "none_of")}
    said = [name for name, members in lists.items() if members]
    if bool(said) == (rule.requirement is not None):
        says = "is no rule; write a requirement's id, or all_of, any_of or none_of with a list"
        checker.fault(*steps, says=says, at_key=True)
        return False
    return all(
        [  # noqa: C419  # Each of them is looked at, so that every fault is noted.
            _check_rule(checker, member, (*steps, name, number))
            for name in said
            for number, member in enumerate(lists[name])
        ]
    )


def _check_attests(checker: Checker, program: Program) -> None:
    for name, said in program.attests.items():
        if len(said.one_of) == 1:
            checker.fault("attests", name, "one_of", says="has one choice; write two or more")
    for name, track in program.tracks.items():
        if track.prefers.at_least > len(track.prefers.of):
            checker.fault("tracks", name, "prefers", says="hopes for more than it names")


def _check_rounds_and_items(checker: Checker, program: Program) -> None:
    stages = program.stages
    if stages.interviews is not None:
        ids = [one.id for one in stages.interviews.rounds]
        _check_unique(checker, ids, ("stages", "interviews", "rounds"))
    if stages.onboarding is not None:
        base = ("stages", "onboarding", "items")
        ids = [one.id for one in stages.onboarding.items]
        _check_unique(checker, ids, base)
        after = {one.id: one.after for one in stages.onboarding.items}
        for number, one in enumerate(stages.onboarding.items):
            for name in one.after:
                if name not in ids:
                    says = f"{quoted(name)} is no item{did_you_mean(name, ids)}"
                    checker.fault(*base, number, "after", says=says)
            if _comes_after_itself(one.id, after):
                says = f"{quoted(one.id)} waits for itself; break the circle"
                checker.fault(*base, number, "after", says=says)


def _comes_after_itself(name: str, after: dict[str, list[str]]) -> bool:
    reached, waiting = set[str](), list(after[name])
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += after.get(one, [])
    return name in reached


def _check_unique(checker: Checker, ids: Sequence[str], base: Steps) -> None:
    for number, name in enumerate(ids):
        if name in ids[:number]:
            checker.fault(*base, number, "id", says=f"{quoted(name)} stands there twice")


def _check_only(checker: Checker, program: Program) -> None:
    stage = program.stages.milestones
    if stage is None:
        return
    base = ("stages", "milestones")
    if stage.every and stage.at is not None:
        checker.fault(*base, "at", says="stands beside every; write one of the two", at_key=True)
    if stage.at is not None:
        if not stage.at:
            checker.fault(*base, "at", says="has no milestone; write one, or milestones: off")
        _check_unique(checker, [one.id for one in stage.at], (*base, "at"))
    known = milestone_ids(program)
    for name in stage.only:
        if known and name not in known:
            says = f"there is no such milestone; they are {_listed(known)}"
            checker.fault(*base, "only", name, says=says, at_key=True)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 12 else f"{names[0]} to {names[-1]}"
