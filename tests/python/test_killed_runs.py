"""A run killed at any moment, under readers, leaves the publication before or the new one; the next ends as if alone.

The pipeline is that of `test_failed_runs`: all of it but dbt, the gates and the pages, which are small there.
PostgreSQL has kills of its own (`test_publishing_postgres`).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conftest import Site
from test_failed_runs import companies as companies
from test_failed_runs import go, marts_of, shrink
from warehouse.settings import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("killed runs")]

RUN = (
    "import sys; from pathlib import Path; import pytest; from conftest import Site; "
    "from test_failed_runs import go, shrink; shrink(pytest.MonkeyPatch()); "
    "site = Site(Path(sys.argv[1])); print('begun', flush=True); go(site)"
)
# owners of yesterday's exports, and the forecasts kept by then; the same of today's
YESTERDAY, TODAY = (3, 1), (5, 2)


def begin(site: Site) -> subprocess.Popen[str]:
    """A run in a process of its own, on its way."""
    folders = os.pathsep.join(str(PROJECT / each) for each in ("scripts", "tests/python"))
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(site.root)],
        env={**os.environ, "PYTHONPATH": folders},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "begun\n"
    return process


@contextmanager
def reading(site: Site) -> Iterator[list[Any]]:
    """Reads what is published over and over; what was read, errors among it."""
    seen: list[Any] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            try:
                with duckdb.connect(str(site.settings.publish / "current" / "marts.duckdb"), read_only=True) as marts:
                    seen.append(
                        marts.execute(
                            "select (select value from kpi_values), (select count(*) from forecast_snapshots)"
                        ).fetchone()
                    )
            except duckdb.Error as error:
                seen.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield seen
    finally:
        ended.set()
        reader.join()


@pytest.fixture(scope="module")
def seconds(companies: tuple[Site, dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long a run takes that nobody kills."""
    site = Site(tmp_path_factory.mktemp("whole") / "site")
    shutil.copytree(companies[0].root, site.root, symlinks=True)
    process, begun = begin(site), time.monotonic()
    assert process.wait() == 0
    return time.monotonic() - begun


@pytest.mark.parametrize(
    ("kills", "seed"), [(4, 0), *(pytest.param(16, seed, marks=pytest.mark.proof) for seed in range(1, 11))]
)
def test_a_run_killed_at_any_moment_leaves_a_whole_publication_and_the_next_ends_as_if_alone(
    companies: tuple[Site, dict[str, Any]],
    seconds: float,
    kills: int,
    seed: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, alone = companies
    before = marts_of(begun)["published"]
    rng = random.Random(seed)
    killed = 0
    shrink(monkeypatch)
    for number in range(kills):
        site = Site(tmp_path / str(number))
        shutil.copytree(begun.root, site.root, symlinks=True)
        with reading(site) as seen:
            process = begin(site)
            time.sleep(rng.uniform(0, seconds))
            # its readers and the run itself share a machine: some are through before they are killed
            if process.poll() is None:
                killed += 1
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert set(seen) <= {YESTERDAY, TODAY}
        assert marts_of(site)["published"] in (before, alone["published"])
        go(site)
        assert marts_of(site) == alone
        assert [path.name for path in site.settings.publish.glob(".writing-*")] == []
        shutil.rmtree(site.root)
    assert killed >= kills / 2
