"""Calls, e-mails, meetings, and the people they were with (0016, 0017, 0032, 0038, 0039)."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from zoneinfo import ZoneInfo

from oracle.parts import (
    Credit,
    Figures,
    Key,
    Line,
    Spread,
    cents,
    money,
    quantile_figures,
    ratio_figures,
    sum_figures,
)
from oracle.published import Published, days_of

# outcomes of a meeting that nobody logged
UNLOGGED = {"not_logged", None}


@dataclass(frozen=True)
class Activity:
    """One call, e-mail or meeting, judged from its kind, direction, outcome and day."""

    id: str
    kind: str
    direction: str | None
    outcome: str | None
    is_completed: bool
    seconds: int | None
    at: dt.datetime | None
    day: dt.date | None
    booked_at: dt.datetime | None
    booked_day: dt.date | None
    rep: str
    team: str
    booked_team: str
    is_missed: bool
    is_past: bool
    connected_seconds: int

    @cached_property
    def is_call_made(self) -> bool:
        return self.kind == "call" and self.direction == "outbound" and self.is_completed and self.is_past

    @cached_property
    def is_talk(self) -> bool:
        """Connected by its outcome, or by its length where there is no outcome at all."""
        if self.kind != "call" or not self.is_completed or not self.is_past:
            return False
        if self.outcome is None:
            return (self.seconds or 0) > self.connected_seconds
        return self.outcome == "connected"

    @cached_property
    def is_email_sent(self) -> bool:
        return (
            self.kind == "email"
            and self.direction == "outbound"
            and self.is_completed
            and self.is_past
            and self.outcome not in ("bounced", "failed")
        )

    @cached_property
    def is_email_received(self) -> bool:
        return self.kind == "email" and self.direction == "inbound" and self.is_past

    @cached_property
    def is_booked(self) -> bool:
        return self.kind == "meeting" and self.outcome != "rescheduled"

    @cached_property
    def is_shown(self) -> bool:
        """Somebody logged that the meeting took place."""
        return self.kind == "meeting" and self.outcome == "held" and self.is_past

    @cached_property
    def is_held(self) -> bool:
        """Logged as held, or past and nobody said otherwise."""
        return self.is_shown or (self.kind == "meeting" and self.outcome in UNLOGGED and self.is_past)

    @cached_property
    def is_touch(self) -> bool:
        return self.is_call_made or self.is_email_sent or self.is_held


@dataclass(frozen=True)
class Person:
    id: str
    rep: str
    team: str
    segment: str
    channel: str
    created_at: dt.datetime | None
    created: dt.date | None
    sql: dt.date | None
    is_excluded: bool

    @property
    def credit(self) -> Credit:
        return Credit(self.rep, self.team, self.segment, self.channel)


class Activities:
    """What was done, and with whom."""

    def __init__(self, published: Published) -> None:
        self.published = published

    @cached_property
    def all(self) -> dict[str, Activity]:
        as_of = self.published.as_of
        seconds = self.published.variables["connected_call_seconds"]
        return {
            row[0]: Activity(*row, row[7] is not None and row[7] <= as_of, seconds)
            for row in self.published.rows(
                "fct_activities",
                "activity_id activity_type direction outcome is_completed duration_seconds occurred_at occurred_date"
                " recorded_at recorded_date rep_id team_id recorded_team_id is_meeting_missed",
            )
        }

    @cached_property
    def people(self) -> dict[str, Person]:
        return {
            row[0]: Person(*row)
            for row in self.published.rows(
                "fct_leads",
                "contact_id rep_id team_id segment channel created_at created_date sql_date is_excluded",
            )
        }

    @cached_property
    def of_people(self) -> dict[str, list[Activity]]:
        """Of each person that is not left out, what it took part in, in the order of time."""
        taken: dict[str, list[Activity]] = defaultdict(list)
        for activity, person in self.published.rows("fct_activity_people", "activity_id contact_id"):
            if not self.people[person].is_excluded:
                taken[person].append(self.all[activity])
        return {
            person: sorted((each for each in those if each.at), key=lambda each: (each.at, each.id))
            for person, those in taken.items()
        }

    def first(self, kind: str | None = None) -> dict[str, Activity]:
        """Of each person the first touch ever, or the first call or e-mail."""
        found = {}
        for person, those in self.of_people.items():
            for each in those:
                if each.is_touch and kind in (None, each.kind):
                    found[person] = each
                    break
        return found

    @cached_property
    def met(self) -> dict[str, dt.date]:
        """Day of the first meeting held with each person."""
        return {
            person: min(days)
            for person, those in self.of_people.items()
            if (days := [each.day for each in those if each.is_held and each.day])
        }

    @cached_property
    def waits(self) -> list[tuple[dt.date, float, Credit]]:
        """Of each person the open minutes until the first attempt; without end where there is none."""
        minutes = BusinessMinutes(self.published)
        records = []
        for person in self.people.values():
            if person.is_excluded or person.created is None or person.created_at is None:
                continue
            those = self.of_people.get(person.id, [])
            # who was active before was known, and the record came late
            if any(each.at and each.at < person.created_at for each in those):
                continue
            attempts = [each.at for each in those if each.is_touch and each.at]
            waited = minutes.between(person.created_at, min(attempts)) if attempts else math.inf
            records.append((person.created, waited, person.credit))
        return records


@cache
def read(published: Published) -> Activities:
    """The activities of a company, read once."""
    return Activities(published)


def counts(activities: Activities, spread: Spread) -> dict[str, Figures]:
    """Activity is credited to who did it, by the day it took place; a booking by the day it was made."""
    as_of = activities.published.as_of

    def lines(*qualities: str) -> list[Line]:
        return [
            Line(each.day, 1, Credit(each.rep, each.team))
            for each in activities.all.values()
            if each.day and any(getattr(each, quality) for quality in qualities)
        ]

    booked = [
        Line(each.booked_day, 1, Credit(each.rep, each.booked_team))
        for each in activities.all.values()
        if each.is_booked and each.booked_day and each.booked_day <= as_of
    ]
    talks = [
        Line(each.day, 1, Credit(each.rep, each.team))
        for each in activities.all.values()
        if each.is_call_made and each.is_talk and each.day
    ]
    sums = {
        name: spread.sums(found)
        for name, found in {
            "calls_made": lines("is_call_made"),
            "calls_connected": talks,
            "emails_sent": lines("is_email_sent"),
            "meetings_booked": booked,
            "meetings_held": lines("is_held"),
            "shown": lines("is_shown"),
            "logged": lines("is_shown", "is_missed"),
            "due": lines("is_held", "is_missed"),
        }.items()
    }
    return {
        **{
            kpi: sum_figures(sums[kpi], spread.windows)
            for kpi in ("calls_made", "calls_connected", "emails_sent", "meetings_booked", "meetings_held")
        },
        "show_rate": ratio_figures(sums["shown"], sums["logged"]),
        "meetings_logged_rate": ratio_figures(sums["logged"], sums["due"]),
    }


def touched(activities: Activities, spread: Spread) -> Figures:
    """Distinct people touched: company, teams and reps are counted apart (0017)."""
    people: dict[Key, set[str]] = defaultdict(set)
    for person, those in activities.of_people.items():
        for each in those:
            if each.is_touch and each.day:
                for period in spread.of_day.get(each.day, ()):
                    for scope in Credit(each.rep, each.team).scopes:
                        people[Key(period, scope)].add(person)
    return sum_figures({key: len(those) for key, those in people.items()}, spread.windows)


def known(activities: Activities, spread: Spread) -> Figures:
    """People by the day they were first known: their record's, or the first activity with them."""
    lines = []
    for person in activities.people.values():
        if person.is_excluded or person.created is None:
            continue
        days = [person.created, *(each.day for each in activities.of_people.get(person.id, ()) if each.day)]
        lines.append(Line(min(days), 1, person.credit))
    return sum_figures(spread.sums(lines), spread.windows)


