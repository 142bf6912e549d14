"""Which titles the contract knows: what tells a header from the lines around it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from warehouse.contract import Table, as_written, normal, unprefixed


class KnownTitles:
    """The titles of some tables, and those a mapping adds to all of them."""

    def __init__(self, tables: Iterable[Table], mapped: Iterable[str]) -> None:
        self._mapped = {form(title) for title in mapped for form in (as_written, normal)} - {""}
        self._bare: dict[str, list[int]] = defaultdict(list)
        self._behind: dict[tuple[str, ...], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for number, table in enumerate(tables):
            for title in table.titles:
                self._bare[title].append(number)
                if table.header_prefixes:
                    self._behind[table.header_prefixes][title].append(number)

        self._prefixes = tuple(prefix.casefold() for prefixes in self._behind for prefix in prefixes)

    def count(self, cells: Sequence[str]) -> int:
        """How many cells one table knows as titles: of the table that knows most; a single title is no header."""
        titles = [title for cell in cells if (title := cell.strip().strip("\ufeff"))]
        if len(titles) < 2:
            return 0
        mapped = 0
        known: Counter[int] = Counter()
        for title in titles:
            if as_written(title) in self._mapped or normal(title) in self._mapped:
                mapped += 1
            else:
                known.update(self._tables_of(title))
        most = mapped + max(known.values(), default=0)
        return most if most > 1 else 0

    def _tables_of(self, title: str) -> set[int]:
        tables = set(self._bare.get(normal(title), ()))
        if not title.casefold().startswith(self._prefixes):
            return tables
        for prefixes, titles in self._behind.items():
            bare = unprefixed(title, prefixes)
            if bare is not title:
                tables.update(titles.get(normal(bare), ()))
        return tables
