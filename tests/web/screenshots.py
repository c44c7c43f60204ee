"""Pictures of every page, for a designer to look at, and what axe says of each.

    residency rehearse huggingface-ai-research-residency-2022 --until 2022-11-15
    python -m tests.web.screenshots /tmp/pictures

First the pages that are seldom met (tests/web/seldom.py), then those of a rehearsed cohort, whose
folder RESIDENCY_DATA names. Needs Chromium and the packages of tests/js. Rehearse for this: a page
with a form is looked at once more after its first button was pressed. It takes ten minutes or more;
RESIDENCY_LOOK may name the pages that are wanted, with commas between them.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ports
from cli.web import beside
from residency.settings import load
from store import Store
from store.cohorts import CohortRow
from tests.web.gallery import standing, write
from tests.web.seldom import all_seldom
from web.links import Links
from wiring import House

LOOK = Path(__file__).parents[1] / "js" / "look.mjs"
COLORS = {"house": "#3b5bdb", "huggingface": "#ff9d00", "apple": "#1d1d1f"}


def pages(links: Links, store: Store, base: str) -> Iterator[tuple[str, str]]:
    """Every kind of page, by a name: of people, tasks, applications, and what goes wrong."""
    for cohort in store.cohorts.list(rehearsals=True):
        for name, url in _of_cohort(links, store, cohort, base):
            yield f"{cohort.id}-{name}", url
    yield "link", f"{base}/link"
    yield "link-sent", f"{base}/link#press"
    yield "dead-link", f"{base}/t/forged"
    yield "no-page", f"{base}/nowhere"


def _of_cohort(
    links: Links, store: Store, cohort: CohortRow, base: str
) -> Iterator[tuple[str, str]]:
    call = f"{base}/apply/{cohort.program}/{cohort.name}"
    call = links.application(cohort.id) if cohort.rehearsal else call
    yield "apply", call
    yield "apply-faults", f"{call}#press"
    yield from _people(links, store, cohort)
    yield from _tasks(links, store, cohort)


def _people(links: Links, store: Store, cohort: CohortRow) -> Iterator[tuple[str, str]]:
    rows = store.lists.residencies(cohort=cohort.id)
    of_ends = {row.ended or row.stage: row for row in rows}
    for state, row in of_ends.items():
        yield f"resident-{state}", links.person(row.person)
    living = next((row for row in rows if not row.ended), None)
    if living is not None:
        home = links.person(living.person)
        for name in ("withdraw", "concern"):
            yield f"me-{name}", f"{home}/{name}/{living.id}"
        yield "me-concern-faults", f"{home}/concern/{living.id}#press"
        yield "me-address", f"{home}/address"
    pool = store.cohorts.members(cohort.id)
    for role in dict.fromkeys(one.role for one in pool):
        people = [one.person for one in pool if one.role == role]
        busiest = max(people, key=lambda person: len(store.lists.tasks(person=person)))
        yield f"person-{role}", links.person(busiest)


def _tasks(links: Links, store: Store, cohort: CohortRow) -> Iterator[tuple[str, str]]:
    """One task of each kind and state, as somebody sees it who was asked."""
    found: dict[str, Any] = {}
    for task in store.lists.tasks(cohort=cohort.id, open_only=False):
        if task.who:
            found.setdefault(f"{task.kind}-{task.state.value}", task)
    for name, task in found.items():
        person = (task.waiting or [task.by] if task.by else task.waiting) or task.who
        link = links.task(task.residency, task.key, person[0])
        yield f"task-{name}", link
        if task.waiting:
            yield f"task-{name}-pressed", f"{link}#press"


def main(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    port = ports.free(0)
    base = f"http://127.0.0.1:{port}"
    house = House(load(public_url=base))
    try:
        found = [(path.stem, path.as_uri()) for path in write(folder, colors=COLORS)]
        with tempfile.TemporaryDirectory() as place:
            shown = asyncio.run(all_seldom(Path(place)))
        for name, page in shown.items():
            path = folder / f"seldom-{name}.html"
            path.write_text(standing(page.text))
            found.append((path.stem, path.as_uri()))
        found += pages(house.links, house.store, base)
        listed = folder / "pages.json"
        listed.write_text(json.dumps([{"name": name, "url": url} for name, url in found]))
        with beside(house, port=port):
            return _look(listed, folder)
    finally:
        house.store.close()


def _look(listed: Path, folder: Path) -> int:
    """Takes the pictures; what axe finds goes to standard output."""
    chromium = os.environ.get("RESIDENCY_CHROMIUM") or shutil.which("chromium") or "chromium"
    node = shutil.which("node") or "node"
    looked = subprocess.run(
        [node, LOOK, listed.resolve(), folder.resolve()],
        check=False,
        env=os.environ | {"RESIDENCY_CHROMIUM": chromium},
    )
    return looked.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
