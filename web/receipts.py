"""What a task's page says once something is recorded: what happens next, and why nothing could be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from mail.words import first_capital
from residency.documents import readable
from residency.errors import UnavailableError, UnconfirmedError
from residency.wire import Event, State
from store.people import email_key
from web.asking import Asked
from web.scenes import Scene

if TYPE_CHECKING:
    from store.shown import ResidencyRow

NEXT: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        ("judge-", "done"): "Once everything is judged, the application goes on.",
        ("judge-", "revise"): "{person} is asked to revise the application.",
        ("revise", ""): "Your application is looked at again. A mail tells you what comes of it.",
        ("review", ""): "Once all reviews are in, a coordinator decides. Coordinators alone read "
        "yours; other reviewers don't.",
        ("schedule-", ""): "Everybody who takes part is invited by mail.",
        ("scorecard-", ""): "Once all scorecards are in, a coordinator decides.",
        ("decide-", ""): "What is to be told waits for its release first.",
        ("decide-end", ""): "{person} is told by mail.",
        ("decide-presentation", ""): "{person} is told by mail.",
        ("select", ""): "Nobody is told before the decision is released.",
        ("release", "released"): "It is told once the cooling-off is over; until then it can be "
        "taken back.",
        ("release", "take-back"): "Nobody was told. The decision is asked for anew.",
        ("offer", "accepted"): "Welcome! A mail confirms it; what is to be done before your first "
        "day comes by mail, too.",
        ("offer", "declined"): "Thank you for telling us. Your place goes to somebody else, and "
        "nothing more is asked of you.",
        ("appoint", ""): "They are told by mail.",
        ("sign-off", "approved"): "{person} reads what you said in a mail.",
        ("sign-off", "changes"): "{person} is asked for another round, with what you said.",
        (
            "presentation-offer",
            "accepted",
        ): "A coordinator schedules it; the invitation comes by mail.",
        ("presentation-offer", "declined"): "Nothing more is asked of you for the presentation.",
        ("materials", ""): "Whoever evaluates the presentation can read them.",
        ("evaluate", ""): "{person} is told what came of it.",
        ("recommend", "recommend"): "{person} is asked to submit the work.",
        ("publish", ""): "Next you are asked to record where it appears.",
        ("attest-end", ""): "Nothing more is asked of you for this.",
        ("hearing", ""): "A coordinator reads it before anything is decided.",
        ("handle-extend", "granted"): "The dates move, and everybody is told.",
        ("handle-extend", "refused"): "Whoever asked is told.",
        ("handle-date", "granted"): "Whoever asked is told the date that holds now.",
        ("handle-date", "refused"): "Whoever asked is told, with your reason.",
        ("handle-terminate", ""): "{person} is told by mail.",
        ("correct-address", ""): "From now on mail goes there. Links in earlier mails have ended; "
        "a mail brings a new one.",
    }
)

BEFORE: Final[Mapping[tuple[str, str], str]] = MappingProxyType(
    {
        (
            "offer",
            "accepted",
        ): "A mail confirms it, and others bring what is to be done before your first day.",
        (
            "offer",
            "declined",
        ): "Your place goes to somebody else, and nothing more is asked of you.",
        ("correct-address", ""): "From then on mail goes there. Links in earlier mails end; a mail "
        "brings a new one.",
    }
)
"""The same, while it is not recorded yet."""

REFUSED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ended": "It has ended meanwhile, so nothing can be recorded any more.",
        "wrong-stage": "It has moved on meanwhile, so this can't be recorded any more.",
        "not-yours": "It does not wait for you any more.",
        "no-more-rounds": "This was the last round of changes: it can be approved, or you tell the "
        "coordinators what is wrong.",
        "too-many-weeks": "That is more weeks than are left for extensions.",
        "already-proposed": "To end it was proposed already; a coordinator is about to decide.",
        "flag-contradicts": "You can't approve it and propose to end it at once.",
        "too-late": "It can't be taken back any more; please ask a coordinator to open it again.",
        "is-open": "It is open already.",
        "final": "This is final and can't be taken back here; please ask a coordinator.",
        "stage-over": "What it belongs to is over, so it can't be taken back here; please ask a "
        "coordinator.",
        "day-past": "That day has passed.",
        "start-past": "That time has passed.",
        "no-later": "That is no later than it is due already.",
        "asked-already": "Another date was asked for already; a coordinator will answer.",
        "closed-since": "The task is closed by now, so its date can't move. Refuse it, and say so.",
        "no-seat": "No seat is left. Put them on the waitlist, or free one first.",
        "released": "The decision is released already. Take it back first.",
        "nothing-pending": "No decision waits to be released any more.",
    }
)
AWAY: Final = (
    "Not sent yet",
    "It can't be recorded just now. What you wrote is kept; please send it again in a few minutes.",
)
UNCONFIRMED: Final = (
    "Taken, not confirmed yet",
    "Nothing is lost: in a few minutes it is sent again by itself, and recorded once.",
)
NOT_HERE: Final = "It can't be recorded here just now; please write to your coordinator."
"""Of a residency that has ended, to whom that was not told yet."""
NOT_TAKEN: Final = (
    "But mail still goes to the address of before: somebody else has this one by now."
)
MOVED_ON: Final = "It has changed meanwhile. Please open the page again and look."


def next_of(scene: Scene, outcome: str, *, email: str = "") -> str:
    """What happens next; empty where there is nothing to say. `email` is an address that was given."""
    kind = scene.task.kind
    if email:
        person = scene.people.get(scene.task.item)
        if person is None or email_key(person.email) != email_key(email):
            return NOT_TAKEN
    fits = [
        (len(of), bool(said), text)
        for (of, said), text in NEXT.items()
        if kind.startswith(of) and said in ("", outcome)
    ]
    text = max(fits)[2] if fits else _of_plan(scene)
    return text.format(person=scene.row.name or "The person")


def then_of(scene: Scene, outcome: str) -> str:
    """What will happen next, for whoever is about to record it."""
    if scene.may_comment:
        return ""
    kind = scene.task.kind
    outcome = outcome or next(iter(scene.kind.outcomes), "")
    return BEFORE.get((kind, outcome)) or BEFORE.get((kind, "")) or next_of(scene, outcome)


def _of_plan(scene: Scene) -> str:
    """Of an item and a report: what comes of it is the program's to say."""
    task, plan = scene.task, scene.cohort.plan
    if task.kind.startswith("item-") and task.state is State.DONE:
        items = (plan.get("onboarding") or {}).get("items") or []
        follow = any(task.item in (one.get("after") or ()) for one in items)
        return "What depends on it opens now." if follow else ""
    if task.kind.startswith("report"):
        items = (plan.get("milestones") or {}).get("items") or []
        signed = any(one["id"] == task.item and one.get("sign_off") for one in items)
        return "Next, it is read and signed off; a mail tells you what was said." if signed else ""
    return ""


