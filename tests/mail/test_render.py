"""Rendering: faults with file and line, overrides read live, dates in the reader's zone."""

from datetime import UTC, datetime

import pytest

from mail.compose import html_source
from mail.context import context_of
from mail.look import DARK_CARD, WHITE, Look, contrast
from mail.samples import sample_facts, sample_letter
from mail.source import TemplateError
from residency.notices import CATALOG
from residency.titles import KINDS

HEAD = """---
subject: "{subject}"
audience: resident
cause: a report opens
critical: false
unknown: resend
sample: {{kind: report, item: m4, due: 2022-09-30T22:00:00Z}}
---
"""


@pytest.fixture
def written(make_renderer, one_document, tmp_path):
    """Renders milestone-opening with a program's own template."""
    path = tmp_path / "programs" / "residency" / "email" / "en" / "milestone-opening.md"
    path.parent.mkdir(parents=True)
    renderer = make_renderer()

    def render(body, *, subject="Hello", head=HEAD, **change):
        path.write_text(head.format(subject=subject) + body)
        facts = sample_facts(one_document)
        source = make_renderer().check("milestone-opening")
        letter = sample_letter(CATALOG["milestone-opening"], source, document=one_document)
        context = context_of(facts, letter, to=letter.to, at=letter.at) | change
        return renderer.render("milestone-opening", context, color=facts.color)

    render.path = path
    return render


LINKS = {
    "": "[here]()",
    "http://example.org": "[here](http://example.org)",
    "www.example.org/page": "[here](www.example.org/page)",
    "/page": '[here](/page "a title")',
    "https://": "[here](https://)",
    "https://exa mple.org": "[here](https://exa mple.org)",
    "https://example.org:port": "[here](https://example.org:port)",
    "https://localhost": "[here](https://localhost)",
    "http:/{{ ... }}": "[here](http:/{{ task.key }})",
    "javascript:alert(1": "[here](javascript:alert(1))",
    "ftp://example.org": "<ftp://example.org>",
    "mailto:nobody": "[here](mailto:nobody)",
    "example.org": "[here][1]\n\n[1]: example.org",
}


@pytest.mark.parametrize("address", LINKS)
def test_link_that_leads_nowhere_is_told_before_anything_goes(written, address):
    with pytest.raises(TemplateError) as fault:
        written(f"Hello,\n\n{LINKS[address]}\n")

    line = 13 if "[1]" in LINKS[address] else 11
    assert str(fault.value) == (
        f'{written.path}:{line}: "{address}" is no address that a mail can link to; '
        "allowed are whole ones, as in https://example.org/page and mailto:me@example.org"
    )


@pytest.mark.parametrize(
    "body",
    [
        "[here](https://example.org/a_(b)?c=d#e)",
        '[here](https://example.org "a title")',
        "[here](https://{{ program.id }}.example.org)",
        "[here](https://example.org/{{ task.key }})",
        "[here]({{ meeting.link }})",
        "[here](mailto:me@example.org) and <https://bücher.example:8443/x>",
        "{# [here]() #} (not a link), [neither] (this)",
        "[here][1]\n\n[1]: https://example.org",
    ],
)
def test_whole_link_is_taken(written, body):
    assert written(f"Hello,\n\n{body}\n").subject == "Hello"


@pytest.mark.parametrize(
    ("body", "line", "sentence"),
    [
        (
            "Hi\n\n{{ persn.name }}",
            11,
            '"persn" does not exist (did you mean "person"?); there is: person, reader',
        ),
        (
            "Hi {{ person.nme }}",
            9,
            '"person.nme" does not exist (did you mean "name"?); there is: id, name, given_name',
        ),
        (
            "\n{% if due %}{{ data.closes }}{% endif %}",
            10,
            '"data.closes" does not exist; there is: nothing',
        ),
        ("Hi\n{{ due | dte }}", 10, "No filter named 'dte'"),
        ("Hi\n\n{% if due %}\nx", 11, "Unexpected end of template"),
        ("Hi\n\nWrite {{ button('x') }} now", 11, '"button" stands on a line of its own'),
        ("{{ button('x') }}\n\n{{ button('y') }}", 11, 'a mail has one button, not "2"'),
        ("a\n\n{{ mentors[7].name }}", 11, "UndefinedError: list object has no element 7"),
        ("a\n{{ ''.__class__.__mro__ }}", 10, "SecurityError: access to attribute '__class__'"),
        ("a\n\n\n{{ 'soon' | date }}", 12, 'DateError: "soon" is not an instant'),
    ],
)
def test_fault_names_file_line_and_what_exists(written, body, line, sentence):
    with pytest.raises(TemplateError) as caught:
        written(body)

    assert str(caught.value).startswith(f"{written.path}:{line}: {sentence}")


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        ("Hello", ':1: "Hello" is no front matter; a template begins with "---"'),
        ("---\nsubject: x\n---\n", ':1: "audience" is missing; a template has subject, audience'),
        ("---\nsubjct: x\n---\n", ':2: "subjct" is no key of a template; allowed are subject'),
        ('---\nsubject: "x\n---\n', ":2: the front matter is no YAML:"),
    ],
)
def test_fault_in_the_front_matter_names_its_line(written, head, sentence):
    with pytest.raises(TemplateError) as caught:
        written("", head=head)

    assert str(caught.value).startswith(f"{written.path}{sentence}")


