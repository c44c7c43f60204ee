"""Whatever a person is called, a mail stays the mail that was meant."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from mail.context import context_of
from mail.message import Mail, is_address
from mail.samples import AT, sample_facts, sample_letter
from mail.transports.file import FileTransport
from mail.words import one_line, own_words
from residency.notices import CATALOG

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "newlines": "Ada\r\nBcc: all@example.org\r\n\r\nHello\u2028there\x0b\x85",
    "jinja": "{{ 7*7 }}{% for x in y %}{{ config }}",
    "markdown": "**Ada** [x](http://evil.example) ![y](https://evil.example/p.png) # Title",
    "address": "click www.evil.example or evil.example/a now, a@evil.example",
    "rtl": "Ada\u202egnp.exe\u2066\u200f\u061c",
    "attribute": '" onmouseover="x" a=\'',
    "private": "\ue0000\ue001 \ue0001\ue001",
    "long": "A" * 10_000,
    "long words": "Ädä " * 2_500,
    "hardly anything": "\u200f \n.",
    "encoded": "=?utf-8?q?=0D=0ABcc:_x?=",
}

HEADERS = [
    "Auto-Submitted",
    "Content-Type",
    "Date",
    "From",
    "MIME-Version",
    "Message-ID",
    "Reply-To",
    "Subject",
    "To",
    "X-Residency-Key",
    "X-Residency-Notice",
]


def hostile_mail(renderer, document, name, notice="sign-off-wanted", *, locale="en"):
    facts = sample_facts(document, locale=locale)
    people = {
        each: replace(person, name=name, given_name=name) for each, person in facts.people.items()
    }
    facts = replace(
        facts, people=people, submissions={"s-reason": {"reason": name}, "s-verdict": {}}
    )
    source = renderer.check(notice)
    letter = sample_letter(CATALOG[notice], source, document=document)
    context = context_of(facts, letter, to=letter.to, at=letter.at) | {"lines": [own_words(name)]}
    words = renderer.render(notice, context, color=facts.color)
    return Mail(
        key="m-key",
        residency="r-one",
        notice=notice,
        receiver=letter.to,
        at=AT,
        to=(name, "ada@example.org"),
        sender=(name, "mail@example.org"),
        reply_to=(name, "noor@example.org"),
        subject=words.subject,
        text=words.text,
        html=words.html,
    )


@pytest.fixture(params=HOSTILE, ids=str)
def name(request):
    return HOSTILE[request.param]


@pytest.mark.parametrize("locale", ["en", "fr", "fr_CA"])
@pytest.mark.parametrize("notice", ["sign-off-wanted", "offer-rescinded", "checklist-item"])
def test_name_brings_no_markup_and_no_link(house, one_document, name, notice, locale):
    renderer = house(link=lambda residency, task, person: "https://example.org/do")
    calm = hostile_mail(renderer, one_document, "Ada", notice, locale=locale)

    mail = hostile_mail(renderer, one_document, name, notice, locale=locale)

    tags = re.compile(r"<[a-zA-Z/!][^>]*>")
    assert [tag.split()[0] for tag in tags.findall(mail.html)] == [
        tag.split()[0] for tag in tags.findall(calm.html)
    ]
    assert re.findall(r'(?:href|src|on\w+)="[^"]*"', mail.html) == re.findall(
        r'(?:href|src|on\w+)="[^"]*"', calm.html
    )
    for part in (mail.subject, mail.text, mail.html):
        assert "49" not in part
        assert not re.search(r"https?://evil|www\.evil|evil\.example|a@evil", part)
        assert not re.search("[\u2028\u2029\u202a-\u202e\u2066-\u2069\ue000-\uf8ff]", part)


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_name_brings_no_line(house, one_document, name, locale):
    mail = hostile_mail(house(), one_document, name, locale=locale)

    assert "\n" not in mail.subject
    assert not re.search(r"^Bcc:", mail.text, re.MULTILINE)


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_name_brings_no_header(house, one_document, name, locale):
    mail = hostile_mail(house(), one_document, name, locale=locale)

    parsed = message_from_bytes(mail.as_bytes(), policy=default)

    assert sorted(parsed.keys()) == HEADERS
    assert [each.addr_spec for each in parsed["To"].addresses] == ["ada@example.org"]
    assert [each.addr_spec for each in parsed["From"].addresses] == ["mail@example.org"]
    assert parsed["Subject"].strip() == mail.subject
    assert max(len(line) for line in mail.as_bytes().split(b"\r\n")) <= 998
    text = parsed.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert text == mail.text
    assert parsed.get_body(("html",)).get_content().isascii()


def test_receiver_and_cohort_name_no_other_folder(house, one_document, tmp_path, name):
    mail = hostile_mail(house(), one_document, "Ada")
    mail = replace(mail, receiver=f"../{name}", rehearsal=f"../../{name}")

    path = FileTransport(tmp_path).path(mail)

    assert path.resolve().is_relative_to(tmp_path / "rehearsals")
    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,255}", path.name)


@pytest.mark.parametrize(
    "locale",
    ["../../x", "fr/../..", "fr\x00", "<script>", "{{ 7*7 }}", "", "e", "x" * 9000, "frr", "xx-QQ"],
)
def test_locale_that_is_none_has_an_english_mail(house, one_document, locale):
    mail = hostile_mail(house(), one_document, "Ada", locale=locale)

    assert mail.subject == "Month 4: please read the report of Ada"
    assert '<html lang="en"' in mail.html


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("ada@example.org", True),
        ("ada+tag@sub.example.org", True),
        ("ada@müller.example", True),
        ("ädä@example.org", False),
        ("ada", False),
        ("ada@", False),
        ("@example.org", False),
        ("a@b@example.org", False),
        ("ada@example.org\r\nBcc: all@example.org", False),
        ("ada lovelace@example.org", False),
        ("ada@example.org, bob@example.org", False),
        ("Ada <ada@example.org>", False),
        ("", False),
    ],
)
def test_address_is_told_from_what_is_none(address, good):
    assert is_address(address) is good


def test_one_line_keeps_names_of_all_people():
    names = "Zoë Ångström, 李伟, نور حداد, Δημήτρης, 👩‍🔬 O’Brien-Núñez"

    assert one_line(names) == names


def test_own_words_are_cut():
    assert own_words("A" * 500) == "A" * 119 + "…"
