"""A build of a few tables with what is hard to carry over, numbered so that a reader can tell one from the next."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.publishing import publish
from warehouse.targets.marts import Mart, Table, built_tables

MARTS = [
    Mart("dim_clocks", "As of when.", {"as_of_date": "The day.", "build_number": "Which build."}),
    Mart("fct_texts", "Texts that are hard to keep.", {"text_id": "Its place.", "text": 'L\'été, "quoted"; $1.'}),
    Mart(
        "fct_numbers",
        "Numbers of every kind.",
        {
            "number_id": "Its place.",
            "amount": "Money.",
            "fine": "Six digits.",
            "share": "A fraction.",
            "whole": "A count.",
            "is_even": "Whether it is.",
            "day": "A day.",
            "moment": "A moment, UTC.",
            "build_number": "Which build.",
        },
        grain=("number_id", "day"),
    ),
]
TEXTS = [
    "plain",
    "",
    None,
    " ",
    "null",
    "NULL",
    'said "no", and left',
    "two\nlines",
    "two\r\nlines",
    "a;b,c\td",
    "déjà vu – œuvre 你好 😀",
    "=1+1",
    "-",
    "-5",
    "+33 6 12",
    "'quoted",
    "\\.",
    "\\N",
    '"',
    '""',
]


def write_build(path: Path, number: int, rows: int = 300) -> Path:
    """A database with the tables of a build; the same but for its number."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.quality_kpi_trust as
            select 'win_rate' as kpi_code, 'month' as period_grain, date '2026-02-01' as period_start_date,
                'degraded' as trust_status
            union all select 'win_rate', 'month', date '2026-03-01', 'trusted'
            union all select 'win_rate', 'quarter', date '2026-04-01', 'degraded';
            """
        )
        connection.execute(
            "create table marts.dim_clocks as "
            "select date '2026-03-15' as as_of_date, cast($number as bigint) as build_number",
            {"number": number},
        )
        connection.execute("create table marts.fct_texts (text_id bigint not null, text varchar, build_number bigint)")
        connection.executemany(
            "insert into marts.fct_texts values (?, ?, ?)", [(place, text, number) for place, text in enumerate(TEXTS)]
        )
        connection.execute(
            """
            create table marts.fct_numbers as
            select
                i as number_id,
                cast(case when i % 7 <> 0 then i * 1234567.89 - 5e8 end as decimal(18, 2)) as amount,
                cast(i / 7 as decimal(18, 6)) as fine,
                case i
                    when 1 then -cast(0 as double) when 2 then 1e-300 when 3 then cast(0.1 as double) + 0.2
                    when 4 then null else i / 3
                end as share,
                cast(9007199254740993 + i as bigint) as whole,
                i % 2 = 0 as is_even,
                date '1999-12-31' + cast(i as integer) as day,
                timestamp '2026-03-29 01:30:00.123456' + interval (i) second as moment,
                cast($number as bigint) as build_number
            from range($rows) as series (i)
            """,
            {"number": number, "rows": rows},
        )
    return path


def tables_of(connection: duckdb.DuckDBPyConnection, build: Path) -> list[Table]:
    """The tables of a build, attached to a connection."""
    connection.execute("set timezone = 'UTC'")
    connection.execute(f"attach '{build}' as built (read_only)")
    return built_tables(connection, "built", MARTS)


if __name__ == "__main__":
    import sys

    database, folder, targets = sys.argv[1:]
    publish(Path(database), MARTS, {}, Path(folder), targets.split(","))
