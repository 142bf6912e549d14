"""What must follow when exports change in a known way: relations that hold whatever the true numbers are.

Each team of a random company is an example. A company and what a relation makes of it go through the loader and
through all models up to the KPIs, in memory (`in_memory.py`).
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd
import pytest

from conftest import SHARED, DemoSites, Site
from in_memory import CompiledProject
from random_company import AS_OF, INSTANCE, KEYS, MAPPING, Company, Row, as_csv, deal, moment, random_company, reps_of
from warehouse.settings import PROJECT, reporting_time_zone

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("metamorphic")]

SEED = 20
FOREIGN = "XTS"  # the code that ISO 4217 keeps for tests
MODELS = ("kpi_values", "kpi_components_daily", "funnel_cohorts")
KEY = ["kpi_code", "period_grain", "period_start_date", "scope_type", "scope_id"]
EXPORTED, LATER = "2026-04-01 06:00", "2026-04-01 09:00"

File = tuple[str, str, str]


def is_money(part: str) -> str:
    """An expression: whether a part of a KPI is an amount, by its name; `won_with_amount` is a count."""
    return f"coalesce(kpi_registry.{part} like '%amount' and kpi_registry.{part} not like '%with_amount', false)"


class Figures:
    """What was built of a company."""

    def __init__(self, site: Site, project: CompiledProject) -> None:
        given = project.rules(site.settings.config)
        with project.build(site.settings.raw_file, MODELS, given=given) as connection:
            self.kpis = connection.execute(
                f"select {', '.join(KEY)}, made.numerator, made.denominator, value, aggregation, kpi_registry.unit, "
                f"{is_money('numerator')} as has_money_above, {is_money('denominator')} as has_money_below "
                "from dev.marts.kpi_values as made inner join dev.seeds.kpi_registry using (kpi_code)"
            ).df()
            self.days = connection.execute("select * from dev.marts.kpi_components_daily").df()
            self.cohorts = connection.execute("select * from dev.marts.funnel_cohorts").df()

    def of_teams(self, *codes: str, grains: Iterable[str] = ("month", "quarter")) -> pd.DataFrame:
        """Values of teams, of some KPIs or of all."""
        kept = (self.kpis["scope_type"] == "team") & self.kpis["period_grain"].isin(list(grains))
        return self.kpis[kept & (self.kpis["kpi_code"].isin(codes) if codes else True)]


class Laboratory:
    """Loads and builds companies, by one compilation of the project."""

    def __init__(self, root: Path, project: CompiledProject) -> None:
        self.root = root
        self.project = project
        self.made = 0

    def site(self, *files: File) -> Site:
        self.made += 1
        site = Site(self.root / str(self.made))
        site.configure("stage_mapping.csv", MAPPING)
        rates = (PROJECT / "seeds" / "exchange_rates.csv").read_text(encoding="utf-8")
        months = sorted({line.split(",")[1] for line in rates.splitlines()[1:]})
        site.configure("exchange_rates.csv", rates + "".join(f"{FOREIGN},{month},,0.25\n" for month in months))
        site.drop(f"{INSTANCE}/source.yml", "system: custom\n")
        for name, text, at in files:
            site.drop(f"{INSTANCE}/{name}", text, at=at)
        return site

    def figures(self, company: Company) -> Figures:
        return self.figures_of_files([(f"{name}.csv", text, EXPORTED) for name, text in company.exports().items()])

    def figures_of_files(self, files: list[File]) -> Figures:
        site = self.site(*files)
        report = site.load()
        assert not report.failures, report.failures[:3]
        return Figures(site, self.project)


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory, demo_sites: DemoSites) -> Laboratory:
    project = CompiledProject.of(demo_sites(*SHARED))
    return Laboratory(tmp_path_factory.mktemp("metamorphic"), project)


@pytest.fixture(
    scope="module",
    params=[pytest.param(100, id="100 teams"), pytest.param(1000, id="1000 teams", marks=pytest.mark.proof)],
)
def company(request: pytest.FixtureRequest) -> Company:
    return random_company(SEED, request.param)


@pytest.fixture(scope="module")
def base(company: Company, laboratory: Laboratory) -> Figures:
    figures = laboratory.figures(company)
    values = figures.of_teams()
    # every example says something
    assert values[values["value"].fillna(0) != 0]["scope_id"].nunique() == len(company.tables["users"]) // 2
    return figures


def differing(before: pd.DataFrame, after: pd.DataFrame, factor: float = 1.0) -> pd.DataFrame:
    """Rows whose value, numerator or denominator is not the one before, times a factor where it is money."""
    about = ["aggregation", "unit", "has_money_above", "has_money_below"]
    both = before.merge(after, on=[*KEY, *about], how="outer", suffixes=("", "_after"))
    is_money = {
        "numerator": both["has_money_above"],
        "denominator": both["has_money_below"],
        # money by money is a rate
        "value": both["unit"].isin(["EUR", "EUR_per_day"]),
    }
    amiss = pd.Series(data=False, index=both.index)
    for column, times in is_money.items():
        expected = both[column].astype(float).fillna(0) * times.map({True: factor, False: 1.0})
        amiss |= (expected - both[f"{column}_after"].astype(float).fillna(0)).abs() > 1e-6 * (1 + expected.abs())
    return both[amiss]


def shuffled(rows: list[Row]) -> list[Row]:
    return random.Random(SEED).sample(rows, len(rows))


def relabelled(company: Company) -> Company:
    """Every id another one, in an order of their own."""
    draws = random.Random(SEED)
    tables = company.tables
    for table, key in KEYS.items():
        numbers = draws.sample(range(10**9), len(tables[table]))
        names = {row[key]: f"n{number}" for row, number in zip(tables[table], numbers, strict=True)}
        tables = {
            name: [row | {key: names[row[key]]} if row.get(key) else row for row in rows]
            for name, rows in tables.items()
        }
    return Company(tables)


def with_owners_swapped(company: Company) -> Company:
    """Each of a team with the work of the other."""
    other = {
        rep: reps_of(int(rep[1:-1]))[rep.endswith("a")] for rep in (row["user_id"] for row in company.tables["users"])
    }
    return company.with_rows(
        **{
            name: [row | {"owner_id": other[row["owner_id"]]} for row in company.tables[name]]
            for name in ("leads", "deals", "activities")
        }
    )


def with_future(company: Company) -> Company:
    """More of everything, after the as-of date."""
    draws = random.Random(SEED)
    leads, deals, activities = [], [], []
    for team in range(len(company.tables["users"]) // 2):
        made, *others = sorted(moment(draws, AS_OF + dt.timedelta(1), AS_OF + dt.timedelta(60)) for _ in range(3))
        owner = draws.choice(reps_of(team))
        leads.append(
            {"lead_id": f"l{team}-future", "created_at": made, "email": f"f@t{team}.example", "owner_id": owner}
        )
        deals.append(deal(team, "future", made, "won", others[0], 99_900, owner))
        activities.append(
            {
                "activity_id": f"x{team}-future",
                "type": "call",
                "occurred_at": made,
                "owner_id": owner,
                "direction": "outbound",
            }
        )
    return company.with_more(leads=leads, deals=deals, activities=activities)


def in_foreign_money(company: Company) -> Company:
    return company.with_rows(
        deals=[
            row | {"currency": FOREIGN, "amount": f"{4 * float(row['amount']):.2f}"} for row in company.tables["deals"]
        ]
    )


def times_eight(company: Company) -> Company:
    return company.with_rows(
        deals=[row | {"amount": f"{8 * float(row['amount']):.2f}"} for row in company.tables["deals"]]
    )


def in_another_order(company: Company) -> Company:
    return Company({name: shuffled(rows) for name, rows in company.tables.items()})


NEUTRAL = (in_another_order, relabelled, with_owners_swapped, with_future, in_foreign_money)


def all_at_once(company: Company) -> Company:
    """Every change that may not be seen, for a quick look; one by one they are in the proof."""
    for change in NEUTRAL:
        company = change(company)
    return company


@pytest.mark.parametrize(
    ("change", "factor"),
    [
        (all_at_once, 1),
        (times_eight, 8),
        *(pytest.param(change, 1, marks=pytest.mark.proof) for change in NEUTRAL),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_figures_of_teams_are_the_same(
    company: Company, base: Figures, laboratory: Laboratory, change: Callable[[Company], Company], factor: float
) -> None:
    after = laboratory.figures(change(company))
    amiss = differing(base.of_teams(), after.of_teams(), factor)
    assert amiss.empty, amiss.head(20).to_string()


@pytest.mark.parametrize("way", [pytest.param("delivered twice", marks=pytest.mark.proof), "delivered in parts"])
def test_deliveries_change_nothing(company: Company, base: Figures, laboratory: Laboratory, way: str) -> None:
    files: list[File] = []
    for name, rows in company.tables.items():
        if way == "delivered twice":
            # not the same bytes, or they would be known
            files += [(f"{name}.csv", as_csv(rows), EXPORTED), (f"{name}_again.csv", as_csv(shuffled(rows)), LATER)]
        else:
            files += [(f"{name}_{part}.csv", as_csv(rows[part::3]), EXPORTED) for part in range(3)]
    amiss = differing(base.of_teams(), laboratory.figures_of_files(files).of_teams())
    assert amiss.empty, amiss.head(20).to_string()


def with_one_deal_each(company: Company, status: str) -> tuple[Company, pd.DataFrame]:
    """One deal more for each team, of a customer of its own; and its month and amount by team."""
    draws = random.Random(SEED)
    rows, told = [], []
    for team in range(len(company.tables["users"]) // 2):
        closed = moment(draws, dt.date(2025, 2, 1))
        amount = draws.randrange(100, 500_000)
        rows.append(
            deal(
                team, "more", closed - dt.timedelta(days=20), status, closed if status != "open" else None, amount,
                draws.choice(reps_of(team)),
            )
        )  # fmt: skip
        # the last hour of a month in UTC is the first of the next one in Paris
        here = pd.Timestamp(closed).tz_localize("UTC").tz_convert(reporting_time_zone())
        told.append({"scope_id": f"t{team}", "month": pd.Timestamp(here.year, here.month, 1), "more": amount / 100})
    return company.with_more(deals=rows), pd.DataFrame(told)


def test_an_open_deal_more_is_neutral_to_what_was_won(company: Company, base: Figures, laboratory: Laboratory) -> None:
    codes = (
        "win_rate",
        "bookings_amount",
        "average_deal_size",
        "sales_cycle_days",
        "new_customers",
        "expansion_amount",
    )
    after = laboratory.figures(with_one_deal_each(company, "open")[0])
    amiss = differing(base.of_teams(*codes), after.of_teams(*codes))
    assert amiss.empty, amiss.head(20).to_string()


def test_a_lost_deal_more_raises_no_win_rate_and_no_bookings(
    company: Company, base: Figures, laboratory: Laboratory
) -> None:
    company_after, more = with_one_deal_each(company, "lost")
    after = laboratory.figures(company_after)
    amiss = differing(base.of_teams("bookings_amount"), after.of_teams("bookings_amount"))
    assert amiss.empty, amiss.head(20).to_string()
    rates = base.of_teams("win_rate", grains=["month"]).merge(
        after.of_teams("win_rate", grains=["month"]), on=KEY, how="outer", suffixes=("", "_after")
    ).merge(more, on="scope_id")  # fmt: skip
    its = rates["period_start_date"] == rates["month"]
    assert its.sum() == len(more)
    assert (rates[its]["value_after"] <= rates[its]["value"].fillna(0)).all()
    assert (rates[its]["denominator_after"] == rates[its]["denominator"].fillna(0) + 1).all()
    assert differing(base.of_teams("win_rate"), after.of_teams("win_rate")).merge(more, on="scope_id").query(
        "period_grain == 'month' and period_start_date != month"
    ).empty  # fmt: skip


def test_a_won_deal_more_is_its_amount_more_in_its_month(
    company: Company, base: Figures, laboratory: Laboratory
) -> None:
    company_after, more = with_one_deal_each(company, "won")
    amounts = base.of_teams("bookings_amount", grains=["month"]).merge(
        laboratory.figures(company_after).of_teams("bookings_amount", grains=["month"]),
        on=KEY, how="outer", suffixes=("", "_after"),
    ).merge(more, on="scope_id")  # fmt: skip
    expected = amounts["value"].fillna(0) + amounts["more"].where(amounts["period_start_date"] == amounts["month"], 0)
    assert (amounts["period_start_date"] == amounts["month"]).sum() == len(more)
    assert (amounts["value_after"].fillna(0) - expected).abs().max() < 0.005


def test_parts_add_up_to_the_whole(base: Figures) -> None:
    sums = base.kpis[
        base.kpis["aggregation"].isin(["sum", "ratio"]) & ~base.kpis["kpi_code"].str.startswith("pipeline")
    ]
    for column in ("numerator", "denominator"):
        by_scope = sums[[*KEY, column]].dropna().groupby(
            ["kpi_code", "period_grain", "period_start_date", "scope_type"]
        )[column].sum().unstack("scope_type")  # fmt: skip
        assert len(by_scope) > 1_000
        # a team is its reps, and the company its teams
        for scope_type in ("team", "rep", "segment", "channel", "product"):
            parts = by_scope.dropna(subset=[scope_type])
            amiss = parts[(parts[scope_type] - parts["company"]).abs() > 0.005]
            assert amiss.empty, amiss.head(10).to_string()


def test_a_quarter_is_its_months_and_a_month_its_days(base: Figures) -> None:
    sums = base.of_teams()[base.of_teams()["aggregation"] == "sum"].copy()
    quarter = sums["period_start_date"].dt.to_period("Q").dt.start_time
    by_quarter = sums[sums["period_grain"] == "month"].groupby(
        ["kpi_code", quarter.rename("quarter"), "scope_id"]
    )["value"].sum()  # fmt: skip
    quarters = sums[sums["period_grain"] == "quarter"].set_index(["kpi_code", "period_start_date", "scope_id"])["value"]
    joined = quarters.to_frame("quarter").join(by_quarter.rename("months").rename_axis(quarters.index.names))
    assert len(joined) > 500
    assert (joined["quarter"] - joined["months"].fillna(0)).abs().max() < 0.005
    days = base.days[base.days["scope_type"] == "team"]
    by_month = days.groupby(
        ["component_code", days["component_date"].dt.to_period("M").dt.start_time.rename("month"), "scope_id"]
    )["component_value"].sum()  # fmt: skip
    months = sums[sums["period_grain"] == "month"]
    bookings = months[months["kpi_code"] == "bookings_amount"].set_index(["period_start_date", "scope_id"])["value"]
    told = by_month.loc["bookings_amount"].reindex(bookings.index.set_names(["month", "scope_id"])).fillna(0)
    assert (bookings.to_numpy() - told.to_numpy()).max() < 0.005


def test_counts_never_rise_down_the_funnel_and_steps_multiply(base: Figures) -> None:
    stages = ["lead", "mql", "sql", "opportunity", "demo", "proposal", "won"]
    cohorts = base.cohorts[base.cohorts["scope_type"] == "team"].copy()
    cohorts["position"] = cohorts["stage"].map(stages.index)
    cohorts = cohorts.sort_values("position")
    keys = ["cohort_stage", "period_grain", "period_start_date", "scope_id", "counting"]
    groups = cohorts.groupby(keys)
    assert len(groups) > 500
    assert (groups["reached_count"].diff().fillna(0) <= 0).all()
    product = cohorts["step_rate"].astype(float).fillna(1).groupby([cohorts[key] for key in keys]).cumprod()
    known = cohorts["cumulative_rate"].notna() & cohorts["step_rate"].notna()
    assert (product[known] - cohorts["cumulative_rate"][known].astype(float)).abs().max() < 1e-9
