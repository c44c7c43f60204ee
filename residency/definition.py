"""A whole definition read from its folder: program, forms and cohorts, with every fault at once."""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from residency.cohort import Cohort
from residency.defaults import HOUSE
from residency.derived import APPLICATION, derived_forms
from residency.errors import DefinitionError, ResidencyError
from residency.forms import Form
from residency.merge import merge_assumed, merge_house
from residency.plan import STAGES
from residency.program import Program
from residency.source import Fault, Source, Steps, quoted, read, shown_path
from residency.titles import titles
from residency.validation import validated

PROGRAMS: Final = Path(__file__).resolve().parent.parent / "programs"
"""The programs beside the code; the house's own forms are always these, or those of the root."""

HOUSE_FOLDER: Final = "_house"


# What stands in for values at fault, so that everything else can still be checked.
_PROGRAM: Final[dict[Steps, Any]] = {
    ("id",): "program",
    ("version",): 1,
    ("name",): "-",
    ("organization",): "-",
    ("time_zone",): "UTC",
    **{("stages", name): "off" for name in STAGES},
}
_COHORT: Final[dict[Steps, Any]] = {
    ("first_day",): "9001-01-01",
    ("seats",): 1,
    ("coordinators",): [{"name": "-", "email": "nobody@example.org"}],
}


@dataclass
class Definition:
    """A program with its forms (own, derived and the house's, by id) and cohorts (by name)."""

    folder: Path
    program: Program
    forms: dict[str, Form]
    cohorts: dict[str, Cohort]
    source: Source
    merged: dict[str, Any]  # stated and assumed, without the house's: what `show` marks
    warnings: list[Fault] = field(default_factory=list)
    whole: bool = True  # whether the forms were read


@dataclass
class Draft:
    """What could be read, whole or not, and the faults in it."""

    folder: Path
    faults: list[Fault]
    sources: dict[str, Source] = field(default_factory=dict)  # program, forms/<id>, cohorts/<name>
    program: Program | None = None
    forms: dict[str, Form] = field(default_factory=dict)
    cohorts: dict[str, Cohort] = field(default_factory=dict)
    merged: dict[str, Any] = field(default_factory=dict)
    read: dict[str, Form] = field(default_factory=dict)  # as the files have them
    own: set[str] = field(default_factory=set)  # forms of the program's own folder
    known: set[str] = field(default_factory=set)  # all forms that there are, readable or not

    @property
    def roles(self) -> set[str]:
        """The further roles that a cohort names."""
        return {role for cohort in self.cohorts.values() for role in cohort.others}


def load(
    path_or_id: str | Path,
    programs: Path = PROGRAMS,
    *,
    forms: bool = True,
    cohorts: bool = True,
) -> Definition:
    """The definition of that id under `programs`, or of that folder.

    Raises DefinitionError with every fault, one a line, sorted by file and line. Warnings are kept
    in the definition. Without `forms` or `cohorts` it is read faster, for dates alone; without
    forms it has no hash.
    """
    draft = draft_of(path_or_id, programs, forms=forms, cohorts=cohorts)
    faults = [fault for fault in draft.faults if not fault.warning]
    if faults or draft.program is None:
        raise DefinitionError("\n".join(map(str, faults)))
    return Definition(
        folder=draft.folder,
        program=draft.program,
        forms=draft.forms,
        cohorts=draft.cohorts,
        source=draft.sources["program"],
        merged=draft.merged,
        warnings=[fault for fault in draft.faults if fault.warning],
        whole=forms,
    )


def draft_of(
    path_or_id: str | Path,
    programs: Path = PROGRAMS,
    *,
    stated: bool = False,
    forms: bool = True,
    cohorts: bool = True,
) -> Draft:
    """All that can be read of a definition and all its faults, sorted; `stated`: no assumptions."""
    folder = folder_of(path_or_id, programs)
    draft = Draft(folder, [])
    _read_program(draft, stated=stated)
    _read_forms(draft, programs, names_only=not forms)
    if cohorts:
        _read_cohorts(draft, stated=stated)
    if draft.program is not None:
        from residency.check import check  # noqa: PLC0415  # It checks what is read here.

        for name, form in derived_forms(draft.program, draft.forms).items():
            if name not in draft.own or name == APPLICATION:
                draft.forms[name] = form
            draft.known.add(name)
        check(draft)
    found = {fault for source in draft.sources.values() for fault in source.faults}
    draft.faults = sorted(found | set(draft.faults))
    return draft