def outreach(activities: Activities, spread: Spread) -> dict[str, Figures]:
    """Who answered, who was met, within so many days of the first touch, credited to who made it (0038)."""
    matures = {row["kpi_code"]: row["matures_after"] for row in activities.published.seed("kpi_registry")}

    def within(kpi: str, since: dt.date, day: dt.date | None) -> bool:
        return day is not None and since <= day <= since + dt.timedelta(days=int(matures[kpi]))

    bases: dict[str, list[Line]] = defaultdict(list)
    for person, first in activities.first().items():
        assert first.day
        assert first.at
        base = Line(first.day, 1, Credit(first.rep, first.team))
        later = [each for each in activities.of_people[person] if each.at and each.at >= first.at]
        delivered = min(
            (each.day for each in later if each.day and each.is_touch and each.outcome != "wrong_number"), default=None
        )
        booking = first_booking(activities.of_people[person], first)
        # what the person did before anybody reached out is no answer, so a booking made before counts as booked alone
        agreed = [each.booked_day for each in activities.of_people[person] if is_agreed(each, first)]
        came = [each.day for each in later if each.is_email_received or each.is_talk or each.is_held]
        answered = min((day for day in [*agreed, *came] if day), default=None)
        bases["contacted"].append(base)
        if within("response_rate", first.day, delivered):
            bases["delivered"].append(base)
            if within("response_rate", first.day, answered):
                bases["answered"].append(base)
        if within("meeting_booking_rate", first.day, booking):
            bases["booked"].append(base)
    for kind in ("call", "email"):
        for person, first in activities.first(kind).items():
            assert first.day
            base = Line(first.day, 1, Credit(first.rep, first.team))
            bases[kind].append(base)
            qualified, met = activities.people[person].sql, activities.met.get(person)
            if qualified and met and within(f"{kind}_to_qualified_meeting_rate", first.day, max(qualified, met)):
                bases[f"{kind} and qualified"].append(base)
    sums = {name: spread.sums(lines) for name, lines in bases.items()}
    return {
        "leads_contacted": sum_figures(sums.get("contacted", {}), spread.windows),
        "response_rate": ratio_figures(sums.get("answered", {}), sums.get("delivered", {})),
        "meeting_booking_rate": ratio_figures(sums.get("booked", {}), sums.get("contacted", {})),
        **{
            f"{kind}_to_qualified_meeting_rate": ratio_figures(
                sums.get(f"{kind} and qualified", {}), sums.get(kind, {})
            )
            for kind in ("call", "email")
        },
    }


