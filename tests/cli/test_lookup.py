"""What a person types as a cohort: found, or told which ones there are."""

import pytest

from cli.lookup import cohort_of
from residency.errors import ResidencyError
from tests.store.batches import cohort


def opened(store, *rows):
    for row in rows:
        store.cohorts.open(row, [])


REAL = cohort("c-real", name="2031")
OTHER = cohort("c-other", name="2032", program="apple")
PLAYED = cohort("c-played", name="hf-rehearsal", rehearsal=True)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "fall"}, '"fall" is no cohort here; open are 2032 (c-other), 2031 (c-real).'),
        ({"name": "2131"}, '"2131" is no cohort here; did you mean "2031"?'),
        ({"name": "hf-rehersal"}, '"hf-rehersal" is no cohort here; did you mean "hf-rehearsal"?'),
        ({"name": "2031", "program": "appel"}, '"appel" has no cohort here; did you mean "apple"?'),
        ({"program": "zzz"}, '"zzz" has no cohort here; these have some: apple, hf.'),
        (
            {},
            (
                "Which cohort? apple 2032 (c-other), hf 2031 (c-real). "
                "Say it with --cohort (and --program), or by its id."
            ),
        ),
    ],
)
def test_refusal_names_real_cohorts_unless_a_rehearsal_is_meant(store, typed, sentence):
    opened(store, REAL, OTHER, PLAYED)

    with pytest.raises(ResidencyError) as told:
        cohort_of(store, **typed)

    assert str(told.value) == sentence


@pytest.mark.parametrize(
    ("typed", "begin"),
    [
        ({"name": "fall"}, '"fall" is no cohort here'),
        ({"program": "zzz"}, '"zzz" has no cohort here'),
    ],
)
def test_where_only_rehearsals_are_none_is_listed(store, typed, begin):
    opened(store, PLAYED)

    with pytest.raises(ResidencyError) as told:
        cohort_of(store, **typed)

    assert str(told.value) == (
        f"{begin}. None is open; `residency cohort open PROGRAM NAME` opens one, "
        "and `residency cohort list --rehearsals` lists rehearsals."
    )


def test_rehearsal_is_found_by_its_name_and_a_real_one_first(store):
    opened(store, REAL, cohort("c-same", name="2031", rehearsal=True), PLAYED)

    assert cohort_of(store, "2031").id == "c-real"
    assert cohort_of(store, "c-same").id == "c-same"
    assert cohort_of(store, "hf-rehearsal").id == "c-played"
    assert cohort_of(store).id == "c-real"
