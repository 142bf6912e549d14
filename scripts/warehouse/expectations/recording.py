"""What the gates found, kept in raw beside the loads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb

from warehouse.expectations.checks import Gate, Result
from warehouse.ledger import Transaction

COLUMNS = (
    *(
        "run_id",
        "gate",
        "check_name",
        "rule",
        "source_system",
        "source_instance",
        "table_name",
        "column_name",
        "entity",
    ),
    *("on_breach", "status", "observed", "expected", "observed_value", "expected_low", "expected_high"),
    *("from_date", "to_date", "owner", "checked_at"),
)
TYPES = {
    **dict.fromkeys(("observed_value", "expected_low", "expected_high"), "double"),
    **dict.fromkeys(("from_date", "to_date"), "date"),
    "checked_at": "timestamp",
}


def record(
    connection: duckdb.DuckDBPyConnection, run_id: str, gate: Gate, results: Sequence[Result], checked_at: dt.datetime
) -> None:
    """Adds the results of a gate to the table `checks`, all or none."""
    rows = [_row(run_id, gate, result, checked_at) for result in results]
    if not rows:
        return
    # all at once: a row at a time takes longer than the checks
    cells = ", ".join(f"unnest(?::{TYPES.get(column, 'varchar')}[])" for column in COLUMNS)
    with Transaction(connection):
        connection.execute(
            f"insert into checks ({', '.join(COLUMNS)}) select {cells}",
            [list(each) for each in zip(*rows, strict=True)],
        )


def _row(run_id: str, gate: Gate, result: Result, checked_at: dt.datetime) -> list[object]:
    check, subject = result.check, result.check.subject
    return [
        *(run_id, gate, check.name, check.rule, subject.system, subject.instance, subject.table, check.column),
        *(subject.entity, check.on_breach, result.status, result.observed, check.expected),
        *(result.value, check.low, check.high, check.from_date, check.to_date, subject.owner, checked_at),
    ]
