from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from residency.errors import ResidencyError
from residency.wire import Act, Assign, SeatWanted, Tag
from store.cohorts import Member
from store.grants import Purpose
from store.holds import Hold, Scope
from store.reviews import Did, Review
from store.tables import applications, identities, metadata
from store.webhooks import MailEvent
from tests.store.batches import AT, R, batch, cohort, event, mail, open_cohort, person, started

POOL = [("p-a", None, []), ("p-b", None, []), ("p-c", None, [])]


def assign(store, residency, *, count=1, **more):
    wanted = {"cohort": "c-aaaaaaaa", "role": "reviewers", "count": count}
    return store.cohorts.assign(Assign(residency=residency, **wanted | more)).who


def seat(store, residency, track=""):
    return store.cohorts.seat(SeatWanted(residency=residency, cohort="c-aaaaaaaa", track=track))


def test_cohort_comes_back_as_opened(store):
    row = open_cohort(store, people=[("p-a", 3, ["research"])], seats={"research": 2, "ae": 1})

    assert store.cohorts.get(row.id) == row
    assert store.cohorts.by_name("hf", "2026") == row
    assert row.seats_in_all == 3
    assert store.cohorts.members(row.id) == [
        Member(role="reviewers", person="p-a", place=0, most=3, tracks=["research"])
    ]


def test_cohort_of_the_same_name_is_refused(store):
    store.cohorts.open(cohort("c-1"))

    with pytest.raises(ResidencyError) as refused:
        store.cohorts.open(cohort("c-2"))

    assert str(refused.value) == 'The cohort "2026" of hf is open already: c-1.'


def test_cohort_opened_again_takes_new_dates_over(store):
    store.cohorts.open(cohort("c-1", rehearsal=True))
    store.cohorts.set_clock("c-1", AT)

    store.cohorts.open(cohort("c-1", rehearsal=True, seats=9))

    again = store.cohorts.get("c-1")
    assert (again.seats, again.clock) == (9, AT)


def test_rehearsals_are_listed_only_when_asked_for(store):
    store.cohorts.open(cohort("c-1"))
    store.cohorts.open(cohort("c-2", rehearsal=True))
    store.cohorts.open(cohort("c-3", rehearsal=True))

    assert [row.id for row in store.cohorts.list()] == ["c-1"]
    assert {row.id for row in store.cohorts.list(rehearsals=True)} == {"c-1", "c-2", "c-3"}
    assert store.cohorts.by_name("hf", "2026").id == "c-1"


def test_clock_of_a_rehearsal_never_goes_back(store):
    store.cohorts.open(cohort("c-1", rehearsal=True))
    store.cohorts.open(cohort("c-2", name="real"))

    for known, at in (("c-1", AT), ("c-1", AT - timedelta(days=1)), ("c-2", AT)):
        store.cohorts.set_clock(known, at)

    assert store.cohorts.get("c-1").clock == AT
    assert store.cohorts.get("c-2").clock is None


def test_work_is_given_in_turn(store):
    open_cohort(store, people=POOL)

    given = [assign(store, f"r-{number}", count=2) for number in range(3)]

    assert given == [["p-a", "p-b"], ["p-c", "p-a"], ["p-b", "p-c"]]


def test_same_question_gives_the_same_people(store):
    open_cohort(store, people=POOL)
    first = assign(store, "r-1", count=2)
    assign(store, "r-2", count=1)

    assert assign(store, "r-1", count=2) == first
    assert assign(store, "r-2", item="research") == ["p-a"]


def test_nobody_gets_more_than_their_most(store):
    open_cohort(store, people=[("p-a", 1, []), ("p-b", 2, [])])

    given = [assign(store, f"r-{number}", count=2) for number in range(3)]

    assert given == [["p-a", "p-b"], ["p-b"], []]


def test_tracks_and_exceptions_are_respected(store):
    open_cohort(store, people=[("p-a", None, ["ae"]), ("p-b", None, []), ("p-c", None, [])])

    assert assign(store, "r-1", track="research", count=3, but=["p-b"]) == ["p-c"]
    assert assign(store, "r-2", track="ae") == ["p-a"]


def test_appointment_takes_the_place_of_what_was_given(store):
    open_cohort(store, people=[("p-a", 1, []), ("p-b", 1, [])])
    assign(store, R)
    told = event(2, Tag.APPOINTED, role="reviewers", who="p-b")

    store.record.append(batch(started(), told))

    assert assign(store, "r-2", count=2) == ["p-a"]


def test_relieved_and_ended_people_are_free_again(store):
    open_cohort(store, people=[("p-a", 1, []), ("p-b", 1, [])])
    who = ",".join(assign(store, R, count=2))
    store.record.append(batch(started(), event(2, Tag.APPOINTED, role="reviewers", who=who)))
    full = assign(store, "r-2", count=2)

    store.record.append(batch(event(3, Tag.RELIEVED, role="reviewers", who="p-a")))
    one = assign(store, "r-3", count=2)
    store.record.append(batch(event(4, Tag.ENDED, how="completed")))
    other = assign(store, "r-4", count=2)

    assert (full, one, other) == ([], ["p-a"], ["p-b"])


def test_pools_never_overflow_under_many_threads(store):
    open_cohort(store, people=[("p-a", 5, []), ("p-b", 4, [])])

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda number: assign(store, f"r-{number}"), range(20)))

    assert sorted(map(tuple, given)) == [()] * 11 + [("p-a",)] * 5 + [("p-b",)] * 4


