from concurrent.futures import ThreadPoolExecutor

import pytest

from residency.errors import ResidencyError
from store.people import AddressTakenError
from tests.store.batches import person


def test_person_comes_back_as_added(store):
    ada = person("p-ada", name="Ada Lovelace", zone="Europe/Paris", locale="fr")

    store.people.add(ada)
    store.people.add(ada)

    assert store.people.get("p-ada") == ada
    assert store.people.get("p-nobody") is None


def test_address_is_found_whatever_its_case(store):
    ada = store.people.add(person("p-ada", email="Ada@Example.org"))

    assert store.people.by_email(" ada@EXAMPLE.org") == ada


def test_address_is_found_however_its_domain_is_written(store):
    ada = store.people.add(person("p-ada", email="ada@Bücher.example"))

    assert store.people.by_email("ADA@xn--bcher-kva.example") == ada
    assert store.people.get("p-ada").email == "ada@Bücher.example"


def test_domains_that_only_look_alike_are_two(store):
    store.people.add(person("p-ada", email="ada@straße.example"))

    assert store.people.by_email("ada@strasse.example") is None


def test_address_of_another_person_is_refused(store):
    store.people.add(person("p-ada", email="ada@example.org"))

    with pytest.raises(AddressTakenError) as refused:
        store.people.add(person("p-bob", email="ADA@example.org"))

    assert str(refused.value) == (
        'The address "ADA@example.org" belongs to p-ada already; a person has one record.'
    )
    assert store.people.get("p-bob") is None


def test_id_of_another_person_is_refused(store):
    store.people.add(person("p-ada"))

    with pytest.raises(ResidencyError) as refused:
        store.people.add(person("p-ada", name="Bob"))

    assert str(refused.value) == 'The id "p-ada" belongs to another person already.'


def test_person_of_a_rehearsal_is_somebody_else(store):
    real = store.people.add(person("p-real", email="ada@example.org"))

    played = store.people.add(person("p-play", email="ada@example.org", rehearsal="c-1"))

    assert store.people.by_email("ada@example.org") == real
    assert store.people.by_email("ada@example.org", rehearsal="c-1") == played


def test_find_or_add_keeps_one_of_many_at_once(store):
    def join(number):
        return store.people.find_or_add(person(f"p-{number}", email="ada@example.org")).id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(join, range(8)))

    assert len(ids) == 1


def test_many_leaves_out_who_is_not_there(store):
    people = {who: store.people.add(person(who)) for who in ("p-a", "p-b")}

    assert store.people.many(["p-b", "p-a", "p-none", "", "p-a"]) == people


def test_many_takes_more_than_one_query_holds(store):
    store.people.add(person("p-a"))

    found = store.people.many([f"p-{number}" for number in range(1200)] + ["p-a"])

    assert list(found) == ["p-a"]


def test_corrected_address_ends_a_pause(store):
    store.people.add(person("p-ada"))
    store.people.pause("p-ada", "bounced")

    store.people.correct_email("p-ada", "new@example.org")

    found = store.people.get("p-ada")
    assert (found.email, found.paused) == ("new@example.org", "")


def test_correction_refuses_the_address_of_another(store):
    store.people.add(person("p-ada"))
    store.people.add(person("p-bob", email="bob@example.org"))

    with pytest.raises(AddressTakenError):
        store.people.correct_email("p-ada", "bob@example.org")

    assert store.people.get("p-ada").email == "p-ada@example.org"


def test_correction_of_nobody_is_refused(store):
    with pytest.raises(ResidencyError) as refused:
        store.people.correct_email("p-none", "a@example.org")

    assert str(refused.value) == 'There is no person "p-none".'
