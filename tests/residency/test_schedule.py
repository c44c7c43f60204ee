from datetime import date

import pytest

from residency.compile import compile_plan
from residency.definition import load, program_ids
from residency.notices import notice_named
from residency.schedule import schedule
from residency.titles import titles
from tests.residency.definitions import SMALL, with_stages, write

START = date(2027, 3, 1)


def rows_of(name, **dates):
    definition = load(name)
    return schedule(
        compile_plan(definition), titles=titles(definition.program), **{"first_day": START} | dates
    )


@pytest.mark.parametrize("name", program_ids())
def test_schedule_is_in_order_and_knows_its_notices(name):
    rows = rows_of(name)

    assert rows == sorted(rows, key=lambda row: (row.date, row.time))
    for row in rows:
        assert not row.notice or notice_named(row.notice)


def test_residency_has_its_days():
    rows = rows_of("huggingface-ai-research-residency-2022", first_day=date(2022, 5, 1))

    named = {row.what: (row.date.isoformat(), row.time) for row in rows if not row.notice}
    assert named["First day"] == ("2022-05-01", "00:00")
    assert named["Report: Month 1: Problem chosen: due"] == ("2022-05-31", "23:59")
    assert named["Report: Month 9: Paper and code: due"] == ("2023-01-25", "23:59")
    assert named["Presentation"][0] == "2023-01-17"


def test_application_closes_so_that_the_offer_is_answered_before_the_checklist():
    rows = rows_of("apple-aiml-internship")

    accepted = next(row.date for row in rows if row.notice == "offer-accepted")
    first = min(row.date for row in rows if row.stage == "onboarding" and row.what.endswith("due"))
    assert accepted <= first


def test_cohort_gives_its_own_dates():
    rows = rows_of(
        "huggingface-ai-research-residency-2022", opens=date(2026, 8, 1), closes=date(2026, 9, 1)
    )

    assert (rows[0].date, rows[0].what) == (date(2026, 8, 1), "Applications open")


def test_mails_wait_for_the_send_window_unless_they_are_critical():
    rows = [row for row in rows_of("huggingface-ai-research-residency-2022") if row.notice]

    for row in rows:
        if not notice_named(row.notice).critical:
            assert "08:00" <= row.time < "18:00"
            assert row.date.weekday() < 5
    assert {row.time for row in rows if row.notice == "offer"} == {"23:59"}


def test_late_rows_are_marked():
    rows = rows_of("huggingface-ai-research-residency-2022")

    assert {row.notice for row in rows if row.late} == {
        "reminder",
        "escalation",
        "offer-reminder",
        "offer-lapsed",
    }


def test_stages_that_are_off_have_no_rows(tmp_path):
    stages = ["interviews: off", "offer: off", "milestones: off", "completion: off"]

    rows = rows_of(write(tmp_path, with_stages(stages)))

    assert not {row.stage for row in rows} & {"interviews", "offer", "milestones", "completion"}


def test_everything_but_the_end_may_be_off(tmp_path):
    names = ["application", "screening", "interviews", "selection", "offer", "onboarding"]
    stages = [f"{name}: off" for name in [*names, "milestones", "presentation"]]

    rows = rows_of(write(tmp_path, with_stages(stages)))

    assert [row.notice for row in rows] == ["", "completed", "residency-ended"]


def test_row_as_json_has_iso_dates(tmp_path):
    row = rows_of(write(tmp_path, SMALL))[0]

    assert row.as_json()["date"] == row.date.isoformat()


def test_hours_stay_on_their_day(tmp_path):
    stages = ["offer: {remind: [6 hours before], lapse: 1 hour after}"]

    rows = rows_of(write(tmp_path, with_stages(stages)))

    due = next(row.date for row in rows if row.what == "Answer the offer: due")
    assert [row.date for row in rows if row.notice == "offer-accepted"] == [due]
    lapsed = next(row.date for row in rows if row.notice == "offer-lapsed")
    assert 0 <= (lapsed - due).days <= 3  # The mail waits for the next business day.


def test_rolled_items_stay_within_the_residency(tmp_path):
    items = "{id: desk, by: mentors, due: 69 days after}"
    text = write(tmp_path, with_stages([f"onboarding: {{items: [{items}]}}"]))
    plan = compile_plan(load(text)).model_copy(update={"roll": True})

    rows = schedule(plan, first_day=START)

    due = next(row.date for row in rows if row.what.endswith("desk: due"))
    assert due == date(2027, 5, 7)  # the last day is Sunday, May 9
