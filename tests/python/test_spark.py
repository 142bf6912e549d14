"""The target `spark` builds the tables that DuckDB builds, row by row.

A chain from exports to marts of the core is in every run; all models that are built on both are in `make proof`.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from conftest import SHARED, DemoSites, Site
from warehouse.identity import declare_key, identity_key
from warehouse.settings import PROJECT
from warehouse.spark.comparing import compare
from warehouse.spark.dialect import to_spark

pytestmark = pytest.mark.xdist_group("spark")
MODELS = Path(__file__).with_name("spark_models.csv")
CHAIN = ["+fct_web_traffic", "+dim_channels"]


def missing() -> str:
    """What Spark needs and this machine has not; empty when all is there."""
    needed = {
        "PySpark": importlib.util.find_spec("pyspark"),
        "dbt-spark": importlib.util.find_spec("dbt.adapters.spark"),
    }
    absent = [name for name, found in needed.items() if found is None]
    return ", ".join(absent + ([] if shutil.which("java") else ["Java"]))


@pytest.fixture(scope="module")
def site(demo_sites: DemoSites) -> Site:
    absent = missing()
    # in CI it is there, or the run is not what it says
    assert not (absent and os.environ.get("CI")), f"{absent}: not installed"
    if absent:
        pytest.skip(f"Spark needs {absent}: requirements-spark.txt and Java 17")
    return demo_sites(*SHARED)


@dataclass(frozen=True)
class Built:
    """What Spark built on a lake: how many nodes, and what differs from DuckDB's tables, by name."""

    count: int
    different: dict[str, str]


