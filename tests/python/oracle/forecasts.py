"""The forecast as far as it is a sum: what is signed, and of what its amount is made (0048)."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from oracle import deals
from oracle.calendars import Period
from oracle.parts import COMPANY, Figure, Figures, Key, Number, Scope, Spread, cents
from oracle.published import Published


def figures(published: Published, spread: Spread) -> dict[str, Figures]:
    """Of a period that is over what was booked; of a running one that, and what is expected besides.

    What is expected of open deals and of deals not made yet is taken from the published forecast: it is an estimate.
    """
    windows = [each for each in spread.windows if each.period.grain in ("month", "quarter")]
    # compared with whole periods, not with a part of them
    whole = Spread([each.whole(published.as_of) for each in windows])
    sums: dict[Key, Number] = {Key(each.period, Scope(*COMPANY)): 0 for each in windows}
    sums |= whole.sums(deals.booking_lines(published))
    unknown: set[Key] = set()
    running: dict[tuple[str, dt.date], list[Period]] = {}
    for each in windows:
        running.setdefault((each.of.grain, each.of.start), []).append(each.period)
    for grain, start, kind, name, of_open, of_new in published.rows(
        "forecast_bookings",
        "period_grain period_start_date scope_type scope_id open_expected_amount create_and_close_amount",
    ):
        for period in running.get((grain, start), ()):
            key = Key(period, Scope(kind, name))
            if of_open is None:
                unknown.add(key)
            else:
                sums[key] = sums.get(key, 0) + cents(of_open) + cents(of_new)
    return {
        "forecast_bookings_amount": {
            key: Figure(None, None, None, "insufficient_history")
            if key in unknown
            else Figure(Fraction(sums[key], 100), None, Fraction(sums[key], 100))
            for key in sums.keys() | unknown
        }
    }
