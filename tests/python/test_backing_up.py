"""What cannot be made again survives the loss of everything else, or a backup says that it is none."""

from __future__ import annotations

import fcntl
import shutil
import stat
import tarfile
from pathlib import Path

import duckdb
import pytest

from conftest import Site, rows
from warehouse.backing_up import Backup, back_up, restore
from warehouse.erasing import read_erasures
from warehouse.errors import UnderWay, UserError
from warehouse.identity import identity_key
from warehouse.targets.marts import fingerprint

OWNERS = "Owner ID,Email,First Name,Last Name\n9,zoe@lumio.example,Zoé,Martin\n"
SOURCE = "system: hubspot\n"
FORECASTS = [("2026-03-01", 100), ("2026-03-02", 120)]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A warehouse with an export, a key, a build that holds forecasts, business seeds and a publication."""
    site = Site(tmp_path_factory.mktemp("backed_up"))
    site.drop("hubspot_fr/owners_2026-03-17.csv", OWNERS)
    site.drop("hubspot_fr/source.yml", SOURCE)
    site.configure("exclusion_rules.csv", "rule_id,field,pattern\n1,email,%@test.example\n")
    site.configure("notes.txt", "not a seed")
    assert not site.load().failures
    identity_key(site.settings.warehouse)
    (site.settings.warehouse / "erasures.txt").write_text(f"{'0' * 64}\n", encoding="ascii")
    with duckdb.connect(str(site.settings.warehouse_file)) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.forecast_snapshots (as_of_date date, forecast_amount bigint)")
        connection.executemany("insert into marts.forecast_snapshots values (?, ?)", FORECASTS)
        connection.execute("create table marts.kpi_values as select 1 as value")
    current = site.settings.publish / "20260317T000000Z"
    current.mkdir(parents=True)
    (current / "manifest.json").write_text('{"generation": "20260317T000000Z"}', encoding="utf-8")
    (site.settings.publish / "current").symlink_to(current.name)
    return site


@pytest.fixture(scope="module")
def made(loaded: Site) -> Backup:
    return back_up(loaded.settings, loaded.root / "backups")


@pytest.fixture
def archive(made: Backup, tmp_path: Path) -> Path:
    """A copy of the backup that a test may spoil."""
    return Path(shutil.copy(made.path, tmp_path))


def content_of(raw: Path) -> dict[str, object]:
    with duckdb.connect(str(raw), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables() order by all").fetchall()
        return {f"{schema}.{table}": fingerprint(connection, f'"{schema}"."{table}"') for schema, table in tables}


def spoilt(archive: Path, name: str) -> None:
    """The archive with a byte more in one of its files."""
    folder = archive.with_suffix(".spoilt")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    with (folder / name).open("ab") as file:
        file.write(b" ")
    with tarfile.open(archive, "w:gz") as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                tar.add(path, arcname=str(path.relative_to(folder)))


def test_what_is_restored_is_what_was_backed_up(loaded: Site, made: Backup, tmp_path: Path) -> None:
    before = content_of(loaded.settings.raw_file)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert [path.name for path in made.path.parent.iterdir()] == [made.path.name], "nothing is left of making it"
    new = Site(tmp_path / "new")
    new.drop("hubspot_fr/deals.csv", "")
    restored = restore(new.settings, made.path, new.settings.config)
    assert (new.settings.extracts / "hubspot_fr" / "source.yml").read_text(encoding="utf-8") == SOURCE
    assert (restored.rows, restored.holds_key) == (made.rows, True)
    assert content_of(new.settings.raw_file) == before
    assert before["hubspot.owners"][0] == 1, "there is something in it"  # type: ignore[index]
    assert identity_key(new.settings.warehouse) == identity_key(loaded.settings.warehouse)
    assert stat.S_IMODE((new.settings.warehouse / "identity.key").stat().st_mode) == 0o600
    # who was erased is not loaded again by what was restored
    assert read_erasures(new.settings.warehouse) == read_erasures(loaded.settings.warehouse)
    assert read_erasures(new.settings.warehouse).hashes
    assert [path.name for path in new.settings.config.iterdir()] == ["exclusion_rules.csv"]
    forecasts = "select cast(as_of_date as varchar), forecast_amount from marts.forecast_snapshots order by all"
    assert rows(new.settings.warehouse_file, forecasts) == FORECASTS
    tables = "select table_name from duckdb_tables() where database_name = 'warehouse'"
    assert rows(new.settings.warehouse_file, tables) == [("forecast_snapshots",)], "what can be made again is not in it"
    assert "20260317T000000Z" in (new.settings.warehouse / "publication.json").read_text(encoding="utf-8")
    # the same bytes come again: nothing new, nothing twice
    (new.settings.extracts / "hubspot_fr" / "deals.csv").unlink()
    new.drop("hubspot_fr/owners_2026-03-17.csv", OWNERS)
    assert new.load().rows == 0


@pytest.mark.parametrize("name", ["raw.duckdb", "config/exclusion_rules.csv", "identity.key"])
def test_a_backup_that_was_changed_is_none(archive: Path, tmp_path: Path, name: str) -> None:
    spoilt(archive, name)
    new = Site(tmp_path / "new")
    with pytest.raises(UserError, match=f"{name} is not what was backed up"):
        restore(new.settings, archive, new.settings.config)
    assert not new.settings.warehouse.exists()


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.99])
def test_a_backup_that_was_cut_is_none(archive: Path, tmp_path: Path, kept: float) -> None:
    content = archive.read_bytes()
    archive.write_bytes(content[: int(kept * len(content))])
    new = Site(tmp_path / "new")
    with pytest.raises(UserError, match="not a whole backup"):
        restore(new.settings, archive, new.settings.config)
    assert not new.settings.warehouse.exists()


def test_nothing_is_overwritten(loaded: Site, archive: Path, tmp_path: Path) -> None:
    before = content_of(loaded.settings.raw_file)
    with pytest.raises(UserError, match="not empty"):
        restore(loaded.settings, archive, tmp_path / "seeds")
    new = Site(tmp_path / "new")
    new.configure("stage_mapping.csv", "mine")
    with pytest.raises(UserError, match="not empty"):
        restore(new.settings, archive, new.settings.config)
    assert content_of(loaded.settings.raw_file) == before
    assert not new.settings.warehouse.exists()
    assert not (tmp_path / "seeds").exists()


def test_no_backup_is_made_while_a_run_is_under_way(loaded: Site, tmp_path: Path) -> None:
    with (loaded.settings.warehouse / "run.lock").open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(UnderWay):
            back_up(loaded.settings, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_the_command_says_in_one_line_what_is_wrong(loaded: Site, tmp_path: Path) -> None:
    missing = loaded.run("backup.py", "--restore", str(tmp_path / "none.tar.gz"), "--warehouse", str(tmp_path / "new"))
    assert missing.returncode == 1
    assert missing.stderr.strip().splitlines() == [f"backup: {tmp_path / 'none.tar.gz'}: no such backup"]
    done = loaded.run("backup.py", "--to", str(tmp_path / "backups"))
    assert done.returncode == 0, done.stderr
    assert "read back and equal" in done.stdout
    (archive,) = (tmp_path / "backups").iterdir()
    where = ("--warehouse", str(tmp_path / "new"), "--config", str(tmp_path / "seeds"))
    assert loaded.run("backup.py", "--restore", str(archive), *where).returncode == 0
    assert (tmp_path / "seeds" / "exclusion_rules.csv").exists()


@pytest.mark.proof
@pytest.mark.xdist_group("pipeline")
def test_a_build_of_what_was_restored_is_the_build_there_was(site: Site, tmp_path: Path) -> None:
    from test_pipeline import CHECKED, write_small_demo

    write_small_demo(site)
    assert site.run("pipeline.py", *CHECKED).returncode == 0
    done = back_up(site.settings, tmp_path / "backups")
    before = site.settings.publish / "current" / "marts.duckdb"
    new = Site(tmp_path / "new")
    restore(new.settings, done.path, new.settings.config)
    shutil.copytree(site.settings.extracts, new.settings.extracts, dirs_exist_ok=True)
    again = new.run("pipeline.py", *CHECKED)
    assert again.returncode == 0, again.stderr
    assert " files, 0 new (0 rows), figures as of " in again.stdout
    built, was = content_of(new.settings.publish / "current" / "marts.duckdb"), content_of(before)
    # what was checked has a history, which the gates of the first run are part of by now
    assert built.pop("main.quality_checks") != was.pop("main.quality_checks")
    assert built == was
