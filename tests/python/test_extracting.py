"""Pulling systems through their APIs: pages of a server on this machine become files, and files become rows."""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conftest import Site
from warehouse.errors import UserError
from warehouse.extracting import client as client_module
from warehouse.extracting import pulling
from warehouse.extracting.pulling import Delivered, orders, pull
from warehouse.settings import PROJECT

TOKEN = "secret-of-the-test"
MORNING = dt.datetime(2026, 11, 22, 6, tzinfo=dt.UTC)
EVENING = MORNING + dt.timedelta(hours=12)

Answer = Callable[["Asked"], Any]


class Asked:
    """A request as the server got it."""

    def __init__(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        self.path = parts.path
        self.query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        self.headers = dict(handler.headers.items())
        self.content = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.body = json.loads(self.content) if self.content.startswith(b"{") else {}


class Reply:
    """An answer that is no plain page."""

    def __init__(self, status: int, content: bytes = b"{}", cut: int = 0, **headers: str) -> None:
        self.status, self.content, self.cut = status, content, cut
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Server:
    """An API on the loopback: `routes` by path, each a page, a function of the request, or a list used up in turn."""

    def __init__(self) -> None:
        self.routes: dict[str, Any] = {}
        self.asked: list[Asked] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = Asked(self)
                server.asked.append(asked)
                reply = server.answer(asked)
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.content) + reply.cut))
                self.end_headers()
                self.wfile.write(reply.content)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    def answer(self, asked: Asked) -> Reply:
        found = self.routes.get(asked.path, Reply(404, b'{"message": "no such page"}'))
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if callable(found):
            found = found(asked)
        # Stripe's pages have line breaks in them
        return found if isinstance(found, Reply) else Reply(200, json.dumps(found, indent=1).encode())

    def times(self, path: str) -> int:
        return sum(asked.path == path for asked in self.asked)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(pulling, "PACE", dict.fromkeys(pulling.PACE, 0.0))
    for name in ("HUBSPOT", "SALESFORCE", "PIPEDRIVE", "STRIPE", "AIRTABLE"):
        monkeypatch.setenv(f"{name}_TOKEN", TOKEN)
    server = Server()
    yield server
    server.http.shutdown()
    server.http.server_close()


def said(site: Site, instance: str, server: Server, more: str = "", above: str = "") -> Path:
    return site.drop(f"{instance}/source.yml", f"{above}extract:\n  base_url: {server.address}\n{more}")


def pulled(site: Site, at: dt.datetime = MORNING, *, full: bool = False, waits: list[float] | None = None) -> Delivered:
    (instance,) = orders(site.settings.extracts, [])
    return pull(instance, full=full, now=lambda: at, sleep=(waits if waits is not None else []).append)


def refused(site: Site, at: dt.datetime = MORNING) -> str:
    with pytest.raises(UserError) as error:
        pulled(site, at)
    assert TOKEN not in str(error.value)
    assert "\n" not in str(error.value)
    return str(error.value)


def loaded(site: Site) -> None:
    report = site.load()
    assert report.failures == []


def pages(parameter: str, key: str, *records: list[dict[str, Any]], marker: Callable[[int], dict[str, Any]]) -> Answer:
    """Pages behind a cursor that is the number of the next one."""

    def answer(asked: Asked) -> Any:
        number = int(asked.query.get(parameter) or 0)
        following = marker(number + 1) if number + 1 < len(records) else {}
        return {key: records[number], **following}

    return answer


# HubSpot

PROPERTIES = [
    "email",
    "lastmodifieddate",
    "hs_lastmodifieddate",
    "createdate",
    "dealname",
    "dealstage",
    "amount",
    "name",
]
PROPERTIES += ["hs_v2_date_entered_77", "hs_v2_date_exited_77", "hs_sales_email_last_replied"]


def deal(number: int, name: str, amount: str, at: str = "2026-11-20T10:00:00Z", **more: Any) -> dict[str, Any]:
    shown = {"dealname": name, "amount": amount, "dealstage": "77", "createdate": at, "hs_lastmodifieddate": at}
    return {"id": str(number), "properties": shown, "archived": False, **more}


def company(number: int, primary: bool) -> dict[str, Any]:
    return {"id": str(number), "type": "deal_to_company" + ("" if primary else "_unlabeled")}


