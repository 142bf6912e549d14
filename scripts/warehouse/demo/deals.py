"""Opportunities: their way through the stages, their amounts and owners, and how each event gets into the CRM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from warehouse.demo.company import (
    HUBSPOT,
    LOSS_REASONS,
    PRODUCTS,
    SALESFORCE,
    Story,
    active_reps,
    next_workday,
    salesforce_ids,
)
from warehouse.demo.due_dates import expected_closings
from warehouse.demo.people import Population

# source stages of the new-business pipelines, in order, with the canonical stage each stands for

HUBSPOT_STAGES = (
    ("9801", "Qualification", "opportunity"),
    ("9802", "Démo réalisée", "demo"),
    ("9803", "Proposition envoyée", "proposal"),
    ("9804", "Négociation", "proposal"),
)


SALESFORCE_STAGES = (
    ("Qualification", "Qualification", "opportunity"),
    ("Product Demo", "Product Demo", "demo"),
    ("Proposal/Price Quote", "Proposal/Price Quote", "proposal"),
    ("Negotiation/Review", "Negotiation/Review", "proposal"),
)
# the ids lie: in the pipeline of existing customers `closedlost` is the stage that wins


EXISTING_STAGES = (("9901", "À discuter", "opportunity"), ("9902", "Proposition envoyée", "proposal"))


CLOSED = {
    (HUBSPOT, "new"): {"won": "closedwon", "lost": "closedlost", "no_decision": "9805"},
    (HUBSPOT, "existing"): {"won": "closedlost", "lost": "closedwon", "no_decision": "closedwon"},
    (SALESFORCE, "new"): {"won": "Closed Won", "lost": "Closed Lost", "no_decision": "Closed Lost"},
    (SALESFORCE, "existing"): {"won": "Closed Won", "lost": "Closed Lost", "no_decision": "Closed Lost"},
}


ADVANCE = (0.80, 0.66, 0.86, 0.62)


STEP_DAYS = ((2.2, 0.6), (2.4, 0.6), (2.0, 0.7), (2.3, 0.6))


ARR = {"small": (8.3, 0.45), "mid_market": (9.5, 0.5), "enterprise": (10.6, 0.55)}


@dataclass(frozen=True)
class Deals:
    """Opportunities and what happened to them.

    opps: opp_key, instance, opp_id, account_key, person_key, opportunity_type, pipeline, created_at, currency, product,
        is_withdrawn (merged into another) and its present state in the story.
    stages: opp_key, source_stage, stage, at (recorded), signed_at (the true moment of a closing), reason.
    unrecorded: the same, of closings signed before the moment of a cut and entered after it.
    amounts: opp_key, cents, at.   owners: opp_key, owner_key, at.   people: opp_key, person_key.
    due: opp_key, due, at (the close date expected while open).
    """

    opps: pd.DataFrame
    stages: pd.DataFrame
    unrecorded: pd.DataFrame
    amounts: pd.DataFrame
    owners: pd.DataFrame
    people: pd.DataFrame
    due: pd.DataFrame


class _Log:
    """Events gathered while the ways of many opportunities are drawn together."""

    def __init__(self) -> None:
        self.frames: list[pd.DataFrame] = []

    def add(self, opps: npt.NDArray[np.int64], at: npt.NDArray[np.datetime64], **columns: object) -> None:
        self.frames.append(pd.DataFrame({"opp_key": opps, "at": at, **columns}))

    def frame(self) -> pd.DataFrame:
        merged = pd.concat(self.frames, ignore_index=True)
        for column in ("at", "signed_at"):
            if column in merged:
                merged[column] = pd.to_datetime(merged[column]).dt.floor("s")
        return merged.sort_values(["opp_key", "at"], kind="stable", ignore_index=True)


def make_deals(rng: np.random.Generator, story: Story, reps: pd.DataFrame, population: Population) -> Deals:
    """New business from qualified people, then expansions and renewals of the customers won."""
    stages, amounts, owners = _Log(), _Log(), _Log()
    new = _new_business(rng, population, reps)
    outcome = _walk(rng, new, reps, stages, amounts, owners)
    existing = _existing_business(rng, story, new, outcome, reps, stages, amounts, owners)
    opps = pd.concat([new, existing], ignore_index=True)
    opps = opps[opps["created_at"] < story.horizon].reset_index(drop=True)
    events = stages.frame()
    owner_log = _reassign(rng, opps, owners.frame(), events, reps)
    people = _people_of(rng, opps, population)
    due = expected_closings(opps, events, story.horizon)
    return Deals(opps, events, events.head(0), amounts.frame(), owner_log, people, due)


def _new_business(rng: np.random.Generator, population: Population, reps: pd.DataFrame) -> pd.DataFrame:
    people = population.people
    qualified = people[people["sql_at"].notna() & (rng.random(len(people)) < 0.74)]
    # one opportunity in twenty comes without a person anybody qualified
    bare = people[people["sql_at"].isna() & people["mql_at"].notna() & (rng.random(len(people)) < 0.012)]
    opps = pd.concat([qualified, bare]).reset_index(drop=True)
    count = len(opps)
    start = opps["sql_at"].fillna(opps["mql_at"])
    created = next_workday(start + pd.to_timedelta(rng.lognormal(0.6, 0.8, count), unit="D"))
    frame = pd.DataFrame(
        {
            "opp_key": np.arange(count),
            "instance": opps["crm"],
            "account_key": opps["account_key"],
            "person_key": np.where(np.arange(count) < len(qualified), opps["person_key"], -1),
            "opportunity_type": "new_business",
            "pipeline": "new",
            "created_at": created.dt.floor("s"),
        }
    )
    groups = np.where(frame["instance"] == HUBSPOT, "ae_fr", "ae_uk")
    frame["owner_key"] = -1
    for group in ("ae_fr", "ae_uk"):
        members = groups == group
        frame.loc[members, "owner_key"] = active_reps(reps, group, frame.loc[members, "created_at"].dt.normalize(), rng)
    segment = population.accounts.set_index("account_key")["segment"].reindex(frame["account_key"])
    return _priced(rng, frame, segment.to_numpy())


def _priced(rng: np.random.Generator, frame: pd.DataFrame, segment: npt.NDArray[np.object_]) -> pd.DataFrame:
    count = len(frame)
    mean = np.array([ARR[name][0] for name in segment])
    spread = np.array([ARR[name][1] for name in segment])
    frame["cents"] = (np.round(np.exp(rng.normal(mean, spread)) / 12) * 1200).astype(np.int64)
    frame["product"] = np.select([segment == "small", segment == "mid_market"], [PRODUCTS[0], PRODUCTS[1]], PRODUCTS[2])
    frame["product"] = frame["product"].where(rng.random(count) < 0.85, rng.choice(PRODUCTS, count))
    hubspot = frame["instance"] == HUBSPOT
    euro = rng.choice(["EUR", "USD", "CHF"], count, p=(0.90, 0.06, 0.04))
    frame["currency"] = np.where(hubspot, euro, rng.choice(["GBP", "EUR"], count, p=(0.85, 0.15)))
    frame["opp_id"] = np.where(
        hubspot, (700_000_000 + frame["opp_key"] * 17).astype(str), salesforce_ids("006", frame["opp_key"])
    )
    return frame


def _walk(
    rng: np.random.Generator,
    opps: pd.DataFrame,
    reps: pd.DataFrame,
    stages: _Log,
    amounts: _Log,
    owners: _Log,
) -> pd.DataFrame:
    """The way of each new-business opportunity through its pipeline; returns its final outcome and time."""
    keys = opps["opp_key"].to_numpy()
    count = len(opps)
    hubspot = (opps["instance"] == HUBSPOT).to_numpy()
    names = [np.where(hubspot, h[0], s[0]) for h, s in zip(HUBSPOT_STAGES, SALESFORCE_STAGES, strict=True)]
    canonical = [stage for *_, stage in HUBSPOT_STAGES]
    skill = reps.set_index("rep_key")["skill"].reindex(opps["owner_key"]).to_numpy()
    at = opps["created_at"].to_numpy().copy()
    first = np.where(rng.random(count) < 0.05, 1, 0)
    alive = np.ones(count, bool)
    outcome = np.full(count, "open", dtype=object)
    closed_at = np.full(count, np.datetime64("NaT"), dtype="datetime64[ns]")
    cents = opps["cents"].to_numpy().copy()
    owners.add(keys, at, owner_key=opps["owner_key"].to_numpy())
    amounts.add(keys, at, cents=cents)
    skips = rng.random(count) < 0.08  # straight from qualification to a proposal
    for step in range(4):
        here = alive & (first <= step) & ~((step == 1) & skips)
        stages.add(keys[here], at[here], source_stage=names[step][here], stage=canonical[step])
        if step == 2:
            moved = here & (rng.random(count) < 0.4)
            cents = np.where(moved, (cents * rng.uniform(0.8, 1.25, count) // 1200 * 1200).astype(np.int64), cents)
            amounts.add(keys[moved], at[moved], cents=cents[moved])
            back = here & (rng.random(count) < 0.07)
            returned = at + _days(rng, 1.2, 0.5, count)
            again = returned + _days(rng, 1.4, 0.5, count)
            stages.add(keys[back], returned[back], source_stage=names[1][back], stage="demo")
            stages.add(keys[back], again[back], source_stage=names[2][back], stage="proposal")
            at = np.where(back, again, at)
        moves_on = here & (rng.random(count) < np.clip(ADVANCE[step] * skill**0.5, 0.05, 0.97))
        stops = here & ~moves_on
        mean, spread = STEP_DAYS[step]
        # a deal that is lost takes longer to be called lost
        at = np.where(
            here,
            at + _days(rng, mean, spread, count) + np.where(stops, _days(rng, 2.6, 0.7, count), np.timedelta64(0, "s")),
            at,
        )
        at = next_workday(pd.Series(at)).to_numpy()
        outcome[stops] = "lost"
        closed_at[stops] = at[stops]
        alive &= ~stops
    outcome[alive] = "won"
    closed_at[alive] = at[alive]
    _close(rng, opps, outcome, closed_at, cents, stages, amounts, names)
    return pd.DataFrame({"opp_key": keys, "outcome": outcome, "closed_at": closed_at, "cents": cents})


def _days(rng: np.random.Generator, mean: float, spread: float, count: int) -> npt.NDArray[np.timedelta64]:
    seconds: npt.NDArray[np.timedelta64] = (rng.lognormal(mean, spread, count) * 86_400).astype("timedelta64[s]")
    return seconds


def _close(
    rng: np.random.Generator,
    opps: pd.DataFrame,
    outcome: npt.NDArray[np.object_],
    closed_at: npt.NDArray[np.datetime64],
    cents: npt.NDArray[np.int64],
    stages: _Log,
    amounts: _Log,
    names: list[npt.NDArray[np.str_]],
) -> None:
    """Closing, and what follows it: late entries of wins, reopenings, amended amounts, second endings."""
    keys = opps["opp_key"].to_numpy()
    count = len(opps)
    instance = opps["instance"].to_numpy()
    reason = rng.choice(LOSS_REASONS, count, p=(0.30, 0.24, 0.18, 0.14, 0.14))

    def log_close(
        members: npt.NDArray[np.bool_], result: npt.NDArray[np.object_], at: npt.NDArray[np.datetime64]
    ) -> None:
        label = np.where((result == "lost") & (reason == "no_decision"), "no_decision", result)
        source = np.array([CLOSED[crm, "new"][each] for crm, each in zip(instance, label, strict=True)])
        late = members & (result == "won") & (rng.random(count) < 0.06)
        recorded = np.where(late, at + np.timedelta64(1, "D") * rng.integers(1, 6, count), at)
        stages.add(
            keys[members],
            recorded[members],
            source_stage=source[members],
            stage=label[members],
            signed_at=at[members],
            reason=np.where(label == "won", "", reason)[members],
        )

    everyone = np.ones(count, bool)
    log_close(everyone, outcome, closed_at)
    won = outcome == "won"
    amended = won & (rng.random(count) < 0.05)
    after = closed_at + np.timedelta64(7, "D") + _days(rng, 2.5, 0.8, count)
    cents[amended] = (cents[amended] * rng.uniform(0.85, 1.15, amended.sum()) // 1200 * 1200).astype(np.int64)
    amounts.add(keys[amended], after[amended], cents=cents[amended])
    # reopened wins and losses: back to the proposal, then a second ending or none yet
    reopened = np.where(won, rng.random(count) < 0.035, rng.random(count) < 0.03) & ~amended
    again = closed_at + np.timedelta64(8, "D") + _days(rng, 2.8, 0.6, count)
    stages.add(keys[reopened], again[reopened], source_stage=names[3][reopened], stage="proposal")
    ends = reopened & (rng.random(count) < 0.75)
    result = np.where(rng.random(count) < 0.45, "won", "lost").astype(object)
    final = again + _days(rng, 2.8, 0.6, count)
    changed = ends & (result == "won")
    cents[changed] = (cents[changed] * rng.uniform(0.8, 1.1, changed.sum()) // 1200 * 1200).astype(np.int64)
    amounts.add(keys[changed], final[changed], cents=cents[changed])
    log_close(ends, result, final)
    outcome[reopened] = "open"
    outcome[ends] = result[ends]
    closed_at[ends] = final[ends]


def _existing_business(
    rng: np.random.Generator,
    story: Story,
    new: pd.DataFrame,
    outcome: pd.DataFrame,
    reps: pd.DataFrame,
    stages: _Log,
    amounts: _Log,
    owners: _Log,
) -> pd.DataFrame:
    """Expansions within the first two years of a customer, and a renewal deal for each year."""
    won = new[(outcome["outcome"] == "won").to_numpy()].copy()
    won["won_at"] = outcome.loc[outcome["outcome"] == "won", "closed_at"].to_numpy()
    frames = []
    for kind, probability, low, high in (
        ("expansion", 0.38, 60, 500),
        ("renewal", 0.9, 300, 330),
        ("renewal", 0.8, 665, 695),
    ):
        some = won[rng.random(len(won)) < probability].copy()
        some["opportunity_type"] = kind
        some["created_at"] = next_workday(
            some["won_at"] + pd.to_timedelta(np.floor(rng.uniform(low, high, len(some)) * 86_400), unit="s")
        )
        share = rng.uniform(0.15, 0.6, len(some)) if kind == "expansion" else np.ones(len(some))
        some["cents"] = (some["cents"] * share // 1200 * 1200 + 1200).astype(np.int64)
        frames.append(some)
    deals = pd.concat(frames, ignore_index=True)
    deals["created_at"] = deals["created_at"].dt.floor("s")
    deals = deals[deals["created_at"] < story.horizon].reset_index(drop=True)
    deals["opp_key"] = len(new) + np.arange(len(deals))
    hubspot = (deals["instance"] == HUBSPOT).to_numpy()
    deals["opp_id"] = np.where(
        hubspot, (700_000_000 + deals["opp_key"] * 17).astype(str), salesforce_ids("006", deals["opp_key"])
    )
    deals["pipeline"] = "existing"
    managers = active_reps(reps, "am_fr", deals["created_at"].dt.normalize(), rng)
    deals["owner_key"] = np.where(hubspot, managers, deals["owner_key"])
    keys, at = deals["opp_key"].to_numpy(), deals["created_at"].to_numpy()
    owners.add(keys, at, owner_key=deals["owner_key"].to_numpy())
    amounts.add(keys, at, cents=deals["cents"].to_numpy())
    opened = np.where(hubspot, EXISTING_STAGES[0][0], SALESFORCE_STAGES[0][0])
    offered = np.where(hubspot, EXISTING_STAGES[1][0], SALESFORCE_STAGES[2][0])
    stages.add(keys, at, source_stage=opened, stage="opportunity")
    offer_at = at + _days(rng, 1.8, 0.5, len(deals))
    stages.add(keys, offer_at, source_stage=offered, stage="proposal")
    close_at = offer_at + _days(rng, 2.4, 0.5, len(deals))
    result = np.where(
        rng.random(len(deals)) < np.where(deals["opportunity_type"] == "renewal", 0.9, 0.55), "won", "lost"
    )
    source = np.array([CLOSED[crm, "existing"][each] for crm, each in zip(deals["instance"], result, strict=True)])
    stages.add(
        keys,
        close_at,
        source_stage=source,
        stage=result,
        signed_at=close_at,
        reason=np.where(result == "won", "", "price"),
    )
    return deals.drop(columns=["won_at"])


def _reassign(
    rng: np.random.Generator,
    opps: pd.DataFrame,
    owners: pd.DataFrame,
    stages: pd.DataFrame,
    reps: pd.DataFrame,
) -> pd.DataFrame:
    """Deals of people who leave go to a colleague: all open ones, and a third of those already closed."""
    last = stages.groupby("opp_key").agg(stage=("stage", "last"), at=("at", "last"))
    frames = [owners]
    for rep in reps[reps["left"].notna()].itertuples():
        heirs = reps[
            (reps["group"] == rep.group)
            & (reps["rep_key"] != rep.rep_key)
            & (reps["left"].isna() | (reps["left"] > rep.left))
            & (reps["hired"] <= rep.left)
        ]
        if heirs.empty:
            continue
        mine = opps[(opps["owner_key"] == rep.rep_key) & (opps["created_at"] < rep.left)]
        state = last.reindex(mine["opp_key"])
        closed = (state["stage"].isin(["won", "lost", "no_decision"]) & (state["at"] < rep.left)).to_numpy()
        moved = mine[~closed | (rng.random(len(mine)) < 0.33)]
        heir = rng.choice(heirs["rep_key"].to_numpy(), len(moved))
        frames.append(
            pd.DataFrame(
                {
                    "opp_key": moved["opp_key"].to_numpy(),
                    "at": rep.left + pd.Timedelta(hours=16),
                    "owner_key": heir,
                }
            )
        )
    merged = pd.concat(frames, ignore_index=True)
    return merged.sort_values(["opp_key", "at"], kind="stable", ignore_index=True)


def _people_of(rng: np.random.Generator, opps: pd.DataFrame, population: Population) -> pd.DataFrame:
    """The people of each opportunity: the one it came from, and at times a colleague the CRM knows too."""
    primary = opps.loc[opps["person_key"] >= 0, ["opp_key", "person_key", "account_key", "created_at", "instance"]]
    people = population.people[["person_key", "account_key", "created_at", "crm"]]
    some = primary[rng.random(len(primary)) < 0.3]
    colleagues = some.merge(people, on="account_key", suffixes=("", "_other"))
    colleagues = colleagues[
        (colleagues["person_key"] != colleagues["person_key_other"])
        & (colleagues["crm"] == colleagues["instance"])
        & (colleagues["created_at_other"] < colleagues["created_at"])
    ]
    colleagues = colleagues.groupby("opp_key").head(1)
    second = colleagues[["opp_key"]].assign(person_key=colleagues["person_key_other"], is_primary=False)
    both = pd.concat([primary[["opp_key", "person_key"]].assign(is_primary=True), second], ignore_index=True)
    return both.sort_values(["opp_key", "is_primary"], ascending=[True, False], kind="stable", ignore_index=True)
