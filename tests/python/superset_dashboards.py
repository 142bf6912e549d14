"""The dashboards of `bi/superset` in a real Superset on a real PostgreSQL: `make test-superset`, minutes.

Not one of the tests of `make test`: Superset has an environment of its own, as large as all else together.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import os
import secrets
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import duckdb
import psycopg
import pytest
import requests
import yaml

from conftest import SHARED, DemoSites, Site
from warehouse.publishing import published_marts
from warehouse.settings import PROJECT
from warehouse.targets.marts import built_tables
from warehouse.targets.postgres import Publication, write_postgres

EXPORT = PROJECT / "bi" / "superset"
PYTHON = PROJECT / ".venv" / "superset" / "bin" / "python"
PASSWORD = "read-only"
MASK = "X" * 10  # how Superset writes a password that it asks for
STARTS_WITHIN = 600  # seconds; half of it goes by before Superset has read itself
Rows = list[tuple[Any, ...]]


def definitions(kind: str) -> dict[str, dict[str, Any]]:
    """Files of the export of a kind, by uuid."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (EXPORT / kind).rglob("*.yaml")]
    return {each["uuid"]: each for each in files}


@pytest.fixture(scope="module")
def company(demo_sites: DemoSites) -> Site:
    return demo_sites(*SHARED)


@pytest.fixture(scope="module")
def published(company: Site, server: str) -> str:
    """The address at which the reader of a published demo company logs in."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{company.settings.warehouse / 'dev.duckdb'}' as built (read_only)")
        marts = published_marts(company.root / "dbt" / "manifest.json")
        tables = built_tables(connection, "built", marts)
        write_postgres(connection, tables, Publication("20260401T000000Z", "2026-03-31"), server)
    with psycopg.connect(server, autocommit=True) as owner:
        owner.execute(f"alter role bi_reader password '{PASSWORD}'")
    parts = urlsplit(server)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(scheme="postgresql+psycopg2", netloc=f"bi_reader:{MASK}@{host}"))


def exported(address: str) -> bytes:
    """The export as Superset takes it, its database at an address."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for path in sorted(EXPORT.rglob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            if path.parent.name == "databases":
                text = yaml.safe_dump(yaml.safe_load(text) | {"sqlalchemy_uri": address})
            archive.writestr(f"superset/{path.relative_to(EXPORT).as_posix()}", text)
    return written.getvalue()


