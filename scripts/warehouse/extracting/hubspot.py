"""HubSpot: CRM objects with associations, deal history, owners, pipelines.

Whole tables are listed. Changes are searched for by modification time, from one id to the next: a search ends after
10,000 results, and a page of ids never does. A search knows no associations, so they are read in a batch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from warehouse.contract import Table
from warehouse.extracting.client import Client
from warehouse.extracting.pages import Cursor, Page, Unit, Window, dumped, latest, newer, page, records_in

SIZE = 100
HISTORY_SIZE = 50  # with histories a batch may hold no more
ENTERED = "hs_v2_date_entered_"
TRACKED = ("dealstage", "pipeline", "amount", "hubspot_owner_id", "closedate")
PRIMARY = 5, 1  # association types of a deal's and of a contact's primary company
LINKS = {
    "contacts": ("companies",),
    "companies": (),
    "deals": ("companies", "contacts"),
    "calls": ("contacts", "deals"),
    "emails": ("contacts", "deals"),
    "meetings": ("contacts", "deals"),
}
ACTIVITIES = ("calls", "emails", "meetings")


def units(client: Client, tables: dict[str, Table], properties: Sequence[str]) -> list[Unit]:
    """What can be pulled; `properties` are wanted beside those of the contract."""
    objects = [
        Unit(
            name,
            Objects(client, tables[name], tuple(properties)).pull,
            changes=True,
            dated=name in ACTIVITIES,
            scope="crm.objects.contacts.read (activities need it too)"
            if name in ACTIVITIES
            else f"crm.objects.{name}.read",
            histories=("deal_property_history",) if name == "deals" else (),
        )
        for name in LINKS
    ]
    pipelines = Unit("pipelines", _pipelines(client), scope="crm.objects.deals.read")
    return [*objects, Unit("owners", _owners(client), scope="crm.objects.owners.read"), pipelines]


class Objects:
    """The records of one kind of object."""

    def __init__(self, client: Client, table: Table, properties: tuple[str, ...]) -> None:
        self.client = client
        self.table = table
        self.wanted = properties
        self.path = f"/crm/v3/objects/{table.name}"
        self.modified = "lastmodifieddate" if table.name == "contacts" else "hs_lastmodifieddate"
        self.properties = cache(self._properties)

    def pull(self, window: Window, cursor: Cursor) -> Iterator[Page]:
        """Pages of live records, then of archived ones: the only word there is of a deletion."""
        since = latest(window.since, window.floor)
        if cursor.get("step") != "archived":
            for said, following in self._searched(since, cursor) if since else self._listed(cursor):
                yield self._page(said, following or {"step": "archived"}, window)
        after = cursor.get("after") if cursor.get("step") == "archived" else None
        for said, following in self._archived(after):
            said["results"] = [
                each for each in records_in(said, "results") if newer(each.get("archivedAt"), window.since)
            ]
            yield self._page(said, following, window, live=False)

    def _listed(self, cursor: Cursor) -> Iterator[tuple[dict[str, Any], Cursor | None]]:
        links = LINKS[self.table.name]
        after: str | None = cursor.get("after")
        while True:
            asked = {"limit": str(SIZE), "archived": "false", "properties": ",".join(self.properties())}
            asked |= {"associations": ",".join(links)} if links else {}
            said = self.client.get(self.path, asked | ({"after": after} if after else {})).said
            for record in records_in(said, "results"):
                companies = (record.get("associations") or {}).get("companies") or {}
                for each in records_in(companies, "results"):
                    each["primary"] = str(each.get("type", "")).endswith("_to_company")
            after = _after(said)
            yield said, {"step": "live", "after": after} if after else None
            if not after:
                return

    def _searched(self, since: dt.datetime, cursor: Cursor) -> Iterator[tuple[dict[str, Any], Cursor | None]]:
        last: str | None = cursor.get("last")
        while True:
            filters = [{"propertyName": self.modified, "operator": "GTE", "value": str(int(since.timestamp() * 1000))}]
            filters += [{"propertyName": "hs_object_id", "operator": "GT", "value": last}] if last else []
            said = self.client.post(
                f"{self.path}/search",
                {
                    "filterGroups": [{"filters": filters}],
                    "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                    "properties": list(self.properties()),
                    "limit": SIZE,
                },
            ).said
            records = records_in(said, "results")
            self._associate(records)
            more = _after(said) is not None and bool(records)
            last = str(records[-1].get("id")) if more else None
            yield said, {"step": "live", "last": last} if more else None
            if not more:
                return

    def _archived(self, after: str | None) -> Iterator[tuple[dict[str, Any], Cursor | None]]:
        while True:
            asked = {"limit": str(SIZE), "archived": "true", "properties": ",".join(self.properties())}
            said = self.client.get(self.path, asked | ({"after": after} if after else {})).said
            after = _after(said)
            yield said, {"step": "archived", "after": after} if after else None
            if not after:
                return

    def _page(self, said: dict[str, Any], following: Cursor | None, window: Window, *, live: bool = True) -> Page:
        records = records_in(said, "results")
        if self.table.name != "deals":
            return page(self.table.name, dumped(said), len(records), following)
        changed = [
            str(each["id"])
            for each in records
            if live and newer((each.get("properties") or {}).get(self.modified), window.seen)
        ]
        history = self._history(changed)
        return page(self.table.name, dumped(said), len(records), following, deal_property_history=history)

    def _associate(self, records: list[dict[str, Any]]) -> None:
        """Associations of searched records, in the shape in which a list has them, the primary company first."""
        for kind in LINKS[self.table.name] if records else ():
            found: dict[str, list[dict[str, Any]]] = {}
            wanted: list[dict[str, str]] = [{"id": str(record.get("id"))} for record in records]
            while wanted:
                said = self.client.post(
                    f"/crm/v4/associations/{self.table.name}/{kind}/batch/read", {"inputs": wanted}
                ).said
                wanted = []
                for each in records_in(said, "results"):
                    owner = str(each["from"]["id"])
                    found.setdefault(owner, []).extend(_links(kind, records_in(each, "to")))
                    after = _after(each)
                    wanted += [{"id": owner, "after": after}] if after else []
            for record in records:
                links = sorted(found.get(str(record.get("id")), []), key=lambda link: not link["primary"])
                if links:
                    record.setdefault("associations", {})[kind] = {"results": links}

    def _history(self, ids: list[str]) -> list[dict[str, Any]]:
        rows = []
        for start in range(0, len(ids), HISTORY_SIZE):
            inputs = [{"id": each} for each in ids[start : start + HISTORY_SIZE]]
            said = self.client.post(
                f"{self.path}/batch/read",
                {"properties": ["dealstage"], "propertiesWithHistory": list(TRACKED), "inputs": inputs},
            ).said
            rows += [
                {
                    "deal_id": record["id"],
                    "name": name,
                    "value": version.get("value"),
                    "timestamp": version.get("timestamp"),
                    "source": version.get("sourceType"),
                }
                for record in records_in(said, "results")
                for name, versions in (record.get("propertiesWithHistory") or {}).items()
                for version in versions
            ]
        return rows

    def _properties(self) -> tuple[str, ...]:
        """The properties of this portal that the contract knows, the dates of its stages, and those asked for."""
        said = self.client.get(f"/crm/v3/properties/{self.table.name}").said
        there = [str(each.get("name")) for each in records_in(said, "results")]
        return tuple(
            name
            for name in there
            if self.table.column_of(name) is not None or name.startswith(ENTERED) or name in self.wanted
        )


def _links(kind: str, to: list[dict[str, Any]]) -> list[dict[str, Any]]:
    links = []
    for each in to:
        types = [kept.get("typeId") for kept in records_in(each, "associationTypes")]
        primary = kind == "companies" and any(number in PRIMARY for number in types)
        links.append({"id": str(each["toObjectId"]), "type": ";".join(map(str, types)), "primary": primary})
    return links


def _after(said: dict[str, Any]) -> str | None:
    following = ((said.get("paging") or {}).get("next") or {}).get("after")
    return str(following) if following else None


def _owners(client: Client) -> Callable[[Window, Cursor], Iterator[Page]]:
    def pull(_: Window, cursor: Cursor) -> Iterator[Page]:
        archived, after = cursor.get("archived", "false"), cursor.get("after")
        while True:
            asked = {"limit": "100", "archived": archived} | ({"after": after} if after else {})
            answer = client.get("/crm/v3/owners", asked)
            after = _after(answer.said)
            following: Cursor | None = {"archived": archived, "after": after}
            if not after:  # archived owners still own deals
                following = {"archived": "true"} if archived == "false" else None
                archived = "true"
            yield page("owners", answer.text, len(records_in(answer.said, "results")), following)
            if following is None:
                return

    return pull


def _pipelines(client: Client) -> Callable[[Window, Cursor], Iterator[Page]]:
    def pull(_: Window, __: Cursor) -> Iterator[Page]:
        answer = client.get("/crm/v3/pipelines/deals")
        yield page("pipelines", answer.text, len(records_in(answer.said, "results")), None)

    return pull
