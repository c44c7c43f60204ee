"""Commands against a real dev server: what starts what, what is refused, and how it all ends."""

import json
import os
import re
import signal
import time
from pathlib import Path

import pytest

from tests.cli.commanding import PROGRAM, fetched, run, sample_answers, started, until_said

DATES = ("--opens", "2025-01-01", "--closes", "2091-04-03", "--first-day", "2091-09-01")


@pytest.fixture(scope="module")
def running(tmp_path_factory, temporal_binary):
    """A data folder with an open cohort, on which `residency up` runs; and where its pages are."""
    folder = tmp_path_factory.mktemp("real") / "var"
    opened = run(folder, "cohort", "open", PROGRAM, "2022", *DATES)
    assert opened.returncode == 0, opened.stderr
    up = started(folder, "up", "--port", "0", "--ui-port", "0")
    try:
        said = "".join(until_said(up, "working"))
        yield folder, re.search(r"^Pages +(\S+), in a third one$", said, re.MULTILINE)[1]
    finally:
        up.send_signal(signal.SIGINT)
        rest, _ = up.communicate(timeout=60)
    assert up.returncode == 130
    # Of the end each part says that it has ended, and we what that means; the SDK says nothing.
    assert "shutting down" not in rest
    assert rest.splitlines()[-1] == (
        "Ended, and nothing is lost: with the next `residency up` everybody goes on."
    )


@pytest.fixture(scope="module")
def data(running):
    return running[0]


@pytest.fixture
def pages(running):
    """Asks the pages that `residency up` serves; a printed link's own host need not be theirs."""
    return lambda link: fetched(f"{running[1]}/{link.strip().split('/', 3)[3]}")


@pytest.fixture(scope="module")
def applied(data):
    """Two applicants of a file; their residencies' ids."""
    people = [
        {"name": name, "email": f"{name}@example.org".lower(), "answers": sample_answers()}
        for name in ("Ada", "Grace")
    ]
    file = data.parent / "people.json"
    file.write_text(json.dumps(people))
    ended = run(data, "apply", "--file", file, "--json")
    assert ended.returncode == 0, ended.stderr
    return [one["residency"] for one in json.loads(ended.stdout)]


def test_second_up_on_the_same_folder_is_refused(data):
    ended = run(data, "up", "--port", "0", "--ui-port", "0")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f'`residency up` runs already on "{data}" (process ')
    assert ended.stderr.endswith(
        "); end that one first, or set RESIDENCY_DATA to another folder.\n"
    )
    assert len(ended.stderr.splitlines()) == 1


def test_pages_run_beside_and_a_corrected_address_ends_the_links_of_before(data, applied, pages):
    first = applied[0]
    link = run(data, "link", "ada@example.org").stdout
    before = pages(link)

    taken = run(data, "act", "correct-address", first, "--address", "grace@example.org")
    kept = pages(link)
    done = run(data, "act", "correct-address", first, "--address", "ada.new@example.org")
    after = [pages(link), pages(run(data, "link", "ada.new@example.org").stdout)]
    mails = run(data, "emails", "list", "--json").stdout

    assert (before[0], kept[0]) == (200, 200)
    assert "You are Ada" in before[1]
    assert taken.returncode == 1
    assert 'The address "grace@example.org" can\'t be used: somebody else has it.' in taken.stderr
    assert done.returncode == 0, done.stderr
    assert [status for status, _ in after] == [404, 200]
    assert {"address-changed", "address-corrected"} <= {one["notice"] for one in json.loads(mails)}
    back = run(data, "act", "correct-address", first, "--address", "ada@example.org")
    assert back.returncode == 0, back.stderr


def test_list_with_faults_starts_nothing(data, applied):
    file = data.parent / "faulty.json"
    good = {"name": "Joan", "email": "joan@example.org", "answers": sample_answers()}
    file.write_text(
        json.dumps(
            [
                good,
                good | {"name": "", "email": "nowhere"},
                good | {"email": "ada@example.org", "answres": {}},
            ],
            indent=0,
        )
    )

    ended = run(data, "apply", "--file", file)
    status = json.loads(run(data, "status", "--json").stdout)

    assert ended.returncode == 1
    told = ended.stderr.splitlines()
    at = {key: _line_of(file, text) for key, text in PLACES.items()}
    assert f"{file.name}:{at['name']}:9: name: the name is missing" in told
    assert f'{file.name}:{at["nowhere"]}:10: email: "nowhere" is no address: ' in ended.stderr
    assert f'{file.name}:{at["key"]}:1: answres: unknown key; did you mean "answers"?' in told
    assert (
        f'{file.name}:{at["known"]}:10: email: "ada@example.org" has applied to 2022 already: '
        f"{applied[0]}"
    ) in told
    assert told[-2:] == [
        "--go-on passes over those who have applied already",
        "4 faults; nothing was started",
    ]
    assert [one["id"] for one in status] == applied


