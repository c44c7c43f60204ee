"""When a letter may go: in its receiver's send window, and gathered with others where that helps.

Everything here is computed from the letter and the program's time alone, so that two rehearsals
are equal however long their mail takes (docs/decisions/0005-the-time-of-a-mail.md).
"""

from datetime import datetime, time, timedelta
from typing import Final

from mail.context import Facts, Somebody
from residency.dates import Calendar
from residency.documents import zone_of
from residency.notices import is_critical
from residency.wire import Letter, Post

GATHERING: Final = timedelta(minutes=30)
"""How long the reminders of a morning are gathered: what rings, rings at one time of day, so this
is time enough for a slow record, and nobody notices it."""
REPEATED: Final = timedelta(hours=20)
"""The same about the same task is not said again before that: a day, less what clocks and windows
shift."""
GATHERED: Final = ("reminder", "escalation")
"""The notices that a digest takes in: they only say that something still waits."""
REMINDING: Final = (*GATHERED, "offer-reminder")
"""The notices of a ladder: where its date is moved, it is climbed anew."""
_HOURS: Final = {"opens": "08:00", "closes": "18:00"}
_MONDAY: Final = 0
_WEEK: Final = 7


def moment_of(facts: Facts, post: Post, letter: Letter) -> datetime:
    """When a letter goes, by the program's time: as it was caused, or kept for.

    In a rehearsal that does not depend on how long the mail took.
    """
    moment = letter.not_before or letter.resumed or letter.at
    return moment if facts.rehearsal else max(moment, post.now)


def opening(facts: Facts, letter: Letter, *, moment: datetime) -> datetime:
    """When the letter may go: at that moment, or at the next opening of its receiver's window."""
    receiver = facts.people.get(letter.to)
    if receiver is None or is_critical(letter.notice, letter.data, at=letter.at):
        return moment
    return _calendar(facts, receiver.zone).window(moment)


def digest_time(facts: Facts, receiver: Somebody, *, at: datetime, weekly: bool) -> datetime:
    """Until when reminders of the instant `at` are gathered for that receiver.

    In the morning that is half an hour after reminders ring, or after the receiver's window opens
    where they ring at another time of their day; later in the day, the end of the half hour. What
    rings weekly waits for the first business day of the next week.
    """
    own, ringing = _calendar(facts, receiver.zone), _calendar(facts, zone_of(facts.document))
    opens = own.window(_week_begins(own, at) if weekly else at)
    day = own.day_of(opens)
    begins = own.at(day, own.opens)
    rings = [ringing.ring(ringing.day_of(begins) + timedelta(days=days)) for days in (0, 1)]
    morning = next((ring for ring in rings if _is_open(own, ring, day)), begins) + GATHERING
    until = morning if opens < morning else _half_hour_after(opens)
    return until if _is_open(own, until, day) else opens


def is_by_day(facts: Facts, letter: Letter) -> bool:
    """Whether it is about something that is due by the end of a day, and not within hours."""
    if letter.due is None:
        return False
    calendar = _calendar(facts, zone_of(facts.document))
    return calendar.end_of(calendar.due_day(letter.due)) == letter.due


def days_late(facts: Facts, due: datetime, *, at: datetime) -> int:
    """Days between the due day and that of `at`, in the program's zone; negative before it."""
    calendar = _calendar(facts, zone_of(facts.document))
    return (calendar.day_of(at) - calendar.due_day(due)).days


def _week_begins(own: Calendar, at: datetime) -> datetime:
    """That instant on a Monday, else the beginning of the next one."""
    weekday = own.day_of(at).weekday()
    if weekday == _MONDAY:
        return at
    return own.end_of(own.day_of(at) + timedelta(days=_WEEK - weekday - 1))


def _half_hour_after(instant: datetime) -> datetime:
    return instant + GATHERING - timedelta(seconds=instant.timestamp() % GATHERING.total_seconds())


def _is_open(own: Calendar, instant: datetime, day: object) -> bool:
    return own.window(instant) == instant and own.day_of(instant) == day


def _calendar(facts: Facts, zone: str) -> Calendar:
    hours = _HOURS | dict(facts.program.get("send_window") or {})
    return Calendar(
        zone,
        holidays=facts.holidays,
        opens=time.fromisoformat(str(hours["opens"])),
        closes=time.fromisoformat(str(hours["closes"])),
    )
