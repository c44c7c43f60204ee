"""The tables that hold nothing but what events say, and the head of each residency's record."""

from sqlalchemy import Column, Date, Float, ForeignKeyConstraint, Index, Integer, Table, Text

from store.columns import flag, id_, instant, metadata, number, word

residencies = Table(
    "residencies",
    metadata,
    id_("id", primary_key=True),
    # The head of the record.
    number("seq"),
    number("run"),
    number("history"),
    # The ids of the Temporal runs that recorded something, the newest last; "" before 0006.
    Column("runs", Text, nullable=False, server_default=""),
    number("truncations"),
    instant("next_at"),
    # From here on: what events say.
    word("program"),
    word("cohort"),
    word("track"),
    word("person"),
    word("definition"),
    flag("rehearsal"),
    word("stage"),
    instant("stage_at"),
    word("ended"),
    instant("started_at"),
    instant("ended_at"),
    Column("first_day", Date),
    Column("last_day", Date),
    flag("held"),
    word("seat"),  # "", granted or freed
    number("seat_freed"),  # the event that freed it; 0 where none has since it was granted
    Index("ix_residencies_cohort_stage", "cohort", "stage"),
    Index("ix_residencies_person", "person"),
    Index("ix_residencies_started_at_id", "started_at", "id"),
)

tasks = Table(
    "tasks",
    metadata,
    id_("residency", primary_key=True),
    Column("key", Text, primary_key=True),
    word("kind"),
    word("stage"),
    word("item"),
    number("round"),
    word("state"),
    word("rule"),
    word("form"),
    instant("opened", nullable=False),
    instant("due"),
    Column("rung", Integer),
    instant("closed_at"),
    word("outcome"),
    Column("score", Float),
    word("by"),
    word("submission"),
    number("revision"),
    Index("ix_tasks_state_due", "state", "due"),
    Index("ix_tasks_residency_state_due", "residency", "state", "due"),
)

task_people = Table(
    "task_people",
    metadata,
    id_("residency", primary_key=True),
    Column("key", Text, primary_key=True),
    id_("person", primary_key=True),
    Column("place", Integer, nullable=False),
    flag("answered"),
    ForeignKeyConstraint(
        ["residency", "key"], ["tasks.residency", "tasks.key"], ondelete="CASCADE"
    ),
    Index("ix_task_people_person", "person"),
)

appointments = Table(
    "appointments",
    metadata,
    id_("residency", primary_key=True),
    id_("role", primary_key=True),
    id_("item", primary_key=True),
    id_("person", primary_key=True),
    Column("place", Integer, nullable=False),
    flag("active"),
    instant("since", nullable=False),
    instant("until"),
    Index("ix_appointments_person", "person"),
)

decisions = Table(
    "decisions",
    metadata,
    id_("residency", primary_key=True),
    id_("stage", primary_key=True),
    id_("item", primary_key=True),
    word("outcome"),
    word("state"),  # pending, released or effective
    word("by"),
    word("submission"),
    instant("at", nullable=False),
    instant("tells_at"),
)

meetings = Table(
    "meetings",
    metadata,
    id_("residency", primary_key=True),
    id_("item", primary_key=True),
    instant("at", nullable=False),
    Column("minutes", Integer, nullable=False),
    number("sequence"),
    flag("canceled"),
    Index("ix_meetings_at", "at"),
)

PROJECTIONS = (task_people, tasks, appointments, decisions, meetings)
"""Tables besides `residencies` that hold nothing but what events say; children first."""
