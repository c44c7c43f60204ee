"""The people of a rehearsal: made from the program's id, the same ones every time, or read from a file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from intake import Applicant
from residency.cohort import Cohort, Member, PoolMember, Pools
from residency.errors import ResidencyError
from residency.files import data_of

APPLICANTS, MENTORS, REVIEWERS = 12, 4, 4
ZONES = ("", "", "", "America/New_York", "", "", "Africa/Nairobi", "", "")
"""Most people are near the program; a few are far away, so that send windows are seen to matter."""

_GIVEN = (
    "Amara", "Bao", "Carmen", "Dmitri", "Elif", "Farid", "Grace", "Hana", "Ines", "Jonas", "Kwame",
    "Leila", "Mateo", "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tove", "Umar", "Vera",
    "Wanjiru", "Xavier", "Yuki", "Zofia",
)  # fmt: skip
_FAMILY = (
    "Abara", "Berg", "Castillo", "Dubois", "Eriksen", "Fontaine", "Garcia", "Haddad", "Ivanova",
    "Jensen", "Kimura", "Lindqvist", "Moreau", "Novak", "Okafor", "Petrov", "Qureshi", "Rossi",
    "Sato", "Tanaka", "Ueda", "Varga", "Weber", "Xu", "Yilmaz", "Zhang",
)  # fmt: skip


class Names:
    """Names in an order that depends on the seed alone; none comes twice."""

    def __init__(self, seed: str) -> None:
        self._given = sorted(_GIVEN, key=lambda name: _rank(seed, name))
        self._family = sorted(_FAMILY, key=lambda name: _rank(seed, name))
        self._next = 0

    def take(self) -> tuple[str, str]:
        """The next name and an address that leads nowhere."""
        given = self._given[self._next % len(self._given)]
        family = self._family[self._next % len(self._family)]
        self._next += 1
        return f"{given} {family}", f"{given}.{family}@example.org".lower()


def _rank(seed: str, name: str) -> str:
    return hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()


def default_cast_of(
    program: str, *, tracks: list[str]
) -> tuple[Pools, list[Member], list[Applicant]]:
    """Pools, coordinators and applicants of a program that is rehearsed with nobody named."""
    names = Names(program)
    coordinator = _member(names)
    mentors = [_pool_member(names, number) for number in range(MENTORS)]
    reviewers = [_pool_member(names, number) for number in range(REVIEWERS)]
    pools = Pools(reviewers=reviewers, interviewers=reviewers, panelists=reviewers, mentors=mentors)
    applicants = []
    for number in range(APPLICANTS):
        name, email = names.take()
        applicants.append(
            Applicant(
                name=name,
                email=email,
                zone=ZONES[number % len(ZONES)],
                track=tracks[number % len(tracks)] if tracks else "",
            )
        )
    return pools, [coordinator], applicants


def _member(names: Names) -> Member:
    name, email = names.take()
    return Member(name=name, email=email)


def _pool_member(names: Names, number: int) -> PoolMember:
    name, email = names.take()
    return PoolMember(name=name, email=email, zone=ZONES[(number + 3) % len(ZONES)] or None)


def read_people(path: Path) -> list[Applicant]:
    """Applicants from a YAML or JSON list of {name, email, zone, locale, track, answers}."""
    rows = data_of(path)
    if not isinstance(rows, list) or not rows:
        raise ResidencyError(f'"{path}" holds no list of people; write - {{name: ..., email: ...}}')
    return [_applicant(path, number, row) for number, row in enumerate(rows, 1)]


def _applicant(path: Path, number: int, row: Any) -> Applicant:
    allowed = set(Applicant.__dataclass_fields__)
    if not isinstance(row, dict) or not {"name", "email"} <= set(row) <= allowed:
        raise ResidencyError(
            f"{path}: person {number} is not one; it has name and email, and may have "
            f"{', '.join(sorted(allowed - {'name', 'email'}))}."
        )
    return Applicant(**row)


def with_people(cohort: Cohort, pools: Pools, coordinators: list[Member]) -> Cohort:
    """The cohort with a rehearsal's own people in the place of its real ones."""
    others = {role: [coordinators[0]] for role in cohort.others}
    return cohort.model_copy(
        update={"pools": pools, "coordinators": coordinators, "others": others}
    )