@pytest.mark.parametrize("text", ["word " * 25_000, "日本 " * 9_000], ids=["long", "in octets"])
def test_mail_that_is_too_large_is_a_fault(written, text):
    with pytest.raises(TemplateError) as caught:
        written(text)

    assert "100 KB is the most that every mail program shows whole" in str(caught.value)


def test_large_mail_is_warned_of(written, capsys):
    written("word " * 16_500)

    assert "mail.large" in capsys.readouterr().out


def test_program_overrides_a_notice_and_is_read_live(written):
    first = written("One *word* and **two**.\n\n- a\n- b\n\n[here](https://example.org/x)")
    second = written("Another one, longer.")

    assert "One word and two." in first.text
    assert "- a\n- b\n\nhere (https://example.org/x)" in first.text
    assert "<em>word</em>" in first.html
    assert "Another one, longer." in second.html


def test_loop_makes_one_list(written):
    body = "{% for each in mentors %}\n- {{ each.name }}\n{% endfor %}"

    mail = written(body)

    assert mail.html.count("<ul") == 1
    assert mail.html.count("<li") == 2
    assert "- Grace Hopper\n- Lin Wei\n" in mail.text


@pytest.mark.parametrize(
    ("value", "zone", "words"),
    [
        (
            datetime(2022, 9, 30, 22, tzinfo=UTC),
            "Europe/Paris",
            "Friday, September 30, 23:59 (Paris time)",
        ),
        (
            datetime(2022, 9, 30, 22, tzinfo=UTC),
            "America/New_York",
            "Friday, September 30, 18:00 (New York time)",
        ),
        (
            datetime(2022, 9, 30, 22, tzinfo=UTC),
            "Asia/Tokyo",
            "Saturday, October 1, 07:00 (Tokyo time)",
        ),
        (datetime(2023, 1, 1, 0, tzinfo=UTC), "UTC", "Saturday, December 31, 23:59 (UTC)"),
        ("2023-02-14T14:00:00Z", "Europe/Paris", "Tuesday, February 14, 2023, 15:00 (Paris time)"),
        ("2022-06-01", "Asia/Tokyo", "Wednesday, June 1"),
    ],
)
def test_when_is_in_the_zone_of_the_reader(written, value, zone, words):
    reader = {"id": "p-x", "name": "X", "given_name": "X", "zone": zone, "locale": "en"}

    mail = written("{{ answers | when }}", reader=reader, answers=value)

    assert words in " ".join(mail.text.split())


def test_template_of_a_locale_is_preferred(written, tmp_path):
    french = written.path.parents[1] / "fr" / "milestone-opening.md"
    french.parent.mkdir()
    french.write_text(HEAD.format(subject="Bonjour, {{ due | date }}") + "Bonjour.")
    reader = {"id": "p-x", "name": "X", "given_name": "X", "zone": "Europe/Paris"}

    mail = written("Hello.", reader={**reader, "locale": "fr_CA"})
    other = written("Hello.", reader={**reader, "locale": "de"}, subject="Hello, {{ due | date }}")

    assert mail.subject == "Bonjour, vendredi 30 septembre"
    assert '<html lang="fr-CA"' in mail.html
    assert other.subject == "Hello, Friday, September 30"
    assert '<html lang="en"' in other.html


@pytest.mark.parametrize(
    "color", ["#ff9d00", "#0066cc", "#ffffff", "#000000", "#ffff00", "", "red"]
)
def test_colors_can_be_read(color):
    look = Look.of(color)

    assert contrast(look.on_accent, look.accent) >= 4.5
    assert contrast(look.on_link_dark, look.link_dark) >= 4.5
    assert contrast(look.link, WHITE) >= 4.5
    assert contrast(look.link_dark, DARK_CARD) >= 4.5


