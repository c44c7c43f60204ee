"""Deletes a rehearsal: every row that belongs to it."""

from sqlalchemy import Connection, delete, or_, select

from residency.errors import ResidencyError
from store.tables import (
    PROJECTIONS,
    applications,
    assignments,
    clicks,
    cohorts,
    drafts,
    events,
    grants,
    holds,
    identities,
    mail_events,
    members,
    outbox,
    people,
    residencies,
    reviews,
    seats,
    submissions,
)


def discard(connection: Connection, cohort: str) -> None:
    found = select(cohorts.c.rehearsal).where(cohorts.c.id == cohort)
    rehearsal = connection.execute(found).scalar()
    if rehearsal is None:
        raise ResidencyError(f'There is no cohort "{cohort}".')
    if not rehearsal:
        raise ResidencyError(f'The cohort "{cohort}" is no rehearsal; only those can be discarded.')
    theirs = select(residencies.c.id).where(residencies.c.cohort == cohort)
    its_people = select(people.c.id).where(people.c.rehearsal == cohort)
    for table in (*PROJECTIONS, events, clicks):
        connection.execute(delete(table).where(table.c.residency.in_(theirs)))
    for given in (seats, assignments):
        connection.execute(delete(given).where(given.c.cohort == cohort))
    connection.execute(
        delete(submissions).where(
            or_(submissions.c.residency.in_(theirs), submissions.c.person.in_(its_people))
        )
    )
    its_mail = or_(
        outbox.c.cohort == cohort,
        outbox.c.subject == cohort,
        outbox.c.subject.in_(theirs),
        outbox.c.receiver.in_(its_people),
    )
    for about in (mail_events, reviews):
        keys = select(outbox.c.key).where(its_mail)
        connection.execute(delete(about).where(about.c.mail.in_(keys)))
    connection.execute(delete(outbox).where(its_mail))
    for kept in (grants, drafts):
        connection.execute(delete(kept).where(kept.c.person.in_(its_people)))
    begun = select(applications.c.id).where(applications.c.cohort == cohort)
    its_links = or_(grants.c.person == cohort, grants.c.person.in_(begun))
    connection.execute(delete(grants).where(its_links))
    for arrived in (applications, identities):
        connection.execute(delete(arrived).where(arrived.c.cohort == cohort))
    connection.execute(delete(holds).where(holds.c.scope == "cohort", holds.c.name == cohort))
    connection.execute(delete(residencies).where(residencies.c.cohort == cohort))
    connection.execute(delete(members).where(members.c.cohort == cohort))
    connection.execute(delete(people).where(people.c.rehearsal == cohort))
    connection.execute(delete(cohorts).where(cohorts.c.id == cohort))
