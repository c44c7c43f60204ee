from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from residency.compile import compile_plan
from residency.dates import Calendar, Span, last_day
from residency.definition import definition_hash, load, program_ids
from residency.milestones import (
    calendar_of,
    milestone_count,
    milestone_days,
    milestone_due,
    presentation_day,
)
from residency.plan import Kind, MilestonePlan, Plan, PresentationPlan, Rule, Rung
from tests.residency.definitions import PEOPLE, SMALL, with_stages, write

HUGGINGFACE = "huggingface-ai-research-residency-2022"
PARIS = Calendar("Europe/Paris")


def compiled(name, cohort=None):
    definition = load(name)
    return compile_plan(definition, definition.cohorts.get(cohort or ""))


@pytest.mark.parametrize("name", program_ids())
def test_plan_is_small_and_has_no_texts(name):
    definition = load(name)

    text = compile_plan(definition).model_dump_json(exclude_defaults=True)

    assert len(text.encode()) <= 8 * 1024
    assert Plan.model_validate_json(text) == compile_plan(definition)
    for label in [*definition.program.statements.values(), definition.program.name]:
        assert label not in text


@pytest.mark.parametrize("name", program_ids())
def test_every_ladder_ends_with_a_coordinator_every_week(name):
    for kind in compiled(name).kinds.values():
        assert (kind.ladder[-1].to, kind.ladder[-1].every) == ("coordinator", "1w")
        assert [rung.every for rung in kind.ladder[:-1]] == [""] * (len(kind.ladder) - 1)


@pytest.mark.parametrize("name", program_ids())
def test_every_form_of_a_plan_is_in_the_definition(name):
    definition = load(name)

    forms = {kind.form for kind in compile_plan(definition).kinds.values()} - {""}

    assert forms <= set(definition.forms)


def test_plan_names_the_definition_it_was_made_from():
    definition = load(HUGGINGFACE)

    assert compile_plan(definition).definition == definition_hash(definition)


def test_house_ladder_ends_after_the_last_reminder(tmp_path):
    stages = ["screening: {remind: [2 weeks after]}"]

    ladder = compile_plan(load(write(tmp_path, with_stages(stages)))).kinds["review"].ladder

    assert ladder == [Rung(on="+2w"), Rung(on="+17d", to="coordinator", every="1w")]


def test_report_opens_a_week_before_and_climbs_its_own_ladder():
    assert compiled(HUGGINGFACE).kinds["report"] == Kind(
        by="resident",
        form="monthly-report",
        opens="-7d",
        notice="milestone-opening",
        ladder=[
            Rung(on="-2d"),
            Rung(on="+1d"),
            Rung(on="+3d"),
            Rung(on="+5d", to="mentor"),
            Rung(on="+8d", to="coordinator", every="1w"),
        ],
    )


def test_sign_off_is_the_lead_mentors():
    kind = compiled(HUGGINGFACE).kinds["sign-off"]

    assert (kind.by, kind.rule, kind.due) == ("mentors", Rule.LEAD, "5d")
    assert kind.outcomes == ["approved", "changes"]


def test_override_of_a_form_makes_a_kind_of_its_own():
    plan = compiled(HUGGINGFACE)

    assert [item.report for item in plan.milestones.items if item.report != "report"] == [
        "report-m6"
    ]
    assert plan.kinds["report-m6"].form == "half-way-report"
    assert plan.kinds["report-m6"].ladder == plan.kinds["report"].ladder


def test_name_alone_makes_no_kind():
    assert "report-m3" not in compiled(HUGGINGFACE).kinds


def test_requirements_keep_their_tree():
    requires = compiled(HUGGINGFACE).application.requires

    assert requires.model_dump(exclude_defaults=True) == {
        "all_of": [
            {
                "any_of": [
                    {"all_of": ["programming_skills", "prerequisite_courses"]},
                    "open_source_links",
                ]
            },
            "positive_change_proposal",
        ]
    }


def test_judges_are_answers_unless_a_role_is_named():
    assert compiled("apple-aiml-residency-2020").application.judged == {
        "stem_graduate": "answers",
        "industry_professional": "reviewers",
    }


def test_optional_presentation_is_offered_and_not_evaluated():
    plan = compiled("apple-aiml-internship")

    assert plan.presentation.optional
    assert "presentation-offer" in plan.kinds
    assert not {"evaluate", "decide-presentation"} & set(plan.kinds)


def test_attestation_at_the_end_has_its_form():
    plan = compiled("apple-aiml-internship")

    assert plan.completion.attest
    assert plan.kinds["attest-end"].form == "attestations"


