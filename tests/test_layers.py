"""Imports go one way. Every import of the tree is parsed and held against the tables below."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from residency.settings import CHECKOUT

OUTSIDE = {"tests", "docs", "deploy", "build"}

# What each room may import of the others, besides itself.
BASE = {"residency", "leaving", "logs", "ports", "tethered", "finding", "server", "serverfile"}
ALLOWED = {
    "residency": set(),
    "leaving": {"residency"},
    "logs": {"residency"},
    "ports": {"residency"},
    "tethered": set(),
    "finding": {"residency", "leaving"},
    "serverfile": {"ports", "tethered"},
    "server": {"residency", "converter", "finding", "logs", "ports", "serverfile", "tethered"},
    "store": {"residency"},
    "mail": {"residency", "store"},
    "activities": {"residency", "store", "mail"},
    "workflows": {"residency"},
    "converter": set(),
    "client": {"residency", "store", "workflows"},
    "intake": {"residency", "store", "mail", "client"},
    "rehearsal": {"residency", "store", "client", "intake"},
    "acts": {"residency", "store", "client"},
    "wiring": BASE | {"store", "mail", "activities", "workflows", "client", "intake", "web"},
    "worker": BASE | {"store", "mail", "activities", "workflows", "client", "intake", "wiring"},
    "web": BASE | {"store", "mail", "client", "intake", "acts", "wiring"},
    "bench": BASE
    | {"converter", "store", "mail", "client", "intake", "rehearsal", "wiring", "worker"},
    "cli": BASE
    | {
        "store",
        "mail",
        "client",
        "intake",
        "acts",
        "rehearsal",
        "wiring",
        "worker",
        "web",
        "bench",
    },
}
# For typed calls only, and only inside `workflow.unsafe.imports_passed_through()`.
GUARDED = {"workflows": {"activities"}}

# Libraries that a room must do without.
BARRED = {
    "residency": {"temporalio", "sqlalchemy", "jinja2"},
    "store": {"temporalio", "jinja2"},
    "mail": {"temporalio"},
    "workflows": {"sqlalchemy", "jinja2"},
}


def sources() -> list[Path]:
    """Every module of the tree, without tests and what tools have made."""
    found = [*CHECKOUT.glob("*.py")]
    for folder in CHECKOUT.iterdir():
        if folder.is_dir() and folder.name not in OUTSIDE and not folder.name.startswith("."):
            found += folder.rglob("*.py")
    return sorted(path.relative_to(CHECKOUT) for path in found)


def room(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


def imports(tree: ast.AST, *, guarded: bool = False) -> Iterator[tuple[str, int, bool]]:
    """Each imported top-level name, its line, and whether it passes through the sandbox."""
    for node in ast.iter_child_nodes(tree):
        inside = guarded or (
            isinstance(node, ast.With)
            and any("imports_passed_through" in ast.unparse(item) for item in node.items)
        )
        if isinstance(node, ast.Import):
            for name in node.names:
                yield name.name.partition(".")[0], node.lineno, inside
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0], node.lineno, inside
        else:
            yield from imports(node, guarded=inside)


def faults(path: Path, text: str) -> list[str]:
    here = room(path)
    found = []
    for name, line, inside in imports(ast.parse(text)):
        if name in BARRED.get(here, set()):
            found.append(f"{path}:{line}: {here} does without {name}")
        elif name in ALLOWED and name != here and name not in ALLOWED[here]:
            if inside and name in GUARDED.get(here, set()):
                continue
            found.append(f"{path}:{line}: {here} may not import {name}")
    return found


def test_every_module_has_a_room():
    unknown = [str(path) for path in sources() if room(path) not in ALLOWED]

    assert unknown == []


@pytest.mark.parametrize("path", sources(), ids=str)
def test_imports_go_one_way(path):
    assert faults(path, (CHECKOUT / path).read_text()) == []


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        ("residency/x.py", "import temporalio.client", "residency does without temporalio"),
        ("store/x.py", "from mail import outbox", "store may not import mail"),
        ("workflows/x.py", "import activities.record", "workflows may not import activities"),
        ("cli/x.py", "def f():\n    import workflows", "cli may not import workflows"),
        (
            "workflows/x.py",
            "with workflow.unsafe.imports_passed_through():\n    from store import record",
            "workflows may not import store",
        ),
    ],
)
def test_wrong_way_is_seen(path, text, fault):
    assert [told.partition(": ")[2] for told in faults(Path(path), text)] == [fault]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("mail/x.py", "from store import outbox\nfrom residency import notices"),
        ("mail/x.py", "from .port import Transport"),
        (
            "workflows/x.py",
            "with workflow.unsafe.imports_passed_through():\n    import activities.record",
        ),
    ],
)
def test_right_way_is_let_pass(path, text):
    assert faults(Path(path), text) == []


def test_every_room_is_installed_and_checked():
    told = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]
    modules = set(told["setuptools"]["py-modules"])
    packages = {name.rstrip("*") for name in told["setuptools"]["packages"]["find"]["include"]}
    typed = {name.removesuffix(".py") for name in told["mypy"]["files"]}

    assert modules | packages == set(ALLOWED)
    assert typed == set(ALLOWED)
    assert set(told["ruff"]["lint"]["isort"]["known-first-party"]) == set(ALLOWED)
