"""Publications on a real PostgreSQL: what arrives, who may read it, what readers see while one follows another."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import duckdb
import psycopg
import pytest

from conftest import new_database
from small_build import MARTS, tables_of, write_build
from warehouse import publishing
from warehouse.errors import UserError
from warehouse.publishing import publish, rollback
from warehouse.settings import PROJECT
from warehouse.targets import postgres
from warehouse.targets.marts import fingerprint
from warehouse.targets.postgres import Publication, published_there, write_postgres
from warehouse.targets.server import Server, without_password

pytestmark = [pytest.mark.xdist_group("postgres")]

PASSWORD = "read-only"


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("builds")
    return [write_build(folder / f"{number}.duckdb", number) for number in (0, 1)]


@pytest.fixture(scope="module")
def filled(server: str, builds: list[Path]) -> Iterator[str]:
    """A database with a publication, for tests that change nothing."""
    with new_database(server) as address:
        show(address, builds[1])
        with psycopg.connect(address, autocommit=True) as owner:
            owner.execute(f"alter role bi_reader password '{PASSWORD}'")
        yield address


def show(address: str, build: Path, name: str = "20260316T000000Z") -> None:
    """Publishes a build."""
    with duckdb.connect() as connection:
        write_postgres(connection, tables_of(connection, build), Publication(name, "2026-03-15"), address)


def as_reader(address: str) -> str:
    """The address at which `bi_reader` logs in."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=f"bi_reader:{PASSWORD}@{parts.netloc.rpartition('@')[2]}"))


