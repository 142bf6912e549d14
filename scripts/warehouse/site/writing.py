"""Writing the site: every page of a build into a folder, and where each file goes in the publication."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from warehouse.publishing import Mart
from warehouse.site.fields import PublishedTable, calculated_fields, published_tables, to_paste, with_names
from warehouse.site.kpi_pages import KpiPages
from warehouse.site.kpis import LANGUAGES, Dictionary, read_dictionary
from warehouse.site.lineage import Graph, Node
from warehouse.site.markdown import Document, Markdown, find_documents, relative
from warehouse.site.words import PHRASES, TRUSTS, day_of

TEMPLATES = Path(__file__).parent / "templates"
SITE = "docs"  # folder of the site in a generation
DBT = "dbt/index.html"
DASHBOARDS, QUALITY = "dashboards/index.html", "quality/index.html"
GUIDE = {"en": "guides/read-the-numbers.html", "fr": "guides/read-the-numbers.fr.html"}
SHAPES = {"trusted": "●", "degraded": "▲", "not_trusted": "✕", "no_source": "○"}
PREFIXES = {
    "dashboard": "Dashboards",
    "kpi": "KPIs",
    "funnel": "Funnel",
    "forecast": "Forecast",
    "rep": "Reps",
    "quality": "Quality of the data",
    "dim": "Dimensions",
    "fct": "Facts",
}


def write_site(
    database: Path,
    manifest: Path,
    marts: Sequence[Mart],
    documentation: Path,
    folder: Path,
    project: Path,
    beside: Collection[str] = (),
) -> dict[str, Path]:
    """Writes the site of a build into a folder, anew; file by name in the generation.

    `documentation` is dbt's page; `beside` names other files of the generation, to which the site leads when they
    are there. Raises UserError for a document without a title.
    """
    if folder.exists():
        shutil.rmtree(folder)
    site = Site(database, json.loads(manifest.read_text(encoding="utf-8")), marts, project, beside)
    pages = site.pages()
    for name, text in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return {f"{SITE}/{name}": folder / name for name in pages} | {f"{SITE}/{DBT}": documentation}


class Site:
    """The pages of a build, as text."""

    def __init__(
        self, database: Path, manifest: Mapping[str, Any], marts: Sequence[Mart], project: Path, beside: Collection[str]
    ) -> None:
        self.dictionary: Dictionary = read_dictionary(database)
        self.graph = Graph(manifest)
        self.documents = find_documents(project)
        registry = {kpi.code: kpi.row for kpi in self.dictionary.kpis}
        self.tables = published_tables(manifest, [mart.name for mart in marts], registry)
        self.rows = table_sizes(database, marts)
        self.beside = set(beside)
        self.project = project
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]

    def pages(self) -> dict[str, str]:
        """All pages by their address in the site, and the style they share."""
        pages = {"style.css": (TEMPLATES / "style.css").read_text(encoding="utf-8")}
        pages |= self._documents()
        pages |= self._tables()
        for language in LANGUAGES:
            pages |= KpiPages(self, language).pages()
            pages |= self._indexes(language)
        return pages

    def render(self, template: str, page: str, language: str, section: str, title: str, **about: Any) -> str:
        """A page of a template; addresses in it are written by `to`, from the root of the site."""
        as_of = self.dictionary.as_of
        return self.environment.get_template(template).render(
            language=language,
            title=title,
            section=section,
            home=_in(language, "index.html"),
            sections=self._sections(language),
            as_of=day_of(as_of, language) if isinstance(as_of, dt.date) else "",
            to=lambda target: relative(page, target),
            say=lambda english, french: french if language == "fr" else english,
            phrase=lambda key: PHRASES[key][language],
            trust_word=lambda status, count: _trust_word(status, count, language),
            trust=lambda status: _trust(status, language),
            twin=about.pop("twin", None),
            **about,
        )

    def node_page(self, node: Node) -> str:
        """The page of a model or a source in dbt's documentation."""
        return f"dbt/{node.address}"

    def _sections(self, language: str) -> list[tuple[str, str]]:
        sections = [
            ("kpis", _in(language, "kpis/index.html")),
            ("guides", _in(language, "guides/index.html")),
            ("decisions", "decisions/index.html"),
            ("tables", "tables/index.html"),
            ("models", DBT),
        ]
        sections += [("dashboards", f"../{DASHBOARDS}")] if DASHBOARDS in self.beside else []
        return sections + ([("quality", f"../{QUALITY}")] if QUALITY in self.beside else [])

    def _names(self) -> dict[str, str]:
        """What leads somewhere wherever it stands in backticks: tables, KPIs and the pages themselves."""
        names = {table.name: f"tables/{table.name}.html" for table in self.tables}
        names |= {kpi.code: f"kpis/{kpi.code}.html" for kpi in self.dictionary.kpis}
        pages = ("index.html", "tables/index.html", "kpis/index.html", "kpis/index.fr.html", DBT)
        return names | {f"publish/current/{SITE}/{page}": page for page in pages}

    def _elsewhere(self, path: Path) -> str | None:
        """The page of dbt's documentation that shows a model or a seed of the project."""
        node = self.graph.node(path.stem) if path.suffix in (".sql", ".yml", ".csv") else None
        return self.node_page(node) if node else None

    def _documents(self) -> dict[str, str]:
        markdown = Markdown(self.documents, self._names(), self._elsewhere)
        known = {document.page for document in self.documents}
        pages = {}
        for document in self.documents:
            body = markdown.render(document.source.read_text(encoding="utf-8"), document.page, document.source)
            section = "decisions" if document.page.startswith("decisions/") else "guides"
            twin = _twin(document.page)
            pages[document.page] = self.render(
                "document.html",
                document.page,
                document.language,
                section,
                document.title,
                body=Markup(body),  # noqa: S704 (made of the project's own files, with HTML in them shown as text)
                twin=twin if twin in known else None,
            )
        return pages

    def _tables(self) -> dict[str, str]:
        groups: dict[str, list[dict[str, Any]]] = {title: [] for title in PREFIXES.values()}
        pages = {}
        for table in self.tables:
            page = f"tables/{table.name}.html"
            rows = f"{self.rows[table.name]:,}"
            groups[PREFIXES[table.name.split("_")[0]]].append(
                {"page": page, "name": table.name, "description": table.description, "rows": rows}
            )
            pages[page] = self._table(table, page, rows)
        shown = [{"title": title, "tables": tables} for title, tables in groups.items() if tables]
        pages["tables/index.html"] = self.render(
            "tables.html", "tables/index.html", "en", "tables", "Published tables", groups=shown
        )
        return pages

    def _table(self, table: PublishedTable, page: str, rows: str) -> str:
        return self.render(
            "table.html",
            page,
            "en",
            "tables",
            table.name,
            table=table,
            rows=rows,
            grain=table.grain,
            model={"page": self.node_page(Node(table.name, table.unique_id))},
            names=with_names(table),
            formulas=calculated_fields(table),
            paste=to_paste(table),
        )

    def _indexes(self, language: str) -> dict[str, str]:
        french = language == "fr"
        home, guides = _in(language, "index.html"), _in(language, "guides/index.html")
        cards = [
            (_in(language, "kpis/index.html"), *_card("kpis", french)),
            (GUIDE[language], *_card("read", french)),
            (guides, *_card("guides", french)),
            ("decisions/index.html", *_card("decisions", french)),
            ("tables/index.html", *_card("tables", french)),
            (DBT, *_card("models", french)),
        ]
        cards = ([(f"../{DASHBOARDS}", *_card("dashboards", french))] if DASHBOARDS in self.beside else []) + cards
        cards += [(f"../{QUALITY}", *_card("quality", french))] if QUALITY in self.beside else []
        written = [each for each in self.documents if each.page.startswith("guides/")]
        mine = [each for each in written if each.language == language]
        other = [each for each in written if french and each.language == "en" and _twin(each.page) not in _pages(mine)]
        apart = [each for each in self.documents if "/" not in each.page]
        groups = [
            _group("", mine),
            _group("En anglais" if french else "The project", [*other, *apart] if french else apart),
        ]
        return {
            home: self.render(
                "index.html",
                home,
                language,
                "",
                "Documentation",
                twin=_twin(home),
                cards=[{"page": page, "title": title, "text": text} for page, title, text in cards],
                by_trust=list(self.dictionary.by_trust.items()),
                kpis_count=len(self.dictionary.kpis),
            ),
            guides: self.render(
                "list.html",
                guides,
                language,
                "guides",
                PHRASES["guides"][language],
                twin=_twin(guides),
                lead="Comment lire les chiffres et s'en servir."
                if french
                else "How to read the figures, use them, and run what makes them.",
                groups=[group for group in groups if group["items_"]],
            ),
        }


