"""The demo company from a seed: simulate it, write its exports, its business seeds and its true KPIs."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd

from warehouse.demo.activities import make_activities
from warehouse.demo.billing import make_billing, standing_wins
from warehouse.demo.company import PARIS, Story, hire_reps, utc_to_date
from warehouse.demo.config import write_config
from warehouse.demo.conversion import convert_leads
from warehouse.demo.deals import make_deals
from warehouse.demo.exports import write_exports
from warehouse.demo.moment import cut
from warehouse.demo.people import make_population
from warehouse.demo.records import Company
from warehouse.demo.spending import make_spending, to_euro_cents
from warehouse.demo.truth import MONEY, Truth, true_values
from warehouse.demo.world import make_world
from warehouse.loading import DEMO_MARKER
from warehouse.settings import PROJECT, Settings


def simulate(seed: int, scale: float, until: dt.date) -> Company:
    """The company of a seed on a day; scale 1 is 3,000 leads a year.

    The same seed and scale tell the same story throughout a calendar year: the company of a later day is the same
    one, further on.
    """
    story = Story(seed, scale, until)
    rng = np.random.default_rng(seed)
    reps = hire_reps(rng, story)
    population = make_population(rng, story, reps)
    deals = make_deals(rng, story, reps, population)
    records = convert_leads(population, deals)
    activities = make_activities(rng, np.random.default_rng([seed, 1]), reps, population, records, deals)
    billing = make_billing(rng, story, population, deals)
    wins = standing_wins(deals)
    signed = utc_to_date(wins["signed_at"])
    month = signed.dt.to_period("M").dt.start_time
    booked = to_euro_cents(wins["won_cents"], wins["currency"], signed).groupby(month).sum()
    spending = make_spending(rng, story, reps, billing, booked)
    return cut(Company(story, reps, population, records, deals, activities, billing, spending))


def truth_of(company: Company, *, observable: bool) -> Truth:
    """True values of a company: as it is, or as its exports of the day can tell."""
    world = make_world(
        *(company.story, company.reps, company.population, company.records, company.deals),
        *(company.activities, company.billing, company.spending),
        observable=observable,
    )
    return true_values(world)


def write_demo(company: Company, out: Path, seeds: Path) -> None:
    """`extracts/` and `config/` below `out`; `seeds` holds the defaults that the config extends."""
    write_exports(company, out / "extracts")
    (out / "extracts" / DEMO_MARKER).write_text("The exports here are the demo company's.\n", encoding="utf-8")
    write_config(company, out / "config", seeds)


def write_truth(company: Company, out: Path, *, observable_only: bool = False) -> None:
    """`truth/` below `out`: true values as the company is (`complete`) and as its exports can tell (`observable`).

    Each of the two takes several times as long as the company and its exports.
    """
    for name in ("observable",) if observable_only else ("complete", "observable"):
        _write_values(truth_of(company, observable=name == "observable"), out / "truth" / name)
    # what no export tells: how good each rep truly is
    company.reps[["rep_id", "role", "skill"]].to_csv(out / "truth" / "rep_skills.csv", index=False)


def _write_values(truth: Truth, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    names = {"grain": "period_grain", "start": "period_start_date"}
    components = truth.components.rename(columns={"component": "component_code", **names})
    money = components["component_code"].isin(MONEY)
    components["value"] = components["value"] / np.where(money, 100, 1)
    _write(components[["component_code", *KEYS, "value"]], out / "components.csv")
    kpis = truth.kpis.rename(columns=names)
    _write(kpis[["kpi_code", *KEYS, "numerator", "denominator", "value"]], out / "kpi_values.csv")
    funnel = truth.funnel.rename(
        columns={
            **names,
            "first": "from_stage",
            "last": "to_stage",
            "entrants": "entrants_count",
            "converted": "converted_count",
            "to_date": "converted_to_date_count",
        }
    )
    counts = ["entrants_count", "converted_count", "converted_to_date_count"]
    _write(funnel[["from_stage", "to_stage", "counting", *KEYS, *counts]], out / "funnel_conversion.csv")
    cohorts = truth.cohorts.rename(columns={**names, "reached": "reached_count", "without_lead": "without_lead_count"})
    came = ["cohort_stage", "stage", "counting", *KEYS, "reached_count", "without_lead_count"]
    _write(cohorts[came], out / "funnel_cohorts.csv")
    pipeline = truth.pipeline.rename(columns=names)
    amounts = [column for column in pipeline.columns if column.endswith("_amount")]
    pipeline[amounts] = pipeline[amounts] / 100
    counts = [column for column in pipeline.columns if column.endswith("_count")]
    _write(pipeline[[*KEYS, *amounts, *counts]], out / "funnel_pipeline.csv")


def stand_in(settings: Settings) -> Settings:
    """Settings of the demo company, its exports of today made where they are not there yet."""
    folder = PROJECT / "demo"
    today = dt.datetime.now(PARIS).date()
    stamp = folder / "until"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != str(today):
        print("no exports: making those of the demo company")
        write_demo(simulate(1, 1.0, today), folder, PROJECT / "seeds")
        stamp.write_text(str(today), encoding="utf-8")
    return dataclasses.replace(settings, extracts=folder / "extracts", config=folder / "config")


KEYS = ["period_grain", "period_start_date", "scope_type", "scope_id"]


def _write(frame: pd.DataFrame, path: Path) -> None:
    ordered = frame.assign(period_start_date=frame["period_start_date"].dt.strftime("%Y-%m-%d"))
    ordered.sort_values(list(ordered.columns[:6]), kind="stable").to_csv(path, index=False)
