"""Signed links: what each allows, and everything that one can be instead."""

import stat
from datetime import UTC, datetime, timedelta

import pytest
from itsdangerous import URLSafeTimedSerializer

from residency.errors import UnavailableError
from residency.settings import SettingsError, load
from store.grants import Purpose
from store.tables import grants
from web.links import Links, keys_of

KEY, NEXT = "k" * 40, "n" * 40
TASK = ("r-1", "milestones/report/m1/1", "p-1")


@pytest.fixture
def links(store):
    return Links(store, keys=[KEY], base="https://door.example.org/in/")


def token_of(link):
    return link.rpartition("/")[2].removesuffix(".ics")


def test_link_says_nothing_of_whom_it_is_for(links):
    link = links.task(*TASK)

    assert link.startswith("https://door.example.org/in/t/")
    assert not any(part in link for part in ("p-1", "r-1", "report", "m1"))


def test_link_is_read_as_what_it_was_given_for(links):
    grant = links.read(Purpose.TASK, token_of(links.task(*TASK)))

    assert (grant.residency, grant.task, grant.person) == TASK


@pytest.mark.parametrize(
    ("purpose", "make"),
    [
        (Purpose.PERSON, lambda links: links.person("p-1")),
        (Purpose.CALENDAR, lambda links: links.calendar("p-1")),
        (Purpose.APPLICATION, lambda links: links.application("d-1")),
        (Purpose.TASK, lambda links: links.task(*TASK)),
    ],
)
def test_link_opens_no_other_door(links, purpose, make):
    token = token_of(make(links))

    opened = [each for each in Purpose if links.read(each, token) is not None]

    assert opened == [purpose]


def test_mail_without_a_task_links_to_the_persons_page(links):
    assert "/in/me/" in links.of_mail("r-1", "", "p-1")
    assert "/in/t/" in links.of_mail(*TASK)


@pytest.mark.parametrize(
    "spoil",
    [
        # Not the last sign: two of its bits say nothing.
        lambda token: token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1],
        lambda token: "x" + token,
        lambda token: token.partition(".")[0],
        lambda _: "",
        lambda _: "a" * 600,
        lambda _: "..",
        lambda _: "\x00é☃",
        lambda _: URLSafeTimedSerializer("another key" * 4, salt="residency/task").dumps("g-1"),
        lambda _: URLSafeTimedSerializer(KEY, salt="residency/task").dumps("g-none"),
        lambda _: URLSafeTimedSerializer(KEY, salt="residency/task").dumps({"id": ["g-1"]}),
    ],
)
def test_forged_link_allows_nothing(links, spoil):
    token = token_of(links.task(*TASK))

    assert links.read(Purpose.TASK, spoil(token)) is None


def test_revoked_and_expired_links_allow_nothing(links, store):
    revoked, expired = links.person("p-1"), links.person("p-2")
    now = datetime.now(UTC)

    store.grants.revoke("p-1", at=now)
    with store.database.writing() as connection:
        connection.execute(
            grants.update().where(grants.c.person == "p-2").values(expires=now - timedelta(1))
        )

    assert links.read(Purpose.PERSON, token_of(revoked)) is None
    assert links.read(Purpose.PERSON, token_of(expired)) is None


def test_rotated_key_reads_the_links_of_the_one_before(links, store):
    old = token_of(links.person("p-1"))

    rotated = Links(store, keys=[NEXT, KEY], base="")
    new = token_of(rotated.person("p-1"))

    assert rotated.read(Purpose.PERSON, old) is not None
    assert links.read(Purpose.PERSON, new) is None
    assert Links(store, keys=[NEXT], base="").read(Purpose.PERSON, old) is None


def test_key_of_the_data_folder_is_made_once_and_is_nobody_elses(tmp_path):
    settings = load(data=tmp_path / "new")

    first, again = keys_of(settings), keys_of(settings)

    kept = tmp_path / "new" / "link.key"
    assert first == again == [kept.read_text()]
    assert len(first[0]) >= 60
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["link.key"]


def test_key_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(
        UnavailableError, match=r'signs links, ".*link.key", can\'t be read or made'
    ):
        keys_of(load(data=tmp_path / "file"))


def test_keys_of_the_settings_win_and_are_long_enough(tmp_path, monkeypatch):
    monkeypatch.setenv("RESIDENCY_LINK_KEYS", f"{NEXT}, {KEY}")
    assert keys_of(load(data=tmp_path)) == [NEXT, KEY]

    monkeypatch.setenv("RESIDENCY_LINK_KEYS", "short")
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value) == (
        "RESIDENCY_LINK_KEYS is a hidden value; allowed: keys of at least 32 signs, "
        "with commas between."
    )
