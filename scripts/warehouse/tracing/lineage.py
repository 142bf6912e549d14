"""What the models of a build were made of, and what their yml says about the rows they count: dbt's manifest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from warehouse.errors import UserError


@dataclass(frozen=True)
class Counted:
    """How the rows of a relation that a component counts are found again.

    Either columns of it come out at the other end as scopes (`marks`), and a mark put on them with them; or it is left
    out block by block, and what changes the component counts. `mark` names what is marked where that is not the row;
    `through` are models between the relation and the one that makes the component, `reads` the column to read instead
    of the component.
    """

    relation: str
    marks: tuple[str, ...] = ()
    mark: str | None = None
    through: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    reads: Mapping[str, str] = field(default_factory=dict)
    blocks: tuple[str, ...] = ()

    def serves(self, component: str) -> bool:
        """Whether the declaration is about a component; one that names none is about all of its model."""
        return not self.components or any(fnmatchcase(component, pattern) for pattern in self.components)


class Lineage:
    """The models of a manifest by name."""

    def __init__(self, nodes: Mapping[str, Mapping[str, Any]]) -> None:
        self.nodes = nodes
        self.database: str = next(iter(nodes.values()))["database"]

    @classmethod
    def read(cls, manifest: Path) -> Lineage:
        """The lineage of a build. Raises UserError where there is none."""
        if not manifest.exists():
            raise UserError(f"{manifest}: not there; run `make build`, which keeps it beside the build it accepts")
        nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
        if any(node["resource_type"] == "model" and not node.get("compiled_code") for node in nodes):
            raise UserError(f"{manifest}: without the SQL of the models; it is not that of a whole build")
        return cls({node["name"]: node for node in nodes if node["resource_type"] in ("model", "seed")})

    def relation(self, name: str) -> str:
        """The relation as compiled SQL names it."""
        named: str = self.nodes[name]["relation_name"]
        return named

    def sql(self, name: str) -> str:
        """The compiled SQL of a model."""
        compiled: str = self.nodes[name]["compiled_code"]
        return compiled

    def columns(self, name: str) -> list[str]:
        """Columns of a model, in the order of its contract."""
        return list(self.nodes[name]["columns"])

    def meta(self, name: str) -> Mapping[str, Any]:
        """What the yml of a model says about it besides dbt's own."""
        meta: Mapping[str, Any] = self.nodes[name]["config"]["meta"]
        return meta

    def grain(self, name: str) -> list[str]:
        """Columns that name a row."""
        return list(self.meta(name).get("grain", ()))

    def maker(self, component: str) -> str | None:
        """The model that makes a component, a kind of record or a KPI of its own, and says whose rows it counts."""
        for name in sorted(self.nodes):
            meta = self.meta(name)
            if component in meta.get("unrecorded", {}):
                return name
            if "records" in meta and self.counted(name, component):
                named = any(each.components for each in self.counted(name, component))
                made = (f"'{component}' as {code}_code" for code in ("component", "record", "kpi"))
                if named or any(text in self.sql(name) for text in made):
                    return name
        return None

    def counted(self, model: str, component: str) -> Sequence[Counted]:
        """The relations whose rows a component of a model counts."""
        declared = [
            Counted(
                relation=relation,
                marks=tuple(said.get("marks", ())),
                mark=said.get("mark"),
                through=tuple(said.get("through", ())),
                components=tuple(said.get("for", ())),
                reads=said.get("reads", {}),
                blocks=tuple(said.get("blocks", ())),
            )
            for relation, said in self.meta(model).get("records", {}).items()
        ]
        return [each for each in declared if each.serves(component)]
