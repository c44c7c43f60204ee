"""The words of a language: fallback from one to the next, a program's own, faults with their line."""

import pytest

from mail.context import context_of
from mail.language import Language, known_locale, read_language
from mail.samples import sample_facts, sample_letter
from mail.source import TemplateError, locales_of
from mail.words import Phrases
from residency.notices import CATALOG
from tests.mail.conftest import CHECKOUT

HOUSE = CHECKOUT / "templates" / "email"
HEAD = """---
subject: "{subject}"
audience: resident
cause: {cause}
critical: true
unknown: ask
sample: {{kind: offer, due: 2022-05-27T22:00:00Z}}
---
"""


@pytest.fixture
def program(tmp_path):
    """The folder of a program's own mails."""
    folder = tmp_path / "programs" / "residency" / "email"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def offer(make_renderer, one_document):
    def render(locale, **change):
        renderer, facts = make_renderer(), sample_facts(one_document, locale=locale)
        letter = sample_letter(CATALOG["offer"], renderer.check("offer"), document=one_document)
        context = context_of(facts, letter, to=letter.to, at=letter.at) | change
        return renderer.render("offer", context)

    return render


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("locale", "looked"),
    [
        ("fr-CA", ("fr_CA", "fr", "en")),
        ("FR_ca", ("fr_CA", "fr", "en")),
        ("zh-Hant-TW", ("zh_Hant_TW", "zh_Hant", "zh", "en")),
        ("es-419", ("es_419", "es", "en")),
        ("en", ("en",)),
        ("../en", ("en",)),
        ("", ("en",)),
    ],
)
def test_locales_are_looked_for_from_special_to_general(locale, looked):
    assert locales_of(locale) == looked


@pytest.mark.parametrize(
    ("locale", "known"), [("fr-CA", "fr_CA"), ("fr-XX", "fr"), ("qq", "en"), ("de", "de")]
)
def test_known_locale_is_the_nearest_of_babel(locale, known):
    assert known_locale(locale) == known


@pytest.mark.parametrize(
    ("locale", "tag", "when"),
    [
        ("fr", "fr", "vendredi 27 mai à 23:59 (heure de Paris)"),
        ("fr-CA", "fr-CA", "vendredi 27 mai à 23 h 59 (heure de Paris)"),
        ("fr-XX", "fr", "vendredi 27 mai à 23:59 (heure de Paris)"),
        ("de", "en", "Friday, May 27, 23:59 (Paris time)"),
        ("en-GB", "en-GB", "Friday, 27 May, 23:59 (Paris time)"),
    ],
)
def test_mail_is_in_the_language_of_its_reader_as_a_whole(offer, locale, tag, when):
    mail = offer(locale)

    assert f'<html lang="{tag}"' in mail.html
    assert when in " ".join(mail.text.replace("\u00a0", " ").replace("\u202f", " ").split())


def test_one_mentor_and_several_have_their_verb(make_renderer, one_document):
    renderer, facts = make_renderer(), sample_facts(one_document, locale="fr")
    notice = CATALOG["milestone-opening"]
    letter = sample_letter(notice, renderer.check(notice.name), document=one_document)
    context = context_of(facts, letter, to=letter.to, at=letter.at)

    both = renderer.render(notice.name, context)
    one = renderer.render(notice.name, context | {"mentors": context["mentors"][:1]})

    assert "Grace Hopper et Lin Wei liront votre rapport" in " ".join(both.text.split())
    assert "Grace Hopper lira votre rapport" in " ".join(one.text.split())


@pytest.mark.parametrize(
    ("weeks", "subject"),
    [(1, "Ada Lovelace a 1 semaine de plus"), (3, "Ada Lovelace a 3 semaines de plus")],
)
def test_plural_is_that_of_the_language(make_renderer, one_document, weeks, subject):
    renderer, facts = make_renderer(), sample_facts(one_document, locale="fr")
    notice = CATALOG["extension-granted"]
    letter = sample_letter(notice, renderer.check(notice.name), document=one_document)
    context = context_of(facts, letter, to=letter.to, at=letter.at)

    mail = renderer.render(notice.name, context | {"data": context["data"] | {"weeks": weeks}})

    assert mail.subject == subject


