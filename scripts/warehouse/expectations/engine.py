"""Great Expectations on a DuckDB file, read-only, without a word to anybody.

Its SQL engine loses every result on DuckDB (great_expectations#10738, #11579) without the two options of
`CONNECTION`. Results hold counts and bounds, never values of records.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warehouse.expectations.checks import Check, Result

CONNECTION = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
# samples of what was not expected may be e-mail addresses
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class Run:
    """Results of the checks, and the documents Great Expectations has of them, by asset."""

    results: Sequence[Result]
    documents: Mapping[str, Any]

    @property
    def failed(self) -> list[Result]:
        """What failed and nobody accepted, what stops first."""
        failed = [result for result in self.results if result.status == "failed"]
        return sorted(failed, key=lambda result: result.check.on_breach != "stop")


def run_checks(database: Path, checks: Sequence[Check]) -> Run:
    """Makes all checks on the assets, which are tables of the database named like them.

    It takes seconds to import Great Expectations, so only here.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with _connected(database) as source:
        results: list[Result] = []
        documents: dict[str, Any] = {}
        for asset in dict.fromkeys(check.asset for check in checks):
            suite = [check for check in checks if check.asset == asset]
            documents[asset] = _validate(source, asset, suite)
            by_name = {each.expectation_config.meta["check"]: each for each in documents[asset].results}
            results += [_result(check, by_name[check.name]) for check in suite]
    return Run(results, documents)


@contextmanager
def _without_spark() -> Iterator[None]:
    """No PySpark: Great Expectations would import it where there is one, with warnings, and no gate needs it."""
    loaded = sys.modules.get("pyspark")
    sys.modules["pyspark"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["pyspark"]
        if loaded is not None:
            sys.modules["pyspark"] = loaded


@contextmanager
def _connected(database: Path) -> Iterator[Any]:
    with _without_spark():
        import great_expectations
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    # with a site of its own it would leave a temporary folder behind
    configuration = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    context = great_expectations.get_context(mode="ephemeral", project_config=configuration)
    sources: Any = context.data_sources  # its stubs leave out what the engine is made with
    source = sources.add_sql("gate", connection_string=f"duckdb:///{database}?access_mode=read_only", kwargs=CONNECTION)
    try:
        yield source
    finally:
        # DuckDB lets nobody else in this process open the file until this one has closed it
        source.get_execution_engine().close()
        source.get_engine().dispose()


def _validate(source: Any, asset: str, checks: Sequence[Check]) -> Any:
    import great_expectations
    from great_expectations import expectations
    from great_expectations.datasource.fluent.sql_datasource import TableAsset

    suite = great_expectations.ExpectationSuite(
        name=asset,
        expectations=[
            getattr(expectations, check.expectation)(
                **check.arguments, meta={"check": check.name}, severity=SEVERITIES[check.on_breach]
            )
            for check in checks
        ],
    )
    table = TableAsset(name=asset, table_name=asset)
    # `add_table_asset` writes the whole configuration anew for each, which takes as long as to validate it
    table._datasource = source
    source.assets.append(table)
    return table.get_batch(table.build_batch_request()).validate(suite, result_format=RESULT_FORMAT)


SEVERITIES = {"stop": "critical", "distrust": "warning"}


def _result(check: Check, validated: Any) -> Result:
    if validated.exception_info.get("raised_exception") or "exception_message" not in validated.exception_info:
        # a check that could not be made has not passed
        return Result(check, passed=False, found=f"the check could not be made: {_cause(validated.exception_info)}")
    observed = validated.result.get("observed_value", _share_unexpected(validated.result))
    if isinstance(observed, list):
        missing = sorted(set(check.arguments["column_set"]) - set(observed))
        return Result(check, validated.success, float(len(missing)), ", ".join(missing) or "none")
    return Result(check, bool(validated.success), None if observed is None else float(observed))


def _share_unexpected(result: Mapping[str, Any]) -> float | None:
    percent = result.get("unexpected_percent")
    return None if percent is None else float(percent) / 100


def _cause(info: Mapping[str, Any]) -> str:
    """The first line of the first exception; Great Expectations nests them by metric."""
    told = [each for each in info.values() if isinstance(each, Mapping)] or [info]
    return str(told[0].get("exception_message", "no reason given")).splitlines()[0][:200]