def hubspot(server: Server) -> None:
    linked = {"associations": {"companies": {"results": [company(8, False), company(9, False), company(9, True)]}}}
    live = [deal(1, "Élan", "1500.00", **linked), deal(2, "Sève", "20")], [deal(3, "Nord", "5")]
    archived = [deal(4, "Gone", "1", archivedAt="2026-11-21T10:00:00Z") | {"archived": True}]

    def listed(asked: Asked) -> Any:
        if asked.query["archived"] == "true":
            return {"results": archived}
        second = asked.query.get("after") == "1"
        return {"results": live[second]} | ({} if second else {"paging": {"next": {"after": "1"}}})

    def history(asked: Asked) -> Any:
        versions = [{"value": "77", "timestamp": "2026-11-20T10:00:00Z", "sourceType": "CRM_UI"}]
        found = [{"id": each["id"], "propertiesWithHistory": {"dealstage": versions}} for each in asked.body["inputs"]]
        return {"results": found}

    server.routes |= {
        "/crm/v3/properties/deals": {"results": [{"name": name} for name in PROPERTIES]},
        "/crm/v3/objects/deals": listed,
        "/crm/v3/objects/deals/batch/read": history,
    }


def test_hubspot_pages_become_rows_with_their_history_and_primary_company(site: Site, server: Server) -> None:
    hubspot(server)
    said(site, "hubspot", server, "  tables: [deals]\n")
    delivered = pulled(site)
    assert delivered.rows == {"deals": 4, "deal_property_history": 3}
    loaded(site)
    assert site.raw("select id, dealname, amount, associated_company_ids, archived from hubspot.deals order by id") == [
        ("1", "Élan", "1500.00", "9;8", "false"),
        ("2", "Sève", "20", None, "false"),
        ("3", "Nord", "5", None, "false"),
        ("4", "Gone", "1", None, "true"),
    ]
    assert site.raw("select deal_id, name, value from hubspot.deal_property_history order by 1") == [
        (number, "dealstage", "77") for number in ("1", "2", "3")
    ]
    assert site.raw("select distinct extracted_at, mode from loads order by mode desc") == [
        (MORNING.replace(tzinfo=None), "snapshot"),
        (MORNING.replace(tzinfo=None), "increment"),
    ]
    asked = next(each for each in server.asked if each.path == "/crm/v3/objects/deals")
    wanted = asked.query["properties"].split(",")
    assert {"dealname", "hs_v2_date_entered_77"} <= set(wanted)
    assert not {"hs_sales_email_last_replied", "hs_v2_date_exited_77"} & set(wanted)
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"


