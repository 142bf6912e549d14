"""Unpacking: the one file in a .gz, .zst or .zip, told by its bytes, never past a bound in size."""

from __future__ import annotations

import gzip
import lzma
import re
import struct
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import zstandard

from warehouse.errors import UnreadableExport, one_line

UNPACKED_LIMIT = 4 * 1024**3
UNPACKED_RATIO = 200  # no export shrinks that much, a bomb does
RATIO_FREE = 16 * 1024**2  # below this size the ratio does not matter

GZIP = b"\x1f\x8b\x08"
ZSTD = b"\x28\xb5\x2f\xfd"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
WORKBOOK = frozenset(["[Content_Types].xml", "content.xml"])
CHUNK = 1024**2
ZSTD_CHUNK = 512  # a few bytes can stand for a block of 128 KiB: 16 MiB a step at most
SUFFIX = re.compile(r"\.(gz|zst|zip)$", re.IGNORECASE)
DAMAGED = (
    *(EOFError, IndexError, KeyError, OSError, RuntimeError, ValueError),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
)


def plain_name(name: str) -> str:
    """A file name without the suffix of its packing."""
    return SUFFIX.sub("", name)


def is_zip(content: bytes) -> bool:
    """Whether bytes are a zip archive; workbooks are, too."""
    return content.startswith(ZIP)


def unpack(path: Path, name: str, unpacked: Path) -> Path:
    """The file in an archive, written to `unpacked`; a file that is no archive, or is a workbook, as it is.

    Raises UnreadableExport for an archive that is cut, damaged, encrypted or too large, that holds another number
    of files than one, or another archive.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if is_zip(start):
        return _unzip(path, name, unpacked)
    if start.startswith(GZIP):
        chunks = _gunzipped(path)
    elif start.startswith(ZSTD):
        chunks = _unzstd(path)
    else:
        return path
    return _single(_bounded(chunks, path.stat().st_size, name), name, unpacked)


def plain_bytes(path: Path, unpacked: Path) -> Iterator[bytes]:
    """What an export holds in chunks, unpacked (at `unpacked`): of a workbook or zip all files, one after the other.

    Of what cannot be unpacked it is the bytes as they are.
    """
    try:
        plain = unpack(path, path.name, unpacked)
    except UnreadableExport:
        plain = path
    with plain.open("rb") as file:
        if is_zip(file.read(4)):
            try:
                with zipfile.ZipFile(plain) as archive:
                    members = _members(archive, archive.infolist())
                    yield from _bounded(members, plain.stat().st_size, path.name)
            except (UnreadableExport, *DAMAGED):
                pass
            else:
                return
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk


def _single(chunks: Iterator[bytes], name: str, unpacked: Path) -> Path:
    """What is unpacked, unless it is packed once more."""
    with unpacked.open("wb") as file:
        file.writelines(chunks)
    with unpacked.open("rb") as file:
        start = file.read(4)
    if start.startswith((GZIP, ZSTD)) or (is_zip(start) and not _is_workbook(unpacked, name)):
        raise UnreadableExport(f"{name}: packed twice; unpack it once")
    return _unzip(unpacked, name, unpacked) if is_zip(start) else unpacked


def _is_workbook(path: Path, name: str) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return not WORKBOOK.isdisjoint(archive.namelist())
    except DAMAGED:
        raise _damaged(name) from None


def _unzip(path: Path, name: str, unpacked: Path) -> Path:
    is_workbook = _is_workbook(path, name)
    with zipfile.ZipFile(path) as archive:
        members = [
            member
            for member in archive.infolist()
            if not member.filename.endswith("/") and not member.filename.startswith("__MACOSX/")
        ]
        if not is_workbook and len(members) != 1:
            listed = ", ".join(one_line(member.filename) for member in members[:3])
            held = f"{len(members)} files ({listed}{', ...' if len(members) > 3 else ''})" if members else "no file"
            raise UnreadableExport(f"{name}: the zip holds {held}, one is expected; unpack it here")
        if any(member.flag_bits & 0x1 for member in members):
            raise UnreadableExport(f"{name}: the zip asks for a password; unpack it here")
        if any(member.compress_type not in ZIP_METHODS for member in members):
            raise UnreadableExport(f"{name}: the zip is packed in a way that is not read; unpack it here")
        chunks = _bounded(_members(archive, members), path.stat().st_size, name)
        if is_workbook:
            deque(chunks, maxlen=0)  # its reader knows no bound, so it is measured before
            return path
        return _single(chunks, name, unpacked)


def _members(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Iterator[bytes]:
    for member in members:
        with archive.open(member) as file:
            while chunk := file.read(CHUNK):
                yield chunk


def _gunzipped(path: Path) -> Iterator[bytes]:
    with gzip.GzipFile(path) as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _unzstd(path: Path) -> Iterator[bytes]:
    decompressor = zstandard.ZstdDecompressor()
    frame = decompressor.decompressobj()
    with path.open("rb") as file:
        while packed := file.read(ZSTD_CHUNK):
            while packed:
                if frame.eof:  # one frame follows another
                    frame = decompressor.decompressobj()
                yield frame.decompress(packed)
                packed = frame.unused_data if frame.eof else b""
    if not frame.eof:
        raise EOFError


def _bounded(chunks: Iterator[bytes], packed: int, name: str) -> Iterator[bytes]:
    unpacked = 0
    try:
        for chunk in chunks:
            unpacked += len(chunk)
            if unpacked > UNPACKED_LIMIT:
                raise UnreadableExport(f"{name}: unpacks to more than {UNPACKED_LIMIT / 1024**3:g} GiB; export less")
            if unpacked > max(RATIO_FREE, UNPACKED_RATIO * packed):
                raise UnreadableExport(
                    f"{name}: unpacks to more than {UNPACKED_RATIO} times its size, as no export does; not unpacked"
                )
            yield chunk
    except (*DAMAGED, zstandard.ZstdError):
        raise _damaged(name) from None


def _damaged(name: str) -> UnreadableExport:
    return UnreadableExport(f"{name}: the archive or workbook is cut short or damaged; export it again")
