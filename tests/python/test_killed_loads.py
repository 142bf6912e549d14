"""A load killed at any moment leaves each file loaded or not, and the next one ends where a clean one does."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from conftest import Site
from warehouse.settings import PROJECT

FILES = 12
ROWS = 3_000
KILLS = 3
WRITTEN = 7_000_000  # bytes a load of all of it writes to its journal, somewhat less


def write_exports(site: Site) -> None:
    for file in range(FILES):
        rows = "".join(
            f"{file * ROWS + row},Deal {row},Démo,{row}.50,2026-01-{row % 28 + 1:02d},{'x' * 40}\n"
            for row in range(ROWS)
        )
        titles = "Record ID,Deal Name,Deal Stage,Amount,Create Date,Note\n"
        site.drop(f"hubspot_{file:02d}/deals_2026-03-02.csv", titles + rows)


def content(raw: Path) -> tuple[object, ...]:
    """Hash of all that was stored, without when."""
    with duckdb.connect(str(raw), read_only=True) as connection:
        return connection.execute(
            "select count(*), sum(hash(columns(* exclude (_loaded_at, _load_id)))::hugeint) from hubspot.deals"
        ).fetchone() + tuple(connection.execute("select count(*), sum(rows) from loads").fetchone() or ())  # type: ignore[operator]


def torn(raw: Path) -> list[tuple[object, ...]]:
    """Files whose rows are not what the ledger says, and ledger rows without their rows."""
    with duckdb.connect(str(raw), read_only=True) as connection:
        tables = {row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()}
        if not {"loads", "deals"} <= tables:
            return []
        return connection.execute(
            """
            select * from
                (select load_id, rows from loads where state = 'loaded')
                full outer join (select _load_id as load_id, count(*) as stored from hubspot.deals group by all)
                    using (load_id)
            where rows is distinct from stored
            """
        ).fetchall()


def start(site: Site) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(PROJECT / "scripts" / "load.py")],
        env=site.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill(process: subprocess.Popen[bytes], raw: Path, *, after: float | None = None, grown: int = 0) -> None:
    """Kills a load some seconds after its start, or when it has written so many bytes; one that ended is left."""
    begun = time.monotonic()
    journal = raw.with_suffix(".duckdb.wal")
    before = journal.stat().st_size if journal.exists() else 0
    while process.poll() is None:
        if after is not None and time.monotonic() - begun >= after:
            break
        if after is None and journal.exists() and journal.stat().st_size - before >= grown:
            break
        time.sleep(0.001)
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    """What a load without a kill stores."""
    site = Site(tmp_path_factory.mktemp("clean"))
    write_exports(site)
    assert start(site).wait() == 0
    return content(site.settings.raw_file)


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.proof) for seed in range(3, 19))])
def test_a_killed_load_is_taken_up_where_it_was(site: Site, clean: tuple[object, ...], seed: int) -> None:
    write_exports(site)
    moments = random.Random(seed)
    raw = site.settings.raw_file
    kill(start(site), raw, after=moments.uniform(0, 2))
    for _ in range(KILLS - 1):
        kill(start(site), raw, grown=moments.randrange(WRITTEN))
        assert torn(raw) == []
    assert start(site).wait() == 0
    assert torn(raw) == []
    assert content(raw) == clean
