"""Periods and scopes by which true values are summed."""

from __future__ import annotations

import pandas as pd

from warehouse.demo.world import World

GRAINS = {"week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


SCOPES = ("company", "team", "rep", "segment", "channel", "product")


KEYS = ["grain", "start", "scope_type", "scope_id"]


def starts(dates: pd.Series, grain: str) -> pd.Series:
    """First day of the period of each date."""
    return dates.dt.to_period(GRAINS[grain]).dt.start_time


def rep_names(world: World, keys: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Rep ids and team names of rep keys; `unallocated` where there is none."""
    reps = world.reps.set_index("rep_key")
    found = keys.fillna(-1).astype(int)
    rep = pd.Series(reps["rep_id"].reindex(found).fillna("unallocated").to_numpy(), index=keys.index)
    team = pd.Series(reps["team"].reindex(found).fillna("unallocated").to_numpy(), index=keys.index)
    return rep, team
