"""Links, drafts of answers, applications on their way in, and answers about identity.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "grants",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), server_default="", nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("residency", sa.Text(), server_default="", nullable=False),
        sa.Column("task", sa.Text(), server_default="", nullable=False),
        sa.Column("number", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("created", at, nullable=False),
        sa.Column("expires", at, nullable=False),
        sa.Column("revoked_at", at, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sa.UniqueConstraint(
            "purpose",
            "person",
            "residency",
            "task",
            "number",
            name=op.f("uq_grants_purpose_person_residency_task_number"),
        ),
    )
    op.create_table(
        "drafts",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("residency", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("at", at, nullable=False),
        sa.PrimaryKeyConstraint("person", "residency", "task", name=op.f("pk_drafts")),
    )
    op.create_table(
        "applications",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("cohort", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("email_key", sa.Text(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("identity", sa.JSON(), nullable=False),
        sa.Column("locale", sa.Text(), server_default="", nullable=False),
        sa.Column("zone", sa.Text(), server_default="", nullable=False),
        sa.Column("created", at, nullable=False),
        sa.Column("changed", at, nullable=False),
        sa.Column("confirmed", at, nullable=True),
        sa.Column("sent", at, nullable=True),
        sa.Column("residency", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
    )
    op.create_index(
        "ix_applications_cohort_email_key", "applications", ["cohort", "email_key"], unique=False
    )
    op.create_table(
        "identities",
        sa.Column("residency", sa.Text(), nullable=False),
        sa.Column("cohort", sa.Text(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("at", at, nullable=False),
        sa.PrimaryKeyConstraint("residency", name=op.f("pk_identities")),
    )
    op.create_index("ix_identities_cohort", "identities", ["cohort"], unique=False)
