"""How the values of a file are written: day or month first, and the decimal mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import duckdb

from warehouse.contract import Column, Table
from warehouse.delivery import Delivery
from warehouse.errors import AmbiguousExport, UnreadableExport
from warehouse.named_months import names_month
from warehouse.recognition import Match
from warehouse.tabular import Document

# what of a value is looked at, and what its column is asked: cell and position are filled in
DATE = r"""
    {0} as value_{1},
    case
        when regexp_matches({0}, '^\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}')
        then regexp_extract({0}, '^(\d{{1,2}})[/.-](\d{{1,2}})[/.-]', ['1', '2'])
    end as parts_{1},
    cast(parts_{1}['1'] as int) as first_{1},
    cast(parts_{1}['2'] as int) as second_{1}
"""
DATE_LOOKS = """
    max(first_{0}), max(second_{0}), max_by(value_{0}, greatest(first_{0}, second_{0})), min(value_{0}), max(value_{0})
"""
# how `as_date` and `as_timestamp` can read a value: year, or day and month, in front, or seconds since 1970
READABLE = r"^\d{{4}}[/.-]\d{{2}}[/.-]\d{{2}}|^\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|^(\d{{8}}|\d{{10}}|\d{{13}})$"
NEEDED_LOOKS = f"bool_or(regexp_matches(value_{{0}}, '{READABLE}')) filter (not ({{1}}))"
ASKED = 6  # of a date as of a number
# a power of ten has one digit before its mark, whatever the mark of the file: it tells nothing
NUMBER = r"""
    case
        when ({0} like '%,%' or {0} like '%.%') and not regexp_matches({0}, '\d[eE][+-]?\d{{1,2}}$')
        then regexp_replace({0}, '[^0-9,.-]', '', 'g')
    end as digits_{1}
"""
NUMBER_LOOKS = r"""
    bool_or(regexp_matches(digits_{0}, ',\d{{1,2}}$|,\d{{4,}}$|\..*,|^-?\d{{4,}},|^-?0,')),
    bool_or(regexp_matches(digits_{0}, '\.\d{{1,2}}$|\.\d{{4,}}$|,.*\.|^-?\d{{4,}}\.|^-?0?\.')),
    bool_or(regexp_matches(digits_{0}, '[,.]\d{{3}}$')),
    any_value(digits_{0}),
    bool_or(digits_{0} like '%,%'),
    bool_or(digits_{0} like '%.%')
