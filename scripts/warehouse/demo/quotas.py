"""Bookings that the demo company's teams agreed on: by month, for the company, its teams and who closes deals."""

from __future__ import annotations

import pandas as pd

from warehouse.demo.company import Story

SHARES = {"AE France": 0.5, "AE UK": 0.3, "Account Management": 0.2}
OVER_ASSIGNED = 1.1


def agreed_targets(story: Story, reps: pd.DataFrame) -> pd.DataFrame:
    """One row per month of the story and scope: start, scope_type, scope_id, owner, euro.

    A rep's is that of somebody up to speed: a share of the team's, which adds up to a little more than it.
    """
    rows: list[tuple[object, ...]] = []
    months = pd.date_range(story.start, story.horizon, freq="MS", inclusive="left")
    for number, month in enumerate(months):
        whole = round(60_000 * story.scale) + 4_500 * number
        rows.append((month, "company", "all", "sales_director", whole))
        last = month + pd.offsets.MonthEnd(0)
        here = reps[(reps["hired"] <= last) & (reps["left"].isna() | (reps["left"] > month))]
        for team, share in SHARES.items():
            members = here[here["team"] == team]
            if members.empty:
                continue
            rows.append((month, "team", team, "sales_director", round(whole * share)))
            own = round(whole * share * OVER_ASSIGNED / len(members))
            rows.extend((month, "rep", rep, "account_executive", own) for rep in members["rep_id"])
    return pd.DataFrame(rows, columns=["start", "scope_type", "scope_id", "owner", "euro"])
