"""What was typed into a task's page: checked field by field, shown back, and made into one action."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from acts import ADDRESS, Click, Written, address_taken, answered, reason
from intake import address_faults
from residency.dates import zone_named
from residency.forms import Form, FormField, refusal, score
from residency.refusals import YEARS
from residency.wire import Act
from store.ids import derived
from web import parts
from web.asking import (
    ANSWER,
    CHOICE,
    CLOCK,
    DAY,
    EMAIL,
    EXTRAS,
    FLAG,
    FLAG_REASON,
    FORM,
    MINUTES,
    OUTCOME,
    REASON,
    WEEKS,
    WHO,
    Asked,
    is_typed,
    usual_minutes,
    verb_of,
)
from web.choices import NOTHING
from web.parts import beside
from web.scenes import Scene
from web.typed import Beginning, Posted, answers_of, is_same_name, name_to_type, one

if TYPE_CHECKING:
    from store import Store

LONGEST_CODE: Final = 64
"""Signs of a choice that are kept in a draft; what is longer is none."""
SURE: Final = "sure"
NAME: Final = "name"
CONFIRM: Final = "confirm"
"""What is typed where a person has no name."""

NOT_USABLE: Final = "That address can't be used: somebody else has it."
"""To coordinators; whose it is is not said."""

_UNCHOSEN: Final = {True: "Please choose one.", False: "Please tick the box."}
_OWN_MISSING: Final = {
    REASON: "Please say why, in your own words.",
    FLAG_REASON: "Please say what it is about.",
    CLOCK: "Please give a time, like 14:30.",
    EMAIL: "Please write the right address.",
    WEEKS: "Please say how many weeks.",
}


@dataclass(frozen=True, kw_only=True)
class Given:
    """What was typed, by the input's name, and what it means. `errors` has sentences by input."""

    typed: Mapping[str, str | list[str]]
    values: Mapping[str, Any]
    errors: Mapping[str, str]
    asked: Asked

    @property
    def outcome(self) -> str:
        """What was chosen; where nothing is to choose, there is but one."""
        return str(self.values.get(OUTCOME) or "")

    @property
    def flag(self) -> str:
        found = str(self.values.get(FLAG) or "")
        return "" if found == NOTHING else found

    @property
    def answers(self) -> dict[str, Any]:
        """Of the form, by the field's id."""
        return {
            name.removeprefix(ANSWER): value
            for name, value in self.values.items()
            if name.startswith(ANSWER)
        }


def typed_of(asked: Asked, posted: Posted) -> dict[str, str | list[str]]:
    """What was typed into the inputs of the page; nothing else of what was posted."""
    found: dict[str, str | list[str]] = {}
    for name, field in asked.inputs.items():
        if name in posted:
            several = field.type == "choices"
            found[name] = list(posted[name]) if several else one(posted, name)
    if asked.choices and OUTCOME in posted:
        found[OUTCOME] = one(posted, OUTCOME)[:LONGEST_CODE]
    return found


def read(scene: Scene, asked: Asked, typed: Mapping[str, str | list[str]]) -> Given:
    """What was typed, checked: every fault at once, beside its field."""
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    outcome = str(typed.get(OUTCOME) or "")
    if asked.choices and outcome not in asked.choices:
        errors[OUTCOME], outcome = _UNCHOSEN[len(asked.choices) > 1], ""
    elif outcome:
        values[OUTCOME] = outcome
    needed, meant = asked.needed(outcome), _meant(asked, typed)
    for name, field in asked.inputs.items():
        value = meant.get(name)
        value = value.strip() if isinstance(value, str) else value
        if isinstance(value, Beginning):
            errors[name] = _said(field, value)
        elif value is None or value in ("", []):
            if field.required or name in needed:
                errors[name] = _OWN_MISSING.get(name) or _said(field, "")
        elif sentence := fault(name, field, value):
            errors[name] = sentence
        else:
            values[name] = value
    errors |= _of_flags(values, errors) | _of_times(scene, values, errors)
    ordered = {name: errors[name] for name in asked.names if name in errors}
    return Given(typed=typed, values=values, errors=ordered, asked=asked)


def _meant(asked: Asked, typed: Mapping[str, str | list[str]]) -> dict[str, Any]:
    """What was typed as the fields' types want it, by the input's name."""
    further = Form.model_construct(title="", fields=[*asked.extras, *asked.beside])
    found = answers_of(further, typed)
    if asked.form:
        own = {
            name.removeprefix(ANSWER): value
            for name, value in typed.items()
            if name.startswith(ANSWER)
        }
        found |= {ANSWER + name: value for name, value in answers_of(asked.form, own).items()}
    return found


