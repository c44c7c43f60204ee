"""Zones, days and calendars on which dates go wrong; what the tests of dates draw from."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from residency.dates import Calendar, Span, Unit

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)

# Both ways of DST, half-hour DST, changes at midnight, days that were skipped, the date line.
ZONES = [
    "Africa/Cairo",
    "America/Havana",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Europe/Paris",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "UTC",
]
# Days on which the clocks of one of them change, so that Hypothesis tries them often.
HARD_DAYS = [
    date(1994, 12, 31),  # Kiritimati skipped it.
    date(1995, 1, 1),
    date(2010, 11, 7),  # St John's set clocks back from 00:01 to 23:01 of the day before.
    date(2011, 12, 30),  # Samoa skipped this Friday.
    date(2012, 2, 29),
    date(2018, 11, 4),  # Brazil had no midnight.
    date(2018, 2, 18),
    date(2022, 3, 27),
    date(2022, 10, 30),
    date(2022, 10, 2),
    date(2022, 11, 6),  # Havana had midnight twice; New York 01:30.
    date(2023, 4, 28),  # Cairo had no midnight.
    date(2024, 2, 29),
]
DAYS = st.dates(date(1975, 1, 1), date(2060, 12, 31)) | st.builds(
    lambda day, by: day + by * DAY, st.sampled_from(HARD_DAYS), st.integers(-2, 2)
)
INSTANTS = st.builds(lambda day, clock: datetime.combine(day, clock, tzinfo=UTC), DAYS, st.times())
WINDOWS = st.tuples(st.times(), st.times()).filter(lambda pair: pair[0] < pair[1]) | st.just(
    (time(8), time(18))
)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    opens, closes = draw(WINDOWS)
    return Calendar(
        draw(st.sampled_from(ZONES)),
        holidays=draw(st.frozensets(DAYS, max_size=6)),
        weekend=draw(st.frozensets(st.integers(0, 6), max_size=4)),
        roll=draw(st.booleans()),
        opens=opens,
        closes=draw(st.sampled_from([closes, time()])),
    )


DAY_SPANS = st.builds(
    Span,
    st.integers(0, 40),
    st.sampled_from([Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.YEARS, Unit.BUSINESS_DAYS]),
)
LENGTHS = st.one_of(
    st.builds(Span, st.integers(1, 800), st.just(Unit.DAYS)),
    st.builds(Span, st.integers(1, 110), st.just(Unit.WEEKS)),
    st.builds(Span, st.integers(1, 30), st.just(Unit.MONTHS)),
    st.builds(Span, st.integers(1, 3), st.just(Unit.YEARS)),
)
PARIS = Calendar("Europe/Paris")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
