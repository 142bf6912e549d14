"""Faults in the exports are stopped, or marked on exactly the KPIs they touch; none is shown as trusted."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import DemoSites
from faults import DAY, EARLIER, SCALE, SEED, Company, Judged, catalogue
from in_memory import CompiledProject

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group(f"truth {SEED}")]

SOME = {
    "hubspot_fr: half of the deals": "stopped",
    "hubspot_fr: a renamed stage": "marked",
    "stripe: charges in euros instead of cents": "marked",
}


def company(sites: DemoSites, root: Path, many: int) -> Company:
    """The company after so many deliveries."""
    built = sites(SEED, SCALE, f"{DAY}")
    return Company(root, CompiledProject.of(built), EARLIER[-many:])


@pytest.fixture(scope="module")
def judged(demo_sites: DemoSites, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    young = company(demo_sites, tmp_path_factory.mktemp("young"), 1)
    assert [each.line for each in young.clean if not each.passed] == []
    return {fault.name: young.bring(fault) for fault in catalogue() if fault.name in SOME}


@pytest.mark.proof
@pytest.mark.parametrize("name", SOME)
def test_a_fault_is_stopped_or_marked_where_it_is(judged: dict[str, Judged], name: str) -> None:
    found = judged[name]
    assert (found.outcome, found.is_caught) == (SOME[name], True), found


@pytest.mark.proof
def test_amounts_of_another_size_are_not_to_be_trusted_and_say_where(judged: dict[str, Judged]) -> None:
    told = judged["stripe: charges in euros instead of cents"].told
    assert "Amounts are of another size than in the export before: payments (stripe)" in told


def test_the_catalogue_has_at_least_forty_kinds_of_every_system_of_the_company() -> None:
    faults = catalogue()
    assert len(faults) >= 40
    assert {fault.instance for fault in faults} == {
        *("hubspot_fr", "salesforce_uk", "stripe", "comptabilite"),
        *("google_ads", "linkedin_ads", "pilotage", "prospection"),
    }


@pytest.mark.proof
def test_nearly_all_faults_are_caught_and_none_is_shown_as_trusted(demo_sites: DemoSites, tmp_path: Path) -> None:
    old = company(demo_sites, tmp_path, len(EARLIER))
    found = [old.bring(fault) for fault in catalogue()]
    touching = [each for each in found if each.fault.kpis]
    assert sum(each.is_caught for each in touching) >= 0.95 * len(touching)
    assert [each.fault.name for each in found if each.is_shown and each.trusted] == []
