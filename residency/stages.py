"""The ten stages of a program and their tasks: the models, with what each key means."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from residency.fields import (
    Count,
    Day,
    Id,
    LengthText,
    Model,
    OffsetText,
    Role,
    Share,
    Some,
    SpanText,
    Text,
    day_of,
    listed,
    off,
    span_of,
)

Off = BeforeValidator(off)


def _rule_of(value: Any) -> Any:
    return {"requirement": value} if isinstance(value, str) else value


class Requires(Model):
    """A requirement's id, or one of the three groups, which can be nested."""

    requirement: Id | None = Field(None, description="The id; writing just the id is the same.")
    all_of: list["Rule"] = Field([], description="Each of these must hold.")
    any_of: list["Rule"] = Field([], description="At least one of these must hold.")
    none_of: list["Rule"] = Field([], description="None of these may hold.")

    def ids(self) -> list[str]:
        """Every requirement in it, in the order written, each once."""
        found = [self.requirement] if self.requirement else []
        for rule in (*self.all_of, *self.any_of, *self.none_of):
            found += rule.ids()
        return list(dict.fromkeys(found))


Rule = Annotated[Requires, BeforeValidator(_rule_of)]
Requires.model_rebuild()


def _preferences(value: Any) -> Any:
    return {"of": value} if isinstance(value, list) else value


class Preferences(Model):
    """What helps and isn't required: it informs reviewers; a plain list of ids is the same."""

    of: list[Id] = Field([], description="The ids of what is preferred.")
    at_least: Count = Field(0, description="How many of them are hoped for.")


Prefers = Annotated[Preferences, BeforeValidator(_preferences)]


def _by(value: Any) -> Any:
    return {value: None} if isinstance(value, str) else value


class Part(Model):
    """A task: who does it, by when, who is reminded and who hears of it when it is late."""

    name: Text | None = Field(None, description="Its name, for lists and mails.")
    form: Id | None = Field(None, description='The form that is filled in; without one: "done".')
    due: SpanText | None = Field(None, description="How long after its opening it is due.")
    remind: list[OffsetText] | None = Field(
        None, description="When the person is reminded, from the due date."
    )
    escalate: dict[Id, OffsetText] | None = Field(
        None,
        description="Who hears when that it is late: mentor, co-mentor, coordinator. The last is "
        "a coordinator, who hears of it every week until someone acts.",
    )
    lapse: OffsetText | None = Field(
        None, description="When it lapses, from the due date; without it, never."
    )


class Task(Part):
    """A task whose people may be chosen."""

    by: Annotated[dict[Role, Literal["any", "all", "lead"] | None], BeforeValidator(_by)] | None = (
        Field(
            None,
            description="The role that does it, with whose answer counts: `mentors`, or "
            "`{mentors: lead}` (any, all, lead).",
        )
    )


class Report(Task):
    """What the person hands in at a milestone."""

    opens: OffsetText | None = Field(None, description="When it opens, from its due date.")


class SignOff(Task):
    """The mentor's verdict on a milestone."""

    rework: SpanText | None = Field(
        None,
        description="How long after changes were asked for the new report is due; not before the "
        "milestone itself.",
    )
    rounds: Count | None = Field(
        None, description="At most so many rounds of changes; 0 is no limit."
    )


class Workable(Model):
    """A posting at Workable."""

    account: Text = Field(description="The account's name.")
    job: Text = Field(description="The job's short code, in quotes.")


class Channel(Model):
    """Where applications come in."""

    workable: Workable | None = Field(None, description="A posting at Workable.")
    url: Text | None = Field(None, description="A page with a form.")
    here: bool = Field(
        False, description="Whether our own page takes them too; without the others it always does."
    )


Release = Literal["coordinator", "automatic"]


