"""Rules: do requirements hold, and what does a score prepare."""

from collections.abc import Mapping, Sequence

from residency.plan import Group

Results = Mapping[str, bool | None]
"""What is known of each requirement; a missing one and None are not known yet."""


def evaluate(rule: Group | str, results: Results) -> bool | None:
    """Whether the requirements hold; None while what is unknown could still decide it.

    A group without members holds; one that has several lists holds where each of them does.
    """
    if isinstance(rule, str):
        return results.get(rule)
    return _all(
        [
            _all([evaluate(one, results) for one in rule.all_of]),
            _any([evaluate(one, results) for one in rule.any_of]) if rule.any_of else True,
            _all([_not(evaluate(one, results)) for one in rule.none_of]),
        ]
    )


def _all(values: Sequence[bool | None]) -> bool | None:
    if False in values:
        return False
    return None if None in values else True


def _any(values: Sequence[bool | None]) -> bool | None:
    if True in values:
        return True
    return None if None in values else False


def _not(value: bool | None) -> bool | None:  # noqa: FBT001  # It is what is negated.
    return None if value is None else not value


def requirements(rule: Group | str) -> list[str]:
    """Every requirement in a rule, in the order written, each once."""
    if isinstance(rule, str):
        return [rule]
    found = [
        name for one in (*rule.all_of, *rule.any_of, *rule.none_of) for name in requirements(one)
    ]
    return list(dict.fromkeys(found))


def unmet(rule: Group | str, results: Results) -> list[str]:
    """The requirements that explain why a rule does not hold; empty while it holds or may."""
    if evaluate(rule, results) is not False:
        return []
    if isinstance(rule, str):
        return [rule]
    found = [name for one in rule.all_of for name in unmet(one, results)]
    if rule.any_of and _any([evaluate(one, results) for one in rule.any_of]) is False:
        found += [name for one in rule.any_of for name in unmet(one, results)]
    for one in rule.none_of:
        if evaluate(one, results):
            found += [name for name in requirements(one) if results.get(name)]
    return list(dict.fromkeys(found))


def satisfying(rule: Group | str, *, most: int = 16) -> dict[str, bool] | None:
    """Results with which the rule holds, as many of them met as can be; None if there are none.

    A rule of more than `most` requirements is taken to be satisfiable where all met satisfy it.
    """
    names = requirements(rule)
    every = dict.fromkeys(names, True)
    if evaluate(rule, every) or len(names) > most:
        return every if evaluate(rule, every) else dict.fromkeys(names, False)
    numbers = sorted(range(2 ** len(names)), key=lambda number: -number.bit_count())
    for number in numbers:
        results = {name: bool(number >> place & 1) for place, name in enumerate(names)}
        if evaluate(rule, results):
            return results
    return None


def prepared(score: float | None, bound: float | None) -> str:
    """What a score prepares: advance from the bound on, else reject; empty without either."""
    if score is None or bound is None:
        return ""
    # Scores are means of a few whole numbers: what differs by rounding only is the same.
    return "advance" if score >= bound - 1e-9 else "reject"