def table_sizes(database: Path, marts: Sequence[Mart]) -> dict[str, int]:
    """Rows of each published table."""
    connection = duckdb.connect(str(database), read_only=True)
    try:
        counts = {}
        for mart in marts:
            row = connection.execute(f"select count(*) from {mart.schema}.{mart.name}").fetchone()
            counts[mart.name] = int(row[0]) if row else 0
        return counts
    finally:
        connection.close()


def _in(language: str, page: str) -> str:
    return page.replace(".html", ".fr.html") if language == "fr" else page


def _twin(page: str) -> str:
    """The same page in the other language."""
    return page.replace(".fr.html", ".html") if page.endswith(".fr.html") else page.replace(".html", ".fr.html")


def _pages(documents: Sequence[Document]) -> set[str]:
    return {document.page for document in documents}


def _group(title: str, documents: Sequence[Document]) -> dict[str, Any]:
    items = [{"page": each.page, "title": each.title, "text": ""} for each in documents]
    return {"title": title, "items_": items}


def _trust(status: str, language: str) -> Markup:
    shape = SHAPES[status]
    return Markup('<span class="trust {}"><span aria-hidden="true">{}</span> {}</span>').format(
        status, shape, TRUSTS[status][language]
    )


def _trust_word(status: str, count: int, language: str) -> str:
    """What so many KPIs are: in French trusted ones agree with their number."""
    word = TRUSTS[status][language]
    return word.replace("fiable", "fiables") if language == "fr" and count > 1 else word


