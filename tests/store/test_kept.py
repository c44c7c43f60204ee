"""Submissions, clicks and definitions."""

import pytest

from residency.errors import DefinitionError, ResidencyError
from residency.wire import Act
from tests.store.batches import AT, R

ANSWERS = {"why": "Because 🤗", "years": 3, "links": ["a", "b"], "agreed": True}


def add(store, name="s-1", answers=ANSWERS, **more):
    store.submissions.add(name, R, "p-a", "application", answers, AT, **more)


def test_submission_comes_back_as_given(store):
    add(store, text="A reason.")

    found = store.submissions.get("s-1")
    assert (found.residency, found.person, found.form, found.at) == (R, "p-a", "application", AT)
    assert (found.answers, found.text) == (ANSWERS, "A reason.")
    assert store.submissions.of(R) == [found]
    assert store.submissions.get("s-2") is None


def test_submission_is_never_changed(store):
    add(store)
    add(store)

    with pytest.raises(ResidencyError) as refused:
        add(store, answers={"why": "Another"})

    assert str(refused.value) == 'The submission "s-1" is kept already, with other answers.'
    assert store.submissions.get("s-1").answers == ANSWERS


def test_click_waits_until_it_is_answered(store):
    first, second = (Act(id=name, verb="note", actor="p-a", reason="s-1") for name in ("a", "b"))
    new = [store.clicks.put(R, act) for act in (first, second, first)]

    store.clicks.answered("a", "done")

    assert store.clicks.waiting() == [(R, second)]
    assert new == [True, True, False]


def test_definition_comes_back_and_is_kept(store):
    store.definitions.save("d1", "hf", 1, {"program": {"name": "🤗"}})
    store.definitions.save("d1", "hf", 1, {"program": {"name": "🤗"}})

    assert store.definitions.get("d1") == {"program": {"name": "🤗"}}
    assert store.definitions.get("d1") is store.definitions.get("d1")


def test_another_definition_needs_another_version(store):
    store.definitions.save("d1", "hf", 1, {})

    with pytest.raises(DefinitionError) as refused:
        store.definitions.save("d2", "hf", 1, {})

    assert str(refused.value) == (
        'hf: version "1" was used before with another content; '
        "write `version: 2` in its program.yaml."
    )
    store.definitions.save("d2", "hf", 2, {})


def test_unknown_definition_is_refused(store):
    with pytest.raises(ResidencyError) as refused:
        store.definitions.get("d9")

    assert str(refused.value) == 'There is no definition "d9" in the database.'
