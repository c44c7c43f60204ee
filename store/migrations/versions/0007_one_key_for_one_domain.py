"""Addresses are compared with their domain as it goes over the wire.

Revision ID: 0007
Revises: 0006
"""

from contextlib import suppress

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _write_again("people", ("rehearsal",))
    _write_again("applications", ())


def _write_again(name: str, alone: tuple[str, ...]) -> None:
    """`alone`: the columns within which a key stands once. Whoever's new key is another's keeps the
    one they have, so that both stand as they did.
    """
    table = sa.table(name, *map(sa.column, ("id", "email", "email_key", *alone)))
    connection = op.get_bind()
    rows = connection.execute(sa.select(table)).all()
    taken = {(key, *scope) for _, _, key, *scope in rows}
    for id_, email, old, *scope in rows:
        new = old if email.isascii() else _key(email)
        if new == old or (alone and (new, *scope) in taken):
            continue
        taken.add((new, *scope))
        connection.execute(sa.update(table).where(table.c.id == id_).values(email_key=new))


def _key(email: str) -> str:
    import idna  # noqa: PLC0415  # Few domains need it, and its tables are large.

    local, at, domain = email.strip().rpartition("@")
    with suppress(UnicodeError):
        domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    return f"{local}{at}{domain}".casefold()
