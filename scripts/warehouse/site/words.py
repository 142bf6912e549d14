"""Words of the site in English and in French, beside those that seeds hold."""

from __future__ import annotations

import datetime as dt

Words = dict[str, str]

MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
}
FAMILIES: dict[str, Words] = {
    "activity": {"en": "Activity", "fr": "Activité"},
    "conversion": {"en": "Conversion", "fr": "Conversion"},
    "value": {"en": "Value", "fr": "Valeur"},
    "efficiency": {"en": "Efficiency", "fr": "Efficacité"},
}
QUESTIONS: dict[str, Words] = {
    "activity": {"en": "Do we do enough?", "fr": "En faisons-nous assez ?"},
    "conversion": {"en": "Is it relevant?", "fr": "Est-ce pertinent ?"},
    "value": {"en": "Does it bring enough?", "fr": "Cela rapporte-t-il assez ?"},
    "efficiency": {"en": "Do we spend time and money well?", "fr": "Employons-nous bien le temps et l'argent ?"},
}
ROLES: dict[str, Words] = {
    "sdr": {"en": "SDR", "fr": "SDR"},
    "account_executive": {"en": "Account executive", "fr": "Commercial (account executive)"},
    "sales_director": {"en": "Sales director", "fr": "Direction commerciale"},
    "executive": {"en": "Executive", "fr": "Direction générale"},
}
CADENCES: dict[str, Words] = {
    "day": {"en": "Every day", "fr": "Chaque jour"},
    "week": {"en": "Every week", "fr": "Chaque semaine"},
    "month": {"en": "Every month", "fr": "Chaque mois"},
    "quarter": {"en": "Every quarter", "fr": "Chaque trimestre"},
    "year": {"en": "Every year", "fr": "Chaque année"},
}
GRAINS: dict[str, Words] = {
    "week": {"en": "week", "fr": "semaine"},
    "month": {"en": "month", "fr": "mois"},
    "quarter": {"en": "quarter", "fr": "trimestre"},
    "year": {"en": "year", "fr": "année"},
}
SCOPES: dict[str, Words] = {
    "company": {"en": "company", "fr": "entreprise"},
    "team": {"en": "team", "fr": "équipe"},
    "rep": {"en": "rep", "fr": "commercial"},
    "segment": {"en": "segment", "fr": "segment"},
    "channel": {"en": "channel", "fr": "canal"},
    "product": {"en": "product", "fr": "produit"},
}
UNITS: dict[str, Words] = {
    "count": {"en": "A number of records", "fr": "Un nombre d'éléments"},
    "rate": {
        "en": "A share, stored as a fraction: 0.25 is 25%",
        "fr": "Une part, stockée en fraction : 0,25 vaut 25 %",
    },
    "EUR": {"en": "An amount in {currency}", "fr": "Un montant en {currency}"},
    "EUR_per_day": {"en": "An amount in {currency} a day", "fr": "Un montant en {currency} par jour"},
    "days": {"en": "Days", "fr": "Des jours"},
    "minutes": {"en": "Minutes of opening hours", "fr": "Des minutes ouvrées"},
    "months": {"en": "Months", "fr": "Des mois"},
    "ratio": {"en": "A plain number", "fr": "Un nombre sans unité"},
}
DIRECTIONS: dict[str, Words] = {
    "up": {"en": "More is better", "fr": "Plus, c'est mieux"},
    "down": {"en": "Less is better", "fr": "Moins, c'est mieux"},
}
KINDS: dict[str, Words] = {
    "kpi": {
        "en": "KPI: it says whether an objective is being reached",
        "fr": "KPI : il dit si un objectif est en voie d'être atteint",
    },
    "metric": {
        "en": "Metric: it counts, and is read beside a KPI",
        "fr": "Métrique : elle compte, et se lit à côté d'un KPI",
    },
}
INTERVALS: dict[str, Words] = {
    "wilson": {
        "en": "95% interval of Wilson for a share of so many cases: few cases, a wide interval.",
        "fr": "Intervalle de Wilson à 95 % pour une part d'un nombre de cas : peu de cas, intervalle large.",
    },
    "poisson": {
        "en": "95% interval of Poisson for a count: what chance alone would make of the same effort.",
        "fr": "Intervalle de Poisson à 95 % pour un nombre : ce que le seul hasard ferait du même effort.",
    },
    "bootstrap_records": {
        "en": "95% interval from the records behind it, as if they were drawn anew: one extreme makes it wide.",
        "fr": "Intervalle à 95 % tiré des éléments sous-jacents, comme si on les tirait à nouveau : un seul cas "
        "extrême l'élargit.",
    },
    "none": {
        "en": "None: it is a stock, or made of other figures, and not a sample.",
        "fr": "Aucun : c'est un stock, ou le produit d'autres chiffres, non un échantillon.",
    },
}
TRUSTS: dict[str, Words] = {
    "trusted": {"en": "trusted", "fr": "fiable"},
    "degraded": {"en": "degraded", "fr": "dégradé"},
    "not_trusted": {"en": "not to be trusted", "fr": "non fiable"},
    "no_source": {"en": "no source", "fr": "sans source"},
}
NO_VALUES: dict[str, Words] = {
    "no_source": {"en": "data it needs was never loaded", "fr": "une donnée nécessaire n'a jamais été chargée"},
    "no_base": {"en": "nothing to divide by", "fr": "rien par quoi diviser"},
    "not_booked_yet": {"en": "not booked yet", "fr": "pas encore comptabilisé"},
    "achieved": {"en": "the target is reached already", "fr": "l'objectif est déjà atteint"},
    "not_reached": {
        "en": "it falls on somebody who was never contacted",
        "fr": "il tombe sur une personne qui n'a jamais été contactée",
    },
}
PROPOSALS: dict[str, Words] = {
    "proposed": {"en": "proposed", "fr": "proposé"},
    "insufficient_history": {"en": "not enough history", "fr": "historique insuffisant"},
    "out_of_reach": {
        "en": "out of reach: no past quarter was there; agree on less",
        "fr": "hors de portée : aucun trimestre passé n'y était ; convenez de moins",
    },
    "no_stretch": {
        "en": "no stretch: every past quarter was there; agree on more",
        "fr": "sans effort : chaque trimestre passé y était ; convenez de plus",
    },
}
# what stands around the figures of a page
PHRASES: dict[str, Words] = {
    "site": {"en": "Sales KPIs", "fr": "KPI commerciaux"},
    "kpis": {"en": "KPIs", "fr": "KPI"},
    "guides": {"en": "Guides", "fr": "Guides"},
    "decisions": {"en": "Decisions", "fr": "Décisions"},
    "tables": {"en": "Tables", "fr": "Tables"},
    "models": {"en": "Models", "fr": "Modèles"},
    "dashboards": {"en": "Dashboards", "fr": "Tableaux de bord"},
    "quality": {"en": "Data quality", "fr": "Qualité des données"},
    "as_of": {"en": "Figures as of", "fr": "Chiffres au"},
    "skip": {"en": "Skip to the content", "fr": "Aller au contenu"},
    "other_language": {"en": "Français", "fr": "English"},
}


def month_of(day: dt.date, language: str) -> str:
    """A month in words: October 2026, octobre 2026."""
    return f"{MONTHS[language][day.month - 1]} {day.year}"


def day_of(day: dt.date, language: str) -> str:
    """A day in words: 1 October 2026, 1er octobre 2026."""
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return f"{number} {month_of(day, language)}"


def period_of(grain: str, start: dt.date, language: str) -> str:
    """A period in words: October 2026; Quarter from 1 October 2026."""
    if grain == "month":
        text = month_of(start, language)
        return text[:1].upper() + text[1:]
    if language == "fr":
        return f"{GRAINS[grain]['fr'].capitalize()} ouvert le {day_of(start, 'fr')}"
    return f"{GRAINS[grain]['en'].capitalize()} from {day_of(start, 'en')}"


def exact(number: float, language: str, decimals: int = 2) -> str:
    """A number to calculate with: 1,234.5 in English, 1 234,5 in French; no decimals where they are noughts."""
    text = f"{number:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if language == "fr":
        text = text.replace(",", "\u202f").replace(".", ",")
    return text.replace("-", "\u2212")