PLACES = {
    "name": '"name": ""',
    "nowhere": '"email": "nowhere"',
    "key": '"answres"',
    "known": '"email": "ada@example.org"',
}


def _line_of(file, text):
    return next(
        number for number, line in enumerate(file.read_text().splitlines(), 1) if text in line
    )


def test_list_of_which_all_have_applied_leaves_nothing_to_do(data, applied):
    file = data.parent / "people.json"

    ended = run(data, "apply", "--file", file, "--go-on")
    without = run(data, "apply", "--name", "Ada", "--email", "ada@example.org", "--go-on")

    assert (ended.returncode, ended.stderr) == (
        0,
        f'Everybody of "{file}" has applied already; nothing is left to do.\n',
    )
    assert without.returncode == 2
    assert "--go-on passes over people of a file, so it needs --file." in without.stderr
    assert [one["id"] for one in json.loads(run(data, "status", "--json").stdout)] == applied


def test_many_at_once_get_a_line_each_and_a_summary_and_one_refusal_fails(data, applied):
    reason = ("--reason", "met them at a fair")

    ended = run(data, "act", "note", *applied, "r-aaaaaaaa", *reason)
    tried = run(data, "act", "note", *applied, *reason, "--dry-run")

    assert ended.returncode == 1
    assert ended.stdout.splitlines() == [f"{one}: recorded." for one in applied]
    assert ended.stderr.splitlines() == [
        '"r-aaaaaaaa" is no residency here; `residency status` lists them.',
        "2 done, 1 refused.",
    ]
    assert (tried.returncode, tried.stderr) == (0, "2 possible; nothing was done.\n")


def test_apply_that_is_broken_off_says_who_was_taken_and_goes_on(data, applied):
    names = [f"Bo {chr(65 + number)}." for number in range(26)]
    people = [
        {"name": name, "email": f"bo{number}@example.org", "answers": sample_answers()}
        for number, name in enumerate(names)
    ]
    file = data.parent / "many.json"
    file.write_text(json.dumps(people))

    with started(data, "apply", "--file", file) as process:
        begun = until_said(process, "Bo C. applied to 2022")
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=60)
    told = rest.splitlines()[-1]
    taken = "".join([*begun, rest]).count("applied to 2022")
    again = run(data, "apply", "--file", file, "--go-on", "--dry-run")

    assert process.returncode == 130
    assert told.startswith(f"{taken} of 26 applications were taken. Not taken: {names[taken]}, ")
    assert told.endswith(" more. The same command with --go-on takes the rest.")
    assert (
        again.stderr
        == f"{26 - taken} applications would start in {PROGRAM} 2022. Nothing was done.\n"
    )


def test_action_with_its_id_is_done_once(data, applied):
    words = ("act", "note", applied[0], "--reason", "a second look", "--id", "a-twice")

    first, second = run(data, *words), run(data, *words)

    assert first.stdout == f"{applied[0]}: recorded.\n"
    assert second.stdout.startswith("Already recorded at ")
    assert second.returncode == 0
    shown = run(data, "timeline", applied[0], "--json")
    assert [one.get("action") for one in json.loads(shown.stdout)].count("a-twice") == 1


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (
            "application/judge-reviewrs//1",
            'no task "application/judge-reviewrs//1"; did you mean "application/judge-reviewers//1"?',
        ),
        ("x", 'no task "x"; open are: application/judge-reviewers//1.'),
    ],
)
def test_answers_of_a_task_that_there_is_not_are_not_blamed(data, applied, task, said):
    ended = run(
        data, "act", "complete", applied[1], "--task", task, "--reason", "x",
        "--answers", data.parent,
    )  # fmt: skip

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"{applied[1]} has {said}\n"


