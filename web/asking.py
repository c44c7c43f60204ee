"""What a task asks of whoever does it: its form, a choice where there is one, and what that needs.

One table for every kind of task; a kind that it does not name asks for its form and its outcome.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from acts import MEETING
from residency.decisions import DECISIONS
from residency.definition import form_of
from residency.documents import readable
from residency.forms import Form, FormField
from residency.wire import Tag
from web.choices import CHOICES, FLAGS, LEGENDS, OWN_CHOICES
from web.scenes import Scene

if TYPE_CHECKING:
    from collections.abc import Callable

OUTCOME: Final = "outcome"
REASON: Final = "reason"
DAY: Final = "day"
CLOCK: Final = "clock"
MINUTES: Final = "minutes"
WHO: Final = "who"
EMAIL: Final = "email"
FLAG: Final = "flag"
WEEKS: Final = "weeks"
FLAG_REASON: Final = "flag-reason"
ANSWER: Final = "answer-"
"""What the names of a form's own inputs begin with; the others are named as above."""

FORM: Final = "form"
CHOICE: Final = "choice"
EXTRAS: Final = "extras"
"""What a page is made of: the program's questions, what is chosen, and further fields."""

LONGEST: Final = 5_000
"""Signs of a reason."""

VERBS: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("offer", "accepted"): "accept",
        ("offer", "declined"): "decline",
        ("sign-off", "approved"): "approve",
        ("sign-off", "changes"): "request-changes",
        ("handle-terminate", "confirmed"): "confirm-termination",
        ("handle-terminate", "rejected"): "reject-termination",
        ("release", "released"): "release",
        ("release", "take-back"): "take-back",
    }
)
"""The verb that a choice stands for, where it is not `complete` (or `decide`)."""

REASONED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "judge-": frozenset({"revise"}),
        "handle-concern": frozenset(),
        "handle-extend": frozenset({"refused"}),
        "handle-date": frozenset({"refused"}),
        "handle-terminate": frozenset({"confirmed"}),
        "decide-": frozenset(),
        "select": frozenset(),
    }
)
"""The kinds that take a reason, each with the outcomes that need one."""

TYPED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "offer": frozenset({"accepted", "declined"}),
        "handle-terminate": frozenset({"confirmed"}),
        "decide-presentation": frozenset({"end"}),
        "decide-end": frozenset({"complete", "end"}),
    }
)
"""What can't be undone: whoever does it types their name."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked: questions of the form, a choice, and further fields.

    `needs` says which further fields an outcome needs; "" is for every one. `marks` has what stands
    beside the name of a field that is not always needed; `order` is that of the page.
    """

    form_id: str = ""
    form: Form | None = None
    legend: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    extras: tuple[FormField, ...] = ()
    beside: tuple[FormField, ...] = ()  # what may be raised beside the verdict
    needs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    heading: str = ""
    order: tuple[str, ...] = (FORM, CHOICE, EXTRAS)

    @property
    def named(self) -> dict[str, FormField]:
        """Every field, the choice among them, by the name of its input."""
        choice = own_field(OUTCOME, self.legend, "choice", values=dict(self.choices))
        return {OUTCOME: choice, **self.inputs} if self.choices else self.inputs

    @property
    def inputs(self) -> dict[str, FormField]:
        """Every field but the choice, by the name of its input."""
        own = {ANSWER + one.id: one for one in (self.form.fields if self.form else ())}
        return own | {one.id: one for one in (*self.extras, *self.beside)}

    @property
    def names(self) -> list[str]:
        """The inputs in the order of the page."""
        parts = {
            FORM: [ANSWER + one.id for one in (self.form.fields if self.form else ())],
            CHOICE: [OUTCOME],
            EXTRAS: [one.id for one in self.extras],
        }
        own = [name for part in self.order for name in parts[part]]
        return [*own, *(one.id for one in self.beside)]

    def needed(self, outcome: str) -> frozenset[str]:
        return self.needs.get("", frozenset()) | self.needs.get(outcome, frozenset())