class Application(Model):
    """Form received, requirements judged."""

    channel: Channel | None = Field(None, description="Where applications come in.")
    form: Id | None = Field(None, description="The form; questions of the rules are added to it.")
    identity_form: Id | None = Field(
        None, description="Questions about identity, asked apart: no rule or person here reads it."
    )
    requires: Requires | None = Field(None, description="What an applicant must have.")
    prefers: Prefers = Field(Preferences(), description="What helps.")
    judged_by: dict[Role, list[Id]] = Field(
        {},
        description="Who judges which requirement: `answers` (the default: the applicant's own "
        "answer is enough) or a role.",
    )
    judge: Part = Field(Part(), description="The task of a role that judges.")
    revisions: Count = Field(0, description='How often "please revise" may be said.')
    revise: Part = Field(Part(), description="The applicant's task to revise.")
    release: Release = Field("coordinator", description="Who releases a prepared rejection.")
    release_task: Part = Field(Part(), description="The coordinator's task to release it.")


def _begins(value: Any) -> Any:
    known = {"at close": "close", "with each application": "application"}
    return known.get(value, value) if isinstance(value, str) else value


class Screening(Task):
    """Reviewers score a rubric, blind to each other; a coordinator decides."""

    begins: Annotated[Literal["close", "application"], BeforeValidator(_begins)] = Field(
        "application", description="`at close`, or `with each application`."
    )
    reviews: Some = Field(1, description="How many reviewers read one application.")
    bound: Share | None = Field(
        None, description="A mean score (0 to 1) from which `advance` is prepared, else `reject`."
    )
    release: Release = Field("coordinator", description="Who releases what was prepared.")
    decide: Part = Field(Part(), description="The coordinator's decision.")


class Round(Task):
    """One round of interviews; the task is the scorecard."""

    id: Id = Field(description="Its id.")
    panel: Some = Field(1, description="How many interviewers.")
    minutes: Annotated[int, Field(ge=5, le=600)] = Field(45, description="How long it takes.")
    schedule: SpanText | None = Field(
        None, description="How long a coordinator has to schedule it."
    )
    bound: Share | None = Field(None, description="As the screening's.")


class Interviews(Model):
    """Rounds of interviews, one after the other."""

    rounds: Annotated[list[Round], Field(min_length=1)] = Field(description="The rounds.")
    remind: OffsetText = Field(
        "1 day before", description="When those who meet are reminded of the meeting."
    )
    scorecard: Task = Field(Task(), description="What is the same for every round's scorecard.")
    schedule: Part = Field(Part(), description="The coordinator's task to schedule a round.")
    release: Release = Field("coordinator", description="Who releases what a bound prepared.")
    decide: Part = Field(Part(), description="The coordinator's decision after a round.")


class Selection(Model):
    """Accept, waitlist or reject; told only when released."""

    cooling_off: SpanText = Field(
        "15 minutes", description="How long a released decision can be taken back unseen."
    )
    release: Release = Field("coordinator", description="Who releases.")
    decide: Part = Field(Part(), description="The coordinator's decision.")


class Offer(Part):
    """Accept or decline by a deadline; silence lapses it."""


class Item(Task):
    """A thing to do before or after the first day."""

    id: Id = Field(description="Its id.")
    due: OffsetText | None = Field(
        None,
        description="When it is due, from the first day: `2 weeks before`, `on the day`.",
    )
    after: Annotated[list[Id], BeforeValidator(listed)] = Field(
        [], description="The items that come first."
    )


class Onboarding(Model):
    """A checklist, with an owner and a date for each item; mentors are appointed."""

    mentors: Some = Field(1, description="How many mentors each person has; the first leads.")
    appoint: Part = Field(
        Part(), description="The coordinator's task to find one if the pool can't."
    )
    items: list[Item] = Field([], description="The checklist.")


def _due(value: Any) -> Any:
    """A span, or a date where it begins with a year."""
    if isinstance(value, str) and value[:4].isdigit() and value[4:5] == "-":
        return day_of(value)
    return span_of(value)


class Override(Model):
    """Other values for one milestone of the rule."""

    name: Text | None = Field(None, description="Its name.")
    due: Annotated[str | date | None, BeforeValidator(_due)] = Field(
        None, description="A span from the first day, or a date."
    )
    report: Annotated[Report | None, Off] = Field(Report(), description="Its report, or `off`.")
    sign_off: Annotated[SignOff | None, Off] = Field(
        SignOff(), description="Its sign-off, or `off`."
    )


