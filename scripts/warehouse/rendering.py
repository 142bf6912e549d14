"""SQL of the project's macros without dbt: what staging takes for current is told here by the same text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import CodeType, SimpleNamespace
from typing import Any

from jinja2 import Environment, Template
from jinja2.environment import TemplateModule

from warehouse.contract import System, Table
from warehouse.settings import PROJECT

# macros that read what only dbt has
GIVEN_HERE = ("contract_of", "short_id_columns", "column_substitutes", "value_names")


@cache
def _environment() -> Environment:
    return Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701 (it makes SQL, no pages)


def macro_text(leaving_out: Sequence[str] = ()) -> str:
    """The project's macros, but those of some names; materialisations are dbt's own language, no model's text."""
    paths = sorted(path for path in (PROJECT / "macros").rglob("*.sql") if path.parent.name != "materializations")
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.stem not in leaving_out)


def of_duckdb(name: str, find: Callable[[str], Any]) -> Any:
    """What dispatching a macro finds on DuckDB: its own, else every engine's. `find` gives a macro, or None."""
    return find(f"duckdb__{name}") or find(f"default__{name}")


@cache
def _code() -> CodeType:
    code: CodeType = _environment().compile(macro_text(GIVEN_HERE))
    return code


def current_rows(systems: Mapping[str, System], table: Table, rows: str, known_at: str) -> str:
    """The select of the macro `current_rows` of a table as of `known_at`, from some relation that stands for it."""
    macros = _macros(
        source=lambda system, _: "main.loads" if system == "loader" else rows,
        contract_of=lambda system, name: systems[system].tables[name],
        short_id_columns=lambda system, name: _short_id_columns(systems[system], name),
        column_substitutes=lambda system, name: {
            column.name: list(column.otherwise) for column in systems[system].tables[name].columns if column.otherwise
        },
        value_names=lambda *_: {},  # what a value is called does not say which row is current
        var=lambda name: known_at if name == "known_at" else None,
    )
    return str(macros.current_rows(table.system, table.name))  # type: ignore[attr-defined]


def newest_months(table: Table, rows: str) -> str:
    """The select of the macro `newest_months` from one of the rows of a ledger that stand by the names of files."""
    macros = _plain_macros()
    return str(macros.newest_months(f"({rows})", table.partition_pattern, table.business_time))  # type: ignore[attr-defined]


def read_as(cell: str, data_type: str, values: Mapping[str, str] | None = None, *, rounded: bool = False) -> str:
    """The expression staging reads a landed cell of some type by, whose texts stand for `values`; null where it cannot.

    A number of more decimals than its type holds is one where it is `rounded`.
    The columns `_date_order`, `_decimal_mark` and `_time_zone` say how its file writes dates and numbers.
    """
    macro = {"date": "as_date", "timestamp": "as_timestamp", "boolean": "as_boolean"}.get(data_type)
    if data_type == "varchar":
        return cell
    macros = _plain_macros()
    if values:
        cell = f"({macros.as_named_value(cell, values)})"  # type: ignore[attr-defined]
    if macro:
        return str(getattr(macros, macro)(cell))
    return str(macros.as_number(cell, data_type, rounded=rounded))  # type: ignore[attr-defined]


@cache
def _plain_macros() -> TemplateModule:
    return _macros()


def value_text(value: str, unit: str, language: str, currency: str) -> str:
    """SQL of a value of a unit as `format_value_en` or `_fr` write it, so that every page writes it as tiles do."""
    macros = _macros(var=lambda name: currency if name == "reporting_currency" else None)
    return str(getattr(macros, f"format_value_{language}")(value, unit))


def _short_id_columns(system: System, table: str) -> list[str]:
    names = [column.name for column in system.tables[table].columns] if system.short_ids else []
    return [name for name in names if name == "id" or name.endswith("_id")]


def _macros(**stand_ins: Callable[..., Any]) -> TemplateModule:
    known: dict[str, TemplateModule] = {}

    def dispatch(name: str) -> Any:
        return of_duckdb(name, lambda macro: getattr(known["macros"], macro, None))

    # a macro of dbt returns a value where one of plain Jinja writes it: of text they are the same
    given = {**stand_ins, "adapter": SimpleNamespace(dispatch=dispatch), "execute": True, "return": lambda value: value}
    known["macros"] = Template.from_code(_environment(), _code(), _environment().make_globals(given)).module
    return known["macros"]
