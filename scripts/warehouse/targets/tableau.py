"""Marts as Tableau extracts: a `.hyper` file a table, which Tableau Server takes as a data source as it is."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.targets.marts import Table, check_copy

# the only names that every Tableau Server takes for a file of one table
SCHEMA_AND_TABLE = ("Extract", "Extract")


def write_hyper(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], folder: Path) -> None:
    """A file a table. Raises UserError when one is not what was built. Nothing is told to Tableau."""
    import pantab

    folder.mkdir()
    with tempfile.TemporaryDirectory(prefix="hyper_") as logs:
        # without it the engine writes its log where the command was run
        parameters = {"log_dir": logs}
        for table in tables:
            file = folder / f"{table.name}.hyper"
            rows = connection.cursor().execute(f"from {table.relation}").to_arrow_reader()
            pantab.frames_to_hyper({SCHEMA_AND_TABLE: rows}, file, process_params=parameters)
            connection.register("read_back", read_hyper(file, logs))
            check_copy(connection, table, "read_back", "hyper")
            connection.unregister("read_back")
            file.chmod(0o644)


def read_hyper(file: Path, logs: str) -> pa.RecordBatchReader:
    """The rows of a file, once."""
    import pantab

    rows = pantab.frame_from_hyper_query(
        file, 'select * from "Extract"."Extract"', return_type="stream", process_params={"log_dir": logs}
    )
    return pa.RecordBatchReader.from_stream(rows)
