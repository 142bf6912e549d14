"""The true facts of prospecting: who answered, who was met, who qualified whom, and the pipeline that came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from warehouse.demo.company import utc_to_date
from warehouse.demo.funnel_truth import reached_days
from warehouse.demo.spending import to_euro_cents
from warehouse.demo.world import World

ANSWER_DAYS = 14
MEETING_DAYS = 30
LATE = pd.Timedelta(hours=24)


RATES: Mapping[str, tuple[str, str]] = {
    "response_rate": ("people_answered", "people_delivered_to"),
    "meeting_booking_rate": ("people_booked", "leads_contacted"),
    "call_to_qualified_meeting_rate": ("people_called_and_qualified", "people_called"),
    "email_to_qualified_meeting_rate": ("people_emailed_and_qualified", "people_emailed"),
    "show_rate": ("meetings_shown", "meetings_logged"),
    "meetings_logged_rate": ("meetings_logged", "meetings_due"),
    "win_rate_narrow": ("won_opportunities", "decided_opportunities"),
    "win_rate_amount": ("new_business_won_amount", "new_business_closed_amount"),
}
COUNTS = ("sql_count", "qualified_meetings", "pipeline_sourced_amount")
AMOUNTS = ("pipeline_sourced_amount", "new_business_closed_amount")


Fact = tuple[str, pd.DataFrame, str, str | float]


def outreach_facts(world: World, touches: pd.DataFrame) -> Iterable[Fact]:
    """Facts of prospecting: component, frame with a date and scopes, column of the rep, value; of outbound touches."""
    qualified = _qualified(world, touches)
    yield from _first_touch_facts(world, touches, qualified)
    yield from _meeting_facts(world)
    dated = qualified.assign(date=qualified["sql_date"])
    yield "sql_count", dated, "rep_key", 1
    yield "qualified_meetings", dated[dated["met_date"].notna()], "rep_key", 1
    opps = world.opps[world.opps["opportunity_type"] == "new_business"].assign(cents=_cents(world))
    created = opps.assign(date=utc_to_date(opps["created_at"]))
    sourced = created.join(qualified[["sql_date", "rep_key"]], on="credited", how="inner")
    sourced = sourced[sourced["sql_date"] <= sourced["date"]]
    closers = world.reps.loc[world.reps["role"] != "sdr", "rep_key"]
    yield "pipeline_sourced_amount", sourced[~sourced["rep_key"].isin(closers)], "rep_key", "cents"
    closed = opps[opps["status"] != "open"].assign(date=lambda frame: frame["close_date"])
    yield "decided_opportunities", closed[closed["status"] != "no_decision"], "owner_closed", 1
    yield "new_business_closed_amount", closed, "owner_closed", "cents"


def _cents(world: World) -> pd.Series:
    """Last amounts of deals: closed ones at the rate of their closing, open ones at the present one."""
    last = world.amounts.groupby("opp_key")["cents"].last().reindex(world.opps.index).fillna(0).astype(int)
    days = world.opps["close_date"].fillna(pd.Timestamp(world.story.as_of))
    return to_euro_cents(last, world.opps["currency"], days)


def _qualified(world: World, touches: pd.DataFrame) -> pd.DataFrame:
    """People who became SQL (index person_id): sql_date, the SDR who touched them last by then, met_date, scopes."""
    person, _ = reached_days(world)
    found = person[person["day_sql"].notna()].rename(columns={"day_sql": "sql_date"})
    sdrs = world.reps.loc[world.reps["role"] == "sdr", "rep_key"]
    worked = touches[touches["rep_key"].isin(sdrs)].join(found["sql_date"], on="person_id", how="inner")
    worked = worked[worked["date"] <= worked["sql_date"]].sort_values(["at", "act_id"], kind="stable")
    last = worked.groupby("person_id")["rep_key"].last().reindex(found.index)
    met = touches[touches["kind"] == "meeting"].groupby("person_id")["date"].min().reindex(found.index)
    met = met.where(met <= pd.Timestamp(world.story.as_of))
    return found.assign(rep_key=last.fillna(found["rep_key"]).astype(int), met_date=met)[
        ["sql_date", "rep_key", "met_date", "segment", "channel"]
    ]


def _first_touch_facts(world: World, touches: pd.DataFrame, qualified: pd.DataFrame) -> Iterable[Fact]:
    as_of = pd.Timestamp(world.story.as_of)
    past = world.touches[(world.touches["at"] < world.story.extracted_at) & (world.touches["date"] <= as_of)]
    talked = (past["kind"] == "call") & (past["outcome"] == "connected") & (past["status"] == "done")
    wrote = (past["kind"] == "email") & (past["direction"] == "inbound")
    came = (past["kind"] == "meeting") & past["outcome"].isin(["held", ""])
    answers = past[talked | wrote | came][["person_id", "at", "date"]]
    meetings = world.touches[(world.touches["kind"] == "meeting") & (world.touches["outcome"] != "rescheduled")]
    meetings = meetings[meetings["booked_date"] <= as_of]
    agreed = meetings[["person_id", "recorded_at", "booked_date"]].set_axis(answers.columns, axis=1)
    arrived = touches[(touches["date"] <= as_of) & (touches["outcome"] != "wrong_number")]
    both = qualified[["sql_date", "met_date"]].max(axis=1).where(qualified["met_date"].notna())

    ordered = touches.sort_values(["at", "act_id"], kind="stable")
    first = {kind: ordered[ordered["kind"].isin(kinds)].groupby("person_id").head(1) for kind, kinds in KINDS.items()}

    reply = _days_until(first["any"], pd.concat([answers, agreed]), "at", "date") <= ANSWER_DAYS
    delivered = _days_until(first["any"], arrived, "at", "date") <= ANSWER_DAYS
    # a meeting booked before the first touch and still to come stands booked from the touch on
    booked = _days_until(first["any"], meetings, "at", "booked_date") <= MEETING_DAYS
    yield "people_delivered_to", first["any"][delivered], "rep_key", 1
    yield "people_answered", first["any"][delivered & reply], "rep_key", 1
    yield "people_booked", first["any"][booked], "rep_key", 1
    for kind, component in (("call", "people_called"), ("email", "people_emailed")):
        days = (both.reindex(first[kind]["person_id"]).to_numpy() - first[kind]["date"]).dt.days
        yield component, first[kind], "rep_key", 1
        yield f"{component}_and_qualified", first[kind][(days >= 0) & (days <= MEETING_DAYS)], "rep_key", 1


KINDS = {"any": ("call", "email", "meeting"), "call": ("call",), "email": ("email",)}


def _days_until(first: pd.DataFrame, events: pd.DataFrame, moment: str, day: str) -> pd.Series:
    """Days from each first touch to the first day of an event at its moment or later; not a number where none is."""
    pairs = first[["person_id", "at", "date"]].reset_index(names="touch")
    pairs = pairs.merge(events[["person_id", moment, day]].set_axis(["person_id", "moment", "day"], axis=1))
    pairs = pairs[pairs["moment"] >= pairs["at"]]
    return (pairs["day"] - pairs["date"]).dt.days.groupby(pairs["touch"]).min().reindex(first.index)


def _meeting_facts(world: World) -> Iterable[Fact]:
    log = world.activities
    past = log[(log["kind"] == "meeting") & (log["at"] < world.story.extracted_at)]
    late = (past["outcome"] == "cancelled") & (past["outcome_at"] > past["at"] - LATE)
    missed = (past["outcome"] == "no_show") | late
    held = past["outcome"] == "held"
    yield "meetings_shown", past[held], "rep_key", 1
    yield "meetings_logged", past[held | missed], "rep_key", 1
    yield "meetings_due", past[held | missed | (past["outcome"] == "")], "rep_key", 1