@pytest.mark.slow
def test_changes_of_hubspot_replace_their_deals_and_delete_no_other(site: Site, server: Server) -> None:
    hubspot(server)
    said(site, "hubspot", server, "  tables: [deals]\n")
    pulled(site)
    loaded(site)

    def searched(asked: Asked) -> Any:
        (filters,) = [group["filters"] for group in asked.body["filterGroups"]]
        behind = [each["value"] for each in filters if each["propertyName"] == "hs_object_id"]
        since = int((MORNING - dt.timedelta(minutes=10)).timestamp() * 1000)
        assert filters[0] == {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": str(since)}
        now = "2026-11-22T10:00:00Z"
        if behind == ["2"]:
            return {"results": [deal(5, "New", "7", now)]}
        return {"results": [deal(2, "Sève", "25", now)], "paging": {"next": {"after": "1"}}}

    links = [{"toObjectId": 8, "associationTypes": [{"typeId": 341}]}]
    links += [{"toObjectId": 9, "associationTypes": [{"typeId": 341}, {"typeId": 5}]}]
    server.routes["/crm/v3/objects/deals/search"] = searched
    server.routes["/crm/v4/associations/deals/companies/batch/read"] = lambda asked: {
        "results": [{"from": {"id": each["id"]}, "to": links} for each in asked.body["inputs"]]
    }
    server.routes["/crm/v4/associations/deals/contacts/batch/read"] = {"results": []}
    gone = deal(3, "Nord", "5", archivedAt="2026-11-22T09:00:00Z") | {"archived": True}
    old = deal(4, "Gone", "1", archivedAt="2026-11-21T10:00:00Z") | {"archived": True}
    server.routes["/crm/v3/objects/deals"] = {"results": [gone, old]}
    assert pulled(site, EVENING).rows == {"deals": 3, "deal_property_history": 2}
    loaded(site)
    assert site.raw("select mode from loads where path like '%deals_increment%'") == [("increment",)]
    site.dbt("run", "--select", "stg_hubspot__deals")
    assert site.marts(
        "select opportunity_id, amount_local::varchar, account_source_id, is_deleted "
        "from staging.stg_hubspot__deals order by 1"
    ) == [
        ("hubspot:1", "1500.00", "hubspot:9", False),
        ("hubspot:2", "25.00", "hubspot:9", False),
        ("hubspot:3", "5.00", None, True),
        ("hubspot:4", "1.00", None, True),
        ("hubspot:5", "7.00", "hubspot:9", False),
    ]


def test_a_table_is_pulled_whole_again_after_some_days(site: Site, server: Server) -> None:
    hubspot(server)
    said(site, "hubspot", server, "  tables: [deals]\n  full_every: 2\n")
    pulled(site)
    assert pulled(site, MORNING + dt.timedelta(days=2)).changes == ()
    assert server.times("/crm/v3/objects/deals/search") == 0


def test_owners_come_with_archived_ones_and_pipelines_with_their_stages(site: Site, server: Server) -> None:
    def owners(asked: Asked) -> Any:
        number = {"false": "1", "true": "2"}[asked.query["archived"]]
        return {
            "results": [{"id": number, "email": f"{number}@elan.fr", "archived": asked.query["archived"] == "true"}]
        }

    stage = {"id": "77", "label": "Démo", "displayOrder": 0, "metadata": {"isClosed": "false", "probability": "0.2"}}
    server.routes["/crm/v3/owners"] = owners
    server.routes["/crm/v3/pipelines/deals"] = {"results": [{"id": "default", "label": "Ventes", "stages": [stage]}]}
    said(site, "hubspot", server, "  tables: [owners, pipelines]\n")
    pulled(site)
    loaded(site)
    assert site.raw("select id, archived from hubspot.owners order by 1") == [("1", "false"), ("2", "true")]
    assert site.raw("select pipeline_id, stage_id, label from hubspot.pipeline_stages") == [("default", "77", "Démo")]


# the other systems


def test_salesforce_is_queried_with_deleted_rows_and_by_change_the_second_time(site: Site, server: Server) -> None:
    fields = ["Id", "Name", "StageName", "Amount", "CloseDate", "IsClosed", "IsWon", "CreatedDate", "SystemModstamp"]
    fields += ["IsDeleted", "Secret__c"]

    def opportunity(number: int, amount: float, deleted: bool = False) -> dict[str, Any]:
        times = {"CloseDate": "2026-11-30", "CreatedDate": "2026-11-01T08:00:00.000+0000"}
        shown = {"Id": f"006{number}", "Name": "Élan", "StageName": "Demo", "Amount": amount, "IsClosed": False}
        return {"attributes": {"type": "Opportunity"}, **shown, "IsWon": False, **times, "IsDeleted": deleted}

    following = "/services/data/v62.0/query/0r8-2"
    queries: list[str] = []

    def query(asked: Asked) -> Any:
        queries.append(asked.query["q"])
        if "WHERE" in asked.query["q"]:
            return {"done": True, "records": [opportunity(1, 12.5)]}
        return {"done": False, "nextRecordsUrl": following, "records": [opportunity(1, 10.5)]}

    server.routes |= {
        "/services/data/v62.0/sobjects/Opportunity/describe": {"fields": [{"name": name} for name in fields]},
        "/services/data/v62.0/queryAll": query,
        following: {"done": True, "records": [opportunity(2, 20, deleted=True)]},
    }
    said(site, "salesforce", server, "  tables: [opportunities]\n")
    assert pulled(site).rows == {"opportunities": 2}
    assert pulled(site, EVENING).rows == {"opportunities": 1}
    loaded(site)
    assert queries[0].endswith("FROM Opportunity")
    assert queries[1].endswith("FROM Opportunity WHERE SystemModstamp >= 2026-11-22T05:50:00Z")
    assert "Secret__c" not in queries[0]
    assert site.raw(
        "select id, amount, is_deleted, loads.mode from salesforce.opportunities join loads on _load_id = load_id "
        "order by loads.extracted_at, id"
    ) == [
        ("0061", "10.5", "false", "snapshot"),
        ("0062", "20", "true", "snapshot"),
        ("0061", "12.5", "false", "increment"),
    ]


def test_salesforce_signs_in_with_credentials_and_starts_again_when_its_cursor_is_forgotten(
    site: Site, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SF_ID", "the-id")
    monkeypatch.setenv("SF_SECRET", TOKEN)
    following = "/services/data/v62.0/query/0r8-2"
    user = {"Name": "Zoé", "Email": "z@elan.fr", "IsActive": True}
    server.routes |= {
        "/services/oauth2/token": {"access_token": "made"},
        "/services/data/v62.0/sobjects/User/describe": {"fields": [{"name": name} for name in ("Id", *user)]},
        "/services/data/v62.0/queryAll": {
            "done": False,
            "nextRecordsUrl": following,
            "records": [{"Id": "0051", **user}],
        },
        following: [
            Reply(401),
            Reply(404, b'[{"errorCode": "INVALID_QUERY_LOCATOR", "message": "gone"}]'),
            {"done": True, "records": [{"Id": "0052", **user}]},
        ],
    }
    said(site, "salesforce", server, "  tables: [users]\n  client_id_env: SF_ID\n  client_secret_env: SF_SECRET\n")
    assert "the token in SF_SECRET is not accepted" in refused(site)
    assert pulled(site).rows == {"users": 2}
    loaded(site)
    assert site.raw("select id from salesforce.users order by 1") == [("0051",), ("0052",)]
    assert server.asked[-1].headers["Authorization"] == "Bearer made"
    assert b"grant_type=client_credentials" in server.asked[0].content


def test_pipedrive_deals_come_with_archived_ones_and_their_change_log(site: Site, server: Server) -> None:
    def row(number: int, status: str = "open") -> dict[str, Any]:
        return {"id": number, "title": f"D{number}", "value": 10, "currency": "EUR", "status": status, "stage_id": 3}

    change = {"id": 70, "item_id": 1, "field_key": "stage_id", "old_value": "2", "new_value": "3"}
    flow = [
        {"object": "dealChange", "data": change | {"log_time": "2026-11-20 10:00:00"}},
        {"object": "note", "data": {}},
    ]
    first = pages("cursor", "data", [row(1)], [row(2)], marker=lambda n: {"additional_data": {"next_cursor": str(n)}})
    server.routes |= {
        "/api/v2/deals": lambda asked: {"data": [row(4, "deleted")]} if "status" in asked.query else first(asked),
        "/api/v2/deals/archived": {"data": [row(3, "lost")], "additional_data": {"next_cursor": None}},
        "/api/v1/deals/1/flow": {"success": True, "data": flow},
        "/api/v1/deals/2/flow": {"success": True, "data": None},
        "/api/v1/deals/3/flow": {"success": True, "data": None},
        "/api/v1/users": {"success": True, "data": [{"id": 9, "name": "Zoé", "email": "z@elan.fr"}]},
        "/api/v1/dealFields": {"success": True, "data": None},
        "/api/v2/persons": {"data": [{"id": 5, "name": "Lea", "emails": [{"value": "l@x.fr", "primary": True}]}]},
    }
    said(site, "pipedrive", server, "  tables: [deals, users, deal_fields, persons]\n")
    assert pulled(site).rows == {"deals": 4, "deal_changes": 1, "users": 1, "deal_fields": 0, "persons": 1}
    loaded(site)
    assert site.raw("select id, status from pipedrive.deals order by id") == [
        *(("1", "open"), ("2", "open")),
        *(("3", "lost"), ("4", "deleted")),
    ]
    assert site.raw("select deal_id, field_key, new_value, change_time from pipedrive.deal_changes") == [
        ("1", "stage_id", "3", "2026-11-20 10:00:00")
    ]
    assert site.raw("select email from pipedrive.persons") == [("l@x.fr",)]
    assert server.asked[0].headers["x-api-token"] == TOKEN
    server.routes["/api/v2/deals"] = {"data": []}
    server.routes["/api/v2/deals/archived"] = {"data": []}
    assert pulled(site, EVENING).rows["deals"] == 0
    assert [each.query.get("updated_since") for each in server.asked if each.path == "/api/v2/deals"][-2:] == [
        "2026-11-22T05:50:00Z",
        "2026-11-22T05:50:00Z",
    ]
    loaded(site)  # a delivery without a row, which deletes nothing
    assert site.raw("select mode, rows from loads where table_name = 'deals' order by extracted_at") == [
        ("snapshot", 4),
        ("increment", 0),
    ]


def test_stripe_lists_are_completed_and_payments_of_half_a_year_pulled_again(site: Site, server: Server) -> None:
    def line(number: int) -> dict[str, Any]:
        return {"id": f"il_{number}", "amount": 100 * number, "currency": "eur"}

    def invoice(number: int) -> dict[str, Any]:
        lines = {"data": [line(number)], "has_more": number == 1, "url": f"/v1/invoices/in_{number}/lines"}
        shown = {"id": f"in_{number}", "customer": "cus_1", "status": "paid", "currency": "eur", "total": 100}
        return shown | {"lines": lines}

    charge = {"id": "ch_1", "amount": 100, "currency": "eur", "status": "succeeded", "created": 1790000000}
    server.routes |= {
        "/v1/invoices": lambda asked: {
            "data": [invoice(2 if "starting_after" in asked.query else 1)],
            "has_more": "starting_after" not in asked.query,
        },
        "/v1/invoices/in_1/lines": {"data": [line(3)], "has_more": False},
        "/v1/charges": {"data": [charge], "has_more": False},
    }
    said(site, "stripe", server, "  tables: [invoices, charges]\n")
    assert pulled(site).rows == {"invoices": 2, "charges": 1}
    pulled(site, EVENING)
    loaded(site)
    assert site.raw("select distinct id, invoice_id, amount from stripe.invoice_lines order by id") == [
        ("il_1", "in_1", "100"),
        ("il_2", "in_2", "200"),
        ("il_3", "in_1", "300"),
    ]
    assert site.raw("select table_name, mode from loads where table_name in ('invoices', 'charges') order by all") == [
        *(("charges", "increment"), ("charges", "snapshot")),
        *(("invoices", "snapshot"), ("invoices", "snapshot")),
    ]
    first, second = (each.query for each in server.asked if each.path == "/v1/charges")
    assert "created[gte]" not in first
    since = MORNING - dt.timedelta(minutes=10, days=180)
    assert second["created[gte]"] == str(int(since.timestamp()))
    assert server.asked[0].headers["Stripe-Version"] == "2024-06-20"


def test_airtable_tables_are_pulled_whole_and_mapped(site: Site, server: Server) -> None:
    def record(number: int) -> dict[str, Any]:
        fields = {"Nom": f"Deal {number}", "Étape": "Démo"}
        return {"id": f"rec{number}", "createdTime": "2026-11-01T08:00:00.000Z", "fields": fields}

    server.routes["/v0/appBase/Affaires%20en%20cours"] = pages(
        "offset", "records", [record(1)], [record(2)], marker=lambda n: {"offset": str(n)}
    )
    columns = "{deal_id: id, name: Nom, stage: Étape, created_at: createdTime}"
    mapped = f"system: airtable\ntables:\n  deals:\n    columns: {columns}\n"
    said(site, "base", server, "  base: appBase\n  tables: {deals: Affaires en cours}\n", mapped)
    assert pulled(site).rows == {"deals": 2}
    loaded(site)
    assert site.raw("select deal_id, name, stage from custom.deals order by 1") == [
        ("rec1", "Deal 1", "Démo"),
        ("rec2", "Deal 2", "Démo"),
    ]


# what goes wrong

PRODUCT = {"data": [{"id": "prod_1", "name": "Élan"}], "has_more": False}


def products(site: Site, server: Server, *answers: Any) -> None:
    server.routes["/v1/products"] = list(answers)
    said(site, "stripe", server, "  tables: [products]\n")


@pytest.mark.parametrize(
    "passing",
    [
        Reply(500),
        Reply(200, json.dumps(PRODUCT).encode()[:30]),
        Reply(200, json.dumps(PRODUCT).encode()[:30], cut=20),
        Reply(200, b"<html>maintenance</html>"),
    ],
    ids=["500", "invalid JSON", "fewer bytes than announced", "no JSON"],
)
def test_what_passes_is_asked_again_and_never_stored(site: Site, server: Server, passing: Reply) -> None:
    products(site, server, passing, passing, PRODUCT)
    waits: list[float] = []
    assert pulled(site, waits=waits).rows == {"products": 1}
    loaded(site)
    assert site.raw("select id, name from stripe.products") == [("prod_1", "Élan")]
    assert len(waits) == 2
    assert 1.5 <= waits[0] <= 2
    assert 3 <= waits[1] <= 4


def test_a_system_that_says_when_to_come_back_is_asked_then(site: Site, server: Server) -> None:
    dated = email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90), usegmt=True)
    products(site, server, Reply(429, Retry_After="7"), Reply(429, Retry_After=dated), Reply(429), PRODUCT)
    waits: list[float] = []
    pulled(site, waits=waits)
    assert waits[0] == 7
    assert 85 < waits[1] <= 90
    assert waits[2] <= 8


