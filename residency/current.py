"""What Temporal's own pages show of a residency: ids, stages and dates, no names."""

from __future__ import annotations

from datetime import datetime

from residency.tasks import Board


def details(board: Board, next_at: datetime | None) -> str:
    """A few lines of Markdown."""
    state = board.state
    lines = [
        f"**{state.stage or 'starting'}**"
        + (f", ended: {state.ended.value}" if state.ended else "")
    ]
    lines.append(f"First day {board.dates.first_day}, last day {board.dates.last_day}.")
    for key, task in board.open_tasks():
        due = f", due {task.due:%Y-%m-%d %H:%M} UTC" if task.due else ""
        lines.append(f"- `{key}` waits for {', '.join(board.waiting_for(task)) or 'nobody'}{due}")
    if next_at is not None:
        lines.append(f"Next: {next_at:%Y-%m-%d %H:%M} UTC.")
    return "\n".join(lines)
