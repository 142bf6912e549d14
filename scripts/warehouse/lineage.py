"""Which landed tables each KPI is made of, read from the SQL of the models: column by column, back to the exports.

The models are those of dbt's parsed manifest; their Jinja is rendered here, so nothing has to be compiled before.
What counts as made of is decision 0056.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from sqlglot.errors import SqlglotError

from warehouse.manifest import Renderer
from warehouse.selects import NOTHING, Fixed, Landed, Query

# where the parts of a KPI come together: model, column of the code, columns of the value and of its day
PARTS = {
    "component": ("kpi_components_by_period", "component_code", ("component_value", "period_start_date")),
    "record": ("kpi_records", "record_code", ("record_value", "record_date")),
    "member": ("kpi_people_touched", "kpi_code", ("people_count", "period_start_date")),
}


@dataclass(frozen=True, order=True)
class KpiSource:
    """A landed table that a KPI is made of."""

    kpi_code: str
    source_system: str
    table_name: str


def kpi_sources(manifest: Path, registry: Path) -> list[KpiSource]:
    """Landed tables of every KPI of a registry, by the models of a manifest; kept beside it until either changes."""
    text = manifest.read_text(encoding="utf-8")
    parsed = json.loads(text)
    said = [
        [each.get("raw_code", each.get("macro_sql")), each["unique_id"], each.get("config", {}).get("meta")]
        for kind in ("nodes", "macros", "sources")
        for each in parsed[kind].values()
    ]
    code = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))]
    told = json.dumps([said, code, registry.read_text(encoding="utf-8")])
    key = hashlib.sha256(told.encode()).hexdigest()
    kept = manifest.with_name("lineage.json")
    if kept.exists() and (before := json.loads(kept.read_text(encoding="utf-8")))["key"] == key:
        return [KpiSource(*row) for row in before["rows"]]
    with registry.open(encoding="utf-8", newline="") as file:
        found = sorted(_trace(Lineage(parsed), {row["kpi_code"]: row for row in csv.DictReader(file)}))
    rows = [[each.kpi_code, each.source_system, each.table_name] for each in found]
    kept.write_text(json.dumps({"key": key, "rows": rows}), encoding="utf-8")
    return found


def _trace(lineage: Lineage, registry: Mapping[str, Mapping[str, str]]) -> Iterator[KpiSource]:
    for code in registry:
        tables = NOTHING
        for kind, part in set(_parts(code, registry)):
            model, column, values = PARTS[kind]
            fixed = frozenset({(column, part), ("scope_type", "company")})
            for value in values:
                tables |= lineage.trace(model, value, fixed)
        for table in tables:
            yield KpiSource(code, *table.split("."))


def _parts(code: str, registry: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Components, records and members that a KPI is made of; of a product those of its factors."""
    kpi = registry[code]
    if kpi["aggregation"] == "product":
        for factor in f"{kpi['numerator']}*{kpi['denominator']}".split("*"):
            if factor.strip():
                yield from _parts(factor.strip(), registry)
    elif kpi["aggregation"] == "distinct":
        yield "member", code
    elif kpi["aggregation"] == "quantile":
        yield "record", kpi["numerator"]
    else:
        yield from (("component", part) for part in (kpi["numerator"], kpi["denominator"]) if part)


class Lineage:
    """Traces columns of models to landed tables; a name is a model's or a seed's."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        kinds = ("model", "seed")
        self.nodes = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] in kinds}
        self.sources = manifest["sources"]
        self._names = {node["unique_id"]: name for name, node in self.nodes.items()}
        self._render = Renderer(manifest)
        self._queries: dict[str, Query | None] = {}
        self._known: dict[tuple[str, str | None, Fixed, bool], Landed] = {}

    def trace(self, name: str, column: str | None, fixed: Fixed = frozenset(), *, looked_up: bool = False) -> Landed:
        """Landed tables of a column, or of the rows alone; of the rows in which some columns have a fixed value.

        What is only looked up counts without the rows it stands in.
        """
        node = self.nodes.get(name)
        if node is None or node["resource_type"] == "seed":
            return NOTHING
        ends = self._ends(node)
        if isinstance(ends, str):
            return NOTHING
        if node["fqn"][1] == "staging":
            return self._landed(name)
        key = (name, column, fixed, looked_up)
        if key not in self._known:
            self._known[key] = NOTHING  # a model cannot need itself
            query = self._query(name)
            # what cannot be read column by column counts whole
            self._known[key] = self._landed(name) if query is None else query.trace(self, column, fixed, looked_up)
        return self._known[key]

    def _ends(self, node: Mapping[str, Any]) -> str | Mapping[str, str]:
        said: str | Mapping[str, str] = node["config"]["meta"].get("lineage_ends", {})
        return said

    def _query(self, name: str) -> Query | None:
        if name not in self._queries:
            node = self.nodes[name]
            try:
                self._queries[name] = Query(self._render(node["raw_code"]), frozenset(self._ends(node)))
            except (SqlglotError, TemplateError):
                self._queries[name] = None
        return self._queries[name]

    def _landed(self, name: str) -> Landed:
        """Landed tables that a model reads, itself or through others."""
        found: set[str] = set()
        for parent in _parents(self.nodes[name]):
            source = self.sources.get(parent)
            if source is None:
                found |= self._landed(self._names[parent]) if parent in self._names else NOTHING
            elif source["source_meta"].get("kind") != "loader":
                found.add(f"{source['source_name']}.{source['name']}")
        return frozenset(found)


def _parents(node: Mapping[str, Any]) -> Iterable[str]:
    parents: Iterable[str] = node["depends_on"].get("nodes", ())
    return parents
