"""How the values of a file are written: day or month first, and the decimal mark."""

from __future__ import annotations

import duckdb

from warehouse.contract import Column
from warehouse.delivery import Delivery
from warehouse.errors import AmbiguousExport, UnreadableExport
from warehouse.recognition import Match
from warehouse.tabular import Document


def decide_formats(
    connection: duckdb.DuckDBPyConnection, match: Match, delivery: Delivery, document: Document
) -> tuple[str | None, str | None]:
    """Date order (dmy or mdy) and decimal mark of the staged rows, each from whole columns.

    None where no value needs one. Raises AmbiguousExport when the values fit both and nobody says which.
    """
    orders: dict[str, str] = {}
    marks: dict[str, str] = {}
    said = delivery.decimal_mark or match.table.decimal_mark
    for index, column in enumerate(match.columns):
        if column is None:
            continue
        if column.is_date and (order := _date_order(connection, f"c{index}", column, delivery)):
            orders[column.name] = order
        if column.is_number:
            known = "." if index in document.numbers else said
            if mark := _decimal_mark(connection, f"c{index}", column, delivery, known):
                marks[column.name] = mark
    for what, found in (("date_order", orders), ("decimal_mark", marks)):
        if len(set(found.values())) > 1:
            listed = ", ".join(f"{name} {value}" for name, value in found.items())
            raise AmbiguousExport(f"{delivery.path}: two forms in one file ({listed}); export it with one {what}")
    return next(iter(orders.values()), None), next(iter(marks.values()), said)


def _date_order(connection: duckdb.DuckDBPyConnection, cell: str, column: Column, delivery: Delivery) -> str | None:
    found = connection.execute(
        rf"""
        select
            max(cast(parts[1] as int)),
            max(cast(parts[2] as int)),
            max_by(value, greatest(cast(parts[1] as int), cast(parts[2] as int)))
        from (
            select
                regexp_extract({cell}, '^(\d{{1,2}})[/.-](\d{{1,2}})[/.-]\d{{2,4}}', ['1', '2']) as named,
                [named['1'], named['2']] as parts,
                {cell} as value
            from incoming
            where regexp_matches({cell}, '^\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}')
        )
        """
    ).fetchone()
    if found is None or found[0] is None:
        return None
    first, second, example = found
    if delivery.date_order:
        limit = second if delivery.date_order == "dmy" else first
        if limit > 12:
            raise UnreadableExport(
                f"{delivery.path}: column {column.name} has {example!r}, which is not {delivery.date_order} as "
                f"{delivery.instance}/source.yml says"
            )
        return delivery.date_order
    if first > 12 and second > 12:
        raise UnreadableExport(f"{delivery.path}: column {column.name} mixes day-first and month-first dates")
    if first > 12:
        return "dmy"
    if second > 12:
        return "mdy"
    raise AmbiguousExport(
        f"{delivery.path}: dates of column {column.name} such as {example!r} can be day or month first; say "
        f"`date_order: dmy` or `date_order: mdy` in {delivery.instance}/source.yml"
    )


def _decimal_mark(
    connection: duckdb.DuckDBPyConnection, cell: str, column: Column, delivery: Delivery, known: str | None
) -> str | None:
    found = connection.execute(
        rf"""
        select
            bool_or(regexp_matches(value, ',\d{{1,2}}$|,\d{{4,}}$|\..*,|^-?\d{{4,}},|^-?0,')),
            bool_or(regexp_matches(value, '\.\d{{1,2}}$|\.\d{{4,}}$|,.*\.|^-?\d{{4,}}\.|^-?0?\.')),
            bool_or(regexp_matches(value, '[,.]\d{{3}}$')),
            any_value(value),
            bool_or(value like '%,%'),
            bool_or(value like '%.%')
        from (
            select regexp_replace({cell}, '[^0-9,.-]', '', 'g') as value from incoming where {cell} is not null
        )
        where value like '%,%' or value like '%.%'
        """
    ).fetchone()
    if found is None or found[3] is None:
        return None
    comma, point, either, example, *marks = found
    if known:
        return known
    if comma and point:
        raise UnreadableExport(f"{delivery.path}: column {column.name} mixes decimal commas and points")
    if comma or point:
        return "," if comma else "."
    if either and column.data_type == "bigint" and not all(marks):
        return "." if marks[0] else ","  # whole numbers have no decimals, so theirs is the thousands mark
    if either:
        raise AmbiguousExport(
            f"{delivery.path}: numbers of column {column.name} such as {example!r} can have a decimal or a "
            f"thousands mark; say `decimal_mark` in {delivery.instance}/source.yml"
        )
    return None
