import pytest
from hypothesis import given
from hypothesis import strategies as st

from residency.plan import Group
from residency.rules import (
    evaluate,
    prepared,
    requirements,
    satisfying,
    unmet,
)

SKILLS = Group(
    all_of=[
        Group(any_of=[Group(all_of=["programming", "courses"]), "links"]),
        "proposal",
    ]
)


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ({"programming": True, "courses": True, "proposal": True}, True),
        ({"links": True, "proposal": True}, True),
        ({"proposal": False}, False),
        ({"programming": False, "links": False}, False),
        ({"programming": True, "courses": True, "links": False}, None),
        ({}, None),
        ({"programming": False, "proposal": True}, None),
    ],
)
def test_rule_is_decided_as_soon_as_it_can_be(results, expected):
    assert evaluate(SKILLS, results) is expected


@pytest.mark.parametrize(("value", "expected"), [(True, False), (False, True), (None, None)])
def test_none_of_turns_results_around(value, expected):
    assert evaluate(Group(none_of=["a"]), {"a": value}) is expected


def test_empty_group_holds():
    assert evaluate(Group(), {}) is True


def groups():
    names = st.sampled_from("abcd")
    return st.recursive(
        names,
        lambda inner: st.builds(
            Group,
            all_of=st.lists(inner, max_size=2),
            any_of=st.lists(inner, max_size=2),
            none_of=st.lists(inner, max_size=2),
        ),
        max_leaves=8,
    )


@given(groups(), st.dictionaries(st.sampled_from("abcd"), st.booleans()))
def test_decided_rule_stays_decided_whatever_the_rest_is(rule, results):
    known = evaluate(rule, results)

    if known is not None:
        for rest in (False, True):
            assert evaluate(rule, dict.fromkeys("abcd", rest) | results) is known


@given(groups())
def test_satisfying_results_hold_or_nothing_does(rule):
    found = satisfying(rule)

    names = requirements(rule)
    every = [
        {name: bool(number >> place & 1) for place, name in enumerate(names)}
        for number in range(2 ** len(names))
    ]
    assert (found is not None) == any(evaluate(rule, one) for one in every)
    assert found is None or evaluate(rule, found) is True


def test_unmet_names_what_explains_the_rejection():
    results = {"programming": True, "courses": False, "links": False, "proposal": True}

    assert unmet(SKILLS, results) == ["courses", "links"]
    assert unmet(SKILLS, results | {"links": True}) == []
    assert unmet(Group(none_of=["a"]), {"a": True}) == ["a"]


@pytest.mark.parametrize(
    ("score", "bound", "expected"),
    [
        (0.6, 0.6, "advance"),
        (0.1 + 0.2, 0.3, "advance"),
        (0.3, 0.1 + 0.2, "advance"),
        (0.59, 0.6, "reject"),
        (None, 0.6, ""),
        (0.6, None, ""),
    ],
)
def test_bound_prepares_a_decision(score, bound, expected):
    assert prepared(score, bound) == expected
