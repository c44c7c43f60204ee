"""Checks of forms beyond single values: ids, choices, scales, weights and samples."""

from residency.definition import Draft
from residency.faulting import Checker
from residency.fields import ROLES
from residency.forms import Form, FormField, refusal
from residency.source import Steps, quoted
from residency.validation import did_you_mean

_CHOICES = ("choice", "choices")
_NUMBERS = ("number", "scale")
_TEXTS = ("line", "text", "link")


def check_forms(draft: Draft) -> None:
    """Note the faults of every form file that could be read."""
    named = {role for cohort in draft.cohorts.values() for role in cohort.others}
    for name, form in draft.read.items():
        _check_form(Checker(draft.sources[f"forms/{name}"]), form, {*ROLES, *named})


def _check_form(checker: Checker, form: Form, roles: set[str]) -> None:
    seen: set[str] = set()
    for number, field in enumerate(form.fields):
        steps: Steps = ("fields", number)
        if field.id in seen:
            checker.fault(*steps, "id", says=f"{quoted(field.id)} stands there twice")
        seen.add(field.id)
        for role in field.readers:
            if role not in roles:
                near = did_you_mean(role, sorted(roles))
                says = f"{quoted(role)} is no role{near or '; write ' + ', '.join(ROLES)}"
                checker.fault(*steps, "readers", says=says)
        _check_field(checker, steps, field)


def _check_field(checker: Checker, steps: Steps, field: FormField) -> None:
    if field.type in _CHOICES and not field.values:
        checker.fault(*steps, says=f"a {field.type} has no values; write values: [one, two]")
    _check_only_for(checker, steps, field, name="values", types=_CHOICES)
    _check_only_for(checker, steps, field, name="weight", types=("scale",))
    _check_only_for(checker, steps, field, name="least", types=_NUMBERS)
    _check_only_for(checker, steps, field, name="most", types=_NUMBERS)
    _check_only_for(checker, steps, field, name="length", types=_TEXTS)
    least, most = field.bounds if field.type == "scale" else (field.least or 0, field.most)
    if most is not None and field.type in _NUMBERS and (least >= most):
        says = (
            f"from {quoted(f'{least:g}')} to {quoted(f'{most:g}')} is no range; most is above least"
        )
        checker.fault(*steps, "most" if field.most is not None else "least", says=says)
        return
    if field.sample is not None and (field.type not in _CHOICES or field.values):
        sentence = refusal(field, field.sample)
        if sentence:
            checker.fault(*steps, "sample", says=sentence)


def _check_only_for(
    checker: Checker, steps: Steps, field: FormField, *, name: str, types: tuple[str, ...]
) -> None:
    if getattr(field, name) not in (None, {}) and field.type not in types:
        says = f"a {field.type} has none; it is for {' and '.join(types)}"
        checker.fault(*steps, name, says=says, at_key=True)
