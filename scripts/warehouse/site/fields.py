"""The fields of a published table as BI tools want them: type, default aggregation, names to join, formulas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warehouse.settings import reporting_currency

# what a tool does with a field when it is put on a chart
NONE, SUM, AVERAGE, ONE = "None", "Sum", "Average", "Max"
KINDS = {"date": "Date", "timestamp": "Date & Time", "boolean": "Boolean", "varchar": "Text"}
# a number that may not be summed: one row a period and scope has it, and the largest of one row is that row's
SINGLE = re.compile(
    r"^(value|ci_low|ci_high|position|rate|wape|warehouse_wape|probability|sample_size|iso_weekday|rule_order)$"
    r"|^(mean|median|p90|censored|rank|minimum|window|fiscal|low|high|cumulative|period|peers|quarters)_"
    r"|_(value|rate|ratio|share|low|high|days|minutes|months|hours|number|year|order|position|weight)$"
    r"|^(weight|hours_late)$|_per_\w+_amount$"
)
DURATION = re.compile(r"_(days|minutes)$")
SHARE = re.compile(r"_(rate|share)$|wape$|^probability$")
AMOUNT = re.compile(r"_amount$")
PAIRS = {
    "Value of a ratio": ("numerator", "denominator"),
    "Conversion rate": ("converted_count", "entrants_count"),
    "Conversion rate to date": ("converted_to_date_count", "entrants_count"),
    "Push rate": ("pushed_count", "due_count"),
    "Match rate": ("matched_count", "left_count"),
    "Click rate": ("clicks_count", "impressions_count"),
    "Demo request rate": ("demo_requests_count", "visits_count"),
}


@dataclass(frozen=True)
class Field:
    """A column of a published table."""

    name: str
    data_type: str
    kind: str
    aggregation: str
    description: str


@dataclass(frozen=True)
class PublishedTable:
    """A published table."""

    name: str
    unique_id: str
    description: str
    fields: Sequence[Field]
    grain: Sequence[str]


def published_tables(
    manifest: Mapping[str, Any], names: Iterable[str], registry: Mapping[str, Mapping[str, Any]]
) -> list[PublishedTable]:
    """The published tables of a manifest by name; columns called after a KPI have its unit and adding up."""
    wanted = set(names)
    tables = []
    for unique_id, node in manifest["nodes"].items():
        if node["resource_type"] not in ("model", "seed") or node["name"] not in wanted:
            continue
        tables.append(
            PublishedTable(
                name=node["name"],
                unique_id=unique_id,
                description=" ".join(node["description"].split()),
                fields=[_field(node["name"], column, registry) for column in node["columns"].values()],
                grain=node["config"]["meta"].get("grain") or [],
            )
        )
    return sorted(tables, key=lambda table: table.name)


def _field(table: str, column: Mapping[str, Any], registry: Mapping[str, Mapping[str, Any]]) -> Field:
    name, data_type = column["name"], column["data_type"]
    description = " ".join(column["description"].split())
    plain = re.sub(r"\(.*\)$", "", data_type.lower())
    if plain in KINDS:
        return Field(name, data_type, KINDS[plain], NONE, description)
    # a fact may have a column that is called like a KPI, which is not that KPI
    kpi = registry.get(name) if table.startswith("dashboard_") else None
    if kpi:
        is_amount, is_share = str(kpi["unit"]).startswith("EUR"), kpi["unit"] == "rate"
        aggregation = SUM if kpi["aggregation"] == "sum" else ONE
    else:
        is_amount, is_share = bool(AMOUNT.search(name)), bool(SHARE.search(name))
        aggregation = ONE if SINGLE.search(name) else SUM
        if table.startswith("fct_") and DURATION.search(name):
            aggregation = AVERAGE
    kind = f"Currency ({reporting_currency()})" if is_amount else "Percent" if is_share else "Number"
    return Field(name, data_type, kind, aggregation, description)


def to_paste(table: PublishedTable) -> str:
    """The fields as lines of tabs, with titles."""
    titles = ("Field", "Type", "Default aggregation", "Description")
    rows = [titles, *((each.name, each.kind, each.aggregation, each.description) for each in table.fields)]
    return "\n".join("\t".join(row) for row in rows)


def with_names(table: PublishedTable) -> str:
    """A query of a table with the names of its KPIs, scopes and reps; empty where it has none or holds them."""
    columns = {field.name for field in table.fields}
    wanted, joins = [], []
    if "kpi_code" in columns and "name_en" not in columns and "kpi_name_en" not in columns:
        wanted += ["dim_kpis.name_en as kpi_name_en", "dim_kpis.name_fr as kpi_name_fr", "dim_kpis.unit"]
        joins += [f"left join dim_kpis on {table.name}.kpi_code = dim_kpis.kpi_code"]
    if {"scope_type", "scope_id"} <= columns and "scope_name_en" not in columns:
        wanted += ["dim_scopes.scope_name_en", "dim_scopes.scope_name_fr"]
        joins += [
            f"left join dim_scopes on {table.name}.scope_type = dim_scopes.scope_type "
            f"and {table.name}.scope_id = dim_scopes.scope_id"
        ]
    for column in ("rep_id", "owner_rep_id"):
        if column in columns and "rep_name" not in columns:
            wanted += ["dim_sales_reps.rep_name", "dim_sales_reps.role"]
            joins += [f"left join dim_sales_reps on {table.name}.{column} = dim_sales_reps.rep_id"]
            break
    if "account_id" in columns and "account_name" not in columns:
        wanted += ["dim_accounts.account_name"]
        joins += [f"left join dim_accounts on {table.name}.account_id = dim_accounts.account_id"]
    wanted = [each for each in wanted if each.split(".")[-1] not in columns]
    if table.name.startswith("dim_") or not wanted:
        return ""
    return f"select\n    {table.name}.*,\n    " + ",\n    ".join(wanted) + f"\nfrom {table.name}\n" + "\n".join(joins)


def calculated_fields(table: PublishedTable) -> str:
    """Formulas of Looker Studio for the ratios of a table out of their parts; empty where it has none."""
    columns = {field.name for field in table.fields}
    return "\n".join(
        f"{title} = SUM({above}) / NULLIF(SUM({below}), 0)"
        for title, (above, below) in PAIRS.items()
        if {above, below} <= columns
    )
