"""A program's colors, made readable: at least 4.5 to 1, in light and in dark."""

import colorsys
import re
from dataclasses import dataclass
from typing import Final

WHITE: Final = "#ffffff"
INK: Final = "#1c1f24"
DARK_CARD: Final = "#1d2025"
PALE: Final = "#e3e5e9"
"""Stands for a gray where the ground is dark: a gray button there looks as if it were off."""
_HOUSE: Final = "#3b5bdb"
_ENOUGH: Final = 4.6  # A little over 4.5, for the rounding of colors.
_HEX: Final = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Look:
    """Colors as #rrggbb. Compiled into a template, so that a mail does not compute them."""

    accent: str
    on_accent: str
    link: str
    link_dark: str  # stands for the accent too, where the ground is dark
    on_link_dark: str

    @classmethod
    def of(cls, color: str | None) -> "Look":
        """The look of a program's color; anything that is no #rrggbb is the house's own."""
        accent = color.lower() if color and _HEX.fullmatch(color) else _HOUSE
        dark = PALE if _is_gray(accent) else _readable(accent, on=DARK_CARD)
        return cls(
            accent=accent,
            on_accent=_on(accent),
            link=_readable(accent, on=WHITE),
            link_dark=dark,
            on_link_dark=_on(dark),
        )


def contrast(one: str, other: str) -> float:
    """The contrast of two colors by WCAG 2: 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _is_gray(color: str) -> bool:
    parts = _parts(color)
    return max(parts) - min(parts) < 0.1


def _on(color: str) -> str:
    """White or ink, whichever can be read better on that ground."""
    return max((WHITE, INK), key=lambda other: contrast(color, other))


def _readable(color: str, *, on: str) -> str:
    """The color, made darker or lighter until it can be read on that ground."""
    hue, light, saturation = colorsys.rgb_to_hls(*_parts(color))
    step = -0.02 if _luminance(on) > 0.5 else 0.02
    while contrast(color, on) < _ENOUGH:  # White and black always have enough at one end.
        light = min(1.0, max(0.0, light + step))
        color = _hex(colorsys.hls_to_rgb(hue, light, saturation))
    return color


def _parts(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _luminance(color: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _parts(color)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
