"""The letters of meetings, and what calendars are told by their mails."""

from datetime import UTC, datetime

import icalendar

from residency.wire import Letter


def letter(notice="interview-invitation", **data):
    values = {"at": "2022-05-10T13:00:00Z", "minutes": 45, "sequence": 0} | data
    return Letter(
        notice=notice,
        to="p-other",
        occurrence="research~0",
        at=datetime(2022, 5, 2, 7, tzinfo=UTC),
        item="presentation" if notice.startswith("presentation") else "research",
        data=values,
    )


def event_of(mail):
    return icalendar.Calendar.from_ical(mail.invite.content).events[0]
