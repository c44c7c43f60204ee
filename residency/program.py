"""A program as its `program.yaml` states and assumes it: the models, with what each key means.

The descriptions are the reference that `docs/program-reference.md` shows.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from residency.fields import (
    Address,
    Clock,
    Color,
    Country,
    Day,
    Id,
    LengthText,
    Model,
    SpanText,
    Text,
    Zone,
    listed,
    readable,
    texts,
)
from residency.stages import Preferences, Prefers, Stages

Texts = Annotated[dict[Id, Text], BeforeValidator(texts)]


class Source(Model):
    """Where a program's facts come from."""

    title: Text = Field(description="The title of the text.")
    author: Text | None = Field(None, description="Who wrote it.")
    url: Text | None = Field(None, description="Where it is, or null.")
    date: Day | None = Field(None, description="When it was published.")


class Words(Model):
    """The program's own words; mails and pages use them and no others."""

    person: Text = Field("resident", description="What a participant is called.")
    program: Text = Field("residency", description="What the program is called in a sentence.")
    period: Text = Field("month", description="What a milestone's period is called.")


class Location(Model):
    """Where the work is done; shown to applicants, judged by nobody."""

    remote: bool | None = Field(None, description="Whether it can be done from anywhere.")
    relocation: Text | None = Field(None, description="What is said of relocation.")
    place: Text | None = Field(None, description="A place.")


class Look(Model):
    """How mails and pages look."""

    color: Color = Field("#3b5bdb", description='The leading color, in quotes: "#ff9d00".')
    logo: Text | None = Field(None, description="The address of an image, or null.")


class Mail(Model):
    """Who mails come from."""

    sender: Text | None = Field(
        None, description="The name that mails come from; null is the organization's."
    )
    reply_to: Address | None = Field(
        None, description="Where answers go; null is the cohort's first coordinator."
    )
    signature: Text | None = Field(
        None, description="The last line of a mail; null is the program's name."
    )
    deadlines: bool = Field(
        False, description="Whether mails that ask for something carry its date for calendars."
    )


class SendWindow(Model):
    """The hours, in the receiver's zone, in which mails that are not critical go out."""

    opens: Clock = Field("08:00", description="From this time on.")
    closes: Clock = Field("18:00", description="Until this time.")


class Extensions(Model):
    """How much longer a residency may get."""

    at_most: SpanText = Field("8 weeks", description="In all; `0 weeks` grants none.")


def _attestation(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


class Attestation(Model):
    """What a person declares; with `one_of` they say which of several statements holds."""

    text: Text = Field(description="The statement, or the question before the choices.")
    one_of: dict[Id, Text] = Field({}, description="Choices, one of which must hold.")


def _attestations(value: Any) -> Any:
    return texts(value)


Attests = Annotated[
    dict[Id, Annotated[Attestation, BeforeValidator(_attestation)]],
    BeforeValidator(_attestations),
]


class Track(Model):
    """A variant within the program; its seats and pools are the cohort's."""

    name: Text = Field(description="Its name.")
    prefers: Prefers = Field(Preferences(), description="What helps in this track.")


class Program(Model):
    """A program: durations and rules, never a calendar date of a run."""

    id: Id = Field(description="Its id: the name of its folder.")
    version: Annotated[int, Field(ge=1)] = Field(
        description="A whole number; raise it with every change once somebody runs by it."
    )
    name: Text = Field(description="Its name.")
    organization: Text = Field(description="Who offers it.")
    description: Text | None = Field(None, description="A sentence about it.")
    sources: list[Source] = Field([], description="Where its facts come from.")
    words: Words = Field(Words(), description="The program's own words.")
    length: LengthText | None = Field(
        None, description="From the first to the last day: `9 months`."
    )
    commitment: Text | None = Field(None, description="Full-time, part-time, ...")
    location: Location | None = Field(None, description="Where the work is done.")
    time_zone: Zone = Field(description="The zone of every date: Europe/Paris.")
    holidays: Annotated[list[Country | Day], BeforeValidator(listed)] = Field(
        [], description="Countries whose public holidays count (FR, US-CA), and further dates."
    )
    roll: bool = Field(False, description="Whether due dates move off weekends and holidays.")
    send_window: SendWindow = Field(SendWindow(), description="When mails go out.")
    extensions: Extensions = Field(Extensions(), description="How much longer it may get.")
    look: Look = Field(Look(), description="How mails and pages look.")
    mail: Mail = Field(Mail(), description="Who mails come from.")
    tracks: dict[Id, Track] = Field({}, description="Variants, by id.")
    requirements: dict[Id, Text] = Field(
        {}, description="The texts of requirements and preferences, by id."
    )
    attests: Attests = Field(
        {}, description="What a person declares: ids with texts, or a list of ids."
    )
    statements: Texts = Field(
        {}, description="Texts that the page and the first mail show: ids with texts, or ids."
    )
    privacy: Text | None = Field(
        None,
        description="What applicants are told of their data: what is kept, who reads it, for how "
        "long; null is the house's text.",
    )
    stages: Stages = Field(description="The ten stages.")

    def label(self, requirement: str) -> str:
        """The text of a requirement or preference."""
        return self.requirements.get(requirement, readable(requirement))
