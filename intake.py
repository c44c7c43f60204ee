"""How cohorts and residencies begin: a cohort is opened from its file, people apply to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

import structlog

from client import Residencies
from residency.cohort import Cohort, Member, PoolMember
from residency.compile import compile_plan
from residency.dates import DateError, zone_named
from residency.definition import Definition, definition_document, definition_hash
from residency.errors import ResidencyError
from residency.forms import FormField, refusal, validate
from residency.milestones import calendar_of
from residency.plan import Plan
from residency.wire import EDITION, Start
from store import Store
from store.applications import Application
from store.cohorts import CohortRow
from store.cohorts import Member as Place
from store.ids import derived, new
from store.people import Person

POOLS = ("reviewers", "interviewers", "panelists", "mentors")

KEPT: Final = timedelta(days=30)
"""How long after the close an application is kept that was begun and never sent."""

_NAME: Final = FormField(id="name", label="Name")
_log: Any = structlog.get_logger("intake")


@dataclass(frozen=True)
class Window:
    """When a cohort takes applications: from `opens` until just before `closes`; None is no limit."""

    opens: datetime | None
    closes: datetime | None
    ends: datetime  # when nobody can apply any more, even where no close is said

    def is_early(self, at: datetime) -> bool:
        return self.opens is not None and at < self.opens

    def is_late(self, at: datetime) -> bool:
        return at >= self.ends


def window(row: CohortRow) -> Window:
    """The window of a cohort, by the days of its program's zone."""
    calendar = calendar_of(Plan.model_validate(row.plan))
    closes = calendar.end_of(row.closes) if row.closes else None
    return Window(
        opens=calendar.at(row.opens, time()) if row.opens else None,
        closes=closes,
        ends=closes or calendar.at(row.first_day, time()),
    )


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
        residency: str = "",
    ) -> Start:
        """Stores a person and their application; what their residency is to be started with.

        `form` is the application form, against which the answers are checked (FormError). `line` is
        the place in the people file, from which a rehearsal's ids are derived. Where the id of the
        `residency` is chosen before, the same can be prepared again, and nothing is stored twice.
        """
        plan = Plan.model_validate(row.plan)
        closes = window(row).closes
        answers = dict(applicant.answers or {})
        if form is not None:
            answers = validate(form, answers)
        _check_open(row, closes, at)
        self._check_first(row, applicant.email, residency=residency)
        keyed = (residency,) if residency else (row.id, str(line))
        person = self._applied(row, applicant, plan.zone, keyed=keyed)
        is_derived = bool(row.rehearsal or residency)
        residency = residency or (derived("r", *keyed) if is_derived else new("r"))
        submission = derived("s", *keyed) if is_derived else new("s")
        self._store.submissions.add(
            submission,
            residency=residency,
            person=person,
            form="application",
            answers=answers,
            at=at,
        )
        return Start(
            residency=residency,
            person=person,
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
            edition=EDITION,
        )

    def _check_first(self, row: CohortRow, email: str, *, residency: str) -> None:
        """One application a person and cohort; `residency` is the one that may be prepared again.

        A rehearsal that is taken up again begins its residencies anew.
        """
        earlier = self.earlier(row, email, but=residency)
        if earlier is not None and (residency or not row.rehearsal):
            raise ResidencyError(
                f'"{email}" has applied to {row.name} already: {earlier}; '
                "one application a person and cohort."
            )

    def _applied(
        self, row: CohortRow, applicant: Applicant, zone: str, *, keyed: tuple[str, ...]
    ) -> str:
        """The id of whoever applies: who is known by this address already, or a new person."""
        scope = row.id if row.rehearsal else ""
        known = self._store.people.find_or_add(
            Person(
                id=derived("p", *keyed) if scope else new("p"),
                name=applicant.name,
                given_name=applicant.given_name or applicant.name.split()[0],
                email=applicant.email,
                zone=applicant.zone or zone,
                locale=applicant.locale,
                rehearsal=scope,
            )
        )
        return known.id

    def earlier(self, row: CohortRow, email: str, *, but: str = "") -> str | None:
        """The residency of somebody who has applied before, whether it runs yet or not.

        `but` is one that does not count.
        """
        sent = [one for one in self._store.applications.of_address(row.id, email) if one.sent]
        if sent and sent[0].residency != but:
            return sent[0].residency
        scope = row.id if row.rehearsal else ""
        person = self._store.people.by_email(email, rehearsal=scope)
        if person is None:
            return None
        found = self._store.lists.residencies(cohort=row.id, person=person.id)
        return next((one.id for one in found if one.id != but), None)

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
        import asyncio  # noqa: PLC0415  # Only who applies needs it.

        start = await asyncio.to_thread(self.prepare, row, applicant, at=at, line=line, form=form)
        await residencies.start(start)
        return start

    # Applications that came in by a page

    def taken(self, application: Application) -> Start:
        """Stores what was sent where it belongs; what its residency is to be started with.

        It may be called again until the residency runs. The answers about identity go apart.
        """
        row = self._store.cohorts.get(application.cohort)
        if row is None or application.sent is None:
            raise ResidencyError(f'There is no cohort "{application.cohort}" any more.')
        given, residency = application.given, application.residency
        kept = self._store.submissions.get(derived("s", residency))
        applicant = Applicant(
            name=str(given.get("name") or application.email),
            email=application.email,
            zone=application.zone,
            locale=application.locale or "en",
            track=str(given.get("track") or ""),
            answers=kept.answers if kept else given.get("answers"),
        )
        start = self.prepare(row, applicant, at=application.sent, residency=residency)
        self._store.identities.put(residency, row.id, application.identity, at=application.sent)
        self._store.applications.settle(application.id, keep={"track": applicant.track})
        return start

    async def send(self, residencies: Residencies, application: Application) -> None:
        """Starts the residency of an application that was sent; one that runs is left as it is."""
        import asyncio  # noqa: PLC0415  # As above.

        await residencies.start(await asyncio.to_thread(self.taken, application))

    async def send_waiting(self, residencies: Residencies) -> int:
        """Starts what was sent and does not run yet, each whatever became of the others."""
        import asyncio  # noqa: PLC0415  # As above.

        waiting = await asyncio.to_thread(self._store.applications.waiting)
        begun = 0
        for application in waiting:
            try:
                await self.send(residencies, application)
                begun += 1
            except Exception as error:  # noqa: BLE001  # One fault must not hold up the others.
                told = {"residency": application.residency, "why": type(error).__name__}
                _log.warning("intake.application_waits", **told)
        return begun

    def forget_drafts(self, *, at: datetime) -> int:
        """Deletes what was begun and not sent, KEPT after the close; how many there were.

        What belongs to a rehearsal goes with it.
        """
        rows = self._store.cohorts.list()
        over = [row.id for row in rows if at >= window(row).ends + KEPT]
        return self._store.applications.forget(over)


