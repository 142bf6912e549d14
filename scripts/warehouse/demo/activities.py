"""Calls, e-mails and meetings: what reps do with the people they work on, and when it gets into the CRM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from warehouse.demo.company import HUBSPOT, SALESFORCE, next_workday, salesforce_ids
from warehouse.demo.deals import Deals
from warehouse.demo.people import Population

CALL_OUTCOMES = ("connected", "voicemail", "no_answer", "busy", "wrong_number")
MISSED_SHARES = (0.35, 0.44, 0.14, 0.07)


@dataclass(frozen=True)
class Activities:
    """Calls, e-mails and meetings, and the people they were with.

    log: act_key, instance, act_id, kind (call, email, meeting), direction, outcome (as of outcome_at), status,
    rep_key, opp_key, at (start), ended_at, recorded_at (booked, for meetings), minutes.
    people: act_key, record (row of the records).
    """

    log: pd.DataFrame
    people: pd.DataFrame


def make_activities(
    rng: np.random.Generator,
    missing: np.random.Generator,
    reps: pd.DataFrame,
    population: Population,
    records: pd.DataFrame,
    deals: Deals,
) -> Activities:
    """The activities of a story; `missing` draws what becomes of meetings that do not take place."""
    skill = reps.set_index("rep_key")["skill"]
    frames = [
        _outreach(rng, population.people, skill),
        _replies(rng, population.people),
        _discovery(rng, population.people),
        _deal_work(rng, deals),
        _demos(rng, deals),
        _planned(rng, population.people),
    ]
    log = pd.concat(frames, ignore_index=True)
    log["at"] = pd.to_datetime(log["at"]).dt.floor("s")
    log["recorded_at"] = pd.to_datetime(log["recorded_at"]).dt.floor("s")
    log["outcome_at"] = pd.to_datetime(log["outcome_at"]).fillna(log["at"])
    log = log.sort_values(["recorded_at", "at"], kind="stable", ignore_index=True)
    cancelled = log["outcome"] == "cancelled"
    log.loc[cancelled, "outcome_at"] = _cancelled_at(missing, log[cancelled])
    log["act_key"] = np.arange(len(log))
    log["act_id"] = _ids(log)
    log["ended_at"] = log["at"] + pd.to_timedelta(log["minutes"], unit="min")
    people = _people_of(rng, log, records)
    return _missed_first(missing, Activities(log.drop(columns=["person_key", "second_key"]), people))


def _ids(log: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Ids of the activities in their CRM."""
    numbers = log["act_key"]
    prefix = np.where(log["kind"] == "meeting", "00U", "00T")
    in_hubspot = (40_000_000_000 + numbers * 7).astype(str)
    ids: npt.NDArray[np.object_] = np.where(
        log["instance"] == HUBSPOT, in_hubspot, prefix + salesforce_ids("", numbers)
    )
    return ids


def lacks_disposition(log: pd.DataFrame) -> pd.Series:
    """Salesforce's calls that were logged with a duration and no disposition: one in five."""
    silent: pd.Series = (log["instance"] == SALESFORCE) & (log["kind"] == "call") & (log["act_key"] % 5 == 0)
    return silent


def _frame(count: int, **columns: object) -> pd.DataFrame:
    defaults: dict[str, object] = {
        "opp_key": -1,
        "second_key": -1,
        "direction": "outbound",
        "outcome": "",
        "status": "done",
        "minutes": 0,
    }
    return pd.DataFrame({**defaults, **columns}, index=range(count))


def _late(rng: np.random.Generator, at: pd.Series) -> pd.Series:
    """When an activity gets into the CRM: at once, but for one in twenty-five up to four days later."""
    lag = np.where(rng.random(len(at)) < 0.04, rng.uniform(0.5, 4, len(at)), 0.0)
    return at + pd.to_timedelta(np.floor(lag * 86_400), unit="s")


def _working_hours(times: pd.Series) -> pd.Series:
    """Times moved into the working day (7 to 18 h UTC) and the working week."""
    hour = times.dt.hour
    moved = times.where(hour >= 7, times.dt.normalize() + pd.Timedelta(hours=8) + (times - times.dt.normalize()) / 8)
    moved = moved.where(hour < 18, moved.dt.normalize() + pd.Timedelta(hours=32) + (times - times.dt.normalize()) / 24)
    return next_workday(moved)


