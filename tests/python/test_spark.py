"""The target `spark` builds the tables that DuckDB builds, row by row.

A chain from exports to marts of the core is in every run; all models that are built on both are in `make proof`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from conftest import DemoSites, Site
from warehouse.identity import hmac_pads, identity_key
from warehouse.settings import PROJECT
from warehouse.spark.comparing import compare
from warehouse.spark.dialect import to_spark

DEMO = (7, 0.4, "2026-04-01")
CHECKED_AT = "{checked_at: '2026-04-01 06:00:00'}"
CHAIN = ["+fct_web_traffic", "dim_dates", "dim_channels", "+dim_kpis", "+fct_ledger_revenue"]


def missing() -> str:
    """What Spark needs and this machine has not; empty when all is there."""
    needed = {"PySpark": importlib.util.find_spec("pyspark"), "dbt-spark": importlib.util.find_spec("dbt.adapters.spark")}
    absent = [name for name, found in needed.items() if found is None]
    return ", ".join(absent + ([] if shutil.which("java") else ["Java"]))


@pytest.fixture(scope="module")
def site(demo_sites: DemoSites) -> Site:
    absent = missing()
    # in CI it is there, or the run is not what it says
    assert not (absent and os.environ.get("CI")), f"{absent}: not installed"
    if absent:
        pytest.skip(f"Spark needs {absent}: requirements-spark.txt and Java 17")
    return demo_sites(*DEMO)


def built_by_spark(site: Site, lake: Path, selected: Sequence[str]) -> list[str]:
    """Exports raw and builds; what differs from DuckDB's tables, one line each, and how many were compared."""
    for script, arguments in (
        ("export_raw.py", ["--lake", str(lake), "--manifest", str(site.root / "dbt" / "manifest.json")]),
        (
            "spark.py",
            [
                *("--lake", str(lake), "build", "--exclude-resource-type", "test", "unit_test", "--select"),
                *selected,
                *("--vars", CHECKED_AT, "--target-path", str(lake / "dbt"), "--log-path", str(lake / "dbt")),
            ],
        ),
    ):
        done = site.run(script, *arguments)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    manifest = json.loads((lake / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    results = json.loads((lake / "dbt" / "run_results.json").read_text(encoding="utf-8"))["results"]
    told = []
    with duckdb.connect(str(site.settings.warehouse / "dev.duckdb"), read_only=True) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(f"attach '{site.settings.raw_file}' as raw (read_only)")
        for name, value in zip(
            ("identity_inner", "identity_outer"), hmac_pads(identity_key(site.settings.warehouse)), strict=True
        ):
            connection.execute(f"set variable {name} = '{value}'")
        for result in results:
            node = manifest["nodes"][result["unique_id"]]
            folder = lake / "built" / f"{node['schema']}.db" / node["alias"]
            difference = compare(connection, f'"{node["schema"]}"."{node["alias"]}"', folder)
            if difference:
                told.append(f"{node['name']}: {difference}")
    assert len(results) > len(selected)
    return told
