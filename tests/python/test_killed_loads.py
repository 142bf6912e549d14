"""A load killed at any moment leaves each file loaded or not, and the next one ends where a clean one does."""

from __future__ import annotations

import random
import signal
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


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[object, ...], float]:
    """What a load without a kill stores, and how long it takes."""
    site = Site(tmp_path_factory.mktemp("clean"))
    write_exports(site)
    before = time.monotonic()
    assert start(site).wait() == 0
    return content(site.settings.raw_file), time.monotonic() - before


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.proof) for seed in range(3, 19))])
def test_a_killed_load_is_taken_up_where_it_was(site: Site, clean: tuple[tuple[object, ...], float], seed: int) -> None:
    write_exports(site)
    moments = random.Random(seed)
    for _ in range(KILLS):
        process = start(site)
        time.sleep(moments.uniform(0, clean[1]))
        process.send_signal(signal.SIGKILL)
        process.wait()
        if site.settings.raw_file.exists():
            assert torn(site.settings.raw_file) == []
    assert start(site).wait() == 0
    assert torn(site.settings.raw_file) == []
    assert content(site.settings.raw_file) == clean[0]
