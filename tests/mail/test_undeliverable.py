"""The mail that tells coordinators what did not go: in words, and all of one moment at once."""

import re
from dataclasses import replace

import pytest
from ruamel.yaml import YAML

from mail.draft import Drafts
from mail.source import read_source
from residency.notices import CATALOG
from residency.wire import Line
from tests.mail.conftest import CHECKOUT

NOTICE = "mail-undeliverable"
ONE = {"notice": "milestone-opening", "who": "p-ada", "state": "failed", "mail": "m-aaa"}
TWO = {"notice": "offer", "who": "p-mentor", "state": "unknown", "mail": "m-bbb"}
LOCALES = ["en", "fr"]


def drafted(desk, *lines, locale="en"):
    with desk.store.database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE people SET locale = '{locale}'")
    letter = desk.letter(
        NOTICE,
        to="p-coordinator",
        task="",
        item="",
        kind="",
        data=ONE,
        lines=[Line(notice=NOTICE, data=each) for each in lines],
    )
    return desk.outbox().draft(desk.post(letter))


@pytest.mark.parametrize(
    ("locale", "title"), [("en", "A report is due"), ("fr", "Rapport attendu")]
)
def test_notice_has_its_title_in_the_readers_language(desk, locale, title):
    mail = drafted(desk, locale=locale)

    assert title in mail.text
    assert "milestone-opening" not in mail.text + mail.html


@pytest.mark.parametrize("locale", LOCALES)
def test_several_of_one_moment_are_listed(desk, locale):
    mail = drafted(desk, TWO, locale=locale)

    assert re.search(r"\b2 (mails|messages)\b", mail.subject)
    for part in (mail.text, mail.html):
        assert {"m-aaa", "m-bbb"} <= set(re.findall(r"m-\w+", part))
    listed = [line for line in mail.text.splitlines() if line.startswith("- ")]
    assert [("Ada" in line, "Grace" in line) for line in listed] == [(True, False), (False, True)]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_notice_has_a_title(locale):
    words = YAML(typ="safe").load(
        (CHECKOUT / "templates" / "email" / locale / "_words.yaml").read_text(encoding="utf-8")
    )

    assert set(words["notices"]) == set(CATALOG)
    assert len(set(words["notices"].values())) == len(CATALOG)


def test_older_template_of_a_program_still_has_the_others_below(desk, monkeypatch):
    source = read_source(CHECKOUT / "templates" / "email" / "en" / f"{NOTICE}.md")
    without = replace(source, body="{{ data.mail }} is one of the failures.")
    monkeypatch.setattr(Drafts, "template", lambda *_: without)

    mail = drafted(desk, TWO)

    assert "Also waiting for you:\n- A mail to Grace" in mail.text
