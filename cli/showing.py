"""What `residency demo` ends with: the pages of people whose program has ended, and of some amid theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from cli.output import say
from residency.errors import UnavailableError
from residency.settings import CHECKOUT

if TYPE_CHECKING:
    from temporalio.client import Client

    from rehearsal.driver import Options
    from rehearsal.summary import Summary
    from store import Store
    from store.people import Person
    from store.shown import TaskRow
    from web.links import Links
    from wiring import House

CASTS: Final = CHECKOUT / "programs" / "_house" / "casts"
FIRST_DAY, UNTIL = date(2027, 6, 7), date(2027, 7, 20)
"""The second run stops two days after the report of week 6 was due."""
ROLES: Final = {"mentors": "Mentor", "coordinators": "Coordinator"}


@dataclass(frozen=True)
class Waiting:
    """Somebody on whom a task waits, with its title."""

    role: str
    person: Person
    title: str


async def open_door(house: House, client: Client, ended: Summary, *, midway: bool) -> None:
    """The pages of people of an ended rehearsal, until Ctrl-C.

    `midway`: and, once it was played, of a second one, which stops where something waits on them.
    """
    import ports  # noqa: PLC0415  # Help needs nothing.
    from cli.web import HOST, PORT, beside  # noqa: PLC0415  # As above.
    from web.links import Links, keys_of  # noqa: PLC0415  # As above.

    port = _usual(ports.free, PORT)
    base = house.settings.public_url or f"http://{HOST}:{port}"
    links = Links(house.store, keys=keys_of(house.settings), base=base)
    with beside(house, port=port):
        say("\nTheir pages, as each sees them:")
        for what, person in interesting(house.store, ended.residencies):
            _tell(links, what, person)
        if midway:
            await _midway(house, client, links)
        say("\nThe server, the worker and the pages run until Ctrl-C.")
        await asyncio.Event().wait()


async def _midway(house: House, client: Client, links: Links) -> None:
    """Plays the second run without a word, while the pages of the first can be read."""
    from cli.rehearsing import rehearsed  # noqa: PLC0415  # As above.

    say("\nA second, short run is played up to its middle, for pages with something to do ...")
    stopped = await rehearsed(house, client, midway_options(), as_json=True)
    say(f"It stands on {UNTIL:%B} {UNTIL.day}, {UNTIL.year}. What waits, and for whom:")
    for one in waiting(house.store, stopped.residencies):
        _tell(links, one.role, one.person)
        say(f"{'':<12} {one.title}")


def _tell(links: Links, what: str, person: Person) -> None:
    say(f"{what:<12} {links.person(person.id)}  {person.name}")


def midway_options() -> Options:
    """A rehearsal of few people that stops where something waits on them."""
    from rehearsal.driver import Options  # noqa: PLC0415  # As above.

    return Options(
        program=CHECKOUT / "programs" / "apple-aiml-internship",
        people=CASTS / "midway-people.yaml",
        cast=CASTS / "midway.yaml",
        start=FIRST_DAY,
        until=UNTIL,
    )


def interesting(store: Store, residencies: Collection[str]) -> list[tuple[str, Person]]:
    """A resident who completed late, and the mentor and reviewer who have answered most."""
    these = set(residencies)
    rows = [one for one in store.lists.residencies(rehearsals=True) if one.id in these]
    done = [one for one in rows if one.ended == "completed"]
    chosen = (
        [("Resident", max(done, key=lambda one: (one.last_day or date.min, one.id)).person)]
        if done
        else []
    )
    every = store.lists.appointments(active_only=False)
    appointed = [one for residency, one in every if residency in these]
    for what, role in (("Mentor", "mentors"), ("Reviewer", "reviewers")):
        people = sorted({one.person for one in appointed if one.role == role})
        if people:
            chosen.append((what, max(people, key=lambda one: store.agenda.load(one).done)))
    known = store.people.many([person for _, person in chosen])
    return [(what, known[person]) for what, person in chosen]


def waiting(store: Store, residencies: Collection[str]) -> list[Waiting]:
    """A resident, a mentor and a coordinator, each with what is due first of what waits on them."""
    found: dict[str, tuple[str, TaskRow]] = {}
    roles: dict[str, dict[str, str]] = {}
    for task in store.lists.tasks(residencies=list(residencies)):
        if task.cohort not in roles:
            roles[task.cohort] = _roles(store, task.cohort)
        for person in task.waiting:
            own = "Resident" if person == task.resident else ""
            if role := own or roles[task.cohort].get(person, ""):
                found.setdefault(role, (person, task))
    known = store.people.many([person for person, _ in found.values()])
    return [
        Waiting(role, known[found[role][0]], _title(store, role, found[role][1]))
        for role in ("Resident", *ROLES.values())
        if role in found
    ]


def _roles(store: Store, cohort: str) -> dict[str, str]:
    """What each mentor and coordinator of a cohort is called here."""
    return {
        one.person: ROLES[one.role] for one in store.cohorts.members(cohort) if one.role in ROLES
    }


def _title(store: Store, role: str, task: TaskRow) -> str:
    """What the pages call the task, and of whom it is."""
    from web.titles import title_of  # noqa: PLC0415  # As above.

    document = store.definitions.get(task.definition)
    title = title_of(document, task.kind, item=task.item, round_=task.round)
    return title if role == "Resident" else f"{title}, of {task.resident_name}"


def _usual(free: Callable[[int], int], port: int) -> int:
    """The usual port, or any where it is taken."""
    try:
        return free(port)
    except UnavailableError:
        return free(0)
