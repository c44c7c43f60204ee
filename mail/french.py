"""What French asks of writing: elision before a vowel, spaces that don't break, the first of a month."""

import re
from typing import Final

from jinja2 import Environment

from mail.compose import Tags

# A vowel, also with an accent; y only before a consonant (d’Yves, but de Yann). No h: whether it is
# silent can't be seen, and "de Hugo" is never wrong.
_VOWEL: Final = re.compile(
    r"[aeiouàâäáåæéèêëíîïóôöøœúùûü]|y[^aeiouàâäéèêëîïôöùûü\W]", re.IGNORECASE
)
_CITY_ARTICLES: Final = {"Le ": "du ", "Les ": "des "}
_BEFORE: Final = re.compile(r" (?=[:;?!»])")
_AFTER: Final = re.compile(r"(?<=«) ")
_LATIN_FIRST: Final = re.compile(r"(?<!\d)1(?= [^\W\d])")


def of(value: object) -> str:
    """`de` and the value: de Grace, d’Ada."""
    text = str(value)
    return f"d’{text}" if _VOWEL.match(text) else f"de {text}"


def of_city(city: str) -> str:
    """`de` and a city, whose article merges with it: de Paris, d’Amsterdam, du Caire."""
    for article, merged in _CITY_ARTICLES.items():
        if city.startswith(article):
            return merged + city.removeprefix(article)
    return of(city)


def first_of_month(day: str) -> str:
    """A date in words with `1er` for the first: mercredi 1er juin."""
    return _LATIN_FIRST.sub("1er", day, count=1)


def spaced(words: str) -> str:
    """The words with no-break spaces around what French sets apart."""
    return _AFTER.sub("\u00a0", _BEFORE.sub("\u00a0", words))


def spaced_source(source: str, *, environment: Environment) -> str:
    """The same for a template's own words; its tags stay."""
    tags = Tags(environment)
    return tags.give_back(spaced(tags.take(source)))
