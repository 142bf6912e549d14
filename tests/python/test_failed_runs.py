"""A run that fails leaves no trace in later ones: once its cause is mended, the next equals one that never failed.

The pipeline runs as it is, dbt is replaced by a build of a few tables, one of them incremental, and the gates by ones
that stop when they are told to: what is tried is which file is written, kept and thrown away at which point. A proof
does the same with dbt and a demo company.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conftest import Site, rows
from test_backing_up import content_of
from warehouse import generations, publishing, running, runs
from warehouse.building import Clocks
from warehouse.errors import UserError
from warehouse.settings import Settings
from warehouse.targets.marts import fingerprint

DAYS = ("2026-03-16", "2026-03-17")
OWNERS = "Owner ID,Email,First Name,Last Name\n{}"
ALERTS = """
    kpi_code varchar, period_grain varchar, period_start_date date, scope_type varchar, scope_id varchar,
    alert_reason varchar, severity varchar, value double, target_value double, expected_value double,
    main_driver varchar, message_en varchar, message_fr varchar, suggested_analysis_en varchar,
    suggested_analysis_fr varchar
"""
BUILD = f"""
    create schema if not exists marts;
    create or replace table marts.dim_clocks as
        select cast(max(extracted_at) as date) as as_of_date from raw.loads where state = 'loaded';
    create or replace table marts.quality_kpi_trust as
    select 'win_rate' as kpi_code, 'month' as period_grain, date '2026-03-01' as period_start_date,
        'trusted' as trust_status;
    create or replace table marts.kpi_alerts ({ALERTS});
    insert into marts.kpi_alerts values (
        'win_rate', 'month', '2026-03-01', 'company', 'all', 'change', 'important', 1, null, 2, null,
        'up', 'plus', 'see', 'voir'
    );
    create or replace table marts.kpi_values as
        select 'owners' as kpi_code, count(distinct id) as value from raw.hubspot.owners;
    create table if not exists marts.forecast_snapshots (as_of_date date, forecast_amount bigint);
    delete from marts.forecast_snapshots where as_of_date in (select as_of_date from marts.dim_clocks);
    insert into marts.forecast_snapshots
        select dim_clocks.as_of_date, kpi_values.value from marts.dim_clocks cross join marts.kpi_values;
"""
SPOIL = """
    insert into marts.kpi_values values ('owners', -1);
    insert into marts.forecast_snapshots values (date '2026-03-01', -1), (date '2026-03-16', -1);
