"""What a rehearsal plays by: its program, cast and people, all read and checked before anything starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from intake import Applicant
from rehearsal.cast import Cast, read_cast, words_of
from rehearsal.listed import faults_text
from rehearsal.people import read_people
from residency.definition import Definition, load
from residency.derived import APPLICATION
from residency.errors import ResidencyError
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
    whole, faults = read_cast(cast, words=words_of(definition.program))
    named: list[Applicant] = []
    if people is not None:
        named, more = _people(definition, people)
        faults = [*faults, *more]
    if faults:
        raise ResidencyError(faults_text(faults))
    return Script(definition, whole, named)


def _people(definition: Definition, file: Path) -> tuple[list[Applicant], list[Fault]]:
    tracks = sorted(definition.program.tracks)
    return read_people(file, tracks=tracks, form=definition.forms.get(APPLICATION))
