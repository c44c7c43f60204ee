"""The people of a rehearsal: made from the program's id, the same ones every time, or read from a file."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from intake import Applicant, person_faults
from rehearsal.listed import entries_of, faults_of, given_in, is_mapping, steps_at
from residency.cohort import Cohort, Member, PoolMember, Pools
from residency.errors import ResidencyError
from residency.fields import Locale, Model
from residency.forms import Form, FormError, validate
from residency.source import Fault, Source, quoted
from residency.validation import validated

LIKE = "{name: ..., email: ...}"

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
                track=_track(tracks, number),
            )
        )
    return pools, [coordinator], applicants


def _track(tracks: Sequence[str], number: int) -> str:
    """The tracks in turn; nothing where the program has none."""
    return tracks[number % len(tracks)] if tracks else ""


def _member(names: Names) -> Member:
    name, email = names.take()
    return Member(name=name, email=email)


def _pool_member(names: Names, number: int) -> PoolMember:
    name, email = names.take()
    return PoolMember(name=name, email=email, zone=ZONES[(number + 3) % len(ZONES)] or None)


class _Row(Model):
    """A person as the file has them."""

    name: str = ""
    email: str = ""
    zone: str = ""
    locale: Locale = "en"
    track: str = ""
    given_name: str = ""
    answers: dict[str, Any] | None = None


def read_people(
    path: Path, *, tracks: Sequence[str] = (), form: Form | None = None
) -> tuple[list[Applicant], list[Fault]]:
    """Applicants of a YAML or JSON list of {name, email, zone, locale, track, answers}, and what is
    wrong with them.

    `tracks` are the program's, given in turn to whoever names none; `form` is the application's:
    who gives answers gives all of them.
    """
    entries = entries_of(path, like=LIKE)
    if not entries:
        raise ResidencyError(f'"{path}" holds no list of people; write - {LIKE}')
    people = [
        applicant_of(entry, tracks=tracks, form=form, answers=False, track=_track(tracks, number))
        for number, entry in enumerate(entries)
    ]
    note_doubles(entries)
    return people, faults_of(entries)


def applicant_of(
    entry: Source,
    *,
    tracks: Sequence[str],
    form: Form | None,
    answers: bool = True,
    track: str = "",
) -> Applicant:
    """The person of an entry of a list; what is wrong with them is noted there.

    `answers`: whether they must be given; `track` is theirs where they name none.
    """
    row = validated(entry, _Row, given_in(entry)) if is_mapping(entry, like=LIKE) else None
    if row is None:
        return Applicant(name="", email="")
    given = {
        "name": row.name.strip(),
        "email": row.email.strip(),
        "track": row.track or track,
    }
    person = Applicant(**row.model_dump() | given)
    for name, sentence in person_faults(person, tracks=tracks).items():
        # What was not even a text is told already, and left out.
        if (name,) not in entry.pruned:
            entry.fault(steps_at(entry, name), sentence)
    if form is not None and (answers or person.answers) and ("answers",) not in entry.pruned:
        _note_answers(entry, form, person.answers or {})
    return person


def _note_answers(entry: Source, form: Form, answers: dict[str, Any]) -> None:
    try:
        validate(form, answers)
    except FormError as error:
        for name, sentence in error.faults.items():
            entry.fault(steps_at(entry, "answers", name), sentence)


def note_doubles(entries: list[Source]) -> None:
    """One address is one person; two residencies of one person can't be told apart in a rehearsal."""
    seen: dict[str, int] = {}
    for entry in entries:
        email = entry.data.get("email") if isinstance(entry.data, dict) else None
        if not isinstance(email, str) or not email.strip():
            continue
        line = entry.place(("email",)).line
        if (key := email.strip().casefold()) in seen:
            entry.fault(("email",), f"{quoted(email)} stands in line {seen[key]} already")
        seen.setdefault(key, line)


def with_people(cohort: Cohort, pools: Pools, coordinators: list[Member]) -> Cohort:
    """The cohort with a rehearsal's own people in the place of its real ones."""
    others = {role: [coordinators[0]] for role in cohort.others}
    return cohort.model_copy(
        update={"pools": pools, "coordinators": coordinators, "others": others}
    )
