"""The documentation site of a demo company: every KPI explained with its own figures, every link, every field."""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from browser import browsing
from conftest import LARGE, SHARED, DemoSites, Site, demo_companies, rows
from link_checker import broken_links
from warehouse.errors import UserError
from warehouse.publishing import published_marts
from warehouse.serving import server
from warehouse.settings import PROJECT
from warehouse.site.fields import published_tables
from warehouse.site.kpis import read_dictionary
from warehouse.site.markdown import Document, Markdown
from warehouse.site.writing import write_site

pytestmark = pytest.mark.slow


def registry() -> list[dict[str, str]]:
    with (PROJECT / "seeds" / "kpi_registry.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text_of(page: str) -> str:
    """What a reader sees of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


# the days of the second one end within a month, so that its pages have running periods too
@pytest.fixture(scope="module", params=demo_companies([SHARED], [LARGE]))
def company(request: pytest.FixtureRequest, demo_sites: DemoSites) -> Site:
    return demo_sites(*request.param)


@pytest.fixture(scope="module")
def docs(company: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `docs` of a publication of the demo company."""
    folder = tmp_path_factory.mktemp("site")
    manifest = company.root / "dbt" / "manifest.json"
    dbt = folder / "dbt.html"
    dbt.write_text("<html lang='en'><title>dbt</title></html>", encoding="utf-8")
    database = company.settings.warehouse / "dev.duckdb"
    beside = ["dashboards/index.html", "quality/index.html"]
    files = write_site(database, manifest, published_marts(manifest), dbt, folder / "made", PROJECT, beside)
    for name, path in files.items():
        (folder / "current" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / "current" / name)
    for name in beside:
        (folder / "current" / name).parent.mkdir()
        (folder / "current" / name).write_text("<html lang='en'></html>", encoding="utf-8")
    return folder / "current" / "docs"


def test_every_link_leads_somewhere_and_nothing_is_fetched_from_elsewhere(docs: Path) -> None:
    assert len(list(docs.rglob("*.html"))) > 250
    assert broken_links(docs.parent, r"^docs/dbt/") == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as opened:
        yield opened


# one of each kind, the widest tables among them
KINDS = (
    "index.fr.html kpis/index.html kpis/pipeline_velocity.fr.html tables/index.html tables/kpi_values.html "
    "guides/read-the-numbers.fr.html guides/bi-tools.html"
).split()


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
def test_pages_fit_a_phone_and_a_desk_and_are_read_by_everybody(
    docs: Path, browser: Browser, width: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    try:
        for name in KINDS:
            page.goto((docs / name).as_uri())
            wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wider <= 0, f"{name} is {wider} pixels wider than {width}"
            found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False}).response["violations"]
            grave = [each["id"] for each in found if each["impact"] in ("serious", "critical")]
            assert grave == [], f"{name} {scheme}: {grave}"
    finally:
        context.close()
    assert wrong == []
    assert {url.partition(":")[0] for url in asked} == {"file"}


