"""KPIs of the company read off the exports themselves: what HubSpot, Salesforce, Stripe, ad platforms and a sheet say.

No landing database, no staging and no facts in between. What needs people to be known across systems, or history to be
replayed, is not read a second time here: those start from the facts.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from oracle.parts import Credit, Figures, Line, Spread, half_up, money, ratio_figures, sum_figures

PARIS = ZoneInfo("Europe/Paris")
COMPANY_ALONE = Credit()
NO_MEETING = ("CANCELED", "CANCELLED", "NO_SHOW", "NO SHOW", "RESCHEDULED")


class Exports:
    """The folders of a company's exports, as the demo company's systems write them."""

    def __init__(self, folder: Path, rates: list[dict[str, str]]) -> None:
        self.folder = folder
        # means of months: the demo company's list has no days
        self.rates = {(row["currency_code"], row["month_date"][:7]): Decimal(row["rate"]) for row in rates}

    def files(self, pattern: str) -> list[Path]:
        return sorted(self.folder.glob(pattern))

    def objects(self, pattern: str, key: str) -> Iterator[dict[str, Any]]:
        """Records of an API's answers, one page a line."""
        for file in self.files(pattern):
            for page in file.read_text(encoding="utf-8").splitlines():
                if page.strip():
                    yield from json.loads(page)[key]

    def sheet(self, pattern: str, *, separator: str = ",") -> Iterator[dict[str, str]]:
        """Rows of tables."""
        for file in self.files(pattern):
            with file.open(encoding="utf-8-sig", newline="") as lines:
                yield from csv.DictReader(lines, delimiter=separator)

    @cached_property
    def as_of(self) -> dt.date:
        """An export of a day covers the day before to its end; the newest CRM export counts (0001)."""
        files = self.files("hubspot*/*") + self.files("salesforce*/*")
        named = [re.search(r"(\d{4}-\d\d-\d\d)", file.name) for file in files]
        return max(dt.date.fromisoformat(each[1]) for each in named if each) - dt.timedelta(days=1)

    def converted(self, amount: Decimal, currency: str, day: dt.date) -> int:
        """Cents of the reporting currency at the rate of the month (0044)."""
        rate = Decimal(1) if currency == "EUR" else self.rates[currency, f"{day:%Y-%m}"]
        return half_up(Fraction(amount) * Fraction(rate) * 100)

    def lines(self, days: Iterator[dt.date | None]) -> list[Line]:
        return [Line(day, 1, COMPANY_ALONE) for day in days if day and day <= self.as_of]

    def properties(self, table: str) -> Iterator[Mapping[str, Any]]:
        """Properties of HubSpot's records that were not archived."""
        for each in self.objects(f"hubspot*/{table}_*.json", "results"):
            if not each.get("archived"):
                yield each["properties"]

    def rows(self, table: str) -> Iterator[dict[str, str]]:
        """Rows of Salesforce that were not deleted."""
        for row in self.sheet(f"salesforce*/{table}_*.csv"):
            if row.get("IsDeleted") != "true":
                yield row


def moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


def local(text: str | None) -> dt.date | None:
    """The day of a moment in Paris; a date without a time stays that date (0001)."""
    if not text:
        return None
    return dt.date.fromisoformat(text) if len(text) == 10 else dt.datetime.fromisoformat(text).astimezone(PARIS).date()


def day_of(seconds: int) -> dt.date:
    return dt.datetime.fromtimestamp(seconds, PARIS).date()


def calls(exports: Exports) -> Iterator[dt.date | None]:
    """Outbound and completed; a task of Salesforce on its own day, also where it was ticked off later (0017)."""
    for each in exports.properties("calls"):
        if each["hs_call_direction"] == "OUTBOUND" and each["hs_call_status"] == "COMPLETED":
            yield local(each["hs_timestamp"])
    for row in exports.rows("Task"):
        if row["TaskSubtype"] == "Call" and row["CallType"] == "Outbound" and row["Status"] == "Completed":
            yield local(row["ActivityDate"] or row["CompletedDateTime"])


def emails(exports: Exports) -> Iterator[dt.date | None]:
    """One-to-one, outbound and not bounced; Salesforce tells by the message, not by its task."""
    for each in exports.properties("emails"):
        if each["hs_email_direction"] == "EMAIL" and each["hs_email_status"] == "SENT":
            yield local(each["hs_timestamp"])
    for row in exports.rows("EmailMessage"):
        if row["Incoming"] == "false" and row["IsBounced"] == "false":
            yield local(row["MessageDate"])


