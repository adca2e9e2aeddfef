"""Colours of themes: WCAG's contrast, and those that follow from the one that a controller chose."""

import re
from typing import NamedTuple

Rgb = tuple[int, int, int]
_HEX = re.compile(r"#[0-9a-f]{6}")


class Scheme(NamedTuple):
    """The grounds of page.css in one colour scheme, what is written on an accent, and towards what it moves under
    the pointer."""

    card: str
    ground: str
    on_accent: str
    over: str
    tint: float  # how much of the accent its pale ground has


LIGHT = Scheme(card="#ffffff", ground="#f5f5f1", on_accent="#ffffff", over="#000000", tint=0.1)
DARK = Scheme(card="#1b211e", ground="#121614", on_accent="#0c1512", over="#ffffff", tint=0.14)
_OVER = 0.24


def is_colour(text: str) -> bool:
    """Whether a text is a colour as we keep them: `#` and six small hexadecimal digits, so nothing that CSS acts on."""
    return bool(_HEX.fullmatch(text))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))))
    return (high + 0.05) / (low + 0.05)


def least_contrast(accent: str, scheme: Scheme) -> float:
    """The lowest contrast that an accent has as text on a scheme's grounds, or as the ground of a button's text."""
    return min(contrast(accent, other) for other in (scheme.card, scheme.ground, scheme.on_accent))


def variables(accent: str, scheme: Scheme) -> str:
    """The custom properties of page.css that follow from an accent. Raise `ValueError` for what is no colour."""
    if not is_colour(accent):
        raise ValueError("not a colour")
    colours = {
        "accent": accent,
        "accent-over": _mix(accent, scheme.over, _OVER),
        "on-accent": scheme.on_accent,
        "tint": _mix(scheme.card, accent, scheme.tint),
    }
    return "".join(f"--{name}:{value};" for name, value in colours.items())


def style_sheet(accent: str, accent_dark: str) -> str:
    """A theme's whole style sheet. Raise `ValueError` for what is no colour."""
    light, dark = variables(accent, LIGHT), variables(accent_dark, DARK)
    return f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(rgb: Rgb) -> float:
    """Relative luminance (WCAG 2.2)."""
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in rgb
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mix(one: str, other: str, share: float) -> str:
    parts = (round(a + (b - a) * share) for a, b in zip(_rgb(one), _rgb(other), strict=True))
    return "#" + "".join(f"{part:02x}" for part in parts)
