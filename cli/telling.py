"""Each line of the record as a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from cli.moments import due, moment
from residency.dates import parse_instant
from residency.documents import item_title, key_title, readable
from residency.wire import Event, Tag

Names = Callable[[str], str]

SENTENCES: Mapping[Tag, str] = {
    Tag.STARTED: "{who} applied to {cohort_name}",
    Tag.ENDED: "ended: {how}",
    Tag.STAGE: "{stage} begins",
    Tag.OPENED: "{task} opened for {who}, due {due}",
    Tag.RANG: "{task}: reminded {to}",
    Tag.PART: "{actor} answered {task}: {outcome}{score}",
    Tag.DONE: "{actor} completed {task}: {outcome}{score}",
    Tag.LAPSED: "{task} lapsed",
    Tag.WAIVED: "{task} was waived by {actor}",
    Tag.REOPENED: "{actor} opened {task} again for {who}, due {due}",
    Tag.MOVED: "{task} is due {due} now",
    Tag.REASSIGNED: "{task} went to {who}",
    Tag.THANKED: "{actor} answered {task} too; kept as a comment",
    Tag.APPOINTED: "{who} appointed: {role}",
    Tag.RELIEVED: "{who} relieved: {role}",
    Tag.DECIDED: "decided by {actor}, not told yet: {outcome}",
    Tag.RELEASED: "{actor} released {outcome}; it is told {tells_at}",
    Tag.TAKEN_BACK: "{actor} took the decision back",
    Tag.EFFECTIVE: "decision takes effect: {outcome}",
    Tag.MEETING: "{item} is on {at}, {minutes} minutes",
    Tag.MEETING_CANCELED: "{item} was canceled",
    Tag.DATES: "first day {first}, last day {last}",
    Tag.SHIFTED: "dates moved ({kind}): first day {first}, last day {last}",
    Tag.SEAT_GRANTED: "a seat is held",
    Tag.SEAT_FREED: "the seat is free again",
    Tag.FLAGGED: "{actor} raised a flag: {flag}",
    Tag.FLAG_CLOSED: "flag closed: {flag}, {outcome}",
    Tag.HELD: "{actor} put notices on hold",
    Tag.RESUMED: "{actor} resumed notices",
    Tag.NOTED: "{actor} added a note",
    Tag.ADDRESS: "{actor} corrected the address of {person}",
    Tag.TOLD: "{actor} asked to send {notice} again",
    Tag.BOUNCED: "mail to {person} comes back",
    Tag.UNDELIVERED: "{notice} {fate} to {to}",
    Tag.REFUSED: "refused {verb} of {by}: {code}",
}


def sentence(event: Event, *, name: Names, document: dict[str, Any], zone: str) -> str:
    """What happened, with names; ids of what has no name stay."""
    words = {key: _word(key, value, name=name, zone=zone) for key, value in event.data.items()}
    words["actor"] = name(event.actor) if event.actor else "the program"
    whose = event.name_of or str(event.data.get("by") or "")
    if event.actor and whose not in ("", event.actor):
        words["actor"] += f" in the name of {name(whose)}"
    if event.task:
        words["task"] = key_title(document, event.task)
    if event.tag is Tag.STARTED:
        words["who"] = name(str(event.data.get("person", "")))
    if event.data.get("item"):
        words["item"] = item_title(document, str(event.data["item"]))
    score = event.data.get("score")
    words["score"] = f" ({score:.2f})" if isinstance(score, float) else ""
    words.setdefault("who", "nobody")
    unknown = event.data.get("state") == "unknown"
    words["fate"] = "may or may not have gone" if unknown else "could not be delivered"
    if event.tag is Tag.REFUSED:
        words = {"verb": "a signal", "by": "somebody unknown"} | words
    return _tidy(SENTENCES[event.tag].format_map(_Blank(words)))


class _Blank(dict[str, str]):
    """An event of another version may carry less than its sentence asks for."""

    def __missing__(self, key: str) -> str:
        return ""


def _word(key: str, value: Any, *, name: Names, zone: str) -> str:
    text = "" if value is None else str(value)
    if key in ("who", "to", "by", "person"):
        return ", ".join(name(one) for one in text.split(",") if one) or "nobody"
    if key == "due" and text:
        return due(_instant(text), zone)
    if key in ("at", "tells_at") and text:
        return moment(_instant(text), zone)
    return readable(text) if key in ("stage", "how", "outcome", "kind") else text


def _instant(text: str) -> datetime:
    return parse_instant(text)


def _tidy(text: str) -> str:
    """Without what an absent word leaves behind."""
    return text.replace(", due .", "").removesuffix(", due ").rstrip(" :")
