"""What was typed wrong, in one line: what it is, what is allowed, and for which option."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer

Context = Any
"""Typer's context, parameters and errors; their classes are private there."""

_MOST = 8
"""So many names are listed at most; the help has them all."""
_EXTRA = re.compile(r"unexpected extra arguments?(?:\(s\))? \((.*)\)\s*$", re.DOTALL)

_NO_COMMAND = re.compile(r"""No such command ('.*'|".*")\.?(?: Did you mean |$)""", re.DOTALL)

TYPES: Mapping[str, str] = {
    "int_parsing": "is no whole number",
    "int_from_float": "is no whole number",
    "int_parsing_size": "is too large",
    "float_parsing": "is no number",
}
"""What is wrong, by pydantic's name for it."""
LIMITS: Mapping[str, tuple[str, str]] = {
    "greater_than_equal": ("is too small", "ge"),
    "less_than_equal": ("is too large", "le"),
}


def misused(sentence: str) -> typer.BadParameter:
    """To be raised where only the command itself can tell that it was typed wrong."""
    return typer.BadParameter(sentence)


def quoted(value: object) -> str:
    """In double quotes, on one line, without what would move a terminal's cursor."""
    text = "".join(each if each.isprintable() else " " for each in str(value))
    return f'"{text if len(text) <= 60 else text[:57] + "..."}"'


def no_day(value: object, option: str) -> str:
    """What is said of everything that is no day, wherever one is typed."""
    return f"{quoted(value)} is no day for {option}; write one like 2026-05-04."


def near(value: str, known: Iterable[str]) -> str:
    """`; did you mean "status"?`, or nothing where nothing is near."""
    from residency.validation import did_you_mean  # noqa: PLC0415  # Only where one is wrong.

    return did_you_mean(value, list(known))


def sentence(error: Any) -> str:
    """One line for any of Typer's usage errors."""
    context = error.ctx
    if (name := getattr(error, "option_name", None)) is not None:
        return _option(context, str(name), str(error.message))
    if (param := getattr(error, "param", None)) is not None:
        return _missing(context, param) if "Missing" in type(error).__name__ else _value(error)
    message = str(error.message)
    if context is not None:
        if message.startswith("No such command"):
            return _command(context, message)
        if "unexpected extra argument" in message:
            return _too_many(context, message)
    return _one_line(message)


def _value(error: Any) -> str:
    """A value that its option does not take."""
    param, cause = error.param, error.__cause__
    details = cause.errors(include_url=False) if hasattr(cause, "errors") else []
    what = _name(param)
    if not details:
        return f"{what}: {_one_line(str(error.message))}"
    detail = details[0]
    value, kind = quoted(detail["input"]), detail["type"]
    descriptor = param.type_descriptor
    if descriptor.is_datetime:
        return no_day(detail["input"], what)
    if kind in LIMITS:
        says, key = LIMITS[kind]
        bound = "at least" if key == "ge" else "at most"
        return f"{value} {says} for {what}; write {bound} {detail['ctx'][key]:g}."
    if kind in TYPES:
        number = "a whole number" if descriptor.annotation is int else "a number"
        return f"{value} {TYPES[kind]}; {what} takes {number}{_range(param)}."
    if descriptor.choices:
        known = [str(getattr(one, "value", one)) for one in descriptor.choices]
        hint = near(str(detail["input"]), known) or f"; allowed: {', '.join(known)}."
        return f"{value} is not allowed for {what}{hint}"
    return f"{value} is not allowed for {what}: {_one_line(str(detail['msg']))}"


def _range(param: Any) -> str:
    info = param.type_descriptor.parameter_info
    if info.min is not None and info.max is not None:
        return f" from {info.min:g} to {info.max:g}"
    if info.min is not None:
        return f", at least {info.min:g}"
    return f", at most {info.max:g}" if info.max is not None else ""


def _missing(context: Context, param: Any) -> str:
    """Everything that is needed and was not given, with an example of how it is written."""
    every = [each for each in context.command.params if each.required] if context else []
    names = [_name(each) for each in every if each.name not in context.params] or [_name(param)]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    path = f"`{context.command_path}`" if context else "It"
    example = _example(context)
    return f"{path} needs {listed}{f', as in: {example}' if example else '.'}"


def _example(context: Context) -> str:
    epilog = str(getattr(context.command, "epilog", "") or "") if context else ""
    return epilog.removeprefix("Example: ").split("  or  ")[0]


def _option(context: Context, name: str, message: str) -> str:
    """An option that there is not, or that lacks its value, or that has one and takes none."""
    params = context.command.params if context else []
    if "requires" in message:
        return f"{name} needs a value behind it."
    if "does not take" in message:
        return f"{name} takes no value."
    known = [opt for each in params for opt in (*each.opts, *each.secondary_opts) if opt[:1] == "-"]
    path = context.command_path if context else "residency"
    hint = _by_value(params, name) or near(name, known) or f"; `{path} --help` lists them."
    return f"{quoted(name)} is no option of `{path}`{hint}"


def _by_value(params: Sequence[Any], name: str) -> str:
    """The first option that takes what is named, as `--person` does `--who PERSON`; those needed first."""
    for each in sorted(params, key=lambda param: not param.required):
        value = str(each.metavar or "")
        if value and each.opts[0].startswith("--") and name == f"--{value.lower()}":
            return f'; did you mean "{each.opts[0]} {value}"?'
    return ""


def _command(context: Context, message: str) -> str:
    """A command that there is not; only the parser's own message says what was typed."""
    names = context.command.list_commands(context)
    typed = _typed(message)
    path = context.command_path
    hint = near(typed, names)
    if not hint:
        shown = ", ".join(names[:_MOST])
        more = f"; `{path} --help` lists them." if len(names) > _MOST else f"; allowed: {shown}."
        hint = more
    return f"{quoted(typed)} is no command of `{path}`{hint}"


def _typed(message: str) -> str:
    found = _NO_COMMAND.match(message)
    return str(ast.literal_eval(found[1])) if found else ""


def _too_many(context: Context, message: str) -> str:
    found = _EXTRA.search(message)
    words = found[1] if found else ""
    takes = [_name(each) for each in context.command.params if each.param_type_name == "argument"]
    only = f"takes only {' and '.join(takes)}" if takes else "takes no words, only options"
    return f"{quoted(words)} is too much for `{context.command_path}`; it {only}."


def _name(param: Any) -> str:
    """`--weeks`; of an argument its name in the help: `PROGRAM`."""
    if param.param_type_name == "argument":
        return str(param.metavar or param.name).strip("[].").upper()
    return next((name for name in param.opts if name.startswith("--")), str(param.opts[0]))


def _one_line(message: str) -> str:
    return " ".join(message.split())
