"""What a KPI is made of, from dbt's manifest: component models and the facts they read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

# models of components that take them from the models which make them
TAKING = frozenset({"kpi_components_past", "kpi_components_daily", "kpi_components_by_period", "kpi_driver_components"})
STEP = re.compile(r"\w+_to_\w+_(entrants|converted)")


@dataclass(frozen=True)
class Node:
    """A model, seed or source: its name, and its address in dbt's documentation."""

    name: str
    unique_id: str

    @property
    def address(self) -> str:
        """Page of the node, below the folder of dbt's documentation."""
        return f"index.html#!/{self.unique_id.split('.')[0]}/{self.unique_id}"


@dataclass(frozen=True)
class Lineage:
    """The models that make the components of a KPI, and the facts they read."""

    makers: list[Node]
    facts: list[Node]


class Graph:
    """The models of a manifest and what each of them reads."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self.parents: Mapping[str, list[str]] = manifest["parent_map"]
        self.nodes: Mapping[str, Any] = manifest["nodes"]
        self.sources: Mapping[str, Any] = manifest["sources"]

    @cached_property
    def _makers(self) -> dict[str, str]:
        """Text of the models that make components or records, by unique id."""
        return {
            unique_id: node["raw_code"]
            for unique_id, node in self.nodes.items()
            if node["resource_type"] == "model"
            and node["name"] not in TAKING
            and "/marts/kpi/" in f"/{node['original_file_path']}"
            and {"component_code", "record_code"} & node["columns"].keys()
        }

    def node(self, name: str) -> Node | None:
        """The model or seed of a name; None when there is none."""
        for kind in ("model", "seed"):
            for unique_id, node in self.nodes.items():
                if node["resource_type"] == kind and node["name"] == name:
                    return Node(name, unique_id)
        return None

    def source(self, system: str, table: str) -> Node:
        """A table of exports."""
        return next(
            Node(table, unique_id)
            for unique_id, source in self.sources.items()
            if (source["source_name"], source["name"]) == (system, table)
        )

    def makers_of(self, part: str) -> list[Node]:
        """Models that make a component or the records of a quantile."""
        if STEP.fullmatch(part):
            return [node] if (node := self.node("kpi_components_steps")) else []
        makers = [
            Node(self._name(unique_id), unique_id)
            for unique_id, text in sorted(self._makers.items())
            if re.search(rf"'{part}'", text)
        ]
        # what is made by the day is only read again by what forecasts it
        return [node for node in makers if node.name.startswith("kpi_components_")] or makers

    def lineage(self, makers: list[Node]) -> Lineage:
        """What the makers of some components read."""
        facts = {
            unique_id: Node(self._name(unique_id), unique_id)
            for maker in makers
            for unique_id in self._nearest_core(maker.unique_id)
            if self._name(unique_id).startswith("fct_")
        }
        return Lineage(makers, sorted(facts.values(), key=lambda node: node.name))

    def _name(self, unique_id: str) -> str:
        return str(self.nodes[unique_id]["name"])

    def _nearest_core(self, unique_id: str) -> set[str]:
        found: set[str] = set()
        seen = {unique_id}
        waiting = [unique_id]
        while waiting:
            for parent in self.parents.get(waiting.pop(), []):
                if parent in seen:
                    continue
                seen.add(parent)
                node = self.nodes.get(parent)
                if node and "/marts/core/" in f"/{node['original_file_path']}":
                    found.add(parent)
                else:
                    waiting.append(parent)
        return found