def _card(key: str, french: bool) -> tuple[str, str]:
    cards = {
        "dashboards": (
            ("Dashboards", "One page for each role: value, target, trend, and why it moved."),
            ("Tableaux de bord", "Une page par rôle : valeur, objectif, tendance, et pourquoi cela bouge."),
        ),
        "kpis": (
            ("KPI dictionary", "Each KPI: definition, formula, an example with real figures, its value now."),
            ("Dictionnaire des KPI", "Chaque KPI : définition, formule, exemple chiffré réel, valeur actuelle."),
        ),
        "read": (
            ("Read the numbers", "What a tile says, what a status means, what to do when a KPI is missed."),
            ("Lire les chiffres", "Ce que dit une tuile, ce que veut dire un statut, que faire si un KPI est manqué."),
        ),
        "guides": (
            ("Guides", "BI tools, alerts, your own exports, running it every day."),
            ("Guides", "Outils de BI, alertes, vos propres exports, exploitation quotidienne."),
        ),
        "decisions": (
            ("Decisions", "Each definition people argue about: what was decided, why, an example."),
            ("Décisions", "Chaque définition discutée : ce qui est arrêté, pourquoi, un exemple (en anglais)."),
        ),
        "tables": (
            ("Tables and fields", "What a BI tool connects to: every field with its type, ready to paste."),
            ("Tables et champs", "Ce à quoi un outil de BI se connecte : chaque champ et son type (en anglais)."),
        ),
        "models": (
            ("Models", "How every table is made: its SQL, tests and lineage, in dbt's own documentation."),
            ("Modèles", "Comment chaque table est faite : SQL, tests, lignage (en anglais)."),
        ),
        "quality": (
            ("Data quality", "What was checked in the exports and in the tables, and what was found."),
            (
                "Qualité des données",
                "Ce qui a été vérifié dans les exports et les tables, et le résultat (en anglais).",
            ),
        ),
    }
    return cards[key][french]
