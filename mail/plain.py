"""How the plain-text part of a mail is set."""

from typing import Final

_ITEM: Final = ("- ", "  ")


def tidy(text: str) -> str:
    """Lines of at most 76 signs, and never two blank ones."""
    lines = [""]
    for line in text.splitlines():
        kept = line.rstrip()
        if kept.startswith("- ") and not lines[-1] and lines[-2:-1] and lines[-2][:2] in _ITEM:
            lines.pop()  # The items of one list stand together.
        if kept or lines[-1]:
            lines += _wrapped(kept)
    lines = lines[1:]
    return "\n".join(lines).rstrip() + "\n"


def _wrapped(line: str) -> list[str]:
    if len(line) <= 76:
        return [line]
    hang = "  " if line.startswith(("- ", "> ")) else ""
    lines, current = list[str](), ""
    for word in line.split(" "):
        if current and len(current) + 1 + len(word) > 76:
            lines.append(current)
            current = hang + word
        else:
            current = f"{current} {word}" if current else word
    return [*lines, current]
