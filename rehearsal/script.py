"""What a rehearsal plays by: its program, cast and people, all read and checked before anything starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from intake import Applicant
from rehearsal.cast import Cast, Words, read_cast, words_of
from rehearsal.listed import faults_text
from rehearsal.people import default_cast_of, read_people
from residency.cohort import Member
from residency.definition import Definition, load
from residency.derived import APPLICATION
from residency.errors import ResidencyError
from residency.fields import ROLES
from residency.source import Fault


@dataclass(frozen=True)
class Script:
    """What was read; `people` is empty where nobody is named."""

    definition: Definition
    cast: Cast
    people: list[Applicant]


def read_script(
    program: str | Path, programs: Path, *, people: Path | None = None, cast: Path | None = None
) -> Script:
    """The script of a rehearsal; a ResidencyError has every fault of both files, one a line."""
    definition = load(program, programs)
    named, faults = _people(definition, people) if people is not None else ([], [])
    whole, more = read_cast(cast, words=_words(definition, named))
    if found := [*faults, *more]:
        raise ResidencyError(faults_text(found))
    return Script(definition, whole, named)


def _words(definition: Definition, named: list[Applicant]) -> Words:
    """What the cast may say: of the program, of its roles, and of everybody by name and address."""
    program = definition.program
    tracks = sorted(program.tracks) if program.tracks else []
    pools, coordinators, made_up = default_cast_of(program.id, tracks=tracks)
    applicants = named or made_up
    staff = [*coordinators, *pools.mentors, *pools.reviewers]
    others = {role for cohort in definition.cohorts.values() for role in cohort.others}
    return words_of(
        program,
        roles=(*ROLES, *sorted(others)),
        people=[word for one in staff for word in _goes_by(one)],
        applicants=[
            word
            for number, one in enumerate(applicants, 1)
            for word in (str(number), *_goes_by(one))
        ],
    )


def _goes_by(one: Applicant | Member) -> tuple[str, str]:
    return one.name.lower(), one.email.lower()


def _people(definition: Definition, file: Path) -> tuple[list[Applicant], list[Fault]]:
    tracks = sorted(definition.program.tracks)
    return read_people(file, tracks=tracks, form=definition.forms.get(APPLICATION))
