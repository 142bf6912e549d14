"""Erasing a person: an erasure list that landing applies, and raw built anew without what it held of them.

The list holds keyed hashes of e-mail addresses, beside raw. A deleted row leaves its bytes in a DuckDB file, so raw is
written to a new file and the databases made of it, which are disposable, are removed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.archives import plain_bytes
from warehouse.contract import System, load_contract
from warehouse.errors import UserError
from warehouse.identity import identity_key
from warehouse.landing import open_raw
from warehouse.locking import only_run
from warehouse.rebuilding import identifier, remove_databases, replacing
from warehouse.recognition import Match
from warehouse.settings import Settings
from warehouse.tabular import Cells, Document

LIST = "erasures.txt"
ERASED = "erased"
CHUNK = 1024**2
REMEMBERED = 100_000  # addresses looked up at a time
ADDRESS = re.compile(r"[\w.%+'-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True)
class Erasures:
    """Who has been erased, as keyed hashes of e-mail addresses."""

    key: bytes
    hashes: frozenset[str]

    def holds(self, address: str) -> bool:
        """Whether an address is on the list."""
        return hashed(address, self.key) in self.hashes

    def mask(self, text: str) -> str:
        """A text without the addresses on the list."""
        return ADDRESS.sub(lambda found: ERASED if self.holds(found.group()) else found.group(), text)

    def names(self, cells: Iterable[str | None]) -> bool:
        """Whether some cells name somebody on the list."""
        return any(self.holds(found) for cell in cells if cell and "@" in cell for found in ADDRESS.findall(cell))

    def apply(self, document: Document, match: Match) -> None:
        """Makes a document forget, row by row as it is read.

        In a row that names somebody, what is personal or declared by nobody is emptied, the rest is masked.
        """
        if not self.hashes:
            return
        emptied = [
            column.personal if column else not match.table.keeps(title)
            for title, column in zip(document.titles, match.columns, strict=True)
        ]
        document.rows = self._forgetting(document.rows, emptied)
        if document.plain is not None and self._named_in(document.plain.path):
            document.plain = None
        document.mask = self.mask

    def _named_in(self, path: Path) -> bool:
        """Whether a text in UTF-8 names somebody on the list; an address stands on one line."""
        held: dict[str, bool] = {}
        with path.open(encoding="utf-8", newline="") as text:
            while lines := text.read(CHUNK) + text.readline(CHUNK):
                for address in ADDRESS.findall(lines) if "@" in lines else ():
                    if address not in held:
                        held[address] = self.holds(address)
                if any(held.values()):
                    return True
                if len(held) > REMEMBERED:
                    held.clear()
        return False

    def _forgetting(self, rows: Iterator[tuple[int, Cells]], emptied: Sequence[bool]) -> Iterator[tuple[int, Cells]]:
        for line, cells in rows:
            if self.names(cells):
                cells = [
                    None if cell is None or empty else self.mask(cell)
                    for cell, empty in zip(cells, emptied, strict=True)
                ]
            yield line, cells


def hashed(address: str, key: bytes) -> str:
    """Keyed hash (HMAC-SHA-256) of an e-mail address, whatever its case."""
    return hmac.new(key, address.strip().casefold().encode(), hashlib.sha256).hexdigest()


def read_erasures(warehouse: Path) -> Erasures:
    """The erasure list of a warehouse; empty where there is none."""
    path = warehouse / LIST
    lines = path.read_text(encoding="ascii").split() if path.exists() else []
    return Erasures(identity_key(warehouse) if lines else b"", frozenset(lines))


def erase(settings: Settings, addresses: Sequence[str]) -> tuple[int, list[Path]]:
    """Puts people on the list and builds raw anew without them; rows changed, and exports that still name them.

    Raises UserError for what is no e-mail address, when nothing was loaded, and when a run is under way.
    """
    for address in addresses:
        if not ADDRESS.fullmatch(address.strip()):
            raise UserError(f"{address!r} is not an e-mail address")
    if not settings.raw_file.exists():
        raise UserError(f"{settings.raw_file}: nothing loaded yet, so nothing to erase")
    with only_run(settings.warehouse):
        key = identity_key(settings.warehouse)
        hashes = read_erasures(settings.warehouse).hashes | {hashed(address, key) for address in addresses}
        _write_list(settings.warehouse / LIST, hashes)
        changed = _rebuild(settings.raw_file, Erasures(key, hashes), [each.strip().casefold() for each in addresses])
        remove_databases(settings)
    return changed, list(_naming(settings.extracts, addresses))


def _write_list(path: Path, hashes: frozenset[str]) -> None:
    writing = path.with_suffix(".writing")
    descriptor = os.open(writing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(sorted(hashes)) + "\n")
        file.flush()
        os.fsync(file.fileno())
    writing.replace(path)


def _rebuild(raw: Path, erasures: Erasures, addresses: list[str]) -> int:
    systems = load_contract()
    changed = 0
    connection = open_raw(raw, systems)
    try:
        with replacing(connection, raw) as tables:
            for schema, table in tables:
                changed += _copy(connection, schema, table, systems, erasures, addresses)
    finally:
        connection.close()
    return changed


def _copy(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    table: str,
    systems: Mapping[str, System],
    erasures: Erasures,
    addresses: list[str],
) -> int:
    """One table without what it held of the erased; the number of rows that named them."""
    name = f'"{schema}"."{table}"'
    described = connection.execute(f"describe {name}").fetchall()
    texts = [column for column, kind, *_ in described if kind == "VARCHAR"]
    written = f"concat_ws(' ', {', '.join(identifier(each) for each in texts)})"
    naming = " or ".join(f"contains(lower({written}), ?)" for _ in addresses) if texts else "false"
    given = addresses if texts else []
    connection.execute(f"create table new.{name} as select * from {name} where not ({naming})", given)
    suspects = connection.execute(f"select * from {name} where {naming}", given).fetchall()
    declared = {column.name: column for column in systems[schema].tables[table].columns} if schema in systems else {}
    changed = 0
    for row in suspects:
        values = dict(zip((column for column, *_ in described), row, strict=True))
        if erasures.names(values[each] for each in texts):
            changed += 1
            for each in texts:
                if each in declared and declared[each].personal:
                    values[each] = None
                elif each == "_extra":
                    values[each] = _kept_extra(values[each])
                elif values[each]:
                    values[each] = erasures.mask(values[each])
        connection.execute(f"insert into new.{name} values ({', '.join('?' * len(values))})", list(values.values()))
    return changed


def _kept_extra(extra: str | None) -> str | None:
    """Undeclared columns of a row that names somebody: the connector's own marks alone."""
    kept = {key: value for key, value in json.loads(extra or "{}").items() if key.startswith("_fivetran_")}
    return json.dumps(kept) if kept else None


def _naming(extracts: Path, addresses: Sequence[str]) -> Iterator[Path]:
    needles = [
        address.strip().casefold().encode(encoding) for address in addresses for encoding in ("utf-8", "utf-16-le")
    ]
    longest = max(map(len, needles))
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(extracts.rglob("*")):
            if path.is_file() and _holds(plain_bytes(path, Path(folder) / "unpacked"), needles, longest):
                yield path


def _holds(chunks: Iterable[bytes], needles: Sequence[bytes], longest: int) -> bool:
    """Whether one of some texts in small letters is in a content, also across two chunks of it."""
    end = b""
    for chunk in chunks:
        content = end + chunk.lower()
        if any(needle in content for needle in needles):
            return True
        end = content[-longest:]
    return False