def test_override_in_one_language_changes_no_other(program, offer):
    write(program, "fr/offer.md", HEAD.format(subject="À vous", cause="oui") + "Voici.")

    french, canadian, english = offer("fr"), offer("fr-CA"), offer("en")

    assert (french.subject, canadian.subject) == ("À vous", "À vous")
    assert english.subject == "Analytical Engines offers you a place"


def test_english_override_is_not_for_those_who_have_the_notice_in_their_language(program, offer):
    write(program, "en/offer.md", HEAD.format(subject="Yours", cause="yes") + "Here.")

    assert offer("fr").subject == "Analytical Engines vous offre une place"
    assert offer("de").subject == offer("en").subject == "Yours"


def test_country_overrides_its_language(program, offer):
    write(program, "fr_CA/offer.md", HEAD.format(subject="Chez nous", cause="oui") + "Voici.")

    assert offer("fr-CA").subject == "Chez nous"
    assert offer("fr-BE").subject == "Analytical Engines vous offre une place"


def test_words_of_a_program_are_read_live(program, offer):
    before = offer("fr")
    write(program, "fr/_words.yaml", "texts: {🤗 AI Research Residency Program: Résidence en IA}\n")
    named = offer("fr")
    write(program, "fr/_words.yaml", 'frame: {because: "Pourquoi ? {{ cause }}."}\n')
    framed = offer("fr")

    assert "🤗 AI Research Residency Program" in before.text
    assert "Résidence en IA" in named.text
    assert "Pourquoi\u00a0? nous vous offrons une place." in framed.text
    assert "Résidence en IA" not in offer("en").text


def test_language_without_words_has_english_sentences_and_its_own_dates(program, offer):
    write(program, "de/offer.md", HEAD.format(subject="Ein Platz", cause="x") + "{{ due | when }}")

    mail = offer("de")

    assert '<html lang="de"' in mail.html
    assert "Freitag, 27. Mai, 23:59 (Paris)" in mail.text
    assert "You get this because x." in mail.text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("frme: {}", ':1: "frme" is no group of words; allowed are frame, phrases, notices'),
        ("texts: [a]", ':1: "texts" is no group of words'),
        (
            "frame:\n  also: a\n  als: b",
            ':3: "als" does not exist; there is: also, because, answers',
        ),
        ("phrases:\n  zone: '{town}'", ':2: "{town}" does not exist; there is: {city}, {of_city}'),
        ("phrases:\n  zone: '{city'", ':2: "{city" has a brace that is not closed'),
        ("texts:\n  month: 3", ':2: "month" needs a text; put it in quotes'),
        ("texts:\n  month: ''", ':2: "month" needs a text; put it in quotes'),
        ("frame:\n  also: <b>x</b>", ':2: "<b>x</b>" has markup; write words only'),
        ("frame:\n  also: '{{ persn }}'", ':2: "persn" does not exist'),
        ("frame:\n  also: '{% if x'", ":2: "),
        ("texts: {a: b", ":1: this is no YAML"),
        (
            "only words",
            ":1: there are no keys; allowed are frame, phrases, notices, texts, statements",
        ),
    ],
)
def test_fault_in_the_words_names_file_and_line(program, offer, words, sentence):
    path = write(program, "fr/_words.yaml", words)

    with pytest.raises(TemplateError) as caught:
        offer("fr")

    assert str(caught.value).startswith(f"{path}{sentence}")


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Month 3: First results", "Mois 3\u00a0: First results"),
        ("Report: Month 2", "Rapport\u00a0: Mois 2"),
        ("Sprint 4", "Sprint 4"),
        ("Contract signed", "Contrat signé"),
        ("Decide on a place from the waitlist", "Attribuer une place depuis la liste d’attente"),
        (
            "Decide on a place from the waitlist (2)",
            "Attribuer une place depuis la liste d’attente (2)",
        ),
        ("Whatever else", "Whatever else"),
        ("", ""),
    ],
)
def test_title_is_said_by_its_parts(title, said):
    language = read_language("fr", written_in="fr", folders=[HOUSE])

    assert language.title(title) == said


def test_language_without_words_leaves_all_as_it_is():
    assert Language(phrases=Phrases()).title("Month 3: x") == "Month 3: x"
