"""What became of every file that was ever loaded, from raw's ledger."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from warehouse.errors import UserError
from warehouse.settings import Settings

SHOWN_REJECTS = 20


@dataclass(frozen=True)
class Account:
    """The newest ledger row of a file and table; counts are rows, `skipped` lines that are no rows."""

    path: str
    table: str
    state: str
    extracted_at: str
    read: int
    stored: int
    expired: int
    rejected: int
    skipped: int
    how: str
    message: str

    @property
    def is_balanced(self) -> bool:
        """Whether no row was lost between the file and raw."""
        return self.state == "refused" or self.read == self.stored + self.expired + self.rejected


@dataclass(frozen=True)
class Rejected:
    """A row that was not stored; its text stays in raw, because it may name people."""

    path: str
    line: int
    reason: str


def accounts(settings: Settings) -> tuple[list[Account], list[Rejected]]:
    """Files in the order of their paths, and the rows rejected of their newest loads.

    Raises UserError when nothing was ever loaded.
    """
    if not settings.raw_file.exists():
        raise UserError(f"{settings.raw_file}: nothing loaded yet; run scripts/load.py")
    connection = duckdb.connect(str(settings.raw_file), read_only=True)
    try:
        files = connection.execute(
            """
            select
                path, coalesce(source_system || '.' || table_name, ''), state,
                coalesce(strftime(extracted_at, '%Y-%m-%d %H:%M'), ''),
                coalesce(rows_read, 0), coalesce(rows, 0) - coalesce(rows_expired, 0), coalesce(rows_expired, 0),
                coalesce(rejected_rows, 0), coalesce(skipped_rows, 0),
                concat_ws(' ', encoding, '"' || delimiter || '"', date_order, '"' || decimal_mark || '"'),
                coalesce(message, '')
            from loads
            qualify row_number() over (partition by path, table_name order by loaded_at desc, load_id) = 1
            order by path, table_name
            """
        ).fetchall()
        rejects = connection.execute(
            """
            select rejected_rows.path, file_row, reason
            from rejected_rows
            inner join (
                select * from loads
                qualify row_number() over (partition by path, table_name order by loaded_at desc, load_id) = 1
            ) as newest on rejected_rows.load_id = coalesce(newest.content_load_id, newest.load_id)
            order by rejected_rows.path, file_row
            """
        ).fetchall()
    finally:
        connection.close()
    return [Account(*row) for row in files], [Rejected(*row) for row in rejects]


def report(files: list[Account], rejects: list[Rejected]) -> list[str]:
    """Lines to read: one a file, then the rejected rows, then the sums."""
    width = max(len(each.path) for each in files)
    lines = []
    for each in files:
        expired = f" + {each.expired:,} expired" if each.expired else ""
        kept = f"{each.stored:,} stored{expired} + {each.rejected:,} rejected"
        counts = f"{each.read:,} read = {kept}, {each.skipped:,} no rows"
        told = each.message or f"{each.table}; {counts}; {each.how}; of {each.extracted_at}"
        lines.append(f"{each.path:<{width}}  {each.state}  {told}{'' if each.is_balanced else '  NOT BALANCED'}")
    shown = rejects[:SHOWN_REJECTS]
    for row in shown:
        lines.append(f"rejected  {row.path} line {row.line}: {row.reason}")
    read, stored = sum(each.read for each in files), sum(each.stored for each in files)
    rejected = sum(each.rejected for each in files)
    if rejected > len(shown):
        lines.append(f"and {rejected - len(shown):,} more rejected rows; texts are in raw.rejected_rows")
    lines.append(f"{len(files)} files, {read:,} rows read, {stored:,} stored, {rejected:,} rejected")
    return lines