def meetings(exports: Exports) -> Iterator[tuple[str, dt.date | None, dt.date | None]]:
    """Outcome, day and day of booking; copies for attendees are the same meeting (0016)."""
    for each in exports.properties("meetings"):
        outcome = (each["hs_meeting_outcome"] or "").upper()
        yield outcome, local(each["hs_meeting_start_time"]), local(each["hs_createdate"])
    for row in exports.rows("Event"):
        if row["IsChild"] != "true":
            yield row["Meeting_Outcome__c"].upper(), local(row["StartDateTime"]), local(row["CreatedDate"])


def deals(exports: Exports) -> Iterator[tuple[str, dt.date | None, dt.date | None]]:
    """Status, day made and day closed of new business, by the systems' own flags (0005)."""
    for each in exports.properties("deals"):
        if each["dealtype"] == "newbusiness":
            status = {("true", "true"): "won", ("true", "false"): "lost"}.get(
                (each["hs_is_closed"], each["hs_is_closed_won"]), "open"
            )
            yield status, local(each["createdate"]), local(each["closedate"])
    for row in exports.rows("Opportunity"):
        if row["Type"] == "New Business":
            status = {("true", "true"): "won", ("true", "false"): "lost"}.get((row["IsClosed"], row["IsWon"]), "open")
            yield status, local(row["CreatedDate"]), local(row["CloseDate"])


def invoiced(exports: Exports) -> Iterator[tuple[dt.date, int]]:
    """Finalised invoices and credit notes, ex tax, by day of issue."""
    for each in exports.objects("stripe/invoices_*.json", "data"):
        if each["status"] not in ("draft", "void"):
            day = day_of(each["status_transitions"].get("finalized_at") or each["created"])
            yield day, exports.converted(Decimal(each["subtotal"]) / 100, each["currency"].upper(), day)
    for each in exports.objects("stripe/credit_notes_*.json", "data"):
        if each["status"] == "issued":
            day = day_of(each["created"])
            yield day, -exports.converted(Decimal(each["subtotal"]) / 100, each["currency"].upper(), day)


def cash(exports: Exports) -> Iterator[tuple[dt.date, int]]:
    """Charges that succeeded, as far as they were captured, and refunds on their own days."""
    for name, sign in (("charges", 1), ("refunds", -1)):
        for each in exports.objects(f"stripe/{name}_*.json", "data"):
            if each["status"] == "succeeded" and each.get("captured", True):
                day, amount = day_of(each["created"]), Decimal(each.get("amount_captured", each["amount"]))
                yield day, sign * exports.converted(amount / 100, each["currency"].upper(), day)


def visits(exports: Exports) -> Iterator[tuple[dt.date, int, int]]:
    """Visits and requests for a demo, by day and channel."""
    for row in exports.sheet("pilotage/trafic*.csv", separator=";"):
        day, month, year = row["Jour"].split("/")
        yield dt.date(int(year), int(month), int(day)), int(row["Visites"]), int(row["Demandes de démo"])


def figures(exports: Exports, spread: Spread) -> dict[str, Figures]:
    """KPIs of the company alone: exports know no team, segment or channel as the facts do."""

    def amounts(found: Iterator[tuple[dt.date, int]]) -> list[Line]:
        return [Line(day, amount, COMPANY_ALONE) for day, amount in found if day <= exports.as_of]

    held = spread.sums(exports.lines(day for outcome, day, _ in meetings(exports) if outcome not in NO_MEETING))
    booked = spread.sums(exports.lines(made for outcome, _, made in meetings(exports) if outcome != "RESCHEDULED"))
    won = spread.sums(exports.lines(day for status, _, day in deals(exports) if status == "won"))
    closed = spread.sums(exports.lines(day for status, _, day in deals(exports) if status != "open"))
    seen = spread.sums(Line(day, number, COMPANY_ALONE) for day, number, _ in visits(exports))
    asked = spread.sums(Line(day, number, COMPANY_ALONE) for day, _, number in visits(exports))
    return {
        "calls_made": sum_figures(spread.sums(exports.lines(calls(exports))), spread.windows),
        "emails_sent": sum_figures(spread.sums(exports.lines(emails(exports))), spread.windows),
        "meetings_booked": sum_figures(booked, spread.windows),
        "meetings_held": sum_figures(held, spread.windows),
        "opportunities_created": sum_figures(
            spread.sums(exports.lines(made for _, made, _ in deals(exports))), spread.windows
        ),
        "win_rate": ratio_figures(won, closed),
        "website_visits": sum_figures(seen, spread.windows),
        "visitor_to_demo_request_rate": ratio_figures(asked, seen),
        "revenue_net_amount": sum_figures(money(spread.sums(amounts(invoiced(exports)))), spread.windows),
        "cash_collected_amount": sum_figures(money(spread.sums(amounts(cash(exports)))), spread.windows),
    }
