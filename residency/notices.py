"""The catalogue of notices: every mail the software may send, for whom, why, and how it is treated.

Each has a template of the same name, whose front matter says the same (a test compares), so that
whoever edits a mail sees it there too. `python -m residency.notices` prints docs/notices.md.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from residency.dates import parse_instant
from residency.errors import ResidencyError


class NoticeError(ResidencyError):
    """A notice that is not in the catalogue."""


class Audience(StrEnum):
    """Whom a notice is for; its words suit all of them."""

    RESIDENT = "resident"
    REVIEWER = "reviewer"
    INTERVIEWER = "interviewer"
    PANELIST = "panelist"
    MENTOR = "mentor"
    COORDINATOR = "coordinator"
    OWNER = "owner"  # of a checklist item: the person or anybody with an address
    ASSIGNEE = "assignee"  # whoever has the task
    PARTICIPANT = "participant"  # of a meeting: the person and everybody they meet
    ANYBODY = "anybody"  # everybody whom it concerns


class Unknown(StrEnum):
    """What to do where nobody can say whether a mail went out."""

    RESEND = "resend"  # once more, with the same Message-ID
    ASK = "ask"  # a coordinator decides


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One row of the catalogue.

    `cause` completes the sentence "You get this because ...". `critical` ones don't wait for the
    receiver's send window. `asks` marks what is pointless once its task is closed. `data` are the
    keys that a letter may carry and the template may read; an absent one is empty there. Instants
    and days in it are ISO text, `..._by` and `who` are ids of persons, `reason` and `submission`
    ids of submissions.
    """

    name: str
    audience: Audience
    cause: str
    critical: bool = False
    unknown: Unknown = Unknown.RESEND
    asks: bool = False
    data: tuple[str, ...] = ()

    @property
    def template(self) -> str:
        """The template's file name, in `templates/email/<locale>/` and in a program's `email/`."""
        return f"{self.name}.md"


_MEETING = ("at", "minutes", "sequence", "was", "party")


def _resident() -> Iterator[Notice]:
    yield _row("application-received", "you applied", data=("closes",))
    yield _row("please-revise", "something in your application is missing", asks=True)
    yield _row("rejected", "a decision on your application was made", ask=True, data=("stage",))
    yield _row("waitlist-closed", "the waitlist you were on is closed", ask=True)
    yield _row("waitlisted", "a decision on your application was made", ask=True)
    yield _row("offer", "we offer you a place", critical=True, ask=True, asks=True)
    yield _row("offer-reminder", "your offer waits for an answer", asks=True, data=("last",))
    yield _row("offer-lapsed", "an offer to you had a deadline", ask=True)
    yield _row(
        "offer-rescinded", "an offer to you changed", critical=True, ask=True, data=("reason",)
    )
    yield _row("offer-accepted", "you accepted an offer", critical=True)
    yield _row("offer-declined", "you declined an offer", critical=True)
    yield _row("welcome", "you accepted our offer", data=("first", "last"))
    yield _row("milestone-opening", "a report opens", asks=True)
    yield _row(
        "changes-requested", "a mentor read your report", asks=True, data=("submission", "by")
    )
    yield _row("milestone-approved", "a mentor read your report", data=("submission", "by"))
    yield _row("materials-due", "your presentation comes closer", asks=True, data=("at",))
    yield _row("presentation-offered", "you may present your work", asks=True, data=("at",))
    yield _row(
        "presentation-outcome",
        "your presentation was evaluated",
        ask=True,
        data=("outcome", "submission"),
    )
    yield _row("publication-wanted", "your work may be published", asks=True)
    yield _row("publication-record-wanted", "you submitted your work for publication", asks=True)
    yield _row("attestation-wanted", "the last days have come", asks=True, data=("last",))
    yield _row("completed", "you completed your time with us", data=("last",))
    yield _row("completed-early", "your time with us was completed early", data=("last", "reason"))
    yield _row("ended", "your time with us has ended", ask=True, data=("last", "reason"))
    yield _row("withdrawn", "you withdrew", critical=True, data=("by",))
    yield _row(
        "termination-proposed",
        "ending your time with us was proposed",
        critical=True,
        ask=True,
        asks=True,
        data=("reason",),
    )
    yield _row(
        "termination-confirmed",
        "a decision on your time with us was made",
        critical=True,
        ask=True,
        data=("reason", "last"),
    )
    yield _row("termination-rejected", "a decision on your time with us was made", ask=True)


