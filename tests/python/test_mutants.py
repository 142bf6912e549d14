"""A wrong sign, comparison, join or default in the SQL of a mart makes a unit test fail: mutants, nearly all killed.

Which of them live on, and why, is in `surviving_mutants.csv`: those no data can tell from the model, which do not
count, and those no unit test is worth.
"""

from __future__ import annotations

import csv
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from conftest import SHARED, DemoSites, Site
from mutants import Mutant, UnitTest, mutants, survives, unit_tests

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("mutants")]

SAMPLE = 600
KILLED = 0.95

COMPILED = """
with dbt_internal_unit_test_actual as (
  select
    "rep_id","rate", 'actual' as "actual_or_expected"
  from (
    with

 __dbt__cte__deals as (

-- Fixture for deals
select cast('r' as varchar) as "rep_id", cast(3 as bigint) as "won", cast(4 as bigint) as "closed"
union all
select cast('none' as varchar) as "rep_id", cast(0 as bigint) as "won", cast(0 as bigint) as "closed"
), final as (

    select rep_id, won * sign(closed) / nullif(closed, 0) as rate
    from __dbt__cte__deals
    where closed > 0 or rep_id <> 'x'

)

select * from final
  ) _dbt_internal_unit_test_actual
),
dbt_internal_unit_test_expected as (
  select
    "rep_id", "rate", 'expected' as "actual_or_expected"
  from (
    select cast('r' as varchar) as "rep_id", cast(0.75 as double) as "rate"
union all
select cast('none' as varchar) as "rep_id", cast(null as double) as "rate"
  ) _dbt_internal_unit_test_expected
)
select * from dbt_internal_unit_test_actual
union all
select * from dbt_internal_unit_test_expected
"""

Tests = dict[str, list[UnitTest]]
Key = tuple[str, str, str, str]


@pytest.fixture(scope="module")
def tests(demo_sites: DemoSites, tmp_path_factory: pytest.TempPathFactory) -> Tests:
    """Unit tests by model, of all marts; only the models of dashboards, and alerts, choose and write sentences."""
    site = Site(tmp_path_factory.mktemp("mutants"))
    shutil.copytree(demo_sites(*SHARED).settings.warehouse, site.settings.warehouse)
    # all of the project, here and nowhere else: they say the same whatever company was built
    site.dbt("test", "--select", "test_type:unit", into="unit_tests")
    compiled = unit_tests(site.root / "unit_tests", "marts/*")
    return {
        model: of_model for model, of_model in compiled.items() if not model.startswith(("dashboard_", "kpi_alerts"))
    }


def key_of(mutant: Mutant) -> Key:
    return mutant.model, mutant.cte, mutant.kind, mutant.original[:120]


def known_survivors() -> list[dict[str, str]]:
    with Path(__file__).with_name("surviving_mutants.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def counted(tests: Tests) -> list[Mutant]:
    """All mutants but those that are the model itself in other words."""
    same = {
        (row["model"], row["cte"], row["kind"], row["original"])
        for row in known_survivors()
        if row["is_equivalent"] == "true"
    }
    found = [mutant for model, of_model in tests.items() for mutant in mutants(model, of_model)]
    return [mutant for mutant in found if key_of(mutant) not in same]


def assert_killed(chosen: Sequence[Mutant], tests: Tests) -> None:
    alive = [mutant for mutant in chosen if survives(mutant, tests[mutant.model])]
    share = 1 - len(alive) / len(chosen)
    assert share >= KILLED, (f"{share:.1%} of {len(chosen)} mutants are killed; not", *alive)


def test_a_changed_sign_is_killed_and_a_change_that_changes_nothing_is_not() -> None:
    test = UnitTest(COMPILED)
    assert test.passes()
    lives = {mutant.kind: survives(mutant, [test]) for mutant in mutants("rates", [test])}
    assert lives == {
        "over is times": False,
        "nought divides": False,
        "or is and": False,
        "unequal is equal": False,
        # a sign divides as it multiplies, and who has closed nothing is there by name
        "times is over": True,
        "more is at least": True,
    }


def test_every_unit_test_passes_where_nothing_is_changed(tests: Tests) -> None:
    assert len(tests) > 50
    assert not [model for model, of_model in tests.items() if not all(test.passes() for test in of_model)]


def test_of_a_sample_of_mutants_nearly_all_are_killed(tests: Tests) -> None:
    assert_killed(random.Random(0).sample(counted(tests), SAMPLE), tests)


def test_what_is_known_to_live_on_still_does(tests: Tests) -> None:
    """A row of `surviving_mutants.csv` that a test has killed since, or that no expression is left for, has to go."""
    assert all(row["reason"] for row in known_survivors())
    known = {(row["model"], row["cte"], row["kind"], row["original"]) for row in known_survivors()}
    alive = {
        key_of(mutant)
        for model in {model for model, *_ in known}
        for mutant in mutants(model, tests[model])
        if key_of(mutant) in known and survives(mutant, tests[model])
    }
    assert alive == known


@pytest.mark.proof
def test_of_all_mutants_nearly_all_are_killed(tests: Tests) -> None:
    assert_killed(counted(tests), tests)
