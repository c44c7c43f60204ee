"""People: names and addresses are kept here and nowhere else."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from residency.domains import ascii_domain
from residency.errors import ResidencyError
from store.database import Database
from store.tables import AnyRow, people

MANY = 500
"""Ids in one query: databases limit how many values a statement has."""


class AddressTakenError(ResidencyError):
    """Another person has this address already; `person` is their id."""

    def __init__(self, email: str, person: str) -> None:
        super().__init__(
            f'The address "{email}" belongs to {person} already; a person has one record.'
        )
        self.person = person


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """One record, whatever they become. `paused` says why no mail goes there; "" is no pause."""

    id: str
    name: str
    given_name: str
    email: str
    zone: str = ""  # "" is the program's
    locale: str = "en"
    rehearsal: str = ""  # the id of the rehearsed cohort this person belongs to
    paused: str = ""


_COLUMNS = [people.c[name] for name in Person.__dataclass_fields__]
_GET = select(*_COLUMNS).where(people.c.id == bindparam("wanted"))
_MANY = select(*_COLUMNS).where(people.c.id.in_(bindparam("ids", expanding=True)))
_BY_EMAIL = select(*_COLUMNS).where(
    people.c.rehearsal == bindparam("scope"), people.c.email_key == bindparam("key")
)


class People:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, person: Person) -> Person:
        """Keeps a person; the same one again changes nothing.

        Raises AddressTakenError where somebody else has the address.
        """
        with self._database.writing() as connection:
            self._database.alone(connection, f"people/{person.rehearsal}")
            add(connection, person)
        return person

    def find_or_add(self, person: Person) -> Person:
        """Who has this address in the same rehearsal (or outside of any); else keeps the person."""
        with self._database.writing() as connection:
            self._database.alone(connection, f"people/{person.rehearsal}")
            known = by_email(connection, person.email, rehearsal=person.rehearsal)
            if known is not None:
                return known
            add(connection, person)
        return person

    def get(self, id: str) -> Person | None:  # The contract's name.
        with self._database.reading() as connection:
            return get(connection, id)

    def by_email(self, email: str, *, rehearsal: str = "") -> Person | None:
        """Who has this address, whatever its case; `rehearsal` is a rehearsed cohort's id."""
        with self._database.reading() as connection:
            return by_email(connection, email, rehearsal=rehearsal)

    def all_by_email(self, email: str) -> list[Person]:
        """Everybody who has this address: one person, and those of rehearsals."""
        query = select(*_COLUMNS).where(people.c.email_key == email_key(email))
        with self._database.reading() as connection:
            return [_person(row) for row in connection.execute(query.order_by(people.c.rehearsal))]

    def many(self, ids: Iterable[str]) -> dict[str, Person]:
        """The people by id; ids that nobody has are left out."""
        with self._database.reading() as connection:
            return many(connection, ids)

    def correct_email(self, id: str, email: str) -> None:  # The contract's name.
        """Gives a person another address, and ends a pause of the old one."""
        with self._database.writing() as connection:
            person = get(connection, id)
            if person is None:
                raise ResidencyError(f'There is no person "{id}".')
            self._database.alone(connection, f"people/{person.rehearsal}")
            other = by_email(connection, email, rehearsal=person.rehearsal)
            if other is not None and other.id != id:
                raise AddressTakenError(email, other.id)
            set_email(connection, id, email, given=True)

    def pause(self, id: str, reason: str) -> None:  # The contract's name.
        """Says why no mail goes to this person any more; "" lets it go again."""
        with self._database.writing() as connection:
            connection.execute(update(people).where(people.c.id == id).values(paused=reason))


def email_key(email: str) -> str:
    """What two spellings of one address have in common: case apart, and the domain in ASCII."""
    local, at, domain = email.strip().rpartition("@")
    with suppress(UnicodeError):
        domain = ascii_domain(domain)
    return f"{local}{at}{domain}".casefold()


def get(connection: Connection, id: str) -> Person | None:  # The contract's name.
    row = connection.execute(_GET, {"wanted": id}).one_or_none()
    return _person(row) if row is not None else None


def by_email(connection: Connection, email: str, *, rehearsal: str) -> Person | None:
    found = connection.execute(_BY_EMAIL, {"scope": rehearsal, "key": email_key(email)})
    row = found.one_or_none()
    return _person(row) if row is not None else None


def many(connection: Connection, ids: Iterable[str]) -> dict[str, Person]:
    wanted = [one for one in dict.fromkeys(ids) if one]
    found: dict[str, Person] = {}
    for start in range(0, len(wanted), MANY):
        rows = connection.execute(_MANY, {"ids": wanted[start : start + MANY]})
        found |= {row.id: _person(row) for row in rows}
    return found


def add(connection: Connection, person: Person) -> None:
    known = get(connection, person.id)
    if known is not None:
        if replace(known, paused=person.paused) != person:
            raise ResidencyError(f'The id "{person.id}" belongs to another person already.')
        return
    other = by_email(connection, person.email, rehearsal=person.rehearsal)
    if other is not None:
        raise AddressTakenError(person.email, other.id)
    connection.execute(insert(people), _values(person))


def set_email(connection: Connection, person: str, email: str, *, given: bool) -> None:
    """`given` where it was not the record that brought the address."""
    values: dict[str, Any] = {"email": email, "email_key": email_key(email), "paused": ""}
    if given:
        values["email_given"] = email
    connection.execute(update(people).where(people.c.id == person).values(values))


def restore_email(connection: Connection, person: str) -> None:
    """Back to the address that was given beside the record, unless somebody else has it by now."""
    row = connection.execute(
        select(people.c.email_given, people.c.rehearsal).where(people.c.id == person)
    ).one_or_none()
    if row is not None and by_email(connection, row.email_given, rehearsal=row.rehearsal) is None:
        set_email(connection, person, row.email_given, given=False)


def _values(person: Person) -> dict[str, Any]:
    return {
        **asdict(person),
        "email_key": email_key(person.email),
        "email_given": person.email,
        "created": datetime.now(UTC),
    }


def _person(row: AnyRow) -> Person:
    return Person(**row._mapping)  # noqa: SLF001  # SQLAlchemy's documented name.
