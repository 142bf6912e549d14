"""Publications as files: which there are, what they hold, what stays when one fails or a run is killed."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import hashlib
import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

import pipeline
from conftest import Site
from small_build import MARTS, TEXTS, tables_of, write_build
from warehouse import publishing, settings
from warehouse.dbt_plugin import Plugin
from warehouse.errors import UserError
from warehouse.generations import current, generations, read_manifest
from warehouse.locking import only_run
from warehouse.publishing import Mart, Published, keep, publish, publish_again, rollback
from warehouse.running import Outcome
from warehouse.settings import PROJECT, memory_limit
from warehouse.targets import delimited
from warehouse.targets.choosing import PLACES, chosen_targets, kept_generations
from warehouse.targets.delimited import csv_relation, write_csv
from warehouse.targets.marts import fingerprint
from warehouse.targets.tableau import hyper, read_hyper

FILES = tuple(name for name, place in PLACES.items() if place)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_build(tmp_path_factory.mktemp("build") / "build.duckdb", 1)


@pytest.fixture
def connection() -> Any:
    with duckdb.connect() as opened:
        yield opened


# which targets


def test_targets_are_all_this_machine_can_write_unless_the_environment_names_some() -> None:
    assert chosen_targets(environment={}) == FILES
    with_server = {"SALES_KPI_PG_URL": "postgresql://me@localhost/sales"}
    assert chosen_targets(environment=with_server) == (*FILES, "postgres")
    assert chosen_targets(environment=with_server | {"SALES_KPI_TARGETS": "CSV, duckdb"}) == ("duckdb", "csv")
    assert kept_generations({}) == 5
    assert kept_generations({"SALES_KPI_KEEP": "2"}) == 2


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"SALES_KPI_TARGETS": "duckdb,excel"}, "excel is no target; there are duckdb, parquet, csv, hyper, postgres"),
        ({"SALES_KPI_TARGETS": ","}, "nothing is no target"),
        ({"SALES_KPI_TARGETS": "postgres"}, "say where it is in SALES_KPI_PG_URL"),
        ({"SALES_KPI_KEEP": "0"}, "0 is no number of generations"),
    ],
)
def test_what_cannot_be_a_target_is_said_with_what_can(environment: dict[str, str], told: str) -> None:
    asked = kept_generations if "SALES_KPI_KEEP" in environment else chosen_targets
    with pytest.raises(UserError, match=told):
        asked(environment=environment)


def test_a_target_that_is_none_is_said_before_anything_is_read(site: Site) -> None:
    done = Site(site.root, {"SALES_KPI_TARGETS": "excel"}).run("pipeline.py")
    assert done.returncode == 1
    assert "excel is no target" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not site.settings.warehouse.exists()


@pytest.mark.parametrize("said", ["4", "80%", "0GB", "-1GB", "4GB'; select 1", "much"])
def test_what_is_no_amount_of_memory_is_said_before_anything_is_read(said: str) -> None:
    with pytest.raises(UserError, match="is no amount of memory: a number with MB, GB or TB"):
        memory_limit({"SALES_KPI_MEMORY_LIMIT": said})


def test_what_builds_and_publishes_holds_no_more_than_it_may(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert memory_limit({}) is None
    monkeypatch.setenv("SALES_KPI_MEMORY_LIMIT", "1.5 GiB")
    plugin = Plugin("plugin", {"warehouse": str(site.settings.warehouse)})
    with duckdb.connect() as builds, publishing._connection() as publishes:
        plugin.configure_connection(builds)
        for connection in (builds, publishes):
            assert connection.execute("select current_setting('memory_limit')").fetchall() == [("1.5 GiB",)]


@pytest.mark.parametrize(
    ("small", "threads", "left_out"),
    [
        (1_000_000_000, 1, ["compressed_materialization", "top_n_window_elimination"]),
        (0, 2, ["top_n_window_elimination"]),
    ],
)
def test_little_is_built_with_one_thread_a_statement_and_planned_in_less_detail(
    site: Site, monkeypatch: pytest.MonkeyPatch, small: int, threads: int, left_out: list[str]
) -> None:
    monkeypatch.setattr(settings, "SMALL_RAW", small)
    plugin = Plugin("plugin", {"warehouse": str(site.settings.warehouse)})
    with duckdb.connect(config={"threads": 2}) as builds:
        plugin.configure_connection(builds)
        found = builds.execute("select current_setting('threads'), current_setting('disabled_optimizers')").fetchall()
        assert [(count, sorted(names.split(","))) for count, names in found] == [(threads, left_out)]


# what is written


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        *((f"{each}cmd", f"'{each}cmd") for each in "=+-@|%\t\r＝＋－＠｜％"),
        ("\0cmd", "'\0cmd"),
        ("-1+2", "'-1+2"),
        ("+33 6 12 34", "'+33 6 12 34"),
        ("=", "'="),
        ("-5%", "'-5%"),
        ("-5\n", "'-5\n"),
        *((fine, fine) for fine in ("-5", "+5", "-5.25", "-5,25", "-1e-7", "a=1", "", " =1", "'=1", "1-2", "é")),
        (None, None),
    ],
)
def test_text_that_a_spreadsheet_would_run_begins_with_an_apostrophe_unless_it_is_a_number(
    connection: Any, text: str | None, shown: str | None
) -> None:
    query = f"select {delimited.defused({'text': 'VARCHAR'})} from (select cast(? as varchar) as text)"
    assert connection.execute(query, [text]).fetchall() == [(shown,)]


def test_csv_is_utf_8_with_iso_dates_and_tells_null_from_empty(connection: Any, build: Path, tmp_path: Path) -> None:
    tables = tables_of(connection, build)
    write_csv(connection, tables, tmp_path / "csv")
    text = (tmp_path / "csv" / "fct_texts.csv").read_bytes().decode("utf-8")
    assert '0,plain,1\n1,"",1\n2,,1\n' in text
    shown = [row["text"] for row in csv.DictReader(text.splitlines(keepends=True))]
    expected = [f"'{each}" if each in ("=1+1", "-", "+33 6 12") else each or "" for each in TEXTS]
    assert [each.replace("\r\n", "\n") for each in shown] == [each.replace("\r\n", "\n") for each in expected]
    first = (tmp_path / "csv" / "fct_numbers.csv").read_text(encoding="utf-8").splitlines()[2]
    assert first == ("1,-498765432.11,0.142857,-0.0,9007199254740994,false,2000-01-01,2026-03-29 01:30:01.123456,1")
    numbers = next(table for table in tables if table.name == "fct_numbers")
    read = csv_relation([tmp_path / "csv" / "fct_numbers.csv"], numbers.types)
    assert fingerprint(connection, read) == (numbers.rows, numbers.fingerprint)


def test_a_table_too_large_for_one_file_is_parts_that_are_the_table_again(connection: Any, tmp_path: Path) -> None:
    tables = tables_of(connection, write_build(tmp_path / "build.duckdb", 1, rows=5_000))
    write_csv(connection, tables, tmp_path / "csv", largest=100_000)
    parts = sorted((tmp_path / "csv").glob("fct_numbers*"))
    assert [path.name for path in parts] == [f"fct_numbers_{part:03d}.csv" for part in range(1, len(parts) + 1)]
    assert 4 <= len(parts) <= 7
    assert max(path.stat().st_size for path in parts) <= 100_000
    assert len({path.read_text().splitlines()[0] for path in parts}) == 1, "each has its titles"
    numbers = next(table for table in tables if table.name == "fct_numbers")
    assert fingerprint(connection, csv_relation(parts, numbers.types)) == (5_000, numbers.fingerprint)
    with pytest.raises(UserError, match="a row of dim_clocks alone is larger than 20 bytes"):
        write_csv(connection, tables, tmp_path / "tiny", largest=20)


def test_extracts_for_tableau_keep_decimals_and_leave_no_log(
    connection: Any, build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    publishing.write_hyper(connection, tables_of(connection, build), tmp_path / "tableau")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["tableau"]
    with hyper(tmp_path) as engine:
        read_hyper(engine, tmp_path / "tableau" / "fct_numbers.hyper", tmp_path / "back.parquet")
    described = connection.execute(f"describe from '{tmp_path / 'back.parquet'}'").fetchall()
    kinds = {name: kind for name, kind, *_ in described}
    assert kinds["amount"] == "DECIMAL(18,2)"
    assert kinds["fine"] == "DECIMAL(18,6)"
    assert kinds["whole"] == "BIGINT"
    assert kinds["day"] == "DATE"


@pytest.mark.parametrize("target", FILES)
def test_what_is_read_back_otherwise_than_it_was_built_is_no_publication(
    connection: Any, build: Path, tmp_path: Path, target: str
) -> None:
    tables = tables_of(connection, build)
    missing = f"(select * from {tables[2].relation} limit 299)"
    other = f"(select * replace (amount + 1 as amount) from {tables[2].relation})"
    for relation in (missing, other) if target != "csv" else (missing,):
        spoilt = [*tables[:2], dataclasses.replace(tables[2], relation=relation)]
        place = tmp_path / str(len(list(tmp_path.iterdir())))
        with pytest.raises(UserError, match=f"{target}: fct_numbers"):
            publishing.WRITERS[target](connection, spoilt, place)


def test_a_csv_file_that_lost_a_cell_on_its_way_is_found_out(
    connection: Any, build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = delimited._copy

    def losing(opened: Any, relation: str, file: Path) -> None:
        copy(opened, relation, file)
        file.write_bytes(file.read_bytes().replace(b"-498765432.11", b""))

    monkeypatch.setattr(delimited, "_copy", losing)
    with pytest.raises(UserError, match="csv: fct_numbers reads otherwise"):
        write_csv(connection, tables_of(connection, build), tmp_path / "csv")


def test_a_column_no_bi_tool_can_read_is_refused_by_name(tmp_path: Path) -> None:
    path = write_build(tmp_path / "build.duckdb", 1)
    with duckdb.connect(str(path)) as opened:
        opened.execute("create table marts.odd as select [1, 2] as trend")
    with pytest.raises(UserError, match=r"odd.trend is INTEGER\[\], which BI tools cannot read; cast it to varchar"):
        publish(path, [*MARTS, Mart("odd", "Odd.", {})], {}, tmp_path / "publish", ["duckdb"])
    assert generations(tmp_path / "publish") == []
    assert not list((tmp_path / "publish").glob(".writing-*"))


# a generation


def test_a_manifest_says_what_each_file_and_table_holds(build: Path, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    (folder / "local").mkdir(parents=True)
    (folder / "index.html").write_text("<p>fine</p>")
    (folder / "local" / "style.css").write_text("p {}")
    done = publish(build, MARTS, {"quality": folder, "docs/index.html": folder / "index.html"}, tmp_path / "publish")
    shown = tmp_path / "publish" / "current"
    manifest = read_manifest(shown)
    assert manifest["targets"] == {name: {"build": done.generation} for name in FILES}
    assert manifest["as_of_date"] == "2026-03-15"
    assert manifest["kpis_by_trust"] == {"trusted": 1}
    written = {path.relative_to(shown).as_posix() for path in shown.rglob("*") if path.is_file()}
    assert set(manifest["files"]) == written - {"manifest.json"}
    assert {"quality/local/style.css", "docs/index.html", "csv/fct_texts.csv", "tableau/fct_texts.hyper"} <= written
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((shown / name).read_bytes()).hexdigest() == digest, name
    with duckdb.connect(str(build), read_only=True) as opened:
        summed = opened.execute("select sum(amount)::varchar, sum(whole)::varchar from marts.fct_numbers").fetchone()
    sums = manifest["tables"]["fct_numbers"]["sums"]
    assert (sums["amount"], sums["whole"]) == summed
    assert "share" not in sums, "sums of fractions depend on the order of rows"


def test_a_target_that_fails_keeps_what_it_had_and_the_others_are_published(
    build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "publish"
    targets = ["duckdb", "parquet", "csv"]
    first = publish(build, MARTS, {}, folder, targets)

    def full(*_: Any) -> None:
        raise OSError("[Errno 28] No space left on device")

    monkeypatch.setitem(publishing.WRITERS, "csv", full)  # type: ignore[misc]
    for number in (2, 3):
        later = write_build(tmp_path / "later.duckdb", number)
        done = publish(later, MARTS, {}, folder, [*targets, "hyper"])
        assert done.complaints() == [
            f"published {done.generation}, but csv keeps what it had of {first.generation}: "
            "[Errno 28] No space left on device"
        ]
        shown = folder / "current"
        assert numbers_in(shown) == {number}
        assert (shown / "csv" / "dim_clocks.csv").read_text().endswith("2026-03-15,1\n")
        manifest = read_manifest(shown)
        assert manifest["targets"]["csv"]["build"] == first.generation
        assert manifest["targets"]["duckdb"] == {"build": done.generation}
    monkeypatch.setitem(publishing.WRITERS, "duckdb", full)  # type: ignore[misc]
    with pytest.raises(UserError, match=r"nothing published: duckdb: .*No space left on device; csv: "):
        publish(build, MARTS, {}, folder, ["duckdb", "csv"])
    assert current(folder) == done.generation
    assert not list(folder.glob(".writing-*"))


def numbers_in(generation: Path) -> set[int]:
    """Numbers of the builds that a generation holds in its files."""
    database, parquet = generation / "marts.duckdb", generation / "parquet"
    found: set[int] = set()
    with duckdb.connect() as opened:
        opened.execute(f"attach '{database}' as marts (read_only)")
        for name in ("dim_clocks", "fct_texts", "fct_numbers"):
            for relation in (f"marts.{name}", f"'{parquet}/{name}.parquet'"):
                found |= {row[0] for row in opened.execute(f"select distinct build_number from {relation}").fetchall()}
    return found


def test_the_current_generation_is_written_again_to_a_target_and_its_files_are_shared(
    build: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "publish"
    first = publish(build, MARTS, {}, folder, ["duckdb", "parquet"])
    tables = read_manifest(folder / first.generation)["tables"]
    file = (folder / first.generation / "marts.duckdb").stat().st_ino
    for _ in range(2):
        again = publish_again(folder, ["csv"])
        manifest = read_manifest(folder / "current")
        assert manifest["build"] == first.generation
        assert manifest["targets"] == {name: {"build": first.generation} for name in ("duckdb", "parquet", "csv")}
        assert manifest["tables"] == tables
    assert current(folder) == again.generation > first.generation
    assert generations(folder) == [again.generation], "it takes the place of the one it shows again"
    assert (folder / again.generation / "marts.duckdb").stat().st_ino == file
    (folder / "current" / "parquet" / "fct_texts.parquet").unlink()
    with pytest.raises(UserError, match="fct_texts cannot be read"):
        publish_again(folder, ["csv"])


def test_going_back_after_writing_a_build_again_goes_to_the_build_before(build: Path, tmp_path: Path) -> None:
    folder = tmp_path / "publish"
    first, _ = (publish(build, MARTS, {}, folder, ["parquet"]).generation for _ in range(2))
    again = publish_again(folder, ["duckdb"]).generation
    assert rollback(folder, []).generation == first
    keep(folder, 2)
    assert generations(folder) == [first, again], "what is kept are builds, each as it was written last"
    older = publish_again(folder, ["duckdb"]).generation
    with pytest.raises(UserError, match="no generation before"):
        rollback(folder, [])
    keep(folder, 1)
    assert generations(folder) == [again, older], "the newest build, and the older one that is shown"


def test_the_command_lists_goes_back_and_keeps_some(build: Path, site: Site) -> None:
    folder = site.settings.publish
    names = [publish(build, MARTS, {}, folder, ["parquet"]).generation for _ in range(4)]
    done = site.run("publish.py", "--rollback", "--keep", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"{names[2]}  current", names[3]], "the current one is never removed"
    assert site.run("publish.py", "--rollback").returncode == 1
    assert site.run("publish.py", "--keep", "0").returncode == 1
    assert generations(folder) == names[2:]
    unreachable = {"SALES_KPI_PG_URL": "postgresql://me:s3cret@localhost:1/sales"}
    done = Site(site.root, unreachable).run("publish.py", "--targets", "csv,postgres")
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert re_names(line) == ("postgres", "has nothing yet")
    assert "s3cret" not in done.stdout + done.stderr
    assert (folder / "current" / "csv" / "fct_texts.csv").exists()


def re_names(line: str) -> tuple[str, str]:
    """The target a complaint names, and what it says of its content."""
    said = line.split(", but ")[1]
    target, rest = said.split(" ", 1)
    return target, rest.split(":")[0]


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.proof) for seed in range(2, 12))])
def test_a_run_killed_at_any_moment_leaves_one_whole_generation_and_the_next_one_sweeps(
    tmp_path: Path, seed: int
) -> None:
    folder = tmp_path / "publish"
    builds = [write_build(tmp_path / f"{number}.duckdb", number, rows=20_000) for number in (0, 1)]
    command = [sys.executable, str(PROJECT / "tests" / "python" / "small_build.py")]
    environment = {"PYTHONPATH": str(PROJECT / "scripts")}
    begun = time.monotonic()
    subprocess.run([*command, str(builds[0]), str(folder), "duckdb,parquet,csv"], env=environment, check=True)
    lasts = time.monotonic() - begun
    moments = random.Random(seed)
    for attempt in range(1, 4):
        process = subprocess.Popen(
            [*command, str(builds[attempt % 2]), str(folder), "duckdb,parquet,csv"], env=environment
        )
        time.sleep(moments.uniform(lasts / 3, lasts))
        process.kill()
        process.wait()
        shown = folder / "current"
        assert len(numbers_in(shown)) == 1
        manifest = read_manifest(shown)
        for name, digest in manifest["files"].items():
            assert hashlib.sha256((shown / name).read_bytes()).hexdigest() == digest, name
    subprocess.run([*command, str(builds[1]), str(folder), "duckdb,parquet,csv"], env=environment, check=True)
    assert numbers_in(folder / "current") == {1}
    assert not list(folder.glob(".writing-*"))
    assert json.loads((folder / "current" / "manifest.json").read_text())["targets"].keys() == {
        "duckdb",
        "parquet",
        "csv",
    }


def test_a_command_keeps_out_of_the_way_of_a_run_that_publishes(build: Path, site: Site) -> None:
    publish(build, MARTS, {}, site.settings.publish, ["parquet"])
    with only_run(site.settings.publish):
        done = site.run("publish.py", "--targets", "csv")
    assert done.returncode == 1
    assert "another run is under way" in done.stderr
    assert len(generations(site.settings.publish)) == 1


def test_the_pipeline_names_where_marts_are_and_ends_with_3_when_a_target_failed(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    held = {"duckdb": "b2", "csv": "b1", "hyper": None, "postgres": "b2"}
    done = Published("b2", held, {"csv": "the disk is full", "hyper": "no licence"})
    outcome = Outcome(done, 1, 1, 2, dt.date(2026, 3, 15), 0)
    monkeypatch.setattr(pipeline, "run_pipeline", lambda *_, **__: outcome)
    assert pipeline.main(["--publish", str(site.settings.publish)]) == 3
    said = capsys.readouterr()
    where = f"{site.settings.publish / 'current'}: marts.duckdb, csv/ and PostgreSQL, schema bi"
    assert f"marts for BI tools   {where}" in said.out
    assert said.err.splitlines() == [
        "pipeline: published b2, but csv keeps what it had of b1: the disk is full",
        "pipeline: published b2, but hyper has nothing yet: no licence",
    ]
