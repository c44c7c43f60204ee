import pytest

from residency.definition import load
from residency.program import Words
from residency.stages import Milestones
from residency.titles import milestone_titles


@pytest.mark.parametrize(
    ("every", "period", "length", "named"),
    [
        ("1 month", "month", "3 months", ["Month 1", "Month 2", "Month 3"]),
        ("3 months", "month", "12 months", ["Month 3", "Month 6", "Month 9", "Month 12"]),
        ("2 months", "month", "5 months", ["Month 2", "Month 4", "Month 5"]),
        ("3 months", "quarter", "6 months", ["Quarter 1", "Quarter 2"]),
        ("3 months", "month", "1 year", ["Month 3", "Month 6", "Month 9", "Month 12"]),
    ],
)
def test_milestone_is_called_by_the_period_at_whose_end_it_is(every, period, length, named):
    program = load("apple-aiml-residency-2020").program
    stages = program.stages.model_copy(update={"milestones": Milestones(every=every)})
    words = Words(period=period)

    found = milestone_titles(
        program.model_copy(update={"stages": stages, "words": words, "length": length})
    )

    assert list(found.values()) == named