def test_a_limit_by_the_day_is_not_waited_for(site: Site, server: Server) -> None:
    products(site, server, Reply(429, Retry_After="20000"))
    assert "stripe/products: HTTP 429, a limit is reached and asks to wait 20000 seconds" in refused(site)
    assert len(server.asked) == 1


def test_a_system_that_stays_broken_is_given_up_in_one_line(site: Site, server: Server) -> None:
    products(site, server, Reply(503))
    assert refused(site).startswith(f"stripe/products: HTTP 503, {client_module.ATTEMPTS} times")
    assert len(server.asked) == client_module.ATTEMPTS


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        (Reply(401), "HTTP 401, the token in STRIPE_TOKEN is not accepted"),
        (Reply(403), "the token in STRIPE_TOKEN may not read this; grant it read access to products"),
        (Reply(400, json.dumps({"error": {"message": f"No key {TOKEN}"}}).encode()), "HTTP 400, No key ***"),
        (Reply(200, b"[]"), "is no page; is base_url right?"),
    ],
    ids=["401", "403", "400", "no page"],
)
def test_what_does_not_pass_is_not_asked_again(site: Site, server: Server, reply: Reply, line: str) -> None:
    products(site, server, reply)
    assert line in refused(site)
    assert len(server.asked) == 1


