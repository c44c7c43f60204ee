"""`residency emails`: mails looked at before they go, and mails in people's hands."""

import json
from email import message_from_string
from email.policy import default

import pytest
from typer.testing import CliRunner

from cli.emails import app
from residency.notices import CATALOG

PROGRAM = "huggingface-ai-research-residency-2022"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a command in this process, on a data folder of its own."""
    monkeypatch.setenv("RESIDENCY_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, [str(one) for one in arguments])


def test_preview_shows_all_there_is_of_a_mail(run, tmp_path):
    done = run(
        "preview", "presentation-moved", "--program", PROGRAM, "--out", tmp_path / "p", "--json"
    )

    shown = json.loads(done.stdout)
    assert shown["notice"] == "presentation-moved"
    assert shown["subject"].startswith("Moved: the presentation of Ada Lovelace is now ")
    assert shown["headers"]["Auto-Submitted"] == "auto-generated"
    assert shown["invitation"] == "REQUEST"
    assert shown["links"] == ["https://meet.example.org/room-4"]
    assert 1_000 < shown["bytes"] < 80 * 1024
    assert sorted(path.name for path in (tmp_path / "p").iterdir()) == [
        "presentation-moved.eml",
        "presentation-moved.html",
        "presentation-moved.ics",
    ]


def test_preview_of_a_notice_that_is_none_says_so(run):
    done = run("preview", "ofer")

    assert done.exit_code == 1
    assert str(done.exception) == '"ofer" is not a notice; did you mean "offer"?'


def test_preview_speaks_the_language_that_is_asked_for(run, tmp_path):
    done = run("preview", "offer", "--program", PROGRAM, "--locale", "fr", "--out", tmp_path)

    assert "Au plus tard le dimanche 1er mai" in done.stdout


@pytest.mark.parametrize("locale", ["xx", "french", "xx-CA"])
def test_preview_refuses_a_language_that_no_mail_is_written_in(run, locale):
    done = run("preview", "offer", "--program", PROGRAM, "--locale", locale)

    assert done.exit_code == 1
    assert str(done.exception) == f'"{locale}" is no language of the mails; allowed: en, fr.'


@pytest.mark.parametrize("locale", ["en-GB", "fr-CA"])
def test_preview_takes_a_language_as_it_is_spoken_somewhere(run, tmp_path, locale):
    done = run("preview", "offer", "--program", PROGRAM, "--locale", locale, "--out", tmp_path)

    assert done.exit_code == 0


def test_preview_has_a_link_only_where_mails_have_one(run, monkeypatch, tmp_path):
    without = json.loads(run("preview", "offer", "--out", tmp_path / "p", "--json").stdout)
    monkeypatch.setenv("RESIDENCY_PUBLIC_URL", "https://stay.example.org")

    linked = json.loads(run("preview", "offer", "--out", tmp_path / "p", "--json").stdout)

    assert without["links"] == []
    assert linked["links"] == ["https://stay.example.org/t/sample"]


def test_test_mail_is_marked_and_leads_nowhere(run, monkeypatch):
    monkeypatch.setenv("RESIDENCY_PUBLIC_URL", "https://stay.example.org")
    done = run("test", "milestone-opening", "--to", "me@example.org", "--dry-run")

    mail = message_from_string(done.stdout, policy=default)
    html = mail.get_body(("html",)).get_content()
    assert mail["To"] == "me@example.org"
    assert mail["Subject"].startswith("TEST: ")
    assert 'href="https://example.invalid/"' in html
    assert html.count("href=") == html.count('href="https://example.invalid/"')


def test_test_mail_goes_through_the_configured_transport(run, tmp_path):
    done = run("test", "offer", "--to", "me@example.org")

    assert done.exit_code == 0
    (path,) = (tmp_path / "data" / "mail").iterdir()
    assert b"To: me@example.org" in path.read_bytes()


def test_test_mail_needs_an_address(run):
    done = run("test", "offer", "--to", "nobody")

    assert done.exit_code == 1
    assert '"nobody"' in str(done.exception)


def test_gallery_writes_one_page_over_all(run, tmp_path):
    done = run("gallery", "--out", tmp_path / "g", "--program", PROGRAM, "--locale", "en", "--json")

    shown = json.loads(done.stdout)
    assert shown["mails"] == len(CATALOG)
    assert (tmp_path / "g" / "index.html").is_file()
    assert shown["largest_bytes"] <= 80 * 1024


def test_held_is_empty_at_first(run):
    done = run("held", "--json")

    assert json.loads(done.stdout) == {"holds": [], "mails": []}


@pytest.mark.parametrize("arguments", [[], ["--all", "--notice", "offer"]])
def test_hold_asks_for_one_thing(run, arguments):
    done = run("hold", *arguments)

    assert done.exit_code == 2
    assert "Say what: one of --notice, --cohort and --all." in done.output


def test_hold_asks_who_it_is_where_that_is_open(run):
    done = run("hold", "--all")

    assert "say who you are with --as" in str(done.exception)
