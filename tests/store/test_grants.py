from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from store.grants import LASTS, Purpose
from tests.store.batches import AT

TASK = {"residency": "r-1", "task": "milestones/report/m1/1"}


def test_grant_given_again_is_the_same_one_and_lasts_longer(store):
    first = store.grants.give(Purpose.TASK, "p-1", **TASK, at=AT)

    again = store.grants.give(Purpose.TASK, "p-1", **TASK, at=AT + timedelta(days=30))

    assert again.id == first.id
    assert again.expires == first.expires + timedelta(days=30)
    assert store.grants.get(first.id) == again


def test_grant_given_a_moment_later_writes_nothing(store):
    first = store.grants.give(Purpose.PERSON, "p-1", at=AT)

    store.grants.give(Purpose.PERSON, "p-1", at=AT + timedelta(hours=23))

    assert store.grants.get(first.id).expires == AT + LASTS[Purpose.PERSON]


def test_grants_of_others_and_for_other_purposes_are_others(store):
    given = [
        store.grants.give(Purpose.TASK, "p-1", **TASK, at=AT),
        store.grants.give(Purpose.TASK, "p-2", **TASK, at=AT),
        store.grants.give(Purpose.TASK, "p-1", residency="r-2", task=TASK["task"], at=AT),
        store.grants.give(Purpose.PERSON, "p-1", at=AT),
        store.grants.give(Purpose.CALENDAR, "p-1", at=AT),
    ]

    assert len({grant.id for grant in given}) == len(given)


def test_grant_allows_until_it_expires_or_is_revoked(store):
    grant = store.grants.give(Purpose.PERSON, "p-1", at=AT)

    ended = store.grants.revoke("p-1", at=AT)

    assert grant.allows(at=grant.expires - timedelta(seconds=1))
    assert not grant.allows(at=grant.expires)
    assert ended == 1
    assert not store.grants.get(grant.id).allows(at=AT)


def test_revoked_grant_is_given_anew_under_another_id(store):
    old = store.grants.give(Purpose.PERSON, "p-1", at=AT)
    store.grants.revoke("p-1", at=AT)

    new = store.grants.give(Purpose.PERSON, "p-1", at=AT)

    assert new.id != old.id
    assert not store.grants.get(old.id).allows(at=AT)
    assert store.grants.get(new.id).allows(at=AT)


def test_expired_grant_stays_dead_when_another_is_given(store):
    old = store.grants.give(Purpose.PERSON, "p-1", at=AT)
    late = AT + LASTS[Purpose.PERSON]

    new = store.grants.give(Purpose.PERSON, "p-1", at=late)

    assert (new.id != old.id, new.number) == (True, 1)
    assert not store.grants.get(old.id).allows(at=late)
    assert store.grants.get(new.id).allows(at=late)


def test_revoking_one_purpose_leaves_the_others(store):
    store.grants.give(Purpose.PERSON, "p-1", at=AT)
    calendar = store.grants.give(Purpose.CALENDAR, "p-1", at=AT)

    store.grants.revoke("p-1", purpose=Purpose.PERSON, at=AT)

    assert store.grants.get(calendar.id).allows(at=AT)


def test_grant_asked_for_by_several_at_once_is_one(store):
    with ThreadPoolExecutor(8) as pool:
        given = list(
            pool.map(lambda _: store.grants.give(Purpose.TASK, "p-1", **TASK, at=AT), range(16))
        )

    assert len({grant.id for grant in given}) == 1
