"""`residency act VERB ID...`: one command for each action of the table, with its options."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from cli.output import Json, example
from residency.actions import ACTIONS, Action, Role

app = typer.Typer(
    no_args_is_help=True,
    help="Do something to residencies. A coordinator may act in another's name, with a reason.",
)

MAX_WEEKS, MAX_MINUTES = 104, 24 * 60
"""As `residency.refusals` has them, which is slow to import; a test compares them."""
Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="A day: 2026-05-04.")
]
OPTIONS: dict[str, Any] = {
    "task": Annotated[str, typer.Option(metavar="KEY", help="The task; `residency tasks` has it.")],
    "outcome": Annotated[str, typer.Option(help="The answer, where there are several.")],
    "item": Annotated[str, typer.Option(help="A round, a milestone, a meeting.")],
    "weeks": Annotated[int | None, typer.Option(min=1, max=MAX_WEEKS, help="How many weeks.")],
    "day": Day,
    "start": Annotated[
        str, typer.Option(metavar="TIME", help='"2026-05-04 14:00", in the program\'s zone.')
    ],
    "minutes": Annotated[
        int | None,
        typer.Option(min=1, max=MAX_MINUTES, help="How long; default: as the program says."),
    ],
    "who": Annotated[
        list[str] | None,
        typer.Option(metavar="PERSON", help="Id or address; several times, the lead first."),
    ],
    "role": Annotated[str, typer.Option(help="Everything of a role, such as `mentors`.")],
    "flag": Annotated[
        Literal["concern", "extend", "terminate"] | None,
        typer.Option(help="concern, extend or terminate."),
    ],
    "answer": Annotated[
        list[str] | None, typer.Option(metavar="FIELD=ANSWER", help="An answer of the form.")
    ],
    "answers": Annotated[
        Path | None, typer.Option(metavar="FILE", help="All answers, as YAML or JSON.")
    ],
    "address": Annotated[str, typer.Option(metavar="EMAIL", help="The new address.")],
    "reason": Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with the record.")],
}
"""Options that only some actions have, by the field of the Act that they fill."""

DEFAULTS: dict[str, Any] = dict.fromkeys(("weeks", "minutes", "flag", "day", "who"))
DEFAULTS |= {"answer": None, "answers": None}

FURTHER = {
    "complete": ("outcome", "item", "flag", "weeks"),
    "approve": ("flag", "weeks"),
    "request-changes": ("flag", "weeks"),
    "concern": ("item",),
    "flag": ("weeks", "item"),
    "decide": ("task", "item"),
    "schedule": ("minutes", "answer", "answers"),
    "move-meeting": ("item", "minutes", "answer", "answers"),
    "cancel-meeting": ("item",),
    "release": ("item",),
    "take-back": ("item",),
    "reassign": ("task", "role", "item"),
    "correct-address": ("who",),
}
"""Fields that an action takes and does not need."""

SAMPLES = {
    "task": "--task milestones/report/m3/1",
    "outcome": "--outcome advance",
    "weeks": "--weeks 3",
    "day": "--day 2026-05-04",
    "start": '--start "2026-05-04 14:00"',
    "who": "--who ines.duarte@example.org",
    "flag": "--flag concern",
    "reason": '--reason "data arrived late"',
    "submission": "--address ada@example.org",
}


def fields_of(action: Action) -> list[str]:
    """The options of an action besides those of every one, in the order of `OPTIONS`."""
    wanted = {*action.needs, *FURTHER.get(action.verb, ())}
    if action.kinds:
        wanted |= {"task", "item"}
    if Role.ASSIGNEE in action.roles:
        wanted |= {"answer", "answers"}
    if "submission" in wanted:
        wanted.add("address")
    return [name for name in OPTIONS if name in wanted and name != "reason"]


def sample_of(action: Action) -> str:
    """A command that shows how it is used."""
    needs = [*action.needs]
    if action.verb == "extend":
        needs = ["weeks", "reason"]
    given = " ".join(SAMPLES[need] for need in needs)
    return f"residency act {action.verb} r-7f3akq2m {given}".rstrip()


def _parameters(action: Action) -> list[inspect.Parameter]:
    ids = Annotated[
        list[str],
        typer.Argument(metavar="ID", help="Residencies, or their persons' addresses."),
    ]
    needs = {"address" if need == "submission" else need for need in action.needs}
    if action.verb == "complete":
        needs.remove("task")  # Where they have just one, it is meant.
    fields = [*fields_of(action), "reason"]
    options: dict[str, tuple[Any, Any]] = {
        name: (OPTIONS[name], ... if name in needs else DEFAULTS.get(name, "")) for name in fields
    }
    options["as_"] = (
        Annotated[
            str,
            typer.Option("--as", metavar="PERSON", help="Who acts; default: the only coordinator."),
        ],
        "",
    )
    if action.roles != (Role.COORDINATOR,):
        options["name_of"] = (
            Annotated[
                str,
                typer.Option("--for", metavar="PERSON", help="In whose name a coordinator acts."),
            ],
            "",
        )
    options["dry_run"] = (
        Annotated[bool, typer.Option("--dry-run", help="Say what would come of it; do nothing.")],
        False,
    )
    options["action_id"] = (
        Annotated[str, typer.Option("--id", help="The action's id: doing it twice does it once.")],
        "",
    )
    options["as_json"] = (Json, False)
    kind = inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter("ids", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=ids),
        *(
            inspect.Parameter(
                name,
                kind,
                annotation=annotation,
                default=inspect.Parameter.empty if default is ... else default,
            )
            for name, (annotation, default) in options.items()
        ),
    ]


def _command(action: Action) -> Callable[..., None]:
    """A function with the action's options as its parameters, for Typer to read."""

    def command(ids: list[str], **given: Any) -> None:
        from cli.acting import act  # noqa: PLC0415  # Help needs nothing.

        act(action, ids, given)

    parameters = _parameters(action)
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # What `inspect` looks for first.
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    return command


for _action in ACTIONS.values():
    app.command(_action.verb, help=_action.help, epilog=example(sample_of(_action)))(
        _command(_action)
    )
