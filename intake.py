"""How cohorts and residencies begin: a cohort is opened from its file, people apply to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from client import Residencies
from residency.cohort import Cohort, Member, PoolMember
from residency.compile import compile_plan
from residency.definition import Definition, definition_document, definition_hash
from residency.errors import ResidencyError
from residency.forms import validate
from residency.milestones import calendar_of
from residency.plan import Plan
from residency.wire import Start
from store import Store
from store.cohorts import CohortRow
from store.cohorts import Member as Place
from store.ids import derived, new
from store.people import Person

POOLS = ("reviewers", "interviewers", "panelists", "mentors")


@dataclass(frozen=True)
class Applicant:
    """Somebody who applies: who they are, and the answers of the application form."""

    name: str
    email: str
    zone: str = ""
    locale: str = "en"
    track: str = ""
    answers: dict[str, Any] | None = None
    given_name: str = ""


class Intake:
    """Opens cohorts and takes applications. A rehearsal's ids are derived, so that two runs are equal."""

    def __init__(self, store: Store, *, force_continue: bool = False) -> None:
        self._store, self._force = store, force_continue

    def open_cohort(
        self,
        definition: Definition,
        cohort: Cohort,
        *,
        rehearsal: bool = False,
        at: datetime | None = None,
    ) -> CohortRow:
        """Opens a cohort: its people get their places in the pools. Opened before, it is returned."""
        program = definition.program.id
        derived_id = derived("c", program, cohort.name)
        known = (
            self._store.cohorts.get(derived_id)
            if rehearsal
            else self._store.cohorts.by_name(program, cohort.name)
        )
        if known is not None:
            return known
        plan = compile_plan(definition, cohort)
        self._store.definitions.save(
            definition_hash(definition), program, plan.version, definition_document(definition)
        )
        cohort_id = derived_id if rehearsal else new("c")
        places = self._places(cohort, cohort_id, plan.zone, rehearsal=rehearsal)
        row = CohortRow(
            id=cohort_id,
            program=program,
            name=cohort.name,
            definition=plan.definition,
            plan=plan.model_dump(mode="json", exclude_defaults=True),
            opens=cohort.opens,
            closes=cohort.closes,
            first_day=cohort.first_day,
            seats=cohort.seats,
            coordinators=[place.person for place in places if place.role == "coordinators"],
            rehearsal=rehearsal,
            created=at or datetime.now(UTC),
        )
        self._store.cohorts.open(row, places)
        return row

    def _places(self, cohort: Cohort, cohort_id: str, zone: str, *, rehearsal: bool) -> list[Place]:
        """One place for each person and role; whoever has several roles is one person."""
        roles: list[tuple[str, Member]] = [("coordinators", each) for each in cohort.coordinators]
        for pool in POOLS:
            roles += [(pool, each) for each in getattr(cohort.pools, pool)]
        for role, members in cohort.others.items():
            roles += [(role, each) for each in members]
        ids: dict[str, str] = {}
        places = []
        for number, (role, member) in enumerate(roles):
            if member.email not in ids:
                ids[member.email] = self._person(
                    member, cohort_id, zone, scope=cohort_id if rehearsal else ""
                )
            pooled = member if isinstance(member, PoolMember) else None
            places.append(
                Place(
                    role=role,
                    person=ids[member.email],
                    place=number,
                    most=pooled.most if pooled else None,
                    tracks=list(pooled.tracks) if pooled else [],
                )
            )
        return places

    def _person(self, member: Member, cohort_id: str, zone: str, *, scope: str) -> str:
        known = self._store.people.by_email(member.email, rehearsal=scope)
        if known is not None:
            return known.id
        person_id = derived("p", cohort_id, member.email) if scope else new("p")
        person = Person(
            id=person_id,
            name=member.name,
            given_name=member.name.split()[0],
            email=member.email,
            zone=member.zone or zone,
            locale=member.locale,
            rehearsal=scope,
        )
        self._store.people.add(person)
        return person_id

    def prepare(
        self,
        row: CohortRow,
        applicant: Applicant,
        *,
        at: datetime,
        line: int = 0,
        form: Any = None,
    ) -> Start:
        """Stores a person and their application; what their residency is to be started with.

        `form` is the application form, against which the answers are checked (FormError). `line` is
        the place in the people file, from which a rehearsal's ids are derived.
        """
        plan = Plan.model_validate(row.plan)
        calendar = calendar_of(plan)
        closes = calendar.end_of(row.closes) if row.closes else None
        answers = dict(applicant.answers or {})
        if form is not None:
            answers = validate(form, answers)
        _check_open(row, closes, at)
        scope = row.id if row.rehearsal else ""
        keyed = (row.id, str(line))
        known = self._store.people.by_email(applicant.email, rehearsal=scope)
        if known is None:
            known = Person(
                id=derived("p", *keyed) if scope else new("p"),
                name=applicant.name,
                given_name=applicant.given_name or applicant.name.split()[0],
                email=applicant.email,
                zone=applicant.zone or plan.zone,
                locale=applicant.locale,
                rehearsal=scope,
            )
            self._store.people.add(known)
        elif (earlier := self._earlier(row, known.id)) is not None:
            raise ResidencyError(
                f'"{applicant.email}" has applied to {row.name} already: {earlier}; '
                "one application a person and cohort."
            )
        residency = derived("r", *keyed) if scope else new("r")
        submission = derived("s", *keyed) if scope else new("s")
        self._store.submissions.add(
            submission,
            residency=residency,
            person=known.id,
            form="application",
            answers=answers,
            at=at,
        )
        return Start(
            residency=residency,
            person=known.id,
            cohort=row.id,
            cohort_name=row.name,
            plan=plan,
            track=applicant.track,
            closes=closes,
            first_day=row.first_day,
            coordinators=row.coordinators,
            roles=self._others(row),
            application=submission,
            started=at,
            rehearsal=row.rehearsal,
            force_continue=self._force,
        )

    def _earlier(self, row: CohortRow, person: str) -> str | None:
        """The residency of somebody who has applied before. A rehearsal that is taken up again may."""
        if row.rehearsal:
            return None
        found = self._store.lists.residencies(cohort=row.id, person=person)
        return found[0].id if found else None

    def _others(self, row: CohortRow) -> dict[str, list[str]]:
        """Who owns tasks by a role that is no pool: the legal desk, for instance."""
        others: dict[str, list[str]] = {}
        for member in self._store.cohorts.members(row.id):
            if member.role not in (*POOLS, "coordinators"):
                others.setdefault(member.role, []).append(member.person)
        return others

    async def apply(
        self,
        residencies: Residencies,
        row: CohortRow,
        applicant: Applicant,
        *,
        at: datetime,
        line: int = 0,
        form: Any = None,
    ) -> Start:
        """Takes an application and starts its residency."""
        import asyncio  # noqa: PLC0415  # only the command that applies needs it

        start = await asyncio.to_thread(self.prepare, row, applicant, at=at, line=line, form=form)
        await residencies.start(start)
        return start


def _check_open(row: CohortRow, closes: datetime | None, at: datetime) -> None:
    if closes is not None and at >= closes:
        raise ResidencyError(
            f"Applications to {row.name} closed at {closes:%Y-%m-%d %H:%M} UTC; "
            "this one came too late and was not taken."
        )
