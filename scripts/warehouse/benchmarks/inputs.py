"""What is loaded: calls as HubSpot exports them, with notes in quotes, in one large file or many small ones."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

TITLES = (
    "Record ID,Activity date,Create Date,Last Modified,Call direction,Call outcome,Call duration (milliseconds),"
    "Call status,Activity assigned to,Associated Contact IDs,Associated Deal IDs,Call Title,Call notes\n"
)
WORDS = "appel client relance budget signature devis été réunion voicemail pricing security review next step".split()
OUTCOMES = ("f240bbac-87c9-4f6e-bf70-924b57d47db7", "9d9162e7-6cf3-4944-bf63-4dff82258764", "")
BATCH = 20_000  # rows written at a time


def write_large(path: Path, megabytes: int, seed: int) -> int:
    """One export of at least so many megabytes; its rows."""
    path.parent.mkdir(parents=True)
    rows = _rows(seed)
    written = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        size = file.write(TITLES)
        while size < megabytes * 1024**2:
            size += file.write("".join(next(rows) for _ in range(BATCH)))
            written += BATCH
    return written


def write_small(folder: Path, files: int, rows_each: int, seed: int) -> None:
    """Exports of a few rows each, in one folder."""
    folder.mkdir(parents=True)
    rows = _rows(seed)
    for number in range(files):
        text = TITLES + "".join(next(rows) for _ in range(rows_each))
        (folder / f"calls_2026-03-02_part{number}.csv").write_text(text, encoding="utf-8")


def _rows(seed: int) -> Iterator[str]:
    chance = random.Random(seed)  # noqa: S311 (the same rows each time)
    notes = [_note(chance) for _ in range(5_000)]
    for number in count(1):
        moment = f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d} {number % 24:02d}:{number % 60:02d}"
        yield (
            f"{10**10 + number},{moment},{moment},{moment},{'OUTBOUND' if number % 3 else 'INBOUND'},"
            f"{OUTCOMES[number % 3]},{number * 7919 % 900_000},COMPLETED,{71_000_000 + number % 40},"
            f"{5 * 10**9 + number % 300_000},{'' if number % 3 else 9 * 10**9 + number % 5_000},"
            f"Call with contact {number % 300_000},{chance.choice(notes)}\n"
        )


def _note(chance: random.Random) -> str:
    """A note: half have none, one in four has commas, line ends or quotes."""
    text = " ".join(chance.choices(WORDS, k=chance.randint(4, 14)))
    parted, broken = text.replace(" ", ", ", 2), text.replace(" ", ",\n", 2)
    forms = ("", text, f'"{parted}"', f'"{broken}"', f'"said ""{text}"", fine"')
    return chance.choices(forms, weights=(50, 25, 13, 9, 3))[0]
