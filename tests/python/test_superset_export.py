"""The export in `bi/superset` fits the published tables and the dashboards of the seeds; no Superset needed."""

from __future__ import annotations

import csv
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from warehouse.settings import PROJECT

EXPORT = PROJECT / "bi" / "superset"


@cache
def files(kind: str) -> dict[str, dict[str, Any]]:
    found = sorted((EXPORT / kind).rglob("*.yaml"))
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in found}


def contract(table: str) -> list[str]:
    (path,) = (PROJECT / "models" / "marts").rglob(f"{table}.yml")
    (model,) = yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
    return [column["name"] for column in model["columns"]]


def test_datasets_have_the_columns_of_their_tables() -> None:
    for name, dataset in files("datasets").items():
        columns = [column["column_name"] for column in dataset["columns"]]
        assert dataset["table_name"] == name
        assert columns == contract(name), f"{name}: bi/superset has other columns than its contract"
        assert dataset["main_dttm_col"] in columns


def test_charts_ask_for_what_their_datasets_have() -> None:
    datasets = {each["uuid"]: each for each in files("datasets").values()}
    for name, chart in files("charts").items():
        dataset = datasets[chart["dataset_uuid"]]
        columns = set(contract(dataset["table_name"]))
        metrics = {metric["metric_name"] for metric in dataset["metrics"]}
        (query,) = json.loads(chart["query_context"])["queries"]
        asked = {each["sqlExpression"] if isinstance(each, dict) else each for each in query["columns"]}
        asked |= {each["col"] for each in query["filters"]}
        assert asked <= columns, f"{name} asks for {sorted(asked - columns)}"
        assert set(query["metrics"]) <= metrics, f"{name} asks for {query['metrics']}"
        # a screen asks by its parameters, a report by its query: they are the same
        told = [(each["subject"], each["comparator"]) for each in chart["params"]["adhoc_filters"]]
        assert told == [(each["col"], each["val"]) for each in query["filters"]], name
        shown = chart["params"].get("metrics") or [chart["params"]["metric"]] if query["metrics"] else []
        assert shown == query["metrics"], name


# what d3-format reads; Superset prints anything else behind the number, as invalid
NUMBER_FORMAT = re.compile(r"(?:.?[<>=^])?[+\-( ]?[$#]?0?\d*,?(?:\.\d+)?~?[a-z%]?", re.IGNORECASE)


def test_formats_are_such_that_superset_reads_and_money_has_its_currency() -> None:
    shown = [chart["params"] for chart in files("charts").values()]
    shown += [json.loads(chart["query_context"])["form_data"] for chart in files("charts").values()]
    formats = [(each["y_axis_format"], each.get("currency_format")) for each in shown if "y_axis_format" in each]
    for dataset in files("datasets").values():
        formats += [(each["d3format"], each.get("currency")) for each in dataset["metrics"] if "d3format" in each]
    assert [spoken for spoken, _ in formats if not NUMBER_FORMAT.fullmatch(spoken)] == []
    assert not NUMBER_FORMAT.fullmatch("€,.0f")
    money = [currency for spoken, currency in formats if spoken == ",.0f"]
    assert len(money) > 30
    assert all(currency == {"symbol": "EUR", "symbolPosition": "suffix"} for currency in money)


def test_a_number_beside_the_month_before_is_of_a_whole_month() -> None:
    compared = [chart["params"] for chart in files("charts").values() if "compare_lag" in chart["params"]]
    assert len(compared) > 30
    # what is ahead is read while a month runs
    ahead = {"forecast_bookings_amount", "pipeline_coverage_ratio"}
    assert ahead < {params["metric"] for params in compared}
    for params in compared:
        filters = [(each["subject"], each["comparator"]) for each in params["adhoc_filters"]]
        assert (("is_partial_period", False) in filters) == (params["metric"] not in ahead), params["metric"]


def test_dashboards_show_the_kpis_of_the_seed_in_its_order_and_every_chart_once() -> None:
    with (PROJECT / "seeds" / "dashboards.csv").open(encoding="utf-8", newline="") as file:
        tiles = sorted(csv.DictReader(file), key=lambda row: int(row["position"]))
    by_uuid = {chart["uuid"]: name for name, chart in files("charts").items()}
    placed = []
    for name, dashboard in files("dashboards").items():
        parts = [part for part in dashboard["position"].values() if isinstance(part, dict)]
        shown = [by_uuid[part["meta"]["uuid"]] for part in parts if part["type"] == "CHART"]
        wanted = [f"{name}_{row['kpi_code']}" for row in tiles if row["dashboard"] == name]
        assert shown[: len(wanted)] == wanted, f"{name}: other KPIs than seeds/dashboards.csv, or in another order"
        placed += shown
    assert sorted(placed) == sorted(files("charts"))


def test_the_export_holds_no_password_and_reads_only() -> None:
    (database,) = files("databases").values()
    # how Superset writes a password that it asks for
    assert f"bi_reader:{'X' * 10}@" in database["sqlalchemy_uri"]
    allowed = [name for name, value in database.items() if name.startswith("allow_") and value]
    assert allowed == []
    assert {each["database_uuid"] for each in files("datasets").values()} == {database["uuid"]}


def test_what_is_in_the_folder_is_what_superset_imports() -> None:
    kinds = {path.relative_to(EXPORT).parts[0] for path in Path(EXPORT).rglob("*.yaml")}
    assert kinds == {"metadata.yaml", "databases", "datasets", "charts", "dashboards"}
    assert yaml.safe_load((EXPORT / "metadata.yaml").read_text(encoding="utf-8"))["type"] == "Dashboard"