def _outreach(rng: np.random.Generator, people: pd.DataFrame, skill: pd.Series) -> pd.DataFrame:
    worked = people[(rng.random(len(people)) < 0.92) & ~people["is_internal"]]
    touches = 1 + rng.poisson(3.0, len(worked))
    rows = worked.loc[worked.index.repeat(touches)].reset_index(drop=True)
    order = rows.groupby("person_key").cumcount().to_numpy()
    delay = np.where(order == 0, rng.lognormal(4.6, 1.4, len(rows)) / 1440, rng.lognormal(0.7, 0.6, len(rows)) * order)
    at = _working_hours(rows["created_at"] + pd.to_timedelta(np.floor(delay * 86_400), unit="s"))
    is_call = rng.random(len(rows)) < 0.56
    connects = rng.random(len(rows)) < 0.24 * skill.reindex(rows["owner_key"]).to_numpy() ** 0.5
    missed = rng.choice(CALL_OUTCOMES[1:], len(rows), p=MISSED_SHARES)
    outcome = np.where(
        is_call,
        np.where(connects, "connected", missed),
        np.where(rng.random(len(rows)) < 0.04, "bounced", "sent"),
    )
    frame = _frame(
        len(rows),
        kind=np.where(is_call, "call", "email"),
        instance=rows["crm"],
        person_key=rows["person_key"],
        rep_key=rows["owner_key"],
        at=at,
        outcome=outcome,
        minutes=np.where(is_call & connects, rng.integers(2, 25, len(rows)), 0),
    )
    frame["recorded_at"] = _late(rng, frame["at"])
    stop = rows["sql_at"].fillna(pd.Timestamp("2262-01-01"))
    return frame[(frame["at"] < stop).to_numpy() | (order == 0)]


