"""The tables. What is written here and in `migrations` is compared by a test.

Four kinds: what people gave (people, submissions, cohorts, definitions), what was recorded
(events, outbox, clicks, seats, assignments), what the pages keep (grants, drafts, applications),
and what is computed from events alone (store/projected.py).
"""

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from store.columns import AnyRow, flag, id_, instant, json_, metadata, number, word
from store.projected import (
    PROJECTIONS,
    appointments,
    decisions,
    meetings,
    residencies,
    task_people,
    tasks,
)

__all__ = [
    "PROJECTIONS",
    "AnyRow",
    "appointments",
    "decisions",
    "meetings",
    "metadata",
    "residencies",
    "task_people",
    "tasks",
]

# What people gave

people = Table(
    "people",
    metadata,
    id_("id", primary_key=True),
    Column("name", Text, nullable=False),
    Column("given_name", Text, nullable=False),
    Column("email", Text, nullable=False),
    # Addresses are compared without regard to case; sent to as they were written.
    Column("email_key", Text, nullable=False),
    # The address that was given beside the record: what a voided correction goes back to.
    Column("email_given", Text, nullable=False),
    word("zone"),
    word("locale"),
    word("rehearsal"),  # the cohort whose rehearsal this person belongs to; "" is a real person
    Column("paused", Text, nullable=False, server_default=""),
    instant("created", nullable=False),
    UniqueConstraint("rehearsal", "email_key"),
)

definitions = Table(
    "definitions",
    metadata,
    id_("hash", primary_key=True),
    word("program"),
    Column("version", Integer, nullable=False),
    json_("document"),
    instant("saved", nullable=False),
    UniqueConstraint("program", "version"),
)

cohorts = Table(
    "cohorts",
    metadata,
    id_("id", primary_key=True),
    word("program"),
    word("name"),
    word("scope"),  # "" or, for a rehearsal, its id: there may be many of one name
    word("definition"),
    Column("opens", Date),
    Column("closes", Date),
    Column("first_day", Date, nullable=False),
    json_("seats"),
    flag("rehearsal"),
    instant("clock"),
    json_("coordinators"),
    json_("plan"),
    instant("created", nullable=False),
    UniqueConstraint("program", "name", "scope"),
)

