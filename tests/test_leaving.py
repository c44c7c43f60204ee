import signal
import subprocess
import sys
import time

import pytest

HEAD = """
import asyncio, sys, time
from leaving import run_main
from residency.errors import ResidencyError
"""


def run(program):
    return subprocess.run(
        [sys.executable, "-c", HEAD + program], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("program", "code", "stdout", "stderr"),
    [
        ("run_main(lambda: print('done'))", 0, "done\n", ""),
        ("run_main(lambda: 3)", 3, "", ""),
        ("run_main(lambda: sys.exit())", 0, "", ""),
        ("run_main(lambda: sys.exit(2))", 2, "", ""),
        ("run_main(lambda: sys.exit('a text'))", 1, "", "a text\n"),
        ("async def main(): print('loop')\nrun_main(main)", 0, "loop\n", ""),
        (
            "def main(): raise ResidencyError('No program \"x\".')\nrun_main(main)",
            1,
            "",
            'No program "x".\n',
        ),
    ],
)
def test_command_ends_with_its_code(program, code, stdout, stderr):
    ended = run(program)

    assert (ended.returncode, ended.stdout, ended.stderr) == (code, stdout, stderr)


def test_unexpected_error_is_a_sentence_and_its_traceback_in_the_log(tmp_path, monkeypatch):
    monkeypatch.setenv("RESIDENCY_DATA", str(tmp_path))

    ended = run("run_main(lambda: 1 / 0)")

    log = tmp_path / "errors.log"
    assert (ended.returncode, ended.stdout) == (70, "")
    assert ended.stderr == (
        "This should not have happened: ZeroDivisionError. It is a fault of ours; "
        f'"{log}" has where it comes from.\n'
    )
    assert "Traceback" in log.read_text()
    assert log.read_text().endswith("ZeroDivisionError: division by zero\n\n")


def test_unexpected_error_without_a_data_folder_says_how_to_see_more(tmp_path, monkeypatch):
    monkeypatch.setenv("RESIDENCY_DATA", str(tmp_path / "none"))

    ended = run("run_main(lambda: 1 / 0)")

    assert ended.stderr == (
        "This should not have happened: ZeroDivisionError. It is a fault of ours; "
        "RESIDENCY_DEBUG=true shows where it comes from.\n"
    )
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("debug", "ending"), [("true", "run_main(fault)"), ("", "run_main(fault, logs=True)")]
)
def test_unexpected_error_is_shown_in_full_where_it_is_asked_for(monkeypatch, debug, ending):
    monkeypatch.setenv("RESIDENCY_DEBUG", debug)

    ended = run(f"def fault(): 1 / 0\n{ending}")

    assert ended.returncode == 70
    assert ended.stderr.startswith("Traceback")
    assert ended.stderr.endswith("ZeroDivisionError: division by zero\n")


def test_reader_that_leaves_is_no_error():
    program = "run_main(lambda: [print('x' * 1000) for _ in range(1000)] and None)"
    command = [sys.executable, "-c", HEAD + program]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        told = process.stderr.read()

    assert (process.returncode, told) == (141, b"")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_closes_what_is_open_first(number, code):
    program = """
async def main():
    print('ready', flush=True)
    try:
        await asyncio.sleep(30)
    finally:
        print('closed')
run_main(main)
"""
    command = [sys.executable, "-c", HEAD + program]

    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        began = time.monotonic()
        process.send_signal(number)
        told, warned = process.communicate(timeout=10)

    assert (process.returncode, told, warned) == (code, b"closed\n", b"")
    assert time.monotonic() - began < 5


def test_live_client_does_not_abort_the_end(dev_server):
    program = f"""
from residency.settings import load
from server import connect
async def main():
    await connect(load(), address='{dev_server.address}')
run_main(main)
"""

    ends = [run(program).returncode for _ in range(3)]

    assert ends == [0, 0, 0]