def test_seats_are_granted_until_none_is_left(store):
    open_cohort(store)

    said = [seat(store, f"r-{number}") for number in (1, 2, 3, 1)]

    assert [(one.granted, one.taken, one.seats) for one in said] == [
        (True, 1, 2),
        (True, 2, 2),
        (False, 2, 2),
        (True, 2, 2),
    ]


def test_each_track_has_its_own_seats(store):
    open_cohort(store, seats={"research": 1, "ae": 1})

    granted = [
        seat(store, name, track).granted
        for name, track in (("r-1", "research"), ("r-2", "research"), ("r-3", "ae"), ("r-4", "x"))
    ]

    assert granted == [True, False, True, False]


def test_freed_seat_is_given_to_somebody_else_and_can_be_asked_for_again(store):
    open_cohort(store, seats=1)
    store.record.append(batch(started()))
    seat(store, R)
    store.record.append(batch(event(2, Tag.SEAT_GRANTED)))
    held = seat(store, "r-2").granted

    store.record.append(batch(event(3, Tag.SEAT_FREED)))
    again = seat(store, R).granted
    other = seat(store, "r-2").granted

    assert (held, again, other) == (False, True, False)


def test_voided_release_of_a_seat_takes_it_back(store):
    open_cohort(store, seats=1)
    store.record.append(batch(started()))
    seat(store, R)
    store.record.append(batch(event(2, Tag.SEAT_GRANTED), history=20))
    store.record.append(batch(event(3, Tag.SEAT_FREED), history=20))

    store.record.append(batch(event(3, Tag.NOTED), history=20))

    assert seat(store, "r-2").granted is False


@pytest.mark.parametrize(
    ("granted", "how", "free"), [(True, "completed", False), (False, "withdrawn", True)]
)
def test_seat_after_the_end(store, granted, how, free):
    open_cohort(store, seats=1)
    store.record.append(batch(started()))
    seat(store, R)
    told = [event(2, Tag.SEAT_GRANTED if granted else Tag.NOTED), event(3, Tag.ENDED, how=how)]

    store.record.append(batch(*told))

    assert seat(store, "r-2").granted is free


def test_seats_never_overflow_under_many_threads(store):
    open_cohort(store, seats=3)

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda number: seat(store, f"r-{number}").granted, range(20)))

    assert said.count(True) == 3


def test_seat_of_an_unknown_cohort_is_refused(store):
    with pytest.raises(ResidencyError) as refused:
        seat(store, R)

    assert str(refused.value) == 'There is no cohort "c-aaaaaaaa".'


def fill(store, known, *, rehearsal):
    """One of everything in a cohort."""
    scope = known if rehearsal else ""
    resident, reviewer = f"p-{known}", f"p-{known}-reviewer"
    for name in (resident, reviewer):
        store.people.add(person(name, rehearsal=scope))
    store.cohorts.open(
        cohort(known, rehearsal=rehearsal), [Member(role="reviewers", person=reviewer)]
    )
    name = f"r-{known}"
    told = [
        started(cohort=known, person=resident, rehearsal=rehearsal),
        event(2, Tag.OPENED, task="screening/review//1", who=reviewer),
        event(3, Tag.APPOINTED, role="reviewers", who=reviewer),
        event(4, Tag.DECIDED, stage="selection", outcome="accept"),
        event(5, Tag.MEETING, item="research", at=AT.isoformat(), minutes=45),
    ]
    store.record.append(batch(*told, residency=name))
    store.cohorts.assign(Assign(residency=name, cohort=known, role="reviewers", item="x", count=1))
    store.cohorts.seat(SeatWanted(residency=name, cohort=known))
    store.submissions.add(f"s-{known}", name, resident, "application", {"a": 1}, AT)
    store.clicks.put(name, Act(id=f"a-{known}", verb="note", actor=resident))
    told = mail(subject=name, receiver=resident, cohort=known, rehearsal=rehearsal)
    store.outbox.put_many([told])
    store.reviews.add(Review(mail=told.key, what=Did.RESENT))
    store.holds.add(Hold(scope=Scope.COHORT, name=known, since=AT))
    delivered = MailEvent(id=f"e-{known}", mail=told.key, event="delivered", at=AT)
    store.webhooks.take([delivered], act=lambda _bounce: Act(id="a", verb="bounced", actor="mail"))
    store.grants.give(Purpose.PERSON, resident, at=AT)
    store.drafts.put(resident, name, "screening/review//1", {"a": "begun"}, at=AT)
    with store.database.writing() as connection:
        connection.execute(
            insert(identities), {"residency": name, "cohort": known, "answers": {}, "at": AT}
        )
        begun = {"id": f"d-{known}", "cohort": known, "email": "a@example.org"}
        begun |= {"email_key": "a@example.org", "given": {}, "identity": {}}
        connection.execute(insert(applications), {**begun, "created": AT, "changed": AT})


def rows(store):
    with store.database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar()
            for table in metadata.sorted_tables
        }


def test_discarded_rehearsal_leaves_nothing_and_touches_nothing_else(store):
    store.definitions.save("d1", "hf", 1, {})
    fill(store, "c-real", rehearsal=False)
    before = rows(store)
    fill(store, "c-play", rehearsal=True)
    between = rows(store)

    store.cohorts.discard("c-play")

    assert all(between[name] > before[name] for name in before if name != "definitions")
    assert rows(store) == before


def test_real_cohort_is_never_discarded(store):
    fill(store, "c-real", rehearsal=False)
    before = rows(store)

    with pytest.raises(ResidencyError) as refused:
        store.cohorts.discard("c-real")

    assert str(refused.value) == (
        'The cohort "c-real" is no rehearsal; only those can be discarded.'
    )
    assert rows(store) == before
