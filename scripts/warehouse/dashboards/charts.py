"""The charts of the pages as Vega-Lite, made by Altair: what is drawn; data, words and colours come with the page.

Colours are the page's own (`var(--accent)`), so that a chart follows light, dark and print without being drawn anew.
A unit stands in a specification as UNIT until the page puts the KPI's in.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import altair as alt

ACCENT, SOFT, HELD, INK, MUTED = "var(--accent)", "var(--accent-soft)", "var(--held)", "var(--ink)", "var(--muted)"
GOOD, BAD, PAPER = "var(--good)", "var(--bad)", "var(--paper)"
ROWS = alt.NamedData("rows")
Layers = alt.LayerChart | alt.FacetChart


@cache
def charts() -> dict[str, dict[str, Any]]:
    """The specifications by name."""
    drawn = {
        "trend": _trend(),
        "drivers": _drivers(),
        "funnel_counts": _funnel_counts(),
        "funnel_rates": _funnel_rates(),
        "forecast_now": _forecast_now(),
        "forecast_record": _forecast_record(),
        "waterfall": _waterfall(),
        "ranks": _ranks(),
    }
    return {name: _bare(layers) for name, layers in drawn.items()}


def _bare(layers: Layers) -> dict[str, Any]:
    chart = layers.properties(width="container", autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
    said: dict[str, Any] = chart.to_dict()
    # the page has a configuration of its own
    said.pop("config", None)
    return said


def _base() -> alt.Chart:
    return alt.Chart(ROWS).encode(tooltip=alt.Tooltip("said:N"))


def _numbers() -> alt.Axis:
    return alt.Axis(title=None, format="UNIT", formatType="kpi", tickCount=4, domain=False, ticks=False, labelPadding=6)


def _rows_axis() -> alt.Y:
    # a label of several lines stands in their middle
    lines = "split(datum.value, '\\n')"
    offset = {"condition": {"test": f"length({lines}) > 1", "expr": f"7 - 7 * length({lines})"}, "value": 0}
    axis = alt.Axis(
        title=None,
        labelExpr=lines,
        labelOffset=offset,
        labelLimit=210,
        domain=False,
        ticks=False,
        labelColor=INK,
        labelPadding=8,
    )
    return alt.Y("label:N", sort=alt.EncodingSortField("order", op="min"), axis=axis)


def _times_axis() -> alt.X:
    axis = alt.Axis(title=None, labelAngle=0, labelOverlap="parity", labelSeparation=6, ticks=False, labelPadding=6)
    return alt.X("label:N", sort=alt.EncodingSortField("order", op="min"), axis=axis, scale=alt.Scale(type="point"))


def _x(field: str, axis: alt.Axis | None, scale: alt.Scale | None = None) -> alt.X:
    return alt.X(f"{field}:Q", axis=axis, scale=scale or alt.Undefined)


def _y(field: str, axis: alt.Axis | None, scale: alt.Scale | None = None) -> alt.Y:
    return alt.Y(f"{field}:Q", axis=axis, scale=scale or alt.Undefined)


def _trend() -> Layers:
    base = _base().encode(x=_times_axis())
    scale, axis = alt.Scale(zero=False, nice=True), _numbers()
    band = base.mark_area(color=SOFT, opacity=0.75).encode(y=_y("low", axis, scale), y2="high:Q")
    year = base.mark_line(color=MUTED, strokeWidth=1.2, strokeDash=[1, 3]).encode(y=_y("year", axis, scale))
    target = base.mark_line(color=INK, strokeWidth=1.3, strokeDash=[4, 4]).encode(y=_y("target", axis, scale))
    line = base.mark_line(color=ACCENT, strokeWidth=2).encode(y=_y("value", axis, scale))
    dots = base.mark_point(filled=True, opacity=1, stroke=ACCENT, strokeWidth=1.6).encode(
        y=_y("value", axis, scale), size=alt.Size("size:Q", scale=None), fill=alt.Fill("fill:N", scale=None)
    )
    return alt.layer(band, year, target, line, dots).properties(height=220)


def _drivers() -> Layers:
    base = _base().encode(y=_rows_axis())
    side = alt.Color("side:N", scale=alt.Scale(domain=["helped", "held"], range=[ACCENT, HELD]), legend=None)
    bars = base.mark_bar(height=13).encode(x=_x("value", None), color=side)
    zero = base.mark_tick(color=MUTED, thickness=1, size=26).encode(x=_x("zero", None))
    room = base.mark_point(opacity=0).encode(x=_x("edge", None))
    text = base.mark_text(
        color=INK, align=alt.expr("datum.value < 0 ? 'right' : 'left'"), dx=alt.expr("datum.value < 0 ? -5 : 5")
    ).encode(x=_x("value", None), text="text:N")
    return alt.layer(room, bars, zero, text)


def _funnel_counts() -> Layers:
    base = _base().encode(y=_rows_axis())
    bars = base.mark_bar(color=ACCENT, height=17).encode(x=_x("count", None))
    room = base.mark_point(opacity=0).encode(x=_x("edge", None))
    text = base.mark_text(align="left", dx=5, color=INK).encode(x=_x("count", None), text="text:N")
    return alt.layer(room, bars, text)


def _funnel_rates() -> Layers:
    base = _base().encode(y=_rows_axis())
    scale, axis = alt.Scale(domain=[0, 1]), _numbers()
    colour = alt.Color("state:N", scale=alt.Scale(domain=["plain", "bottleneck"], range=[ACCENT, BAD]), legend=None)
    spread = base.mark_rule(strokeWidth=2).encode(x=_x("low", axis, scale), x2="high:Q", color=colour)
    usual = base.mark_tick(color=INK, thickness=2.5, size=15).encode(x=_x("usual", axis, scale))
    dots = base.mark_point(filled=True, size=75, opacity=1).encode(x=_x("rate", axis, scale), color=colour)
    loss = base.mark_text(align="left", dx=8, fontWeight="bold", color=BAD).encode(
        x=_x("end", axis, scale), text="text:N"
    )
    return alt.layer(spread, usual, dots, loss)


def _forecast_now() -> Layers:
    base, axis = _base().encode(y=_rows_axis()), _numbers()
    whole = base.mark_bar(color=SOFT, height=20).encode(x=_x("forecast", axis))
    won = base.mark_bar(color=ACCENT, height=20).encode(x=_x("won", axis))
    spread = base.mark_rule(color=MUTED, strokeWidth=2).encode(x=_x("low", axis), x2="high:Q")
    ends = [base.mark_tick(color=MUTED, thickness=2, size=9).encode(x=_x(end, axis)) for end in ("low", "high")]
    target = base.mark_tick(color=INK, thickness=3, size=30).encode(x=_x("target", axis))
    return alt.layer(whole, won, spread, *ends, target)


def _forecast_record() -> Layers:
    base, axis = _base().encode(x=_times_axis()), _numbers()
    spread = base.mark_bar(color=SOFT, size=13).encode(y=_y("low", axis), y2="high:Q")
    forecast = base.mark_tick(color=ACCENT, thickness=3, size=15).encode(y=_y("forecast", axis))
    actual = base.mark_point(filled=True, color=INK, size=55, opacity=1).encode(y=_y("actual", axis))
    return alt.layer(spread, forecast, actual).properties(height=220)


def _waterfall() -> Layers:
    base, axis = _base().encode(y=_rows_axis()), _numbers()
    colour = alt.Color(
        "kind:N", scale=alt.Scale(domain=["stock", "up", "won", "down"], range=[MUTED, ACCENT, GOOD, HELD]), legend=None
    )
    bars = base.mark_bar(height=15).encode(x=_x("start", axis), x2="end:Q", color=colour)
    room = base.mark_point(opacity=0).encode(x=_x("edge", axis))
    text = base.mark_text(align="left", dx=5, color=INK).encode(x=_x("top", axis), text="text:N")
    return alt.layer(room, bars, text)


def _ranks() -> Layers:
    base = _base().encode(y=_rows_axis())
    standings = ["top", "typical", "needs_support", "not_enough_data", "ramping"]
    colours = alt.Scale(domain=standings, range=[GOOD, ACCENT, BAD, MUTED, MUTED])
    shapes = alt.Scale(domain=standings, range=["triangle-up", "circle", "triangle-down", "square", "cross"])
    colour = alt.Color("standing:N", scale=colours, legend=None)
    faint = alt.Opacity("weight:Q", scale=None)
    axis = alt.Axis(title=None, tickMinStep=1, tickCount=8, format="d", domain=False, ticks=False, orient="top")
    scale = alt.Scale(zero=False, nice=False, padding=14)
    bars = base.mark_bar(height=8, color=SOFT).encode(x=_x("low", axis, scale), x2="high:Q", opacity=faint)
    marks = base.mark_point(filled=True, size=110, stroke=PAPER, strokeWidth=1).encode(
        x=_x("middle", axis, scale),
        shape=alt.Shape("standing:N", scale=shapes, legend=None),
        color=colour,
        opacity=faint,
    )
    room = base.mark_point(opacity=0).encode(x=_x("worst", axis, scale))
    text = base.mark_text(align="left", dx=9, color=INK).encode(x=_x("high", axis, scale), text="text:N")
    return alt.layer(room, bars, marks, text)
