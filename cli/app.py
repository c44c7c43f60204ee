"""The whole command, put together lazily: a noun's module is imported when the noun is used."""

import importlib
import importlib.util
import sys
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from cli.nouns import NOUNS, Noun
from cli.usage import sentence

Context = Any
"""Typer's context; its class is private there."""

_HELP = """Durable residency programs, from the application to the final presentation.

Data goes to standard output, messages to standard error. Everything that lasts is in one folder
(RESIDENCY_DATA, ./var by default)."""


class LazyGroup(TyperGroup):
    """Lists the nouns from their table, and imports the one that is used."""

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002  # Typer's signature.
        return list(known())

    def get_command(self, ctx: Context, cmd_name: str) -> Any:  # noqa: ARG002  # As above.
        noun = known().get(cmd_name)
        return None if noun is None else _listed(cmd_name, noun)

    def resolve_command(self, ctx: Context, args: list[str]) -> Any:
        name, found, rest = super().resolve_command(ctx, args)
        return name, None if found is None else load(str(name)), rest

    def main(self, *args: Any, **extra: Any) -> Any:
        """Like any command of Typer, but what was typed wrong is told in one line, without a box."""
        try:
            code = super().main(*args, **extra | {"standalone_mode": False})
        except TyperException as error:
            if type(error).__name__ == "NoArgsIsHelpError":
                error.show()  # type: ignore[attr-defined]  # Its class is private; this one has it.
            else:
                print(sentence(error), file=sys.stderr)  # noqa: T201  # cli.output would import rich.
            sys.exit(error.exit_code)
        sys.exit(code if isinstance(code, int) else 0)


def known() -> dict[str, Noun]:
    """The nouns whose module is there."""
    return {name: noun for name, noun in NOUNS.items() if importlib.util.find_spec(noun.module)}


def load(name: str) -> Any:
    """The command of a noun, its module imported."""
    noun = NOUNS[name]
    loaded = typer.main.get_command(importlib.import_module(noun.module).app)
    loaded.name = name
    # Completion is of the whole command, so its options stand there alone.
    loaded.params = [one for one in loaded.params if not str(one.name).endswith("_completion")]
    loaded.rich_help_panel = noun.panel  # type: ignore[attr-defined]  # Typer's two kinds of command have it.
    return loaded


def _listed(name: str, noun: Noun) -> TyperCommand:
    """As much of a command as the list of commands shows."""
    return TyperCommand(name, help=noun.help, rich_help_panel=noun.panel)


app = typer.Typer(
    name="residency",
    cls=LazyGroup,
    help=_HELP,
    epilog="Example: residency demo --exit",
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.callback()
def _residency() -> None:
    """Nothing happens before the noun."""


def command() -> Any:
    """The command as Typer runs it."""
    return typer.main.get_command(app)
