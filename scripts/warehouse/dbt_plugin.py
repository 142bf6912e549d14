"""What dbt's connection needs before it opens: a landing database, the folder of business seeds, the hash key.

dbt-duckdb calls `Plugin` by the name in `profiles.yml`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from warehouse.contract import load_contract
from warehouse.identity import hmac_pads, identity_key
from warehouse.landing import open_raw
from warehouse.settings import PROJECT


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
        self.inner, self.outer = hmac_pads(identity_key(self.warehouse))

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Session variables that models and macros read."""
        cursor.execute("set variable config_folder = ?", [str(self.config) if self.config else None])
        cursor.execute("set variable identity_inner = ?", [self.inner])
        cursor.execute("set variable identity_outer = ?", [self.outer])


def _folder(path: str) -> Path:
    given = Path(path).expanduser()
    return given if given.is_absolute() else PROJECT / given


def last_config(raw: Path) -> Path | None:
    """The folder of business seeds of the last pipeline run on this warehouse; None for the project's own."""
    connection = duckdb.connect(str(raw), read_only=True)
    try:
        row = connection.execute(
            # a run whose exports were refused is none of this warehouse
            "select config_folder from runs where config_folder is not null "
            "and (outcome <> 'failed' or sources is not null) order by started_at desc limit 1"
        ).fetchone()
    finally:
        connection.close()
    return Path(row[0]) if row and Path(row[0]).is_dir() else None
