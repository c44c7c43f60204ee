import re

from store import ids


def test_new_ids_are_random_and_of_one_shape():
    made = {ids.new("r") for _ in range(1000)}

    assert len(made) == 1000
    assert all(re.fullmatch(r"r-[a-z2-7]{8}", each) for each in made)


def test_derived_ids_are_the_same_for_the_same_parts():
    assert ids.derived("p", "c-1", 7) == ids.derived("p", "c-1", 7)
    assert re.fullmatch(r"p-[a-z2-7]{8}", ids.derived("p", "c-1", 7))


def test_derived_ids_differ_where_parts_do():
    assert ids.derived("p", "c-1", 7) != ids.derived("p", "c-17", "")
    assert ids.derived("p", "ab", "c") != ids.derived("p", "a", "bc")
