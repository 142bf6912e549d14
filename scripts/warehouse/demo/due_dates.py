"""When deals are expected to close, as reps write it down: at first, at the proposal, when a date passes, on reopening.

Drawn from the keys of the deals, not from random numbers, so that the rest of the story does not depend on it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from warehouse.demo.company import utc_to_date

ENDS = frozenset(("won", "lost", "no_decision"))


def expected_closings(opps: pd.DataFrame, stages: pd.DataFrame, horizon: pd.Timestamp) -> pd.DataFrame:
    """Close dates of deals while they are open: opp_key, due (day), at (when it was written), in order.

    A date that passes is put off on the next morning; one deal in seven nobody tends, and it stays overdue.
    """
    ways = stages.assign(day=utc_to_date(stages["at"]))
    rows = [
        (key, due, at)
        for key, way in ways.groupby("opp_key")
        for due, at in _dates(int(key), list(way[["at", "day", "stage"]].itertuples(index=False)), horizon)
    ]
    due = pd.DataFrame(rows, columns=["opp_key", "due", "at"])
    return due[due["opp_key"].isin(opps["opp_key"])].reset_index(drop=True)


def _dates(
    key: int, way: list[tuple[pd.Timestamp, pd.Timestamp, str]], horizon: pd.Timestamp
) -> Iterator[tuple[pd.Timestamp, pd.Timestamp]]:
    due = pd.NaT
    proposed = False
    for number, (at, day, stage) in enumerate(way):
        if stage in ENDS:
            continue
        until = way[number + 1][0] if number + 1 < len(way) else horizon
        if number == 0:
            due = day + pd.Timedelta(days=30 + key * 7 % 61)
            yield due, at
        elif way[number - 1][2] in ENDS:
            due = day + pd.Timedelta(days=30)
            yield due, at
        elif stage == "proposal" and not proposed and key % 2 == 0:
            due = day + pd.Timedelta(days=14 + key % 15)
            yield due, at
        proposed = proposed or stage == "proposal"
        while key % 7 != 3 and (morning := due + pd.Timedelta(days=1, hours=9)) < until:
            # a date that had passed while the deal stood in the stage before is put off as soon as it moves on
            written = max(morning, at + pd.Timedelta(hours=1))
            if written >= until:
                break
            due = written.normalize() + pd.Timedelta(days=15 + key % 31)
            yield due, written
