"""Mails that are gathered in a digest, and who carries it.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("carrier", "digest"):
        column = sa.Column(name, sa.Text(), server_default="", nullable=False)
        op.add_column("outbox", column)
    op.create_index("ix_outbox_carrier", "outbox", ["carrier"], unique=False)
