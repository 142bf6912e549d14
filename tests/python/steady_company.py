"""A company made by chance alone, in which nothing changes, and changes to put into it.

It has the demo company's season, weekdays, growth, steps and deal sizes, and beyond the demo's plain chance what real
ones have: months that go better or worse for everybody and for a team or a channel, lasting a while (autocorrelated),
and days that vary more than Poisson's law allows. The parameters were written down before anything was tuned on them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from warehouse.demo.business_time import french_holidays
from warehouse.demo.company import MONTH_WEIGHTS, WEEKDAY_WEIGHTS

START, AS_OF = dt.date(2021, 1, 1), dt.date(2026, 12, 31)
TEAMS = ("SDR North", "SDR South", "AE North", "AE South")
REPS_PER_TEAM = 3
CHANNELS = {
    "organic_search": 0.28,
    "paid_search": 0.25,
    "paid_social": 0.12,
    "referral": 0.15,
    "event": 0.12,
    "outbound": 0.08,
}
SEGMENTS = {"small": 0.55, "mid_market": 0.33, "enterprise": 0.12}
PRODUCTS = {"Essential": 0.5, "Pro": 0.35, "Enterprise": 0.15}
PRODUCT_FACTOR = {"Essential": 0.6, "Pro": 1.1, "Enterprise": 2.1}
GROWTH = 2.0
# standard deviation and month-to-month correlation of the common, the team's and the channel's good and bad months
COMMON, TEAM, CHANNEL, PERSISTENCE = 0.04, 0.04, 0.05, 0.5
# variance of a day's count over its mean is 1 + mean * this
OVERDISPERSION = 0.02
DAILY = {"calls_made": 23.0, "emails_sent": 20.0, "meetings_booked": 3.4}
HELD = 0.83
LEADS_A_DAY = 10.0
TO_MQL, TO_OPPORTUNITY, TO_DEMO, TO_PROPOSAL, TO_WON = 0.49, 0.135, 0.78, 0.68, 0.53
DEAL_AMOUNT, DEAL_SPREAD = 8_000.0, 0.85


@dataclass(frozen=True)
class Change:
    """From the first of a month on, something is this many times what it was where column = member.

    What: calls_made, emails_sent, meetings_booked, leads, to_mql, to_demo, to_proposal, to_won or deal_size.
    """

    what: str
    factor: float
    column: str
    member: str
    since: pd.Timestamp


def steady_components(seed: int, scale: float, change: Change | None = None) -> pd.DataFrame:
    """Components by day of a company; scale 1 is of the demo company's size."""
    rng = np.random.default_rng([seed, 20_260])
    days = pd.date_range(START, AS_OF, freq="D")
    weight = _day_weights(days)
    months = days.to_period("M")
    count = months.nunique()
    moods = {name: _moods(rng, count, TEAM) for name in TEAMS} | {
        name: _moods(rng, count, CHANNEL) for name in CHANNELS
    }
    common = _moods(rng, count, COMMON)
    month = (months.year - START.year) * 12 + months.month - 1
    frames = [
        *_activities(rng, days, weight * common[month], month, moods, scale, change),
        *_funnel(rng, days, weight * common[month], month, moods, scale, change),
    ]
    columns = ["component_code", "component_date", "rep_id", "team_id", "segment", "channel", "product"]
    everything = pd.concat(frames, ignore_index=True)
    everything = everything[everything["component_date"] <= pd.Timestamp(AS_OF)]
    summed = everything.groupby(columns, dropna=False, as_index=False)["component_value"].sum()
    summed["component_date"] = summed["component_date"].dt.date
    return summed


def _day_weights(days: pd.DatetimeIndex) -> npt.NDArray[np.float64]:
    holidays = pd.DatetimeIndex([day for year in range(START.year, AS_OF.year + 1) for day in french_holidays(year)])
    weekdays = np.where(days.isin(holidays), 0.05, np.array(WEEKDAY_WEIGHTS)[days.day_of_week])
    weights: npt.NDArray[np.float64] = (
        np.linspace(1.0, GROWTH, len(days)) * np.array(MONTH_WEIGHTS)[days.month - 1] * weekdays
    )
    return weights / weights.mean()


def _moods(rng: np.random.Generator, count: int, spread: float) -> npt.NDArray[np.float64]:
    steps = rng.normal(0.0, spread * np.sqrt(1 - PERSISTENCE**2), count)
    mood = np.zeros(count)
    mood[0] = rng.normal(0.0, spread)
    for position in range(1, count):
        mood[position] = PERSISTENCE * mood[position - 1] + steps[position]
    return np.exp(mood)