def ask(address: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(address, autocommit=True) as connection:
        return connection.execute(query).fetchall()


# what arrives


def test_every_table_is_on_the_server_as_it_was_built_by_count_sums_and_hash(filled: str, builds: list[Path]) -> None:
    with duckdb.connect() as connection, Server(connection, filled) as server:
        for table in tables_of(connection, builds[1]):
            there = f'{server.name}.bi."{table.name}"'
            assert fingerprint(connection, there) == (table.rows, table.fingerprint)
            for column, total in table.sums.items():
                assert ask(filled, f'select sum("{column}")::text from bi."{table.name}"') == [(total,)]
        texts = connection.execute(f"select text from {server.name}.bi.fct_texts order by text_id").fetchall()
    assert (None,) in texts
    assert ("",) in texts


def test_types_are_those_of_the_contract_and_what_must_not_be_null_cannot_be(filled: str) -> None:
    columns = ask(
        filled,
        "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute "
        "where attrelid in ('bi.fct_numbers'::regclass, 'bi.fct_texts'::regclass) and attnum > 0",
    )
    assert {(name, kind) for name, kind, _ in columns} >= {
        ("amount", "numeric(18,2)"),
        ("fine", "numeric(18,6)"),
        ("share", "double precision"),
        ("whole", "bigint"),
        ("is_even", "boolean"),
        ("day", "date"),
        ("moment", "timestamp without time zone"),
        ("text", "text"),
    }
    assert {name for name, _, is_required in columns if is_required} == {"text_id"}


@pytest.mark.parametrize(("least", "indexed"), [(300, ["fct_numbers"]), (301, [])])
def test_a_large_table_is_found_by_its_grain(
    address: str, builds: list[Path], monkeypatch: pytest.MonkeyPatch, least: int, indexed: list[str]
) -> None:
    monkeypatch.setattr(postgres, "INDEXED", least)
    show(address, builds[0])
    found = ask(address, "select tablename, indexdef from pg_indexes where schemaname = 'bi'")
    assert [name for name, _ in found] == indexed
    assert all(definition.endswith("(number_id, day)") for _, definition in found)


def test_every_table_and_column_is_described(filled: str) -> None:
    told = ask(
        filled,
        "select relname, attname, obj_description(pg_class.oid, 'pg_class'), col_description(attrelid, attnum) "
        "from pg_attribute join pg_class on pg_class.oid = attrelid "
        "where relnamespace = 'bi'::regnamespace and attnum > 0",
    )
    for mart in MARTS:
        for column, description in mart.columns.items():
            assert (mart.name, column, mart.description, description) in told
    (about,) = ask(filled, "select obj_description('bi'::regnamespace)")
    assert about == ("build 20260316T000000Z as of 2026-03-15",)


# who may read


@pytest.mark.parametrize(
    ("attack", "told"),
    [
        ("insert into bi.dim_clocks values (date '2030-01-01', 9)", "read-only|permission denied"),
        ("set transaction read write; insert into bi.dim_clocks values (date '2030-01-01', 9)", "permission denied"),
        ("set transaction read write; update bi.fct_numbers set amount = 0", "permission denied"),
        ("set transaction read write; delete from bi.fct_numbers", "permission denied"),
        ("set transaction read write; truncate bi.fct_numbers", "permission denied"),
        ("set transaction read write; drop table bi.fct_numbers", "must be owner"),
        ("set transaction read write; alter table bi.fct_numbers add column mine text", "must be owner"),
        ("set transaction read write; create table bi.mine (a int)", "permission denied for schema bi"),
        ("set transaction read write; create table public.mine (a int)", "permission denied for schema public"),
        ("set transaction read write; create temporary table mine (a int)", "permission denied to create temporary"),
        ("set transaction read write; create schema mine", "permission denied for database"),
        ("set transaction read write; select lo_import('/etc/passwd')", "permission denied for function lo_import"),
        ("set transaction read write; create role mine", "permission denied to create role"),
        ("set transaction read write; alter role bi_reader superuser", "permission denied"),
        ("set role postgres", "permission denied|does not exist"),
        ("select * from secrets.salaries", "permission denied for schema secrets"),
        ("select * from pg_authid", "permission denied for table pg_authid"),
        ("select pg_read_file('/etc/passwd')", "permission denied for function pg_read_file"),
        ("copy bi.dim_clocks to program 'cat'", "permission denied to COPY to or from an external program"),
        ("set transaction read write; create extension dblink", "permission denied|not available"),
        ("select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user", "permission denied"),
        ("set local statement_timeout = '50ms'; select pg_sleep(20)", "statement timeout"),
    ],
)
def test_a_reader_can_do_nothing_but_read(filled: str, attack: str, told: str) -> None:
    with psycopg.connect(filled, autocommit=True) as owner:
        # what the owner keeps beside the publication
        owner.execute("create schema if not exists secrets; create table if not exists secrets.salaries (amount int)")
        content = owner.execute("select sum(amount), count(*) from bi.fct_numbers").fetchone()
        with psycopg.connect(as_reader(filled)) as reader:
            assert reader.execute("select sum(amount), count(*) from bi.fct_numbers").fetchone() == content
            reader.rollback()
            with pytest.raises(psycopg.Error, match=told):
                reader.execute(attack)
        assert owner.execute("select sum(amount), count(*) from bi.fct_numbers").fetchone() == content


def test_a_reader_is_held_to_a_time_and_a_number_of_connections(filled: str) -> None:
    assert ask(as_reader(filled), "show statement_timeout") == [("1min",)]
    assert ask(as_reader(filled), "show default_transaction_read_only") == [("on",)]
    limit = ask(filled, "select rolconnlimit from pg_roles where rolname = 'bi_reader'")
    assert limit == [(20,)]


def test_a_reader_sees_neither_the_schema_to_come_nor_the_one_that_was(
    address: str, builds: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "PATIENCE", "200ms")
    show(address, builds[0])
    with psycopg.connect(address) as slow:
        # a report that takes long keeps its tables, and keeps nobody waiting
        slow.execute("select * from bi.fct_numbers limit 1")
        begun = time.monotonic()
        show(address, builds[1])
        assert time.monotonic() - begun < 20
        assert ask(as_reader(address), "select build_number from bi.dim_clocks") == [(1,)]
        with pytest.raises(psycopg.Error, match="permission denied for schema bi_old"):
            ask(as_reader(address), "select * from bi_old.fct_numbers")
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute("create view bi.mine as select * from bi.fct_numbers")
    show(address, builds[0])
    assert ask(address, "select nspname from pg_namespace where nspname like 'bi%'") == [("bi",)]


def test_a_role_that_may_do_more_is_not_taken_for_a_reader(address: str, builds: list[Path]) -> None:
    show(address, builds[0])
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute("alter role bi_reader createdb")
        try:
            with pytest.raises(UserError, match="role bi_reader may do more than read"):
                show(address, builds[1])
        finally:
            owner.execute("alter role bi_reader nocreatedb")
    assert ask(address, "select build_number from bi.dim_clocks") == [(0,)]


def test_a_database_of_somebody_else_is_left_alone(address: str, builds: list[Path]) -> None:
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute("create table public.invoices (amount numeric)")
    with pytest.raises(UserError, match=r"holds public\.invoices.*give it a database of its own"):
        show(address, builds[0])
    assert ask(address, "select has_database_privilege('public', current_database(), 'connect')") == [(True,)]


def test_one_who_does_not_own_the_database_is_told_what_the_owner_has_to_run(address: str, builds: list[Path]) -> None:
    show(address, builds[0])
    name = urlsplit(address).path[1:]
    with psycopg.connect(address, autocommit=True) as owner:
        owner.execute(f"create role publisher_{name} login createrole password '{PASSWORD}'")
        try:
            owner.execute(f"grant create, connect on database {name} to publisher_{name}")
            owner.execute(f"grant temporary on database {name} to public; drop schema bi cascade")
            parts = urlsplit(address)
            netloc = f"publisher_{name}:{PASSWORD}@{parts.netloc.rpartition('@')[2]}"
            with pytest.raises(
                UserError, match=f'as its owner, or have the owner run: revoke all on database "{name}"'
            ):
                show(urlunsplit(parts._replace(netloc=netloc)), builds[1])
        finally:
            owner.execute(f"drop owned by publisher_{name}; drop role publisher_{name}")


# one after another


def follow(address: str, stop: threading.Event, seen: list[tuple[Any, ...]], errors: list[str]) -> None:
    """Reads three tables in one statement until told to stop."""
    query = (
        "select (select min(build_number) from bi.fct_numbers), (select max(build_number) from bi.fct_texts), "
        "(select max(build_number) from bi.dim_clocks), (select count(*) from bi.fct_numbers)"
    )
    try:
        with psycopg.connect(as_reader(address), autocommit=True) as connection:
            while not stop.is_set():
                seen.extend(connection.execute(query).fetchall())
                time.sleep(0.001)  # the publisher wants to run too
    except psycopg.Error as error:
        errors.append(str(error))


@pytest.mark.parametrize("swaps", [20, pytest.param(500, marks=pytest.mark.proof)])
def test_readers_see_one_whole_publication_after_another(address: str, builds: list[Path], swaps: int) -> None:
    show(address, builds[0])
    stop, seen, errors = threading.Event(), [], []
    readers = [threading.Thread(target=follow, args=(address, stop, seen, errors)) for _ in range(4)]
    for reader in readers:
        reader.start()
    with duckdb.connect() as even, duckdb.connect() as odd:
        both = [
            (connection, tables_of(connection, build)) for connection, build in zip((even, odd), builds, strict=True)
        ]
        for swap in range(1, swaps + 1):
            write_postgres(*both[swap % 2], Publication(str(swap), "2026-03-15"), address)
    stop.set()
    for reader in readers:
        reader.join()
    assert errors == []
    assert set(seen) == {(0, 0, 0, 300), (1, 1, 1, 300)}
    assert len(seen) > 10 * swaps


@pytest.mark.parametrize("kills", [3, pytest.param(40, marks=pytest.mark.proof)])
def test_a_run_killed_at_any_moment_leaves_one_whole_publication(
    address: str, builds: list[Path], tmp_path: Path, kills: int
) -> None:
    show(address, builds[0])
    command = [sys.executable, str(PROJECT / "tests" / "python" / "small_build.py")]
    environment = {"PYTHONPATH": str(PROJECT / "scripts"), "SALES_KPI_PG_URL": address}
    lasts = 3.0
    for kill in range(kills):
        ended = lasts * (0.3 + 0.7 * kill / kills)
        process = subprocess.Popen([*command, str(builds[kill % 2]), str(tmp_path), "postgres"], env=environment)
        begun = time.monotonic()
        while process.poll() is None and time.monotonic() - begun < ended:
            time.sleep(0.01)
        if process.poll() is not None:
            lasts = time.monotonic() - begun
        process.kill()
        process.wait()
        numbers = ask(
            address,
            "select distinct build_number from bi.fct_numbers union select build_number from bi.fct_texts "
            "union select build_number from bi.dim_clocks",
        )
        assert len(numbers) == 1
    show(address, builds[1])
    assert ask(address, "select nspname from pg_namespace where nspname like 'bi%'") == [("bi",)]


def test_a_table_that_arrives_otherwise_than_it_was_built_is_not_shown(address: str, builds: list[Path]) -> None:
    show(address, builds[0])
    with duckdb.connect() as connection:
        tables = tables_of(connection, builds[1])
        spoilt = dataclasses.replace(tables[2], relation=f"(select * from {tables[2].relation} limit 299)")
        with pytest.raises(UserError, match="postgres: fct_numbers was read back with 299 rows"):
            write_postgres(connection, [*tables[:2], spoilt], Publication("later", "2026-03-15"), address)
        added = dataclasses.replace(tables[2], sums={**tables[2].sums, "amount": "1.00"})
        with pytest.raises(UserError, match="counts or adds up fct_numbers otherwise"):
            write_postgres(connection, [*tables[:2], added], Publication("later", "2026-03-15"), address)
        connection.execute("create table nul as select chr(0) as text")
        nul = dataclasses.replace(tables[1], relation="nul", types={"text": "VARCHAR"}, required=frozenset())
        with pytest.raises(UserError, match="NULL-byte"):
            write_postgres(connection, [nul], Publication("later", "2026-03-15"), address)
    assert ask(address, "select distinct build_number from bi.fct_numbers") == [(0,)]


def test_going_back_takes_the_server_along_and_a_server_that_is_away_is_said(
    address: str, builds: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALES_KPI_PG_URL", address)
    first, second = (publish(build, MARTS, {}, tmp_path, ["parquet", "postgres"]) for build in builds)
    assert second.targets["postgres"] == second.generation
    back = rollback(tmp_path, ["parquet", "postgres"])
    assert back.generation == first.generation
    assert back.failures == {}
    assert publishing.on_the_server() == f"postgres shows {first.generation}"
    assert ask(address, "select build_number from bi.dim_clocks") == [(0,)]
    told = ask(address, "select col_description('bi.fct_numbers'::regclass, 2), count(*) from bi.fct_numbers")
    assert told == [("Money.", 300)]
    monkeypatch.setenv("SALES_KPI_PG_URL", "postgresql://me:s3cret@localhost:1/sales")
    third = publish(builds[1], MARTS, {}, tmp_path, ["parquet", "postgres"])
    (line,) = third.complaints()
    assert f"but postgres keeps what it had of {first.generation}: connection to server at" in line
    assert "s3cret" not in line + (tmp_path / "current" / "manifest.json").read_text()
    with duckdb.connect() as connection:
        assert published_there(connection, address) == first.generation


@pytest.mark.parametrize(
    ("address", "without", "password"),
    [
        ("postgresql://me:p%40ss@host:5432/sales", "postgresql://me@host:5432/sales", "p@ss"),
        ("postgresql://me@/sales?host=/run&password=x", "postgresql://me@/sales?host=%2Frun", "x"),
        ("postgres://host/sales?sslmode=require", "postgres://host/sales?sslmode=require", ""),
    ],
)
def test_the_password_is_taken_out_of_an_address(address: str, without: str, password: str) -> None:
    assert without_password(address) == (without, password)
    with pytest.raises(UserError, match="is no address of a server"):
        without_password("mysql://me@host/sales")
