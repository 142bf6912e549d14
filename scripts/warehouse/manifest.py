"""SQL of models as dbt's parsed manifest holds them, without compiling: refs are names, variables are null."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment

from warehouse.rendering import of_duckdb


class _Returned(Exception):
    """What `return` in a macro hands over."""


class Renderer:
    """Renders Jinja of a project by its own macros."""

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        project = manifest["metadata"]["project_name"]
        self._texts = {
            macro["name"]: macro["macro_sql"]
            for macro in manifest["macros"].values()
            if macro["package_name"] == project and not macro["name"].startswith("test_")
        }
        self._environment = Environment(
            extensions=["jinja2.ext.do"],
            autoescape=False,  # noqa: S701 (it makes SQL, no pages)
            finalize=lambda value: "null" if value is None else value,
        )
        self._made: dict[str, Callable[..., Any]] = {}
        macros = {name: self._macro(name) for name in self._texts}
        self._environment.globals.update(
            {
                **macros,
                "ref": lambda name: name,
                "source": lambda system, table: f"{system}.{table}",
                "var": lambda _, default=None: default,
                "adapter": SimpleNamespace(dispatch=lambda name: of_duckdb(name, macros.get)),
                "execute": False,
                "run_started_at": dt.datetime(2000, 1, 1, tzinfo=dt.UTC),
                "graph": {"nodes": manifest["nodes"], "sources": manifest["sources"]},
                "return": _return,
            }
        )

    def __call__(self, code: str) -> str:
        """The SQL of a model's code."""
        return self._environment.from_string(code).render()

    def _macro(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            if name not in self._made:
                self._made[name] = getattr(self._environment.from_string(self._texts[name]).module, name)
            try:
                return self._made[name](*arguments, **named)
            except _Returned as returned:
                return returned.args[0]

        return call


def _return(value: Any) -> None:
    raise _Returned(value)