"""
MARTS = ("forecast_snapshots", "kpi_alerts", "kpi_values")


class SmallGates:
    """Gates that stop when they are told to."""

    def __init__(self, settings: Settings, run_id: str, clocks: Clocks, *, accepts_changes: bool) -> None:
        self.run_id = run_id

    def raw(self) -> None:
        fail_at("raw gate")

    def marts(self, build: Path) -> None:
        assert build.exists(), "what is checked is the build that was not accepted yet"
        fail_at("publish gate")

    def documents(self) -> dict[str, Path]:
        return {}


class SmallDbt:
    """As much of dbt as a run needs; `spoils` says where it fails, after it has written what is wrong."""

    spoils = ""

    def __init__(self, settings: Settings, clocks: Clocks) -> None:
        self.settings = settings
        self.artifacts = settings.warehouse / "dbt"
        self.artifacts.mkdir(exist_ok=True)

    def stale_sources(self) -> list[str]:
        fail_at("freshness")
        return []

    def build(self) -> None:
        with duckdb.connect(str(self.settings.candidate_file)) as connection:
            connection.execute(f"attach '{self.settings.raw_file}' as raw (read_only)")
            connection.execute(BUILD)
            if self.spoils:
                connection.execute(SPOIL)
        fail_at("model")
        fail_at("test")

    def document(self) -> Path:
        fail_at("documentation")
        nodes = {
            name: {
                "name": name,
                "description": name,
                "columns": {},
                "schema": "marts",
                "resource_type": "model",
                "access": "public",
                "config": {"meta": {}},
            }
            for name in MARTS
        }
        (self.artifacts / "manifest.json").write_text(json.dumps({"nodes": nodes}), encoding="utf-8")
        page = self.artifacts / "static_index.html"
        page.write_text("documentation", encoding="utf-8")
        return page


def fail_at(point: str) -> None:
    if SmallDbt.spoils == point:
        raise UserError(f"{point}: not as agreed")


def shrink(patch: pytest.MonkeyPatch) -> None:
    """The pipeline with a small dbt, small gates, one page and one target."""
    patch.setattr(running, "Dbt", SmallDbt)
    patch.setattr(running, "Gates", SmallGates)
    patch.setattr(running, "render_dashboards", lambda *_, **__: [])
    patch.setattr(running, "write_site", lambda *given, beside: {"docs/index.html": given[3], **beside})
    patch.setenv("SALES_KPI_TARGETS", "duckdb")
    patch.delenv("SALES_KPI_ALERT_WEBHOOK", raising=False)


def deliver(site: Site, day: str, owners: int) -> None:
    people = "".join(f"{number},p{number}@lumio.example,P,{number}\n" for number in range(owners))
    site.drop(f"hubspot_fr/owners_{day}.csv", OWNERS.format(people))


def go(site: Site) -> running.Outcome:
    return running.run_pipeline(site.settings, Clocks())


def marts_of(site: Site) -> dict[str, Any]:
    """What readers see and what the next run starts from, but for when it was made."""
    return {
        "published": content_of(site.settings.publish / "current" / "marts.duckdb"),
        "accepted": content_of(site.settings.warehouse_file),
        "alerts": (site.settings.publish / "current" / "alerts.json").read_text(encoding="utf-8"),
    }


def outcomes(site: Site) -> list[tuple[str, str | None]]:
    return [(row[0], row[1]) for row in site.raw("select outcome, message from runs order by started_at")]


@pytest.fixture(scope="module")
def companies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, dict[str, Any]]:
    """A company that published yesterday and whose exports of today have come; its marts after a run of today."""
    root = tmp_path_factory.mktemp("companies")
    begun, clean = Site(root / "begun"), Site(root / "clean")
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        deliver(begun, DAYS[0], 3)
        go(begun)
        deliver(begun, DAYS[1], 5)
        shutil.copytree(begun.root, clean.root, symlinks=True)
        go(clean)
    return begun, marts_of(clean)


@pytest.fixture
def begun(companies: tuple[Site, dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A company of the test's own."""
    shrink(monkeypatch)
    return Site(Path(shutil.copytree(companies[0].root, tmp_path / "site", symlinks=True)))


@pytest.fixture
def never_failed(companies: tuple[Site, dict[str, Any]]) -> dict[str, Any]:
    """The marts of a run that had no cause to fail."""
    return companies[1]


def refused_file(site: Site, _: pytest.MonkeyPatch) -> Callable[[], None]:
    return site.drop("hubspot_fr/notes.csv", "Dear all,\nthe export follows.\n").unlink


