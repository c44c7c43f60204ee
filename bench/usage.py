"""What processes have used: CPU seconds and memory, read from the system without further libraries."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

PROC = Path("/proc")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its children, those that have ended not counted."""
    return sum(_cpu(each) for each in family(pid))


def own_cpu_seconds() -> float:
    """User and system time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_rss_mb(pid: int) -> float:
    """The most memory that a process and its children have held, each at its own peak, in MB."""
    return sum(_peak(each) for each in family(pid))


def own_peak_rss_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents = _parents()
    found = [pid]
    for each in found:  # It grows while it is gone through.
        found += [child for child, parent in parents.items() if parent == each]
    return found


def _parents() -> dict[int, int]:
    """The parent of every process."""
    if not PROC.is_dir():
        return {int(child): int(parent) for child, parent in _ps("pid=,ppid=")}
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            found[int(entry.name)] = int(fields[1])
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the state on; nothing where it has ended."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu(pid: int) -> float:
    if PROC.is_dir():
        fields = _stat(pid)
        ticks = int(fields[11]) + int(fields[12]) if fields else 0
        return ticks / os.sysconf("SC_CLK_TCK")
    found = _ps("time=", pid)
    return _clock(found[0][0]) if found else 0.0


def _peak(pid: int) -> float:
    """At its peak by /proc; as it is now where only `ps` is there."""
    try:
        lines = (PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        found = [] if PROC.is_dir() else _ps("rss=", pid)
        return int(found[0][0]) * 1024 / 1e6 if found else 0.0
    kilobytes = next((line.split()[1] for line in lines if line.startswith("VmHWM:")), "0")
    return int(kilobytes) * 1024 / 1e6


def _ps(columns: str, pid: int | None = None) -> list[list[str]]:
    which = ["-p", str(pid)] if pid is not None else ["-A"]
    told = subprocess.run(
        ["ps", *which, "-o", columns], capture_output=True, text=True, check=False
    )
    return [line.split() for line in told.stdout.splitlines() if line.strip()]


def _clock(text: str) -> float:
    """The seconds of `[days-][hours:]minutes:seconds`."""
    days, _, clock = text.rpartition("-")
    seconds = 0.0
    for part in clock.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds + int(days or 0) * 86_400
