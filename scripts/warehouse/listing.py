"""What lies in a folder of exports: files to load, downloads that have not come whole, and what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from warehouse.errors import one_line

UNFINISHED = re.compile(r"^~\$|\.(part|partial|crdownload|download|tmp)$", re.IGNORECASE)
NOT_EXPORTS = re.compile(r"^(\.|README|source\.yml$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)


def exports(root: Path) -> Iterator[Path]:
    """Files below a folder that are meant as exports and have come whole, in the order of their paths."""
    return (path for path, is_unfinished in listed_files(root, offered(root)) if not is_unfinished)


def listed_files(root: Path, paths: Iterable[Path]) -> Iterator[tuple[Path, bool]]:
    """Those below a folder that are files which look like exports, and whether each is still written or downloaded."""
    for path in paths:
        parts = path.relative_to(root).parts
        if not path.is_file() or _is_misnamed(parts):
            continue
        # a browser may download into a folder of that name
        yield path, any(UNFINISHED.search(part) for part in parts)


def offered(root: Path) -> Iterator[Path]:
    """All that is below a folder, but what belongs to the project or the system."""
    for path in sorted(root.rglob("*")):
        if not any(NOT_EXPORTS.match(part) for part in path.relative_to(root).parts):
            yield path


def _is_misnamed(parts: Sequence[str]) -> bool:
    return any(one_line(part) != part for part in parts)


def unreachable(root: Path, paths: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Those that are no file that can be read, as messages call them, and why; a folder is only what is in it."""
    for path in paths:
        parts = path.relative_to(root).parts
        shown = one_line("/".join(parts))
        if path.is_symlink() and not path.is_file():
            held = "a link to a folder, which is not followed" if path.is_dir() else "a link to nothing"
            yield shown, f"{held}; put the exports themselves here"
        elif not path.is_dir() and not path.is_file():
            yield shown, "a pipe, a socket or a device, no export; remove it"
        elif path.is_file() and _is_misnamed(parts):
            yield shown, "its name holds a line end, a control character or bytes that are not UTF-8; rename it"


def has_exports(root: Path) -> bool:
    """Whether a folder holds any file that is meant as an export."""
    return next(exports(root), None) is not None
