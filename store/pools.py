"""Gives work to the people of a pool, in turn."""

from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import Connection, Select, exists, func, insert, select

from residency.wire import Assign, Assigned
from store.tables import appointments, assignments, members, residencies


def assign(connection: Connection, wanted: Assign) -> Assigned:
    if given := _given(connection, wanted):
        return Assigned(who=given)
    who = _choose(connection, wanted)
    now = datetime.now(UTC)
    if who:
        connection.execute(
            insert(assignments),
            [
                {
                    "residency": wanted.residency,
                    "role": wanted.role,
                    "item": wanted.item,
                    "person": person,
                    "cohort": wanted.cohort,
                    "place": place,
                    "at": now,
                }
                for place, person in enumerate(who)
            ],
        )
    return Assigned(who=who)


def loads(connection: Connection, cohort: str, role: str) -> Counter[str]:
    """How many each person has now in a role: appointed, or given and not yet appointed."""
    load: Counter[str] = Counter()
    for query in (_appointed(cohort, role), _reserved(cohort, role)):
        for person, count in connection.execute(query):
            load[person] += count
    return load


def _given(connection: Connection, wanted: Assign) -> list[str]:
    query = (
        select(assignments.c.person)
        .where(
            assignments.c.residency == wanted.residency,
            assignments.c.role == wanted.role,
            assignments.c.item == wanted.item,
        )
        .order_by(assignments.c.place)
    )
    return list(connection.execute(query).scalars())


def _choose(connection: Connection, wanted: Assign) -> list[str]:
    load = loads(connection, wanted.cohort, wanted.role)
    pool = select(members.c.person, members.c.place, members.c.most, members.c.tracks).where(
        members.c.cohort == wanted.cohort, members.c.role == wanted.role
    )
    free = [
        (load[row.person], row.place, row.person)
        for row in connection.execute(pool)
        if row.person not in wanted.but
        and (row.most is None or load[row.person] < row.most)
        and (not row.tracks or wanted.track in row.tracks)
    ]
    return [person for _, _, person in sorted(free)[: max(wanted.count, 0)]]


def _appointed(cohort: str, role: str) -> Select[str, int]:
    return (
        select(appointments.c.person, func.count())
        .join(residencies, residencies.c.id == appointments.c.residency)
        .where(
            residencies.c.cohort == cohort,
            residencies.c.ended == "",
            appointments.c.role == role,
            appointments.c.active,
        )
        .group_by(appointments.c.person)
    )


def _reserved(cohort: str, role: str) -> Select[str, int]:
    """Those that no appointment has followed: once one has, it alone says who has the work."""
    followed = exists().where(
        appointments.c.residency == assignments.c.residency,
        appointments.c.role == assignments.c.role,
        appointments.c.item == assignments.c.item,
    )
    ended = exists().where(residencies.c.id == assignments.c.residency, residencies.c.ended != "")
    return (
        select(assignments.c.person, func.count())
        .where(
            assignments.c.cohort == cohort,
            assignments.c.role == role,
            ~followed,
            ~ended,
        )
        .group_by(assignments.c.person)
    )