def failing_at(point: str) -> Callable[[Site, pytest.MonkeyPatch], Callable[[], None]]:
    def spoil(_: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        monkeypatch.setattr(SmallDbt, "spoils", point)
        return lambda: monkeypatch.setattr(SmallDbt, "spoils", "")

    return spoil


def failing(module: Any, name: str, error: BaseException) -> Callable[[Site, pytest.MonkeyPatch], Callable[[], None]]:
    """A function of the pipeline that raises instead; what dbt built before it is wrong, too."""

    def spoil(_: Site, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
        kept = getattr(module, name)

        def fail(*_: Any, **__: Any) -> Any:
            raise error

        monkeypatch.setattr(SmallDbt, "spoils", "published")
        monkeypatch.setattr(module, name, fail)

        def mend() -> None:
            monkeypatch.setattr(SmallDbt, "spoils", "")
            monkeypatch.setattr(module, name, kept)

        return mend

    return spoil


FULL = OSError(28, "No space left on device")
STOPS = {
    "a file is refused": refused_file,
    "the raw gate": failing_at("raw gate"),
    "freshness": failing_at("freshness"),
    "a model": failing_at("model"),
    "a data test": failing_at("test"),
    "documentation": failing_at("documentation"),
    "the publish gate": failing_at("publish gate"),
    "the choice of marts": failing(running, "published_marts", KeyError("nodes")),
    "publishing": failing(running, "publish", UserError("publish: kpi_values differs from the build")),
    "the pages": failing(running, "write_site", KeyError("kpi_values")),
    "a full disk while marts are written": failing(publishing, "_write", FULL),
    "a full disk while a generation is flushed": failing(generations, "_flush", FULL),
    "the switch": failing(generations, "switch", FULL),
    "a kill while it builds": failing(SmallDbt, "document", KeyboardInterrupt()),
    "a kill while it publishes": failing(publishing, "copy_in", KeyboardInterrupt()),
}


@pytest.mark.parametrize("stop", STOPS)
def test_the_run_after_one_that_failed_equals_one_after_none(
    begun: Site, never_failed: dict[str, Any], monkeypatch: pytest.MonkeyPatch, stop: str
) -> None:
    before = marts_of(begun)
    mend = STOPS[stop](begun, monkeypatch)
    with pytest.raises((Exception, KeyboardInterrupt)):
        go(begun)
    assert marts_of(begun) == before, "readers keep what they had"
    mend()
    go(begun)
    assert marts_of(begun) == never_failed
    killed = "kill" in stop
    assert [outcome for outcome, _ in outcomes(begun)] == ["published", "killed" if killed else "failed", "published"]
    assert [path.name for path in begun.settings.publish.glob(".writing-*")] == []


def test_alerts_that_cannot_be_sent_fail_no_run_and_change_nothing(
    begun: Site, never_failed: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALES_KPI_ALERT_WEBHOOK", "http://127.0.0.1:9/nobody")
    assert "127.0.0.1" in (go(begun).sent or "")
    current = begun.settings.publish / "current"
    assert "🟠 **plus**" in (current / "alerts.md").read_text(encoding="utf-8")
    assert marts_of(begun) == never_failed
    monkeypatch.delenv("SALES_KPI_ALERT_WEBHOOK")
    go(begun)
    assert marts_of(begun) == never_failed
    assert {outcome for outcome, _ in outcomes(begun)} == {"published"}


def test_what_a_run_was_made_of_is_put_down(begun: Site) -> None:
    go(begun)
    (row,) = begun.raw(
        "select generation, as_of_date, code_version, dbt_version, duckdb_version, sources, stale_sources "
        "from runs order by started_at desc limit 1"
    )
    assert row[0] == publishing.current(begun.settings.publish)
    assert row[1] == dt.date(2026, 3, 16), "the name's day begins in the evening before, UTC"
    assert "files " in row[2]
    assert "dbt-duckdb" in row[3]
    assert row[4] == duckdb.__version__
    newest = begun.raw(
        "select load_id, strftime(extracted_at, '%Y-%m-%d %H:%M:%S') from loads order by extracted_at desc"
    )
    assert json.loads(row[5]) == {"hubspot_fr": {"owners": {"load_id": newest[0][0], "extracted_at": newest[0][1]}}}
    assert json.loads(row[6]) == []


def test_a_run_that_replays_names_the_sources_known_then(begun: Site) -> None:
    go(begun)
    run_id = runs.begin(begun.settings, Clocks(known_at=f"{DAYS[0]} 12:00:00"))
    runs.note_sources(begun.settings, run_id, Clocks(known_at=f"{DAYS[0]} 12:00:00"))
    ((sources, known_at),) = begun.raw(f"select sources, cast(known_at as varchar) from runs where run_id = '{run_id}'")
    assert json.loads(sources)["hubspot_fr"]["owners"]["extracted_at"] < DAYS[1]
    assert known_at == f"{DAYS[0]} 12:00:00"


def test_a_moment_nobody_can_read_is_told_in_one_line(begun: Site) -> None:
    with pytest.raises(UserError, match="--checked-at soon: not a moment"):
        running.run_pipeline(begun.settings, Clocks(checked_at="soon"))


def test_the_commit_is_read_where_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "kpi.sql").write_text("select 1", encoding="utf-8")
    bare = runs.code_version(tmp_path)
    assert bare.startswith("files ")
    (tmp_path / ".git" / "refs" / "heads").mkdir(parents=True)
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    (tmp_path / ".git" / "packed-refs").write_text("# packed\nabc123 refs/heads/main\n", encoding="utf-8")
    assert runs.code_version(tmp_path) == f"commit abc123, {bare}"
    (tmp_path / ".git" / "refs" / "heads" / "main").write_text("def456\n", encoding="utf-8")
    assert runs.code_version(tmp_path) == f"commit def456, {bare}"
    (tmp_path / "models" / "kpi.sql").write_text("select 2", encoding="utf-8")
    assert runs.code_version(tmp_path) != f"commit def456, {bare}"


# the same with dbt and a demo company


def unmapped(site: Site) -> None:
    mapping = site.settings.config / "stage_mapping.csv"
    lines = mapping.read_text(encoding="utf-8").splitlines(keepends=True)
    dropped = next(line for line in lines if ",demo" in line)
    mapping.write_text("".join(line for line in lines if line != dropped), encoding="utf-8")


def unreadable_target(site: Site) -> None:
    targets = site.settings.config / "kpi_targets.csv"
    content = list(csv.reader(targets.open(encoding="utf-8", newline="")))
    content[1][content[0].index("kpi_code")] = "no_such_kpi"
    with targets.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(content)


@pytest.fixture(scope="module")
def demo_published(tmp_path_factory: pytest.TempPathFactory) -> Site:
    from test_pipeline import write_small_demo

    site = Site(tmp_path_factory.mktemp("failing"))
    write_small_demo(site)
    assert site.run("pipeline.py", "--checked-at", "2026-03-16 07:00:00").returncode == 0
    return site


def all_but_moments(site: Site) -> dict[str, Any]:
    """The marts, and what was checked but for when: files are loaded at a moment of the machine's own clock."""
    marts = marts_of(site)
    for where, table, database in (
        ("published", "main.quality_checks", site.settings.publish / "current" / "marts.duckdb"),
        ("accepted", "marts.quality_checks", site.settings.warehouse_file),
    ):
        assert marts[where].pop(table)
        with duckdb.connect(str(database), read_only=True) as connection:
            marts[table] = fingerprint(connection, f"(select * exclude (checked_at) from {table})")
    return marts


@pytest.mark.proof
@pytest.mark.xdist_group("failed runs")
@pytest.mark.parametrize("spoil", [unmapped, unreadable_target])
def test_the_run_after_one_that_dbt_stopped_equals_one_after_none(
    demo_published: Site, tmp_path: Path, spoil: Callable[[Site], None]
) -> None:
    from test_pipeline import write_small_demo

    checked = ("--checked-at", "2026-03-21 07:00:00")
    sites = []
    for name in ("clean", "failing"):
        shutil.copytree(demo_published.root, tmp_path / name, symlinks=True)
        sites.append(Site(tmp_path / name))
        write_small_demo(sites[-1], "2026-03-20")
    clean, site = sites
    assert clean.run("pipeline.py", *checked).returncode == 0
    kept = shutil.copytree(site.settings.config, tmp_path / "kept")
    spoil(site)
    stopped = site.run("pipeline.py", *checked)
    assert stopped.returncode == 1
    assert "dbt" in stopped.stderr
    shutil.copytree(kept, site.settings.config, dirs_exist_ok=True)
    assert site.run("pipeline.py", *checked).returncode == 0
    assert all_but_moments(site) == all_but_moments(clean)
    made = "select distinct cast(as_of_date as varchar) from marts.forecast_snapshots order by all"
    assert [day for (day,) in rows(site.settings.warehouse_file, made)] == ["2026-03-15", "2026-03-19"]
