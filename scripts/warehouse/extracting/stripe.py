"""Stripe: customers, invoices with lines, subscriptions with items, payments.

Lists are by creation and tell neither changes nor deletions. Customers, invoices, subscriptions and products change for
as long as they live, so they are pulled whole. Charges, refunds and credit notes settle within weeks: those of the last
half year are pulled again, all of them each time the tables are pulled whole. Events would tell changes, but only those
of 30 days, and leave out the lines that a list cuts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from warehouse.extracting.client import Client
from warehouse.extracting.pages import Cursor, Page, Unit, Window, dumped, latest, page, records_in

# one version, so that a table has the same columns in all its pages
HEADERS = {"Stripe-Version": "2024-06-20"}
LOOK_BACK = dt.timedelta(days=180)
SETTLING = ("charges", "refunds", "credit_notes")
WHOLE = ("customers", "invoices", "subscriptions", "prices", "products")
CUT = ("lines", "items")  # lists inside records: their first ten rows


def units(client: Client) -> list[Unit]:
    """What can be pulled."""
    settling = [Unit(name, _pull(client, name), changes=True, dated=True, scope=_scope(name)) for name in SETTLING]
    return [*(Unit(name, _pull(client, name), scope=_scope(name)) for name in WHOLE), *settling]


def _scope(table: str) -> str:
    return f"read access to {table.replace('_', ' ')} (a restricted key)"


def _pull(client: Client, table: str) -> Callable[[Window, Cursor], Iterator[Page]]:
    def pull(window: Window, cursor: Cursor) -> Iterator[Page]:
        first = latest(window.since - LOOK_BACK if window.since else None, window.floor)
        asked = {"limit": "100"} | ({"status": "all"} if table == "subscriptions" else {})
        asked |= {"created[gte]": str(int(first.timestamp()))} if first else {}
        last = cursor.get("last")
        while True:
            answer = client.get(f"/v1/{table}", asked | ({"starting_after": last} if last else {}))
            records = records_in(answer.said, "data")
            completed = [_complete(client, record) for record in records]
            last = str(records[-1]["id"]) if answer.said.get("has_more") and records else None
            text = dumped(answer.said) if any(completed) else answer.text
            yield page(table, text, len(records), {"last": last} if last else None)
            if not last:
                return

    return pull


def _complete(client: Client, record: dict[str, Any]) -> bool:
    """Adds what Stripe cut from the lists inside a record; whether there was any."""
    cut = [node for key in CUT if isinstance(node := record.get(key), dict) and node.get("has_more")]
    for node in cut:
        rows = records_in(node, "data")
        while node["has_more"] and rows:
            said = client.get(str(node["url"]), {"limit": "100", "starting_after": str(rows[-1]["id"])}).said
            found = records_in(said, "data")
            rows += found
            node["has_more"] = bool(said.get("has_more")) and bool(found)
        node["data"] = rows
    return bool(cut)