def asked_of(scene: Scene) -> Asked:
    """What the task's page asks."""
    kind = scene.task.kind
    for prefix, ask in _SPECIAL.items():
        if kind.startswith(prefix):
            return ask(scene)
    form = None if kind.startswith(DECISIONS) else scene.form
    choices = _choices(scene, form)
    is_only_a_word = form and len(choices) > 1 and not any(one.required for one in form.fields)
    reason, mark = _reason(scene)
    return Asked(
        form_id=scene.task.form if form else "",
        form=form,
        legend=_of(LEGENDS, kind) or ("Your decision" if len(choices) > 1 else "Is it done?"),
        choices=choices,
        extras=reason,
        needs={outcome: frozenset({REASON}) for outcome in _of(REASONED, kind) or ()},
        marks={REASON: mark},
        order=(CHOICE, FORM, EXTRAS) if is_only_a_word else (FORM, CHOICE, EXTRAS),
    )


def verb_of(kind: str, outcome: str) -> str:
    if kind.startswith("schedule-"):
        return "schedule"
    if kind in ("appoint", "correct-address"):
        return kind
    found = next(
        (verb for (of, said), verb in VERBS.items() if _is(kind, of) and said == outcome), ""
    )
    return found or ("decide" if kind.startswith(DECISIONS) else "complete")


def is_typed(kind: str, outcome: str, flag: str = "") -> bool:
    """Whether it can't be undone, so that a name is typed."""
    return flag == "terminate" or outcome in (_of(TYPED, kind) or ())


def _is(kind: str, of: str) -> bool:
    return kind.startswith(of) if of.endswith("-") or of == "sign-off" else kind == of


def _of(table: Mapping[str, Any], kind: str) -> Any:
    """What the table has for a kind: the longest name that fits."""
    fits = [of for of in table if _is(kind, of)]
    return table[max(fits, key=len)] if fits else None


def _choices(scene: Scene, form: Form | None) -> dict[str, str]:
    """What can be chosen. One outcome alone is a choice where nothing else needs an answer."""
    outcomes = list(scene.kind.outcomes)
    if len(outcomes) == 1 and form and any(one.required for one in form.fields):
        return {}
    return {outcome: _choice(scene.task.kind, outcome) for outcome in outcomes}


def _choice(kind: str, outcome: str) -> str:
    own = {of: text for (of, said), text in OWN_CHOICES.items() if said == outcome}
    return str(_of(own, kind) or CHOICES.get(outcome) or readable(outcome).capitalize())


def _reason(scene: Scene) -> tuple[tuple[FormField, ...], str]:
    """The field for a reason, if there is one, and when it is needed."""
    kind, needed = scene.task.kind, _of(REASONED, scene.task.kind)
    if needed is None or needed - set(scene.kind.outcomes):
        return (), ""
    texts = {
        "judge-": ("What is missing or unclear", "They read it.", "if you ask for a revision"),
        "handle-date": ("Your reason", "Whoever asked reads it.", "if you refuse"),
        "handle-terminate": ("Your reason", "It is in the record.", "if you confirm"),
        "handle-extend": ("Your reason", "It is in the record.", "if you refuse"),
        "handle-concern": ("What came of it", "Coordinators alone read it.", ""),
    }
    otherwise = ("Your reason", "Coordinators alone read it.", "")
    label, help_, when = _of(texts, kind) or otherwise
    return (_text(REASON, label, help_),), f"needed {when}" if when else ""


def _text(name: str, label: str, help_: str = "") -> FormField:
    return own_field(name, label, "text", help=help_ or None, length=LONGEST)


def own_field(name: str, label: str, type_: str, **more: Any) -> FormField:
    """A field of our own; it is needed only where `Asked.needs` says so."""
    values = {"readers": [], "values": {}, "required": False, "help": None, **more}
    return FormField.model_construct(id=name, label=label, type=type_, **values)  # type: ignore[arg-type]  # Names and people are no ids of a program.


# Tasks with an answer of their own


