"""What a workflow carries of a definition: its hash and what it must decide by; no texts, at most 8 KB.

Spans are short texts ("14d", "3bd", "9mo", "15min"), offsets have a sign ("-3d", "+1d", "0d"):
see `residency.dates`.

Defaults are not written to a history and are filled in by whoever reads it: a default of a field is part
of every history that was written with it, and never changes (tests/residency/test_wire_defaults.py).
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

STAGES = (
    "application",
    "screening",
    "interviews",
    "selection",
    "offer",
    "onboarding",
    "milestones",
    "presentation",
    "publication",
    "completion",
)
"""The ten stages, in order."""


class Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Rule(StrEnum):
    """Whose answer completes a task that several people have."""

    ANY = "any"  # the first counts; a later one is thanked and kept as a comment
    ALL = "all"
    LEAD = "lead"  # the first of `who`


class Rung(Part):
    """One step of a ladder, counted from the due date (in calendar days)."""

    on: str  # an offset
    to: str = "assignee"  # assignee | mentor | co-mentor | coordinator | resident
    every: str = ""  # the last rung repeats every so often until someone acts ("1w")


class Kind(Part):
    """A kind of task, stated once however many of it there are."""

    # resident, reviewers, interviewers, panelists, mentors, coordinators or another role of the cohort
    by: str
    form: str = ""  # the form's id in the definition; "" is just "done"
    rule: Rule = Rule.ANY
    due: str = ""  # a span from the opening; "" where the stage sets the day
    ladder: list[Rung] = []
    lapse: str = ""  # an offset from the due date; "" never lapses
    outcomes: list[str] = ["done"]
    opens: str = ""  # an offset from the due date, for what opens before it (a report)
    notice: str = ""  # told to the assignees when it opens; "" tells nothing


class Group(Part):
    """A tree of requirements: one of the three lists is used; a text is a requirement's id."""

    all_of: list[str | Group] = []
    any_of: list[str | Group] = []
    none_of: list[str | Group] = []


class ApplicationPlan(Part):
    requires: Group | None = None
    judged: dict[str, str] = {}  # requirement -> "answers" or a role
    revisions: int = 0  # how often "please revise" may be said
    release: str = "coordinator"  # of a prepared rejection; or automatic


class ScreeningPlan(Part):
    begins: str = "application"  # or "close"
    reviews: int = 1
    bound: float | None = None  # a mean score from which "advance" is prepared, below it "reject"
    release: str = "coordinator"


class RoundPlan(Part):
    id: str
    panel: int = 1
    minutes: int = 45
    bound: float | None = None


class InterviewsPlan(Part):
    rounds: list[RoundPlan] = []
    remind: str = "1d"  # before the meeting
    release: str = "coordinator"  # of what a bound prepared; or automatic


class SelectionPlan(Part):
    cooling_off: str = "15min"
    release: str = "coordinator"


class OfferPlan(Part):
    pass


class ItemPlan(Part):
    """A checklist item; its kind is `item-<id>`."""

    id: str
    due: str = "0d"  # an offset from the first day
    after: list[str] = []  # opens when these are done


class OnboardingPlan(Part):
    mentors: int = 1
    items: list[ItemPlan] = []


class MilestonePlan(Part):
    id: str
    month: str = ""  # counted from the first day: due on (first day + this) - 1 day
    day: date | None = None  # a fixed date, which never moves
    report: str = ""  # the kind's name; "" asks for none
    sign_off: str = ""


class MilestonesPlan(Part):
    items: list[MilestonePlan] = []
    rework: str = "7d"
    rounds: int = 0  # at most so many rounds of changes; 0 has no limit


class PresentationPlan(Part):
    before_end: str = "14d"
    day: date | None = None  # a fixed demo day
    minutes: int = 60
    panel: int = 2
    evaluated: bool = True
    again: int = 1  # how often one may present again
    optional: bool = False
    materials: str = ""  # a span before the presentation by which they are due; "" asks for none
    remind: str = "1d"


class PublicationPlan(Part):
    when: str = "never"  # mentor-recommends | always | never


class CompletionPlan(Part):
    attest: bool = False  # asks again at the end what was attested
    require: list[str] = ["milestones", "presentation"]


class Plan(Part):
    """Stages that a program switches off are None. `kinds` has every kind of task the stages use, by name."""

    definition: str  # sha256 of the parsed definition
    program: str
    version: int = 1
    zone: str
    length: str
    extension_weeks: int = 0  # at most so many in all; 0 grants none
    roll: bool = False
    holidays: list[date] = []
    opens: str = "08:00"  # the send window, local time of the receiver
    closes: str = "18:00"
    kinds: dict[str, Kind]
    application: ApplicationPlan | None = None
    screening: ScreeningPlan | None = None
    interviews: InterviewsPlan | None = None
    selection: SelectionPlan | None = None
    offer: OfferPlan | None = None
    onboarding: OnboardingPlan | None = None
    milestones: MilestonesPlan | None = None
    presentation: PresentationPlan | None = None
    publication: PublicationPlan | None = None
    completion: CompletionPlan | None = None


Group.model_rebuild()