def fault(name: str, field: FormField, value: Any) -> str:
    """Why it is no answer to the field, as a page says it; empty where it is one.

    Our own fields go by the name of their input: a program's may have the same id.
    """
    if name == EMAIL:
        return f"{address_faults(value)[0]}." if address_faults(value) else ""
    if name == CLOCK:
        return "" if _clock(value) else "Please write the time like 14:30."
    if refusal(field, value):
        return _said(field, value)
    is_odd = name == MINUTES and value != int(value)
    return "Please give whole minutes." if is_odd else ""


def _said(field: FormField, value: Any) -> str:
    return beside(parts.fault(field, value), field)


def _of_flags(values: Mapping[str, Any], errors: Mapping[str, str]) -> dict[str, str]:
    """A flag needs a reason, an extension its weeks; what ends somebody's time is not approved."""
    flag, found = values.get(FLAG, NOTHING), {}
    if flag == NOTHING:
        said = [name for name in (WEEKS, FLAG_REASON) if name in values]
        if said and FLAG not in errors:
            found[FLAG] = "Please choose what it is that you raise, or empty what you wrote below."
        return found
    if FLAG_REASON not in values and FLAG_REASON not in errors:
        found[FLAG_REASON] = _OWN_MISSING[FLAG_REASON]
    if flag == "extend" and WEEKS not in errors:
        weeks = values.get(WEEKS)
        if weeks is None:
            found[WEEKS] = _OWN_MISSING[WEEKS]
        elif weeks != int(weeks) or weeks < 1:
            found[WEEKS] = "Please give whole weeks."
    if flag == "terminate" and values.get(OUTCOME) == "approved":
        found[FLAG] = "You can't approve it and propose to end it at once; please choose one."
    return found


def _of_times(scene: Scene, values: dict[str, Any], errors: Mapping[str, str]) -> dict[str, str]:
    """Days that have passed, and times that a clock leaps over."""
    day = values.get(DAY)
    if day is None:
        return {}
    meant = date.fromisoformat(day)
    today = scene.now.astimezone(zone_named(scene.program_zone)).date()
    if not YEARS[0] <= meant.year <= YEARS[1]:
        return {DAY: "Please look at the year again."}
    if meant < today:
        return {DAY: "That day has passed."}
    if values.get(OUTCOME) == "approved":
        return {DAY: "A new report is only due if you ask for changes; please empty this."}
    if CLOCK not in values or CLOCK in errors:
        return {}
    start = start_of(scene, values)
    if start is None:
        return {
            CLOCK: "There is no such time on that day: the clocks change. Please choose another."
        }
    return {CLOCK: "That time has passed."} if start <= scene.now else {}


def start_of(scene: Scene, values: Mapping[str, Any]) -> datetime | None:
    """The instant of a meeting; None where the program's clock leaps over it."""
    clock = _clock(str(values[CLOCK]))
    assert clock is not None  # It was checked.
    local = datetime.combine(date.fromisoformat(values[DAY]), clock, zone_named(scene.program_zone))
    instant = local.astimezone(UTC)
    back = instant.astimezone(local.tzinfo)
    return instant if (back.hour, back.minute) == (clock.hour, clock.minute) else None


def _clock(text: str) -> time | None:
    """14:30 or 9:05; seconds are left out."""
    hours, _, rest = text.partition(":")
    try:
        return time(int(hours), int(rest[:2])) if len(rest) in (2, 5) else None
    except ValueError:
        return None


def with_address(store: Store, scene: Scene, given: Given) -> Given:
    """The same; where the address that is given belongs to somebody else, with that fault."""
    email = given.values.get(EMAIL)
    if not email or not address_taken(store, scene.task.item, email):
        return given
    return replace(given, errors={**given.errors, EMAIL: NOT_USABLE})


# What will be recorded, and who types a name for it


def pairs(scene: Scene, given: Given) -> list[tuple[str, Any]]:
    """Exactly what will be recorded, to be read: questions and answers in the order of the page."""
    asked = given.asked
    parts_ = {
        FORM: _form_pairs(given),
        CHOICE: [(asked.legend, asked.choices.get(given.outcome, ""))] if asked.choices else [],
        EXTRAS: _further_pairs(scene, given),
    }
    found = [pair for part in asked.order for pair in parts_[part]]
    if given.flag:
        found += [
            (field.label, readable_answer(field, given.values[field.id]))
            for field in asked.beside
            if field.id in given.values and (field.id != WEEKS or given.flag == "extend")
        ]
    return found