def _sign_off(scene: Scene) -> Asked:
    choices = _choices(scene, scene.form)
    rounds = (scene.cohort.plan.get("milestones") or {}).get("rounds") or 0
    if 0 < rounds < scene.task.round:
        choices.pop("changes", None)
    rework = own_field(
        DAY,
        "New report by",
        "date",
        help="Left empty, it gets the program's usual time.",
    )
    return Asked(
        form_id=scene.task.form,
        form=scene.form,
        legend=LEGENDS["sign-off"],
        choices=choices,
        extras=(rework,) if "changes" in choices else (),
        beside=_flags(scene),
        marks={
            DAY: "only if you ask for changes",
            WEEKS: "needed for an extension",
            FLAG_REASON: "needed if you raise something",
        },
    )


def _flags(scene: Scene) -> tuple[FormField, ...]:
    left = weeks_left(scene)
    flags = {name: text for name, text in FLAGS.items() if name != "extend" or left > 0}
    found = [
        own_field(
            FLAG, "Is there something else that coordinators should act on?", "choice", values=flags
        )
    ]
    if left > 0:
        most = f"At most {left} {'is' if left == 1 else 'are'} left."
        found.append(own_field(WEEKS, "Weeks", "number", help=most, least=1.0, most=float(left)))
    found.append(_text(FLAG_REASON, "What it is about"))
    return tuple(found)


def weeks_left(scene: Scene) -> int:
    """Extension weeks that the program may still grant."""
    given = sum(
        int(event.data.get("days") or 0) // 7
        for event in scene.events
        if event.tag is Tag.SHIFTED and event.data.get("kind") == "extension"
    )
    return max(int(scene.cohort.plan.get("extension_weeks") or 0) - given, 0)


def _schedule(scene: Scene) -> Asked:
    """When and for how long; place and link by the task's form, or the house's."""
    form_id = scene.task.form or (MEETING if MEETING in scene.document["forms"] else "")
    city = scene.program_zone.rpartition("/")[2].replace("_", " ")
    usual = usual_minutes(scene)
    return Asked(
        form_id=form_id,
        form=form_of(scene.document, form_id) if form_id else None,
        extras=(
            own_field(DAY, "Day", "date"),
            own_field(CLOCK, "Time", "line", help=f"{city} time, like 14:30"),
            own_field(
                MINUTES,
                "Minutes",
                "number",
                help=f"{usual}, if you leave it empty",
                least=5.0,
                most=600.0,
            ),
        ),
        needs={"": frozenset({DAY, CLOCK})},
        order=(EXTRAS, FORM),
    )


def usual_minutes(scene: Scene) -> int:
    """How long the program says that a meeting takes."""
    plan = scene.cohort.plan
    if scene.task.item == "presentation":
        return int((plan.get("presentation") or {}).get("minutes") or 60)
    rounds = (plan.get("interviews") or {}).get("rounds") or []
    return next(
        (int(one.get("minutes") or 45) for one in rounds if one["id"] == scene.task.item), 45
    )


def _appoint(scene: Scene) -> Asked:
    role = scene.task.item.partition(".")[0]
    label = (
        f"Who are the {readable(role)}?" if role.endswith("s") else f"Who is the {readable(role)}?"
    )
    help_ = "The first of them in this list leads." if role == "mentors" else None
    people = own_field(WHO, label, "choices", values=dict(scene.candidates), help=help_)
    return Asked(heading=label, extras=(people,), needs={"": frozenset({WHO})})


def _release(scene: Scene) -> Asked:
    pending = any(one.state == "pending" for one in scene.whole.decisions)
    names = ["released", "take-back"] if pending else ["released"]
    return Asked(legend="Your decision", choices={name: CHOICES[name] for name in names})


def _address(_scene: Scene) -> Asked:
    email = own_field(EMAIL, "E-mail address", "line", help="Like name@example.org")
    return Asked(heading="The right address", extras=(email,), needs={"": frozenset({EMAIL})})


_SPECIAL: Final[Mapping[str, Callable[[Scene], Asked]]] = MappingProxyType(
    {
        "sign-off": _sign_off,
        "schedule-": _schedule,
        "appoint": _appoint,
        "release": _release,
        "correct-address": _address,
    }
)
