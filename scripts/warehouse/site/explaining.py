"""The formula of a KPI in words, and the same with the figures of a month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.site.kpis import Dictionary, Kpi
from warehouse.site.words import exact, period_of

OVER, TIMES = "÷", "×"
# how a share of records is put in words
QUANTILES = {
    "p50": {"en": "median", "fr": "médiane"},
    "p90": {"en": "90th percentile", "fr": "90e centile"},
    "p95": {"en": "95th percentile", "fr": "95e centile"},
}
BELOW = {
    "p50": {"en": "Half of them are", "fr": "La moitié est"},
    "p90": {"en": "Nine in ten are", "fr": "Neuf sur dix sont"},
    "p95": {"en": "Nineteen in twenty are", "fr": "Dix-neuf sur vingt sont"},
}


@dataclass(frozen=True)
class Part:
    """A component or a KPI that a formula names, with what stands before it."""

    sign: str
    code: str
    label: str


@dataclass(frozen=True)
class Line:
    """A line of a calculation: a sign, a number to calculate with, and what it is."""

    sign: str
    number: str
    label: str


@dataclass(frozen=True)
class Example:
    """A KPI with the figures of a month: lines that add up, or a sentence where there is nothing to add up."""

    period: str
    lines: Sequence[Line]
    result: str
    sentence: str


def label_of(code: str, dictionary: Dictionary, language: str) -> str:
    """What a component or a KPI is called in a sentence; its code where nobody named it."""
    label = dictionary.labels.get(code)
    return label[language] if label else code


def formula(kpi: Kpi, dictionary: Dictionary, language: str) -> tuple[str, list[Part]]:
    """How the parts become the value, in words, and the parts; none for what is counted anew."""
    row = kpi.row
    below = set() if row["aggregation"] == "quantile" else set((row["denominator"] or "").split(" * "))
    parts: list[Part] = []
    for code in kpi.parts:
        sign = "" if not parts else OVER if code in below else TIMES
        # what is called like the KPI says nothing new: its definition does
        label = row[f"description_{language}"] if code == kpi.code else label_of(code, dictionary, language)
        parts.append(Part(sign, code, label))
    french = language == "fr"
    percentile = QUANTILES.get(row["denominator"] or "", {}).get(language) or row["denominator"]
    ways = {
        "sum": "somme des jours de la période" if french else "sum over the days of the period",
        "ratio": "somme de l'un sur somme de l'autre, divisées en dernier"
        if french
        else "the sum of the one over the sum of the other, divided last",
        # of its last day, its last month or the mean of its days: each says so in its definition
        "last": "pris une fois pour toute la période, comme le dit sa définition"
        if french
        else "taken once for the whole period, in the way its definition says",
        "product": "d'autres KPI de la même période" if french else "of other KPIs of the same period",
        "quantile": f"{percentile} des cas de la période" if french else f"{percentile} of the records of the period",
        "distinct": "compté à nouveau pour chaque période ; les périodes ne s'additionnent pas"
        if french
        else "counted anew for each period; periods do not add up",
    }
    return ways[row["aggregation"]], parts


def example(kpi: Kpi, dictionary: Dictionary, language: str) -> Example | None:
    """The KPI calculated for the newest month that is over and known; None where no month has a value."""
    reading = kpi.closed
    if reading is None or reading.value is None:
        return None
    how, period, result = kpi.row["aggregation"], period_of("month", reading.start, language), reading.texts[language]
    lines: list[Line] = []
    sentence = ""
    if how == "ratio" and reading.numerator is not None and reading.denominator is not None:
        above, below = kpi.parts[0], kpi.parts[1]
        lines = [
            Line("", exact(reading.numerator, language), label_of(above, dictionary, language)),
            Line(OVER, exact(reading.denominator, language), label_of(below, dictionary, language)),
        ]
    elif how == "product" and all(factor.value is not None for factor in kpi.factors):
        for factor in kpi.factors:
            sign = "" if not lines else OVER if factor.divides else TIMES
            # a share needs its decimals where amounts are multiplied with it
            number = exact(factor.value or 0.0, language, 6 if abs(factor.value or 0.0) < 1 else 4)
            lines.append(Line(sign, number, label_of(factor.kpi_code, dictionary, language)))
    elif how == "sum" and kpi.members:
        lines = [
            Line("+" if index else "", exact(each, language), names[language])
            for index, (names, each) in enumerate(kpi.members)
        ]
    elif how == "quantile" and reading.sample_size:
        share = BELOW.get(kpi.row["denominator"], {}).get(language)
        count = exact(reading.sample_size, language)
        if share and language == "fr":
            sentence = f"{count} cas dans le mois. {share} à {result} ou en dessous."
        elif share:
            sentence = f"{count} records in the month. {share} at {result} or below."
    return Example(period, lines, result, sentence)
