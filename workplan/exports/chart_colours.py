"""The colours of the sheet, for pictures that have to be right where no sheet of ours is at hand."""

import re
from pathlib import Path
from typing import Any

from workplan import rules

SHEET = Path(__file__).resolve().parents[1] / "static/workplan/apta.css"
TOKEN = re.compile(r"^  --([a-z0-9_-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);$", re.MULTILINE)
TEXT_COLOURS = ("#ffffff", "#0c171c")


def palettes() -> list[dict[str, Any]]:
    """The colours of a picture, for light and for dark: those of ``apta.css``, by the names they have there."""
    tokens = {name: (light, dark) for name, light, dark in TOKEN.findall(SHEET.read_text())}
    found = []
    for place, is_dark in enumerate((False, True)):
        here = {name: both[place] for name, both in tokens.items()}
        found.append(
            {name: here[name.replace("_", "-")] for name in ("sheet", "line", "ink", "ink_2", "focus")}
            | {
                "is_dark": is_dark,
                "statuses": [
                    {
                        "status": status,
                        "area": here[f"f-{status}"],
                        "on_area": readable_on(here[f"f-{status}"]),
                        "sign": here[f"s-{status}"],
                    }
                    for status in rules.STATUSES.values
                ],
            }
        )
    return found


def readable_on(background: str) -> str:
    """Light or dark ink, whichever stands out more from ``background``."""
    return max(TEXT_COLOURS, key=lambda colour: contrast(colour, background))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours as WCAG 2.2 defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
