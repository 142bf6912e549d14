"""How long the raw gate takes on ten million landed rows, its pages with it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

from warehouse.benchmarks.measuring import Figure, measure
from warehouse.contract import load_contract
from warehouse.landing import open_raw
from warehouse.settings import PROJECT

CHECKS = 60
LIMIT_SECONDS, LIMIT_MEGABYTES = 30, 2_000
NEWEST = dt.datetime.fromisoformat("2026-03-16 06:00:00")
GATE = (
    "import sys\n"
    "sys.path.insert(0, sys.argv[3])\n"
    "from pathlib import Path\n"
    "from warehouse.building import Clocks\n"
    "from warehouse.expectations.gates import Gates\n"
    "from warehouse.settings import PROJECT, Settings\n"
    "folder = Path(sys.argv[1])\n"
    "settings = Settings(folder, folder, folder / 'publish', PROJECT / 'seeds')\n"
    "gates = Gates(settings, 'bench', Clocks(checked_at='2026-03-16 07:00:00'))\n"
    "run = gates.raw()\n"
    "gates.documents()\n"
    "assert len(run.results) >= int(sys.argv[2]), len(run.results)\n"
    "assert not run.failed, run.failed[0].line\n"
)

DAY = "strftime(timestamp '2023-01-02' + to_days((range % 1169)::integer) + interval 9 hour, '%Y-%m-%dT%H:%M:%SZ')"
LOGGED = {
    "id": "range",
    "hs_timestamp": DAY,
    "hs_createdate": DAY,
    "hs_lastmodifieddate": DAY,
    "hubspot_owner_id": "range % 40",
}
# rows in thousands of ten million, as columns of `range`
TABLES: dict[tuple[str, str], tuple[int, dict[str, str]]] = {
    ("hubspot", "calls"): (
        3_000,
        {
            **LOGGED,
            "hs_call_duration": "range * 7919 % 900000",
            "hs_call_direction": "'OUTBOUND'",
            "hs_call_status": "'COMPLETED'",
        },
    ),
    ("hubspot", "emails"): (
        3_000,
        {
            **LOGGED,
            "hs_email_direction": "'EMAIL'",
            "hs_email_status": "'SENT'",
        },
    ),
    ("hubspot", "contacts"): (
        1_000,
        {
            "id": "range",
            "email": "'p' || range || '@lumio.example'",
            "createdate": DAY,
            "lastmodifieddate": DAY,
            "lifecyclestage": "'lead'",
            "hubspot_owner_id": "range % 40",
        },
    ),
    ("hubspot", "deals"): (
        500,
        {
            "id": "range",
            "dealname": "'Deal ' || range",
            "amount": "(1000 + range % 5000) || '.50'",
            "deal_currency_code": "'EUR'",
            "dealstage": "'closedwon'",
            "createdate": DAY,
            "closedate": DAY,
            "hs_lastmodifieddate": DAY,
            "hubspot_owner_id": "range % 40",
            "hs_is_closed": "'true'",
            "hs_is_closed_won": "'true'",
        },
    ),
    ("hubspot", "owners"): (1, {"id": "range", "email": "'o' || range || '@lumio.example'"}),
    ("stripe", "invoices"): (
        1_000,
        {
            "id": "'in_' || range",
            "customer_id": "'cus_' || range % 40",
            "status": "'paid'",
            "currency": "'eur'",
            "created": "1672650000 + (range % 1169) * 86400",
            "total": "1000 + range % 5000",
            "subtotal": "1000 + range % 5000",
            "amount_paid": "1000 + range % 5000",
        },
    ),
    ("stripe", "customers"): (1, {"id": "'cus_' || range", "email": "'c' || range", "created": "1672650000"}),
    ("salesforce", "tasks"): (
        1_000,
        {
            "id": "'00T' || lpad(range::varchar, 15, '0')",
            "owner_id": "'005' || lpad((range % 40)::varchar, 15, '0')",
            "status": "'Completed'",
            "created_date": DAY,
            "last_modified_date": DAY,
            "is_deleted": "'false'",
        },
    ),
    ("fec", "entries"): (
        500,
        {
            "journal_code": "'VE'",
            "journal_lib": "'Ventes'",
            "ecriture_num": "range // 2",
            "ecriture_date": "strftime(date '2026-01-01' + (range // 2 % 75)::integer, '%Y%m%d')",
            "compte_num": "'607000'",
            "compte_lib": "'Achats ' || range",
            "debit": "case range % 2 when 0 then (range // 2 % 900) || ',50' else '0,00' end",
            "credit": "case range % 2 when 1 then (range // 2 % 900) || ',50' else '0,00' end",
        },
    ),
}


def measure_gates(folder: Path, rows: int) -> list[Figure]:
    """Figures of the raw gate on so many rows, landed in `folder`."""
    folder.mkdir(parents=True)
    landed = _land(folder / "raw.duckdb", rows)
    measured = measure(["-c", GATE, str(folder), str(CHECKS), str(PROJECT / "scripts")])
    name = f"raw gate and its pages on {landed:,} landed rows"
    return [
        Figure(f"{name}: time", measured.seconds, LIMIT_SECONDS, "s", f"{CHECKS} checks or more, {len(TABLES)} tables"),
        Figure(f"{name}: peak memory", measured.megabytes, LIMIT_MEGABYTES, "MB", "the same run"),
    ]


def _land(path: Path, rows: int) -> int:
    raw = open_raw(path, load_contract())
    total = 0
    for (system, table), (share, columns) in TABLES.items():
        count = max(rows * share // 10_000, 40)
        total += count
        _deliver(raw, system, table, columns, count)
    raw.execute("checkpoint")
    raw.close()
    return total


def _deliver(raw: duckdb.DuckDBPyConnection, system: str, table: str, columns: dict[str, str], count: int) -> None:
    load_id, file = f"{system}.{table}", f"{system}/{table}.csv"
    if system == "fec":
        file = f"{system}/123456789FEC20261231.txt"
    names = ", ".join(f'"{name}"' for name in columns)
    cells = ", ".join(f"({cell})::varchar" for cell in columns.values())
    raw.execute(
        f'insert into "{system}"."{table}" ({names}, _source_instance, _file, _file_row, _load_id, _extracted_at) '
        f"select {cells}, ?, ?, range + 2, ?, ? from range(?)",
        [system, file, load_id, NEWEST, count],
    )
    mode, mark = load_contract()[system].tables[table].mode, "," if system == "fec" else "."
    raw.execute(
        "insert into loads (load_id, content_load_id, source_system, source_instance, table_name, path, sha256, "
        "recipe, rows, date_order, decimal_mark, time_zone, extracted_at, loaded_at, mode, state) "
        "values (?, ?, ?, ?, ?, ?, ?, 'bench', ?, 'dmy', ?, 'Europe/Paris', ?, ?, ?, 'loaded')",
        [load_id, load_id, system, system, table, file, load_id, count, mark, NEWEST, NEWEST, mode],
    )
    raw.executemany(
        "insert into load_columns values (?, ?, ?, ?, true)",
        [[load_id, place, name, name] for place, name in enumerate(columns, start=1)],
    )
