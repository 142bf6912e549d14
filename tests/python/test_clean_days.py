"""A company whose exports have nothing wrong raises no alarm, day after day."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil

import pytest

from conftest import Site
from warehouse.building import Clocks
from warehouse.demo import simulation
from warehouse.demo.exports import write_exports
from warehouse.demo.moment import cut
from warehouse.demo.records import Company
from warehouse.expectations.gates import Gates

FIRST = dt.date(2026, 5, 1)
ALLOWED = 1  # in a hundred days


@pytest.mark.proof
@pytest.mark.parametrize("seed", [7])
def test_the_raw_gate_raises_at_most_one_false_alarm_in_a_hundred_clean_days(
    seed: int, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the story of the whole year is told once, and cut at each of its days
    whole: Company
    with monkeypatch.context() as patched:
        patched.setattr(simulation, "cut", lambda company: company)
        whole = simulation.simulate(seed, 0.3, dt.date(FIRST.year, 12, 31))
    alarms = set()
    for day in (FIRST + dt.timedelta(days=number) for number in range(100)):
        shutil.rmtree(site.settings.extracts, ignore_errors=True)
        company = cut(dataclasses.replace(whole, story=dataclasses.replace(whole.story, until=day)))
        write_exports(company, site.settings.extracts)
        assert not site.load().failures
        run = Gates(site.settings, f"{day}", Clocks(checked_at=f"{day} 06:00:00")).raw()
        alarms |= {failed.check.name for failed in run.failed}
    assert len(alarms) <= ALLOWED, sorted(alarms)
