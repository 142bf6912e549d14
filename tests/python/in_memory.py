"""The models as dbt compiled them, run one after the other in a DuckDB database in memory: a build in seconds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import networkx as nx

from conftest import Site
from warehouse.dbt_plugin import lineage_text
from warehouse.identity import declare_key, identity_key
from warehouse.settings import PROJECT, disabled_optimizers


class CompiledProject:
    """Compiled models and data tests of a target folder, and the seeds of a database that dbt made."""

    def __init__(self, target: Path, seeded: Path) -> None:
        self.target = target
        self.seeded = seeded
        nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
        self.nodes: dict[str, dict[str, Any]] = {
            name: node for name, node in nodes.items() if node["resource_type"] in ("model", "seed")
        }
        self.tests: list[dict[str, Any]] = [node for node in nodes.values() if node["resource_type"] == "test"]
        self.graph: Any = nx.DiGraph()
        self.graph.add_nodes_from(sorted(self.nodes))
        for name, node in self.nodes.items():
            self.graph.add_edges_from(
                (parent, name) for parent in node["depends_on"].get("nodes", []) if parent in self.nodes
            )

    @classmethod
    def of(cls, site: Site) -> CompiledProject:
        """The project as plain dbt built it at a site."""
        return cls(site.root / "dbt", site.settings.warehouse / "dev.duckdb")

    def build(
        self,
        raw: Path,
        wanted: Sequence[str],
        *,
        standing: bool = False,
        given: Mapping[str, str] | None = None,
        settings: Mapping[str, str | int] | None = None,
    ) -> duckdb.DuckDBPyConnection:
        """A connection to a database in memory with the named models and what they need, of a landing database.

        Where tables stand in the database of the seeds, those that are not named are taken from there. `given` are
        queries in the place of models, `settings` DuckDB's.
        """
        connection = duckdb.connect()
        connection.execute(f"set timezone = 'UTC'; set disabled_optimizers = '{disabled_optimizers(raw)}'")
        # small tables take a third longer on two threads
        for name, value in {"threads": 1, **(settings or {})}.items():
            connection.execute(f"set {name} = '{value}'")
        declare_key(connection, identity_key(self.seeded.parent))
        lineage = lineage_text(self.target / "manifest.json", PROJECT / "seeds" / "kpi_registry.csv")
        connection.create_function("kpi_lineage", lambda: lineage, [], "VARCHAR")
        connection.execute(f"attach ':memory:' as {self.seeded.stem}")
        connection.execute(f"attach '{raw}' as raw (read_only)")
        connection.execute(f"attach '{self.seeded}' as seeded (read_only)")
        chosen = {name for name, node in self.nodes.items() if node["name"] in wanted}
        assert len(chosen) == len(wanted), f"no such models among {wanted}"
        taken = {name for name in self.graph if standing and name not in chosen and self._is_table(name)}
        reached = self.graph.copy()
        reached.remove_edges_from([edge for name in taken for edge in self.graph.in_edges(name)])
        needed = chosen.union(*(nx.ancestors(reached, name) for name in chosen))
        for name in nx.lexicographical_topological_sort(reached.subgraph(needed)):
            node = self.nodes[name]
            connection.execute(f"create schema if not exists {self.seeded.stem}.{node['schema']}")
            if node["name"] in (given or {}):
                connection.execute(f"create table {node['relation_name']} as {(given or {})[node['name']]}")
            else:
                self._make(node, connection, is_taken=name in taken)
        return connection

    def rules(self, config: Path) -> dict[str, str]:
        """Queries in the place of the seeds, as `build` is given them: the project's own, and those of a folder."""
        paths = {path.stem: path for folder in (PROJECT / "seeds", config) for path in sorted(folder.glob("*.csv"))}
        seeds = {node["name"]: node for node in self.nodes.values() if node["resource_type"] == "seed"}
        queries = {}
        with duckdb.connect(str(self.seeded), read_only=True) as connection:
            for name, path in paths.items():
                described = connection.execute(f"describe {seeds[name]['schema']}.{seeds[name]['alias']}").fetchall()
                there = set(path.read_text(encoding="utf-8-sig").splitlines()[0].split(","))
                given = {column: f'"{column}"' if column in there else "null" for column, *_ in described}
                columns = ", ".join(f'cast({given[column]} as {kind}) as "{column}"' for column, kind, *_ in described)
                queries[name] = f"select {columns} from read_csv('{path}', all_varchar = true)"
        return queries

    @property
    def models(self) -> list[str]:
        """Names of all models."""
        return [node["name"] for node in self.nodes.values() if node["resource_type"] == "model"]

    def failures(self, connection: duckdb.DuckDBPyConnection) -> list[str]:
        """Data tests that rows break, and models that break their contract, in a database with all models."""
        queries = {test["name"]: self._compiled(test) for test in self.tests}
        for node in self.nodes.values():
            if broken := [rule for column in node["columns"].values() for rule in _broken(column)]:
                queries[node["name"]] = f"select 1 from {node['relation_name']} where {' or '.join(broken)}"
        found = {name: connection.execute(f"select exists ({query})").fetchall() for name, query in queries.items()}
        return sorted(name for name, rows in found.items() if rows == [(True,)])

    def _compiled(self, node: dict[str, Any]) -> str:
        path = self.target / "compiled" / node["package_name"] / node["original_file_path"]
        # what stands in a yml is compiled in a folder of its name
        return (path if path.suffix == ".sql" else path / node["path"]).read_text(encoding="utf-8")

    def _is_table(self, name: str) -> bool:
        return self.nodes[name]["resource_type"] == "model" and self.nodes[name]["config"]["materialized"] != "view"

    def _make(self, node: dict[str, Any], connection: duckdb.DuckDBPyConnection, *, is_taken: bool) -> None:
        if node["resource_type"] == "seed" or is_taken:
            query, kind = f"select * from seeded.{node['schema']}.{node['alias']}", "view" if is_taken else "table"
        else:
            # of few rows a table is made sooner than a view is planned again for each of its readers
            query, kind = self._compiled(node), "table"
        connection.execute(f"create {kind} {node['relation_name']} as {query}")


def _broken(column: Mapping[str, Any]) -> Iterator[str]:
    """Conditions under which a row breaks the constraints of a column."""
    for constraint in column.get("constraints") or []:
        if constraint["type"] == "not_null":
            yield f'"{column["name"]}" is null'
        else:
            yield f"not ({constraint['expression']})"
