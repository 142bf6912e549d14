"""Salesforce: objects by SOQL. `queryAll` also returns what was deleted or merged, and archived tasks and events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from warehouse.contract import Table
from warehouse.extracting.client import ApiError, Client
from warehouse.extracting.pages import Cursor, CursorExpired, Page, Unit, Window, page, records_in, stamp

VERSION = "/services/data/v62.0"
EXPIRED = "INVALID_QUERY_LOCATOR"
OBJECTS = {
    "users": "User",
    "accounts": "Account",
    "contacts": "Contact",
    "leads": "Lead",
    "lead_history": "LeadHistory",
    "opportunities": "Opportunity",
    "opportunity_history": "OpportunityHistory",
    "opportunity_field_history": "OpportunityFieldHistory",
    "opportunity_contact_roles": "OpportunityContactRole",
    "tasks": "Task",
    "email_messages": "EmailMessage",
    "events": "Event",
}
DATED = ("tasks", "email_messages", "events")


def sign_in(client: Client, credentials: tuple[str, str]) -> str:
    """An access token by the client credentials flow."""
    said = client.submit(
        "/services/oauth2/token",
        {"grant_type": "client_credentials", "client_id": credentials[0], "client_secret": credentials[1]},
    ).said
    token = said.get("access_token")
    if not isinstance(token, str):
        raise ApiError(f"{client.name}: the sign-in gave no access token; is the client credentials flow enabled?")
    return token


def units(client: Client, tables: dict[str, Table], properties: Sequence[str]) -> list[Unit]:
    """What can be pulled; `properties` are fields wanted beside those of the contract."""
    return [
        Unit(
            name,
            _pull(client, tables[name], sobject, properties),
            changes=True,
            dated=name in DATED,
            scope=f"API Enabled, View All Data or read access to {sobject}",
        )
        for name, sobject in OBJECTS.items()
    ]


def _pull(
    client: Client, table: Table, sobject: str, properties: Sequence[str]
) -> Callable[[Window, Cursor], Iterator[Page]]:
    def pull(window: Window, cursor: Cursor) -> Iterator[Page]:
        path: str | None = cursor.get("next")
        parameters = None if path else {"q": _query(client, table, sobject, properties, window)}
        while True:
            try:
                answer = client.get(path or f"{VERSION}/queryAll", parameters)
            except ApiError as error:
                if error.code == EXPIRED and cursor:  # a locator lives for two days
                    raise CursorExpired from None
                raise
            path, parameters = (None if answer.said.get("done", True) else answer.said.get("nextRecordsUrl")), None
            yield page(
                table.name, answer.text, len(records_in(answer.said, "records")), {"next": path} if path else None
            )
            if not path:
                return

    return pull


def _query(client: Client, table: Table, sobject: str, properties: Sequence[str], window: Window) -> str:
    described = client.get(f"{VERSION}/sobjects/{sobject}/describe").said
    there = [str(each.get("name")) for each in records_in(described, "fields")]
    fields = [name for name in there if table.column_of(name) is not None or name in properties]
    if sobject == "User" and "UserRoleId" in there:
        fields.append("UserRole.Name")
    moments = []
    if window.since:
        modified = next(name for name in ("SystemModstamp", "LastModifiedDate", "CreatedDate") if name in there)
        moments.append(f"{modified} >= {stamp(window.since)}")
    if window.floor:
        moments.append(f"LastModifiedDate >= {stamp(window.floor)}")
    condition = f" WHERE {' AND '.join(moments)}" if moments else ""
    return f"SELECT {', '.join(dict.fromkeys(fields))} FROM {sobject}{condition}"
