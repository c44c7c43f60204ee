"""The page docs/commands.md: `python -m cli.reference > docs/commands.md`."""

import sys
from collections.abc import Iterator
from typing import Any

from cli.app import known, load

HEAD = """# Commands

Every command of `residency`, as its `--help` says it. Data goes to standard output, messages to
standard error. Exit codes: 0 done, 1 not done (one line says why), 2 wrong usage, 130 Ctrl-C, 143
SIGTERM. Wherever a command takes a residency it takes its person's address too; wherever it takes
a person, an id or an address. `NO_COLOR` is respected, and what is no terminal gets plain lines.

This page is made by `python -m cli.reference > docs/commands.md`.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name in known():
        parts += _command(load(name), f"residency {name}")
    return "\n".join(parts)


def commands() -> Iterator[tuple[str, Any]]:
    """Every command that does something, with the words that call it."""
    for name in known():
        yield from _leaves(load(name), name)


def _leaves(command: Any, words: str) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if not inner:
        yield words, command
        return
    if command.invoke_without_command:
        yield words, command
    for name, one in inner.items():
        yield from _leaves(one, f"{words} {name}")


def _command(command: Any, words: str) -> Iterator[str]:
    level = "##" if words.count(" ") == 1 else "###"
    yield f"{level} {words}\n"
    yield _text(command.help) + "\n"
    inner = getattr(command, "commands", None) or {}
    if not inner or command.invoke_without_command:
        yield from _options(command)
    for name, one in inner.items():
        yield from _command(one, f"{words} {name}")


def _options(command: Any) -> Iterator[str]:
    rows = [_row(param) for param in command.params if not param.hidden and param.name != "help"]
    if rows:
        yield "| | |\n| --- | --- |\n" + "\n".join(rows) + "\n"
    if command.epilog:
        example = command.epilog.removeprefix("Example: ").replace("  or  ", "\n")
        yield f"```sh\n{example}\n```\n"


def _row(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"| `{(param.metavar or param.name).upper()}` | {_said(param)} |"
    names = ", ".join(f"`{name}`" for name in [*param.opts, *param.secondary_opts])
    value = f" `{param.metavar}`" if param.metavar and not _is_flag(param) else ""
    return f"| {names}{value} | {_said(param)} |"


def _said(param: Any) -> str:
    needed = " Needed." if param.required else ""
    return (_text(param.help) + needed).replace("|", "\\|")


def _is_flag(param: Any) -> bool:
    return bool(getattr(param, "is_flag", False))


def _text(text: str | None) -> str:
    """Help as a paragraph; what a form feed hides stays hidden."""
    paragraphs = (text or "").split("\f")[0].strip().split("\n\n")
    return "\n\n".join(" ".join(one.split()) for one in paragraphs)


if __name__ == "__main__":
    sys.stdout.write(page())