def _counts(rng: np.random.Generator, mean: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    shape = 1 / OVERDISPERSION
    drawn: npt.NDArray[np.int64] = rng.poisson(rng.gamma(shape, mean / shape))
    return drawn


def _factor(change: Change | None, what: str, frame: pd.DataFrame) -> npt.NDArray[np.float64]:
    if change is None or change.what != what:
        return np.ones(len(frame))
    here = (frame[change.column] == change.member) if change.column else pd.Series(True, index=frame.index)
    return np.where(here & (frame["component_date"] >= change.since), change.factor, 1.0)


def _reps(team: str) -> list[str]:
    return [f"{team} {number}" for number in range(1, REPS_PER_TEAM + 1)]


def _activities(
    rng: np.random.Generator,
    days: pd.DatetimeIndex,
    weight: npt.NDArray[np.float64],
    month: npt.NDArray[np.int64],
    moods: dict[str, npt.NDArray[np.float64]],
    scale: float,
    change: Change | None,
) -> list[pd.DataFrame]:
    frames = []
    for code, daily in DAILY.items():
        teams = TEAMS if code == "meetings_booked" else TEAMS[:2]
        for team in teams:
            for rep in _reps(team):
                frame = pd.DataFrame({"component_date": days, "rep_id": rep, "team_id": team, "component_code": code})
                mean = daily * scale / (len(teams) * REPS_PER_TEAM) * weight * moods[team][month]
                frame["component_value"] = _counts(rng, mean * _factor(change, code, frame))
                frames.append(frame)
                if code == "meetings_booked":
                    held = frame.assign(
                        component_code="meetings_held", component_value=rng.binomial(frame["component_value"], HELD)
                    )
                    held["component_date"] += pd.to_timedelta(rng.integers(1, 15, len(held)), unit="D")
                    frames.append(held)
    return frames


def _funnel(
    rng: np.random.Generator,
    days: pd.DatetimeIndex,
    weight: npt.NDArray[np.float64],
    month: npt.NDArray[np.int64],
    moods: dict[str, npt.NDArray[np.float64]],
    scale: float,
    change: Change | None,
) -> list[pd.DataFrame]:
    grid = []
    for channel, share in CHANNELS.items():
        frame = pd.DataFrame({"component_date": days, "channel": channel})
        mean = LEADS_A_DAY * scale * share * weight * moods[channel][month]
        drawn = _counts(rng, mean * _factor(change, "leads", frame))
        grid.append(frame.loc[frame.index.repeat(drawn)])
    leads = pd.concat(grid, ignore_index=True)
    size = len(leads)
    leads["segment"] = rng.choice(list(SEGMENTS), size, p=list(SEGMENTS.values()))
    leads["product"] = rng.choice(list(PRODUCTS), size, p=list(PRODUCTS.values()))
    leads["sdr_team"] = rng.choice(TEAMS[:2], size)
    leads["ae_team"] = rng.choice(TEAMS[2:], size)
    number = rng.integers(1, REPS_PER_TEAM + 1, size).astype(str)
    leads["sdr"], leads["ae"] = leads["sdr_team"] + " " + number, leads["ae_team"] + " " + number
    sdr = leads.rename(columns={"sdr_team": "team_id", "sdr": "rep_id"})
    ae = leads.rename(columns={"ae_team": "team_id", "ae": "rep_id"})
    mql = rng.random(size) < TO_MQL * _factor(change, "to_mql", sdr)
    frames = _components(
        sdr, ["new_contacts", "leads_contacted", "lead_to_mql_entrants", "lead_to_opportunity_entrants"]
    )
    frames += _components(sdr[mql], ["lead_to_mql_converted"])
    opened = rng.random(size) < TO_OPPORTUNITY
    frames += _components(sdr[opened], ["lead_to_opportunity_converted"])
    deals = ae[opened].reset_index(drop=True)
    deals["component_date"] += _lag(rng, 2.6, 0.6, len(deals))
    frames += _components(deals, ["opportunities_created", "opportunity_to_demo_entrants"])
    demo = rng.random(len(deals)) < TO_DEMO * _factor(change, "to_demo", deals)
    frames += _components(deals[demo], ["opportunity_to_demo_converted"])
    demos = deals[demo].reset_index(drop=True)
    demos["component_date"] += _lag(rng, 2.0, 0.5, len(demos))
    frames += _components(demos, ["demo_to_proposal_entrants"])
    proposal = rng.random(len(demos)) < TO_PROPOSAL * _factor(change, "to_proposal", demos)
    frames += _components(demos[proposal], ["demo_to_proposal_converted"])
    proposals = demos[proposal].reset_index(drop=True)
    proposals["component_date"] += _lag(rng, 2.3, 0.5, len(proposals))
    won = rng.random(len(proposals)) < TO_WON * _factor(change, "to_won", proposals)
    wins = proposals[won].copy()
    wins["amount"] = (
        DEAL_AMOUNT
        * wins["product"].map(PRODUCT_FACTOR)
        * rng.lognormal(0.0, DEAL_SPREAD, len(wins))
        * _factor(change, "deal_size", wins)
    ).round(2)
    frames += _components(wins, ["won_opportunities", "won_with_amount", "new_customers", "signed_deals"])
    frames += [_valued(wins, code, wins["amount"]) for code in ("won_amount", "bookings_amount", "signed_amount")]
    early, late = deals[~demo].copy(), demos[~proposal].copy()
    for lost in (early, late):
        lost["component_date"] += _lag(rng, 3.0, 0.5, len(lost))
    frames += _components(pd.concat([early, late, proposals]), ["closed_opportunities", "decided_deals"])
    frames += _components(pd.concat([late, proposals]), ["decided_deals_with_demo"])
    frames += _components(proposals, ["decided_deals_with_proposal"])
    return frames


def _lag(rng: np.random.Generator, mean: float, spread: float, count: int) -> pd.Series:
    return pd.Series(pd.to_timedelta(np.ceil(rng.lognormal(mean, spread, count)), unit="D"))


SCOPES = ["rep_id", "team_id", "segment", "channel", "product"]


def _components(rows: pd.DataFrame, codes: list[str]) -> list[pd.DataFrame]:
    return [_valued(rows, code, pd.Series(1.0, index=rows.index)) for code in codes]


def _valued(rows: pd.DataFrame, code: str, values: pd.Series) -> pd.DataFrame:
    return rows[["component_date", *SCOPES]].assign(component_code=code, component_value=values.to_numpy())