def test_compiling_happens_once_per_template(make_renderer, one_document, monkeypatch):
    calls, renderer = [], make_renderer()
    monkeypatch.setattr(
        "mail.render.html_source", lambda *a, **k: calls.append(a) or html_source(*a, **k)
    )
    facts = sample_facts(one_document)
    source = make_renderer().check("offer")
    letter = sample_letter(CATALOG["offer"], source, document=one_document)
    context = context_of(facts, letter, to=letter.to, at=letter.at)
    calls.clear()

    for _ in range(3):
        renderer.render("offer", context, color=facts.color)

    assert len(calls) == 1


@pytest.mark.parametrize(
    ("locale", "item", "title"),
    [
        ("en", "", "Decide on a place"),
        ("en", "waitlist-1", "Decide on a place from the waitlist"),
        ("en", "waitlist-2", "Decide on a place from the waitlist (2)"),
        ("fr", "waitlist-2", "Attribuer une place depuis la liste d’attente (2)"),
    ],
)
def test_turn_of_the_waitlist_stands_in_the_title(make_renderer, one_document, locale, item, title):
    facts = sample_facts(one_document | {"titles": {"kinds": KINDS}}, locale=locale)
    source = make_renderer().check("decision-wanted")
    letter = sample_letter(CATALOG["decision-wanted"], source, document=one_document)
    letter = letter.model_copy(update={"kind": "select", "item": item})
    context = context_of(facts, letter, to=letter.to, at=letter.at)

    subject = make_renderer().render("decision-wanted", context).subject

    assert subject.endswith(f" {title}")


@pytest.mark.parametrize(
    ("verb", "data", "subject", "words"),
    [
        ("complete", {"outcome": "approved"}, "Recorded: ", "This confirms what you did"),
        ("ask-later", {"day": "2022-10-14"}, "You asked for another date: ", "October 14"),
        ("undo", {}, "Taken back: ", "It is open again."),
        ("concern", {}, "Your concern is recorded", "The coordinators alone see it"),
    ],
)
def test_receipt_says_what_it_is_of(make_renderer, one_document, verb, data, subject, words):
    facts = sample_facts(one_document)
    letter = sample_letter(
        CATALOG["receipt"], make_renderer().check("receipt"), document=one_document
    )
    letter = letter.model_copy(update={"data": {"verb": verb, **data}})
    context = context_of(facts, letter, to=letter.to, at=letter.at)

    mail = make_renderer().render("receipt", context)

    assert mail.subject.startswith(subject)
    assert words in " ".join(mail.text.split())


def test_layout_is_sound(make_renderer, one_document):
    """The rules that mail programs need."""
    facts = sample_facts(one_document)
    source = make_renderer().check("offer")
    letter = sample_letter(CATALOG["offer"], source, document=one_document)
    context = context_of(facts, letter, to=letter.to, at=letter.at)

    html = make_renderer(link=lambda *_: "https://example.org/x").render("offer", context).html

    assert html.count("<table") == html.count('role="presentation"')
    assert html.index("<meta charset") < 200
    assert "<title>Analytical Engines offers you a place</title>" in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert 'class="preheader" style="display: none' in html
    assert "<script" not in html
    assert max(map(len, html.splitlines())) < 990


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_foot_leads_to_the_reader_s_own_page(make_renderer, one_document, locale):
    facts = sample_facts(one_document, locale=locale)
    source = make_renderer().check("offer")
    letter = sample_letter(CATALOG["offer"], source, document=one_document)
    context = context_of(facts, letter, to=letter.to, at=letter.at)
    words = {"en": "Everything that waits for you", "fr": "Tout ce qui vous attend"}[locale]

    def link(residency, task, person):
        return f"https://example.org/t/{task}" if task else f"https://example.org/me/{person}"

    linked = make_renderer(link=link).render("offer", context)
    bare = make_renderer().render("offer", context)
    direct = make_renderer(link=link).render(
        "new-link", context | {"own_link": "https://example.org/me/own"}
    )

    assert f'href="https://example.org/me/{letter.to}"' in linked.html
    assert f"https://example.org/me/{letter.to}" in linked.text
    assert words in linked.html
    assert words not in bare.html
    assert words not in bare.text
    assert "https://example.org" not in bare.text
    assert words not in direct.html
