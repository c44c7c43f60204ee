"""Spans and offsets: every notation is read back as it was written; junk is refused by sentence."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from residency.errors import ResidencyError
from residency.spans import LARGEST_COUNT, Offset, Span, SpanError, Unit

ISO_FORMS = {
    Unit.SECONDS: "PT{}S",
    Unit.MINUTES: "PT{}M",
    Unit.HOURS: "PT{}H",
    Unit.DAYS: "P{}D",
    Unit.WEEKS: "P{}W",
    Unit.MONTHS: "P{}M",
    Unit.YEARS: "P{}Y",
}
SPANS = st.builds(Span, st.integers(0, LARGEST_COUNT), st.sampled_from(Unit))
OFFSETS = st.builds(
    lambda span, sign: Offset(span, sign if span.count else 0), SPANS, st.sampled_from([-1, 1])
)


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [
        ("14 days", 14, Unit.DAYS),
        ("1 day", 1, Unit.DAYS),
        ("0 days", 0, Unit.DAYS),
        ("2 weeks", 2, Unit.WEEKS),
        ("9 months", 9, Unit.MONTHS),
        ("1 year", 1, Unit.YEARS),
        ("3 business days", 3, Unit.BUSINESS_DAYS),
        ("1 business day", 1, Unit.BUSINESS_DAYS),
        ("15 minutes", 15, Unit.MINUTES),
        ("2 hours", 2, Unit.HOURS),
        ("30 seconds", 30, Unit.SECONDS),
        ("14d", 14, Unit.DAYS),
        ("2w", 2, Unit.WEEKS),
        ("9mo", 9, Unit.MONTHS),
        ("1y", 1, Unit.YEARS),
        ("3bd", 3, Unit.BUSINESS_DAYS),
        ("15min", 15, Unit.MINUTES),
        ("2h", 2, Unit.HOURS),
        ("30s", 30, Unit.SECONDS),
        ("P14D", 14, Unit.DAYS),
        ("P2W", 2, Unit.WEEKS),
        ("P9M", 9, Unit.MONTHS),
        ("P1Y", 1, Unit.YEARS),
        ("PT15M", 15, Unit.MINUTES),
        ("PT2H", 2, Unit.HOURS),
        ("PT30S", 30, Unit.SECONDS),
        ("  14 days\n", 14, Unit.DAYS),
    ],
)
def test_span_reads_each_notation(text: str, count: int, unit: Unit) -> None:
    assert Span.parse(text) == Span(count, unit)


@pytest.mark.parametrize(
    "text",
    [
        "a fortnight",
        "14",
        "",
        "days",
        "-3 days",
        "1.5 days",
        "5m",
        "14  days",
        "14\tdays",
        "3 businessdays",
        "14 dayss",
        "14 DAYS",
        "P14",
        "P",
        "PT",
        "p14d",
        "PT14D",
        "P2H",
        "P1Y6M",
        "P1.5D",
        "-P14D",
        "100000 days",
        "١٤ days",
        "14 days before",
        "1 week 2 days",
    ],
)
def test_span_refuses_junk_by_sentence(text: str) -> None:
    with pytest.raises(SpanError) as refusal:
        Span.parse(text)

    quoted = " ".join(text.split())
    assert str(refusal.value) == f'"{quoted}" is not a span; write 14 days, 2 weeks or P14D'


def test_span_error_is_one_short_line_whatever_was_written() -> None:
    with pytest.raises(SpanError) as refusal:
        Span.parse("many\nlines " * 1000)

    sentence = str(refusal.value)
    assert "\n" not in sentence
    assert len(sentence) < 120


def test_span_error_is_shown_to_people_and_reported_by_validators() -> None:
    assert issubclass(SpanError, ResidencyError)
    assert issubclass(SpanError, ValueError)


@pytest.mark.parametrize("count", [-1, LARGEST_COUNT + 1])
def test_span_refuses_a_count_that_can_not_be_written(count: int) -> None:
    with pytest.raises(SpanError) as refusal:
        Span(count, Unit.DAYS)

    assert str(refusal.value) == f'"{count}" is not a count of a span; it goes from 0 to 99999'


@pytest.mark.parametrize(
    ("span", "long", "short"),
    [
        (Span(14, Unit.DAYS), "14 days", "14d"),
        (Span(1, Unit.DAYS), "1 day", "1d"),
        (Span(0, Unit.DAYS), "0 days", "0d"),
        (Span(3, Unit.BUSINESS_DAYS), "3 business days", "3bd"),
        (Span(1, Unit.BUSINESS_DAYS), "1 business day", "1bd"),
        (Span(9, Unit.MONTHS), "9 months", "9mo"),
        (Span(15, Unit.MINUTES), "15 minutes", "15min"),
    ],
)
def test_span_is_written_long_and_short(span: Span, long: str, short: str) -> None:
    assert (str(span), span.short) == (long, short)


@given(SPANS)
def test_span_comes_back_from_every_notation(span: Span) -> None:
    notations = [str(span), span.short]
    if span.unit in ISO_FORMS:
        notations.append(ISO_FORMS[span.unit].format(span.count))

    assert [Span.parse(notation) for notation in notations] == [span] * len(notations)


@given(st.text() | st.from_regex(r"[P0-9+-]{0,3} ?[a-zA-Z ]{0,8}", fullmatch=True))
def test_span_reads_any_text_or_refuses_it(text: str) -> None:
    try:
        span = Span.parse(text)
    except SpanError:
        return

    assert Span.parse(str(span)) == span


def test_span_tells_what_time_it_takes_exactly() -> None:
    exact = [Span.parse(text).exact for text in ("30s", "15min", "2h", "1d", "1bd")]

    assert exact == [timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=2), None, None]


@pytest.mark.parametrize(
    ("text", "long", "short", "negative"),
    [
        ("3 days before", "3 days before", "-3d", True),
        ("1 day after", "1 day after", "+1d", False),
        ("0 days after", "0 days after", "0d", False),
        ("0 days before", "0 days after", "0d", False),
        ("on the day", "0 days after", "0d", False),
        ("-3d", "3 days before", "-3d", True),
        ("+1d", "1 day after", "+1d", False),
        ("0d", "0 days after", "0d", False),
        ("-0d", "0 days after", "0d", False),
        ("2 business days before", "2 business days before", "-2bd", True),
        ("-P2W", "2 weeks before", "-2w", True),
        ("10 seconds before", "10 seconds before", "-10s", True),
    ],
)
def test_offset_reads_each_notation(text: str, long: str, short: str, *, negative: bool) -> None:
    offset = Offset.parse(text)

    assert (str(offset), offset.short, offset.negative) == (long, short, negative)


@pytest.mark.parametrize(
    "text",
    [
        "2 days befor",
        "2 days",
        "3d",
        "",
        "before",
        "after",
        "- 3d",
        "--3d",
        "+-3d",
        "-3 days before",
        "days after",
        "2 days  before",
        "2 days before after",
        "On the day",
    ],
)
def test_offset_refuses_junk_by_sentence(text: str) -> None:
    with pytest.raises(SpanError) as refusal:
        Offset.parse(text)

    quoted = " ".join(text.split())
    assert str(refusal.value) == (
        f'"{quoted}" is not an offset; write 2 days before, 1 day after or 0 days after'
    )


@pytest.mark.parametrize(("count", "sign"), [(1, 0), (0, 1), (0, -1), (1, 2)])
def test_offset_refuses_a_sign_that_contradicts_its_count(count: int, sign: int) -> None:
    with pytest.raises(SpanError, match="is not the sign of an offset"):
        Offset(Span(count, Unit.DAYS), sign)


@given(OFFSETS)
def test_offset_comes_back_from_both_notations(offset: Offset) -> None:
    assert Offset.parse(str(offset)) == Offset.parse(offset.short) == offset