def _selection() -> Iterator[Notice]:
    yield _row("judging-wanted", "you judge applications", "reviewer", asks=True)
    yield _row("review-wanted", "you review applications", "reviewer", asks=True)
    yield _row("interview-invitation", "you take part in it", "participant", data=_MEETING)
    yield _row("interview-moved", "you take part in it", "participant", data=_MEETING)
    yield _row("interview-canceled", "you would have taken part", "participant", data=_MEETING)
    yield _row("interview-reminder", "you take part in it", "participant", data=_MEETING)
    yield _row(
        "scorecard-wanted", "you held this conversation", "interviewer", asks=True, data=("at",)
    )


def _presentation() -> Iterator[Notice]:
    yield _row("presentation-scheduled", "you take part in it", "participant", data=_MEETING)
    yield _row("presentation-moved", "you take part in it", "participant", data=_MEETING)
    yield _row(
        "presentation-canceled",
        "you would have taken part",
        "participant",
        data=_MEETING,
    )
    yield _row("presentation-reminder", "you take part in it", "participant", data=_MEETING)
    yield _row("evaluation-wanted", "you are on the panel", "panelist", asks=True, data=("at",))


def _mentors() -> Iterator[Notice]:
    yield _row("mentor-appointed", "you were asked to be a mentor", "mentor", data=("first",))
    yield _row("mentor-relieved", "your part as a mentor ends", "mentor")
    yield _row("sign-off-wanted", "you are the lead mentor", "mentor", asks=True)
    yield _row("recommendation-wanted", "you are the lead mentor", "mentor", asks=True)
    yield _row("residency-ended", "you are a mentor", "mentor", data=("how", "last"))
    yield _row("extension-refused", "you asked for more time", "mentor", data=("weeks", "reason"))


def _coordinators() -> Iterator[Notice]:
    who = "coordinator"
    yield _row("decision-wanted", "you coordinate the program", who, asks=True)
    yield _row(
        "decision-waits",
        "nothing is told before you release it",
        who,
        asks=True,
        data=("outcome", "stage"),
    )
    yield _row("schedule-wanted", "you coordinate the program", who, asks=True)
    yield _row("appoint-wanted", "you coordinate the program", who, asks=True, data=("role",))
    yield _row("offer-answered", "you coordinate the program", who, data=("outcome",))
    yield _row("concern-raised", "concerns go to coordinators alone", who, asks=True, data=("by",))
    yield _row("flag-raised", "a mentor raised a flag", who, data=("flag", "weeks", "by"))
    yield _row(
        "extension-wanted", "a mentor asked for more time", who, asks=True, data=("weeks", "by")
    )
    yield _row(
        "date-wanted",
        "somebody asked for another date",
        who,
        asks=True,
        data=("by", "about", "day", "reason"),
    )
    yield _row("termination-waits", "only a coordinator may decide this", who, asks=True)
    yield _row("withdrawal", "you coordinate the program", who, data=("stage",))
    yield _row(
        "mail-undeliverable",
        "a mail could not be sent, or may not have been",
        who,
        critical=True,
        data=("notice", "who", "state", "mail"),
    )
    yield _row(
        "mails-held",
        "mails were on hold when it ended",
        who,
        critical=True,
        data=("how",),
    )
    yield _row("address-bounced", "a mail came back", who, data=("notice", "who"))


def _anybody() -> Iterator[Notice]:
    yield _row("checklist-item", "this part is yours", "owner", asks=True)
    yield _row("due-date-moved", "you have this task", "assignee", asks=True, data=("was",))
    yield _row("task-reassigned", "it was handed to you", "assignee", asks=True)
    yield _row("date-refused", "you asked for another date", "assignee", data=("day", "reason"))
    yield _row("task-done-by-other", "you had this task too", "assignee", data=("outcome", "by"))
    yield _row("thanked", "you answered", "assignee", data=("outcome", "by"))
    yield _row("reminder", "you have this task", "assignee", asks=True, data=("last", "late_days"))
    yield _row(
        "escalation",
        "somebody waits and you can help",
        "anybody",
        asks=True,
        data=("who", "late_days"),
    )
    yield _row("digest", "several things wait for you", "anybody")
    yield _row("first-day-moved", "it concerns you", "anybody", data=("first", "last", "was"))
    yield _row("extension-granted", "it concerns you", "anybody", data=("weeks", "last", "was"))
    yield _row(
        "receipt",
        "you did something that is now recorded",
        "anybody",
        critical=True,
        data=("verb", "outcome", "day"),
    )
    yield _row("new-link", "somebody asked for a new link to your page", "anybody", critical=True)
    yield _row("address-changed", "your address with us was changed", "anybody", critical=True)
    yield _row("address-corrected", "your address with us was corrected", "anybody", critical=True)
    yield _row(
        "application-link",
        "an application was begun with this address",
        critical=True,
        data=("confirm", "closes"),
    )
    yield _row(
        "application-known",
        "somebody began another application with this address",
        critical=True,
    )