"""


@dataclass(frozen=True)
class Looks:
    """What the incoming rows look like: of each date and number what its values do, of each condition its rows."""

    columns: Sequence[tuple[int, Column, tuple[Any, ...]]]
    counts: Sequence[int]


def look(connection: duckdb.DuckDBPyConnection, match: Match, total: str, *conditions: str) -> Looks:
    """One look at the incoming rows, for their formats and for how many are totals or fulfil some conditions."""
    columns = [
        (index, column) for index, column in enumerate(match.columns) if column and (column.is_date or column.is_number)
    ]
    forms = [(DATE if column.is_date else NUMBER).format(f"c{index}", index) for index, column in columns]
    of_total = f"coalesce({total}, false)"
    asked = [_asked(column, match.table).format(index, of_total) for index, column in columns]
    counts = [f"count(*) filter (where {condition})" for condition in (total, *conditions)]
    found = connection.execute(
        f"select {', '.join([*counts, *asked, 'true'])} from (select {', '.join(['*', *forms])} from incoming)"
    ).fetchone()
    values = iter(found or ())
    counted = list(islice(values, len(counts)))
    return Looks([(index, column, tuple(islice(values, ASKED))) for index, column in columns], counted)


def _asked(column: Column, table: Table) -> str:
    """What is asked of a column; whether its dates can be read only where rows cannot do without them."""
    if not column.is_date:
        return NUMBER_LOOKS
    is_needed = column.required or column.name == table.business_time
    return f"{DATE_LOOKS}, {NEEDED_LOOKS if is_needed else 'true'}"


def with_named_months(looks: Looks) -> set[str]:
    """Columns of dates whose months are words, by the values that come first and last in the alphabet."""
    return {column.name for _, column, found in looks.columns if column.is_date and _has_named_months(found)}


def _has_named_months(found: tuple[Any, ...]) -> bool:
    return any(map(names_month, found[3:5]))


def decide_formats(looks: Looks, match: Match, delivery: Delivery, document: Document) -> tuple[str | None, str | None]:
    """Date order (dmy or mdy) and decimal mark of the staged rows, each from whole columns.

    A column that fits both takes the form of the others: of numbers of those that prove theirs as text. None where no
    value needs one. Raises AmbiguousExport when the values fit both and nobody says which, UnreadableExport when no
    date of a column that is needed can be read, or the decimal mark that is said fits no value.
    """
    orders: dict[str, str] = {}
    undecided: list[AmbiguousExport] = []
    marks: dict[str, str] = {}
    unproven: list[AmbiguousExport] = []
    is_proven = False
    said, usual = delivery.decimal_mark, match.table.decimal_mark
    for index, column, found in looks.columns:
        try:
            if column.is_date and (order := _date_order(found, column, delivery)):
                orders[column.name] = order
        except AmbiguousExport as error:
            undecided.append(error)
        if column.is_number:
            known = "." if index in document.numbers else said
            try:
                if mark := _decimal_mark(found, column, delivery, known, usual):
                    marks[column.name] = mark
            except AmbiguousExport as error:
                unproven.append(error)
            # what is a number in the file says nothing of text beside it, and a mark of thousands is a guess
            is_proven = is_proven or (known is None and bool(found[0] or found[1]))
        elif column.name not in match.values:
            _refuse_unreadable(found, column, delivery)
    if undecided and not orders:
        raise undecided[0]
    if unproven and not is_proven:
        raise unproven[0]
    for what, told in (("date_order", orders), ("decimal_mark", marks)):
        if len(set(told.values())) > 1:
            listed = ", ".join(f"{name} {value}" for name, value in told.items())
            raise AmbiguousExport(f"{delivery.path}: two forms in one file ({listed}); export it with one {what}")
    return next(iter(orders.values()), None), next(iter(marks.values()), said or usual)


def _refuse_unreadable(found: tuple[Any, ...], column: Column, delivery: Delivery) -> None:
    """Raises UnreadableExport where a column of dates that rows cannot do without has none that can be read."""
    *_, example, is_readable = found
    if is_readable is False and not _has_named_months(found):
        raise UnreadableExport(
            f"{delivery.path}: no value of column {column.name} can be read as a date, such as {example!r}; export it "
            "as 2026-08-13"
        )


def _date_order(found: tuple[Any, ...], column: Column, delivery: Delivery) -> str | None:
    if found[0] is None:
        return None
    first, second, example, *_ = found
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
    found: tuple[Any, ...], column: Column, delivery: Delivery, known: str | None, usual: str | None
) -> str | None:
    """The decimal mark of a column: the one that is known of it, as far as it fits, else what its values say.

    `usual` is the contract's where they say neither. None leaves it to the other columns.
    """
    if found[3] is None:
        return None
    comma, point, either, example, *marks = found
    if known:
        fits, other = (comma, point) if known == "," else (point, comma)
        if other and not fits:
            raise UnreadableExport(
                f"{delivery.path}: numbers of column {column.name} such as {example!r} do not have the decimal mark "
                f'{known!r}; say `decimal_mark: "{"." if known == "," else ","}"` in {delivery.instance}/source.yml'
            )
        return known
    if comma and point and usual:
        return usual  # the others are empty then, and counted
    if comma and point:
        raise UnreadableExport(f"{delivery.path}: column {column.name} mixes decimal commas and points")
    if comma or point:
        return "," if comma else "."
    if either and usual:
        return None
    if either and column.data_type == "bigint" and not all(marks):
        return "." if marks[0] else ","  # whole numbers have no decimals, so theirs is the thousands mark
    if either:
        raise AmbiguousExport(
            f"{delivery.path}: numbers of column {column.name} such as {example!r} can have a decimal or a "
            f"thousands mark; say `decimal_mark` in {delivery.instance}/source.yml"
        )
    return None
