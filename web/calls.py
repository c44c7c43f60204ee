"""The call for applications of one cohort: what it asks, when, and what is wrong with what was typed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from babel import Locale

from intake import KEPT, Applicant, Window, person_faults, window
from mail.words import Phrases, first_capital, when_text
from residency.definition import form_of
from residency.derived import APPLICATION
from residency.documents import readable, zone_of
from residency.errors import ResidencyError
from residency.forms import Form, FormError, validate
from residency.settings import CHECKOUT
from store.ids import derived
from web.given import readable_answer
from web.parts import fault
from web.typed import Beginning, Posted, answers_of, as_typed, fitting, is_cut, one

if TYPE_CHECKING:
    from store import Store
    from store.applications import Application
    from store.cohorts import CohortRow

ANSWER: Final = "answer-"
IDENTITY: Final = "identity-"
"""What the names of a page's inputs begin with, besides those about the person."""

LONGEST: Final = 320
"""Signs of a name or an address that are read at all."""
ENGLISH: Final = Phrases(zone="{city} time")
_WORKABLE: Final = "https://apply.workable.com/{account}/j/{job}/"


class FaultyError(ResidencyError):
    """What was typed can't be sent; `faults` holds a sentence for each input, by the input's id."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("Please look at your answers again.")
        self.faults = dict(faults)


@dataclass(frozen=True, kw_only=True)
class Typed:
    """An application as it was typed; nothing of it is checked."""

    name: str = ""
    email: str = ""
    zone: str = ""
    locale: str = ""
    track: str = ""
    answers: Mapping[str, Any]
    identity: Mapping[str, Any]

    @property
    def is_cut(self) -> bool:
        """Whether the page can't show all that was sent."""
        return is_cut(self.answers) or is_cut(self.identity)

    @property
    def given(self) -> dict[str, Any]:
        """What is kept of it in one place."""
        return {"name": self.name, "track": self.track, "answers": dict(self.answers)}

    @property
    def mark(self) -> str:
        """Tells whether two are the same."""
        parts = (self.given, dict(self.identity), self.zone, self.locale)
        return derived("v", json.dumps(parts, sort_keys=True))