def _form_pairs(given: Given) -> list[tuple[str, Any]]:
    form = given.asked.form
    if form is None:
        return []
    found = [(one.label, readable_answer(one, given.answers.get(one.id))) for one in form.fields]
    if (mean := score(form, given.answers)) is not None:
        found.append(("The score that this makes, from 0 to 1", f"{mean:.2f}"))
    return found


def _further_pairs(scene: Scene, given: Given) -> list[tuple[str, Any]]:
    """Of our own fields; the day and the time of a meeting are one answer."""
    values, is_meeting = given.values, CLOCK in given.values
    found: list[tuple[str, Any]] = []
    if is_meeting:
        found.append(("It begins", start_of(scene, values)))
        if MINUTES not in values:
            found.append(("Minutes", usual_minutes(scene)))
    return found + [
        (field.label, readable_answer(field, values[field.id]))
        for field in given.asked.extras
        if field.id in values and not (is_meeting and field.id in (DAY, CLOCK))
    ]


def readable_answer(field: FormField, value: Any) -> Any:
    """An answer as people read it: texts of choices, days as dates."""
    match field.type:
        case "choice":
            return field.values.get(value, value) if value is not None else None
        case "choices":
            return [field.values.get(each, each) for each in value or []]
        case "date":
            return date.fromisoformat(value) if isinstance(value, str) and value else value
    return value


def to_type(scene: Scene) -> str:
    """What is typed for what can't be undone: the name, or a word where there is none."""
    return name_to_type(scene.visitor.person.name, otherwise=CONFIRM)


def confirm_faults(
    scene: Scene, given: Given, posted: Posted, *, must_be_sure: bool
) -> dict[str, str]:
    """What is still missing before it is done: a typed name, or that somebody says that it is right."""
    if is_typed(scene.task.kind, given.outcome, given.flag):
        wanted = to_type(scene)
        same = is_same_name(one(posted, NAME), wanted)
        return {} if same else {NAME: f"Please type “{wanted}”."}
    if must_be_sure and one(posted, SURE) != "yes":
        return {SURE: "Please say that you have read it over."}
    return {}


# The action


def click_of(scene: Scene, given: Given, *, page: str) -> Click:
    """The one action of a page (`page` is its id). What was written differently is another action,
    so that nothing that is kept already is ever written over.
    """
    said = json.dumps(dict(given.values), sort_keys=True)
    action = derived("a", scene.person, scene.row.id, scene.task.key, page, said)
    key = f"{action}/{scene.row.id}"
    outcome = given.outcome or (scene.kind.outcomes[0] if not given.asked.choices else "")
    verb = verb_of(scene.task.kind, outcome)
    fields, written = _written(scene, given, key=key)
    values = given.values
    if CLOCK in values:
        fields |= {
            "start": start_of(scene, values),
            "minutes": int(values.get(MINUTES) or usual_minutes(scene)),
        }
    elif DAY in values:
        fields["day"] = date.fromisoformat(values[DAY])
    if given.flag:
        weeks = int(values.get(WEEKS) or 0) if given.flag == "extend" else 0
        fields |= {"flag": given.flag, "weeks": weeks}
    if WHO in values:
        fields["who"] = values[WHO]
    if EMAIL in values:
        fields["who"] = [scene.task.item]
    if verb in ("complete", "decide"):
        fields["outcome"] = outcome
    act = Act(id=action, verb=verb, actor=scene.person, task=scene.task.key, page=True, **fields)
    return Click(residency=scene.row.id, act=act, written=written, at=scene.now)


def _written(scene: Scene, given: Given, *, key: str) -> tuple[dict[str, Any], list[Written]]:
    """What is stored beside the action, and the fields that name it."""
    fields: dict[str, Any] = {}
    written: list[Written] = []
    asked = given.asked
    if asked.form:
        said, one_ = answered(
            asked.form,
            given.answers,
            form_id=asked.form_id,
            kind=scene.task.kind,
            key=key,
            person=scene.person,
        )
        fields |= said
        written.append(one_)
    if EMAIL in given.values:
        id_ = derived("s", key, ADDRESS)
        answers = {"email": given.values[EMAIL]}
        written.append(Written(id=id_, form=ADDRESS, person=scene.person, answers=answers))
        fields["submission"] = id_
    text = given.values.get(FLAG_REASON) if given.flag else given.values.get(REASON)
    if text:
        why = reason(text, key=key, person=scene.person)
        written.append(why)
        fields["reason"] = why.id
    return fields, written
