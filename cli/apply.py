"""`residency apply`: takes an application, or a whole list of them, and starts what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import Json, count, example, say, show, show_json
from residency.errors import ResidencyError, UnavailableError

if TYPE_CHECKING:
    from client import Residencies
    from intake import Applicant
    from residency.forms import Form
    from residency.source import Source
    from store import Store
    from store.cohorts import CohortRow
    from wiring import House

app = typer.Typer()
SOME = 5
"""So many names are said at most of those who were not taken."""


@app.command(
    epilog=example(
        "residency apply --file people.yaml", "residency apply --name Ada --email a@b.org"
    )
)
def apply(
    *,
    cohort: Annotated[
        str, typer.Option(help="The cohort's name or id; default: the only one.")
    ] = "",
    program: Annotated[str, typer.Option(help="Its program, where several have that name.")] = "",
    name: Annotated[str, typer.Option(help="The name.")] = "",
    email: Annotated[str, typer.Option(help="The address.")] = "",
    zone: Annotated[str, typer.Option(help="The time zone; default: the program's.")] = "",
    track: Annotated[str, typer.Option(help="The track, where the program has some.")] = "",
    answer: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=ANSWER", help="An answer of the form.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="All answers, as YAML or JSON.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Many people: a YAML, JSON or CSV list.")
    ] = None,
    go_on: Annotated[
        bool,
        typer.Option("--go-on", help="Pass over those of the file who have applied already."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check; nothing starts.")] = False,
    forget_drafts: Annotated[
        bool,
        typer.Option(
            "--forget-drafts",
            help="Take none: delete what was begun on the page and not sent, 30 days after the "
            "close. A worker does it too.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Take applications: all are checked first, and none starts where anything is wrong."""
    from cli.lookup import cohort_of, open_store  # noqa: PLC0415  # Help needs nothing.

    if forget_drafts:
        _forget_drafts(as_json=as_json)
        return
    one = Applying(name=name, email=email, zone=zone, track=track, pairs=answer or [], file=answers)
    if file is None and one.is_empty:
        from cli.usage import misused  # noqa: PLC0415  # For this error only.

        raise misused(
            "`residency apply` needs --name and --email, or --file, as in: "
            "residency apply --file people.yaml"
        )
    with open_store() as store:
        row = cohort_of(store, cohort, program)
        people, form = _checked(store, row, one, file, go_on=go_on)
    if not people:
        if as_json:
            show_json([])
        say(f'Everybody of "{file}" has applied already; nothing is left to do.')
        return
    _check_open(row)
    if dry_run:
        number = count(len(people), "application")
        say(f"{number} would start in {row.program} {row.name}. Nothing was done.")
        return
    taking = Taking(row=row, people=people, quiet=as_json)
    try:
        asyncio.run(_start(taking, form))
    except (KeyboardInterrupt, ResidencyError):
        if as_json:
            show_json(taking.started)
        say(taking.broken_off(again=file is not None))
        raise
    if as_json:
        show_json(taking.started)
        return
    say(f"Next: residency status {taking.started[0]['residency']}")


class Applying:
    """One person, as the options give them."""

    def __init__(
        self, *, name: str, email: str, zone: str, track: str, pairs: list[str], file: Path | None
    ) -> None:
        self.person = {"name": name.strip(), "email": email.strip(), "zone": zone, "track": track}
        self.pairs, self.file = pairs, file

    @property
    def is_empty(self) -> bool:
        return not (any(self.person.values()) or self.pairs or self.file)

    def applicant(self, form: Form) -> Applicant:
        from cli.answers import read_answers  # noqa: PLC0415  # Help needs nothing.
        from intake import Applicant  # noqa: PLC0415  # As above.

        return Applicant(**self.person, answers=read_answers(form, self.pairs, self.file))


def _checked(
    store: Store, row: CohortRow, one: Applying, file: Path | None, *, go_on: bool
) -> tuple[list[Applicant], Form]:
    """The people and the application's form; a ResidencyError holds every fault, one a line.

    With `go_on` there is nobody left where all have applied.
    """
    from cli.answers import faults_of  # noqa: PLC0415  # Help needs nothing.
    from cli.applicants import read_applicants  # noqa: PLC0415  # As above.
    from residency.definition import form_of  # noqa: PLC0415  # As above.
    from residency.derived import APPLICATION  # noqa: PLC0415  # As above.

    _takes(row)
    if file is not None and not one.is_empty:
        from cli.usage import misused  # noqa: PLC0415  # For this error only.

        raise misused("Give one person by options or many by --file, not both.")
    if go_on and file is None:
        from cli.usage import misused  # noqa: PLC0415  # As above.

        raise misused("--go-on passes over people of a file, so it needs --file.")
    document = store.definitions.get(row.definition)
    form = form_of(document, APPLICATION)
    tracks = list(document["program"].get("tracks") or {})
    if file is None:
        person = one.applicant(form)
        faults = [*faults_of(person, form, tracks=tracks), *_known(store, row, [person]).values()]
        if faults:
            raise ResidencyError("\n".join([*faults, _nothing(len(faults))]))
        return [person], form
    people, entries = read_applicants(file, form, tracks=tracks)
    known = _known(store, row, people)
    if go_on:
        people = [person for number, person in enumerate(people) if number not in known]
        entries = [entry for number, entry in enumerate(entries) if number not in known]
        known = {}
    _refuse(entries, known)
    return people, form


