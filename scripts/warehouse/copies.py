"""Names that a browser, a CRM or a desktop gives to the second file of one name: `deals (1).csv`, `deals copy.csv`."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from warehouse.extract_time import ANOTHER_DAY

SUFFIXES = re.compile(r"((?:\.[A-Za-z]\w{0,9}){0,2})$")
WORD = r"(?:copy|copie|kopie|copia)"
MARKS = (
    re.compile(r" ?\(\d{1,3}\)$"),
    re.compile(rf"[ _-]+{WORD}(?: \d{{1,3}})?$", re.IGNORECASE),
    re.compile(rf"^{WORD}(?: \(\d{{1,3}}\))? (?:of|de|von|di) ", re.IGNORECASE),
    re.compile(rf"(?<!\d)(?P<kept>{ANOTHER_DAY})-\d{{1,2}}$"),  # HubSpot's second export of a day
)
NUMBER = re.compile(r" (?:[2-9]|[1-9]\d)$")  # the Finder's, but parts have such names, too


def original_name(path: str) -> str:
    """The name of the file that a file is a copy of by its name; its own name without its folders elsewise."""
    name = PurePosixPath(path).name
    suffixes = SUFFIXES.search(name)
    end = suffixes[1] if suffixes else ""
    stem, before = name[: len(name) - len(end)], ""
    while stem != before:
        before = stem
        for mark in MARKS:
            stem = mark.sub(lambda found: found.groupdict().get("kept") or "", stem) or stem
    return stem + end


def may_be_copies(path: str, other: str) -> bool:
    """Whether one of two names is that of a copy of the other, or both are of copies of a third."""
    names = original_name(path), original_name(other)
    return names[0] == names[1] or any(
        _unnumbered(one) == another for one, another in (names, names[::-1]) if one != another
    )


def shortest_stem(path: str) -> str:
    """What the names of all files have in them that may be copies of a file, or it of them."""
    name = _unnumbered(original_name(path))
    return SUFFIXES.sub("", name)


def _unnumbered(name: str) -> str:
    suffixes = SUFFIXES.search(name)
    end = suffixes[1] if suffixes else ""
    return NUMBER.sub("", name[: len(name) - len(end)]) + end
