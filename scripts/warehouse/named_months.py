"""Dates whose month is a word, `September 1, 2026 3:45pm` or `1er septembre 2026`, as ISO text."""

from __future__ import annotations

import re
import unicodedata

# in English and French, without accents, with what they are shortened to
MONTHS = (
    "january jan janvier janv",
    "february feb fevrier fevr fev",
    "march mar mars",
    "april apr avril avr",
    "may mai",
    "june jun juin",
    "july jul juillet juil",
    "august aug aout",
    "september sep sept septembre",
    "october oct octobre",
    "november nov novembre",
    "december dec decembre",
)
NUMBERS = ", ".join(f"'{name}': '{number:02}'" for number, names in enumerate(MONTHS, 1) for name in names.split())
NAME = f"({'|'.join(name for names in MONTHS for name in names.split())})"
TIME = r"(?:,? (?:at |a )?(\d{1,2}:\d{2}(?::\d{2})?)[ \x{00A0}\x{202F}]?([ap]m)?)?"
# month, day, year, time, half of the day
ENGLISH = rf"{NAME}\.? (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}}){TIME}"
# day, month, year, time, half of the day
FRENCH = rf"(\d{{1,2}})(?:er|st|nd|rd|th)?[ -]{NAME}\.?,?[ -](\d{{4}}){TIME}"
CLOCKS = ("%I:%M%p", "%I:%M:%S%p", "%H:%M", "%H:%M:%S")


def names_month(value: str | None) -> bool:
    """Whether a text is a date whose month is a word."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", (value or "").casefold()) if each.isascii())
    return any(re.fullmatch(form.replace(r"\x{00A0}\x{202F}", ""), plain) for form in (ENGLISH, FRENCH))


def iso_text(cell: str) -> str:
    """SQL of a cell with such a date as ISO text, the time with it; of any other cell, and of no day, as it is."""
    plain = f"lower(strip_accents({cell}))"
    forms = []
    for form, month, day in ((ENGLISH, 1, 2), (FRENCH, 2, 1)):
        part = {place: f"regexp_extract({plain}, '^(?:{form})$', {place})" for place in range(1, 6)}
        written = f"{part[3]} || '-' || map {{{NUMBERS}}}[{part[month]}] || '-' || lpad({part[day]}, 2, '0')"
        clocks = ", ".join(f"'%Y-%m-%d {clock}'" for clock in CLOCKS)
        moment = f"try_strptime({written} || ' ' || {part[4]} || {part[5]}, [{clocks}])"
        is_day = f"cast(try_cast({written} as date) as varchar)"
        forms.append(
            f"when regexp_full_match({plain}, '{form}') then case when {part[4]} = '' then {is_day} "
            f"else strftime({moment}, '%Y-%m-%d %H:%M:%S') end"
        )
    return f"coalesce(case {' '.join(forms)} end, {cell})"
