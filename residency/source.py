"""YAML 1.2 files read with their positions: plain data, and where each part of it was written.

Values are never converted: `yes`, `off` and `2022-04-03` stay the texts they are; only whole
numbers, numbers, true, false and null have a type of their own.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

Steps = tuple[str | int, ...]
"""The way to a part of a file: keys and places in lists."""

_MOST_NODES: Final = 20_000
_DEEPEST: Final = 40
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: Final[dict[str, Any]] = {"": None, "~": None, "null": None, "true": True, "false": False}
_HINT: Final = re.compile(r"\s*\(did you intend.*", re.DOTALL)


@dataclass(frozen=True)
class Place:
    """Where something stands: lines and columns count from 1; `text` is the value as written."""

    line: int
    column: int
    key_line: int
    key_column: int
    text: str
    assumed: bool = False


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong in a file, as it is shown: `file:line:column: key: sentence`."""

    file: str
    line: int
    column: int
    key: str
    sentence: str
    warning: bool = False

    def __str__(self) -> str:
        what = f"{self.key}: {self.sentence}" if self.key else self.sentence
        return f"{self.file}:{self.line}:{self.column}: {'warning: ' * self.warning}{what}"


@dataclass
class Source:
    """One file: its data, the place of every part of it, and the faults found so far."""

    path: Path
    data: Any = None
    places: dict[Steps, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    pruned: set[Steps] = field(default_factory=set)  # what was left out because it is at fault

    @property
    def file(self) -> str:
        """The path as it is shown: relative where it lies below the current folder."""
        return shown_path(self.path)

    def place(self, steps: Steps) -> Place:
        """Where that part, or else the nearest part around it, stands."""
        while steps and steps not in self.places:
            steps = steps[:-1]
        return self.places.get(steps, Place(1, 1, 1, 1, ""))

    def fault(
        self, steps: Steps, sentence: str, *, at_key: bool = False, warning: bool = False
    ) -> None:
        """Note that something is wrong there; `at_key` points to the key and not to its value."""
        place = self.place(steps)
        line, column = (place.key_line, place.key_column) if at_key else (place.line, place.column)
        shown = ("assumed", *steps) if place.assumed and steps[:1] != ("assumed",) else steps
        self.faults.append(Fault(self.file, line, column, dotted(shown), sentence, warning))


def dotted(steps: Steps) -> str:
    """`stages.interviews.rounds[0].form`."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f"{'.' * bool(text)}{step}"
    return text


def shown_path(path: Path) -> str:
    """The path from the current folder, or as it is where it lies elsewhere."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def quoted(text: object, *, width: int = 60) -> str:
    """A value as a fault shows it: in double quotes, on one line, not longer than a line."""
    line = " ".join(str(text).split())
    return f'"{line if len(line) <= width else line[: width - 3] + "..."}"'


def read(path: Path, *, most: int = _MOST_NODES) -> Source:
    """Read one file. What is wrong with it as YAML is among its faults; then its data is None.

    `most` is how many parts it may have: names of parts that YAML repeats count each time.
    """
    source = Source(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        source.fault((), "there is no such file")
        return source
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        sentence = "not UTF-8 text; save the file as UTF-8"
        source.faults.append(Fault(source.file, line, 1, "", sentence))
        return source
    except OSError as error:
        source.fault((), f"can't be read ({error.strerror})")
        return source
    _compose(source, text, most=most)
    return source


def _compose(source: Source, text: str, *, most: int) -> None:
    # Imported here: a command that reads no file starts faster.
    from ruamel.yaml import YAML  # noqa: PLC0415  # See above.
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415  # See above.

    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except (YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (_line_of(error, text), 1)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
        problem = _HINT.sub("", str(problem)).strip()
        fault = Fault(source.file, line, column, "", f"the file is not YAML: {problem}")
        source.faults.append(fault)
        return
    if node is None:
        source.fault((), "the file is empty")
        return
    source.data = _Builder(source, most).build(node, (), (1, 1))


def _line_of(error: Exception, text: str) -> int:
    return text[: getattr(error, "position", 0) or 0].count("\n") + 1


class _Builder:
    """Turns the nodes of a file into plain data and notes their places."""

    def __init__(self, source: Source, most: int) -> None:
        self.source, self.most = source, most
        self.nodes = 0

    def build(self, node: Any, steps: Steps, key: tuple[int, int]) -> Any:
        self.nodes += 1
        mark = node.start_mark
        shown = node.value if isinstance(node.value, str) else ""
        self.source.places[steps] = Place(mark.line + 1, mark.column + 1, *key, shown)
        if self.nodes > self.most or len(steps) > _DEEPEST:
            if self.nodes <= self.most + 1:
                self.source.fault(steps, "the file holds too much, or what it holds is too deep")
                self.nodes = self.most + 1
            return None
        if isinstance(node.value, str):
            return self._scalar(node)
        if node.id == "sequence":
            return [
                self.build(item, (*steps, number), _start(item))
                for number, item in enumerate(node.value)
            ]
        return dict(self._entries(node, steps))

    def _entries(self, node: Any, steps: Steps) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key.value, str):
                self.source.fault(steps, "a key is a text, not a list or a mapping")
                continue
            inner = (*steps, key.value)
            if key.value in seen:
                self.source.places[inner] = Place(*_start(key), *_start(key), "")
                self.source.fault(
                    inner, f"the key stands in line {seen[key.value]} already", at_key=True
                )
                continue
            seen[key.value] = _start(key)[0]
            yield key.value, self.build(value, inner, _start(key))

    def _scalar(self, node: Any) -> Any:
        text: str = node.value
        if node.style in {"'", '"', "|", ">"}:
            return text
        if text.lower() in _WORDS and text in {text.lower(), text.title(), text.upper()}:
            return _WORDS[text.lower()]
        if _INTEGER.fullmatch(text) and len(text) < 19:
            return int(text)
        return float(text) if _NUMBER.fullmatch(text) else text


def _start(node: Any) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
