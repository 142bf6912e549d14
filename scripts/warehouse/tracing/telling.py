"""A trace as text: the value, its components by day, the rows, the lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from warehouse.tracing.tracing import Part, Row, Trace

SHOWN_DAYS = 31


def tell(trace: Trace, shown: int | None = 20, indent: str = "") -> Iterator[str]:
    """Lines of text on a trace, of each relation as many rows as are to be shown (None is all of them)."""
    window, kpi = trace.window, trace.kpi
    yield (
        f"{indent}{kpi['kpi_code']} ({kpi['name_en']}) of {window.scope_type} {window.scope_id}, "
        f"{window.grain} {window.start} to {window.last}"
    )
    value = trace.value
    if value["trust_status"] == "no_source":
        yield f"{indent}  no value: what it needs was never loaded (quality_kpi_trust says what)"
        return
    yield f"{indent}  value        {_number(value['value'])} {kpi['unit']} = {_formula(trace)}, {value['trust_status']}"
    same = "equal" if trace.holds else "NOT EQUAL: the build and its manifest are not of one run"
    if trace.factors or any(part.note is None for part in trace.parts):
        yield f"{indent}  again        {_number(trace.again)} from the rows below alone, {same}"
    for part in trace.parts:
        yield from _part(part, shown, indent + "  ")
    for factor in trace.factors:
        yield from tell(factor, shown, indent + "  ")


def _formula(trace: Trace) -> str:
    kpi = trace.kpi
    if trace.factors:
        return str(kpi["numerator"]) + (f" / ({kpi['denominator']})" if kpi["denominator"] else "")
    if kpi["aggregation"] == "quantile":
        return f"{kpi['denominator']} of {kpi['numerator']}"
    return " / ".join(f"{part.code} {_number(part.value)}" for part in trace.parts)


def _part(part: Part, shown: int | None, indent: str) -> Iterator[str]:
    yield ""
    if part.note is not None:
        yield f"{indent}{part.code} = {_number(part.value)}: {part.note}"
        return
    yield f"{indent}{part.code} = {_number(part.value)}, again {_number(part.again)}"
    if len(part.days) > 1:
        days = list(part.days.items())
        told = ", ".join(f"{day:%m-%d} {_number(amount)}" for day, amount in days[:SHOWN_DAYS])
        more = f" and {len(days) - SHOWN_DAYS} more days" if len(days) > SHOWN_DAYS else ""
        yield f"{indent}  by day: {told}{more}"
    for relation, rows in part.rows.items():
        yield from _rows(relation, rows, shown, indent + "  ")
    if not part.rows:
        yield f"{indent}  no row counts"


def _rows(relation: str, rows: list[Row], shown: int | None, indent: str) -> Iterator[str]:
    lines = len({(line.table, line.file, line.row) for row in rows for line in row.lines})
    yield f"{indent}{len(rows)} rows of {relation}, read from {lines} lines of exports"
    # what weighs most first
    ordered = sorted(rows, key=lambda row: -abs(row.adds or 0))
    for row in ordered[:shown]:
        adds = "" if row.adds is None else f"  adds {_number(row.adds)}"
        day = f"{row.day}  " if row.day else ""
        yield f"{indent}  {day}{_told(row.key)}{adds}{'  ' + _told(row.shown) if row.shown else ''}"
        for line in row.lines[:3]:
            yield f"{indent}    {line}"
        if len(row.lines) > 3:
            yield f"{indent}    and {len(row.lines) - 3} more lines"
        if not row.lines:
            yield f"{indent}    no line of its own: made of others"
    if shown is not None and len(rows) > shown:
        yield f"{indent}  and {len(rows) - shown} more rows; --all shows them"


def _told(fields: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in fields.items() if value is not None)


def _number(value: float | None) -> str:
    if value is None:
        return "nothing"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.6f}".rstrip("0")
