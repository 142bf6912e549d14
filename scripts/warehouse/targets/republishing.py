"""The tables of a generation that was published, to be published again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from warehouse.errors import UserError
from warehouse.literals import quoted
from warehouse.targets.marts import Mart, Table, check_copy


def kept_tables(connection: duckdb.DuckDBPyConnection, generation: Path, manifest: Mapping[str, Any]) -> list[Table]:
    """Tables of a generation's Parquet files, else of its database, as its manifest describes them.

    Raises UserError when it has neither of its own, or they do not hold what was published.
    """
    own = [name for name, said in manifest.get("targets", {}).items() if said["build"] == manifest["build"]]
    if "duckdb" in own and "parquet" not in own:
        connection.execute(f"attach {quoted(generation / 'marts.duckdb')} as kept (read_only)")
    elif "parquet" not in own:
        raise UserError(f"{generation}: no parquet/ and no marts.duckdb of its own to publish again; run the pipeline")
    tables = []
    for name, said in manifest["tables"].items():
        file = quoted(generation / "parquet" / f"{name}.parquet")
        columns = said["columns"]
        table = Table(
            Mart(
                name,
                said["description"],
                {column: each["description"] for column, each in columns.items()},
                grain=tuple(said.get("grain", ())),
            ),
            f"read_parquet({file})" if "parquet" in own else f'kept.main."{name}"',
            {column: each["type"] for column, each in columns.items()},
            frozenset(column for column, each in columns.items() if each["required"]),
            said["rows"],
            said["sums"],
            said["fingerprint"],
        )
        try:
            check_copy(connection, table, table.relation, str(generation))
        except duckdb.Error as error:
            raise UserError(f"{generation}: {name} cannot be read: {str(error).splitlines()[0]}") from None
        tables.append(table)
    return tables