def _replies(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    odds = np.where(people["mql_at"].notna(), 0.55, 0.06)
    some = people[(rng.random(len(people)) < odds) & ~people["is_internal"]].reset_index(drop=True)
    at = some["created_at"] + pd.to_timedelta(np.floor(rng.lognormal(1.2, 0.7, len(some)) * 86_400), unit="s")
    is_call = rng.random(len(some)) < 0.12
    frame = _frame(
        len(some),
        kind=np.where(is_call, "call", "email"),
        direction="inbound",
        instance=some["crm"],
        person_key=some["person_key"],
        rep_key=some["owner_key"],
        at=at,
        outcome=np.where(is_call, "connected", "received"),
        minutes=np.where(is_call, 6, 0),
    )
    frame["recorded_at"] = frame["at"]
    return frame


def _meetings(
    rng: np.random.Generator,
    rows: pd.DataFrame,
    start: pd.Series,
    lead: npt.NDArray[np.float64],
    outcome: npt.NDArray[np.object_],
) -> pd.DataFrame:
    at = _working_hours(start).dt.floor("15min")
    booked = at - pd.to_timedelta(np.floor(lead * 86_400), unit="s")
    booked = booked.where(booked > rows["floor"], rows["floor"] + (at - rows["floor"]) / 2)
    frame = _frame(
        len(rows),
        kind="meeting",
        instance=rows["instance"],
        person_key=rows["person_key"],
        rep_key=rows["rep_key"],
        at=at,
        recorded_at=booked,
        outcome=outcome,
        minutes=30,
    )
    frame["opp_key"] = rows["opp_key"].to_numpy()
    frame["outcome_at"] = frame["at"]
    moved = frame[rng.random(len(frame)) < 0.07].copy()
    # a meeting that is put off leaves the first appointment in the CRM, marked as rescheduled, and is booked anew
    moved["outcome"] = "rescheduled"
    moved["at"] = (moved["at"] - pd.Timedelta(days=2)).where(
        moved["at"] - pd.Timedelta(days=2) > moved["recorded_at"], moved["at"] - pd.Timedelta(minutes=15)
    )
    moved["outcome_at"] = moved["recorded_at"] + (moved["at"] - moved["recorded_at"]) * 0.8
    frame.loc[moved.index, "recorded_at"] = moved["outcome_at"]
    return pd.concat([frame, moved], ignore_index=True)


def _missed_first(rng: np.random.Generator, activities: Activities) -> Activities:
    """One meeting in ten that was held is the second appointment: to the first nobody came, or it was called off."""
    log, people = activities.log, activities.people
    held = log[(log["kind"] == "meeting") & log["outcome"].isin(["held", ""])]
    days = pd.to_timedelta(rng.integers(1, 4, len(held)), unit="D")
    earlier = held["at"] - days
    fits = (earlier - held["recorded_at"] > pd.Timedelta(hours=2)) & (earlier.dt.day_of_week < 5)
    missed = held[fits & (rng.random(len(held)) < 0.12)].copy()
    missed["at"] = missed["outcome_at"] = earlier[missed.index]
    missed["ended_at"] = missed["at"] + pd.to_timedelta(missed["minutes"], unit="min")
    missed["outcome"] = rng.choice(["no_show", "cancelled"], len(missed), p=(0.6, 0.4))
    called_off = missed["outcome"] == "cancelled"
    missed.loc[called_off, "outcome_at"] = _cancelled_at(rng, missed[called_off])
    log.loc[missed.index, "recorded_at"] = missed["outcome_at"] + pd.Timedelta(minutes=20)
    second = missed["act_key"]
    missed["act_key"] = int(log["act_key"].max()) + 1 + np.arange(len(missed))
    missed["act_id"] = _ids(missed)
    first = pd.Series(missed["act_key"].to_numpy(), index=second.to_numpy())
    links = people[people["act_key"].isin(second)].assign(act_key=lambda frame: frame["act_key"].map(first))
    return Activities(pd.concat([log, missed], ignore_index=True), pd.concat([people, links], ignore_index=True))


def _cancelled_at(rng: np.random.Generator, meetings: pd.DataFrame) -> pd.Series:
    """When meetings were cancelled: half of them within a day of their start, the others at any time before."""
    notice = meetings["at"] - meetings["recorded_at"]
    day = pd.Series(pd.Timedelta(days=1), index=meetings.index)
    is_late = (rng.random(len(meetings)) < 0.5) | (notice <= day)
    part = rng.uniform(0.02, 0.98, len(meetings))
    late = meetings["at"] - part * notice.where(notice < day, day)
    return late.where(is_late, meetings["recorded_at"] + part * (notice - day)).dt.floor("s")


def _discovery(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    met = people["sql_at"].notna() & (rng.random(len(people)) < 0.93)
    missed = people["mql_at"].notna() & people["sql_at"].isna() & (rng.random(len(people)) < 0.14)
    rows = people[met | missed].reset_index(drop=True)
    rows = rows.rename(columns={"crm": "instance", "owner_key": "rep_key", "created_at": "floor"}).assign(opp_key=-1)
    held = rows["sql_at"].notna().to_numpy()
    start = (rows["sql_at"] - pd.Timedelta(hours=3)).where(held, rows["mql_at"] + pd.Timedelta(days=6))
    outcome = np.where(
        held,
        np.where(rng.random(len(rows)) < 0.9, "held", ""),
        rng.choice(["no_show", "cancelled"], len(rows)),
    )
    return _meetings(rng, rows, start, rng.lognormal(1.3, 0.5, len(rows)), outcome)


def _demos(rng: np.random.Generator, deals: Deals) -> pd.DataFrame:
    demos = deals.stages[deals.stages["stage"] == "demo"].groupby("opp_key").head(1)
    rows = demos.merge(deals.opps[["opp_key", "instance", "created_at", "owner_key", "person_key"]], on="opp_key")
    rows = (
        rows[rng.random(len(rows)) < 0.95]
        .reset_index(drop=True)
        .rename(columns={"owner_key": "rep_key", "created_at": "floor"})
    )
    outcome = np.where(rng.random(len(rows)) < 0.92, "held", "")
    return _meetings(rng, rows, rows["at"] - pd.Timedelta(hours=2), rng.lognormal(1.5, 0.4, len(rows)), outcome)


def _deal_work(rng: np.random.Generator, deals: Deals) -> pd.DataFrame:
    last = deals.stages.groupby("opp_key")["at"].max().rename("last_at")
    opps = deals.opps.join(last, on="opp_key")
    opps = opps[opps["last_at"].notna()]
    second = deals.people[~deals.people["is_primary"]].set_index("opp_key")["person_key"]
    opps["second_key"] = second.reindex(opps["opp_key"]).fillna(-1).astype(int).to_numpy()
    rows = opps.loc[opps.index.repeat(1 + rng.poisson(4.0, len(opps)))].reset_index(drop=True)
    span = (rows["last_at"] - rows["created_at"]).dt.total_seconds() + 86_400
    at = _working_hours(rows["created_at"] + pd.to_timedelta(np.floor(rng.random(len(rows)) * span), unit="s"))
    is_call = rng.random(len(rows)) < 0.45
    outcome = np.where(
        is_call,
        rng.choice(["connected", "voicemail", "no_answer"], len(rows), p=(0.55, 0.2, 0.25)),
        np.where(rng.random(len(rows)) < 0.015, "bounced", "sent"),
    )
    frame = _frame(
        len(rows),
        kind=np.where(is_call, "call", "email"),
        instance=rows["instance"],
        person_key=rows["person_key"],
        rep_key=rows["owner_key"],
        opp_key=rows["opp_key"],
        second_key=np.where(is_call, -1, rows["second_key"]),
        at=at,
        outcome=outcome,
        minutes=np.where(outcome == "connected", rng.integers(2, 40, len(rows)), 0),
    )
    frame["recorded_at"] = _late(rng, frame["at"])
    return frame


def _planned(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Calls and meetings planned and never made and, in Salesforce, mass mail: none of them counts."""
    rows = people[~people["is_internal"] & (rng.random(len(people)) < 0.03)].reset_index(drop=True)
    kind = rng.choice(["call", "meeting", "mass_mail"], len(rows), p=(0.5, 0.3, 0.2))
    mail = pd.Series(kind == "mass_mail")
    delay = pd.to_timedelta(np.floor(rng.uniform(20, 60, len(rows)) * 86_400), unit="s")
    frame = _frame(
        len(rows),
        kind=kind,
        instance=rows["crm"],
        person_key=rows["person_key"],
        rep_key=rows["owner_key"],
        at=(rows["created_at"] + delay).where(~mail, rows["created_at"] + pd.Timedelta(hours=5)),
        recorded_at=rows["created_at"] + pd.Timedelta(minutes=10),
        status=np.where(mail, "done", "planned"),
        outcome=np.where(kind == "meeting", "cancelled", ""),
        minutes=np.where(kind == "meeting", 30, 0),
    )
    return frame[~mail.to_numpy() | (rows["crm"] == SALESFORCE).to_numpy()]


def _people_of(rng: np.random.Generator, log: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """The record each activity is logged on: the person's in that CRM, at times the duplicate entered later."""
    known = records[records["kind"] != "prospect"].reset_index(names="record")
    pairs = pd.concat(
        [
            log[["act_key", "instance", "recorded_at", "person_key"]],
            log[["act_key", "instance", "recorded_at", "second_key"]].rename(columns={"second_key": "person_key"}),
        ]
    )
    pairs = pairs[pairs["person_key"] >= 0].merge(
        known[["record", "person_key", "instance", "kind", "created_at"]], on=["person_key", "instance"]
    )
    pairs = pairs[pairs["created_at"] <= pairs["recorded_at"]]
    # the newest record in one case of four, the first one otherwise
    pairs = pairs.sort_values(["act_key", "person_key", "created_at"], kind="stable")
    newest = rng.random(int(log["act_key"].max()) + 1) < 0.25
    first = pairs.groupby(["act_key", "person_key"], sort=False).head(1)
    last = pairs.groupby(["act_key", "person_key"], sort=False).tail(1)
    chosen = pd.concat([first[~newest[first["act_key"]]], last[newest[last["act_key"]]]])
    return chosen[["act_key", "record"]].sort_values(["act_key", "record"], ignore_index=True)
