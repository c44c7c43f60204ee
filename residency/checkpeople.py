"""Checks of cohorts: dates in order, seats that fit the tracks, enough people for every task."""

from collections.abc import Iterator

from residency.cohort import POOLS, Cohort, Member, PoolMember
from residency.dates import Span, last_day
from residency.definition import Draft
from residency.faulting import Checker
from residency.fields import ROLES
from residency.kinds import kinds_of
from residency.program import Program
from residency.source import quoted
from residency.stages import Listed
from residency.validation import did_you_mean


def check_cohorts(draft: Draft) -> None:
    """Note the faults of every cohort file that could be read."""
    assert draft.program is not None
    for name, cohort in draft.cohorts.items():
        checker = Checker(draft.sources[f"cohorts/{name}"])
        if cohort.name != name:
            checker.fault("name", says=f"{quoted(cohort.name)} is not the name of its file")
        _check_days(checker, cohort, draft.program)
        _check_seats(checker, cohort, draft.program)
        _check_people(checker, cohort, draft.program)
        _check_pools(checker, cohort, draft.program)
        _check_countries(checker, cohort)


def _check_days(checker: Checker, cohort: Cohort, program: Program) -> None:
    if cohort.opens and cohort.closes and cohort.closes < cohort.opens:
        says = f"{quoted(cohort.closes)} is before {cohort.opens}, when applications open"
        checker.fault("closes", says=says)
    closes = cohort.closes or cohort.opens
    if closes and closes >= cohort.first_day:
        says = f"{quoted(cohort.first_day)} is not after {closes}, when people still apply"
        checker.fault("first_day", says=says)
    if not program.length or cohort.first_day.year > 9000:
        return  # The length is not needed, or the first day stands in for one at fault.
    stages, end = program.stages, last_day(cohort.first_day, Span.parse(program.length))
    fixed = [(f"milestone {quoted(one.id)}", one.due) for one in _listed(program)]
    if stages.presentation and stages.presentation.day:
        fixed.append(("the presentation", stages.presentation.day))
    for what, day in fixed:
        if not isinstance(day, str) and day and not cohort.first_day <= day <= end:
            says = f"{what} is on {day}, outside of {cohort.first_day} to {end}"
            checker.fault("first_day", says=says)


def _listed(program: Program) -> Iterator[Listed]:
    stage = program.stages.milestones
    yield from (stage.at or [] if stage else [])


def _check_seats(checker: Checker, cohort: Cohort, program: Program) -> None:
    if isinstance(cohort.seats, dict):
        for track in cohort.seats:
            if track not in program.tracks:
                says = f"{quoted(track)} is no track{did_you_mean(track, list(program.tracks))}"
                checker.fault("seats", track, says=says, at_key=True)
        for track in program.tracks:
            if track not in cohort.seats:
                checker.fault("seats", says=f"the track {quoted(track)} has no seats")


def _check_people(checker: Checker, cohort: Cohort, program: Program) -> None:
    groups: dict[tuple[str, ...], list[Member]] = {("coordinators",): cohort.coordinators}
    groups |= {("pools", pool): list(getattr(cohort.pools, pool)) for pool in POOLS}
    groups |= {("others", role): members for role, members in cohort.others.items()}
    names: dict[str, str] = {}
    for steps, members in groups.items():
        seen: set[str] = set()
        for number, member in enumerate(members):
            address = member.email.casefold()
            if address in seen:
                says = f"{quoted(member.email)} stands there twice"
                checker.fault(*steps, number, "email", says=says)
            elif names.setdefault(address, member.name) != member.name:
                other = quoted(names[address])
                says = f"{quoted(member.email)} is {other} too; an address is one person's"
                checker.fault(*steps, number, "email", says=says)
            seen.add(address)
            for track in getattr(member, "tracks", []):
                if track not in program.tracks:
                    says = f"{quoted(track)} is no track{did_you_mean(track, list(program.tracks))}"
                    checker.fault(*steps, number, "tracks", says=says)


def _check_pools(checker: Checker, cohort: Cohort, program: Program) -> None:
    for pool, needed, why in _needed(program):
        members: list[PoolMember] = getattr(cohort.pools, pool)
        for track in program.tracks or [""]:
            fitting = [one for one in members if not one.tracks or track in one.tracks]
            if len(fitting) < needed:
                where = f" of the track {quoted(track)}" if track else ""
                few = f"{len(fitting)} {pool}{where} are"
                if len(fitting) == 1:
                    few = f"1 {pool.removesuffix('s')}{where} is"
                says = f"{few} too few; {why} {needed}"
                checker.fault("pools", pool, says=says, at_key=True)
    for role in {kind.by for kind in kinds_of(program).values()} - set(ROLES):
        if not cohort.others.get(role):
            checker.fault(
                "others", says=f"nobody is {quoted(role)}; a task of the program needs one"
            )


def _needed(program: Program) -> Iterator[tuple[str, int, str]]:
    stages = program.stages
    if stages.screening:
        yield "reviewers", stages.screening.reviews, "an application's reviews need"
    for one in stages.interviews.rounds if stages.interviews else []:
        yield "interviewers", one.panel, f"the round {quoted(one.id)} needs"
    if stages.onboarding:
        yield "mentors", stages.onboarding.mentors, "each person needs"
    if stages.presentation:
        yield "panelists", stages.presentation.panel, "a presentation needs"


def _check_countries(checker: Checker, cohort: Cohort) -> None:
    from residency.check import known_country  # noqa: PLC0415  # It checks what is checked here.

    for number, entry in enumerate(cohort.holidays):
        if isinstance(entry, str) and not known_country(entry):
            says = f"{quoted(entry)} is no country with known holidays; write FR or US-CA"
            checker.fault("holidays", number, says=says)
