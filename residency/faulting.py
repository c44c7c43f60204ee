"""Noting faults of a file that is partly at fault already."""

from residency.source import Source


class Checker:
    """Notes faults of one file, but none about what an earlier fault has left out."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def fault(
        self, *steps: str | int, says: str, at_key: bool = False, warns: bool = False
    ) -> None:
        """Note a fault, or a warning, of that part; `at_key` points to its key."""
        for left_out in self.source.pruned:
            short = min(len(left_out), len(steps))
            if left_out[:short] == steps[:short]:
                return
        self.source.fault(steps, says, at_key=at_key, warning=warns)
