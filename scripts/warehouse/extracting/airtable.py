"""Airtable: tables of a base, always whole.

Its API tells no deletions and every base is small (at most half a million records); a formula on the last change would
leave deleted records standing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote

from warehouse.extracting.client import ApiError, Client
from warehouse.extracting.pages import Cursor, CursorExpired, Page, Unit, Window, page, records_in

EXPIRED = "LIST_RECORDS_ITERATOR_NOT_AVAILABLE"


def units(client: Client, base: str, tables: Mapping[str, str]) -> list[Unit]:
    """What is to be pulled: `tables` of the contract by their names, or ids, in the base."""
    scope = "data.records:read, and access to the base"
    return [
        Unit(name, _pull(client, name, f"/v0/{quote(base)}/{quote(there, safe='')}"), scope=scope)
        for name, there in tables.items()
    ]


def _pull(client: Client, table: str, path: str) -> Callable[[Window, Cursor], Iterator[Page]]:
    def pull(_: Window, cursor: Cursor) -> Iterator[Page]:
        offset: str | None = cursor.get("offset")
        while True:
            try:
                answer = client.get(path, {"pageSize": "100"} | ({"offset": offset} if offset else {}))
            except ApiError as error:
                if error.code == EXPIRED and offset:  # it is forgotten after some minutes
                    raise CursorExpired from None
                raise
            offset = answer.said.get("offset") or None
            yield page(
                table, answer.text, len(records_in(answer.said, "records")), {"offset": offset} if offset else None
            )
            if not offset:
                return

    return pull