@dataclass(frozen=True)
class Call:
    """One cohort's call. `now` is the program's time."""

    row: CohortRow
    document: dict[str, Any]
    now: datetime

    @property
    def program(self) -> dict[str, Any]:
        found: dict[str, Any] = self.document["program"]
        return found

    @property
    def zone(self) -> str:
        return zone_of(self.document)

    @cached_property
    def window(self) -> Window:
        return window(self.row)

    @property
    def forgotten(self) -> datetime:
        """When a draft that was not sent is deleted."""
        return self.window.ends + KEPT

    @property
    def _stage(self) -> dict[str, Any]:
        return (self.program.get("stages") or {}).get("application") or {}

    @cached_property
    def form(self) -> Form | None:
        """The application form; None where the program has none."""
        return form_of(self.document, APPLICATION) if self._stage else None

    @cached_property
    def identity(self) -> Form | None:
        """The questions about identity, none of which need be answered."""
        name = self._stage.get("identity_form")
        if not name or name not in self.document["forms"]:
            return None
        form = form_of(self.document, str(name))
        fields = [field.model_copy(update={"required": False}) for field in form.fields]
        return form.model_copy(update={"fields": fields})

    @property
    def elsewhere(self) -> str:
        """The address of another place that takes applications; empty where there is none."""
        channel = self._stage.get("channel") or {}
        if workable := channel.get("workable"):
            return _WORKABLE.format(account=workable["account"], job=workable["job"])
        url = str(channel.get("url") or "")
        return url if url.startswith(("https://", "http://")) else ""

    @property
    def is_here(self) -> bool:
        """Whether this page takes applications; a rehearsal's always does."""
        channel = self._stage.get("channel") or {}
        return self.row.rehearsal or not self.elsewhere or bool(channel.get("here"))

    @property
    def tracks(self) -> dict[str, str]:
        """Names of the tracks by id."""
        return {
            name: str(track["name"]) for name, track in (self.program.get("tracks") or {}).items()
        }

    # What the pages say of it

    def said(self, when: datetime) -> str:
        """An instant in the program's zone."""
        return when_text(when, phrases=ENGLISH, zone=self.zone, locale="en", year=self.now.year)

    @property
    def place(self) -> str:
        """Where the work is done."""
        location = self.program.get("location") or {}
        parts = [
            str(location.get("place") or ""),
            "from anywhere" if location.get("remote") else "",
            f"relocation {location['relocation']}" if location.get("relocation") else "",
        ]
        return first_capital(", ".join(part for part in parts if part))

    @property
    def days_kept(self) -> int:
        return KEPT.days

    @property
    def next_steps(self) -> list[str]:
        """What follows an application, as far as its program says it."""
        stages = self.program.get("stages") or {}
        found = []
        if screening := stages.get("screening"):
            waits = screening.get("begins") == "close" and self.window.closes is not None
            found.append(
                f"After {self.said(self.window.closes)}, when applications close, people read it."
                if waits and self.window.closes
                else "People read it."
            )
        if rounds := (stages.get("interviews") or {}).get("rounds"):
            names = " and ".join(str(one.get("name") or readable(one["id"])) for one in rounds)
            found.append(f"Whom we want to hear more of is invited to talk with us: {names}.")
        return found

    # What was typed

    def read(self, posted: Posted) -> Typed:
        """What was typed into the page."""
        about = {
            name: one(posted, name).strip()[: LONGEST + 1]
            for name in ("name", "email", "zone", "locale", "track")
        }
        return Typed(
            **about,
            answers=as_typed(self.form, posted, prefix=ANSWER) if self.form else {},
            identity=as_typed(self.identity, posted, prefix=IDENTITY) if self.identity else {},
        )

    @staticmethod
    def kept(application: Application) -> Typed:
        """What was typed before."""
        given = application.given
        return Typed(
            name=str(given.get("name") or ""),
            email=application.email,
            zone=application.zone,
            locale=application.locale,
            track=str(given.get("track") or ""),
            answers=given.get("answers") or {},
            identity=application.identity,
        )

    def fitting(self, typed: Typed) -> tuple[Typed, dict[str, str]]:
        """As much of it as its fields take, which is what is kept of a draft; and a sentence for each
        answer that is longer, by the input's id.
        """
        kept, too_long = typed, dict[str, str]()
        if self.form is not None:
            fields = {one.id: one for one in self.form.fields}
            answers, over = fitting(fields, typed.answers)
            kept = replace(kept, answers=answers)
            too_long |= {ANSWER + id: fault(fields[id], typed.answers[id]) for id in over}
        if self.identity is not None:
            fields = {one.id: one for one in self.identity.fields}
            identity, over = fitting(fields, typed.identity)
            kept = replace(kept, identity=identity)
            too_long |= {IDENTITY + id: fault(fields[id], typed.identity[id]) for id in over}
        return kept, too_long

    def checked(self, typed: Typed) -> tuple[Applicant, dict[str, Any]]:
        """Who applies with which answers, and what they say of their identity. Raises FaultyError."""
        applicant = Applicant(
            name=typed.name,
            email=typed.email,
            zone=typed.zone,
            locale=typed.locale if typed.locale in languages() else "en",
            track=typed.track,
        )
        faults = _said(person_faults(applicant, tracks=self.tracks))
        if "email" in faults:
            faults["email"] = address_said(typed.email, faults["email"])
        if typed.zone and not any(typed.zone in part for part in zones().values()):
            faults["zone"] = "Please choose a time zone of the list."
        assert self.form is not None  # Only a call with a form is answered.
        answers, wrong = _validated(self.form, typed.answers, ANSWER)
        faults |= wrong
        identity: dict[str, Any] = {}
        if self.identity is not None:
            identity, wrong = _validated(self.identity, typed.identity, IDENTITY)
            faults |= wrong
        if faults:
            raise FaultyError(faults)
        given = {**vars(applicant), "answers": answers}
        return Applicant(**given), identity

    def pairs(self, form: Form, answers: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """Questions with their answers, to be read."""
        return [
            (field.label, readable_answer(field, answers.get(field.id))) for field in form.fields
        ]


def call_of(store: Store, row: CohortRow) -> Call:
    """The call of a cohort, as its program was when it was opened."""
    now = datetime.now(UTC).replace(microsecond=0)
    if row.rehearsal:
        now = row.clock or window(row).opens or now
    return Call(row, store.definitions.get(row.definition), now)


@lru_cache(maxsize=1)
def zones() -> dict[str, list[str]]:
    """Zones by their part of the world, as the IANA's table of countries' zones has them."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    found: dict[str, list[str]] = {"": ["UTC"]}
    for name in sorted({parts[2] for parts in lines}):
        found.setdefault(name.partition("/")[0], []).append(name)
    return found


@lru_cache(maxsize=1)
def languages() -> dict[str, str]:
    """The languages that mails are written in, by code, each by its own name."""
    folder = CHECKOUT / "templates" / "email"
    codes = sorted(path.name for path in folder.iterdir() if path.is_dir())
    names = {code: Locale.parse(code, sep="-").get_display_name() or code for code in codes}
    return {code: name[:1].upper() + name[1:] for code, name in names.items()}


def _validated(
    form: Form, typed: Mapping[str, Any], prefix: str
) -> tuple[dict[str, Any], dict[str, str]]:
    wrong = {name for name, value in typed.items() if isinstance(value, Beginning)}
    answers: dict[str, Any] = {}
    try:
        answers = validate(form, answers_of(form, typed))
    except FormError as error:
        wrong |= error.faults.keys()
    if not wrong:
        return answers, {}
    fields = [field for field in form.fields if field.id in wrong]
    return {}, {prefix + field.id: fault(field, typed.get(field.id)) for field in fields}


def address_said(email: str, sentence: str) -> str:
    """What is wrong with an address, as a page says it; `sentence` is what lists and logs say."""
    if not email:
        return "Please write your address, such as name@example.org."
    if "@" not in email:
        return "That is no address; it should look like name@example.org."
    why = sentence.removeprefix(f'"{email}" is ').rstrip(".")
    return f"That is {why}."


def _said(faults: Mapping[str, str]) -> dict[str, str]:
    """Sentences as a page says them."""
    words = {"name": "Please write your name.", "track": "Please choose a track."}
    return {
        name: words[name]
        if name in words and "characters" not in sentence
        else f"{sentence[:1].upper()}{sentence[1:]}."
        for name, sentence in faults.items()
    }