def test_folder_in_the_place_of_answers_is_told(data, applied):
    task = "application/judge-reviewers//1"

    ended = run(
        data, "act", "complete", applied[1], "--task", task, "--reason", "x",
        "--answers", data.parent,
    )  # fmt: skip

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f'"{data.parent}" is a folder; name a file.\n'


def test_answers_are_checked_before_anything_is_sent(data, applied):
    task = "application/judge-reviewers//1"

    ended = run(
        data, "act", "complete", applied[1], "--task", task, "--reason", "x",
        "--answer", "programming_skills=perhaps",
    )  # fmt: skip

    assert ended.returncode == 1
    assert '"perhaps" is neither yes nor no; answer yes or no (true or false).' in ended.stderr
    assert len(json.loads(run(data, "tasks", "--residency", applied[1], "--json").stdout)) == 1


def test_dry_run_says_what_would_move_and_does_nothing(data, applied):
    words = ("act", "first-day", applied[1], "--day", "2091-10-01", "--reason", "a visa")

    before = run(data, "timeline", applied[1]).stdout
    tried = run(data, *words, "--dry-run")

    assert tried.returncode == 0
    assert tried.stdout.startswith("9 milestones move: m1 (")
    assert tried.stdout.endswith("Nothing was done.\n")
    assert run(data, "timeline", applied[1]).stdout == before


def test_wrong_stage_is_a_sentence(data, applied):
    ended = run(data, "act", "extend", applied[0], "--weeks", "3", "--reason", "late")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith('"extend" is not possible in r-')
    assert len(ended.stderr.splitlines()) == 1


def test_status_reads_the_record_and_live_asks_the_workflow(data, applied):
    whole = run(data, "status", "ada@example.org").stdout
    live = json.loads(run(data, "status", applied[0], "--live", "--json").stdout)
    next_line = run(data, "status", applied[0], "--live").stdout.splitlines()[4]

    assert whole.startswith(f"Ada ({applied[0]})\n")
    assert "application/judge-reviewers//1" in whole
    assert (live["residency"], live["stage"]) == (applied[0], "application")
    assert next_line.startswith("next: 20")
    assert next_line.partition(", ")[2].startswith(("mail goes out", "a reminder: Judge what"))


def test_doctor_sees_server_worker_and_attributes(data, applied):
    ended = run(data, "doctor")

    assert ended.returncode == 0
    assert "search attributes are registered" in ended.stdout
    said = 'a worker carries the queue "residency", and a mail process "residency-mail"'
    assert said in ended.stdout


def test_command_starts_what_is_not_running_and_ends_it(tmp_path, temporal_binary):
    data = tmp_path / "var"
    run(data, "cohort", "open", PROGRAM, "2022", *DATES)
    answers = tmp_path / "answers.json"
    answers.write_text(json.dumps(sample_answers()))

    ended = run(data, "apply", "--name", "Ada", "--email", "ada@example.org", "--answers", answers)

    assert ended.returncode == 0, ended.stderr
    assert [line.split(" on ")[0].split(" (")[0] for line in ended.stderr.splitlines()][:1] == [
        "Started a Temporal server"
    ]
    assert not (data / "server.json").exists()
    assert '"event": "ended"' in (data / "worker.log").read_text()


def test_worker_waits_for_its_server_and_ends_on_sigterm(tmp_path):
    worker = started(tmp_path / "var", "worker", RESIDENCY_TEMPORAL_ADDRESS="127.0.0.1:1")
    try:
        lines = until_said(worker, "waiting")
    finally:
        worker.terminate()
        rest, _ = worker.communicate(timeout=30)

    assert '\\"127.0.0.1:1\\" can\'t be reached' in lines[-1]
    assert "Traceback" not in "".join(lines) + rest
    assert worker.returncode == 143


def test_mail_process_is_started_again(data):
    log_pids = mail_processes(data)

    os.kill(log_pids[0], signal.SIGKILL)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        now = mail_processes(data)
        if now and now != log_pids:
            break
        time.sleep(0.1)

    assert len(mail_processes(data)) == 1
    assert mail_processes(data) != log_pids


def mail_processes(data):
    """The mail processes that work on this data folder, by what Linux says of them."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            given = (process / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        own = f"RESIDENCY_DATA={data}".encode() in given
        if own and words[-3:-1] == [b"--only", b"mail"] and b"worker.py" in words[-4]:
            found.append(int(process.name))
    return found