def _refuse(entries: Sequence[Source], known: Mapping[int, str]) -> None:
    """Raises a ResidencyError with every fault, and where it stands; nothing where there is none."""
    for number, sentence in known.items():
        entries[number].fault(("email",), sentence)
    faults = sorted({fault for entry in entries for fault in entry.faults})
    if faults:
        hint = ["--go-on passes over those who have applied already"] if known else []
        raise ResidencyError("\n".join([*map(str, faults), *hint, _nothing(len(faults))]))


def _nothing(faults: int) -> str:
    return f"{count(faults, 'fault')}; nothing was started"


def _forget_drafts(*, as_json: bool) -> None:
    from residency.settings import load  # noqa: PLC0415  # Help needs nothing.
    from wiring import House  # noqa: PLC0415  # As above.

    house = House(load())
    try:
        number = house.intake.forget_drafts(at=datetime.now(UTC))
    finally:
        house.store.close()
    if as_json:
        show_json({"forgotten": number})
        return
    say(f"{count(number, 'draft')} deleted." if number else "There was nothing to forget.")


def _takes(row: CohortRow) -> None:
    if row.rehearsal:
        raise ResidencyError(
            f'"{row.name}" is a rehearsal; its people come with `residency rehearse --people FILE`.'
        )


def _check_open(row: CohortRow) -> None:
    """A ResidencyError after the close, before anything is started for nothing."""
    from intake import window  # noqa: PLC0415  # Help needs nothing.

    closes = window(row).closes
    if closes is not None and datetime.now(UTC) >= closes:
        raise ResidencyError(
            f"Applications to {row.name} closed at {closes:%Y-%m-%d %H:%M} UTC; nobody is taken any "
            "more. For whoever comes later, open another cohort: residency cohort open"
        )


def _known(store: Store, row: CohortRow, people: Sequence[Applicant]) -> dict[int, str]:
    """Who has applied to this cohort already, by their number."""
    found = {}
    applied = {one.person: one.id for one in store.lists.residencies(cohort=row.id)}
    for number, person in enumerate(people):
        known = store.people.by_email(person.email) if person.email else None
        if known is not None and known.id in applied:
            found[number] = (
                f'"{person.email}" has applied to {row.name} already: {applied[known.id]}'
            )
    return found


# Starting them


@dataclass
class Taking:
    """Who has been taken so far, of how many, in order."""

    row: CohortRow
    people: Sequence[Applicant]
    quiet: bool
    started: list[dict[str, Any]] = field(default_factory=list)
    unsure: str = ""  # the next one, where nobody can say whether they were

    def take(self, residency: str, person: str, name: str) -> None:
        self.started.append({"residency": residency, "person": person, "name": name})
        if not self.quiet:
            show(f"{residency}  {name} applied to {self.row.name}")

    def broken_off(self, *, again: bool) -> str:
        """What was taken and what not, where it ends before all are; `again`: of a file."""
        done, of = len(self.started), len(self.people)
        if done == of:
            taken = "The application was" if of == 1 else f"All {of} applications were"
            return f"{taken} taken; what follows from it goes on while a worker runs."
        rest = [one.name for one in self.people[done + bool(self.unsure) :]]
        parts = [f"{done} of {count(of, 'application was', 'applications were')} taken."]
        if self.unsure:
            parts.append(f"Of {self.unsure} it is not known; `residency status` will tell.")
        if rest:
            more = f" and {len(rest) - SOME} more" if rest[SOME:] else ""
            parts.append(f"Not taken: {', '.join(rest[:SOME])}{more}.")
        if again:
            parts.append("The same command with --go-on takes the rest.")
        return " ".join(parts)


async def _start(taking: Taking, form: Form) -> None:
    """Starts them, each told at once; ends when what they cause has settled.

    Whoever is being taken when it is broken off is taken to the end, so that what is said is so.
    """
    from cli.running import running_house  # noqa: PLC0415  # Help needs nothing.
    from cli.settling import settled, to_the_end  # noqa: PLC0415  # As above.
    from residency.settings import load  # noqa: PLC0415  # As above.

    async with running_house(load()) as (house, client):
        residencies = house.residencies(client)
        for person in taking.people:
            await to_the_end(_take(house, residencies, taking, person, form))
        await settled(residencies, [str(each["residency"]) for each in taking.started])


async def _take(
    house: House, residencies: Residencies, taking: Taking, person: Applicant, form: Form
) -> None:
    try:
        start = await house.intake.apply(
            residencies, taking.row, person, at=datetime.now(UTC), form=form
        )
    except UnavailableError:
        taking.unsure = person.name
        raise
    taking.take(start.residency, start.person, person.name)
