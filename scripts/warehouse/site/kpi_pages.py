"""The KPI dictionary as pages of one language: an index by family and by objective, and a page for each KPI."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from warehouse.settings import reporting_currency
from warehouse.site import words
from warehouse.site.explaining import example, formula
from warehouse.site.kpis import Kpi, Reading
from warehouse.site.lineage import Lineage, Node

if TYPE_CHECKING:
    from warehouse.site.writing import Site

# rules that hold for every KPI of a kind, and the pages that say them
RULES = {"ratio": "0003", "quantile": "0033", "sum": "0002", "last": "0002", "product": "0003", "distinct": "0002"}
BOOTSTRAP_RULE = "0049"


class KpiPages:
    """Pages of the dictionary in one language."""

    def __init__(self, site: Site, language: str) -> None:
        self.site = site
        self.dictionary = site.dictionary
        self.language = language
        self.kpis = {kpi.code: kpi for kpi in site.dictionary.kpis}
        self.objectives = {row["objective_code"]: row for row in site.dictionary.objectives}
        self.index = self.page("index")
        self.decisions = [
            (document, document.source.read_text(encoding="utf-8"))
            for document in site.documents
            if re.match(r"decisions/\d{4}", document.page)
        ]

    def pages(self) -> dict[str, str]:
        """Pages by address."""
        return {self.index: self._index()} | {self.page(code): self._page(kpi) for code, kpi in self.kpis.items()}

    def page(self, code: str, language: str | None = None) -> str:
        """Address of the page of a KPI, or of the index."""
        return f"kpis/{code}.fr.html" if (language or self.language) == "fr" else f"kpis/{code}.html"

    def _twin(self, code: str) -> str:
        return self.page(code, "en" if self.language == "fr" else "fr")

    def _say(self, table: Mapping[str, Mapping[str, str]], key: str) -> str:
        """A word of the site; a word the business added to its registry stands for itself."""
        return table[key][self.language] if key in table else key.replace("_", " ")

    def _index(self) -> str:
        rows = {code: self._row(kpi) for code, kpi in self.kpis.items()}
        families = [
            {
                "anchor": family,
                "title": self._say(words.FAMILIES, family),
                "text": self._say(words.QUESTIONS, family),
                "kpis": [rows[code] for code, kpi in self.kpis.items() if kpi.row["family"] == family],
            }
            for family in words.FAMILIES
        ]
        objectives = [
            {
                "anchor": code,
                "title": objective[f"label_{self.language}"],
                "text": objective[f"description_{self.language}"],
                # metrics are read beside a KPI and serve no objective by themselves
                "kpis": [
                    rows[kpi.code]
                    for kpi in self.kpis.values()
                    if kpi.row["objective_code"] == code and kpi.row["kind"] == "kpi"
                ],
            }
            for code, objective in self.objectives.items()
        ]
        months = [row["month"] for row in rows.values() if row["month"]]
        title = "Dictionnaire des KPI" if self.language == "fr" else "KPI dictionary"
        return self.site.render(
            "kpis.html",
            self.index,
            self.language,
            "kpis",
            title,
            twin=self._twin("index"),
            # the month of most of them is in the title of the column, another one beside its value
            newest=max(months, key=months.count) if months else "",
            families=[group for group in families if group["kpis"]],
            objectives=[group for group in objectives if group["kpis"]],
        )

    def _row(self, kpi: Kpi) -> dict[str, Any]:
        newest = kpi.closed or next(iter(kpi.readings), None)
        return {
            "page": self.page(kpi.code),
            "name": kpi.row[f"name_{self.language}"],
            "code": kpi.code,
            "family": self._say(words.FAMILIES, kpi.row["family"]),
            "objective": self.objectives[kpi.row["objective_code"]][f"label_{self.language}"],
            "value": kpi.closed.texts[self.language] if kpi.closed else "",
            "month": words.month_of(kpi.closed.start, self.language) if kpi.closed else "",
            "trust": newest.trust if newest else "no_source",
        }

    def _page(self, kpi: Kpi) -> str:
        row, language = kpi.row, self.language
        way, parts = formula(kpi, self.dictionary, language)
        lineage = self._lineage(kpi)
        objective = self.objectives[row["objective_code"]]
        reaction = self.dictionary.reactions.get(kpi.code) or self.dictionary.reactions.get(row["family"])
        ways = ("analyse", "talk", "adjust")
        return self.site.render(
            "kpi.html",
            self.page(kpi.code),
            language,
            "kpis",
            row[f"name_{language}"],
            twin=self._twin(kpi.code),
            index=self.index,
            guide=f"guides/read-the-numbers{'.fr' if language == 'fr' else ''}.html",
            kpi=kpi,
            family=self._say(words.FAMILIES, row["family"]),
            kind=self._say(words.KINDS, row["kind"]),
            description=row[f"description_{language}"],
            readings=[self._reading(each) for each in kpi.readings],
            way=way,
            window=self._window(row["matures_after"]),
            parts=[
                {"sign": part.sign, "code": part.code, "label": part.label, "links": self._part_links(part.code)}
                for part in parts
            ],
            example=example(kpi, self.dictionary, language),
            no_example=self._no_example(kpi),
            objective={
                "title": objective[f"label_{language}"],
                "text": objective[f"description_{language}"],
            },
            decision=row["decision_fr"] if language == "fr" else row["decision"],
            role=self._say(words.ROLES, row["owner_role"]),
            cadence=self._say(words.CADENCES, row["cadence"]),
            direction=self._say(words.DIRECTIONS, row["direction"]),
            unit=self._say(words.UNITS, row["written_unit"]).replace("{currency}", reporting_currency()),
            scopes=", ".join(self._say(words.SCOPES, each) for each in row["scopes"].split("|")),
            grains=", ".join(self._say(words.GRAINS, each) for each in row["grains"].split("|")),
            interval=self._say(words.INTERVALS, row["interval_method"]),
            minimum=self._minimum(row["minimum_sample"]),
            boards=", ".join(self._say(words.ROLES, each) for each in self.dictionary.boards.get(kpi.code, [])),
            reaction={each: reaction[f"{each}_{language}"] for each in ways} if reaction else None,
            proposals=[
                {
                    "period": words.period_of(each.grain, each.start, language),
                    "value": each.texts[language],
                    "base": each.base[language],
                    "reached": "" if each.reached_share is None else self._percent(each.reached_share),
                    "status": self._say(words.PROPOSALS, each.status),
                }
                for each in kpi.proposals
            ],
            pages=self._decisions(kpi),
            makers=[self._link(node) for node in lineage.makers],
            facts=[self._link(node) for node in lineage.facts],
            sources=self._sources(kpi),
        )

    def _reading(self, reading: Reading) -> dict[str, str]:
        language, notes = self.language, []
        if reading.is_running:
            notes.append("en cours" if language == "fr" else "running")
        elif not reading.is_mature:
            notes.append("pas encore complet" if language == "fr" else "not complete yet")
        reason = reading.no_value_reason or ""
        return {
            "period": words.period_of(reading.grain, reading.start, language),
            "note": ", ".join(notes),
            "value": reading.texts[language],
            "reason": self._say(words.NO_VALUES, reason) if reason and reading.value is None else "",
            "low": reading.low[language],
            "high": reading.high[language],
            "previous": reading.previous[language],
            "trust": reading.trust,
            "reasons": reading.reasons[language],
        }

    def _window(self, matures_after: str | None) -> str:
        if not matures_after:
            return ""
        days = int(matures_after) if matures_after.isdigit() else self.dictionary.windows.get(matures_after)
        if days is None:
            return ""
        if self.language == "fr":
            return f"Délai : {days} jours ; la valeur d'une période est connue ce nombre de jours après sa fin."
        return f"In time is within {days} days; the value of a period is known so many days after its end."

    def _no_example(self, kpi: Kpi) -> str:
        reason = next((each.no_value_reason for each in kpi.readings if each.no_value_reason), None)
        return f"({self._say(words.NO_VALUES, reason)}.)" if reason else ""

    def _minimum(self, minimum: int) -> str:
        if self.language == "fr":
            return f"{minimum} ; en dessous, ni alerte ni objectif proposé"
        return f"{minimum}; below it no alert and no proposed target"

    def _percent(self, share: float) -> str:
        return words.exact(share * 100, self.language, 0) + ("\u202f%" if self.language == "fr" else "%")

    def _decisions(self, kpi: Kpi) -> list[dict[str, str]]:
        """Decision pages that name the KPI, those that name it most first, and the rules it falls under."""
        named = [(text.count(f"`{kpi.code}`"), document) for document, text in self.decisions]
        found = [document for count, document in sorted(named, key=lambda each: -each[0]) if count]
        rules = [RULES[kpi.row["aggregation"]]]
        rules += [BOOTSTRAP_RULE] if kpi.row["interval_method"] == "bootstrap_records" else []
        general = [document for document, _ in self.decisions if document.page[10:14] in rules]
        return [{"page": each.page, "title": each.title} for each in dict.fromkeys([*found, *general])]

    def _part_links(self, code: str) -> list[dict[str, str]]:
        makers = self.site.graph.makers_of(code)
        if makers:
            return [self._link(node) for node in makers]
        # a part of a product is a KPI with a page of its own
        if code in self.kpis:
            return [{"page": self.page(code), "title": self.kpis[code].row[f"name_{self.language}"]}]
        return []

    def _lineage(self, kpi: Kpi) -> Lineage:
        return self.site.graph.lineage(self._makers(kpi))

    def _sources(self, kpi: Kpi) -> list[dict[str, Any]]:
        """Tables of exports behind a KPI by system: of those that ever came, or all that could where none did."""
        made_of = self.dictionary.sources.get(kpi.code, [])
        used = [each for each in made_of if each in self.dictionary.delivered] or made_of
        return [
            {"system": system, "links": [self._link(self.site.graph.source(*each)) for each in tables]}
            for system, tables in groupby(used, key=itemgetter(0))
        ]

    def _makers(self, kpi: Kpi) -> list[Node]:
        """Models that make the parts of a KPI, and of the KPIs that a product is made of."""
        if kpi.row["aggregation"] == "distinct":
            own = self.site.graph.node(f"kpi_{kpi.code}")
            return [own] if own else []
        makers: dict[str, Node] = {}
        for part in kpi.parts:
            found = self.site.graph.makers_of(part)
            if not found and part in self.kpis and part != kpi.code:
                found = self._makers(self.kpis[part])
            makers |= {node.unique_id: node for node in found}
        return list(makers.values())

    def _link(self, node: Node) -> dict[str, str]:
        return {"page": self.site.node_page(node), "title": node.name}
