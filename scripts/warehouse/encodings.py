"""The encoding of a text, and the text as UTF-8, read in pieces: no file is held in memory as a whole."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from warehouse.errors import UnreadableExport

CHUNK = 1024**2
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
CODE_PAGES = ("cp1252", "cp850", "iso8859_15")
TYPED = frozenset("àâäáãåçèéêëíîïñóôöõøùûüúÿæœßÀÂÄÁÇÈÉÊËÎÏÑÔÖÓØÙÛÜÚÆŒ€£§°²«»‘’“”–—…•·®™©\u00a0")
RETURNS = b"\r\r\n"  # what some ledger tools write for a line end


def as_utf8(path: Path, name: str, rewritten: Path) -> tuple[Path, str]:
    """A text as UTF-8 without a byte order mark, and the encoding it came in; written to `rewritten` where needed.

    The encoding is that of the byte order mark, else UTF-8 where all of it is valid, else the likeliest code page.
    Lines that all end with two returns end with one then. Raises UnreadableExport for bytes that are no text.
    """
    encoding = _encoding(path, name)
    if encoding != "utf-8":
        with rewritten.open("w", encoding="utf-8", newline="") as file:
            file.writelines(_decoded(path, encoding, name))
        path = rewritten
    if _doubles_returns(path):
        single = rewritten.with_suffix(".single")
        _write_single_returns(path, single)
        path = single.replace(rewritten)
    return path, encoding


def _encoding(path: Path, name: str) -> str:
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    if start[1:200:2].count(0) > 60 or start[0:200:2].count(0) > 60:
        return "utf-16-le" if start[1:200:2].count(0) > 60 else "utf-16-be"
    if b"\x00" in start:
        raise UnreadableExport(f"{name}: binary content, not a text export; export it as CSV, JSON, Parquet or Excel")
    try:
        for _ in _decoded(path, "utf-8", None):
            pass
    except UnicodeDecodeError:
        return _code_page(path)
    return "utf-8"


def _code_page(path: Path) -> str:
    """The code page in which most of the bytes beyond ASCII are what people type; the first of those alike."""
    counts: Counter[int] = Counter()
    for chunk in _chunks(path):
        counts.update(chunk.translate(None, bytes(range(128))))

    def typed(page: str) -> int:
        return sum(count for byte, count in counts.items() if bytes([byte]).decode(page, "replace") in TYPED)

    return max(CODE_PAGES, key=typed)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _decoded(path: Path, encoding: str, name: str | None) -> Iterator[str]:
    """Text of a file in pieces. Without a name, bytes that are not in the encoding are Python's own error."""
    decoder = codecs.getincrementaldecoder(encoding)()
    before = 0
    for chunk in chain(_chunks(path), [b""]):
        waiting = len(decoder.getstate()[0])
        try:
            yield decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            if name is None:
                raise
            start = before - waiting + error.start
            raise UnreadableExport(f"{name}: byte {start} is not {encoding}; save the file again as UTF-8") from None
        before += len(chunk)


def _doubles_returns(path: Path) -> bool:
    """Whether each line end of a text is two returns and a line feed."""
    doubled = ends = 0
    kept = b""
    for chunk in _chunks(path):
        ends += chunk.count(b"\n")
        doubled += (kept + chunk).count(RETURNS)
        kept = chunk[-2:]
        if doubled != ends:
            return False
    return ends > 0


def _write_single_returns(path: Path, target: Path) -> None:
    kept = b""
    with target.open("wb") as file:
        for chunk in _chunks(path):
            whole = (kept + chunk).replace(RETURNS, b"\r\n")
            kept = whole[len(whole.rstrip(b"\r")) :]
            file.write(whole[: len(whole) - len(kept)])
        file.write(kept)