def is_agreed(each: Activity, first: Activity) -> bool:
    """Whether it is a meeting booked from the touch on."""
    return each.is_booked and each.booked_at is not None and first.at is not None and each.booked_at >= first.at


def first_booking(those: Iterable[Activity], first: Activity) -> dt.date | None:
    """Day of the first booking from the touch on; of one made before for a meeting still to come, the touch's."""
    assert first.at
    days = []
    for each in those:
        if is_agreed(each, first):
            days.append(each.booked_day)
        elif each.is_booked and each.booked_at and each.at and each.at >= first.at:
            days.append(first.day)
    return min((day for day in days if day), default=None)


def qualifications(activities: Activities, spread: Spread) -> dict[str, Figures]:
    """Who became SQL, who of them was met, the pipeline it brought: of the SDR who touched the person last (0039)."""
    published = activities.published
    owners = {
        record: rep
        for unit, record, stage, rep in published.rows("fct_stage_entries", "counting_unit record_id stage rep_id")
        if unit == "person" and stage == "sql"
    }
    credited: dict[str, tuple[str, str, str | None]] = {}
    sqls, meetings = [], []
    for person in activities.people.values():
        if person.is_excluded or person.sql is None or person.sql > published.as_of:
            continue
        rep = owners[person.id]
        for each in activities.of_people.get(person.id, ()):
            if (
                each.is_touch
                and each.day
                and each.day <= person.sql
                and published.spell(each.rep, each.day)[1] == "sdr"
            ):
                rep = each.rep
        team, role = published.spell(rep, person.sql)
        credited[person.id] = rep, team, role
        line = Line(person.sql, 1, Credit(rep, team, person.segment, person.channel))
        sqls.append(line)
        if person.id in activities.met:
            meetings.append(line)
    sourced = []
    for contact, created, kind, amount, segment, channel, product in published.rows(
        "fct_opportunities", "contact_id created_date opportunity_type opportunity_amount segment channel product"
    ):
        if kind != "new_business" or contact not in credited or amount is None or created is None:
            continue
        rep, team, role = credited[contact]
        qualified = activities.people[contact].sql
        if qualified and qualified <= created and role in ("sdr", "unknown", None):
            sourced.append(Line(created, cents(amount), Credit(rep, team, segment, channel, product)))
    return {
        "sql_count": sum_figures(spread.sums(sqls), spread.windows),
        "qualified_meetings": sum_figures(spread.sums(meetings), spread.windows),
        "pipeline_sourced_amount": sum_figures(money(spread.sums(sourced)), spread.windows),
    }