def not_now(error: UnavailableError | UnconfirmedError) -> tuple[str, str]:
    """What a page says where nothing could be recorded, or nobody can say yet whether it was."""
    return UNCONFIRMED if isinstance(error, UnconfirmedError) else AWAY


def refused_sentence(code: str, *, row: ResidencyRow) -> str:
    """Why it was refused, for whoever acts by a page; `row` is the residency as they know of it."""
    if code == "ended" and not row.ended:
        return NOT_HERE
    return REFUSED.get(code, MOVED_ON)


def state_of(scene: Scene) -> str:
    """Why the page has no form: ended, waived, lapsed, done, part (theirs is in) or lead."""
    task = scene.task
    if task.state is State.WAIVED:
        return "ended" if scene.row.ended else "waived"
    if task.state is State.LAPSED:
        return "lapsed"
    if task.state is State.DONE:
        return "done"
    if scene.row.ended:
        return "ended"
    return "part" if scene.person in task.answered else "lead"


def recorded_of(scene: Scene) -> Event | None:
    """The event that recorded the visitor's own answer, or the one that counted."""
    told = scene.told(scene.task.key)
    if scene.person in told:
        return told[scene.person]
    return told.get(scene.task.by) if scene.task.rule != "all" else None


def recorded_pairs(scene: Scene, asked: Asked) -> list[tuple[str, object]]:
    """When it was recorded, by whom and what; of several who judge apart, only one's own."""
    event = recorded_of(scene)
    if event is None:
        return []
    by = str(event.data.get("by") or event.name_of or event.actor)
    outcome = str(event.data.get("outcome") or "")
    pairs: list[tuple[str, object]] = [
        ("Recorded", event.at),
        ("By", f"You, {scene.name(by)}" if by == scene.person else scene.name(by)),
    ]
    if event.name_of and event.actor != event.name_of:
        pairs.append(("Entered by", scene.name(event.actor)))
    if outcome not in ("", "done"):
        text = asked.choices.get(outcome) or first_capital(readable(outcome))
        pairs.append(("Outcome", text))
    return pairs
