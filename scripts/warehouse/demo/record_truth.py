"""The true quantiles: taken anew from the records of each period and scope, as they do not add up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from warehouse.demo.scopes import GRAINS, SCOPES, rep_names, starts
from warehouse.demo.world import World

NEVER = 1e15
QUANTILES = {
    "speed_to_lead_minutes": ("speed", 0.5),
    "speed_to_lead_p95_minutes": ("speed", 0.95),
    "average_deal_size_median": ("size", 0.5),
    "average_deal_size_p90": ("size", 0.9),
    "sales_cycle_median_days": ("cycle", 0.5),
    "sales_cycle_p90_days": ("cycle", 0.9),
    "sales_cycle_from_opportunity_median_days": ("own_cycle", 0.5),
}


def quantile_truth(world: World, records: dict[str, tuple[pd.DataFrame, str, str]]) -> pd.DataFrame:
    """Quantiles of records: per measure a frame with a date and scopes, the column of its rep and that of its value.

    A record without a value is beyond all others; a quantile that falls on one is unknown.
    """
    frames = []
    for code, (measure, share) in QUANTILES.items():
        frame, rep, column = records[measure]
        facts = frame.assign(company="all", measured=frame[column].fillna(NEVER))
        facts = facts[facts["date"] <= pd.Timestamp(world.story.as_of)]
        facts["rep"], facts["team"] = rep_names(world, facts[rep])
        for scope in SCOPES:
            if scope not in facts:
                continue
            for grain in GRAINS:
                keyed = facts.assign(start=starts(facts["date"], grain), scope_id=facts[scope].fillna("unknown"))
                found = keyed.groupby(["start", "scope_id"])["measured"].quantile(share).rename("value").reset_index()
                found["value"] = found["value"].where(found["value"] < NEVER / 1e4, np.nan)
                frames.append(found.assign(grain=grain, scope_type=scope, kpi_code=code))
    return pd.concat(frames, ignore_index=True)
