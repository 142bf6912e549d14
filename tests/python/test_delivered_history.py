"""Exports without a history: what successive deliveries of the deals, as far as they are known, tell of changes."""

from __future__ import annotations

import pytest

from conftest import Site

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("delivered")]

# deal, stage, owner, amount, closed at; made on 5 January, seen on the mornings of 2, 9, 16 and 23 March
SHEETS = {
    "2026-03-02": [
        ("moved", "opportunity", "ana", 100, ""),
        ("won", "proposal", "ana", 200, ""),
        ("gone", "demo", "bob", 300, ""),
        ("same", "demo", "bob", 400, ""),
    ],
    "2026-03-09": [
        ("moved", "demo", "ana", 150, ""),
        ("won", "won", "ana", 200, "2026-03-05"),
        ("gone", "proposal", "bob", 350, ""),
        ("same", "demo", "bob", 400, ""),
    ],
    "2026-03-16": [
        ("moved", "demo", "bob", 150, ""),
        ("won", "won", "ana", 220, "2026-03-05"),
        ("same", "demo", "bob", 400, ""),
    ],
}
# what `known_at` has to forget: the morning of 23 March, on which all is different
SHEETS["2026-03-23"] = [("moved", "lost", "bob", 1, "2026-03-17"), ("gone", "demo", "ana", 2, "")]
# HubSpot says when deals are expected to close
DUE = {"2026-03-02": "2026-03-20", "2026-03-09": "2026-03-27", "2026-03-16": "2026-04-30", "2026-03-23": "2026-12-31"}
STAGES = "source_system,source_instance,pipeline,source_stage,source_label,stage\nhubspot,hubspot,default,a,,demo\n"


def drop(site: Site, days: list[str]) -> None:
    site.configure("stage_mapping.csv", STAGES)
    site.drop("sheet/source.yml", "system: custom\n")
    for day in days:
        rows = [
            f"{deal},{stage},{owner},{amount},2026-01-05,{closed}" for deal, stage, owner, amount, closed in SHEETS[day]
        ]
        site.drop(
            f"sheet/deals_{day}.csv",
            "\n".join(["deal_id,stage,owner_id,amount,created_at,closed_at", *rows]) + "\n",
            at=f"{day} 06:00",
        )
        site.drop(
            f"hubspot/deals_{day}.csv",
            "id,dealname,dealstage,pipeline,amount,createdate,closedate,hs_is_closed,hs_is_closed_won\n"
            f"7,Seven,a,default,50,2026-01-05T09:00:00Z,{DUE[day]}T12:00:00Z,false,false\n",
            at=f"{day} 06:00",
        )
    site.drop("sheet/users.csv", "user_id,name,email\nana,Ana,ana@lumio.example\nbob,Bob,bob@lumio.example\n")
    assert site.load().failures == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Three deliveries that are known and one that is not yet, built up to the waterfall, its tests included."""
    made = Site(tmp_path_factory.mktemp("delivered"))
    drop(made, list(SHEETS))
    chosen = ("--select", "+funnel_pipeline_coverage", "+funnel_pipeline_waterfall", "--indirect-selection", "cautious")
    made.dbt("build", "--exclude-resource-type", "unit_test", "--vars", "{known_at: '2026-03-16 12:00'}", *chosen)
    return made


def spells(site: Site, deal: str, columns: str) -> list[tuple[object, ...]]:
    return site.marts(
        f"""
        select cast(from_date as varchar), cast(to_date as varchar), {columns} from marts.fct_pipeline_spells
        where opportunity_id = '{deal}' order by from_date
        """
    )


def test_a_change_is_of_the_last_day_that_the_delivery_which_shows_it_covers(site: Site) -> None:
    assert spells(site, "sheet:moved", "stage, rep_id, cast(amount_local as integer)") == [
        ("2026-01-05", "2026-03-07", "opportunity", "sheet:ana", 100),
        ("2026-03-08", "2026-03-14", "demo", "sheet:ana", 150),
        ("2026-03-15", "2026-03-15", "demo", "sheet:bob", 150),
    ]


def test_a_closing_is_of_the_day_the_source_says(site: Site) -> None:
    assert spells(site, "sheet:won", "status, cast(amount_local as integer)") == [
        ("2026-01-05", "2026-03-04", "open", 200),
        ("2026-03-05", "2026-03-07", "won", 200),
        ("2026-03-08", "2026-03-14", "won", 200),
        ("2026-03-15", "2026-03-15", "won", 220),
    ]


def test_a_won_amount_that_changed_between_deliveries_is_an_amendment(site: Site) -> None:
    assert site.marts(
        """
        select event_type, cast(booking_date as varchar), cast(booking_amount as integer) from marts.fct_bookings
        where opportunity_id = 'sheet:won' order by event_at
        """
    ) == [("win", "2026-03-05", 200), ("amendment", "2026-03-15", 20)]


def test_a_deal_that_is_gone_was_open_until_the_delivery_that_misses_it(site: Site) -> None:
    assert spells(site, "sheet:gone", "stage, rep_id, cast(amount_local as integer)") == [
        ("2026-01-05", "2026-03-07", "demo", "sheet:bob", 300),
        ("2026-03-08", "2026-03-14", "proposal", "sheet:bob", 350),
    ]
    assert site.marts("select count(*) from marts.fct_opportunities where opportunity_id = 'sheet:gone'") == [(0,)]


def test_what_never_changed_is_one_spell(site: Site) -> None:
    assert spells(site, "sheet:same", "stage") == [("2026-01-05", "2026-03-15", "demo")]


def test_an_expected_close_date_that_moves_is_a_push(site: Site) -> None:
    assert spells(site, "hubspot:7", "cast(close_date as varchar)") == [
        ("2026-01-05", "2026-03-07", "2026-03-20"),
        ("2026-03-08", "2026-03-14", "2026-03-27"),
        ("2026-03-15", "2026-03-15", "2026-04-30"),
    ]
    assert site.marts(
        """
        select pushes_count, due_count, pushed_count, slippage_rate from marts.funnel_pipeline_coverage
        where period_grain = 'month' and period_start_date = '2026-03-01' and scope_type = 'company'
        """
    ) == [(2, 1, 1, 1.0)]