def person_faults(
    applicant: Applicant, *, tracks: Sequence[str] | dict[str, Any]
) -> dict[str, str]:
    """What is wrong with who somebody says they are: a sentence for each field."""
    found = {}
    if not applicant.name.strip():
        found["name"] = "the name is missing"
    elif problem := refusal(_NAME, applicant.name.strip()):
        found["name"] = f"the name: {problem}"
    if faults := address_faults(applicant.email):
        found["email"] = faults[0]
    try:
        if applicant.zone:
            zone_named(applicant.zone)
    except DateError as error:
        found["zone"] = str(error)
    if tracks and applicant.track not in tracks:
        found["track"] = f'"{applicant.track}" is no track; choose one of {", ".join(tracks)}'
    if applicant.track and not tracks:
        found["track"] = f'"{applicant.track}" is no track; this program has none'
    return found


def address_faults(address: str) -> list[str]:
    """Why it is no address, in a sentence; nothing where it is one. Nobody is asked."""
    if not address.strip():
        return ["the address is missing"]
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415  # Slow to import.

    from mail.message import is_address  # noqa: PLC0415  # As above.

    try:
        validate_email(
            address, check_deliverability=False, test_environment=True, allow_smtputf8=False
        )
    except EmailNotValidError as error:
        return [f'"{address}" is no address: {error}'.rstrip(".")]
    if not is_address(address):  # What the mails themselves go by.
        return [f'"{address}" is an address that no mail of ours reaches']
    return []


def _check_open(row: CohortRow, closes: datetime | None, at: datetime) -> None:
    if closes is not None and at >= closes:
        raise ResidencyError(
            f"Applications to {row.name} closed at {closes:%Y-%m-%d %H:%M} UTC; "
            "this one came too late and was not taken."
        )
