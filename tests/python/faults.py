"""Faults as exports get them, each put into one delivery of the demo company, and what becomes of it.

`make faults` brings them all, one after the other, to a company whose gates have learnt from its deliveries before, and
writes the table in `docs/guides/faults.md`. A fault says by hand which KPIs it falsifies; the models are not asked.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import os
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from conftest import Site
from in_memory import CompiledProject
from warehouse.contract import System, load_contract
from warehouse.demo.exports import write_exports
from warehouse.demo.moment import cut
from warehouse.demo.simulation import simulate, write_demo
from warehouse.expectations.checks import Check, Result
from warehouse.expectations.clock import Clock
from warehouse.expectations.engine import run_checks
from warehouse.expectations.gates import past_findings, raw_checks
from warehouse.expectations.history import results_of
from warehouse.expectations.recording import record as note
from warehouse.landing import open_raw
from warehouse.lineage import kpi_sources
from warehouse.settings import PROJECT, reporting_time_zone

DOCUMENT = PROJECT / "docs" / "guides" / "faults.md"
SEED, SCALE, DAY = 7, 0.4, dt.date(2026, 4, 1)
LONG_AGO = DAY - dt.timedelta(days=22)
EARLIER = [LONG_AGO, *(DAY - dt.timedelta(days=back) for back in range(8, 0, -1))]
LAST_WEEK = [DAY - dt.timedelta(days=back) for back in range(7, 0, -1)]
A_WEDNESDAY = dt.date(2026, 3, 25)

# what a person would say is wrong when the kind of data is, on a dashboard of the company
CALLS = {"calls_made", "calls_connected"}
EMAILS = {"emails_sent"}
MEETINGS = {"meetings_booked", "meetings_held"}
PEOPLE = {"lead_to_mql_rate", "lead_to_sql_rate", "lead_to_opportunity_rate", "new_contacts"}
OUTCOMES = {"win_rate", "win_rate_narrow", "opportunities_created", "close_rate_cohort"}
DEAL_MONEY = {"bookings_amount", "pipeline_open_amount", "average_deal_size", "win_rate_amount", "expansion_amount"}
DEALS = OUTCOMES | DEAL_MONEY
STEPS = {"opportunity_to_demo_rate", "demo_to_proposal_rate"}
REVENUE = {"revenue_net_amount", "average_purchase_amount"}
RECURRING = {"mrr_amount", "nrr_rate", "arpa_amount"}
CASH = {"cash_collected_amount"}
COSTS = {"cac_amount", "gross_margin_rate"}
ADS = {"cac_paid_amount"}
TRAFFIC = {"website_visits", "visitor_to_demo_request_rate"}

Records = list[dict[str, Any]]


@dataclass(frozen=True)
class Fault:
    """A fault: its kind, what it does to a folder of exports, and the tables and KPIs it makes wrong.

    `expected` is refused (by the loader), stopped (by the raw gate), marked, or nothing where no KPI is wrong.
    Tables are as the contract names them; of the KPIs those are listed that are wrong without doubt.
    """

    kind: str
    instance: str
    expected: str
    tables: Sequence[str]
    kpis: frozenset[str]
    spoil: Callable[[Path], None]

    @property
    def name(self) -> str:
        return f"{self.instance}: {self.kind}"

    @property
    def system(self) -> str:
        return self.tables[0].split(".")[0]


# what people and tools do to a file


@dataclass(frozen=True)
class Sheet:
    """How a tool writes its delimited files."""

    encoding: str = "utf-8"
    delimiter: str = ","
    above: int = 0


SHEETS = {
    "comptabilite": Sheet("iso8859_15", "\t"),
    "google_ads": Sheet("utf-16", "\t", 2),
    "linkedin_ads": Sheet(above=4),
    "equipe": Sheet("cp1252", ";"),
    "trafic": Sheet(delimiter=";"),
    "entreprises": Sheet("utf-8-sig"),
}


def export(folder: Path, name: str) -> Path:
    """The file of an export, by what its name begins with."""
    (path,) = folder.glob(f"{name}_*") if not name.startswith("123") else folder.glob(f"{name}*")
    return path


def rewrite(name: str, change: Callable[[Records], Records]) -> Callable[[Path], None]:
    """Spoils the records of an export, whatever its format; its time stays."""

    def spoil(folder: Path) -> None:
        path = export(folder, name)
        moment = path.stat().st_mtime
        if path.suffix == ".json":
            pages = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
            (envelope,) = pages[0].keys() - {"paging"}
            records = change([record for page in pages for record in page[envelope]])
            path.write_text(json.dumps({envelope: records}, ensure_ascii=False) + "\n", encoding="utf-8")
        else:
            sheet = SHEETS.get(folder.name, SHEETS.get(name, Sheet()))
            lines = path.read_bytes().decode(sheet.encoding).splitlines(keepends=True)
            rows = list(csv.reader(lines[sheet.above :], delimiter=sheet.delimiter))
            totals = [row for row in rows if row and row[0].startswith("Total")]
            records = change([dict(zip(rows[0], row, strict=True)) for row in rows[1:] if row not in totals])
            text = io.StringIO()
            writer = csv.writer(text, delimiter=sheet.delimiter, lineterminator="\r\n")
            writer.writerow(records[0] if records else rows[0])
            writer.writerows([*(list(each.values()) for each in records), *totals])
            path.write_bytes(("".join(lines[: sheet.above]) + text.getvalue()).encode(sheet.encoding))
        os.utime(path, (moment, moment))

    return spoil


def missing(name: str) -> Callable[[Path], None]:
    """Does not come."""
    return lambda folder: export(folder, name).unlink()


def replaced(name: str, content: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Has other bytes."""

    def spoil(folder: Path) -> None:
        path = export(folder, name)
        moment = path.stat().st_mtime
        path.write_bytes(content(path.read_bytes()))
        os.utime(path, (moment, moment))

    return spoil


