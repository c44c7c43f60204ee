"""`residency apply`: takes an application, or a whole list of them, and starts what comes of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import Json, count, example, say, show, show_json
from residency.errors import ResidencyError

if TYPE_CHECKING:
    from intake import Applicant
    from residency.forms import Form
    from store import Store
    from store.cohorts import CohortRow

app = typer.Typer()


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
    with open_store() as store:
        row = cohort_of(store, cohort, program)
        people, form = _checked(store, row, one, file)
    if dry_run:
        number = count(len(people), "application")
        say(f"{number} would start in {row.program} {row.name}. Nothing was done.")
        return
    started = asyncio.run(_start(row, people, form, quiet=as_json))
    if as_json:
        show_json(started)
        return
    say(f"Next: residency status {started[0]['residency']}")


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
    store: Store, row: CohortRow, one: Applying, file: Path | None
) -> tuple[list[Applicant], Form]:
    """The people and the application's form; a ResidencyError holds every fault, one a line."""
    from cli.applicants import faults_of, read_applicants  # noqa: PLC0415  # Help needs nothing.
    from residency.definition import form_of  # noqa: PLC0415  # As above.
    from residency.derived import APPLICATION  # noqa: PLC0415  # As above.

    _takes(row)
    document = store.definitions.get(row.definition)
    form = form_of(document, APPLICATION)
    if file is not None and not one.is_empty:
        from cli.usage import misused  # noqa: PLC0415  # For this error only.

        raise misused("Give one person by options or many by --file, not both.")
    people = read_applicants(file, form) if file else [one.applicant(form)]
    tracks = list(document["program"].get("tracks") or {})
    places = [f"{file}: person {n}: " if file else "" for n in range(1, len(people) + 1)]
    faults = faults_of(people, form, tracks=tracks, places=places)
    faults += _known(store, row, people, places)
    if faults:
        several = count(len(faults), "fault")
        raise ResidencyError("\n".join([*faults, f"{several}; nothing was started"]))
    return people, form


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


def _known(store: Store, row: CohortRow, people: list[Applicant], places: list[str]) -> list[str]:
    """Who has applied to this cohort already."""
    found = []
    applied = {one.person: one.id for one in store.lists.residencies(cohort=row.id)}
    for person, place in zip(people, places, strict=True):
        known = store.people.by_email(person.email)
        if known is not None and known.id in applied:
            found.append(
                f'{place}"{person.email}" has applied to {row.name} already: {applied[known.id]}'
            )
    return found


async def _start(
    row: CohortRow, people: list[Applicant], form: Form, *, quiet: bool
) -> list[dict[str, Any]]:
    """Starts them, each told at once unless `quiet`; ends when what they cause has settled."""
    from cli.running import running_house  # noqa: PLC0415  # Help needs nothing.
    from cli.settling import settled  # noqa: PLC0415  # As above.
    from residency.settings import load  # noqa: PLC0415  # As above.

    async with running_house(load()) as (house, client):
        residencies = house.residencies(client)
        started = []
        for person in people:
            at = datetime.now(UTC)
            start = await house.intake.apply(residencies, row, person, at=at, form=form)
            started.append(
                {"residency": start.residency, "person": start.person, "name": person.name}
            )
            if not quiet:
                show(f"{start.residency}  {person.name} applied to {row.name}")
        await settled(residencies, [str(each["residency"]) for each in started])
    return started