def test_stage_that_is_off_is_none_and_has_no_kinds(tmp_path):
    stages = ["interviews: off", "presentation: off", "publication: off"]
    plan = compile_plan(load(write(tmp_path, with_stages(stages))))

    assert (plan.interviews, plan.presentation, plan.publication) == (None, None, None)
    assert not [name for name in plan.kinds if "round" in name or "presentation" in name]
    assert plan.completion.require == ["milestones"]


def test_odd_list_of_milestones_is_compiled(tmp_path):
    stage = (
        "milestones: {at: [{id: kickoff, due: 10 days, report: off},"
        " {id: demo, due: 2027-04-01, sign_off: {due: 2 days}},"
        " {id: end, due: 10 weeks, sign_off: off}]}"
    )

    plan = compile_plan(load(write(tmp_path, with_stages([stage]))))

    assert plan.milestones.items == [
        MilestonePlan(id="kickoff", month="10d", report="", sign_off="sign-off"),
        MilestonePlan(id="demo", day=date(2027, 4, 1), report="report", sign_off="sign-off-demo"),
        MilestonePlan(id="end", month="10w", report="report", sign_off=""),
    ]
    assert plan.kinds["sign-off-demo"].due == "2d"


def test_only_wins_over_the_list(tmp_path):
    stage = (
        "milestones: {at: [{id: a, due: 2 weeks, report: {form: report, opens: 1 day before}}],"
        " only: {a: {due: 3 weeks, report: {form: problem}, sign_off: off}}}"
    )

    plan = compile_plan(load(write(tmp_path, with_stages([stage]))))

    assert plan.milestones.items == [MilestonePlan(id="a", month="3w", report="report-a")]
    assert (plan.kinds["report-a"].form, plan.kinds["report-a"].opens) == ("problem", "-1d")


def test_last_short_period_ends_with_the_program(tmp_path):
    plan = compile_plan(load(write(tmp_path)))

    assert [item.month for item in plan.milestones.items] == ["1mo", "2mo", "10w"]


def test_holidays_of_countries_come_with_a_cohort(tmp_path):
    program = SMALL + "holidays: [PT, 2027-03-08]\nroll: true\n"
    definition = load(write(tmp_path, program, cohorts={"spring": PEOPLE}))

    plan = compile_plan(definition, definition.cohorts["spring"])

    assert date(2027, 4, 25) in plan.holidays
    assert date(2027, 3, 8) in plan.holidays
    assert min(plan.holidays) >= date(2027, 3, 1)
    assert compile_plan(definition).holidays == [date(2027, 3, 8)]


def test_last_milestone_leaves_time_for_its_sign_off():
    day = milestone_due(
        MilestonePlan(id="m9", month="9mo"),
        date(2022, 5, 1),
        date(2023, 1, 31),
        PARIS,
        Span.parse("5d"),
        True,
    )

    assert day == date(2023, 1, 25)


def test_other_milestone_is_due_at_the_end_of_its_month():
    item = MilestonePlan(id="m1", month="1mo")

    assert milestone_due(item, date(2023, 1, 31), date(2023, 10, 30), PARIS) == date(2023, 2, 27)


def test_fixed_day_stays():
    item = MilestonePlan(id="demo", day=date(2023, 1, 1))

    assert milestone_due(item, date(2022, 1, 1), date(2022, 9, 30), PARIS) == date(2023, 1, 1)


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (PresentationPlan(before_end="14d"), date(2023, 1, 17)),
        (PresentationPlan(before_end="0d"), date(2023, 1, 31)),
        (PresentationPlan(day=date(2023, 1, 5)), date(2023, 1, 5)),
    ],
)
def test_presentation_is_before_the_end_or_on_its_day(plan, expected):
    assert presentation_day(plan, date(2023, 1, 31), PARIS) == expected


@pytest.mark.parametrize(
    ("length", "every", "count"),
    [("9mo", "1mo", 9), ("1y", "3mo", 4), ("12w", "1mo", 3), ("10d", "3d", 4), ("1w", "1mo", 1)],
)
def test_periods_are_counted_with_a_last_short_one(length, every, count):
    assert milestone_count(length, every) == count


@given(first=st.dates(date(2020, 1, 1), date(2040, 1, 1)), roll=st.booleans())
def test_milestones_lie_in_order_within_the_residency(first, roll):
    plan = HUGGINGFACE_PLAN.model_copy(update={"roll": roll})
    calendar = calendar_of(plan)
    last = last_day(first, Span.parse(plan.length))

    days = list(milestone_days(plan, first_day=first, last_day=last, calendar=calendar).values())

    assert days == sorted(days)
    assert first < days[0]
    assert calendar.add(days[-1], Span.parse("5d")) < last


HUGGINGFACE_PLAN = compiled(HUGGINGFACE)
