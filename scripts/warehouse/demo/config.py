"""The demo company's business seeds: how its stages, sources, accounts and rates are to be read."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from warehouse.demo.company import CHANNELS, HUBSPOT, OWN_DOMAIN, RATES, SALESFORCE
from warehouse.demo.deals import CLOSED, EXISTING_STAGES, HUBSPOT_STAGES, SALESFORCE_STAGES
from warehouse.demo.people import FREE_MAIL, HUBSPOT_SOURCES, SALESFORCE_SOURCES
from warehouse.demo.quotas import agreed_targets
from warehouse.demo.records import Company
from warehouse.demo.spending import rate


def write_config(company: Company, out: Path, seeds: Path) -> None:
    """Seeds of the demo company; those that extend a default start with the default's rows."""
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "stage_mapping.csv", _stage_mapping())
    _extend(out, seeds, "channel_mapping.csv", _channel_mapping(), key=2)
    _extend(out, seeds, "free_mail_domains.csv", [{"domain": FREE_MAIL}])
    _extend(
        out,
        seeds,
        "exclusion_rules.csv",
        [
            {
                "rule_id": "own_people",
                "entity": "person",
                "attribute": "email_domain",
                "operator": "equals",
                "value": OWN_DOMAIN,
                "reason": "Lumio's own staff trying forms",
            },
        ],
    )
    _extend(out, seeds, "loss_reasons.csv", _loss_reasons(), key=2)
    _write(out / "exchange_rates.csv", _rates(company))
    _extend(out, seeds, "cost_allocation.csv", _cost_allocation(company))
    _write(out / "kpi_targets.csv", _targets(company))


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _extend(out: Path, seeds: Path, name: str, rows: list[dict[str, object]], *, key: int = 1) -> None:
    """The default seed with rows added; a row replaces the default with the same first `key` columns."""
    with (seeds / name).open(encoding="utf-8", newline="") as file:
        defaults: list[dict[str, object]] = [dict(row) for row in csv.DictReader(file)]
    taken = {tuple(row.values())[:key] for row in rows}
    _write(out / name, rows + [row for row in defaults if tuple(row.values())[:key] not in taken])


def _stage_mapping() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []

    def add(system: str, instance: str, pipeline: str, stages: list[tuple[str, str, str]]) -> None:
        for source, label, stage in stages:
            rows.append(
                {
                    "source_system": system,
                    "source_instance": instance,
                    "pipeline": pipeline,
                    "source_stage": source,
                    "source_label": label,
                    "stage": stage,
                }
            )

    add(
        "hubspot",
        HUBSPOT,
        "default",
        [*HUBSPOT_STAGES, (CLOSED[HUBSPOT, "new"]["no_decision"], "Sans suite", "no_decision")],
    )
    add("hubspot", HUBSPOT, "clients", [*EXISTING_STAGES])
    add("salesforce", SALESFORCE, "", [*SALESFORCE_STAGES])
    add(
        "salesforce",
        SALESFORCE,
        "lead",
        [
            ("Working", "Working", "lead"),
            ("Unqualified", "Unqualified", "lead"),
            ("Marketing Qualified", "Marketing Qualified", "mql"),
            ("Sales Qualified", "Sales Qualified", "sql"),
            ("Qualified - Converted", "Qualified - Converted", "sql"),
        ],
    )
    return rows


def _channel_mapping() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for system, sources in (("hubspot", HUBSPOT_SOURCES), ("salesforce", SALESFORCE_SOURCES)):
        rows.extend(
            {"source_system": system, "source_value": source, "channel": channel} for channel, source in sources.items()
        )
    rows.extend({"source_system": "custom", "source_value": channel, "channel": channel} for channel in CHANNELS)
    return rows


def _loss_reasons() -> list[dict[str, object]]:
    named = {
        "price": ("price", "Price"),
        "competitor": ("competitor", "Lost to Competitor"),
        "no_budget": ("no_budget", "No Budget / Lost Funding"),
        "missing_feature": ("missing_feature", "Missing Feature"),
        "no_decision": ("no_decision", "No Decision / Non-Responsive"),
    }
    rows: list[dict[str, object]] = []
    for reason, (hubspot, salesforce) in named.items():
        status = "no_decision" if reason == "no_decision" else "lost"
        rows.append({"source_system": "hubspot", "source_reason": hubspot, "loss_reason": reason, "status": status})
        rows.append(
            {
                "source_system": "salesforce",
                "source_reason": salesforce,
                "loss_reason": reason,
                "status": status,
            }
        )
    return rows


def _rates(company: Company) -> list[dict[str, object]]:
    months = pd.date_range(company.story.start, company.story.extracted_at, freq="MS")
    return [
        {
            "currency_code": currency,
            "month_date": f"{month:%Y-%m-%d}",
            "rate": f"{rate(currency, month) / 1_000_000:.6f}",
        }
        for currency in RATES
        for month in months
    ]


def _cost_allocation(company: Company) -> list[dict[str, object]]:
    ledger = company.spending.ledger
    used = ledger[ledger["account"].str.startswith("6") & (ledger["journal"] != "AN")]
    categories = {
        "64": "salaries",
        "623": "advertising",
        "6233": "events",
        "6511": "tools",
        "613": "other",
        "625": "travel",
        "6226": "agencies",
    }
    rows: list[dict[str, object]] = []
    for (account, function, share), _ in used.groupby(["account", "function", "acquisition_share"]):
        found = max((prefix for prefix in categories if account.startswith(prefix)), key=len)
        category = "commissions" if account in ("641118", "645118") else categories[found]
        rows.append(
            {
                "rule_order": len(rows) + 1,
                "account_prefix": account,
                "label_pattern": "",
                "vendor_pattern": "",
                "journal_code": "",
                "category": category,
                "function": function,
                "acquisition_share": share,
                "note": "Lumio's own sub-account",
            }
        )
    return rows


def _targets(company: Company) -> list[dict[str, object]]:
    known = pd.Timestamp(company.story.as_of)
    return [
        {
            "kpi_code": "bookings_amount",
            "period_grain": "month",
            "period_start_date": f"{row.start:%Y-%m-%d}",
            "scope_type": row.scope_type,
            "scope_id": row.scope_id,
            "target_value": row.euro,
            "owner": row.owner,
            "agreed_with": "AE France, AE UK" if row.scope_type == "company" else row.scope_id,
            "agreed_on": f"{min(row.start - pd.DateOffset(days=20), known):%Y-%m-%d}",
            "note": "",
        }
        for row in agreed_targets(company.story, company.reps).itertuples()
    ]
