"""The sentence for each code that a residency answers: what is wrong, the value, what is allowed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from residency.wire import Scalar

Names = Callable[[str], str]
"""Turns a person's id into a name; ids without a name stay as they are."""

REFUSALS: Mapping[str, str] = {
    "unknown-verb": '"{verb}" is not an action; `residency act --help` lists them.',
    "malformed": "The action can't be read: it needs an id, a verb and an actor.",
    "needs": '"{verb}" needs {need}.',
    "bad-flag": '"{flag}" is not a flag; allowed are concern, extend and terminate.',
    "bad-weeks": '"{weeks}" is not a number of weeks; allowed are 1 to 104.',
    "bad-minutes": '"{minutes}" is not a length in minutes; allowed are 1 to 1440.',
    "same-day": '"{day}" is the first day already; nothing has changed.',
    "bad-day": '"{day}" is too far away; allowed are days of the years 2000 to 2199.',
    "ended": "{residency} has ended ({how}); nothing can be done to it any more.",
    "wrong-stage": '"{verb}" is not possible in {residency} now: it is at "{stage}"; '
    "possible at {allowed}.",
    "not-coordinator": "{actor} is no coordinator of {residency}, so can't act in another's name.",
    "not-allowed": '{actor} may not "{verb}" in {residency}; that is for: {roles}.',
    "not-yours": '"{task}" is not yours to do; it waits for {who}.',
    "not-yours-but": '"{task}" waits for {who}; as a coordinator you may do it in their name, '
    "with --reason.",
    "no-such-task": '{residency} has no task "{task}"; open are: {open}.',
    "wrong-kind": '"{verb}" is not about "{task}".',
    "which-task": "Several tasks are open: {open}. Say which one, with --task.",
    "no-open-task": 'Nothing waits for "{verb}" in {residency} now.',
    "use-verb": '"{task}" is answered with `{verb}`.',
    "bad-outcome": '"{outcome}" is no answer here; allowed are {allowed}.',
    "flag-contradicts": "A sign-off can't approve and propose to terminate at once; choose one.",
    "no-more-rounds": '"{task}" has had its rounds of changes ({rounds}); it can be approved, or flagged.',
    "is-open": '"{task}" is open already.',
    "too-late": '"{task}" can be taken back for {minutes} minutes only; ask a coordinator to open it.',
    "no-later": '"{day}" is not later: it is due at {until}.',
    "asked-already": 'Another date for "{task}" is asked for already; a coordinator will answer.',
    "closed-since": '"{task}" is closed by now, so its date can\'t move; refuse, and say why.',
    "final": '"{task}" can\'t be opened again: decisions and offers are final once told.',
    "stage-over": '"{task}" can\'t be opened again: {stage} is over.',
    "not-waivable": '"{task}" is a decision; it can be made, not waived.',
    "day-past": '"{day}" has passed; a date that is still to come is allowed.',
    "start-past": 'A meeting can\'t start at "{start}": it is {now} already.',
    "no-such-role": '{residency} has nobody in the role "{role}"; roles are: {allowed}.',
    "nothing-pending": "No decision is pending in {residency}.",
    "which-decision": "Several decisions are pending: {open}. Say which one, with --item.",
    "released": '"{outcome}" is released and will be told at {tells_at}; take it back first.',
    "no-seat": "No seat is left ({taken} of {seats} taken). Waitlist, or free one first.",
    "no-meeting": "No meeting is scheduled in {residency}.",
    "which-meeting": "Several meetings are scheduled: {allowed}. Say which one, with --item.",
    "too-many-weeks": '"{weeks}" is more than the extension weeks that are left: {left} of {allowed}.',
    "already-proposed": "A termination is proposed already; it waits for its hearing or decision.",
    "clock-real": "{residency} is not a rehearsal: its clock is the real one and can't be moved.",
    "clock-back": 'A clock only goes forward: it is {now}, which is after "{to}".',
    "rings-before": 'The clock can\'t pass what rings at {next_at} on its way to "{to}".',
    "not-found": '"{residency}" is no residency here; `residency status` lists them.',
}

NEEDS: Mapping[str, str] = {
    "answers": "the form's answers (--answers)",
    "reason": "a reason (--reason)",
    "weeks": "a number of weeks (--weeks)",
    "task": "a task (--task)",
    "outcome": "an outcome (--outcome)",
    "start": "a time (--start)",
    "day": "a day (--day)",
    "who": "people (--who)",
    "flag": "a flag (--flag)",
    "submission": "the new value",
}


NEAR: Mapping[str, tuple[str, str]] = {
    "bad-outcome": ("outcome", "allowed"),
    "no-such-role": ("role", "allowed"),
}
"""What was given, and what it could have been: where these are near, the sentence says so."""


def refusal_sentence(
    code: str, data: Mapping[str, Scalar], *, residency: str, name: Names = str
) -> str:
    """Why an action was refused, in one or two sentences."""
    shown = {key: _shown(key, value, name) for key, value in data.items()}
    shown["residency"] = residency
    if code == "needs":
        shown["need"] = NEEDS.get(str(data.get("need")), str(data.get("need")))
    template = REFUSALS.get(code, f'{{residency}} refused this ("{code}").')
    return template.format_map(_Blank(shown)).removesuffix(".") + _near(code, data)


def _near(code: str, data: Mapping[str, Scalar]) -> str:
    """The end of a refusal: `; did you mean "mentors"?`, or a full stop."""
    if code not in NEAR:
        return "."
    from residency.validation import did_you_mean  # noqa: PLC0415  # For these refusals only.

    given, known = (str(data.get(key, "")) for key in NEAR[code])
    return did_you_mean(given, known.split(",")) or "."


def again_sentence(data: Mapping[str, Scalar], *, residency: str, name: Names = str) -> str:
    """That it was done before, by whom and when."""
    who = name(str(data["by"])) if data.get("by") else "the program"
    when = f" at {_moment(str(data['at']))}" if data.get("at") else ""
    what = f" ({data['outcome']})" if data.get("outcome") else ""
    return f"Already recorded{when}, by {who}{what}; nothing was done again in {residency}."


class _Blank(dict[str, str]):
    """A code of a newer workflow may carry less than its sentence asks for."""

    def __missing__(self, key: str) -> str:
        return "?"


def _shown(key: str, value: Scalar, name: Names) -> str:
    if key in ("who", "actor", "by"):
        people = [name(person) for person in str(value).split(",") if person]
        return ", ".join(people) or "nobody"
    if key in ("open", "allowed", "roles"):
        return ", ".join(str(value).split(",")) or "none"
    if key in ("tells_at", "until", "now", "to", "next_at", "start", "at"):
        return _moment(str(value))
    return str(value)


def _moment(text: str) -> str:
    try:
        return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return text
