"""`doctor` says what works, what does not, and what to do."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text, update

from residency.wire import Act
from store import Store
from store.posting import MailState
from store.tables import outbox
from tests.cli.commanding import run, started, until_said
from tests.store.batches import mail


def test_doctor_on_a_fresh_machine_finds_nothing_broken(tmp_path):
    ended = run(tmp_path / "var", "doctor")

    assert ended.returncode == 0
    assert "ok      settings: RESIDENCY_DATA set" in ended.stdout
    assert "note    Temporal: no server is running or configured" in ended.stdout
    assert not (tmp_path / "var").exists()


def test_doctor_names_what_is_broken_and_exits_1(tmp_path):
    ended = run(
        tmp_path / "var",
        "doctor",
        "--json",
        RESIDENCY_TEMPORAL_ADDRESS="127.0.0.1:1",
        RESIDENCY_MAIL_TRANSPORT="smtp",
        RESIDENCY_MAIL_LIV="true",
    )
    found = {(one["about"], one["state"]): one for one in json.loads(ended.stdout)}

    assert ended.returncode == 1
    assert '"127.0.0.1:1" can\'t be reached' in found["Temporal", "broken"]["said"]
    assert found["mail", "broken"]["todo"] == "Set RESIDENCY_SMTP_URL."
    assert "did you mean RESIDENCY_MAIL_LIVE" in found["settings", "note"]["said"]


def test_doctor_shows_a_bad_setting(tmp_path):
    ended = run(tmp_path / "var", "doctor", RESIDENCY_LOG_LEVEL="loud")

    assert ended.returncode == 1
    assert 'RESIDENCY_LOG_LEVEL is "loud"; allowed: ' in ended.stdout


def test_data_folder_that_is_a_file_is_broken(tmp_path):
    (tmp_path / "var").write_text("")

    ended = run(tmp_path / "var", "doctor")

    assert ended.returncode == 1
    assert "BROKEN  data folder: " in ended.stdout


def test_data_folder_that_can_not_be_made_is_broken(tmp_path):
    ended = run(tmp_path / "var", "doctor", RESIDENCY_DATA="/proc/nope")

    assert ended.returncode == 1
    assert 'BROKEN  data folder: "/proc" can\'t be written' in ended.stdout


def test_names_in_the_env_file_that_are_no_settings_are_told(tmp_path):
    (tmp_path / ".env").write_text("RESIDENCY_MAIL_LIV=true\n")

    ended = run(tmp_path / "var", "doctor")

    assert '"RESIDENCY_MAIL_LIV" is no setting: did you mean RESIDENCY_MAIL_LIVE.' in ended.stdout


def test_line_of_the_env_file_without_a_value_is_told_once_in_our_words(tmp_path):
    (tmp_path / ".env").write_text("RESIDENCY_MAIL_LIVE true\n")

    ended = run(tmp_path / "var", "doctor")

    assert ended.returncode == 1
    assert ".env:1: this line can't be read; write NAME=value." in ended.stdout
    assert "dotenv" not in ended.stderr


@pytest.fixture
def store(tmp_path):
    """The database of a data folder that nobody works on."""
    (tmp_path / "var").mkdir()
    made = Store(f"sqlite:///{tmp_path}/var/residency.db")
    made.migrate()
    yield made
    made.close()


def keep(store, row, state, **more):
    store.outbox.put_many([row])
    with store.database.writing() as connection:
        change = update(outbox).where(outbox.c.key == row.key)
        connection.execute(change.values(state=state, **more))


def test_mails_that_wait_for_a_person_are_named_with_what_to_do(tmp_path, store):
    keep(store, mail("o1"), MailState.FAILED)
    keep(store, mail("o2"), MailState.FAILED)
    keep(store, mail("o3"), MailState.UNKNOWN)
    keep(store, mail("o4", rehearsal=True), MailState.FAILED)

    lines = run(tmp_path / "var", "doctor").stdout.splitlines()

    place = lines.index("note    mail: 2 mails were not sent")
    assert lines[place + 1].startswith("        residency emails list --state failed; correct ")
    assert lines[place + 2] == "note    mail: 1 mail may or may not have been sent"
    assert lines[place + 3].startswith("        residency emails list --state unknown; ask ")
    assert len(lines) == place + 4


def test_mails_that_nobody_comes_for_are_named_with_what_to_do(tmp_path, store):
    now = datetime.now(UTC)
    ago = {"minutes": now - timedelta(minutes=5), "hour": now - timedelta(hours=1)}
    keep(store, mail("o1"), MailState.SENDING, claimed=ago["minutes"])
    keep(store, mail("o2"), MailState.SENDING, claimed=ago["hour"])
    keep(store, mail("o3", carrier="r-1", at=now), MailState.QUEUED)
    keep(store, mail("o4", carrier="r-1"), MailState.QUEUED, not_before=now - timedelta(days=5))

    lines = run(tmp_path / "var", "doctor").stdout.splitlines()

    place = lines.index(
        "note    mail: 1 mail has been on its way for long: whoever sent it is gone"
    )
    assert lines[place + 1].startswith("        residency emails list --state sending; ")
    assert lines[place + 2] == "note    mail: 1 mail is a digest whose time is long past"
    assert lines[place + 3].startswith("        residency emails list --state queued; ")
    assert len(lines) == place + 4


@pytest.mark.parametrize(
    ("version", "line", "todo", "code"),
    [
        ("0001", "note    database: ", "Any command that reads brings it up: ", 0),
        ("9999", "BROKEN  database: ", "It was made by a newer version of this program", 1),
    ],
)
def test_database_of_another_version_is_named(tmp_path, store, version, line, todo, code):
    with store.database.writing() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{version}'"))

    ended = run(tmp_path / "var", "doctor")
    lines = ended.stdout.splitlines()

    place = next(n for n, one in enumerate(lines) if one.startswith(line))
    assert f"is at version {version}; this program needs " in lines[place]
    assert lines[place + 1].strip().startswith(todo)
    assert ended.returncode == code


def test_missing_worker_and_missing_mail_process_are_told_apart(tmp_path, temporal_binary):
    data = tmp_path / "var"
    server = started(data, "server", "--port", "0", "--ui-port", "0")
    worker = None
    try:
        until_said(server, "Next: residency worker")
        alone = run(data, "doctor").stdout
        worker = started(data, "worker", "--only", "workflows")
        until_said(worker, "working")
        half = run(data, "doctor").stdout
        while (
            'nobody works on the queue "residency"' in half
        ):  # The server hears of it in a moment.
            half = run(data, "doctor").stdout
    finally:
        for process in (worker, server):
            if process is not None:
                process.terminate()
                process.communicate(timeout=60)

    assert 'nobody works on the queue "residency": nothing goes on, and nothing is lost' in alone
    assert "Start one: residency worker (or residency up)" in alone
    assert 'no mail process works on the queue "residency-mail": mail waits' in half


def test_actions_that_were_not_confirmed_need_a_worker(tmp_path, store):
    store.clicks.put("r-one", Act(id="a-1", verb="note", actor="p-b"))
    one = run(tmp_path / "var", "doctor").stdout.splitlines()
    store.clicks.put("r-one", Act(id="a-2", verb="note", actor="p-b"))
    two = run(tmp_path / "var", "doctor").stdout.splitlines()

    start = "again; start one: residency worker (or residency up)"
    place = one.index("note    database: 1 action was taken and not confirmed yet")
    assert one[place + 1].strip() == f"A worker sends it {start}"
    place = two.index("note    database: 2 actions were taken and not confirmed yet")
    assert two[place + 1].strip() == f"A worker sends them {start}"


def test_where_a_worker_polls_it_sends_them_again_by_itself(tmp_path, store, temporal_binary):
    data = tmp_path / "var"
    server = started(data, "server", "--port", "0", "--ui-port", "0")
    worker = None
    try:
        until_said(server, "Next: residency worker")
        worker = started(data, "worker", "--only", "workflows")
        until_said(worker, "working")
        while "nobody works on the queue" in run(data, "doctor").stdout:
            pass  # The server hears of it in a moment.
        store.clicks.put("r-one", Act(id="a-1", verb="note", actor="p-b"))
        store.clicks.put("r-one", Act(id="a-2", verb="note", actor="p-b"))
        found = run(data, "doctor", "--json")
    finally:
        for process in (worker, server):
            if process is not None:
                process.terminate()
                process.communicate(timeout=60)

    (said,) = [one for one in json.loads(found.stdout) if "not confirmed yet" in one["said"]]
    assert said["todo"] == "The worker that runs sends them again within 3 minutes."