def _row(
    name: str,
    cause: str,
    audience: str = "resident",
    *,
    critical: bool = False,
    ask: bool = False,
    asks: bool = False,
    data: tuple[str, ...] = (),
) -> Notice:
    return Notice(
        name=name,
        audience=Audience(audience),
        cause=cause,
        critical=critical,
        unknown=Unknown.ASK if ask else Unknown.RESEND,
        asks=asks,
        data=data,
    )


CATALOG: Final[Mapping[str, Notice]] = MappingProxyType(
    {
        notice.name: notice
        for group in (_resident, _selection, _presentation, _mentors, _coordinators, _anybody)
        for notice in group()
    }
)


def notice_named(name: str) -> Notice:
    """The notice of that name; a NoticeError where there is none."""
    if name not in CATALOG:
        from residency.validation import did_you_mean  # noqa: PLC0415  # For this error only.

        hint = did_you_mean(name, list(CATALOG)) or "; docs/notices.md lists all of them"
        raise NoticeError(f'"{name}" is not a notice{hint}')
    return CATALOG[name]


def is_critical(name: str, data: Mapping[str, object], *, at: datetime) -> bool:
    """Whether a letter of the instant `at` goes out at once.

    That is what its notice says; besides, the last reminder of an offer (`data.last`) does, and
    the change of a meeting, or of who takes part (`data.party`), that was or will be within 48 hours
    (`data.was`, `data.at`).
    """
    if name == "offer-reminder":
        return bool(data.get("last"))
    if name in _CHANGES or data.get("party"):
        instants = (data.get("at"), data.get("was"))
        return any(parse_instant(str(each)) - at <= _SOON for each in instants if each)
    return notice_named(name).critical


def page() -> str:
    """The page docs/notices.md, made from the catalogue."""
    return "\n".join([*_HEAD, *(_table_row(notice) for notice in CATALOG.values()), ""])


def _table_row(notice: Notice) -> str:
    data = ", ".join(f"`{key}`" for key in notice.data) or "–"
    critical = "yes" if notice.critical else _SOMETIMES.get(notice.name, "no")
    return (
        f"| `{notice.name}` | {notice.audience} | {notice.cause} | {critical} "
        f"| {notice.unknown} | {data} |"
    )


DATED: Final = ("milestone-opening", "checklist-item", "materials-due")
"""The notices that open a task whose due date may stand in its people's calendars."""

_SOON: Final = timedelta(hours=48)

# Changes of a meeting, which can't wait where it is near.
_CHANGES: Final = (
    "interview-moved",
    "interview-canceled",
    "presentation-moved",
    "presentation-canceled",
)

_SOMETIMES: Final = {
    "offer-reminder": "the last one",
    **dict.fromkeys(_CHANGES, "within 48 h"),
}

_HEAD: Final = [
    "# Notices",
    "",
    "Every mail that is sent, one row each. *Because* completes “You get this because ...”, which",
    "stands under every mail. A *critical* one does not wait for the receiver's send window. Where",
    "nobody can say whether a mail went out, *if unknown* says what happens: it is sent once more",
    "with the same Message-ID, or a coordinator is asked. *Data* is what its template may read as",
    "`data.<key>`. [Templates](templates.md) says how to change one.",
    "This page is made by `python -m residency.notices > docs/notices.md`.",
    "",
    "| notice | for | because | critical | if unknown | data |",
    "| --- | --- | --- | --- | --- | --- |",
]


if __name__ == "__main__":
    sys.stdout.write(page())
