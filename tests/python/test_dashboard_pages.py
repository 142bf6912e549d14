"""The dashboards in a browser: what they show is what the marts say, for everybody, from a file, offline."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from browser import browsing
from conftest import SHARED, DemoSites
from dashboards import main
from warehouse.dashboards import rendering
from warehouse.dashboards.reading import FORECASTS
from warehouse.dashboards.rendering import ASSETS, PAGES, render_dashboards
from warehouse.settings import PROJECT

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dashboard pages")]


@pytest.fixture(scope="module")
def marts(demo_sites: DemoSites) -> Path:
    """A build of the demo company."""
    return demo_sites(*SHARED).settings.warehouse / "dev.duckdb"


@pytest.fixture(scope="module")
def pages(marts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its pages."""
    folder = tmp_path_factory.mktemp("pages")
    assert [path.stem for path in render_dashboards(marts, folder)] == list(PAGES)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as opened:
        yield opened


class Tab:
    """A page in a browser that remembers what went wrong and what was asked of the network."""

    def __init__(self, browser: Browser, width: int = 1440, scheme: str = "light") -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB", reduced_motion="reduce"
        )
        self.page: Page = self.context.new_page()
        self.wrong: list[str] = []
        self.asked: list[str] = []
        self.page.on(
            "console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("dialog", lambda dialog: (self.wrong.append(f"dialog {dialog.message}"), dialog.dismiss()))

    def open(self, path: Path, chosen: str = "") -> Page:
        self.page.goto("about:blank")
        self.page.goto(f"{path.as_uri()}#{chosen}")
        return self.settle()

    def settle(self) -> Page:
        self.page.wait_for_selector("body[data-drawn=yes]", timeout=60_000)
        return self.page


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    opened = Tab(browser)
    yield opened
    opened.context.close()


def fetched(database: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def plain(text: str) -> str:
    """A text with ordinary spaces."""
    return re.sub(r"[\u00a0\u202f]", " ", text)


def amounts(text: str) -> list[int]:
    """Whole euros of an English text, in order."""
    return [int(each.replace(",", "")) for each in re.findall(r"€([\d,]+)", text)]


def first_paint(page: Page) -> float:
    """Milliseconds until something was seen."""
    return float(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_one_file_that_asks_nobody_for_anything(pages: Path, browser: Browser, name: str) -> None:
    """No request but for the file itself, no complaint of the browser, figures soon, light enough to mail."""
    path = pages / f"{name}.html"
    assert path.stat().st_size < 3_000_000
    tab = Tab(browser)
    try:
        page = tab.open(path)
        assert tab.wrong == []
        assert [url for url in tab.asked if url != "about:blank"] == [path.as_uri()]
        # the machine does other things too: one of ten openings tells how fast the page can be
        assert any(first_paint(tab.open(path)) < 1000 for _ in range(10))
        assert page.locator(".chart").count() == page.locator(".chart svg").count()
        assert page.locator("h1").count() == 1
    finally:
        tab.context.close()


# what stands where: the outline of a page, and the boxes of all that is drawn
OUTLINE = "[...document.querySelectorAll('h1, h2, h3, .chart, table, select, button, svg')].map((each) => each.tagName)"
BOXES = """[...document.querySelectorAll('h1, h2, .tile, figure, .chart svg, table, select, .card')].map((each) => {
    const box = each.getBoundingClientRect();
    return [each.tagName, ...[box.x, box.y, box.width, box.height].map(Math.round)];
})"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_and_a_desk_and_keeps_its_shape(pages: Path, browser: Browser, name: str) -> None:
    """No sideways scrolling, nothing serious for axe; languages differ in words alone, themes in colours alone."""
    outlines = []
    for width, lang, theme in ((360, "fr", "dark"), (1440, "en", "light")):
        tab = Tab(browser, width)
        try:
            page = tab.open(pages / f"{name}.html", f"lang={lang}&theme={theme}")
            assert overflow(page) <= 0, f"{name} scrolls sideways at {width} px"
            assert page.evaluate("document.documentElement.lang") == lang
            outlines.append(page.evaluate(OUTLINE))
            if theme == "light" or name in ("index", "sales_director", "people"):
                assert serious(page) == []
            boxes, picture = page.evaluate(BOXES), page.screenshot()
            page.select_option("#theme", "light" if theme == "dark" else "dark")
            tab.settle()
            assert page.evaluate(BOXES) == boxes
            assert page.screenshot() != picture
            assert tab.wrong == []
        finally:
            tab.context.close()
    assert outlines[0] == outlines[1]


def serious(page: Page) -> list[str]:
    """What keeps people from using a page, by axe."""
    return [
        f"{each['id']}: {each['nodes'][0]['html'][:160]}"
        for each in Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def test_a_page_is_drawn_the_same_way_twice(pages: Path, tab: Tab) -> None:
    first, second = (tab.open(pages / "sales_director.html", "lang=en").screenshot(full_page=True) for _ in range(2))
    assert first == second


def test_the_tiles_of_a_page_say_what_the_marts_say(marts: Path, pages: Path, tab: Tab) -> None:
    """Company, a team and a rep, month and quarter, in both languages: text by text."""
    for role, scope_type, grain, lang in (
        ("sdr", "company", "month", "en"),
        ("account_executive", "rep", "quarter", "fr"),
        ("sales_director", "team", "month", "fr"),
        ("executive", "company", "quarter", "en"),
    ):
        # whoever has most tiles in the newest whole period
        found = fetched(
            marts,
            f"""
            select kpi_code, scope_id, period_start_date, formatted_value_{lang}, comment_{lang}, status, trust_status,
                value, label_{lang}
            from (
                select *, count(*) over (partition by dashboard, period_start_date, scope_type, scope_id) as tiles_count
                from marts.dashboard_tiles
            )
            where dashboard = '{role}' and scope_type = '{scope_type}' and period_grain = '{grain}'
                and not is_partial_period and scope_id <> 'unallocated'
            qualify dense_rank() over (order by period_start_date desc) = 1
                and scope_id = first(scope_id) over (order by period_start_date desc, tiles_count desc, scope_id)
            order by position
            """,
        )
        assert len(found) >= 7
        scope_id, start = found[0][1], found[0][2]
        scope = "" if scope_type == "company" else f"&{scope_type}={scope_id}"
        page = tab.open(pages / f"{role}.html", f"lang={lang}&grain={grain}&period={start}{scope}")
        shown = {tile.get_attribute("data-kpi"): tile for tile in page.locator(".tile").all()}
        assert list(shown) == [row[0] for row in found]
        for code, _, _, value, comment, status, trust, number, label in found:
            tile = shown[code]
            assert tile.locator("h3").inner_text() == label
            assert tile.locator(".value").text_content() == (value or "–")
            assert plain(tile.locator(".comment").text_content()) == plain(comment)
            assert tile.locator("[data-trust]").get_attribute("data-trust") == trust
            assert tile.get_attribute("data-status") == (status or "no_target")
            assert tile.locator(".against .status").count() == (0 if status in (None, "no_target") else 1)
            said = tile.get_attribute("data-value")
            assert (said is None and number is None) or float(said) == pytest.approx(number, rel=1e-8)
        assert page.locator(".tile").count() <= 10
    assert tab.wrong == []


def test_every_number_is_written_as_the_marts_write_it(marts: Path, tab: Tab) -> None:
    """The page's own way with numbers, for targets and charts, on every value of every tile, in both languages."""
    rows = fetched(
        marts,
        "select distinct unit, value, formatted_value_en, formatted_value_fr from marts.dashboard_tiles "
        "where value is not null",
    )
    assert len(rows) > 2000
    tab.page.goto("about:blank")
    tab.page.add_script_tag(content=(ASSETS / "format.js").read_text(encoding="utf-8"))
    for lang, column in (("en", 2), ("fr", 3)):
        written = tab.page.evaluate(
            f"(rows) => rows.map(([unit, value]) => formatted(value, unit, '{lang}', '€'))",
            [[unit, value] for unit, value, *_ in rows],
        )
        wrong = [
            (row[0], row[1], row[column], text) for row, text in zip(rows, written, strict=True) if text != row[column]
        ]
        assert wrong == []
    # a currency without a sign everybody knows stands apart from its number
    francs = tab.page.evaluate(
        "[['en', 1234], ['fr', 1234], ['fr', 1234567]].map(([lang, value]) => formatted(value, 'EUR', lang, 'CHF'))"
    )
    assert francs == ["CHF 1,234", "1\u202f234\u202fCHF", "1,23\u202fM\u202fCHF"]


def test_contributions_shown_add_up_to_the_change(pages: Path, tab: Tab) -> None:
    page = tab.open(pages / "sales_director.html", "lang=en&grain=quarter&kpi=opportunities_created")
    moved = re.search(r"From ([\d,]+) .*to ([\d,]+): ([+-][\d,]+)", page.locator("#why .says").inner_text())
    assert moved, page.locator("#why .says").inner_text()
    kinds = [each.get_attribute("value") for each in page.locator("#by option").all()]
    assert {"team", "channel"} <= set(kinds)
    for kind in kinds:
        page.select_option("#by", kind)
        tab.settle()
        cells = page.locator("#why figure >> nth=1").locator("tbody td:nth-child(2)").all_text_contents()
        parts = [float(cell.replace("+", "").replace(",", "")) for cell in cells]
        # contributions of a count are whole records; each may be rounded by a half of the last digit shown
        assert sum(parts) == pytest.approx(float(moved[3].replace(",", "")), abs=0.05 * len(parts) + 0.01)


def test_a_period_without_a_value_is_a_gap_in_the_trend(marts: Path, tmp_path: Path, tab: Tab) -> None:
    """Neither joined over nor left out of the title and the table; what was before the first value is no gap."""
    copy = tmp_path / "build.duckdb"
    shutil.copy(marts, copy)
    # the periods before the first value, and three after it: the end of a year and the beginning of the next one
    ago = "(select period_start_date from marts.dim_periods where period_grain = 'month' and period_start_date <= "
    ago += "(select max(as_of_date) from marts.dim_clocks) order by 1 desc limit 1 offset {})"
    oldest, first, last = (ago.format(months) for months in (11, 4, 2))
    with duckdb.connect(str(copy)) as connection:
        connection.execute(
            "update marts.dashboard_tiles set value = null, formatted_value_en = '–' "
            "where kpi_code = 'bookings_amount' and period_grain = 'month' "
            f"and (period_start_date < {oldest} or period_start_date between {first} and {last})"
        )
        connection.execute(
            "delete from marts.dashboard_tiles where kpi_code = 'bookings_amount' and period_grain = 'month' "
            f"and period_start_date = {last}"
        )
    render_dashboards(copy, tmp_path, ["sales_director"])
    page = tab.open(tmp_path / "sales_director.html", "lang=en&grain=month&kpi=bookings_amount")
    figure = page.locator("#why figure").first
    assert figure.locator("h3").inner_text() == "The last 12 periods"
    line = figure.locator(".chart svg .mark-line path").last
    assert line.get_attribute("d").count("M") == 2
    # both years are on the axis, though the months that begin and end them have no value
    axis = " ".join(figure.locator(".role-axis-label text").all_text_contents())
    assert {"2025", "2026"} <= set(re.findall(r"\d{4}", axis))
    values = figure.locator("tbody td:nth-child(2)").all_text_contents()
    assert [value == "–" for value in values] == [False] * 7 + [True] * 3 + [False] * 2
    assert tab.wrong == []


def test_sentences_about_money_come_out(pages: Path, tab: Tab) -> None:
    """The change is the difference of what is shown, and the pipeline's ins and outs come to what is still open."""
    page = tab.open(pages / "sales_director.html", "lang=en&kpi=bookings_amount")
    months = [each.get_attribute("value") for each in page.locator("#period option").all()]
    for month in months[:4]:
        page.select_option("#period", month)
        tab.settle()
        previous, value, change = amounts(page.locator("#why .says").inner_text())
        assert abs(value - previous) == change
        opening, added, *mostly, won, lost, away, closing = amounts(page.locator("#pipeline .says").inner_text())
        assert opening + added - won - lost - away == closing
        assert sum(mostly) <= added
    written = tab.page.evaluate("[document.body.innerText.includes('−'), document.body.innerText.includes('-€')]")
    assert written == [False, True], "one sign for less than nothing"


def test_a_forecast_of_a_period_to_come_stands_against_the_target_agreed_on(marts: Path, pages: Path, tab: Tab) -> None:
    """The next month and quarter have no attainment yet; reps that have left owe nothing, whatever was agreed on."""
    with duckdb.connect(str(marts), read_only=True) as connection:
        connection.execute("set schema = 'marts'")
        told = connection.execute(
            f"select period_grain, period_start_date, scope_type, scope_id, target_value from ({FORECASTS})"
        ).fetchall()
    owed = fetched(
        marts,
        """
        select period_grain, period_start_date, scope_type, scope_id,
            case when quota_amount > 0 then agreed_amount end as target_value
        from marts.forecast_bookings
        left join marts.kpi_quotas using (period_grain, period_start_date, scope_type, scope_id)
        where scope_type in ('company', 'team', 'rep')
        """,
    )
    assert sorted(told) == sorted(owed)
    assert {grain for grain, *_, target in told if target is not None} == {"month", "quarter"}
    assert {scope for _, _, scope, _, target in told if target is not None} == {"company", "team", "rep"}
    page = tab.open(pages / "sales_director.html", "lang=en")
    targets = page.locator("#forecast figure >> nth=0 >> tbody td:last-child").all_text_contents()
    expected = {f"€{target:,.0f}" for *_, scope, _, target in told if scope == "company"}
    assert set(targets) == expected


def test_a_change_that_is_not_broken_down_says_so(marts: Path, pages: Path, tab: Tab) -> None:
    ((rep, start),) = fetched(
        marts,
        """
        select scope_id, period_start_date from marts.dashboard_tiles as tiles
        where dashboard = 'sdr' and kpi_code = 'leads_contacted' and scope_type = 'rep' and period_grain = 'quarter'
            and value <> previous_value
            and not exists (
                select 1 from marts.kpi_drivers as drivers
                where drivers.kpi_code = tiles.kpi_code and drivers.period_grain = tiles.period_grain
                    and drivers.period_start_date = tiles.period_start_date and drivers.scope_id = tiles.scope_id
                    and drivers.scope_type = 'rep'
            )
        order by period_start_date desc, scope_id
        limit 1
        """,
    )
    chosen = f"lang=en&grain=quarter&period={start}&rep={rep}&kpi=leads_contacted"
    page = tab.open(pages / "sdr.html", chosen)
    assert page.locator("#no-drivers").inner_text() == "The change is not broken down at this level."


def test_names_of_kpis_lead_to_their_definitions_where_there_are_some(
    marts: Path, pages: Path, tmp_path: Path, tab: Tab
) -> None:
    assert tab.open(pages / "executive.html").locator("a[href*='../docs/']").count() == 0
    render_dashboards(marts, tmp_path, ["executive"], is_documented=True)
    page = tab.open(tmp_path / "executive.html", "lang=fr")
    link = page.locator(".tile[data-kpi=win_rate] h3 a")
    assert link.get_attribute("href") == "../docs/kpis/win_rate.fr.html"
    assert page.locator("footer a").first.get_attribute("href") == "../docs/kpis/index.fr.html"


def test_a_long_label_of_a_chart_is_whole_on_a_phone(pages: Path, browser: Browser) -> None:
    tab = Tab(browser, 390)
    try:
        page = tab.open(pages / "sales_director.html", "lang=fr")
        labels = page.locator(".chart .role-axis-label text").all_text_contents()
        assert len(labels) > 20
        assert [each for each in labels if "…" in each] == []
    finally:
        tab.context.close()


def test_the_pages_of_the_checks_fit_a_phone_whatever_a_column_is_called(browser: Browser, tmp_path: Path) -> None:
    style = PROJECT / "scripts/warehouse/expectations/pages/quality.css"
    with (PROJECT / "seeds/kpi_registry.csv").open(encoding="utf-8", newline="") as file:
        longest = max((row["kpi_code"] for row in csv.DictReader(file)), key=len)
    titles = "".join(f"<h{level}>{longest}</h{level}>" for level in (1, 2))
    table = f"<table><tr><td><i class=fas>passed</i></td>{f'<td>{longest}</td>' * 5}</tr></table>"
    page = f"<meta name=viewport content='width=device-width'><style>{style.read_text('utf-8')}</style>{titles}{table}"
    (tmp_path / "checks.html").write_text(page, encoding="utf-8")
    tab = Tab(browser, 360)
    try:
        tab.page.goto((tmp_path / "checks.html").as_uri())
        assert overflow(tab.page) <= 0
    finally:
        tab.context.close()


def test_the_overview_says_where_a_headline_stands_and_whether_it_is_trusted(
    marts: Path, tmp_path: Path, tab: Tab
) -> None:
    copy = tmp_path / "build.duckdb"
    shutil.copy(marts, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(
            "update marts.dashboard_tiles set trust_status = 'degraded', status = 'ahead' "
            "where kpi_code = 'bookings_amount'"
        )
    render_dashboards(copy, tmp_path, ["index"])
    page = tab.open(tmp_path / "index.html", "lang=en")
    assert page.locator("tr[data-kpi=bookings_amount] >> nth=0 >> .status").all_text_contents() == [
        "Ahead",
        "With reservations",
    ]


@pytest.mark.parametrize(
    ("width", "lang", "said"), [(1440, "en", "Not complete yet"), (390, "fr", "Pas encore complet")]
)
def test_the_overview_marks_what_is_not_complete_yet(
    marts: Path, tmp_path: Path, browser: Browser, width: int, lang: str, said: str
) -> None:
    copy = tmp_path / "build.duckdb"
    shutil.copy(marts, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("update marts.kpi_values set is_mature = kpi_code <> 'win_rate'")
    render_dashboards(copy, tmp_path, ["index"])
    tab = Tab(browser, width)
    try:
        page = tab.open(tmp_path / "index.html", f"lang={lang}")
        marks = page.locator("tr[data-kpi=win_rate] [data-status=immature]")
        assert set(marks.all_inner_texts()) == {said}
        assert marks.evaluate_all("(all) => all.every((each) => each.checkVisibility())")
        # of the row and of the page: what is beyond the edge of a phone is not seen
        assert marks.first.evaluate("(each) => each.getBoundingClientRect().right <= innerWidth")
        assert page.locator("[data-status=immature]").count() == marks.count()
    finally:
        tab.context.close()


def test_filters_language_and_theme_are_kept_in_the_address_and_on_the_next_page(pages: Path, tab: Tab) -> None:
    page = tab.open(pages / "sales_director.html", "lang=en")
    company = page.locator(".tile .value").all_text_contents()
    team = page.locator("#team option >> nth=1").get_attribute("value")
    page.select_option("#team", team)
    assert tab.settle().locator(".tile .value").all_text_contents() != company
    assert page.locator(".shown").inner_text().startswith(team)
    reps = page.locator("#rep option").count()
    page.select_option("#team", "")
    assert page.locator("#rep option").count() > reps, "a team offers its own people"
    page.click("#grain-quarter")
    assert page.locator("#grain-quarter").get_attribute("aria-pressed") == "true"
    assert page.evaluate("document.activeElement.id") == "grain-quarter", "the keyboard stays where it was"
    second = page.locator("#period option >> nth=2").get_attribute("value")
    page.select_option("#period", second)
    page.click("#lang-fr")
    page.select_option("#theme", "dark")
    tab.settle()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(16, 20, 24)"
    for part in ("lang=fr", "theme=dark", "grain=quarter", f"period={second}"):
        assert part in page.url
    page.locator("#pages a", has_text="Direction générale").click()
    page.wait_for_url("**/executive.html#*")
    tab.settle()
    assert page.locator("h1").inner_text() == "Direction générale"
    assert page.locator("#period").input_value() == second
    assert tab.wrong == []


@pytest.mark.parametrize(
    ("name", "lang", "said"), [("people", "en", "no longer"), ("account_executive", "fr", "ne fait")]
)
def test_who_has_left_is_marked_among_the_people(
    marts: Path, tmp_path: Path, tab: Tab, name: str, lang: str, said: str
) -> None:
    copy = tmp_path / "build.duckdb"
    shutil.copy(marts, copy)
    with duckdb.connect(str(copy)) as connection:
        reps = connection.execute(
            "select distinct scope_id from marts.dashboard_tiles inner join marts.rep_scorecards on scope_id = rep_id "
            "where dashboard = 'account_executive' and scope_type = 'rep' order by 1 limit 3"
        ).fetchall()
        # yesterday, today and tomorrow; everybody's role is known
        for days, (rep,) in enumerate(reps):
            connection.execute(
                "update marts.dim_sales_reps set left_date = (select max(as_of_date) from marts.dim_clocks) + ? "
                "where rep_id = ?",
                [days - 1, rep],
            )
        gone = {
            rep
            for (rep,) in connection.execute(
                "select rep_id from marts.dim_sales_reps "
                "where left_date < (select max(as_of_date) from marts.dim_clocks)"
            ).fetchall()
        }
    render_dashboards(copy, tmp_path, [name])
    page = tab.open(tmp_path / f"{name}.html", f"lang={lang}")
    offered = page.locator("#rep option").evaluate_all("(all) => all.map((each) => [each.value, each.textContent])")
    assert {rep for rep, text in offered if said in text} == gone & {rep for rep, _ in offered}
    assert reps[0][0] in gone & {rep for rep, _ in offered}


def test_a_page_follows_the_system_until_told_otherwise(pages: Path, browser: Browser) -> None:
    tab = Tab(browser, scheme="dark")
    try:
        page = tab.open(pages / "index.html")
        dark = "getComputedStyle(document.body).backgroundColor === 'rgb(16, 20, 24)'"
        assert page.evaluate(dark)
        page.select_option("#theme", "light")
        assert not page.evaluate(dark)
    finally:
        tab.context.close()


def test_every_control_is_reached_by_the_keyboard_and_moves_the_page(pages: Path, tab: Tab) -> None:
    page = tab.open(pages / "account_executive.html", "lang=en")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    assert [each for each in reached if each][:7] == [
        *("grain-week", "grain-month", "grain-quarter", "period", "team", "rep", "why-meetings_held")
    ]
    page.locator("#why-win_rate").focus()
    page.keyboard.press("Enter")
    assert tab.settle().locator("#why-title").inner_text() == "Why did it move? Win rate"


HEARD = """[...document.querySelectorAll('main [title], main [aria-label], main .vh')].flatMap((each) =>
    [each.title, each.getAttribute('aria-label'), each.classList.contains('vh') ? each.textContent : null])"""


@pytest.mark.parametrize("name", ["sales_director", "people", "quality"])
def test_french_that_is_heard_or_pointed_at_has_its_spaces(spoilt: Path, tab: Tab, name: str) -> None:
    """Titles, labels and hidden text, and what is shown over a chart: an unbreakable space before tall punctuation."""
    page = tab.open(spoilt / f"{name}.html", "lang=fr")
    heard = [each for each in page.evaluate(HEARD) if each]
    charts = page.locator(".chart svg .mark-rect path, .chart svg .mark-symbol path")
    for chart in charts.all()[:3]:
        chart.hover(force=True)
        page.wait_for_selector("#vg-tooltip-element.visible")
        heard.append(page.locator("#vg-tooltip-element").inner_text())
    assert [each for each in heard if ":" in each or ";" in each]
    assert [each for each in heard if re.search(r"[^\u00a0\u202f][:;](\s|$)", each)] == []


@pytest.mark.parametrize("name", ["sales_director", "people", "quality"])
def test_a_page_prints_on_a4_in_light_colours(pages: Path, tab: Tab, name: str) -> None:
    page = tab.open(pages / f"{name}.html", "theme=dark")
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    sizes = {
        tuple(round(float(each)) for each in box)
        for box in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    }
    assert sizes == {(595, 842)}
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("#period").is_hidden()
    assert overflow(page) <= 0


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>&\"'"


@pytest.fixture(scope="module")
def spoilt(marts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of a company whose names look like code and whose deals are late."""
    folder = tmp_path_factory.mktemp("spoilt")
    copy = folder / "marts.duckdb"
    shutil.copy(marts, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("set schema = 'marts'")
        connection.execute("update dashboard_tiles set trust_status = 'not_trusted' where kpi_code = 'win_rate'")
        connection.execute(
            "update dashboard_tiles set trust_status = 'no_source', value = null, "
            "formatted_value_en = null, formatted_value_fr = null, "
            "trend = '[null, null]', comment_fr = 'Aucune source.' where kpi_code = 'sales_cycle_days'"
        )
        connection.execute(
            "update quality_kpi_trust set trust_status = 'not_trusted', reasons_en = 'Deals are three days late', "
            "reasons_fr = 'Les affaires ont trois jours de retard' where kpi_code = 'win_rate'"
        )
        for table, column in (
            ("dim_sales_reps", "rep_name"),
            ("kpi_drivers", "driver_label_en"),
            ("dashboard_tiles", "comment_en"),
            ("dashboard_tiles", "label_en"),
            ("kpi_alerts", "message_en"),
            ("quality_kpi_trust", "reasons_en"),
            ("quality_source_freshness", "reason_en"),
            ("quality_source_freshness", "table_name"),
        ):
            connection.execute(f"update {table} set {column} = ? || coalesce({column}, '')", [HOSTILE])
        connection.execute("update dashboard_tiles set scope_id = ? || scope_id where scope_type = 'team'", [HOSTILE])
    render_dashboards(copy, folder)
    return folder


@pytest.mark.parametrize("name", PAGES)
def test_names_are_text_whatever_is_in_them(spoilt: Path, tab: Tab, name: str) -> None:
    """Reps, teams, drivers, comments, alerts and reasons that look like code are shown as they are, and run nowhere."""
    path = spoilt / f"{name}.html"
    assert HOSTILE not in path.read_text(encoding="utf-8")
    page = tab.open(path, "lang=en")
    assert HOSTILE in page.locator("main").text_content()
    assert page.locator("main img, main script").count() == 0
    charts = page.locator(".chart svg .mark-rect path")
    if charts.count():
        charts.first.hover(force=True)
        page.wait_for_selector("#vg-tooltip-element.visible")
        assert page.locator("#vg-tooltip-element img").count() == 0
    assert tab.wrong == []


def test_a_figure_that_is_not_to_be_trusted_is_greyed_and_says_why(spoilt: Path, tab: Tab) -> None:
    page = tab.open(spoilt / "sales_director.html", "lang=fr")
    tile = page.locator(".tile[data-kpi=win_rate]")
    assert "untrusted" in tile.get_attribute("class")
    assert tile.get_attribute("data-status") == "not_trusted"
    assert tile.locator(".reason").inner_text() == "Les affaires ont trois jours de retard"
    assert tile.locator(".value").evaluate("(each) => getComputedStyle(each).textDecorationLine") == "line-through"
    missing = page.locator(".tile[data-kpi=sales_cycle_days]")
    assert missing.locator(".status").first.inner_text() == "Sans source"
    assert missing.locator(".value").inner_text() == "–"
    assert page.locator(".tile.untrusted").count() == 2
    quality = tab.open(spoilt / "quality.html", "lang=fr")
    assert "Les affaires ont trois jours de retard" in quality.locator("#trust").inner_text()


SECTIONS = ["why", "forecast", "funnel", "pipeline", "cohorts"]


def doubting(marts: Path, folder: Path, status: str, kpis: str = "true") -> Path:
    """A copy of the marts in which KPIs have a trust, with a reason."""
    copy = folder / "build.duckdb"
    shutil.copy(marts, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("set schema = 'marts'")
        connection.execute(f"update dashboard_tiles set trust_status = '{status}' where {kpis}")
        connection.execute(
            f"update quality_kpi_trust set trust_status = '{status}', reasons_en = 'Deals are three days late', "
            f"reasons_fr = 'Retard des affaires : trois jours' where {kpis}"
        )
    return copy


def test_what_stands_below_the_tiles_says_that_it_is_not_to_be_trusted(marts: Path, tmp_path: Path, tab: Tab) -> None:
    """Each section has its reason above figures that are muted, claims nothing in words, and no tile is red for it."""
    render_dashboards(doubting(marts, tmp_path, "not_trusted"), tmp_path, ["sales_director"])
    page = tab.open(tmp_path / "sales_director.html", "lang=fr&grain=quarter&kpi=bookings_amount")
    for name in SECTIONS:
        line = plain(page.locator(f"#{name} .doubt").first.inner_text())
        assert line.startswith("Non fiables "), name
        assert line.endswith(" : Retard des affaires : trois jours"), name
    for name in SECTIONS[:-1]:
        assert "untrusted" in page.locator(f"#{name}").get_attribute("class")
        assert page.locator(f"#{name} .says").count() == 0, "a sentence made of figures that cannot be used"
        filters = page.locator(f"#{name} .chart").evaluate_all("(all) => all.map((e) => getComputedStyle(e).filter)")
        assert set(filters) == {"grayscale(1)"}
    cells = page.locator("#cohorts tbody td").evaluate_all("(all) => all.map((e) => [e.textContent, e.className])")
    assert [text for text, kind in cells if text != "–" and "untrusted" not in kind] == []
    assert page.locator(".tile .bar").count() > 0
    assert page.locator(".tile .bar.bad").count() == 0
    assert serious(page) == []
    assert tab.wrong == []


def test_a_reservation_stands_above_a_section_that_can_be_used(marts: Path, tmp_path: Path, tab: Tab) -> None:
    render_dashboards(doubting(marts, tmp_path, "degraded"), tmp_path, ["sales_director"])
    page = tab.open(tmp_path / "sales_director.html", "lang=en&grain=quarter&kpi=bookings_amount")
    for name in SECTIONS:
        assert page.locator(f"#{name} .doubt").first.inner_text().startswith("With reservations ")
        assert page.locator(f"#{name} .says").count() == 1
    assert page.locator("section.untrusted, .heat .untrusted").count() == 0


def test_a_step_that_is_not_trusted_is_told_from_the_others(marts: Path, tmp_path: Path, tab: Tab) -> None:
    copy = doubting(marts, tmp_path, "not_trusted", "kpi_code = 'lead_to_mql_rate'")
    render_dashboards(copy, tmp_path, ["sales_director"])
    page = tab.open(tmp_path / "sales_director.html", "lang=en&grain=quarter&kpi=bookings_amount")
    assert page.locator("#funnel .doubt").inner_text() == "Not trusted lead → MQL: Deals are three days late"
    assert page.locator("#why .doubt, #forecast .doubt, #pipeline .doubt").count() == 0
    heads = page.locator("#cohorts thead th").all_text_contents()
    muted = page.locator("#cohorts td.untrusted").evaluate_all("(all) => all.map((each) => each.cellIndex)")
    # nothing measures leads to won but the steps on the way
    assert {heads[index] for index in muted} == {"lead → MQL", "lead → won"}


def test_checks_that_failed_stand_on_the_page_of_quality(marts: Path, pages: Path, tab: Tab) -> None:
    ((checks, failed, told),) = fetched(
        marts,
        "select count(*), count(*) filter (where status = 'failed'), count(*) filter (where status <> 'passed') "
        "from marts.quality_checks where is_current and not (kind = 'expectation' and source_instance = 'warehouse')",
    )
    page = tab.open(pages / "quality.html", "lang=en")
    assert page.locator("#checks tbody tr").count() == told
    if failed:
        assert page.locator("#checks .says").inner_text() == (
            f"Failed in the newest run: {failed} of {checks} checks of the exports and of what they hold."
        )
    assert page.locator("#checks").count() == (1 if checks else 0)
    labels = fetched(
        marts,
        "select distinct label_en from marts.quality_checks where is_current and label_en is not null "
        "and not (kind = 'expectation' and source_instance = 'warehouse')",
    )
    assert {label for (label,) in labels} <= set(page.locator("#checks tbody th .note").all_inner_texts())


def test_what_checks_found_is_said_in_the_language_of_the_page(marts: Path, tmp_path: Path, tab: Tab) -> None:
    copy = tmp_path / "build.duckdb"
    shutil.copy(marts, copy)
    found = (
        ("1 (2026-11-30: 1,412, 40 to 90 usual)", "none", "2026-11-30", "2026-11-30"),
        ("1 (2026-11-30: 4, at least 12 usual)", "at most 3", "2026-11-29", "2026-11-30"),
        ("nothing", "at least 95 %", None, None),
        ("5 months, the last 2026-03", "1.5 times to 2 times", "2026-11-29", None),
        ("somebody", "anything, for want of a past", None, None),
        ("60.5 % (1,210 of 2,000)", "at least 80 %", None, None),
        ("3 (first 2026-11-12)", "none", None, None),
        ("2 of 40 rows", "at most 0.1 %", None, None),
        ("1 months, the last 2026-03: crm has status 'gewonnen' in 7 rows", "none", None, None),
    )
    with duckdb.connect(str(copy)) as connection:
        for number, row in enumerate(found):
            connection.execute(
                "insert into marts.quality_checks (check_name, source_instance, table_name, checked_at, kind, rule, "
                "on_breach, status, is_current, observed, expected, from_date, to_date) values "
                f"('zz{number}', 'crm', 'deals', now(), 'expectation', 'zz', 'distrust', 'failed', true, ?, ?, ?, ?)",
                row,
            )
    render_dashboards(copy, tmp_path, ["quality"])
    page = tab.open(tmp_path / "quality.html", "lang=fr")
    rows = [plain(each) for each in page.locator("#checks tbody tr", has_text="zz").all_inner_texts()]
    assert [each.split("\t")[1:4] for each in rows] == [
        ["30 nov. 2026", "1 hors norme ; le 30 novembre 2026, 1 412 enregistrements, 40 à 90 d'habitude", "aucun"],
        [
            "29 nov. 2026 – 30 nov. 2026",
            "1 hors norme ; le 30 novembre 2026, 4 enregistrements, au moins 12 d'habitude",
            "au plus 3",
        ],
        ["–", "rien", "au moins 95 %"],
        ["depuis le 29 nov. 2026", "5 mois, le dernier : mars 2026", "1,5 fois à 2 fois"],
        ["–", "somebody", "tout, faute de passé"],
        ["–", "60,5 % (1 210 sur 2 000)", "au moins 80 %"],
        ["–", "3, la première fois le 12 novembre 2026", "aucun"],
        ["–", "2 lignes sur 40", "au plus 0,1 %"],
        ["–", "1 mois, le dernier : mars 2026 ; crm a status « gewonnen » dans 7 lignes", "aucun"],
    ]


def test_no_place_of_a_rep_stands_without_its_interval(marts: Path, pages: Path, tab: Tab) -> None:
    page = tab.open(pages / "people.html", "lang=en&grain=year")
    heads = page.locator("#ranks thead th").all_text_contents()
    places = page.locator("#ranks tbody tr").evaluate_all(
        f"(rows) => rows.map((row) => row.cells[{heads.index('Place')}].textContent)"
    )
    assert places
    assert all(re.fullmatch(r"\d+( to \d+)? of \d+", place) for place in places)
    start = page.locator("#period").input_value()
    called = fetched(
        marts,
        "select standing, count(*) from marts.rep_scorecards "
        f"where period_grain = 'year' and period_start_date = '{start}' group by 1",
    )
    for standing, count in called:
        assert page.locator(f"[data-standing={standing}]").count() == count
    rep = page.locator("#rep option >> nth=1").get_attribute("value")
    page.select_option("#rep", rep)
    tab.settle()
    assert (
        page.locator("#card tbody tr").count()
        == fetched(
            marts,
            f"select count(*) from marts.rep_scorecards where rep_id = '{rep}' and period_grain = 'year' "
            f"and period_start_date = '{start}'",
        )[0][0]
    )


def test_the_funnel_names_its_bottleneck_in_money_and_hatches_what_is_not_complete(
    marts: Path, pages: Path, tab: Tab
) -> None:
    ((start, step_from, step_to, loss),) = fetched(
        marts,
        """
        select period_start_date, from_stage, to_stage, recoverable_loss_amount
        from marts.funnel_conversion as steps
        where view = 'cohort' and counting = 'reached' and period_grain = 'quarter' and scope_type = 'company'
            and is_bottleneck and recoverable_loss_amount > 0
        order by period_start_date desc
        limit 1
        """,
    )
    page = tab.open(pages / "sales_director.html", f"lang=en&grain=quarter&period={start}")
    says = page.locator("#funnel .says").inner_text()
    assert f"{step_from} → {step_to}".lower() in says.lower()
    assert f"€{loss:,.0f}" in says
    newest = page.locator("#period option >> nth=0").get_attribute("value")
    page.select_option("#period", newest)
    open_cells = fetched(
        marts,
        """
        select count(*) from marts.funnel_conversion
        where view = 'cohort' and counting = 'reached' and period_grain = 'quarter' and scope_type = 'company'
            and not is_mature and entrants_count > 0
            and (from_stage || to_stage in ('leadmql', 'leadsql', 'leadopportunity', 'leadwon', 'opportunitywon'))
        """,
    )[0][0]
    assert tab.settle().locator("#cohorts td.immature").count() == open_cells > 0
    # what is converted so far and what is usual are both within the time of the step
    ((rate, usual),) = fetched(
        marts,
        f"""
        select conversion_rate, benchmark_rate from marts.funnel_conversion
        where view = 'cohort' and counting = 'reached' and period_grain = 'quarter' and scope_type = 'company'
            and period_start_date = '{newest}' and from_stage = 'lead' and to_stage = 'won'
        """,
    )
    cell = page.locator("#cohorts tbody tr").last.locator("td").nth(3)
    said = re.findall(r"[\d.]+(?=%)", cell.inner_text())
    assert [float(each) for each in said] == pytest.approx([rate * 100, usual * 100], abs=0.06)


@pytest.fixture(scope="module")
def empty(marts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of a build without a row."""
    database = tmp_path_factory.mktemp("empty") / "marts.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"attach '{marts}' as built (read_only)")
        tables = connection.execute(
            "select table_name from duckdb_tables() where database_name = 'built' and schema_name = 'marts'"
        ).fetchall()
        for (table,) in tables:
            connection.execute(f"create table {table} as from built.marts.{table} limit 0")
        connection.execute("create table kpi_targets as from built.seeds.kpi_targets limit 0")
    return database


def test_without_figures_every_page_says_so_and_what_to_do(empty: Path, tmp_path: Path, tab: Tab) -> None:
    for path in render_dashboards(empty, tmp_path):
        for lang, said in (("en", "There is nothing to show yet"), ("fr", "Rien à afficher pour l'instant")):
            page = tab.open(path, f"lang={lang}")
            assert said in page.locator("main").inner_text()
    assert tab.wrong == []


def test_a_page_of_a_large_company_stays_small_and_says_what_it_left_out(
    marts: Path, pages: Path, tmp_path: Path, tab: Tab, monkeypatch: pytest.MonkeyPatch
) -> None:
    largest = (pages / "account_executive.html").stat().st_size - 1
    monkeypatch.setattr(rendering, "LARGEST", largest)
    render_dashboards(marts, tmp_path, ["account_executive"])
    assert (tmp_path / "account_executive.html").stat().st_size <= largest
    page = tab.open(tmp_path / "account_executive.html", "lang=en")
    assert "kpi_drivers has it" in page.locator("footer").inner_text()
    rep = page.locator("#rep option >> nth=1").get_attribute("value")
    page.select_option("#rep", rep)
    assert tab.settle().locator("#no-drivers").count() == 1
    assert page.locator(".tile").count() > 0
    assert tab.wrong == []


@pytest.mark.parametrize("is_young", [False, True])
def test_a_reader_without_scripts_sees_the_figures_of_a_month_that_says_something(
    marts: Path, tmp_path: Path, browser: Browser, is_young: bool
) -> None:
    copy = tmp_path / "build.duckdb"
    shutil.copy(marts, copy)
    with duckdb.connect(str(copy)) as connection:
        if is_young:
            connection.execute(
                "update marts.dim_clocks set as_of_date = date_trunc('month', as_of_date) + interval 5 day"
            )
            connection.execute(
                "update marts.dashboard_tiles set is_partial_period = true where period_start_date = "
                "(select date_trunc('month', max(as_of_date)) from marts.dim_clocks)"
            )
    render_dashboards(copy, tmp_path, ["executive"])
    ((value, trust, month),) = fetched(
        copy,
        f"""
        select formatted_value_fr, trust_status, strftime(period_start_date, '%B %Y') from marts.dashboard_tiles
        where dashboard = 'executive' and kpi_code = 'bookings_amount' and scope_type = 'company'
            and period_grain = 'month'
        order by period_start_date desc limit 1 offset {int(is_young)}
        """,
    )
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "executive.html").as_uri())
    said = page.locator("noscript").inner_text()
    row = page.locator("noscript tbody tr", has_text="Bookings")
    assert value in row.inner_text()
    assert rendering._words()[f"trust_{trust}"][0] in row.inner_text()
    assert f"{month}, whole company; figures as of " in said
    context.close()


def test_a_browser_that_cannot_unpack_the_data_says_so(pages: Path, tab: Tab) -> None:
    tab.page.add_init_script("delete window.DecompressionStream")
    tab.page.goto((pages / "sdr.html").as_uri())
    assert tab.page.locator("#too-old").is_visible()
    assert tab.wrong == []


@pytest.mark.parametrize("file", [ASSETS / "words.csv", PROJECT / "scripts/warehouse/site/words.csv"])
def test_a_row_of_words_has_as_many_fields_as_the_header(file: Path) -> None:
    """An unquoted comma cuts the English words off and puts their end in the place of the French ones."""
    with file.open(encoding="utf-8", newline="") as opened:
        header, *lines = csv.reader(opened)
    assert [line for line in lines if len(line) != len(header) or not all(field.strip() for field in line)] == []


def test_every_word_of_the_pages_is_there_in_both_languages_and_used() -> None:
    lines = (ASSETS / "words.csv").read_text(encoding="utf-8")
    words = dict(re.findall(r"^([a-z0-9_]+),(.+)$", lines, re.M))
    code = "\n".join(path.read_text(encoding="utf-8") for path in sorted(ASSETS.glob("*.js")))
    code += (ASSETS.parent / "rendering.py").read_text(encoding="utf-8")
    named = set(re.findall(r"\bw\(\s*\"([a-z0-9_]+)\"", code)) | set(re.findall(r"\"([a-z0-9_]+)\"", code))
    made = [f"{start}_" for start in re.findall(r"`([a-z]+)_\$\{", code)]
    assert set(re.findall(r"\bw\(\s*\"([a-z0-9_]+)\"", code)) <= set(words)
    unused = [word for word in words if word not in named and not any(word.startswith(start) for start in made)]
    assert unused == []


def test_pages_are_rendered_by_hand_too_and_what_cannot_be_read_is_said(
    empty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    none, other, folder = tmp_path / "none.duckdb", tmp_path / "other.duckdb", tmp_path / "pages"
    assert main(["--marts", str(none)]) == 1
    said = capsys.readouterr().err
    assert said == f"dashboards: {none}: no marts to read; `make build` publishes them\n"
    duckdb.connect(str(other)).close()
    assert main(["--marts", str(other), "--to", str(folder)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"dashboards: {other}: not the marts of this version (")
    assert said.count("\n") == 1
    assert main(["--marts", str(empty), "--to", str(folder)]) == 0
    assert str(folder / "index.html") in capsys.readouterr().out
    assert {path.stem for path in folder.glob("*.html")} == set(PAGES)


def test_nothing_of_the_pages_names_an_address() -> None:
    for path in sorted(ASSETS.iterdir()):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", text) == ["http://www.w3.org"] * text.count(
            "www.w3.org"
        )