def build(site: Site, lake: Path, selected: Sequence[str]) -> Built:
    """Exports raw, builds on Spark and compares every table."""
    exported = site.run("export_raw.py", "--lake", str(lake), "--manifest", str(site.root / "dbt" / "manifest.json"))
    assert exported.returncode == 0, exported.stderr
    with duckdb.connect(str(site.settings.warehouse / "dev.duckdb"), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{site.settings.raw_file}' as raw (read_only)")
        declare_key(connection, identity_key(site.settings.warehouse))
        checked = connection.execute("select checked_at from marts.dim_clocks").fetchone()
        assert checked
        written = ["--target-path", str(lake / "dbt"), "--log-path", str(lake / "dbt")]
        clock = ["--vars", json.dumps({"checked_at": str(checked[0])})]
        kinds = ["--resource-type", "model", "seed"]
        done = site.run("spark.py", "--lake", str(lake), "build", *kinds, "--select", *selected, *clock, *written)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        nodes = json.loads((lake / "dbt" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
        results = json.loads((lake / "dbt" / "run_results.json").read_text(encoding="utf-8"))["results"]
        different = {}
        for node in (nodes[result["unique_id"]] for result in results):
            folder = lake / "built" / f"{node['schema']}.db" / node["alias"]
            found = compare(connection, f'"{node["schema"]}"."{node["alias"]}"', folder)
            if found:
                different[node["name"]] = str(found)
    return Built(len(results), different)


@pytest.mark.slow
def test_a_chain_from_exports_to_marts_has_the_rows_that_duckdb_has(site: Site, tmp_path: Path) -> None:
    built = build(site, tmp_path / "lake", CHAIN)
    assert built.different == {}
    assert built.count >= 6


@pytest.mark.proof
def test_every_model_that_is_said_to_be_equal_is(site: Site, tmp_path: Path) -> None:
    with MODELS.open(encoding="utf-8", newline="") as file:
        equal = [row["model"] for row in csv.DictReader(file) if row["state"] == "equal"]
    built = build(site, tmp_path / "lake", [f"+{name}" for name in equal])
    assert {name: said for name, said in built.different.items() if name in equal} == {}
    assert built.count >= len(equal)


def test_every_model_is_said_to_be_equal_or_why_not() -> None:
    with MODELS.open(encoding="utf-8", newline="") as file:
        told = {row["model"]: row["state"] for row in csv.DictReader(file)}
    assert set(told) == {path.stem for path in (PROJECT / "models").rglob("*.sql")}
    assert all(told.values())


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select a / b from t", "SELECT CAST(a AS DOUBLE) / NULLIF(CAST(b AS DOUBLE), CAST(0 AS DOUBLE)) FROM t"),
        (
            "select cast(a / 2.0 as decimal(18, 6))",
            " / NULLIF(CAST(2.0 AS DOUBLE), CAST(0 AS DOUBLE))) * 1e6) / 1e6 AS DECIMAL",
        ),
        ("select cast(coalesce(a, b) as decimal(18, 2))", "SELECT IF(TYPEOF(COALESCE(a, b)) = 'double', CAST(ROUND("),
        ("select string_agg(distinct a, ', ' order by a) from t", "ARRAY_JOIN(ARRAY_SORT(COLLECT_SET(a)), ', ')"),
        (
            "select cast(a as bigint) from t",
            "SELECT IF(TYPEOF(a) = 'double', CAST(RINT(CAST(a AS DOUBLE)) AS BIGINT), IF(TYPEOF(a) LIKE 'decimal%', ",
        ),
        ("select avg(a) from t", "SELECT AVG(CAST(a AS DOUBLE)) FROM t"),
        ("select a[n // 2 + 1], a[1]", "SELECT GET(a, CAST(n DIV 2 + 1 AS INT) - 1), GET(a, CAST(1 AS INT) - 1)"),
        ("select isodow(d)", "SELECT (WEEKDAY(d) + 1)"),
        ("select date_diff('day', a, b)", "SELECT CAST((DATE_DIFF(b, a)) AS BIGINT)"),
        ("select percentile_cont(0.9) within group (order by a) from t", "SELECT PERCENTILE(a, 0.9) FROM t"),
        ("select t.* replace (lower(a) as a) from t", "SELECT t.* EXCEPT (a), LOWER(a) AS a FROM t"),
        ("select abs(sum(a) over w - b) from t window w as (partition by c)", "ABS(SUM(a) OVER (PARTITION BY c) - b)"),
        (
            "select 1 as a union all by name select 2 as b, 3 as a",
            "SELECT 1 AS a, NULL AS b UNION ALL SELECT 3 AS a, 2 AS b",
        ),
        (
            "select a from t group by a qualify row_number() over (order by count(*)) = 1",
            "GROUP BY a) AS _t WHERE _w = 1",
        ),
        ("select trim(unnest(string_split(a, '|'))) as part from t", "LATERAL VIEW EXPLODE("),
        (r"select case when regexp_full_match(a, '\d{8}') then b / c end", r"a RLIKE '^(?:\\d{8})$'"),
        (r"select regexp_replace(a, '^\((.*)\)$', '-\1')", "'-$1'"),
        ("create table s.t\nusing parquet\nas\nselect a / b from t", "using parquet\nas\nSELECT CAST(a AS DOUBLE) /"),
        ("describe extended s.t", "describe extended s.t"),
        ("insert into s.t values (1)", "insert into s.t values (1)"),
    ],
)
def test_a_statement_says_on_spark_what_it_says_on_duckdb(query: str, expected: str) -> None:
    assert expected in to_spark(query)


@pytest.mark.parametrize(
    ("written", "difference"),
    [
        ("select 1 as id, 0.30000000000000004::double as share, 1.10::decimal(18,2) as amount", None),
        ("select 1 as id, 0.3000001::double as share, 1.10::decimal(18,2) as amount", "doubles"),
        ("select 1 as id, 0.3::double as share, 1.11::decimal(18,2) as amount", "rows"),
        ("select 1 as id, 0.3::double as share, null::decimal(18,2) as amount", "rows"),
        ("select 1 as id, 0.3::double as share, 1.10::decimal(18,2) as amount from range(2)", "rows"),
        ("select 1 as id, null::double as share, 1.10::decimal(18,2) as amount", "doubles"),
        ("select 1 as id, 0.3::double as share", "columns ['amount']"),
    ],
)
def test_the_comparison_sees_what_is_not_the_same(tmp_path: Path, written: str, difference: str | None) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table built as select 1 as id, 0.3::double as share, 1.1::decimal(18,2) as amount")
        connection.execute(f"copy ({written}) to '{tmp_path}/part.parquet' (format parquet)")
        found = compare(connection, "built", tmp_path)
    assert (found and found.reason) == difference
