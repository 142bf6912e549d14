"""dbt in this process: build a database, write the documentation, and say in one line what went wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from tqdm import tqdm

from warehouse.errors import UserError
from warehouse.settings import PROJECT, Settings

# what DuckDB says of a cell of a seed that is not of its column's type
UNREAD_CELL = re.compile(
    r"""CSV Error on Line: (\d+)\n.*?column "([^"]+)"\. Could not convert string "(.*?)" to '(\w+)'""", re.DOTALL
)

FAILED = ("error", "fail")


@dataclass(frozen=True)
class Clocks:
    """The clocks of a run as the user gave them; None is the models' own default."""

    as_of: str | None = None
    known_at: str | None = None
    checked_at: str | None = None

    def variables(self) -> dict[str, str]:
        """Variables for dbt of the clocks that were given."""
        given = {"as_of_date": self.as_of, "known_at": self.known_at, "checked_at": self.checked_at}
        return {name: value for name, value in given.items() if value is not None}


class Dbt:
    """Runs dbt on one warehouse folder; artifacts and logs go to its `dbt/` folder."""

    def __init__(self, settings: Settings, clocks: Clocks, target: str = "candidate") -> None:
        self.artifacts = settings.warehouse / "dbt"
        self.target = target
        self.database = settings.warehouse / f"{target}.duckdb"
        self.clocks = clocks
        self._manifest: Any = None
        self._failed: dict[str, tuple[str, str]] = {}
        os.environ["SALES_KPI_WAREHOUSE"] = str(settings.warehouse)
        os.environ["SALES_KPI_CONFIG"] = str(settings.config)

    def build(self, *selection: str) -> None:
        """Seeds, models and data tests; unit tests belong to development. Raises UserError at the first failure."""
        self._invoke("build", "--fail-fast", "--exclude-resource-type", "unit_test", *selection)

    def run(self, *selection: str) -> None:
        """Models (and the seeds they need) without tests."""
        self._invoke("build", "--resource-type", "model", "--resource-type", "seed", *selection)

    def document(self) -> Path:
        """The documentation of what was built, as one page; its path."""
        self._invoke("docs", "generate", "--static", "--no-compile")
        return self.artifacts / "static_index.html"

    def stale_sources(self) -> list[str]:
        """Landed tables past the second limit of their contract, as `dbt source freshness` finds them.

        It judges nothing: what a stale export does to a KPI is said by `quality_source_freshness` alone.
        """
        result = self._call("source", "freshness")
        if result.exception is not None or any(each.status == "runtime error" for each in result.result):
            raise UserError(f"dbt source freshness failed; see {self.artifacts / 'dbt.log'}")
        stale = (each.node for each in result.result if each.status == "error")
        return sorted(f"{node.source_name}.{node.name}" for node in stale)

    def _invoke(self, *command: str) -> None:
        result = self._call(*command)
        if not result.success:
            raise UserError(first_failure(result, self.artifacts, self.database, self._failed))

    def _call(self, *command: str) -> Any:
        # the project is parsed once for all commands of a run
        if self._manifest is None:
            parsed = self._run("parse")
            if not parsed.success:
                return parsed
            self._manifest = parsed.result
        return self._run(*command)

    def _run(self, *command: str) -> Any:
        # dbt takes over a second to import, which load and publish alone need not pay
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        self._failed.clear()
        self.artifacts.mkdir(parents=True, exist_ok=True)
        variables = ["--vars", str(self.clocks.variables())] if self.clocks.variables() else []
        arguments = [
            *command,
            *("--target", self.target, "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(self.artifacts), "--log-path", str(self.artifacts)),
            *("--quiet", "--log-level", "none", "--log-level-file", "none", *variables),
        ]
        with (
            (self.artifacts / "dbt.log").open("a", encoding="utf-8") as log,
            tqdm(desc=command[0], unit="node", disable=None) as progress,
        ):

            def follow(event: Any) -> None:
                # dbt's own log makes a line of every event before it leaves most of them out, a tenth of a build's time
                if event.info.level not in ("debug", "test"):
                    log.write(f"{event.info.ts.ToJsonString()} {event.info.level}: {event.info.msg}\n")
                if event.info.name == "NodeFinished":
                    progress.update()
                    if (ended := event.data.run_result).status in FAILED:
                        self._failed[event.data.node_info.unique_id] = ended.status, ended.message

            result = dbtRunner(manifest=self._manifest, callbacks=[follow]).invoke(arguments)
        # dbt keeps its database open, and DuckDB lets nobody else in this process read it then
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        return result


def first_failure(result: Any, artifacts: Path, database: Path, told: Mapping[str, tuple[str, str]]) -> str:
    """One line on the first node that failed, or on why dbt did not start; of a test of business seeds its first row.

    `told` is status and message of what failed, by node, as events said: failing fast, dbt may take a node for skipped
    that has just failed. What else fails may name people and is told by its number alone.
    """
    if result.exception is not None:
        return f"dbt: {_plain(str(result.exception))}"
    for each in result.result.results:
        if each.status not in FAILED and each.node.unique_id in told:
            each.status, each.message = told[each.node.unique_id]
    failed = [each for each in result.result.results if each.status in FAILED]
    # an error says more than the failures it may have caused
    failed.sort(key=lambda each: each.status != "error")
    node = failed[0]
    what = "test" if node.node.resource_type == "test" else node.node.resource_type
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    row = _first_row(node.node, database) if what == "test" and node.status == "fail" else ""
    return f"dbt {what} {node.node.name}: {_plain(node.message)}{row}{more}; see {artifacts / 'dbt.log'}"


def _first_row(test: Any, database: Path) -> str:
    """The first row that a test of business seeds alone has found."""
    if not test.compiled_code or not all(each.startswith("seed.") for each in test.depends_on_nodes):
        return ""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = connection.execute(test.compiled_code)
        names, row = [column[0] for column in found.description], found.fetchone()
    filled = [f"{name} {value}" for name, value in zip(names, row or (), strict=False) if value is not None]
    return f" (first: {', '.join(filled)})" if filled else ""


def _plain(message: str) -> str:
    """The line of a dbt message that says what is wrong, without colours and headings."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", message)
    if cell := UNREAD_CELL.search(text):
        return "line {}, column {}: {} is no {}".format(*cell.groups())
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [
        line
        for line in lines
        if not re.match(r"(Compilation|Runtime|Database|Parsing|Validation) Error|> (in|called by)|compiled code", line)
    ]
    return (telling or lines or ["failed"])[0]
