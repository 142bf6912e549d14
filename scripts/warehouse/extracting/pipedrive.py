"""Pipedrive: deals with their change log, people, organizations, activities, and what names them.

Deals can be asked for by change, deleted ones by their status. Of other records nothing tells a deletion, so they are
pulled whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from warehouse.extracting.client import Client
from warehouse.extracting.pages import Cursor, Page, Unit, Window, latest, newer, page, records_in, stamp

SIZE = 200
STEPS = (("/api/v2/deals", ""), ("/api/v2/deals/archived", ""), ("/api/v2/deals", "deleted"))
LISTS = {  # table: path, right of the token where it is an app's, whether `since` bounds it
    "persons": ("/api/v2/persons", "contacts:read", False),
    "organizations": ("/api/v2/organizations", "contacts:read", False),
    "activities": ("/api/v2/activities", "activities:read", True),
    "stages": ("/api/v2/stages", "deals:read", False),
    "pipelines": ("/api/v2/pipelines", "deals:read", False),
}
ALONE = {
    "users": ("/api/v1/users", "users:read"),
    "activity_types": ("/api/v1/activityTypes", "activities:read"),
}
OFFSET = {"deal_fields": ("/api/v1/dealFields", "deals:read")}


def units(client: Client) -> list[Unit]:
    """What can be pulled."""
    return [
        Unit("deals", _deals(client), changes=True, scope="deals:read", histories=("deal_changes",)),
        *(
            Unit(name, _listed(client, name, path), dated=dated, scope=scope)
            for name, (path, scope, dated) in LISTS.items()
        ),
        *(Unit(name, _counted(client, name, path), scope=scope) for name, (path, scope) in (ALONE | OFFSET).items()),
    ]


def _deals(client: Client) -> Callable[[Window, Cursor], Iterator[Page]]:
    def pull(window: Window, cursor: Cursor) -> Iterator[Page]:
        step, marker = int(cursor.get("step", 0)), cursor.get("cursor")
        while step < len(STEPS):
            path, status = STEPS[step]
            asked = (
                {"limit": str(SIZE)} | ({"cursor": marker} if marker else {}) | ({"status": status} if status else {})
            )
            asked |= {"updated_since": stamp(window.since)} if window.since else {}
            answer = client.get(path, asked)
            deals = records_in(answer.said, "data")
            changed = [each["id"] for each in deals if not status and newer(each.get("update_time"), window.seen)]
            changes = [row for each in changed for row in _changes(client, each)]
            marker = _marker(answer.said)
            step += not marker
            following: Cursor | None = {"step": step, "cursor": marker} if step < len(STEPS) else None
            yield page("deals", answer.text, len(deals), following, deal_changes=changes)

    return pull


def _changes(client: Client, deal: Any) -> Iterator[dict[str, Any]]:
    """The change log of a deal: of its flow, the rows that are a change of a field."""
    start = 0
    while True:
        said = client.get(f"/api/v1/deals/{deal}/flow", {"start": str(start), "limit": "500"}).said
        for item in records_in(said, "data"):
            if item.get("object") == "dealChange" and isinstance(item.get("data"), dict):
                yield {"deal_id": deal, **item["data"]}
        following = _offset(said)
        if following is None or following <= start:
            return
        start = following


def _listed(client: Client, table: str, path: str) -> Callable[[Window, Cursor], Iterator[Page]]:
    def pull(window: Window, cursor: Cursor) -> Iterator[Page]:
        marker = cursor.get("cursor")
        since = latest(window.since, window.floor)
        while True:
            asked = {"limit": "500"} | ({"cursor": marker} if marker else {})
            asked |= {"updated_since": stamp(since)} if since else {}
            answer = client.get(path, asked)
            marker = _marker(answer.said)
            rows = len(records_in(answer.said, "data"))
            yield page(table, answer.text, rows, {"cursor": marker} if marker else None)
            if not marker:
                return

    return pull


def _counted(client: Client, table: str, path: str) -> Callable[[Window, Cursor], Iterator[Page]]:
    """Lists of the first version, by the number of the row; users and types of activity come on one page."""

    def pull(_: Window, cursor: Cursor) -> Iterator[Page]:
        start: int | None = int(cursor.get("start", 0))
        while start is not None:
            answer = client.get(path, {"start": str(start), "limit": "500"} if table in OFFSET else None)
            start = _offset(answer.said) if table in OFFSET else None
            rows = len(records_in(answer.said, "data"))
            yield page(table, answer.text, rows, {"start": start} if start is not None else None)

    return pull


def _marker(said: dict[str, Any]) -> str | None:
    return (said.get("additional_data") or {}).get("next_cursor") or None


def _offset(said: dict[str, Any]) -> int | None:
    pagination = (said.get("additional_data") or {}).get("pagination") or {}
    more = pagination.get("more_items_in_collection") and pagination.get("next_start") is not None
    return int(pagination["next_start"]) if more else None
