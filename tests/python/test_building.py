"""What a failed build says: one line, with the cell or row where it is of a business seed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest

from warehouse.building import first_failure


def failed(kind: str, message: str, **node: Any) -> Any:
    """A result of dbt with one node that failed."""
    told = SimpleNamespace(name="it", resource_type=kind, **node)
    results = [SimpleNamespace(status="fail" if kind == "test" else "error", node=told, message=message)]
    return SimpleNamespace(exception=None, result=SimpleNamespace(results=results))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with one row of targets, of a KPI that is none, and one of a person."""
    path = tmp_path / "candidate.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table targets as select 'win_rat' as kpi_code, null as owner, 0.3 as target_value")
        connection.execute("create table people as select 'jane@client.example' as email")
    return path


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2026-13-01,0.3", "line 2, column period_start_date: 2026-13-01 is no DATE"),
        ("2026-01-01,a lot", "line 2, column target_value: a lot is no DOUBLE"),
    ],
)
def test_a_cell_of_a_seed_that_cannot_be_read_is_named(tmp_path: Path, database: Path, row: str, said: str) -> None:
    seed = tmp_path / "kpi_targets.csv"
    seed.write_text(f"period_start_date,target_value\n{row}\n", encoding="utf-8")
    with duckdb.connect() as connection, pytest.raises(duckdb.Error) as error:
        connection.execute(
            f"from read_csv('{seed}', header = true, columns = {{period_start_date: 'date', target_value: 'double'}})"
        ).fetchall()
    line = first_failure(failed("seed", f"Runtime Error in seed it\n  {error.value}"), tmp_path, database, {})
    assert line == f"dbt seed it: {said}; see {tmp_path / 'dbt.log'}"


@pytest.mark.parametrize(
    ("given", "query", "told"),
    [
        ("seed.sales.kpi_targets", "select * from targets", " (first: kpi_code win_rat, target_value 0.3)"),
        ("model.sales.dim_contacts", "select * from people", ""),
    ],
)
def test_a_row_is_told_of_a_test_of_seeds_and_of_no_other(database: Path, given: str, query: str, told: str) -> None:
    result = failed("test", "Got 1 result, configured to fail if != 0", depends_on_nodes=[given], compiled_code=query)
    line = first_failure(result, database.parent, database, {})
    assert line == f"dbt test it: Got 1 result, configured to fail if != 0{told}; see {database.parent / 'dbt.log'}"


def test_a_failure_that_dbt_takes_for_skipped_is_named(tmp_path: Path, database: Path) -> None:
    # failing fast, dbt looks whether to go on before it has taken down what has failed
    node = SimpleNamespace(name="it", unique_id="test.it", resource_type="test", compiled_code=None)
    done = SimpleNamespace(status="pass", node=SimpleNamespace(name="that", unique_id="test.that"), message=None)
    skipped = SimpleNamespace(status="skipped", node=node, message="Skipping due to fail_fast")
    result = SimpleNamespace(exception=None, result=SimpleNamespace(results=[done, skipped]))
    line = first_failure(result, tmp_path, database, {"test.it": ("fail", "Got 1 result, configured to fail if != 0")})
    assert line == f"dbt test it: Got 1 result, configured to fail if != 0; see {tmp_path / 'dbt.log'}"
