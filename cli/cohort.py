"""`residency cohort`: open a cohort from its file, list and show what is open."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.output import Json, count, example, heading, say, show, show_json, show_table
from residency.errors import ResidencyError

if TYPE_CHECKING:
    from residency.cohort import Cohort
    from store import Store
    from store.cohorts import CohortRow
    from store.lists import Counts

app = typer.Typer(no_args_is_help=True, help="Open, list and show cohorts.")
Rehearsals = Annotated[bool, typer.Option("--rehearsals", help="Rehearsals, too.")]
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Not the file's date.")
]
Days = dict[str, date]
DATES = ("opens", "closes", "first_day")


@app.command(
    "open", epilog=example("residency cohort open huggingface-ai-research-residency-2022 2022")
)
def open_cohort(
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="An id, or a folder.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the file in its cohorts/.")],
    *,
    opens: Day = None,
    closes: Day = None,
    first_day: Day = None,
    as_json: Json = False,
) -> None:
    """Open a cohort of a program: from now on people can apply to it.

    Dates, seats and people come from its file; a date that is given here counts instead. Once it is
    open they stay as they are: for other dates, open another cohort.
    """
    from residency.definition import load as load_definition  # noqa: PLC0415  # Help needs nothing.
    from residency.settings import load  # noqa: PLC0415  # As above.
    from wiring import House  # noqa: PLC0415  # As above.

    settings = load()
    definition = load_definition(program, settings.programs)
    cohort = definition.cohorts.get(name)
    if cohort is None:
        from residency.validation import did_you_mean  # noqa: PLC0415  # For this error only.

        known = sorted(definition.cohorts)
        hint = (
            did_you_mean(name, known) or f"; its folder cohorts/ has {', '.join(known) or 'none'}."
        )
        raise ResidencyError(f'{definition.program.id} has no cohort "{name}"{hint}')
    given = _days({"opens": opens, "closes": closes, "first_day": first_day})
    house = House(settings)
    try:
        known_before = house.store.cohorts.by_name(definition.program.id, name)
        if known_before is None:
            row = house.intake.open_cohort(definition, _with_days(cohort, given))
        else:
            _check_same(known_before, given)
            row = known_before
    finally:
        house.store.close()
    if as_json:
        show_json(row)
        return
    show(f"{row.id}  {row.program} {row.name}, first day {row.first_day}, {_seats_of(row)}")
    say(_as_before(row, cohort, given) if known_before else "Open. Next: residency apply")


@app.command("list", epilog=example("residency cohort list --json"))
def list_cohorts(*, rehearsals: Rehearsals = False, as_json: Json = False) -> None:
    """List the cohorts that are open."""
    from cli.lookup import open_store  # noqa: PLC0415  # Help needs nothing.

    with open_store() as store:
        rows = store.cohorts.list(rehearsals=rehearsals)
        if as_json:
            show_json([_whole(store, row) for row in rows])
        elif rows:
            show_table(
                ("cohort", "program", "id", "closes", "first day", "seats", "people"),
                [_listed(store, row) for row in rows],
                spare=("seats", "closes", "program"),
            )
        else:
            say("No cohort is open; residency cohort open PROGRAM NAME opens one.")


@app.command("show", epilog=example("residency cohort show 2022"))
def show_cohort(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A cohort's name or id.")],
    *,
    program: Annotated[str, typer.Option(help="Where several programs have that name.")] = "",
    as_json: Json = False,
) -> None:
    """Show one cohort: dates, people, and how many are where."""
    from cli.lookup import cohort_of, open_store  # noqa: PLC0415  # Help needs nothing.

    with open_store() as store:
        row = cohort_of(store, name, program)
        if as_json:
            show_json({**_whole(store, row), "apply": _apply_page(store, row)})
        else:
            _show(store, row, page=_apply_page(store, row))


def _days(given: dict[str, datetime | None]) -> Days:
    """The dates that were given."""
    return {name: day.date() for name, day in given.items() if day is not None}


def _check_same(row: CohortRow, given: Days) -> None:
    """A ResidencyError where a date differs from what the cohort was opened with."""
    other = [name for name, day in given.items() if day != getattr(row, name)]
    if not other:
        return
    told = [
        f'--{name.replace("_", "-")} "{given[name]}" was given, and {_holds(row, name)}'
        for name in other
    ]
    instead = ["For other dates, open another cohort, from a file of its own"]
    if "closes" in other:
        instead.append("`residency apply`, too, takes nobody after the close")
    if "first_day" in other:
        instead.append("one residency's first day is moved by `residency act first-day`")
    raise ResidencyError(
        f'The cohort "{row.name}" is open, so its dates can\'t be moved any more: '
        f"{', '.join(told)}; nothing was changed. {'; '.join(instead)}."
    )


def _holds(row: CohortRow, name: str) -> str:
    """`it closes 2026-12-01`: what a cohort was opened with."""
    if name == "first_day":
        return f"its first day is {row.first_day}"
    none = {"opens": "at any time", "closes": "never"}
    return f"it {name} {_day(getattr(row, name)) or none[name]}"


def _as_before(row: CohortRow, cohort: Cohort, given: Days) -> str:
    """That nothing changed; and what its file says by now that does not hold."""
    differs = [
        f"{name.replace('_', ' ')} {_day(getattr(cohort, name)) or 'not said'}"
        for name in DATES
        if name not in given and getattr(cohort, name) != getattr(row, name)
    ]
    differs += [f"seats {_seats(cohort)}"] if cohort.seats != row.seats else []
    file = f" Its file differs ({', '.join(differs)}); what it was opened with holds."
    return f"It was open already; nothing changed.{file if differs else ''}"


def _with_days(cohort: Cohort, days: Days) -> Cohort:
    """The cohort with other dates; a ResidencyError where they are out of order."""
    changed = cohort.model_copy(update=days)
    order = [day for day in (changed.opens, changed.closes, changed.first_day) if day is not None]
    if days and order != sorted(order):
        raise ResidencyError(
            f'The cohort "{cohort.name}" would open {_day(changed.opens) or "at any time"}, close '
            f"{_day(changed.closes) or 'never'} and begin {changed.first_day}; these must follow "
            "each other. See --opens, --closes and --first-day."
        )
    return changed


def _seats(row: CohortRow | Cohort) -> str:
    """`6`, or `research 4, ae 2`."""
    if isinstance(row.seats, int):
        return str(row.seats)
    return ", ".join(f"{track} {number}" for track, number in row.seats.items())


def _seats_of(row: CohortRow) -> str:
    return f"{_seats(row)} {'seat' if row.seats == 1 else 'seats'}"


def _day(value: Any) -> str:
    return str(value)[:10] if value else ""


def _listed(store: Store, row: CohortRow) -> tuple[object, ...]:
    counts = store.lists.counts(row.id)
    people = f"{sum(counts.stages.values())} on their way, {sum(counts.ends.values())} ended"
    name = f"{row.name} (rehearsal)" if row.rehearsal else row.name
    return name, row.program, row.id, _day(row.closes), row.first_day, _seats(row), people


def _whole(store: Store, row: CohortRow) -> dict[str, Any]:
    from cli.output import plain  # noqa: PLC0415  # Beside the rest of it.

    found = {**plain(row), "counts": plain(store.lists.counts(row.id))}
    found.pop("plan", None)
    return {**found, "members": plain(store.cohorts.members(row.id))}


def _apply_page(store: Store, row: CohortRow) -> str:
    """Where people apply, where pages have an address; a rehearsal's page has a link of its own."""
    from residency.settings import load  # noqa: PLC0415  # Help needs nothing.
    from web.links import Links, keys_of  # noqa: PLC0415  # As above.

    settings = load()
    if not settings.public_url:
        return ""
    if row.rehearsal:
        links = Links(store, keys=keys_of(settings), base=settings.public_url)
        return links.application(row.id)
    return f"{settings.public_url.rstrip('/')}/apply/{row.program}/{row.name}"


def _show(store: Store, row: CohortRow, *, page: str) -> None:
    heading(f"{row.program} {row.name} ({row.id})")
    if row.rehearsal:
        show("a rehearsal, on a clock of its own")
    show(f"opens {_day(row.opens) or 'at any time'}, closes {_day(row.closes) or 'never'}")
    if page:
        show(f"applications at {page}")
    show(f"first day {row.first_day}, {_seats_of(row)}")
    _show_counts(store.lists.counts(row.id))
    members = store.cohorts.members(row.id)
    people = store.people.many(one.person for one in members)
    heading(f"\n{count(len(people), 'person', 'people')} who run it")
    show_table(
        ("role", "name", "address", "id"),
        [
            (one.role, people[one.person].name, people[one.person].email, one.person)
            for one in members
            if one.person in people
        ],
        spare=("id",),
    )


def _show_counts(counts: Counts) -> None:
    parts = {
        "stages": counts.stages,
        "ended": counts.ends,
        "tasks": counts.tasks,
        "mails": counts.mails,
    }
    for name, numbers in parts.items():
        if numbers:
            show(f"{name}: {', '.join(f'{number} {what}' for what, number in numbers.items())}")