class Superset:
    """A Superset that answers, and who is logged in to it."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.session = requests.Session()

    def log_in(self, password: str) -> None:
        answer = self.session.post(
            f"{self.address}/api/v1/security/login",
            json={"username": "admin", "password": password, "provider": "db"},
            timeout=120,
        )
        answer.raise_for_status()
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def get(self, path: str) -> dict[str, Any]:
        answer = self.session.get(f"{self.address}/api/v1/{path}", timeout=120)
        assert answer.status_code == 200, f"{path}: {answer.text[:1000]}"
        return dict(answer.json())

    def import_export(self, archive: bytes) -> None:
        answer = self.session.post(
            f"{self.address}/api/v1/dashboard/import/",
            files={"formData": ("superset.zip", archive, "application/zip")},
            data={"passwords": json.dumps({"databases/sales_kpis.yaml": PASSWORD}), "overwrite": "true"},
            timeout=300,
        )
        assert answer.status_code == 200, answer.text[:3000]


@pytest.fixture(scope="module")
def superset(tmp_path_factory: pytest.TempPathFactory, published: str) -> Iterator[Superset]:
    """A Superset with nothing in it but the export, on the published company."""
    home = tmp_path_factory.mktemp("superset")
    (home / "superset_config.py").write_text(
        f"SECRET_KEY = {secrets.token_urlsafe(42)!r}\n"
        f"SQLALCHEMY_DATABASE_URI = 'sqlite:///{home}/superset.db'\n"
        # a session of tests sends no forms, and is served on this machine alone
        "WTF_CSRF_ENABLED = False\nTALISMAN_ENABLED = False\n",
        encoding="utf-8",
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    password = secrets.token_urlsafe(16)
    environment = os.environ | {
        "SUPERSET_HOME": str(home),
        "SUPERSET_CONFIG_PATH": str(home / "superset_config.py"),
    }
    log = (home / "log.txt").open("w")
    server = Path(__file__).with_name("superset_server.py")
    started = subprocess.Popen(
        [str(PYTHON), str(server), str(port), password], cwd=home, env=environment, stdout=log, stderr=log
    )
    try:
        running = Superset(port)
        wait_for(running, started, home / "log.txt")
        running.log_in(password)
        running.import_export(exported(published))
        yield running
    finally:
        started.terminate()
        started.wait(30)
        log.close()


def wait_for(running: Superset, started: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        assert started.poll() is None, log.read_text(encoding="utf-8")[-3000:]
        try:
            if requests.get(f"{running.address}/health", timeout=10).text == "OK":
                return
        except requests.ConnectionError:
            time.sleep(1)
    raise AssertionError(f"no answer within {STARTS_WITHIN} seconds: {log.read_text(encoding='utf-8')[-3000:]}")


def test_four_dashboards_show_the_charts_of_the_export(superset: Superset) -> None:
    found = superset.get("dashboard/?q=(page_size:100)")["result"]
    assert {each["dashboard_title"] for each in found} == {
        each["dashboard_title"] for each in definitions("dashboards").values()
    }
    charts = definitions("charts")
    for each in found:
        position = json.loads(superset.get(f"dashboard/{each['id']}")["result"]["position_json"])
        placed = [part["meta"] for part in position.values() if isinstance(part, dict) and part["type"] == "CHART"]
        shown = {chart["slice_name"] for chart in superset.get(f"dashboard/{each['id']}/charts")["result"]}
        assert {charts[meta["uuid"]]["slice_name"] for meta in placed} == shown
        assert len(placed) >= 9


def test_every_chart_returns_the_rows_of_the_marts(superset: Superset, company: Site) -> None:
    charts, datasets = definitions("charts"), definitions("datasets")
    found = superset.get("chart/?q=(page_size:500)")["result"]
    assert len(found) == len(charts)
    counted = 0
    with duckdb.connect(str(company.settings.warehouse / "dev.duckdb"), read_only=True) as connection:
        connection.execute("use marts")
        for each in found:
            chart = charts[superset.get(f"chart/{each['id']}")["result"]["uuid"]]
            (query,) = json.loads(chart["query_context"])["queries"]
            answer = superset.get(f"chart/{each['id']}/data/?force=true")["result"][0]
            assert answer["status"] == "success", f"{chart['slice_name']}: {answer['error']}"
            wanted = expected(connection, query, datasets[chart["dataset_uuid"]])
            names = [name_of(column) for column in query["columns"]] + query["metrics"]
            shown = [tuple(plain(row[name]) for name in names) for row in answer["data"]]
            assert same(shown, wanted), f"{chart['slice_name']}: {shown[:3]} is not {wanted[:3]}"
            counted += len(shown)
    assert counted > 500, "charts without rows prove nothing"


def name_of(column: Any) -> str:
    return str(column["label"] if isinstance(column, dict) else column)


def expected(connection: duckdb.DuckDBPyConnection, query: dict[str, Any], dataset: dict[str, Any]) -> Rows:
    """What a query of the export is on the build, by the metrics of its dataset."""
    metrics = {metric["metric_name"]: metric["expression"] for metric in dataset["metrics"]}
    columns = [
        f"date_trunc('month', {column['sqlExpression']})" if isinstance(column, dict) else column
        for column in query["columns"]
    ]
    selected = ", ".join(columns + [metrics[name] for name in query["metrics"]])
    conditions = " and ".join(f"{each['col']} = ?" for each in query["filters"])
    grouped = f" group by {', '.join(columns)}" if query["metrics"] else ""
    values = [each["val"] for each in query["filters"]]
    found = connection.execute(
        f"select {selected} from {dataset['table_name']} where {conditions}{grouped}", values
    ).fetchall()
    return [tuple(plain(value) for value in row) for row in found]


def plain(value: Any) -> Any:
    """A value as both sides can write it: dates as milliseconds, numbers as floats."""
    if isinstance(value, dt.datetime | dt.date):
        day = value.date() if isinstance(value, dt.datetime) else value
        return float((day - dt.date(1970, 1, 1)).days * 86_400_000)
    if isinstance(value, bool) or value is None:
        return value
    try:
        return float(value)
    except ValueError:
        return value


def same(one: Rows, other: Rows) -> bool:
    """Whether two sets of rows are equal, whatever their order; the last digits of a sum depend on it."""

    def order(row: tuple[Any, ...]) -> list[str]:
        return [f"{value:.6g}" if isinstance(value, float) else str(value) for value in row]

    def alike(left: Any, right: Any) -> bool:
        if isinstance(left, float) and isinstance(right, float):
            return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-9)
        return bool(left == right)

    return len(one) == len(other) and all(
        alike(left, right)
        for rows in zip(sorted(one, key=order), sorted(other, key=order), strict=True)
        for left, right in zip(*rows, strict=True)
    )