class Listed(Override):
    """One milestone of a list."""

    id: Id = Field(description="Its id; it never changes.")
    due: Annotated[str | date, BeforeValidator(_due)] = Field(
        description="A span from the first day (its last day counts: `1 month`), or a date."
    )


class Milestones(Model):
    """A rule (`every`) or a list (`at`); each has a report and a sign-off unless they are off."""

    every: LengthText | None = Field(None, description="One each so often: m1, m2, ...")
    at: list[Listed] | None = Field(None, description="A list of them, instead of `every`.")
    report: Annotated[Report | None, Off] = Field(Report(), description="The report, or `off`.")
    sign_off: Annotated[SignOff | None, Off] = Field(
        SignOff(), description="The verdict, or `off`."
    )
    only: dict[Id, Override] = Field({}, description="Other values for some, by id.")


def _materials(value: Any) -> Any:
    return {"before": value} if isinstance(value, str) and value != "off" else off(value)


class Materials(Part):
    """What is shown at the presentation; `materials: 3 days before` is the same as `before`."""

    before: OffsetText = Field("3 days before", description="When they are due, before it.")


class Presentation(Model):
    """The final presentation."""

    before_end: SpanText | None = Field(None, description="How long before the last day.")
    day: Day | None = Field(None, description="A fixed demo day, instead of `before_end`.")
    audience: Text | None = Field(None, description="Who listens.")
    minutes: Annotated[int, Field(ge=5, le=600)] = Field(60, description="How long the slot is.")
    panel: Some = Field(2, description="How many panelists.")
    evaluated: bool = Field(True, description="Whether the panel judges it.")
    again: Count = Field(1, description="How often one may present again.")
    optional: bool = Field(False, description="Whether it may be declined.")
    materials: Annotated[Materials | None, BeforeValidator(_materials)] = Field(
        Materials(), description="When materials are due, or `off`."
    )
    remind: OffsetText = Field("1 day before", description="When those who meet are reminded.")
    offer: Part = Field(Part(), description="The question whether one presents, if optional.")
    schedule: Part = Field(Part(), description="The coordinator's task to schedule it.")
    evaluate: Task = Field(Task(), description="The panel's evaluation.")
    decide: Part = Field(Part(), description="The coordinator's decision if it was not passed.")


def _when(value: Any) -> Any:
    return "mentor-recommends" if value == "mentor recommends" else value


class Publication(Model):
    """Submit the work, then record where."""

    aim: bool | None = Field(None, description="Whether the program hopes for it.")
    when: Annotated[Literal["mentor-recommends", "always", "never"], BeforeValidator(_when)] = (
        Field("never", description="`mentor recommends`, `always` or `never`.")
    )
    recommend: Task = Field(Task(), description="The mentor's recommendation.")
    submit: Part = Field(Part(), description="The task to submit.")
    record: Part = Field(Part(), description="The task to record where it appeared.")


class Completion(Model):
    """The end-of-program rule."""

    attest: bool = Field(False, description="Whether what was attested is asked again.")
    require: list[Literal["milestones", "presentation"]] = Field(
        ["milestones", "presentation"], description="What must be done to complete."
    )
    attestation: Part = Field(Part(), description="The task to attest again.")
    decide: Part = Field(Part(), description="The coordinator's decision if something is missing.")


class Stages(Model):
    """All ten; an absent one is the house's, `off` switches it off."""

    application: Annotated[Application | None, Off] = Field(description="Applying.")
    screening: Annotated[Screening | None, Off] = Field(description="Reviews.")
    interviews: Annotated[Interviews | None, Off] = Field(description="Interviews.")
    selection: Annotated[Selection | None, Off] = Field(description="The decision.")
    offer: Annotated[Offer | None, Off] = Field(description="The offer.")
    onboarding: Annotated[Onboarding | None, Off] = Field(description="Before the first day.")
    milestones: Annotated[Milestones | None, Off] = Field(description="Reports and verdicts.")
    presentation: Annotated[Presentation | None, Off] = Field(description="The presentation.")
    publication: Annotated[Publication | None, Off] = Field(description="Publishing the work.")
    completion: Annotated[Completion | None, Off] = Field(description="The end.")
