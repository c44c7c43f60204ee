from datetime import timedelta

from tests.store.batches import AT

KEY = ("p-1", "r-1", "milestones/report/m1/1")


def test_draft_is_kept_as_typed_and_replaced(store):
    store.drafts.put(*KEY, {"done": "half"}, at=AT)

    store.drafts.put(*KEY, {"done": "all", "_at": ""}, at=AT + timedelta(minutes=1))

    assert store.drafts.get(*KEY) == ({"done": "all", "_at": ""}, AT + timedelta(minutes=1))


def test_draft_of_another_is_not_touched(store):
    store.drafts.put(*KEY, {"done": "mine"}, at=AT)
    store.drafts.put("p-2", *KEY[1:], {"done": "theirs"}, at=AT)

    store.drafts.drop(*KEY)

    assert store.drafts.get(*KEY) is None
    assert store.drafts.get("p-2", *KEY[1:]) == ({"done": "theirs"}, AT)