def stale(*names: str) -> Callable[[Path], None]:
    """Is the export of three weeks ago under the name of today."""

    def spoil(folder: Path) -> None:
        for name in names:
            path = export(folder, name)
            moment = path.stat().st_mtime
            shutil.copyfile(export(folder.parent.parent / "long_ago" / folder.name, name), path)
            os.utime(path, (moment, moment))

    return spoil


def several(*spoils: Callable[[Path], None]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        for each in spoils:
            each(folder)

    return spoil


def cells(record: dict[str, Any]) -> dict[str, Any]:
    """The cells of a record; those of HubSpot's are one level below."""
    found: dict[str, Any] = record.get("properties", record)
    return found


def put(column: str, value: Callable[[Any], Any], which: Callable[[int], bool] = lambda _: True) -> Any:
    """Another value in a column of the records of some places."""

    def change(records: Records) -> Records:
        for place, record in enumerate(records):
            row = cells(record)
            if which(place) and row[column] not in (None, ""):
                row[column] = value(row[column])
        return records

    return change


def keep(which: Callable[[int, dict[str, Any]], bool]) -> Callable[[Records], Records]:
    """Lacks the other records."""
    return lambda records: [each for place, each in enumerate(records) if which(place, cells(each))]


def half(records: Records) -> Records:
    return records[: len(records) // 2]


def doubled(records: Records) -> Records:
    return [*records, *records]


def none(_: Records) -> Records:
    return []


def same_ids(column: str = "id") -> Callable[[Records], Records]:
    """One record in twenty has the id of the one before."""

    def change(records: Records) -> Records:
        for place in range(20, len(records), 20):
            records[place][column] = records[place - 1][column]
        return records

    return change


def without(column: str) -> Callable[[Records], Records]:
    """Lacks a column."""

    def change(records: Records) -> Records:
        for record in records:
            del cells(record)[column]
        return records

    return change


def shifted(records: Records) -> Records:
    """From the middle of the file on, each cell stands one column to the right."""
    for record in records[len(records) // 2 :]:
        values = list(record.values())
        record.update(zip(record, [values[0], "", *values[1:-1]], strict=True))
    return records


def hours_later(hours: int) -> Callable[[str], str]:
    def later(text: str) -> str:
        moment = dt.datetime.fromisoformat(text[:19]) + dt.timedelta(hours=hours)
        return f"{moment:%Y-%m-%dT%H:%M:%S}{text[19:]}"

    return later


def swapped(text: str) -> str:
    """An ISO day with day and month the other way round."""
    return f"{text[:4]}-{text[8:10]}-{text[5:7]}{text[10:]}"


def of(day_column: str, day: Callable[[str], dt.date], days: Sequence[dt.date], share: int = 1) -> Any:
    """Lacks one record in `share` of some days."""
    return keep(lambda place, row: day(row[day_column]) not in days or place % share != 0)


def iso(text: str) -> dt.date:
    return dt.date.fromisoformat(text[:10])


def is_even(number: str) -> bool:
    return int(number) % 2 == 0


def french(text: str) -> dt.date:
    return dt.datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=dt.UTC).date()


def epoch(second: int) -> dt.date:
    return dt.datetime.fromtimestamp(second, dt.UTC).date()


def one_in(many: int) -> Callable[[int], bool]:
    return lambda place: place % many == 0


def cents(text: str) -> str:
    return f"{round(float(text) * 100)}.00"


# the catalogue

HS, SF, LEDGER = "hubspot_fr", "salesforce_uk", "123456789FEC2026"
SIGN_IN = b"<!doctype html><html><body>Sign in, please</body></html>"


def _fault(
    kind: str, instance: str, expected: str, tables: str, kpis: set[str], spoil: Callable[[Path], None]
) -> Fault:
    system = {"comptabilite": "fec", "pilotage": "custom", "prospection": "prospecting"}.get(instance)
    system = system or instance.removesuffix("_fr").removesuffix("_uk")
    return Fault(kind, instance, expected, [f"{system}.{each}" for each in tables.split()], frozenset(kpis), spoil)


def _of_deals() -> Iterator[Fault]:
    def deals(kind: str, expected: str, kpis: set[str], change: Callable[[Records], Records]) -> Fault:
        return _fault(kind, HS, expected, "deals", kpis, rewrite("deals", change))

    yield _fault("deals did not come", HS, "marked", "deals", DEALS, missing("deals"))
    yield deals("half of the deals", "stopped", DEALS, half)
    yield deals("no deals", "stopped", DEALS, none)
    yield _fault("deals of three weeks ago", HS, "marked", "deals", DEALS, stale("deals"))
    yield deals("amounts of deals in cents", "marked", DEAL_MONEY, put("amount", cents))
    yield deals("deals in dollars", "marked", DEAL_MONEY, put("deal_currency_code", lambda _: "USD"))
    yield deals("negative amounts of deals", "marked", DEAL_MONEY, put("amount", lambda was: f"-{was}", one_in(10)))
    yield deals("a burst of empty amounts", "marked", DEAL_MONEY, put("amount", lambda _: None, one_in(3)))
    yield deals("a renamed stage", "marked", DEALS, put("dealstage", lambda was: f"new_{was}", one_in(3)))
    yield deals("two deals with one id", "stopped", DEALS, same_ids())
    yield deals("amounts of deals without their title", "stopped", DEAL_MONEY, without("amount"))
    yield deals("no day on which deals were made", "marked", OUTCOMES, put("createdate", lambda _: None, one_in(3)))
    yield deals("unreadable amounts of deals", "marked", DEAL_MONEY, put("amount", lambda _: "n/a", one_in(20)))
    yield _fault("a sign-in page for deals", HS, "refused", "deals", DEALS, replaced("deals", lambda _: SIGN_IN))
    yield _fault("deals cut short", HS, "refused", "deals", DEALS, replaced("deals", lambda was: was[:-900]))
    # whether a deal is open and when it was made stands in the deals
    staged = DEALS - {"opportunities_created", "pipeline_open_amount"}
    yield _fault("stages did not come", HS, "marked", "pipelines pipeline_stages", staged, missing("pipelines"))
    gone = rewrite("pipelines", lambda pages: [{**each, "stages": each["stages"][:1]} for each in pages])
    yield _fault("deleted stages", HS, "marked", "pipeline_stages deals", DEALS, gone)
    history = "deal_property_history"
    yield _fault("the log of deals did not come", HS, "marked", history, STEPS, missing(history))
    people = "deals contacts calls emails meetings"
    yield _fault("deleted owners", HS, "marked", f"owners {people}", DEALS, rewrite("owners", lambda all_: all_[:3]))


def _of_opportunities() -> Iterator[Fault]:
    def of_deals(kind: str, expected: str, kpis: set[str], change: Callable[[Records], Records]) -> Fault:
        return _fault(kind, SF, expected, "opportunities", kpis, rewrite("Opportunity", change))

    yield of_deals("half of the opportunities", "stopped", DEALS, half)
    yield of_deals("opportunities without amounts", "stopped", DEAL_MONEY, without("Amount"))
    yield of_deals("shifted columns of opportunities", "marked", DEALS, shifted)
    yield of_deals("opportunities in yen", "marked", DEAL_MONEY, put("CurrencyIsoCode", lambda _: "JPY", one_in(2)))
    yield of_deals("times of opportunities in another zone", "marked", OUTCOMES, put("CreatedDate", hours_later(9)))
    yield of_deals("opportunities: day and month swapped", "marked", OUTCOMES, put("CreatedDate", swapped))
    history = "OpportunityHistory"
    yield _fault("the log of stages did not come", SF, "marked", "opportunity_history", STEPS, missing(history))
    everybody = "users opportunities leads contacts tasks events"
    yield _fault("half of the users", SF, "stopped", everybody, DEALS, rewrite("User", half))


def _of_activities() -> Iterator[Fault]:
    def calls(kind: str, expected: str, change: Callable[[Records], Records], kpis: set[str] = CALLS) -> Fault:
        return _fault(kind, HS, expected, "calls", kpis, rewrite("calls", change))

    yield _fault("calls did not come", HS, "marked", "calls", CALLS, missing("calls"))
    yield calls("a day without calls", "marked", of("hs_timestamp", iso, [A_WEDNESDAY]))
    yield calls("half of the calls of a week", "marked", of("hs_timestamp", iso, LAST_WEEK, 2))
    yield calls("a third of the calls of all years", "marked", keep(lambda place, _: place % 3 > 0))
    yield calls("calls of the future", "marked", put("hs_timestamp", lambda was: f"20{62}{was[4:]}", one_in(10)))
    yield calls("times of calls in another zone", "marked", put("hs_timestamp", hours_later(9)))
    # how long a call was tells whether it was answered where nobody noted that
    shorter = put("hs_call_duration", lambda was: str(int(was) // 1000))
    yield calls("length of calls in seconds", "marked", shorter, {"calls_connected"})
    yield calls("negative length of calls", "marked", put("hs_call_duration", lambda was: f"-{was}", one_in(5)))
    yield calls("calls without an outcome", "marked", put("hs_call_disposition", lambda _: None), {"calls_connected"})
    yield _fault("e-mails did not come", HS, "marked", "emails", EMAILS, missing("emails"))
    yield _fault("half of the e-mails", HS, "stopped", "emails", EMAILS, rewrite("emails", half))
    yield _fault("meetings did not come", HS, "marked", "meetings", MEETINGS, missing("meetings"))
    empty = put("hs_meeting_outcome", lambda _: None)
    yield _fault("meetings without an outcome", HS, "marked", "meetings", {"show_rate"}, rewrite("meetings", empty))
    torn = replaced("Task", lambda was: was[: len(was) // 2])
    yield _fault("tasks cut in the middle", SF, "stopped", "tasks", CALLS, torn)
    # there are two or three a day: one without any is chance
    no_events = rewrite("Event", of("StartDateTime", iso, LAST_WEEK))
    yield _fault("a week without events", SF, "marked", "events", MEETINGS, no_events)
    no_tasks = rewrite("Task", of("CreatedDate", iso, LAST_WEEK))
    yield _fault("a week without tasks", SF, "marked", "tasks", CALLS, no_tasks)


def _of_people() -> Iterator[Fault]:
    yield _fault("contacts did not come", HS, "marked", "contacts", PEOPLE, missing("contacts"))
    yield _fault("half of the contacts", HS, "stopped", "contacts", PEOPLE, rewrite("contacts", half))
    empty = put("hs_v2_date_entered_marketingqualifiedlead", lambda _: None)
    yield _fault("no day of qualification", HS, "marked", "contacts", {"lead_to_mql_rate"}, rewrite("contacts", empty))
    yield _fault("leads did not come", SF, "marked", "leads", PEOPLE, missing("Lead"))
    wrong = rewrite("Lead", put("CreatedDate", swapped))
    yield _fault("leads: day and month swapped", SF, "marked", "leads", PEOPLE, wrong)
    blank = rewrite("prospects", put("Email professionnel", lambda _: "", one_in(3)))
    yield _fault("people without an e-mail", "prospection", "marked", "leads", {"new_contacts"}, blank)


def _of_money() -> Iterator[Fault]:
    def stripe(kind: str, expected: str, table: str, kpis: set[str], change: Callable[[Records], Records]) -> Fault:
        return _fault(kind, "stripe", expected, table, kpis, rewrite(table.split()[0], change))

    yield stripe("charges in euros instead of cents", "marked", "charges", CASH, put("amount", lambda was: was // 100))
    yield stripe("charges in yen", "marked", "charges", CASH, put("currency", lambda _: "jpy"))
    yield stripe("negative charges", "marked", "charges", CASH, put("amount", lambda was: -was, one_in(10)))
    yield stripe("half of the charges", "marked", "charges", CASH, half)
    yield _fault("invoices did not come", "stripe", "marked", "invoices invoice_lines", REVENUE, missing("invoices"))
    yield stripe("half of the invoices", "marked", "invoices invoice_lines", REVENUE, half)
    yield stripe("two invoices with one id", "stopped", "invoices", REVENUE, same_ids())
    yield stripe("invoices in dollars", "marked", "invoices invoice_lines", REVENUE, put("currency", lambda _: "usd"))
    several_tables = "customers invoices charges subscriptions credit_notes"
    yield stripe("deleted customers", "marked", several_tables, REVENUE, keep(lambda place, _: place % 4 > 0))
    yield stripe("half of the subscriptions", "marked", "subscriptions subscription_items", RECURRING, half)
    yield _fault("prices did not come", "stripe", "marked", "prices", RECURRING, missing("prices"))
    yield stripe("refunds without an amount", "marked", "refunds", CASH, put("amount", lambda _: None, one_in(3)))
    everything = ("customers", "invoices", "charges", "refunds", "credit_notes", "subscriptions", "prices")
    tables = f"{' '.join(everything)} invoice_lines subscription_items"
    yield _fault("all exports of three weeks ago", "stripe", "marked", tables, CASH | REVENUE, stale(*everything))


def _of_costs() -> Iterator[Fault]:
    def ledger(kind: str, expected: str, change: Callable[[Records], Records]) -> Fault:
        return _fault(kind, "comptabilite", expected, "entries", COSTS, rewrite(LEDGER, change))

    def ads(kind: str, change: Callable[[Records], Records], instance: str = "google_ads") -> Fault:
        name = "Rapport_campagnes" if instance == "google_ads" else "campaign_performance"
        return _fault(kind, instance, "marked", "campaign_stats", ADS, rewrite(name, change))

    unbalanced = put("Debit", lambda _: "12345,67", lambda place: place == 5)
    yield ledger("an entry that does not balance", "stopped", unbalanced)
    yield ledger("truncated ledger", "stopped", lambda rows: rows[: len(rows) * 6 // 10])
    yield ledger("a month missing in the ledger", "marked", keep(lambda _, row: row["EcritureDate"][:6] != "202602"))
    yield ledger("doubled ledger", "marked", doubled)
    hundredfold = several_columns(["Debit", "Credit"], lambda was: f"{was.replace(',', '')},00")
    yield ledger("a decimal comma lost", "marked", hundredfold)
    yield ledger("lines without an account", "marked", put("CompteNum", lambda _: "", one_in(4)))
    yield ledger("shifted columns of the ledger", "stopped", shifted)
    # earlier exports of ad platforms have the days that a later one lacks: nothing is wrong
    known = rewrite("Rapport_campagnes", of("Jour", iso, [A_WEDNESDAY]))
    yield _fault("a day lacking that came before", "google_ads", "nothing", "campaign_stats", set(), known)
    yield ads("advertising in dollars", put("Code de devise", lambda _: "USD"))
    yield ads("doubled advertising", doubled)
    yield ads("advertising in millionths", put("Coût", lambda was: f"{was.replace(',', '')}0000"))
    for kind, days in (("half of the campaigns of a week", LAST_WEEK), ("a day of half the campaigns", LAST_WEEK[-1:])):
        yield ads(
            kind, keep(lambda _, row, days=days: iso(row["Jour"]) not in days or is_even(row["ID de la campagne"]))
        )
    yield ads("negative costs", put("Total Spent", lambda was: f"-{was}", one_in(10)), "linkedin_ads")
    yield ads("a burst of empty costs", put("Total Spent", lambda _: "", one_in(3)), "linkedin_ads")


def several_columns(columns: Sequence[str], value: Callable[[Any], Any]) -> Callable[[Records], Records]:
    """Another value in some columns."""

    def change(records: Records) -> Records:
        for column in columns:
            put(column, value)(records)
        return records

    return change


def _of_traffic() -> Iterator[Fault]:
    def traffic(kind: str, expected: str, change: Callable[[Records], Records]) -> Fault:
        return _fault(kind, "pilotage", expected, "web_traffic", TRAFFIC, rewrite("trafic", change))

    yield traffic("a day without visits", "marked", of("Jour", french, [A_WEDNESDAY]))
    yield traffic("a burst of empty visits", "marked", put("Visites", lambda _: "", one_in(3)))
    yield traffic("visits a thousand times", "marked", put("Visites", lambda was: f"{was}000"))
    american = put("Jour", lambda was: f"{was[3:5]}/{was[:2]}/{was[6:]}")
    yield traffic("visits: month before day", "refused", american)
    yield traffic("doubled visits", "marked", doubled)
    yield _fault("visits did not come", "pilotage", "marked", "web_traffic", TRAFFIC, missing("trafic"))


def catalogue() -> list[Fault]:
    """Every fault."""
    families = (_of_deals, _of_opportunities, _of_activities, _of_people, _of_money, _of_costs, _of_traffic)
    found = [fault for family in families for fault in family()]
    assert len({fault.name for fault in found}) == len(found)
    return found


# bringing them to a company

# what says what is to be trusted, where it is a table
COLUMNS = "stg_loader__columns"
CHAIN = (COLUMNS, "int_clocks__resolved", "quality_source_findings", "quality_kpi_findings", "quality_kpi_trust")
Trust = dict[tuple[str, str, str], tuple[str, str]]


def morning(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour))


@dataclass(frozen=True)
class Judged:
    """What became of a fault: what was said, and the KPIs that are marked, wrong and trusted, right and marked."""

    fault: Fault
    outcome: str
    told: str
    marked: frozenset[str] = frozenset()
    trusted: frozenset[str] = frozenset()
    beyond: frozenset[str] = frozenset()

    @property
    def is_shown(self) -> bool:
        """Whether readers see the figures."""
        return self.outcome not in ("refused", "stopped")

    @property
    def is_caught(self) -> bool:
        """Whether nothing was shown, or exactly what the fault touches is marked."""
        if not self.is_shown:
            return bool(self.fault.kpis)
        return bool(self.marked) == bool(self.fault.kpis) and not self.trusted and not self.beyond


class Company:
    """A company with some deliveries behind it, and a clean one of the day that the faults are put into.

    The project is that of the same company, built. All its tables stand but those that say what is to be trusted.
    """

    def __init__(self, root: Path, project: CompiledProject, earlier: Sequence[dt.date] = tuple(EARLIER)) -> None:
        self.root = root
        self.project = project
        self.site = Site(root)
        self.contract = load_contract()
        with (PROJECT / "seeds" / "public_holidays.csv").open(encoding="utf-8", newline="") as file:
            self.holidays = {dt.date.fromisoformat(row["holiday_date"]) for row in csv.DictReader(file)}
        self.made_of: dict[str, set[str]] = defaultdict(set)
        for each in kpi_sources(project.target / "manifest.json", PROJECT / "seeds" / "kpi_registry.csv"):
            self.made_of[f"{each.source_system}.{each.table_name}"].add(each.kpi_code)
        self.today = simulate(SEED, SCALE, DAY)
        for day in earlier:
            self._deliver(day)
            self._assets(self.site, None, day)
            self._record_in(self.site.settings.raw_file, f"{day}", day, self._learn(self.site, None, day))
            if day == earlier[0]:
                shutil.copytree(self.site.settings.extracts, root / "long_ago")
        self._deliver(DAY)
        self.clean = self._check(self.site, None)
        raw = root / "clean.duckdb"
        shutil.copyfile(self.site.settings.raw_file, raw)
        self._record_in(raw, "clean", DAY, self.clean)
        self.trust = self._trust(raw)

    def bring(self, fault: Fault) -> Judged:
        """A fault, alone, in the delivery of the day; everything else is as it was."""
        with tempfile.TemporaryDirectory(dir=self.root) as folder:
            site = Site(Path(folder))
            site.settings.warehouse.mkdir()
            for name in ("raw.duckdb", "identity.key"):
                if (self.site.settings.warehouse / name).exists():
                    shutil.copyfile(self.site.settings.warehouse / name, site.settings.warehouse / name)
            theirs = site.settings.extracts / fault.instance
            clean = self.site.settings.extracts / fault.instance
            shutil.copytree(clean, theirs)
            (site.root / "long_ago").symlink_to(self.root / "long_ago")
            fault.spoil(theirs)
            self._take_back(site, clean, theirs)
            failures = site.load().failures
            if failures:
                return Judged(fault, "refused", failures[0].message)
            self._date(site, DAY)
            results = self._check(site, fault.system)
            stopping = [each for each in results if not each.passed and each.check.on_breach == "stop"]
            if stopping:
                return Judged(fault, "stopped", stopping[0].line)
            # what another system delivered is as it was, and what was found there
            others = [each for each in self.clean if each.check.subject.system != fault.system]
            self._record_in(site.settings.raw_file, "spoilt", DAY, [*others, *results])
            return self._judge(fault, self._trust(site.settings.raw_file, fault.tables))

    def _judge(self, fault: Fault, trust: Trust) -> Judged:
        changed = {key for key in self.trust if trust[key] != self.trust[key]}
        marked = frozenset(kpi for kpi, _, _ in changed)
        made_of = set().union(*(self.made_of[table] for table in fault.tables))
        # in the year that holds all the days of the fault
        year = ("year", f"{DAY:%Y}-01-01")
        trusted = frozenset(
            kpi for kpi in fault.kpis if (kpi, *year) not in changed or trust[kpi, *year][0] == "trusted"
        )
        said = sorted({trust[key][1] for key in changed if key[0] in fault.kpis and key[1:] == year})
        return Judged(
            fault, "marked" if marked else "nothing", said[0] if said else "", marked, trusted, marked - made_of
        )

    def _deliver(self, day: dt.date) -> None:
        shutil.rmtree(self.site.settings.extracts, ignore_errors=True)
        story = dataclasses.replace(self.today.story, until=day)
        write_exports(cut(dataclasses.replace(self.today, story=story)), self.site.settings.extracts)
        report = self.site.load()
        assert not report.failures, report.summary()
        self._date(self.site, day)

    def _date(self, site: Site, day: dt.date) -> None:
        """What was loaded just now was loaded on the morning of its day."""
        connection = open_raw(site.settings.raw_file, self.contract)
        connection.execute("update loads set loaded_at = ? where loaded_at > ?", [morning(day, 5), morning(DAY, 23)])
        connection.close()

    def _take_back(self, site: Site, clean: Path, spoilt: Path) -> None:
        """Removes from raw what was loaded of those clean files that the spoilt ones take the place of."""
        connection = open_raw(site.settings.raw_file, self.contract)
        for path in clean.iterdir():
            if (spoilt / path.name).exists() and (spoilt / path.name).read_bytes() == path.read_bytes():
                continue
            loads = connection.execute(
                "select load_id, source_system, table_name from loads where path = ? and loaded_at = ?",
                [f"{clean.name}/{path.name}", morning(DAY, 5)],
            ).fetchall()
            assert loads, f"{path} was not loaded"
            for load_id, system, table in loads:
                connection.execute(f'delete from "{system}"."{table}" where _load_id = ?', [load_id])
                for name in ("loads", "load_columns", "rejected_rows"):
                    connection.execute(f"delete from {name} where load_id = ?", [load_id])
        connection.close()

    def _check(self, site: Site, system: str | None) -> list[Result]:
        """What the raw gate finds on the day, of all systems or of one."""
        database = site.root / "gate.duckdb"
        checks = self._assets(site, system, DAY)
        return [*run_checks(database, checks).results, *self._learn(site, system, DAY)]

    def _assets(self, site: Site, system: str | None, day: dt.date) -> list[Check]:
        """The checks of a morning, and what they look at, made anew."""
        database = site.root / "gate.duckdb"
        database.unlink(missing_ok=True)
        return raw_checks(site.settings, database, self._chosen(system), self._clock(day))

    def _learn(self, site: Site, system: str | None, day: dt.date) -> list[Result]:
        """What the past says of what the checks of a morning look at."""
        chosen = self._chosen(system)
        return results_of(past_findings(site.settings, site.root / "gate.duckdb", chosen, self._clock(day)), chosen)

    def _chosen(self, system: str | None) -> dict[str, System]:
        return {name: each for name, each in self.contract.items() if system in (None, name)}

    def _clock(self, day: dt.date) -> Clock:
        return Clock(morning(day, 6), str(reporting_time_zone()), self.holidays)

    def _record_in(self, raw: Path, run: str, day: dt.date, results: Sequence[Result]) -> None:
        connection = open_raw(raw, self.contract)
        note(connection, run, "raw", results, morning(day, 6))
        connection.close()

    def _trust(self, raw: Path, tables: Sequence[str] = ()) -> Trust:
        """What is to be trusted, by a landing database in which some tables are not as they were."""
        clock = f"date '{DAY - dt.timedelta(days=1)}' as as_of_date, timestamp '{morning(DAY, 7)}' as checked_at"
        given = {"int_clocks__resolved": f"select {clock}, null as known_at", COLUMNS: self._columns(tables)}
        with self.project.build(raw, CHAIN, standing=True, given=given) as connection:
            rows = connection.execute(
                "select kpi_code, period_grain, period_start_date, trust_status, coalesce(reasons_en, '') "
                f"from {self.project.seeded.stem}.marts.quality_kpi_trust"
            ).fetchall()
        return {(kpi, grain, str(start)): (status, reasons) for kpi, grain, start, status, reasons in rows}

    def _columns(self, tables: Sequence[str]) -> str:
        """The model that counts the columns of all tables, of some alone: it takes longer than all the rest."""
        node = next(each for each in self.project.nodes.values() if each["name"] == COLUMNS)
        compiled = self.project.target / "compiled" / node["package_name"] / node["original_file_path"]
        head, counted, tail = re.split(
            r"(?<=counted as \()|(?=\n\),\n\nfinal as)", compiled.read_text(encoding="utf-8")
        )
        chosen = [
            each
            for each in counted.split("\n    union all\n")
            if any(
                f"'{system}' as source_system" in each and f"'{name}' as table_name" in each
                for system, name in (table.split(".") for table in tables)
            )
        ]
        standing = f"select * from seeded.{node['schema']}.{node['alias']}"
        if not chosen:
            return standing
        listed = ", ".join(f"'{table}'" for table in tables)
        return (
            f"{standing} where source_system || '.' || table_name not in ({listed}) "
            f"union all select * from ({head}{' union all '.join(chosen)}{tail})"
        )


def document(judged: Sequence[Judged]) -> str:
    """The table of what became of the faults, for the documentation."""
    shown = [each for each in judged if each.is_shown]
    lines = [
        "# Faults",
        "",
        f"{len(judged)} faults, each put alone into one delivery of the demo company ({SCALE:g} of its size) after "
        f"{len(EARLIER)} clean ones, and what becomes of it:",
        f"{sum(each.is_caught for each in judged)} are stopped, or marked on exactly the KPIs they touch; "
        f"{sum(bool(each.trusted) for each in shown)} leave a wrong KPI that is shown as trusted.",
        "Written by `make faults`.",
        "",
        "| export | fault | becomes | as | caught |",
        "|---|---|---|---|---|",
    ]
    for each in judged:
        told = each.told.replace("|", "\\|").replace("\n", " ")[:230]
        wrong = ["trusted though wrong: " + ", ".join(sorted(each.trusted))] if each.trusted and each.is_shown else []
        wrong += ["marked though right: " + ", ".join(sorted(each.beyond))] if each.beyond else []
        caught = "yes" if each.is_caught else "**no**" + (f"; {'; '.join(wrong)}" if wrong else "")
        marks = f"marked, {len(each.marked)} KPIs" if each.outcome == "marked" else each.outcome
        lines.append(f"| {each.fault.instance} | {each.fault.kind} | {marks} | {told} | {caught} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Writes the table; 1 when a fault is not caught."""
    with tempfile.TemporaryDirectory() as folder:
        built = Site(Path(folder) / "built")
        write_demo(simulate(SEED, SCALE, DAY), built.root, PROJECT / "seeds")
        built.load()
        built.dbt("build", "--resource-type", "model", "--resource-type", "seed")
        project = CompiledProject.of(built)
        company = Company(Path(folder) / "company", project)
        judged = [company.bring(fault) for fault in tqdm(catalogue(), unit="fault", disable=False)]
    DOCUMENT.write_text(document(judged), encoding="utf-8")
    sys.stdout.write(f"{len(judged)} faults, {sum(each.is_caught for each in judged)} caught, see {DOCUMENT}\n")
    return int(any(not each.is_caught for each in judged))


if __name__ == "__main__":
    sys.exit(main())
