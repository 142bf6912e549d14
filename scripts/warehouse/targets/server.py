"""A PostgreSQL server as DuckDB reaches it: statements, questions, errors in one line, the password in none of them."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import duckdb

from warehouse.errors import UserError
from warehouse.literals import quoted

PASSWORD = "PGPASSWORD"  # noqa: S105 (the name of libpq's variable)


class Server:
    """A server attached to a DuckDB connection while it is open.

    The password goes to the client library through the environment of this process: DuckDB repeats addresses in errors.
    """

    name = "server"

    def __init__(self, connection: duckdb.DuckDBPyConnection, address: str) -> None:
        self.connection = connection
        self.address, self.password = without_password(address)
        self.before: str | None = None

    def __enter__(self) -> Server:
        self.before = os.environ.get(PASSWORD)
        if self.password:
            os.environ[PASSWORD] = self.password
        try:
            self.connection.execute(f"load {quoted(extension())}")
            self.attempt(self.connection, f"attach {quoted(self.address)} as {self.name} (type postgres)")
        except BaseException:
            self._forget()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.execute(f"detach {self.name}")
        self._forget()

    def session(self) -> duckdb.DuckDBPyConnection:
        """Another connection, for a thread of its own."""
        return self.connection.cursor()

    def run(self, statements: str) -> None:
        """Statements with semicolons between, all in one transaction of the server."""
        self.attempt(self.connection, f"call postgres_execute('{self.name}', ?)", [statements])
        # tables and schemas may have come or gone
        self.connection.execute("call pg_clear_cache()")

    def ask(self, query: str, session: duckdb.DuckDBPyConnection | None = None) -> list[tuple[Any, ...]]:
        """Rows of a query that the server answers."""
        chosen = session or self.connection
        self.attempt(chosen, f"from postgres_query('{self.name}', ?)", [query])
        return chosen.fetchall()

    def attempt(self, session: duckdb.DuckDBPyConnection, statement: str, values: list[Any] | None = None) -> None:
        """Executes. Raises what the server says is wrong as a UserError."""
        try:
            session.execute(statement, values)
        except duckdb.Error as error:
            raise self.failure(error) from None

    def failure(self, error: duckdb.Error) -> UserError:
        """What the server says is wrong in one line, without rows and without the password."""
        message = str(error)
        said = re.search(r"(?:ERROR|FATAL): +([^\n]+)", message) or re.search(r"(connection to [^\n]+)", message)
        line = said.group(1) if said else message.splitlines()[0]
        return UserError(f"postgres: {line.replace(self.password, '***') if self.password else line}")

    def _forget(self) -> None:
        os.environ.pop(PASSWORD, None)
        if self.before is not None:
            os.environ[PASSWORD] = self.before


def extension() -> Path:
    """DuckDB's extension for PostgreSQL, from its package. Raises UserError when it is not installed."""
    package = find_spec("duckdb_extension_postgres_scanner")
    found = sorted(Path(package.origin).parent.rglob("*.duckdb_extension")) if package and package.origin else []
    if not found:
        raise UserError("postgres: duckdb-extension-postgres-scanner is not installed; run make build")
    return found[0]


def without_password(address: str) -> tuple[str, str]:
    """An address without its password, and the password. Raises UserError unless it is an address of PostgreSQL."""
    parts = urlsplit(address)
    if parts.scheme not in ("postgresql", "postgres"):
        raise UserError("SALES_KPI_PG_URL is no address of a server: postgresql://user@host:5432/database is one")
    user, _, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    asked = parse_qsl(parts.query, keep_blank_values=True)
    password = unquote(password) or dict(asked).get("password", "")
    query = urlencode([(key, value) for key, value in asked if key != "password"])
    return urlunsplit(parts._replace(netloc=f"{name}@{host}" if name else host, query=query)), password
