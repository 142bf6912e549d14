"""Exports without a history: what successive deliveries of deals and users, as far as known, tell of changes."""

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
# deals of a rep whom the users of 16 March have in another team
for day, sheet in SHEETS.items():
    won = {"before": day > "2026-03-02" and "2026-03-05", "after": day > "2026-03-09" and "2026-03-15"}
    sheet += [(deal, "won" if at else "demo", "cid", 500, at or "") for deal, at in won.items()]
    sheet.append(("kept", "demo", "cid", 600, ""))
TEAMS = {
    "2026-03-02": ("North", "sdr"),
    "2026-03-16": ("South", "account_executive"),
    "2026-03-23": ("East", "manager"),
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
            "id,dealname,dealstage,pipeline,amount,createdate,closedate,hs_is_closed,hs_is_closed_won,hubspot_owner_id\n"
            f"7,Seven,a,default,50,2026-01-05T09:00:00Z,{DUE[day]}T12:00:00Z,false,false,71\n",
            at=f"{day} 06:00",
        )
    for day, (team, role) in TEAMS.items():
        site.drop(
            f"sheet/users_{day}.csv",
            "user_id,name,email,team,role,manager_id\nana,Ana,ana@lumio.example,North,manager,\n"
            f"bob,Bob,bob@lumio.example,North,sdr,ana\ncid,Cid,cid@lumio.example,{team},{role},ana\n",
            at=f"{day} 06:00",
        )
        site.drop(
            f"hubspot/owners_{day}.csv",
            f"id,email,first_name,last_name,teams\n71,hub@lumio.example,Hub,Spot,{team};Other\n",
            at=f"{day} 06:00",
        )
        site.drop(
            f"salesforce/User_{day}.csv",
            f"Id,Name,Email,Department,Title,ManagerId,IsActive\n0051,Sal,sal@lumio.example,{team},{role},0051,true\n",
            at=f"{day} 06:00",
        )
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


@pytest.mark.parametrize(
    ("rep", "roles", "manager"),
    [
        ("sheet:cid", ("sdr", "account_executive"), "sheet:ana"),
        ("salesforce:0051", ("sdr", "account_executive"), "salesforce:0051"),
        ("hubspot:71", ("unknown", "unknown"), None),
    ],
)
def test_a_rep_was_in_the_team_its_list_had_then(
    site: Site, rep: str, roles: tuple[str, str], manager: str | None
) -> None:
    assert site.marts(
        f"""
        select team_id, role, manager_rep_id, cast(valid_from_date as varchar), cast(valid_to_date as varchar)
        from marts.dim_sales_rep_spells where rep_id = '{rep}' order by valid_to_date
        """
    ) == [("North", roles[0], manager, None, "2026-03-14"), ("South", roles[1], manager, "2026-03-15", None)]


def test_a_reorganisation_leaves_the_days_before_it_as_they_were(site: Site) -> None:
    assert site.marts(
        """
        select booking_date = date '2026-03-15', team_id, cast(sum(booking_amount) as integer) from marts.fct_bookings
        where rep_id = 'sheet:cid' group by all order by all
        """
    ) == [(False, "North", 500), (True, "South", 500)]
    assert dict(
        site.marts("select opportunity_id, team_id from marts.fct_opportunities where owner_rep_id = 'sheet:cid'")
    ) == {
        "sheet:before": "North",
        "sheet:kept": "South",
        "sheet:after": "South",
    }


def test_an_open_deal_goes_with_its_owner_to_another_team(site: Site) -> None:
    assert spells(site, "sheet:kept", "team_id") == [
        ("2026-01-05", "2026-03-14", "North"),
        ("2026-03-15", "2026-03-15", "South"),
    ]
    assert site.marts(
        """
        select scope_id, cast(opening_amount as integer), cast(transferred_in_amount as integer),
            cast(transferred_out_amount as integer), cast(pushed_out_amount as integer)
        from marts.funnel_pipeline_waterfall
        where period_grain = 'month' and period_start_date = '2026-03-01' and scope_type = 'team' order by all
        """
    ) == [("North", 50, 0, -50, 0), ("South", 0, 50, 0, -50)]
