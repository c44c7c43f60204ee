"""What processes have used."""

import subprocess
import sys

from bench import usage

BUSY = """
import time
until = time.process_time() + 0.3
while time.process_time() < until:
    pass
print("done", flush=True)
input()
"""
PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {BUSY!r}])
"""


def started(code):
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def ended(process):
    process.communicate("\n")


def test_cpu_seconds_counts_the_children_too():
    process = started(PARENT)
    process.stdout.readline()

    used = usage.cpu_seconds(process.pid)
    family = usage.family(process.pid)
    ended(process)

    assert used >= 0.3
    assert len(family) == 2


def test_cpu_seconds_of_a_process_that_ended_is_nothing():
    process = started("pass")
    ended(process)

    assert usage.cpu_seconds(process.pid) == 0
    assert usage.peak_rss_mb(process.pid) == 0


def test_peak_rss_is_in_megabytes():
    process = started("x = bytearray(50_000_000); print('done', flush=True); del x; input()")
    process.stdout.readline()

    peak = usage.peak_rss_mb(process.pid)
    ended(process)

    assert 50 < peak < 100


def test_without_proc_ps_answers(monkeypatch, tmp_path):
    asked = []

    def ps(command, **_):
        asked.append(command)
        text = {"pid=,ppid=": " 1 0\n 7 1\n 8 7\n", "time=": "1-02:00:03\n", "rss=": " 2000\n"}
        return subprocess.CompletedProcess(command, 0, stdout=text[command[-1]])

    monkeypatch.setattr(usage, "PROC", tmp_path / "none")
    monkeypatch.setattr(usage.subprocess, "run", ps)

    assert usage.family(7) == [7, 8]
    assert usage.cpu_seconds(8) == 86_400 + 2 * 3600 + 3
    assert usage.peak_rss_mb(8) == 2.048
