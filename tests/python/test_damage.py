"""What happens to a disk, a file or a clock is one line, and what was there before stays."""

from __future__ import annotations

import datetime as dt
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conftest import Site
from small_build import MARTS, write_build
from test_publishing import FILES, numbers_in
from warehouse import ledger
from warehouse.errors import UserError
from warehouse.generations import current, read_manifest
from warehouse.landing import open_raw
from warehouse.publishing import publish
from warehouse.settings import PROJECT

TITLES = "id,email,firstName\n"


def owners(rows: int, name: str = "Zoé") -> str:
    return TITLES + "".join(f"{each},a{each}@nordlys.fr,{name} {each * 7919}\n" for each in range(rows))


def one_line(error: UserError) -> str:
    (line,) = str(error).splitlines()
    return line


def torn(raw: Path) -> list[tuple[Any, ...]]:
    """Files whose rows are not what the ledger says, and ledger rows without their rows."""
    with duckdb.connect(str(raw), read_only=True) as connection:
        return connection.execute(
            "select * from (select load_id, rows from loads where state = 'loaded') full outer join "
            "(select _load_id as load_id, count(*) as stored from hubspot.owners group by all) using (load_id) "
            "where rows is distinct from stored"
        ).fetchall()


# a damaged database


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with an export loaded and another one to load."""
    site = Site(tmp_path_factory.mktemp("begun"))
    site.drop("hubspot/owners_2026-03-01.csv", owners(2_000))
    site.load()
    site.drop("hubspot/owners_2026-03-02.csv", owners(2_000, "Sam"))
    return site


@pytest.fixture
def copied(begun: Site, tmp_path: Path) -> Site:
    site = Site(tmp_path)
    (tmp_path / "extracts").symlink_to(begun.settings.extracts)
    site.settings.warehouse.mkdir()
    site.settings.raw_file.write_bytes(begun.settings.raw_file.read_bytes())
    return site


def spoil(content: bytes, kind: str, chance: random.Random) -> bytes:
    """A database of which some bytes are others, or are gone."""
    spoilt = bytearray(content)
    if kind == "cut":
        return content[: chance.randrange(1, len(content))]
    if kind == "head":
        spoilt[chance.randrange(12_288)] ^= 1 << chance.randrange(8)
    elif kind == "block":
        at = chance.randrange(len(content) - 64)
        spoilt[at : at + 64] = chance.randbytes(64)
    else:
        for _ in range(20):
            spoilt[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


@pytest.mark.parametrize("kind", ["cut", "head", "block", "bits"])
@pytest.mark.parametrize(
    "seed", [1, pytest.param(range(2, 50), marks=pytest.mark.proof, id="2 to 49")], ids=lambda each: str(each)
)
def test_a_damaged_raw_database_is_one_line_that_is_not_that_it_is_in_use(
    copied: Site, kind: str, seed: int | range
) -> None:
    raw = copied.settings.raw_file
    whole = raw.read_bytes()
    for each in [seed] if isinstance(seed, int) else seed:
        spoilt = spoil(whole, kind, random.Random(f"{kind} {each}"))
        raw.write_bytes(spoilt)
        raw.with_suffix(".duckdb.wal").unlink(missing_ok=True)
        done = copied.run("load.py")
        if done.returncode == 0:  # what was hit is in no use, or no load reads it: the gate does
            try:
                assert torn(raw) == []
                assert copied.raw("select count(*) from hubspot.owners") == [(4_000,)]
            except duckdb.IOException:
                checked = copied.run("check.py", "raw")
                assert checked.returncode == 1, checked.stdout
                (line,) = checked.stderr.splitlines()
                assert line.startswith(f"check: {raw.parent}: IO Error: Corrupt database file")
            continue
        assert done.returncode == 1, done.stderr[-2_000:]
        (line,) = [told for told in done.stderr.splitlines() if "file/s" not in told]
        assert line.startswith((f"load: {raw}", f"load: {raw.parent}: "))
        assert "in use" not in line
        assert raw.read_bytes() == spoilt, "what may be mended is left as it is"


def test_reading_a_damaged_raw_database_is_one_line_too(copied: Site) -> None:
    raw = copied.settings.raw_file
    raw.write_bytes(raw.read_bytes()[:-100_000])
    for command in ("load_report.py", "retain.py"):
        done = copied.run(command)
        assert done.returncode == 1, command
        (line,) = done.stderr.splitlines()
        assert str(raw.parent) in line, command


def leave_journal(site: Site) -> bytes:
    """Loads the next export and stops, as a power cut does, before DuckDB has put its journal into the database."""
    code = (
        "import os, sys\nfrom pathlib import Path\n"
        "from warehouse import loading\nfrom warehouse.settings import Settings\n"
        "root, real = Path(sys.argv[1]), loading.open_raw\n"
        "def opened(*told):\n"
        "    connection = real(*told)\n"
        "    connection.execute(\"set checkpoint_threshold = '1GB'\")\n"
        "    class Cut:\n"
        "        def __getattr__(self, name): return getattr(connection, name)\n"
        "        def close(self): os._exit(0)\n"
        "    return Cut()\n"
        "loading.open_raw = opened\n"
        "loading.load(Settings(root / 'extracts', root / 'warehouse', root / 'p', root / 'c'), show_progress=False)"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "scripts")}
    subprocess.run([sys.executable, "-c", code, str(site.root)], env=environment, check=True)
    return site.settings.raw_file.with_suffix(".duckdb.wal").read_bytes()


@pytest.mark.parametrize("rounds", [12, pytest.param(200, marks=pytest.mark.proof)])
def test_a_damaged_journal_is_one_line_or_costs_what_was_not_yet_committed(copied: Site, rounds: int) -> None:
    raw = copied.settings.raw_file
    journal = leave_journal(copied)
    before, wal = raw.read_bytes(), raw.with_suffix(".duckdb.wal")
    assert len(journal) > 10_000
    outcomes = set()
    for seed in range(rounds):
        chance = random.Random(seed)
        spoilt = journal[: chance.randrange(len(journal))] if seed % 2 else spoil(journal, "block", chance)
        raw.write_bytes(before)
        wal.write_bytes(spoilt)
        told = ""
        try:
            open_raw(raw, {}).close()
        except UserError as error:
            told = one_line(error)
        outcomes.add("refused" if told else "opened")
        if told:
            assert told.startswith(f"{raw} cannot be opened: ")
            continue
        assert torn(raw) == []
        assert copied.raw("select count(*) from hubspot.owners")[0][0] in (2_000, 4_000)
    assert outcomes == {"refused", "opened"}


# a full disk, a disk that cannot be written


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A folder with a disk of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True)
    if made.returncode:
        assert not os.environ.get("CI"), "a disk of a few megabytes cannot be mounted"
        pytest.skip("only root may mount a small disk here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def remount(folder: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", str(folder)], check=True)


def said(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if "file/s" not in line]


def test_a_load_on_a_full_disk_is_one_line_and_goes_on_where_it_was_once_there_is_room(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with small_disk(site.settings.warehouse, "9m"):
        site.drop("hubspot/owners_2026-03-01.csv", owners(1_000))
        site.load()
        large = owners(400_000)
        site.drop("hubspot_b/owners_2026-03-02.csv", large)
        done = site.run("load.py")
        assert done.returncode == 1
        (line,) = said(done)
        assert line.startswith("load: hubspot_b/owners_2026-03-02.csv: ")
        assert line.endswith("; make room or mend the disk, and load again")
        assert torn(site.settings.raw_file) == []
        assert site.raw("select count(*) from hubspot.owners") == [(1_000,)]
        remount(site.settings.warehouse, "size=200m")
        assert [file.state for file in site.load().files] == ["known", "loaded"]
        assert site.raw("select count(*), count(distinct id) from hubspot.owners") == [(401_000, 400_000)]
        assert [path.name for path in site.settings.warehouse.iterdir()] == ["raw.duckdb"]


def test_a_warehouse_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with small_disk(site.settings.warehouse, "60m"):
        site.drop("hubspot/owners_2026-03-01.csv", owners(10))
        site.load()
        whole = site.settings.raw_file.read_bytes()
        remount(site.settings.warehouse, "ro")
        for command in ("load.py", "pipeline.py"):
            done = site.run(command)
            assert done.returncode == 1, command
            (line,) = said(done)
            assert str(site.settings.warehouse) in line
            assert "ead-only file system" in line, command
        assert site.settings.raw_file.read_bytes() == whole


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("builds")
    return [write_build(folder / f"{number}.duckdb", number, rows=20_000) for number in (1, 2)]


@pytest.mark.parametrize("target", FILES)
def test_a_target_on_a_full_disk_is_one_line_and_readers_keep_what_they_had(
    builds: list[Path], tmp_path: Path, target: str
) -> None:
    with small_disk(tmp_path / "publish", "64m") as folder:
        first = publish(builds[0], MARTS, {}, folder, [target])
        before = read_manifest(folder / "current")
        free = os.statvfs(folder).f_bavail * os.statvfs(folder).f_frsize
        (folder / "ballast").write_bytes(bytes(free - 32 * 1024))
        with pytest.raises(UserError) as refused:
            publish(builds[1], MARTS, {}, folder, [target])
        assert one_line(refused.value).startswith(f"nothing published: {target}: ")
        assert current(folder) == first.generation
        assert read_manifest(folder / "current") == before
        assert not list(folder.glob(".writing-*"))
        (folder / "ballast").unlink()
        assert publish(builds[1], MARTS, {}, folder, [target]).generation == current(folder) != first.generation


def test_a_publish_folder_that_cannot_be_written_is_one_line(builds: list[Path], tmp_path: Path) -> None:
    site = Site(tmp_path)
    with small_disk(site.settings.publish, "64m") as folder:
        publish(builds[0], MARTS, {}, folder, ["duckdb", "parquet"])
        remount(folder, "ro")
        done = site.run("publish.py", "--targets", "csv")
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"publish: {folder}: Read-only file system")
        assert numbers_in(folder / "current") == {1}


# a clock that goes back


def test_a_clock_moved_back_between_two_loads_changes_nothing_of_what_is_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clocks = iter(["2031-01-01 00:00", "2026-03-03 00:00", "2026-03-03 00:01", "2026-03-03 00:02"])
    monkeypatch.setattr(ledger, "utc_now", lambda: dt.datetime.fromisoformat(next(clocks)))
    site = Site(tmp_path)

    def load(content: str, at: str) -> list[str]:
        site.drop("hubspot/owners.csv", content, at=at)
        return [file.state for file in site.load().files]

    def newest() -> list[tuple[Any, ...]]:
        """First names of the delivery that the ledger calls the newest, as staging reads it."""
        return site.raw(
            "select distinct first_name from hubspot.owners where _load_id = (select content_load_id from loads "
            "where state <> 'refused' order by extracted_at desc limit 1)"
        )

    one, two = f"{TITLES}1,zoe@nordlys.fr,Zoé\n", f"{TITLES}1,zoe@nordlys.fr,Zoë\n"
    assert load(one, "2026-03-02 06:00") == ["loaded"]
    assert load(two, "2026-03-02 07:00") == ["loaded"]
    assert newest() == [("Zoë",)], "the extract time counts, and not the clock of the load"
    assert load(one, "2026-03-02 08:00") == ["unchanged"]
    assert newest() == [("Zoé",)]
    assert load(one, "2026-03-02 08:00") == ["known"]
    assert site.raw("select count(*) from loads") == [(3,)]


def test_a_mapping_changed_after_the_clock_went_back_is_in_effect(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.drop("salesforce/Opportunity.csv", "Id,StageName,CloseDate,IsClosed,IsWon,CreatedDate\n1,Won,02/03/26,1,1,\n")
    moment = dt.datetime.fromisoformat("2031-01-01")
    monkeypatch.setattr(ledger, "utc_now", lambda: moment)
    for order, state in (("dmy", "loaded"), ("mdy", "loaded"), ("mdy", "known")):
        site.drop("salesforce/source.yml", f"system: salesforce\ndate_order: {order}\n")
        assert [file.state for file in site.load().files] == [state]
        moment = dt.datetime.fromisoformat("2026-03-03")
    # staging reads bytes as the recipe of their newest load says
    assert site.raw("select max_by(date_order, loaded_at), max(loaded_at) from loads") == [
        ("mdy", dt.datetime.fromisoformat("2031-01-01 00:00:00.000001"))
    ]