class BusinessMinutes:
    """Open minutes between two moments: business hours less public holidays, on the clock of the time zone (0032)."""

    def __init__(self, published: Published) -> None:
        self.zone = ZoneInfo(published.variables["reporting_time_zone"])
        self.hours: dict[int, list[tuple[dt.time, dt.time]]] = defaultdict(list)
        for row in published.seed("business_hours"):
            self.hours[int(row["iso_weekday"])].append(
                (dt.time.fromisoformat(row["opens_at"]), dt.time.fromisoformat(row["closes_at"]))
            )
        self.holidays = {dt.date.fromisoformat(row["holiday_date"]) for row in published.seed("public_holidays")}
        self.known: dict[dt.date, list[tuple[dt.datetime, dt.datetime]]] = {}

    def openings(self, day: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
        if day not in self.known:
            spans = [] if day in self.holidays else self.hours[day.isoweekday()]
            self.known[day] = [(self.moment(day, opens), self.moment(day, closes)) for opens, closes in spans]
        return self.known[day]

    def moment(self, day: dt.date, time: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, time, self.zone).astimezone(dt.UTC)

    def between(self, since: dt.datetime, until: dt.datetime) -> float:
        since, until = since.replace(tzinfo=dt.UTC), until.replace(tzinfo=dt.UTC)
        seconds = 0.0
        for day in days_of(since.astimezone(self.zone).date(), until.astimezone(self.zone).date()):
            for opens, closes in self.openings(day):
                seconds += max(0.0, (min(closes, until) - max(opens, since)).total_seconds())
        return seconds / 60


def speed_to_lead(activities: Activities, spread: Spread) -> dict[str, Figures]:
    """Open minutes from the record to the first attempt, by the day of the record, for its owner (0032)."""
    records = activities.waits
    everybody = spread.sums(Line(day, 1, credit) for day, _, credit in records)
    in_time = spread.sums(Line(day, 1, credit) for day, waited, credit in records if waited <= 60)
    waits = spread.records(records)
    return {
        "speed_to_lead_minutes": quantile_figures(waits, Fraction(1, 2)),
        "speed_to_lead_p95_minutes": quantile_figures(waits, Fraction(95, 100)),
        "speed_to_lead_within_60_rate": ratio_figures(in_time, everybody),
    }


def visits(activities: Activities, spread: Spread) -> dict[str, Figures]:
    """Visits of the web site, and requests for a demo over them."""
    traffic = activities.published.rows("fct_web_traffic", "visit_date channel visits_count demo_requests_count")
    made = spread.sums(Line(day, count or 0, Credit(channel=channel)) for day, channel, count, _ in traffic)
    asked = spread.sums(Line(day, count or 0, Credit(channel=channel)) for day, channel, _, count in traffic)
    return {
        "website_visits": sum_figures(made, spread.windows),
        "visitor_to_demo_request_rate": ratio_figures(asked, made),
    }


def figures(published: Published, spread: Spread) -> dict[str, Figures]:
    """All KPIs of this room."""
    activities = read(published)
    return {
        **counts(activities, spread),
        "people_touched": touched(activities, spread),
        "new_contacts": known(activities, spread),
        **outreach(activities, spread),
        **qualifications(activities, spread),
        **speed_to_lead(activities, spread),
        **visits(activities, spread),
    }