members = Table(
    "members",
    metadata,
    Column("cohort", Text, ForeignKey("cohorts.id", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("person", Text, ForeignKey("people.id"), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("most", Integer),
    json_("tracks"),
)

submissions = Table(
    "submissions",
    metadata,
    id_("id", primary_key=True),
    id_("residency", index=True),
    id_("person", index=True),
    word("form"),
    json_("answers"),
    Column("text", Text, nullable=False, server_default=""),
    instant("at", nullable=False),
)

# What was recorded

# The migration makes it a clustered table in SQLite (WITHOUT ROWID). Said here too, it would load
# SQLAlchemy's dialect wherever `store` is imported.
events = Table(
    "events",
    metadata,
    id_("residency", primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    # 0 is valid; n was marked void by the n-th truncation of this residency's record.
    Column("void", Integer, primary_key=True, autoincrement=False),
    instant("at", nullable=False),
    word("tag"),
    word("actor"),
    word("name_of"),
    word("action"),
    word("task"),
    word("submission"),
    json_("data"),
    instant("recorded", nullable=False),
)

clicks = Table(
    "clicks",
    metadata,
    id_("action", primary_key=True),
    id_("residency"),
    json_("act"),
    instant("put", nullable=False),
    instant("answered"),
    word("code"),
    Index("ix_clicks_answered_put", "answered", "put"),
)

seats = Table(
    "seats",
    metadata,
    id_("residency", primary_key=True),
    id_("cohort", index=True),
    word("track"),
    # The residency's last event when it was asked for; one freed later than that is given back.
    number("after"),
    instant("at", nullable=False),
)

assignments = Table(
    "assignments",
    metadata,
    id_("residency", primary_key=True),
    id_("role", primary_key=True),
    id_("item", primary_key=True),
    id_("person", primary_key=True),
    id_("cohort"),
    Column("place", Integer, nullable=False),
    instant("at", nullable=False),
    Index("ix_assignments_cohort_role", "cohort", "role"),
)

outbox = Table(
    "outbox",
    metadata,
    id_("key", primary_key=True),
    id_("subject"),
    word("notice"),
    Column("occurrence", Text, nullable=False),
    id_("receiver", index=True),
    word("cohort"),
    flag("rehearsal"),
    word("state"),
    word("delivery"),
    instant("at", nullable=False),
    instant("not_before"),
    json_("letter"),
    Column("line", Text, nullable=False, server_default=""),
    word("transport"),
    Column("message_id", Text, nullable=False, server_default=""),
    Column("path", Text, nullable=False, server_default=""),
    Column("attempt", Text, nullable=False, server_default=""),
    number("attempts"),
    # How often it was sent once more while nobody could say whether it had gone out.
    number("again"),
    Column("skip", Text, nullable=False, server_default=""),
    # Whose workflow comes for it, where that is not its subject; and the digest that it is in.
    word("carrier"),
    word("digest"),
    Column("detail", Text, nullable=False, server_default=""),
    instant("created", nullable=False),
    instant("claimed"),
    instant("sent"),
    UniqueConstraint("subject", "notice", "occurrence", "receiver"),
    Index("ix_outbox_cohort_at", "cohort", "at"),
    Index("ix_outbox_carrier", "carrier"),
    Index("ix_outbox_state_at", "state", "at"),
)

# What a mail provider told us, one row for each event; the address is kept with the person alone.
mail_events = Table(
    "mail_events",
    metadata,
    id_("id", primary_key=True),  # the provider's
    id_("mail"),  # the outbox's key; "" where it is no mail of ours
    word("event"),
    instant("at", nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    instant("received", nullable=False),
    Index("ix_mail_events_mail_at", "mail", "at"),
)

# What people hold back for a review: all mails, those of a notice, or those of a cohort.
holds = Table(
    "holds",
    metadata,
    id_("scope", primary_key=True),  # all, notice or cohort
    id_("name", primary_key=True),  # the notice's, or the cohort's id
    word("by"),
    Column("reason", Text, nullable=False, server_default=""),
    instant("since", nullable=False),
)

# What people did with mails by hand, one row for each time.
reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    id_("mail"),  # the outbox's key; "" where it was a hold
    word("what"),
    word("by"),
    Column("detail", Text, nullable=False, server_default=""),
    json_("data"),
    instant("at", nullable=False),
    Index("ix_reviews_mail_id", "mail", "id"),
)

# What the pages keep

# What a link lets its holder do; the link itself carries no more than the id, signed.
grants = Table(
    "grants",
    metadata,
    id_("id", primary_key=True),
    word("purpose"),  # task, person, calendar or application
    id_("person"),  # or, for an application that is no person's yet, the draft's id
    word("residency"),
    Column("task", Text, nullable=False, server_default=""),
    number("number"),  # grows each time a revoked one is given anew
    instant("created", nullable=False),
    instant("expires", nullable=False),
    instant("revoked_at"),
    UniqueConstraint("purpose", "person", "residency", "task", "number"),
)

# Answers that somebody has begun to write.
drafts = Table(
    "drafts",
    metadata,
    id_("person", primary_key=True),
    id_("residency", primary_key=True),
    Column("task", Text, primary_key=True),
    json_("given"),  # what the page's form held, as it was typed
    instant("at", nullable=False),
)

# Applications on their way in: nothing of them counts before their address is confirmed.
applications = Table(
    "applications",
    metadata,
    id_("id", primary_key=True),
    id_("cohort"),
    Column("email", Text, nullable=False),
    id_("email_key"),
    json_("given"),  # as typed
    json_("identity"),  # the answers about identity, as typed; moved apart when it is sent
    word("locale"),
    word("zone"),
    instant("created", nullable=False),
    instant("changed", nullable=False),
    instant("confirmed"),
    instant("sent"),
    word("residency"),  # which it became
    Index("ix_applications_cohort_email_key", "cohort", "email_key"),
)

# Answers about identity stand apart: no rule, reviewer, ranking or page of a residency reads them.
identities = Table(
    "identities",
    metadata,
    id_("residency", primary_key=True),
    id_("cohort", index=True),
    json_("answers"),
    instant("at", nullable=False),
)