def test_a_redirect_to_another_host_is_not_followed(site: Site, server: Server) -> None:
    other = Server()
    products(site, server, Reply(302, Location=f"http://localhost:{other.http.server_port}/v1/products"))
    assert "sends on to localhost, which is not followed" in refused(site)
    other.http.shutdown()
    other.http.server_close()
    assert other.asked == []


def test_a_next_page_at_another_host_is_not_asked_for(site: Site, server: Server) -> None:
    cut = {"data": [{"id": "1"}], "has_more": True, "url": "//evil.example/v1/lines"}
    server.routes["/v1/invoices"] = {"data": [{"id": "in_1", "lines": cut}], "has_more": False}
    said(site, "stripe", server, "  tables: [invoices]\n")
    assert "at another host" in refused(site)


def test_a_cursor_that_turns_in_a_circle_is_an_error(site: Site, server: Server) -> None:
    products(site, server, PRODUCT | {"has_more": True})
    assert "gives the same page again" in refused(site)
    assert not list(site.settings.extracts.glob("stripe/*/*.jsonl"))


def test_an_interrupted_pull_goes_on_from_its_last_page_and_is_seen_by_nobody_before(
    site: Site, server: Server
) -> None:
    first, second = PRODUCT | {"has_more": True}, {"data": [{"id": "prod_2", "name": "Sève"}], "has_more": False}
    server.routes["/v1/products"] = lambda asked: second if "starting_after" in asked.query else first
    started, held = threading.Event(), threading.Event()

    def hold(_: Asked) -> Any:
        started.set()
        held.wait(20)
        return Reply(500)

    listing = server.routes["/v1/products"]
    server.routes["/v1/products"] = lambda asked: hold(asked) if "starting_after" in asked.query else listing(asked)
    said(site, "stripe", server, "  tables: [products]\n")
    site.drop("stripe/README", "no export")
    process = subprocess.Popen([sys.executable, str(PROJECT / "scripts" / "extract.py")], env=site.environment)
    assert started.wait(20)
    process.kill()
    process.wait()
    held.set()
    with pytest.raises(UserError, match="no exports there"):
        site.load()
    # half a page that was being written when the process was killed
    (part,) = (site.settings.extracts / "stripe" / ".extract" / "pages").iterdir()
    with part.open("ab") as file:
        file.write(b'{"data": [{"id": "prod_half')
    server.routes["/v1/products"] = listing
    asked = server.times("/v1/products")
    assert pulled(site, dt.datetime.now(dt.UTC)).rows == {"products": 2}
    assert server.times("/v1/products") == asked + 1
    loaded(site)
    assert site.raw("select id from stripe.products order by 1") == [("prod_1",), ("prod_2",)]


