"""What dbt's connection needs before it opens: a landing database, the folder of business seeds, the hash key.

dbt-duckdb calls `Plugin` by the name in `profiles.yml`.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from warehouse.contract import load_contract
from warehouse.identity import declare_key, identity_key
from warehouse.landing import open_raw
from warehouse.lineage import kpi_sources
from warehouse.runs import last_config
from warehouse.settings import PROJECT, disabled_optimizers, is_small, memory_limit, seed_file


class Plugin(BasePlugin):
    """Prepares the connection; see `profiles.yml`."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Makes an empty landing database where there is none, and finds the folder of business seeds."""
        self.warehouse = _folder(plugin_config["warehouse"])
        raw = self.warehouse / "raw.duckdb"
        if not raw.exists():
            open_raw(raw, load_contract()).close()
        given = plugin_config.get("config") or ""
        self.config = _folder(given) if given else last_config(raw)
        self.key = identity_key(self.warehouse)

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Memory and threads; and which KPI is made of which landed table as a function, for it takes seconds."""
        if limit := memory_limit():
            conn.execute(f"set memory_limit = '{limit}'")
        raw = self.warehouse / "raw.duckdb"
        conn.execute(f"set disabled_optimizers = '{disabled_optimizers(raw)}'")
        # dbt runs two statements at once: of little, each is done sooner by one thread than by two that share it
        if is_small(raw):
            conn.execute("set threads = 1")
        conn.create_function("kpi_lineage", self._lineage, [], "VARCHAR")

    def _lineage(self) -> str:
        from dbt.flags import get_flags

        flags = get_flags()  # type: ignore[no-untyped-call]
        project = Path(flags.PROJECT_DIR)
        # dbt has written what it parsed before it opened the connection
        manifest = project / (flags.TARGET_PATH or "target") / "manifest.json"
        return lineage_text(manifest, seed_file("kpi_registry", self.config, project))

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Session variables that models and macros read."""
        cursor.execute("set variable config_folder = ?", [str(self.config) if self.config else None])
        declare_key(cursor, self.key)


def lineage_text(manifest: Path, registry: Path) -> str:
    """What KPIs are made of as JSON, by the models of a manifest and a registry."""
    return json.dumps([asdict(each) for each in kpi_sources(manifest, registry)])


def _folder(path: str) -> Path:
    given = Path(path).expanduser()
    return given if given.is_absolute() else PROJECT / given
