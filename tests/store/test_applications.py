"""Applications on their way in, and the answers about identity that leave them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from residency.settings import CHECKOUT
from store.applications import UNCONFIRMED, Application
from store.grants import Purpose
from store.tables import identities

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


def application(id="d-one", *, email="Ada@example.org", cohort="c-one", **more):
    return Application(id=id, cohort=cohort, email=email, created=AT, changed=AT, **more)


def sent(store, one, *, residency="r-one"):
    store.applications.begin(one)
    store.applications.confirm(one.id, at=AT)
    return store.applications.seal(one, residency=residency, at=LATER)


def test_what_is_typed_again_takes_the_place_of_what_was_typed_before(store):
    store.applications.begin(application(given={"name": "A"}))

    store.applications.begin(application(given={"name": "Ada"}, zone="Asia/Tokyo"))

    kept = store.applications.get("d-one")
    assert (kept.given, kept.zone) == ({"name": "Ada"}, "Asia/Tokyo")


def test_confirmed_one_is_not_begun_anew(store):
    store.applications.begin(application(given={"name": "Ada"}))
    store.applications.confirm("d-one", at=AT)

    answered = store.applications.begin(application(given={"name": "Mallory"}))

    assert answered == store.applications.get("d-one")
    assert answered.given == {"name": "Ada"}


def test_address_is_confirmed_once(store):
    store.applications.begin(application())

    store.applications.confirm("d-one", at=AT)
    store.applications.confirm("d-one", at=LATER)

    assert store.applications.get("d-one").confirmed == AT


def test_of_too_many_that_wait_those_go_first_whose_link_nobody_has(store):
    waiting = [
        application(f"d-{number:02}", given={"name": str(number)}) for number in range(UNCONFIRMED)
    ]
    for number, one in enumerate(waiting):
        store.applications.begin(replace(one, changed=AT + timedelta(minutes=number)))
    store.applications.begin(application("d-other", cohort="c-two"))
    store.grants.give(Purpose.APPLICATION, "d-00", at=AT)

    store.applications.begin(application("d-new"))
    store.applications.begin(application("d-newer"))

    gone = {"d-01", "d-new"}  # The newest of all was typed last, but says an earlier time.
    left = {one.id for one in store.applications.of_address("c-one", "ada@example.org")}
    assert left == {one.id for one in waiting} - gone | {"d-newer"}
    assert store.applications.get("d-other") is not None


def test_what_is_confirmed_never_goes_for_what_a_stranger_types(store):
    store.applications.begin(application())
    store.applications.confirm("d-one", at=AT)

    for number in range(2 * UNCONFIRMED):
        store.applications.begin(application(f"d-{number}", given={"name": "Mallory"}))

    found = store.applications.of_address("c-one", "ada@example.org")
    assert found[0].id == "d-one"
    assert len(found) == 1 + UNCONFIRMED


def test_those_of_an_address_are_sorted_by_how_far_they_are(store):
    for number in range(3):
        one = application(f"d-{number}", email="ADA@example.org ")
        store.applications.begin(replace(one, changed=AT + timedelta(minutes=number)))
    store.applications.begin(application("d-other", cohort="c-two"))
    store.applications.confirm("d-0", at=AT)

    found = store.applications.of_address("c-one", "ada@EXAMPLE.org")

    assert [one.id for one in found] == ["d-0", "d-2", "d-1"]


def test_only_what_is_confirmed_is_sent_and_only_once(store):
    store.applications.begin(application())
    unconfirmed = store.applications.seal(application(), residency="r-one", at=LATER)
    store.applications.confirm("d-one", at=AT)

    first = store.applications.seal(application(), residency="r-one", at=LATER)
    second = store.applications.seal(application(), residency="r-two", at=LATER)
    gone = store.applications.seal(application("d-gone", email="b@b.org"), residency="r", at=LATER)

    assert (unconfirmed, second, gone) == (None, None, None)
    assert (first.residency, first.sent) == ("r-one", LATER)


def test_sending_one_ends_the_others_of_its_address(store):
    store.applications.begin(application("d-two"))

    sent(store, application())

    assert [one.id for one in store.applications.of_address("c-one", "ada@example.org")] == [
        "d-one"
    ]


def test_what_was_sent_can_be_neither_changed_nor_dropped_nor_sent_anew(store):
    kept = sent(store, application(given={"name": "Ada"}))

    saved = store.applications.save(application(given={"name": "Mallory"}))
    store.applications.drop("d-one")
    store.applications.begin(application("d-two"))
    store.applications.confirm("d-two", at=LATER)
    again = store.applications.seal(application("d-two"), residency="r-two", at=LATER)

    assert (saved, again) == (False, None)
    assert store.applications.get("d-one") == kept


def test_what_was_sent_waits_until_its_residency_is_on_record(store):
    kept = sent(store, application())
    before = store.applications.waiting()

    with store.database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO residencies (id, program) VALUES ('r-one', 'x')")

    assert before == [kept]
    assert store.applications.waiting() == []


def test_what_was_taken_leaves_no_answers_behind(store):
    sent(store, application(given={"answers": {"a": "b"}}, identity={"c": "d"}))

    store.applications.settle("d-one", keep={"track": "research"})

    kept = store.applications.get("d-one")
    assert (kept.given, kept.identity) == ({"track": "research"}, {})


def test_only_what_was_never_sent_is_forgotten(store):
    sent(store, application())
    store.applications.begin(application("d-two", email="bob@example.org"))
    store.applications.begin(application("d-three", cohort="c-two"))

    assert store.applications.forget(["c-one"]) == 1
    assert store.applications.forget(["c-one"]) == 0
    assert store.applications.forget([]) == 0
    assert [store.applications.get(id) is None for id in ("d-one", "d-two", "d-three")] == [
        False,
        True,
        False,
    ]


def test_identity_is_kept_once_and_no_answer_leaves_no_row(store):
    store.identities.put("r-one", "c-one", {"a": "b"}, at=AT)
    store.identities.put("r-one", "c-one", {"a": "other"}, at=LATER)
    store.identities.put("r-two", "c-one", {}, at=AT)

    with store.database.reading() as connection:
        found = connection.execute(select(identities)).all()
    assert [tuple(row) for row in found] == [("r-one", "c-one", {"a": "b"}, AT)]


WRITERS = {"store/identities.py", "store/tables.py", "store/discard.py", "store/__init__.py"}


@pytest.mark.parametrize("word", ["identities"])
def test_nothing_but_the_intake_knows_where_identity_is(word):
    rooms = [*CHECKOUT.glob("*.py"), *CHECKOUT.glob("*/*.py"), *CHECKOUT.glob("*/*/*.py")]
    ours = [path for path in rooms if not _is_outside(path.relative_to(CHECKOUT))]

    found = {
        str(path.relative_to(CHECKOUT)) for path in ours if word in path.read_text(encoding="utf-8")
    }

    assert found - WRITERS == {"intake.py"}


def _is_outside(path: Path) -> bool:
    return (
        path.parts[0] in {"tests", "docs"} or "migrations" in path.parts or path.parts[0][0] == "."
    )
