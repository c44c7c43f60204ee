"""The tables. What is written here and in `migrations` is compared by a test.

Three kinds: what people gave (people, submissions, cohorts, definitions), what was recorded
(events, outbox, clicks, seats, assignments), and what is computed from events alone.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)


class Instant(TypeDecorator[datetime]):
    """A timezone-aware instant, UTC in and out. SQLite has no zones and keeps it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f'the instant "{value}" has no time zone')
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


AnyRow = Row[*tuple[Any, ...]]
"""A row of any query."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id(name: str, **more: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **more)


def _word(name: str) -> Column[str]:
    """A short text that is empty where there is nothing to say."""
    return Column(name, Text, nullable=False, server_default="")


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=false())


def _number(name: str, **more: Any) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text("0"), **more)


def _json(name: str) -> Column[Any]:
    return Column(name, JSON, nullable=False)


def _at(name: str, *, nullable: bool = True) -> Column[datetime]:
    return Column(name, Instant, nullable=nullable)


# What people gave

people = Table(
    "people",
    metadata,
    _id("id", primary_key=True),
    Column("name", Text, nullable=False),
    Column("given_name", Text, nullable=False),
    Column("email", Text, nullable=False),
    # Addresses are compared without regard to case; sent to as they were written.
    Column("email_key", Text, nullable=False),
    # The address that was given beside the record: what a voided correction goes back to.
    Column("email_given", Text, nullable=False),
    _word("zone"),
    _word("locale"),
    _word("rehearsal"),  # the cohort whose rehearsal this person belongs to; "" is a real person
    Column("paused", Text, nullable=False, server_default=""),
    _at("created", nullable=False),
    UniqueConstraint("rehearsal", "email_key"),
)

definitions = Table(
    "definitions",
    metadata,
    _id("hash", primary_key=True),
    _word("program"),
    Column("version", Integer, nullable=False),
    _json("document"),
    _at("saved", nullable=False),
    UniqueConstraint("program", "version"),
)

cohorts = Table(
    "cohorts",
    metadata,
    _id("id", primary_key=True),
    _word("program"),
    _word("name"),
    _word("scope"),  # "" or, for a rehearsal, its id: there may be many of one name
    _word("definition"),
    Column("opens", Date),
    Column("closes", Date),
    Column("first_day", Date, nullable=False),
    _json("seats"),
    _flag("rehearsal"),
    _at("clock"),
    _json("coordinators"),
    _json("plan"),
    _at("created", nullable=False),
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
    _json("tracks"),
)

submissions = Table(
    "submissions",
    metadata,
    _id("id", primary_key=True),
    _id("residency", index=True),
    _id("person", index=True),
    _word("form"),
    _json("answers"),
    Column("text", Text, nullable=False, server_default=""),
    _at("at", nullable=False),
)

# What was recorded

# The migration makes it a clustered table in SQLite (WITHOUT ROWID). Said here too, it would load
# SQLAlchemy's dialect wherever `store` is imported.
events = Table(
    "events",
    metadata,
    _id("residency", primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    # 0 is valid; n was marked void by the n-th truncation of this residency's record.
    Column("void", Integer, primary_key=True, autoincrement=False),
    _at("at", nullable=False),
    _word("tag"),
    _word("actor"),
    _word("name_of"),
    _word("action"),
    _word("task"),
    _word("submission"),
    _json("data"),
    _at("recorded", nullable=False),
)

clicks = Table(
    "clicks",
    metadata,
    _id("action", primary_key=True),
    _id("residency"),
    _json("act"),
    _at("put", nullable=False),
    _at("answered"),
    _word("code"),
    Index("ix_clicks_answered_put", "answered", "put"),
)

seats = Table(
    "seats",
    metadata,
    _id("residency", primary_key=True),
    _id("cohort", index=True),
    _word("track"),
    # The residency's last event when it was asked for; one freed later than that is given back.
    _number("after"),
    _at("at", nullable=False),
)

assignments = Table(
    "assignments",
    metadata,
    _id("residency", primary_key=True),
    _id("role", primary_key=True),
    _id("item", primary_key=True),
    _id("person", primary_key=True),
    _id("cohort"),
    Column("place", Integer, nullable=False),
    _at("at", nullable=False),
    Index("ix_assignments_cohort_role", "cohort", "role"),
)

outbox = Table(
    "outbox",
    metadata,
    _id("key", primary_key=True),
    _id("subject"),
    _word("notice"),
    Column("occurrence", Text, nullable=False),
    _id("receiver", index=True),
    _word("cohort"),
    _flag("rehearsal"),
    _word("state"),
    _word("delivery"),
    _at("at", nullable=False),
    _at("not_before"),
    _json("letter"),
    Column("line", Text, nullable=False, server_default=""),
    _word("transport"),
    Column("message_id", Text, nullable=False, server_default=""),
    Column("path", Text, nullable=False, server_default=""),
    Column("attempt", Text, nullable=False, server_default=""),
    _number("attempts"),
    # How often it was sent once more while nobody could say whether it had gone out.
    _number("again"),
    Column("skip", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
    _at("created", nullable=False),
    _at("claimed"),
    _at("sent"),
    UniqueConstraint("subject", "notice", "occurrence", "receiver"),
    Index("ix_outbox_cohort_at", "cohort", "at"),
    Index("ix_outbox_state_at", "state", "at"),
)

# What a mail provider told us, one row for each event; the address is kept with the person alone.
mail_events = Table(
    "mail_events",
    metadata,
    _id("id", primary_key=True),  # the provider's
    _id("mail"),  # the outbox's key; "" where it is no mail of ours
    _word("event"),
    _at("at", nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    _at("received", nullable=False),
    Index("ix_mail_events_mail_at", "mail", "at"),
)

# What people hold back for a review: all mails, those of a notice, or those of a cohort.
holds = Table(
    "holds",
    metadata,
    _id("scope", primary_key=True),  # all, notice or cohort
    _id("name", primary_key=True),  # the notice's, or the cohort's id
    _word("by"),
    Column("reason", Text, nullable=False, server_default=""),
    _at("since", nullable=False),
)

# What people did with mails by hand, one row for each time.
reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    _id("mail"),  # the outbox's key; "" where it was a hold
    _word("what"),
    _word("by"),
    Column("detail", Text, nullable=False, server_default=""),
    _json("data"),
    _at("at", nullable=False),
    Index("ix_reviews_mail_id", "mail", "id"),
)

# What is computed from events

residencies = Table(
    "residencies",
    metadata,
    _id("id", primary_key=True),
    # The head of the record.
    _number("seq"),
    _number("run"),
    _number("history"),
    _number("truncations"),
    _at("next_at"),
    # From here on: what events say.
    _word("program"),
    _word("cohort"),
    _word("track"),
    _word("person"),
    _word("definition"),
    _flag("rehearsal"),
    _word("stage"),
    _at("stage_at"),
    _word("ended"),
    _at("started_at"),
    _at("ended_at"),
    Column("first_day", Date),
    Column("last_day", Date),
    _flag("held"),
    _word("seat"),  # "", granted or freed
    _number("seat_freed"),  # the event that freed it; 0 where none has since it was granted
    Index("ix_residencies_cohort_stage", "cohort", "stage"),
    Index("ix_residencies_person", "person"),
    Index("ix_residencies_started_at_id", "started_at", "id"),
)

tasks = Table(
    "tasks",
    metadata,
    _id("residency", primary_key=True),
    Column("key", Text, primary_key=True),
    _word("kind"),
    _word("stage"),
    _word("item"),
    _number("round"),
    _word("state"),
    _word("rule"),
    _word("form"),
    _at("opened", nullable=False),
    _at("due"),
    Column("rung", Integer),
    _at("closed_at"),
    _word("outcome"),
    Column("score", Float),
    _word("by"),
    _word("submission"),
    _number("revision"),
    Index("ix_tasks_state_due", "state", "due"),
    Index("ix_tasks_residency_state_due", "residency", "state", "due"),
)

task_people = Table(
    "task_people",
    metadata,
    _id("residency", primary_key=True),
    Column("key", Text, primary_key=True),
    _id("person", primary_key=True),
    Column("place", Integer, nullable=False),
    _flag("answered"),
    ForeignKeyConstraint(
        ["residency", "key"], ["tasks.residency", "tasks.key"], ondelete="CASCADE"
    ),
    Index("ix_task_people_person", "person"),
)

appointments = Table(
    "appointments",
    metadata,
    _id("residency", primary_key=True),
    _id("role", primary_key=True),
    _id("item", primary_key=True),
    _id("person", primary_key=True),
    Column("place", Integer, nullable=False),
    _flag("active"),
    _at("since", nullable=False),
    _at("until"),
    Index("ix_appointments_person", "person"),
)

decisions = Table(
    "decisions",
    metadata,
    _id("residency", primary_key=True),
    _id("stage", primary_key=True),
    _id("item", primary_key=True),
    _word("outcome"),
    _word("state"),  # pending, released or effective
    _word("by"),
    _word("submission"),
    _at("at", nullable=False),
    _at("tells_at"),
)

meetings = Table(
    "meetings",
    metadata,
    _id("residency", primary_key=True),
    _id("item", primary_key=True),
    _at("at", nullable=False),
    Column("minutes", Integer, nullable=False),
    _number("sequence"),
    _flag("canceled"),
    Index("ix_meetings_at", "at"),
)

PROJECTIONS = (task_people, tasks, appointments, decisions, meetings)
"""Tables besides `residencies` that hold nothing but what events say; children first."""
