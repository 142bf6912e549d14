"""Accounts and people: who shows interest, when, through which channel, and the records the two CRMs hold of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from warehouse.demo.company import (
    CHANNELS,
    COMPANY_FORMS,
    COMPANY_WORDS,
    FIRST_NAMES,
    HUBSPOT,
    LAST_NAMES,
    OWN_DOMAIN,
    SALESFORCE,
    Story,
    active_reps,
    business_times,
    day_weights,
    next_workday,
    salesforce_ids,
    slugs,
)

PEOPLE_A_YEAR = 3_000
FREE_MAIL = "freemail.example"
CHANNEL_SHARES = (0.24, 0.16, 0.12, 0.10, 0.14, 0.08, 0.16)
MQL_ODDS = {
    "organic_search": 0.60,
    "paid_search": 0.52,
    "paid_social": 0.40,
    "referral": 0.74,
    "direct": 0.62,
    "event": 0.50,
    "outbound": 0.34,
}
HUBSPOT_SOURCES = {
    "organic_search": "ORGANIC_SEARCH",
    "paid_search": "PAID_SEARCH",
    "paid_social": "PAID_SOCIAL",
    "referral": "REFERRALS",
    "direct": "DIRECT_TRAFFIC",
    "event": "OTHER_CAMPAIGNS",
    "outbound": "OFFLINE",
}
SALESFORCE_SOURCES = {
    "organic_search": "Web",
    "paid_search": "Google Ads",
    "paid_social": "LinkedIn Ads",
    "referral": "Partner Referral",
    "direct": "Direct",
    "event": "Trade Show",
    "outbound": "Outbound",
}


@dataclass(frozen=True)
class Population:
    """Accounts (account_key), people (person_key) and the records of them in the CRMs and prospecting files.

    A record knows its person, instance, id, e-mail as written, times, owner, whether it is linked to its account's
    record, and the record it was merged into.
    """

    accounts: pd.DataFrame
    people: pd.DataFrame
    records: pd.DataFrame


def make_population(rng: np.random.Generator, story: Story, reps: pd.DataFrame) -> Population:
    """The population of a story."""
    people = _people(rng, story)
    people, accounts = _accounts(rng, people)
    people = _qualify(rng, people, reps)
    records = _records(rng, story, people, accounts, reps)
    accounts["hubspot_id"] = (90_000_000 + accounts["account_key"] * 13).astype(str)
    accounts["salesforce_id"] = salesforce_ids("001", accounts["account_key"])
    return Population(accounts, people, records)


def _people(rng: np.random.Generator, story: Story) -> pd.DataFrame:
    days = story.days
    weights = day_weights(days)
    count = round(PEOPLE_A_YEAR * 4 * story.scale)
    chosen = np.sort(rng.choice(len(days), count, p=weights / weights.sum()))
    people = pd.DataFrame({"person_key": np.arange(count), "day": days[chosen]})
    people["created_at"] = business_times(rng, people["day"])
    people = people.sort_values("created_at", ignore_index=True)
    people["person_key"] = np.arange(count)
    after = people["day"] >= story.acquisition
    people["crm"] = np.where(after & (rng.random(count) < 0.34), SALESFORCE, HUBSPOT)
    people["channel"] = rng.choice(CHANNELS, count, p=CHANNEL_SHARES)
    people["first"] = rng.choice(FIRST_NAMES, count)
    people["last"] = rng.choice(LAST_NAMES, count)
    people["is_internal"] = rng.random(count) < 0.004
    return people


def _accounts(rng: np.random.Generator, people: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    people["account_key"] = -1
    frames = []
    start = 0
    for crm in (HUBSPOT, SALESFORCE):
        members = people.index[people["crm"] == crm]
        if len(members) == 0:
            continue
        is_new = rng.random(len(members)) < 0.62
        is_new[0] = True
        so_far = np.cumsum(is_new)
        index = np.where(is_new, so_far - 1, np.floor(rng.random(len(members)) * so_far).astype(int))
        people.loc[members, "account_key"] = start + index
        frames.append(pd.DataFrame({"account_key": start + np.arange(so_far[-1]), "crm": crm}))
        start += int(so_far[-1])
    accounts = pd.concat(frames, ignore_index=True)
    # some of Brightdesk's prospects are accounts that Lumio knows already
    shared = people.index[(people["crm"] == SALESFORCE) & (rng.random(len(people)) < 0.05)]
    known = accounts.loc[accounts["crm"] == HUBSPOT, "account_key"].to_numpy()
    people.loc[shared, "account_key"] = rng.choice(known[: max(1, len(known) // 2)], len(shared))

    count = len(accounts)
    words = rng.integers(len(COMPANY_WORDS), size=count)
    forms = rng.integers(len(COMPANY_FORMS), size=count)
    accounts["name"] = [f"{COMPANY_WORDS[w]} {COMPANY_FORMS[f]}" for w, f in zip(words, forms, strict=True)]
    accounts["domain"] = slugs(accounts["name"]) + accounts["account_key"].astype(str) + ".example"
    size = rng.choice(3, count, p=(0.58, 0.31, 0.11))
    accounts["employees"] = np.select(
        [size == 0, size == 1],
        [rng.integers(5, 50, count), rng.integers(50, 500, count)],
        rng.integers(500, 6000, count),
    )
    accounts["segment"] = np.select([size == 0, size == 1], ["small", "mid_market"], "enterprise")
    accounts["country"] = np.where(
        accounts["crm"] == HUBSPOT,
        rng.choice(["France", "Belgique", "Suisse"], count, p=(0.88, 0.07, 0.05)),
        "United Kingdom",
    )
    accounts["industry"] = rng.choice(["Industrie", "Santé", "Finance", "Logistique", "Services"], count)
    has_parent = (rng.random(count) < 0.03) & (np.arange(count) > 20)
    parents = np.floor(rng.random(count) * np.minimum(np.arange(count), 400)).astype(int)
    same = accounts["crm"].to_numpy()[parents] == accounts["crm"].to_numpy()
    accounts["parent_key"] = np.where(has_parent & same & ~has_parent[parents], parents, -1)
    return people, accounts


def _qualify(rng: np.random.Generator, people: pd.DataFrame, reps: pd.DataFrame) -> pd.DataFrame:
    count = len(people)
    owners = pd.Series(-1, index=people.index)
    for crm, group in ((HUBSPOT, "sdr_fr"), (SALESFORCE, "sdr_uk")):
        members = people["crm"] == crm
        owners[members] = active_reps(reps, group, people.loc[members, "day"], rng)
    people["owner_key"] = owners
    skill = reps.set_index("rep_key")["skill"].reindex(owners).to_numpy()
    mql_odds = people["channel"].map(MQL_ODDS).to_numpy()
    is_mql = (rng.random(count) < mql_odds) & ~people["is_internal"]
    is_sql = np.where(is_mql, rng.random(count) < np.clip(0.42 * skill, 0, 0.9), rng.random(count) < 0.02)
    is_sql &= ~people["is_internal"]
    mql_at = people["created_at"] + pd.to_timedelta(rng.lognormal(0.9, 0.9, count), unit="D")
    base = mql_at.where(pd.Series(is_mql), people["created_at"])
    sql_at = base + pd.to_timedelta(rng.lognormal(2.0, 0.6, count) + 1.0, unit="D")
    people["mql_at"] = next_workday(mql_at).dt.floor("s").where(pd.Series(is_mql))
    people["sql_at"] = next_workday(sql_at).dt.floor("s").where(pd.Series(is_sql))
    people["is_unqualified"] = people["mql_at"].isna() & people["sql_at"].isna() & (rng.random(count) < 0.25)
    return people


def _records(
    rng: np.random.Generator, story: Story, people: pd.DataFrame, accounts: pd.DataFrame, reps: pd.DataFrame
) -> pd.DataFrame:
    count = len(people)
    domain = accounts.set_index("account_key")["domain"].reindex(people["account_key"]).to_numpy()
    local = slugs(people["first"]) + "." + slugs(people["last"]) + people["person_key"].astype(str)
    kind = rng.choice(3, count, p=(0.91, 0.06, 0.03))
    email = local + "@" + pd.Series(np.where(kind == 1, FREE_MAIL, domain))
    email = email.where(~people["is_internal"], local + "@" + OWN_DOMAIN)
    people["email"] = email.where(pd.Series((kind != 2) | (people["crm"] == SALESFORCE).to_numpy()))
    hubspot = people["crm"] == HUBSPOT
    main = pd.DataFrame(
        {
            "person_key": people["person_key"],
            "account_key": people["account_key"],
            "instance": people["crm"],
            "kind": np.where(hubspot, "contact", "lead"),
            "email": people["email"],
            "created_at": people["created_at"],
            "owner_key": people["owner_key"],
            "channel": people["channel"],
            "mql_at": people["mql_at"],
            "sql_at": people["sql_at"],
            "is_linked": hubspot & (rng.random(count) < np.where(kind == 0, 0.92, 0.5)),
            "merged_at": pd.NaT,
        }
    )
    main["record_id"] = np.where(
        hubspot,
        (300_000_000 + people["person_key"] * 11).astype(str),
        salesforce_ids("00Q", people["person_key"]),
    )
    extra = [
        _duplicates(rng, main[hubspot]),
        _known_twice(rng, story, people, main, reps),
        _prospected(rng, people, accounts, main, story),
    ]
    records = pd.concat([main, *extra], ignore_index=True)
    return records[records["created_at"] < story.horizon].reset_index(drop=True)


def _duplicates(rng: np.random.Generator, main: pd.DataFrame) -> pd.DataFrame:
    """HubSpot contacts entered twice; most are merged into the first record later."""
    twice = main[rng.random(len(main)) < 0.025].copy()
    twice["into"] = twice["record_id"]
    twice["record_id"] = (twice["record_id"].astype(int) + 5).astype(str)
    twice["created_at"] += pd.to_timedelta(np.floor(rng.uniform(1, 60, len(twice)) * 86_400), unit="s")
    merged = twice["created_at"] + pd.to_timedelta(np.floor(rng.uniform(1, 90, len(twice)) * 86_400), unit="s")
    twice["merged_at"] = merged.where(rng.random(len(twice)) < 0.85)
    # a record merged away may carry another address; one that was not merged keeps the person apart only then
    other = rng.random(len(twice)) < 0.4
    twice.loc[other, "email"] = "alt." + twice.loc[other, "email"]
    twice["mql_at"] = twice["sql_at"] = pd.NaT
    return twice


def _known_twice(
    rng: np.random.Generator, story: Story, people: pd.DataFrame, main: pd.DataFrame, reps: pd.DataFrame
) -> pd.DataFrame:
    """People whom Brightdesk's Salesforce knows too, under an address in another case or another address."""
    before = main[(main["instance"] == HUBSPOT) & (main["created_at"] >= story.acquisition) & main["email"].notna()]
    both = before[~people.loc[before.index, "is_internal"] & (rng.random(len(before)) < 0.035)].copy()
    both["instance"], both["kind"], both["is_linked"] = SALESFORCE, "lead", False
    both["record_id"] = salesforce_ids("00Q", 5_000_000 + both["person_key"])
    both["created_at"] += pd.to_timedelta(np.floor(rng.uniform(2, 120, len(both)) * 86_400), unit="s")
    both["owner_key"] = active_reps(reps, "sdr_uk", both["created_at"].dt.normalize(), rng)
    both["channel"] = "outbound"
    both["mql_at"] = both["sql_at"] = pd.NaT
    both["email"] = both["email"].str.upper()
    other = rng.random(len(both)) < 0.2
    both.loc[other, "email"] = "perso." + both.loc[other, "email"].str.lower()
    return both


