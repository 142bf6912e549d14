"""Words of the site in English and in French, beside those that seeds hold."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

Words = dict[str, str]

MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
}


def _words() -> dict[str, dict[str, Words]]:
    found: dict[str, dict[str, Words]] = {}
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["kind"], {})[row["word"]] = {"en": row["en"], "fr": row["fr"]}
    return found


_OF = _words()
FAMILIES = _OF["family"]
QUESTIONS = _OF["question"]
ROLES = _OF["role"]
CADENCES = _OF["cadence"]
GRAINS = _OF["grain"]
SCOPES = _OF["scope"]
UNITS = _OF["unit"]
DIRECTIONS = _OF["direction"]
KINDS = _OF["kind"]
INTERVALS = _OF["interval"]
TRUSTS = _OF["trust"]
NO_VALUES = _OF["no_value"]
PROPOSALS = _OF["proposal"]
PHRASES = _OF["phrase"]


def month_of(day: dt.date, language: str) -> str:
    """A month in words: October 2026, octobre 2026."""
    return f"{MONTHS[language][day.month - 1]} {day.year}"


def day_of(day: dt.date, language: str) -> str:
    """A day in words: 1 October 2026, 1er octobre 2026."""
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return f"{number} {month_of(day, language)}"


def period_of(grain: str, start: dt.date, language: str) -> str:
    """A period in words: October 2026; Quarter from 1 October 2026."""
    if grain == "month":
        text = month_of(start, language)
        return text[:1].upper() + text[1:]
    if language == "fr":
        return f"{GRAINS[grain]['fr'].capitalize()} ouvert le {day_of(start, 'fr')}"
    return f"{GRAINS[grain]['en'].capitalize()} from {day_of(start, 'en')}"


def exact(number: float, language: str, decimals: int = 2) -> str:
    """A number to calculate with: 1,234.5 in English, 1 234,5 in French; no decimals where they are noughts."""
    text = f"{number:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if language == "fr":
        text = text.replace(",", "\u202f").replace(".", ",")
    return text.replace("-", "\u2212")
