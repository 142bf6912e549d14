"""Companies of many small teams, each an example of its own: what one team does moves no figure of another."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]

INSTANCE = "random"
FIRST, AS_OF = dt.date(2025, 1, 1), dt.date(2026, 3, 31)
STAGES = ("Contact", "Demo", "Offer")
MAPPING = "source_system,source_instance,pipeline,source_stage,source_label,stage\n" + "".join(
    f"custom,{INSTANCE},,{source},{source},{stage}\n"
    for source, stage in zip((*STAGES, "Closed"), ("opportunity", "demo", "proposal", "proposal"), strict=True)
)
KEYS = {"leads": "lead_id", "deals": "deal_id", "activities": "activity_id"}


@dataclass(frozen=True)
class Company:
    """Rows of the canonical tables of `custom`."""

    tables: Tables

    def with_rows(self, **rows: Iterable[Row]) -> Company:
        """The same company with other rows in some tables."""
        return replace(self, tables=self.tables | {name: list(each) for name, each in rows.items()})

    def with_more(self, **rows: Iterable[Row]) -> Company:
        """The same company with more rows in some tables."""
        return self.with_rows(**{name: [*self.tables[name], *each] for name, each in rows.items()})

    def exports(self) -> dict[str, str]:
        """CSV text by table."""
        return {name: as_csv(rows) for name, rows in self.tables.items() if rows}


def as_csv(rows: list[Row]) -> str:
    """Rows as CSV; an absent or null value is an empty field."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def reps_of(team: int) -> tuple[str, str]:
    """Ids of the two people of a team."""
    return f"u{team}a", f"u{team}b"


def deal(
    team: int, name: str, created: dt.datetime, status: str, closed: dt.datetime | None, amount: int, owner: str
) -> Row:
    """A deal of a company of its own; amounts are whole cents."""
    return {
        "deal_id": f"d{team}-{name}",
        "stage": "Closed" if closed else "Contact",
        "account_id": f"a{team}-{name}",
        "owner_id": owner,
        "lead_id": None,
        "amount": f"{amount / 100:.2f}",
        "currency": "EUR",
        "created_at": created.isoformat(sep=" "),
        "closed_at": closed.isoformat(sep=" ") if closed else None,
        "status": status,
        "product": "Plan",
        "opportunity_type": "new_business",
    }


def random_company(seed: int, teams: int) -> Company:
    """A company of teams of two, with leads, deals that pass stages in and out of order, and activities."""
    draws = random.Random(seed)
    tables: Tables = {name: [] for name in ("users", "leads", "deals", "deal_stage_changes", "activities")}
    for team in range(teams):
        for rep in reps_of(team):
            tables["users"].append(
                {"user_id": rep, "name": f"Rep {rep}", "team": f"t{team}", "role": "account_executive"}
            )
        _fill(team, draws, tables)
    return Company(tables)


def moment(draws: random.Random, first: dt.date = FIRST, last: dt.date = AS_OF) -> dt.datetime:
    """A second of a day at random, both days included."""
    start = dt.datetime.combine(first, dt.time())
    return start + dt.timedelta(seconds=draws.randrange(86_400 * ((last - first).days + 1) - 7_200))


def _fill(team: int, draws: random.Random, tables: Tables) -> None:
    reps = reps_of(team)
    leads = draws.randrange(2, 7)
    for number in range(leads):
        made = moment(draws)
        passed = [made + dt.timedelta(seconds=draws.randrange(86_400 * 40)) for _ in range(draws.randrange(3))]
        passed = [each for each in sorted(passed) if each.date() <= AS_OF]
        tables["leads"].append(
            {
                "lead_id": f"l{team}-{number}",
                "created_at": made.isoformat(sep=" "),
                "email": f"l{number}@t{team}.example",
                "account_id": f"a{team}-{number}",
                "owner_id": draws.choice(reps),
                "source": draws.choice(("web", "event", "")),
                "mql_at": passed[0].isoformat(sep=" ") if passed else None,
                "sql_at": passed[1].isoformat(sep=" ") if len(passed) > 1 else None,
            }
        )
    for number in range(draws.randrange(2, 9)):
        created = moment(draws)
        changes = sorted(
            created + dt.timedelta(seconds=draws.randrange(86_400 * 90)) for _ in range(draws.randrange(4))
        )
        changes = [each for each in changes if each.date() <= AS_OF]
        status = draws.choice(("won", "won", "lost", "no_decision", "open")) if changes else "open"
        closed = changes[-1] if status != "open" else None
        made = deal(team, str(number), created, status, closed, draws.randrange(500_000), draws.choice(reps))
        made["opportunity_type"] = draws.choice(("new_business", "new_business", "expansion", "renewal"))
        made["lead_id"] = f"l{team}-{draws.randrange(leads)}" if draws.random() < 0.6 else None
        visited = [(created, STAGES[0])] + [
            (each, draws.choice(STAGES)) for each in changes[: len(changes) - bool(closed)]
        ]
        made["stage"] = "Closed" if closed else visited[-1][1]
        tables["deals"].append(made)
        tables["deal_stage_changes"] += [
            {"deal_id": made["deal_id"], "stage": stage, "changed_at": at.isoformat(sep=" ")} for at, stage in visited
        ]
    for number in range(draws.randrange(3, 12)):
        kind = draws.choice(("call", "email", "meeting"))
        tables["activities"].append(
            {
                "activity_id": f"x{team}-{number}",
                "type": kind,
                "occurred_at": moment(draws).isoformat(sep=" "),
                "owner_id": draws.choice(reps),
                "lead_id": f"l{team}-{draws.randrange(leads)}",
                "direction": draws.choice(("outbound", "outbound", "inbound")),
                "outcome": draws.choice(
                    {
                        "call": ("connected", "no_answer"),
                        "email": ("sent", "bounced"),
                        "meeting": ("held", "no_show", "cancelled"),
                    }[kind]
                ),
                "duration_seconds": draws.randrange(300),
            }
        )
