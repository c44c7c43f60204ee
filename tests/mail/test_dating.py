"""Samples on a program's own days: as its schedule has them, in its zone, and in an order that can be."""

from datetime import date, timedelta

import pytest

from mail.dating import FIRST, Dates
from mail.samples import sample_letter
from residency.dates import parse_instant, zone_named
from residency.definition import definition_document, load
from residency.notices import CATALOG
from tests.mail.conftest import PROGRAMS


@pytest.fixture(scope="module", params=PROGRAMS)
def definition(request):
    return load(request.param)


@pytest.fixture(scope="module")
def dates(definition):
    return Dates.of(definition)


@pytest.fixture(scope="module")
def letters(definition, dates, house):
    renderer, document = house(), definition_document(definition)
    return {
        name: dates.letter(sample_letter(notice, renderer.check(name), document=document))
        for name, notice in CATALOG.items()
    }


def local(dates, instant):
    return instant.astimezone(zone_named(dates.zone))


def row_of(dates, what):
    return next((row.date for row in dates.rows if row.what == what), None)


def test_offer_is_due_when_the_schedule_says(dates, letters):
    due = local(dates, letters["offer"].due)

    assert (due - timedelta(minutes=1)).date() == row_of(dates, "Answer the offer: due")
    assert (due.hour, due.minute) == (0, 0)


def test_what_the_schedule_has_goes_when_it_says(dates, letters):
    for name in ("welcome", "review-wanted", "completed"):
        days = {row.date for row in dates.rows if row.notice == name}
        assert not days or local(dates, letters[name].at).date() in days


def test_no_mail_asks_for_what_was_due_before_but_those_who_are_late(letters):
    late = {name for name, letter in letters.items() if letter.due and letter.due <= letter.at}

    assert late == {"reminder", "escalation"}


@pytest.mark.parametrize("name", [name for name in CATALOG if name.endswith("-moved")])
def test_mail_of_a_meeting_comes_before_it_on_a_weekday(dates, letters, name):
    letter = letters[name]
    if "at" not in letter.data:
        return

    at = local(dates, parse_instant(str(letter.data["at"])))
    assert letter.at < at
    assert at.weekday() < 5
    assert 8 <= at.hour <= 18


def test_days_stay_between_the_first_rows_and_a_year_after_the_end(dates, letters):
    earliest = min(row.date for row in dates.rows) - timedelta(days=1)

    for letter in letters.values():
        assert earliest <= letter.at.date() <= dates.last + timedelta(days=365)


def test_welcome_names_the_programs_own_days(dates, letters):
    data = letters["welcome"].data

    assert date.fromisoformat(str(data["first"])) == FIRST
    assert date.fromisoformat(str(data["last"])) == dates.last