def folder_of(path_or_id: str | Path, programs: Path = PROGRAMS) -> Path:
    """The folder of a program; a ResidencyError says which ids there are."""
    text = str(path_or_id)
    for folder in (programs / text, Path(text)):
        if folder.is_dir() and (folder / "program.yaml").exists():
            return folder
    if Path(text).is_dir():
        raise DefinitionError(f"{shown_path(Path(text))} has no program.yaml")
    if Path(text).is_file():
        raise DefinitionError(f"{shown_path(Path(text))} is a file; name the folder of a program")
    from residency.validation import did_you_mean  # noqa: PLC0415  # For this error only.

    known = program_ids(programs)
    ids = ", ".join(known) or f"the ids under {programs} (there are none)"
    beside = sorted(str(path.parent) for path in Path(text).parent.glob("[!_.]*/program.yaml"))
    hint = did_you_mean(text, [*known, *beside]) or f"; give a folder, or one of {ids}"
    raise ResidencyError(f"{quoted(text)} is no program{hint}")


def program_ids(programs: Path = PROGRAMS) -> list[str]:
    """The ids of the programs in a folder, sorted; a ResidencyError where the folder is not there."""
    if not programs.is_dir():
        raise ResidencyError(
            f"There is no folder {quoted(programs)}; RESIDENCY_PROGRAMS says where the programs are."
        )
    return sorted(path.parent.name for path in programs.glob("[!_.]*/program.yaml"))


def _read_program(draft: Draft, *, stated: bool) -> None:
    source = draft.sources["program"] = read(draft.folder / "program.yaml")
    if not _is_mapping(source):
        return
    draft.merged = merge_assumed(source, without=stated)
    whole = merge_house(draft.merged, HOUSE)
    draft.program = validated(source, Program, whole, stand_ins=_PROGRAM)


def _read_forms(draft: Draft, programs: Path, *, names_only: bool) -> None:
    own = {path.stem: path for path in sorted((draft.folder / "forms").glob("*.y*ml"))}
    house = programs / HOUSE_FOLDER / "forms"
    if not house.is_dir():
        house = PROGRAMS / HOUSE_FOLDER / "forms"
    paths = {path.stem: path for path in sorted(house.glob("*.yaml"))} | own
    draft.own |= set(own)
    draft.known |= set(paths)
    for path in paths.values() if not names_only else ():
        _read_form(draft, path)


def _read_form(draft: Draft, path: Path) -> None:
    source = draft.sources[f"forms/{path.stem}"] = read(path)
    if _is_mapping(source):
        form = validated(source, Form, source.data)
        if form is not None:
            draft.forms[path.stem] = draft.read[path.stem] = form


def _read_cohorts(draft: Draft, *, stated: bool) -> None:
    for path in sorted((draft.folder / "cohorts").glob("*.y*ml")):
        source = draft.sources[f"cohorts/{path.stem}"] = read(path)
        if _is_mapping(source):
            cohort = validated(
                source,
                Cohort,
                merge_assumed(source, without=stated),
                stand_ins={("name",): path.stem} | _COHORT,
            )
            if cohort is not None:
                draft.cohorts[path.stem] = cohort


def _is_mapping(source: Source) -> bool:
    if source.data is None and source.faults:
        return False
    if isinstance(source.data, dict):
        return True
    source.fault((), "not a mapping; write key: value")
    return False


def definition_document(definition: Definition) -> dict[str, Any]:
    """What is stored of a definition, as JSON: program, forms and titles.

    `program` has what is assumed and what the house lends merged in; `forms` are by id, derived
    ones included; `titles` has names for items, kinds, rounds, statements and requirements.
    """
    return {**_pinned(definition), "titles": titles(definition.program)}


def definition_hash(definition: Definition) -> str:
    """sha256 of the parsed program and its forms, in hexadecimal; titles follow from them.

    It is empty where the forms were not read.
    """
    if not definition.whole:
        return ""
    text = json.dumps(
        _pinned(definition), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _pinned(definition: Definition) -> dict[str, Any]:
    return {
        "program": definition.program.model_dump(mode="json"),
        "forms": {
            name: form.model_dump(mode="json") for name, form in sorted(definition.forms.items())
        },
    }


def form_of(document: dict[str, Any], name: str) -> Form:
    """A form of a stored document."""
    if name not in document["forms"]:
        raise ResidencyError(f"the definition has no form {quoted(name)}")
    return Form.model_validate(document["forms"][name])