def _prospected(
    rng: np.random.Generator, people: pd.DataFrame, accounts: pd.DataFrame, main: pd.DataFrame, story: Story
) -> pd.DataFrame:
    """The prospecting file: people found before the CRM knew them, and people the CRM never heard of."""
    found = main[
        (main["channel"] == "outbound")
        & main["email"].notna()
        & (main["instance"] == HUBSPOT)
        & (rng.random(len(main)) < 0.6)
    ].copy()
    found["created_at"] -= pd.to_timedelta(np.floor(rng.uniform(0.2, 8, len(found)) * 86_400), unit="s")
    found["created_at"] = found["created_at"].clip(lower=story.start + pd.Timedelta(hours=9))
    fresh = people.sample(n=max(1, len(people) // 20), random_state=int(rng.integers(2**31)), replace=False)
    strangers = pd.DataFrame(
        {
            "person_key": len(people) + np.arange(len(fresh)),
            "created_at": fresh["created_at"].to_numpy(),
            "email": "p"
            + pd.Series(np.arange(len(fresh))).astype(str).to_numpy()
            + "@"
            + accounts.set_index("account_key")["domain"].reindex(fresh["account_key"]).to_numpy(),
        }
    )
    strangers["account_key"] = fresh["account_key"].to_numpy()
    strangers["channel"] = "outbound"
    prospects = pd.concat([found, strangers], ignore_index=True)
    prospects["instance"], prospects["kind"], prospects["is_linked"] = "prospection", "prospect", False
    prospects["record_id"] = prospects["email"].str.lower()
    prospects["owner_key"] = -1
    prospects["mql_at"] = prospects["sql_at"] = prospects["merged_at"] = pd.NaT
    return prospects