def test_models_and_sources_that_pages_lead_to_are_in_the_documentation_of_dbt(docs: Path, company: Site) -> None:
    manifest = json.loads((company.root / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    known = manifest["nodes"].keys() | manifest["sources"].keys()
    led_to = {
        each
        for path in docs.rglob("*.html")
        for each in re.findall(r'dbt/index\.html#!/\w+/([\w.]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(led_to) > 100
    assert led_to <= known


def test_every_kpi_has_a_page_in_each_language_that_says_what_the_registry_says(docs: Path) -> None:
    for row in registry():
        for language, suffix in (("en", ""), ("fr", ".fr")):
            page = (docs / "kpis" / f"{row['kpi_code']}{suffix}.html").read_text(encoding="utf-8")
            told = text_of(page)
            assert f'<html lang="{language}">' in page
            assert row[f"name_{language}"] in told
            assert row[f"description_{language}"] in told
            assert re.search(r'href="\.\./decisions/\d{4}-', page), f"{row['kpi_code']} rests on no decision"
            assert "exports of" in told or "exports de" in told, f"{row['kpi_code']} comes from nowhere"


def test_nothing_is_called_by_its_code_and_no_french_page_speaks_english(company: Site) -> None:
    dictionary = read_dictionary(company.settings.warehouse / "dev.duckdb")
    for kpi in dictionary.kpis:
        for part in kpi.parts:
            assert part in dictionary.labels, f"{part} of {kpi.code} has no row in seeds/driver_labels.csv"
        if kpi.row["decision"]:
            assert kpi.row["decision_fr"] != kpi.row["decision"], f"{kpi.row['decision']}: seeds/decision_labels.csv"


SUM = re.compile(r"<tr><td>([+÷×]?)</td><td class=\"number\">([^<]+)</td>")


def test_what_an_example_adds_up_is_the_value_of_that_month(docs: Path, company: Site) -> None:
    """Figures as printed are calculated anew, and compared with the row of the mart that the page is about."""
    values = {
        (code, month): value
        for code, month, value in rows(
            company.settings.warehouse / "dev.duckdb",
            "select kpi_code, strftime(period_start_date, '%B %Y'), value from marts.kpi_values "
            "where scope_type = 'company' and period_grain = 'month'",
        )
    }
    checked = set()
    for row in registry():
        page = (docs / "kpis" / f"{row['kpi_code']}.html").read_text(encoding="utf-8")
        lines = SUM.findall(page)
        if not lines:
            continue
        result = 0.0
        for position, (sign, number) in enumerate(lines):
            value = float(number.replace(",", "").replace("−", "-"))
            result = (
                value
                if position == 0
                else result * value
                if sign == "×"
                else result / value
                if sign == "÷"
                else result + value
            )
        (month,) = re.findall(r"<p>(\w+ \d{4}), whole company\.", page)
        assert result == pytest.approx(values[row["kpi_code"], month], rel=1e-4), row["kpi_code"]
        checked.add(row["aggregation"])
    assert checked == {"sum", "ratio", "product"}


def test_values_are_written_as_on_tiles(docs: Path, company: Site) -> None:
    tiles = rows(
        company.settings.warehouse / "dev.duckdb",
        "select distinct kpi_code, formatted_value_en, formatted_value_fr from marts.dashboard_tiles "
        "where scope_type = 'company' and period_grain = 'month' and value is not null and period_start_date = "
        "(select max(period_start_date) from marts.dashboard_tiles where period_grain = 'month')",
    )
    assert len(tiles) > 25
    for code, english, french in tiles:
        for suffix, shown in (("", english), (".fr", french)):
            page = (docs / "kpis" / f"{code}{suffix}.html").read_text(encoding="utf-8")
            assert f"<strong>{html.escape(shown)}</strong>" in page, code


def test_a_plain_number_of_years_is_written_in_years(docs: Path) -> None:
    for suffix, unit, years in (("", "Unit Years", r"[\d.]+ years?"), (".fr", "Unité Des années", r"[\d,]+\u202fans?")):
        page = (docs / "kpis" / f"relation_length_years{suffix}.html").read_text(encoding="utf-8")
        values = re.findall(r"<strong>([^<]+)</strong>", page)
        assert [value for value in values if not re.fullmatch(years, value)] == []
        assert values
        assert unit in text_of(page)


def test_a_stock_is_not_said_to_be_of_the_last_day_where_it_is_not(docs: Path) -> None:
    """Opportunities in progress are the mean of the days; the definition of the open pipeline names the last one."""
    for suffix, last in (("", "last day of the period"), (".fr", "dernier jour de la période")):
        mean, pipeline = (
            text_of((docs / "kpis" / f"{code}{suffix}.html").read_text(encoding="utf-8"))
            for code in ("opportunities_in_progress", "pipeline_open_amount")
        )
        assert last not in mean
        assert last in pipeline


def test_why_no_target_is_proposed_is_true_of_every_kpi_that_has_none(docs: Path, company: Site) -> None:
    """Of what is a sum, a ratio or a stock only metrics, the forecast and what runs out have no proposal."""
    proposed = {
        code
        for (code,) in rows(
            company.settings.warehouse / "dev.duckdb",
            "select distinct kpi_code from marts.kpi_target_proposals "
            "where scope_type = 'company' and period_grain in ('month', 'quarter')",
        )
    }
    for row in registry():
        page = text_of((docs / "kpis" / f"{row['kpi_code']}.html").read_text(encoding="utf-8"))
        said = "None: a target is proposed for a KPI, not for a metric," in page
        assert said == (row["kpi_code"] not in proposed), row["kpi_code"]
        if said and row["kind"] == "kpi" and row["aggregation"] in ("sum", "ratio", "last"):
            assert row["kpi_code"] == "forecast_bookings_amount" or row["within_period"] == "runs_out"


def test_every_published_table_has_a_page_with_all_its_fields(docs: Path, company: Site) -> None:
    built: dict[str, list[str]] = {}
    for table, column in rows(
        company.settings.warehouse / "dev.duckdb",
        "select table_name, column_name from duckdb_columns() where schema_name in ('marts', 'seeds') "
        "order by column_index",
    ):
        built.setdefault(table, []).append(column)
    for mart in published_marts(company.root / "dbt" / "manifest.json"):
        page = (docs / "tables" / f"{mart.name}.html").read_text(encoding="utf-8")
        assert re.findall(r'<tr><th scope="row"><code>(\w+)</code>', page) == built[mart.name], mart.name


def test_queries_to_paste_run_and_lose_no_row(docs: Path, company: Site) -> None:
    with duckdb.connect(str(company.settings.warehouse / "dev.duckdb"), read_only=True) as connection:
        connection.execute("set search_path = 'marts,seeds'")
        queries = 0
        for path in sorted((docs / "tables").glob("*.html")):
            found = re.search(r'<h2 id="names">.*?<pre class="paste"[^>]*>(.*?)</pre>', path.read_text("utf-8"), re.S)
            if found:
                query = html.unescape(found.group(1))
                counts = connection.execute(f"select count(*) from ({query})").fetchone()
                assert counts == connection.execute(f"select count(*) from {path.stem}").fetchone(), path.stem
                queries += 1
        assert queries > 15


@pytest.mark.parametrize("guide", ["bi-tools", "looker-studio", "power-bi"])
def test_queries_of_the_guides_to_bi_tools_find_something(company: Site, guide: str) -> None:
    text = (PROJECT / "docs" / "guides" / f"{guide}.md").read_text(encoding="utf-8")
    queries = re.findall(r"^```sql\n(select .*?|with .*?)^```", text, re.M | re.S)
    assert queries
    with duckdb.connect(str(company.settings.warehouse / "dev.duckdb"), read_only=True) as connection:
        connection.execute("set search_path = 'marts,seeds'")
        # guides name the newest whole periods of the company as it is shipped
        newest = "select max(period_start_date) from kpi_values where not is_partial_period and period_grain = ?"
        ((quarter,),), ((month,),) = (connection.execute(newest, [grain]).fetchall() for grain in ("quarter", "month"))
        for query in queries:
            asked = re.sub(r"read_parquet\('publish/current/parquet/(\w+)\.parquet'\)", r"\1", query)
            asked = asked.replace("date '2026-07-01'", f"date '{quarter}'").replace(
                "date '2026-10-01'", f"date '{month}'"
            )
            assert connection.execute(re.sub(r"\bbi\.", "", asked)).fetchone(), query


def test_fields_are_of_the_types_that_tools_have_and_shares_are_never_summed(company: Site) -> None:
    manifest = company.root / "dbt" / "manifest.json"
    kpis = {row["kpi_code"]: row for row in registry()}
    nodes = json.loads(manifest.read_text(encoding="utf-8"))
    tables = published_tables(nodes, [mart.name for mart in published_marts(manifest)], kpis)
    fields = {(table.name, field.name): field for table in tables for field in table.fields}
    assert fields["kpi_values", "period_start_date"].kind == "Date"
    assert fields["dashboard_executive", "bookings_amount"].kind == "Currency (EUR)"
    assert fields["dashboard_executive", "bookings_amount"].aggregation == "Sum"
    assert fields["dashboard_executive", "cac_amount"].aggregation == "Max"
    assert fields["dashboard_executive", "win_rate"].kind == "Percent"
    assert fields["fct_leads", "speed_to_lead_minutes"].aggregation == "Average"
    assert fields["fct_subscriptions_monthly", "mrr_amount"].aggregation == "Sum"
    for (table, name), field in fields.items():
        told = re.sub(r"\W+", "", field.description.lower())
        assert told not in ("", name.replace("_", "")), f"{table}.{name}: {field.description!r} says nothing"
        if field.kind in ("Percent", "Text", "Date"):
            assert field.aggregation != "Sum", f"{table}.{name}"


def test_a_document_leads_to_pages_by_links_and_by_names_alone() -> None:
    source = PROJECT / "docs" / "guides" / "some.md"
    documents = [
        Document(PROJECT / "docs" / "decisions" / "0001-one-clock.md", "decisions/0001-one-clock.html", "en", "")
    ]
    markdown = Markdown(documents, {"kpi_values": "tables/kpi_values.html"}, lambda path: None)

    def rendered(text: str) -> str:
        return markdown.render(text, "guides/some.html", source)

    assert 'href="../decisions/0001-one-clock.html#why"' in rendered("[clock](../decisions/0001-one-clock.md#why)")
    assert '<a class="name" href="../tables/kpi_values.html"><code>kpi_values</code></a>' in rendered("`kpi_values`")
    assert rendered("[`kpi_values`](#here)").count("<a ") == 1, "no link within a link"
    assert "<script>" not in rendered("a <script>alert(1)</script>")
    assert re.findall(r'id="([^"]+)"', rendered("# The `why`, twice\n\n# The `why`, twice")) == [
        "the-why-twice",
        "the-why-twice-1",
    ]


def test_the_guide_says_what_a_status_and_an_alert_make_of_an_interval(company: Site) -> None:
    inside = """
        select count(*) from marts.{table} as judged
        inner join marts.kpi_values using (kpi_code, period_grain, period_start_date, scope_type, scope_id)
        where {found} and judged.{due} between ci_low and ci_high
    """
    database = company.settings.warehouse / "dev.duckdb"
    missed, alerted = (
        rows(database, inside.format(table=table, found=found, due=due))[0][0]
        for table, found, due in (
            ("kpi_attainment", "status = 'missed'", "target_value"),
            ("kpi_missed_targets", "is_missed", "owed_value"),
        )
    )
    assert missed > 0, "a status that looks at the interval is another guide"
    assert alerted == 0
    for suffix, told in (
        ("", "The status does not look at the interval"),
        (".fr", "Le statut ne regarde pas l'intervalle"),
    ):
        guide = (PROJECT / "docs" / "guides" / f"read-the-numbers{suffix}.md").read_text(encoding="utf-8")
        assert told in " ".join(guide.split())


@contextmanager
def served(publish: Path) -> Iterator[int]:
    serving = server(publish, 0)
    thread = Thread(target=serving.serve_forever)
    thread.start()
    try:
        yield serving.server_port
    finally:
        serving.shutdown()
        thread.join()
        serving.server_close()


def test_the_publication_is_served_to_this_machine_alone_and_anew_after_each_run(tmp_path: Path) -> None:
    for generation in ("1", "2"):
        (tmp_path / generation / "docs").mkdir(parents=True)
        (tmp_path / generation / "manifest.json").write_text("{}", encoding="utf-8")
        (tmp_path / generation / "docs" / "index.html").write_text(f"generation {generation}", encoding="utf-8")
    (tmp_path / "current").symlink_to("1")
    with served(tmp_path) as port:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert answer.url.endswith("/docs/index.html")
            assert answer.read() == b"generation 1"
        (tmp_path / "current").unlink()
        (tmp_path / "current").symlink_to("2")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/docs/index.html") as answer:
            assert answer.read() == b"generation 2"
        stranger = urllib.request.Request(f"http://127.0.0.1:{port}/docs/index.html", headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="421"):
            urllib.request.urlopen(stranger)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/../../etc/passwd")
        second = server(tmp_path, port)
        assert second.server_address[0] == "127.0.0.1"
        assert second.server_port > port, "the next port when one is taken"
        second.server_close()


def test_nothing_published_is_one_line_that_says_so(site: Site) -> None:
    with pytest.raises(UserError, match="nothing published there yet"):
        server(site.settings.publish, 0)
    done = site.run("serve.py")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