def test_a_pull_stopped_after_its_delivery_is_not_delivered_twice(
    site: Site, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    products(site, server, PRODUCT)
    with monkeypatch.context() as patch:
        patch.setattr(pulling, "_note", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            pulled(site)
    assert pulled(site).folder.name == "2026-11-22T060001Z"
    loaded(site)
    assert site.raw("select state, rows from loads order by extracted_at") == [("loaded", 1), ("unchanged", 1)]


def test_a_failure_moves_no_cursor_and_keeps_what_was_pulled(site: Site, server: Server) -> None:
    products(site, server, PRODUCT)
    server.routes["/v1/customers"] = [Reply(403), {"data": [], "has_more": False}]
    said(site, "stripe", server, "  tables: [customers, products]\n")
    refused(site)
    assert not (site.settings.extracts / "stripe" / ".extract" / "state.json").exists()
    assert pulled(site, EVENING).folder.name == "2026-11-22T060000Z"


def test_files_are_for_their_owner_alone_and_hold_no_token(site: Site, server: Server) -> None:
    products(site, server, PRODUCT)
    pulled(site)
    files = [path for path in (site.settings.extracts / "stripe").rglob("*") if path.is_file()]
    assert len(files) >= 3
    for path in files:
        assert TOKEN.encode() not in path.read_bytes()
        if path.name not in ("source.yml", "run.lock"):
            assert path.stat().st_mode & 0o077 == 0, path
    assert (site.settings.extracts / "stripe" / "2026-11-22T060000Z").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("block", "line"),
    [
        ("  token: abc", "holds what looks like a token"),
        ("  token_env: sk_" + "live_abc", "holds what looks like a token"),
        ("  token_env: 0123456789abcdef0123456789abcdef01234567", "holds what looks like a token"),
        ("  token_env: NOT_SET_ANYWHERE", "the environment variable NOT_SET_ANYWHERE is not set"),
        ("  base_url: http://api.example.com", "base_url has to be an https address"),
        ("  base_url: https://me:pass@api.example.com", "base_url has to be an https address"),
        ("  tables: [nonsense]", "extract cannot pull 'nonsense'"),
        ("  since: yesterday", "since under extract is 'yesterday'"),
        ("  full_every: never", "full_every under extract is 'never'"),
        ("  colour: blue", "extract has no setting 'colour'"),
    ],
)
def test_a_source_yml_that_cannot_be_followed_is_refused_in_one_line(
    site: Site, server: Server, block: str, line: str
) -> None:
    site.drop("stripe/source.yml", f"extract:\n{block}\n")
    message = refused(site)
    assert line in message
    assert "abc" not in message
    assert server.asked == []


def test_without_an_extract_block_nothing_is_pulled(site: Site) -> None:
    site.drop("stripe/source.yml", "system: stripe\n")
    with pytest.raises(UserError, match="no instance to pull"):
        orders(site.settings.extracts, [])
    with pytest.raises(UserError, match="no extract block"):
        orders(site.settings.extracts, ["stripe"])


def test_the_script_says_what_it_delivered_and_ends_with_1_when_one_instance_fails(site: Site, server: Server) -> None:
    products(site, server, PRODUCT)
    said(site, "stripe_us", server, "  tables: [products]\n  token_env: OTHER_TOKEN\n")
    done = site.run("extract.py")
    assert done.returncode == 1
    assert done.stdout.startswith("stripe/20")
    assert done.stdout.endswith(": products 1\n")
    assert "stripe_us/source.yml: the environment variable OTHER_TOKEN is not set" in done.stderr
    assert TOKEN not in done.stdout + done.stderr
