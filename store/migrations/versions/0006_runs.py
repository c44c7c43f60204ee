"""Which of Temporal's runs have written to the record of a residency.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("runs", sa.Text(), server_default="", nullable=False)
    op.add_column("residencies", column)
