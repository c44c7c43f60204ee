"""`residency program`: list, check, show and schedule programs; nothing here needs a server."""

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from residency.errors import DefinitionError, ResidencyError

if TYPE_CHECKING:  # Imported where they are used: a command's help needs none of it.
    from residency.cohort import Cohort
    from residency.definition import Definition
    from residency.schedule import Row

app = typer.Typer(no_args_is_help=True, help="Programs as data: list, check, show and schedule.")

Program = Annotated[
    str, typer.Argument(metavar="PROGRAM", help="An id under the programs folder, or a folder.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list", epilog="Example: residency program list --json")
def list_programs(*, as_json: AsJson = False) -> None:
    """List the programs."""
    from residency.definition import load, program_ids  # noqa: PLC0415  # Not needed for help.
    from residency.show import summary  # noqa: PLC0415  # As above.

    found: list[dict[str, Any]] = []
    faulty = 0
    for name in program_ids(_root()):
        try:
            found.append(summary(load(name, _root(), forms=False)))
        except DefinitionError as error:
            faulty += 1
            _tell(
                f"{name} has {_count(len(str(error).splitlines()), 'fault')}: "
                f"residency program check {name}"
            )
    if as_json:
        _print_json(found)
    elif found:
        from cli.output import show_table  # noqa: PLC0415  # Not needed with --json.

        show_table(
            ("Program", "Name", "Length", "Version", "Cohorts"),
            [
                (one["id"], one["name"], one["length"], one["version"], ", ".join(one["cohorts"]))
                for one in found
            ],
            spare=("Version", "Length"),
        )
    if not found and not faulty:
        _tell(_nothing())


@app.command(epilog="Example: residency program check apple-aiml-internship --stated")
def check(
    programs: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PROGRAM]...", help="Ids or folders; without any: all programs."),
    ] = None,
    *,
    stated: Annotated[
        bool,
        typer.Option("--stated", help="Without the assumptions: which stages could not run?"),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check programs, with their forms and cohorts; every fault is shown at once."""
    from residency.definition import draft_of, program_ids  # noqa: PLC0415  # Not needed for help.

    names = programs or program_ids(_root())
    if not names:
        raise ResidencyError(_nothing())
    if stated:
        _check_stated(names, as_json=as_json)
        return
    drafts = [draft_of(name, _root()) for name in names]
    found = [fault for draft in drafts for fault in draft.faults]
    faults = sum(not fault.warning for fault in found)
    if as_json:
        _print_json([{**vars(fault), "severity": _severity(fault.warning)} for fault in found])
    else:
        for fault in found:
            typer.echo(str(fault))
    if faults:
        _tell(f"{_count(faults, 'fault')}; nothing was started")
        raise typer.Exit(1)
    warnings = f", {_count(len(found), 'warning')}" if found else ""
    _tell(f"{_count(len(drafts), 'program')} checked: no faults{warnings}")


def _check_stated(names: list[str], *, as_json: bool) -> None:
    from residency.definition import draft_of  # noqa: PLC0415  # Not needed for help.
    from residency.show import lacking  # noqa: PLC0415  # As above.

    found = {name: lacking(draft_of(name, _root(), stated=True)) for name in names}
    if as_json:
        _print_json({name: {one.stage: one.values for one in all_} for name, all_ in found.items()})
        return
    for name, all_ in found.items():
        for one in all_:
            lacks = " and ".join(one.values)
            typer.echo(f"{name}: {one.stage} could not run: it lacks {lacks}")
        says = f"{_count(len(all_), 'stage')} could not run by what is stated alone"
        _tell(f"{name}: {says if all_ else 'every stage could run by what is stated alone'}")


@app.command(epilog="Example: residency program show apple-aiml-internship")
def show(program: Program, *, as_json: AsJson = False) -> None:
    """Show a program: every value, and whether it is stated, assumed or the house's."""
    from residency.definition import definition_hash, load  # noqa: PLC0415  # Not needed for help.
    from residency.show import shown, summary, values  # noqa: PLC0415  # As above.

    definition = load(program, _root())
    found = values(definition)
    if as_json:
        rows = [{"key": one.key, "value": one.value, "origin": one.origin} for one in found]
        extra = {"definition": definition_hash(definition), "forms": sorted(definition.forms)}
        _print_json(summary(definition) | extra | {"values": rows})
        return
    from cli.output import show_table  # noqa: PLC0415  # Not needed with --json.

    lines = [(one.key, shown(one.value), one.origin) for one in found]
    show_table(("Key", "Value", "Origin"), lines)
    origins = [one.origin for one in found]
    counts = ", ".join(f"{origins.count(name)} {name}" for name in dict.fromkeys(origins))
    _tell(f"{_count(len(found), 'value')}: {counts}. Next: residency program schedule {program}")


@app.command(
    epilog="Example: residency program schedule apple-aiml-residency-2020 --start 2027-01-04"
)
def schedule(
    program: Program,
    *,
    start: Annotated[
        str | None, typer.Option(metavar="DATE", help="The first day, as in 2027-01-04.")
    ] = None,
    cohort: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Take the dates of this cohort, as far as not given."),
    ] = None,
    late: Annotated[
        bool, typer.Option("--late/--prompt", help="With what comes only to those who are late.")
    ] = True,
    as_ics: Annotated[
        bool, typer.Option("--ics", help="Print a calendar (.ics) of every date.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print every date and every notice of one residency."""
    from residency.definition import load  # noqa: PLC0415  # Not needed for help.

    definition = load(program, _root(), forms=False, cohorts=cohort is not None)
    rows = [row for row in _rows(definition, cohort, start) if late or not row.late]
    if as_json:
        _print_json([row.as_json() for row in rows])
    elif as_ics:
        _print_ics(rows, definition.program.id, name=definition.program.name)
    else:
        _print_rows(rows, zone=definition.program.time_zone)


def _rows(definition: "Definition", cohort: str | None, start: str | None) -> "list[Row]":
    """Every line of the schedule; a cohort's window counts where its first day does."""
    from residency.compile import compile_plan  # noqa: PLC0415  # Not needed for help.
    from residency.schedule import schedule as rows_of  # noqa: PLC0415  # As above.
    from residency.titles import titles  # noqa: PLC0415  # As above.

    run = _cohort(definition, cohort)
    first_day = _day(start) if start else (run.first_day if run else None)
    if first_day is None:
        from cli.usage import misused  # noqa: PLC0415  # For this error only.

        raise misused(
            "no first day; write --start DATE, as in --start 2027-01-04, or --cohort NAME."
        )
    moved = run is not None and first_day != run.first_day
    return rows_of(
        compile_plan(definition, run),
        first_day=first_day,
        titles=titles(definition.program),
        opens=run.opens if run and not moved else None,
        closes=run.closes if run and not moved else None,
    )


def _print_rows(rows: "list[Row]", *, zone: str) -> None:
    from cli.output import show_table  # noqa: PLC0415  # Not needed with --json.

    show_table(
        ("Date", "Time", "Stage", "What", "Who", "Notice"),
        [
            (
                f"{row.date:%Y-%m-%d %a}",
                row.time,
                row.stage,
                row.what,
                row.who,
                f"{row.notice} (if still open)" if row.late else row.notice,
            )
            for row in rows
        ],
        spare=("Stage", "Time"),
        dim=[row.late for row in rows],
    )
    notices = sum(bool(row.notice) for row in rows)
    _tell(
        f"{_count(len(rows), 'line')}, {_count(notices, 'notice')}, in {zone}: the latest "
        "dates, if everybody acts on the day it is due."
    )


def _cohort(definition: "Definition", name: str | None) -> "Cohort | None":
    if name is None:
        return None
    if name not in definition.cohorts:
        raise ResidencyError(
            f'"{name}" is no cohort of {definition.program.id}{_known(name, definition.cohorts)}'
        )
    return definition.cohorts[name]


def _known(name: str, cohorts: "dict[str, Cohort]") -> str:
    from residency.validation import did_you_mean  # noqa: PLC0415  # For an error only.

    return (
        did_you_mean(name, sorted(cohorts))
        or f"; there are: {', '.join(sorted(cohorts)) or 'none'}"
    )


def _day(text: str) -> date:
    from residency.fields import day_of  # noqa: PLC0415  # Not needed for help.

    try:
        return day_of(text)
    except ValueError:
        from cli.usage import misused, no_day  # noqa: PLC0415  # For this error only.

        raise misused(no_day(text, "--start")) from None


def _nothing() -> str:
    return f"There is no program in {_root()}; docs/programs.md says how to write one."


def _root() -> Path:
    from residency.definition import PROGRAMS  # noqa: PLC0415  # Not needed for help.

    if "RESIDENCY_PROGRAMS" not in os.environ and not Path(".env").exists():
        return PROGRAMS
    from residency.settings import load  # noqa: PLC0415  # Slow, and mostly not needed.

    return load().programs


def _print_ics(rows: "list[Row]", program: str, *, name: str) -> None:
    """One entry for each day and thing, however many notices tell of it."""
    from datetime import UTC, datetime  # noqa: PLC0415  # Not needed for help.

    from mail.invite import calendar_of  # noqa: PLC0415  # As above.

    days = dict.fromkeys(
        (row.date, f"{row.what}{' (if still open)' if row.late else ''}") for row in rows
    )
    entries = [(f"{program}-{number}", day, what) for number, (day, what) in enumerate(days)]
    stamp = datetime.now(UTC).replace(microsecond=0)
    sys.stdout.write(calendar_of(entries, name=name, stamp=stamp))
    _tell(f"{_count(len(entries), 'date')} of {name}; save them as a file that ends in .ics.")


def _severity(warning: bool) -> str:  # noqa: FBT001  # One truth value is all it takes.
    return "warning" if warning else "fault"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def _tell(message: str) -> None:
    typer.echo(message, err=True)
