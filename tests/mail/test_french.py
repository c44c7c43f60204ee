"""Elision, spaces and the first of a month."""

import pytest
from jinja2 import Environment

from mail.french import first_of_month, of, of_city, spaced_source


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ada Lovelace", "d’Ada Lovelace"),
        ("Grace Hopper", "de Grace Hopper"),
        ("Élodie", "d’Élodie"),
        ("Œdipe", "d’Œdipe"),
        ("Yves", "d’Yves"),
        ("Yann", "de Yann"),
        ("Hugo", "de Hugo"),
        ("李伟", "de 李伟"),
        ("résidence", "de résidence"),
        ("apprentissage", "d’apprentissage"),
        ("", "de "),
    ],
)
def test_of_elides_before_a_vowel(name, said):
    assert of(name) == said


@pytest.mark.parametrize(
    ("city", "said"),
    [("Paris", "de Paris"), ("Amsterdam", "d’Amsterdam"), ("Le Caire", "du Caire")],
)
def test_of_city_merges_its_article(city, said):
    assert of_city(city) == said


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("mercredi 1 juin", "mercredi 1er juin"),
        ("dimanche 1 janvier 2023", "dimanche 1er janvier 2023"),
        ("samedi 11 juin", "samedi 11 juin"),
        ("jeudi 21 juin 2021", "jeudi 21 juin 2021"),
    ],
)
def test_first_of_month_is_ordinal(day, said):
    assert first_of_month(day) == said


def test_spaces_of_a_template_do_not_break_and_tags_stay():
    source = 'Voici : {{ "a : b" }} ; « oui » !\n{% if x %}Non ?{% endif %}'

    words = spaced_source(source, environment=Environment())  # Nothing is rendered.

    assert words == (
        'Voici\u00a0: {{ "a : b" }}\u00a0; «\u00a0oui\u00a0»\u00a0!\n{% if x %}Non\u00a0?{% endif %}'
    )
