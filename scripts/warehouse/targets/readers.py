"""Who reads on PostgreSQL: the role `bi_reader`, made where there is none, kept to one schema, in time and number."""

from __future__ import annotations

from collections.abc import Sequence

from warehouse.errors import UserError
from warehouse.literals import quoted
from warehouse.targets.server import Server

ROLE = "bi_reader"
CONNECTIONS = 20
# a role may change its own settings for a session: they keep a slow report from harm, not an attacker
SETTINGS = {
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    "default_transaction_read_only": "on",
}


def forbid_the_rest(server: Server, schemas: Sequence[str]) -> None:
    """Makes the role, and takes from everybody what PostgreSQL gives everybody in a database.

    Raises UserError when the database holds somebody else's tables, or its rights are not ours to take.
    """
    ours = ", ".join(quoted(schema) for schema in (*schemas, "information_schema"))
    ((database, foreign),) = server.ask(
        "select current_database(), (select min(nspname || '.' || relname) from pg_class "
        "join pg_namespace on pg_namespace.oid = relnamespace where relkind in ('r', 'p', 'm', 'v') "
        f"and nspname not in ({ours}) "
        "and nspname !~ '^pg_' and not exists (select from pg_depend where objid = pg_class.oid and deptype = 'e'))"
    )
    if foreign:
        raise UserError(
            f"postgres: database {database} holds {foreign}, and publishing locks everybody else out: "
            "give it a database of its own"
        )
    _make_role(server)
    server.run(
        f'revoke all on database "{database}" from public; grant connect on database "{database}" to {ROLE}; '
        "revoke create on schema public from public"
    )
    ((is_open,),) = server.ask(
        "select has_database_privilege('public', current_database(), 'connect, temporary') "
        "or coalesce(has_schema_privilege('public', to_regnamespace('public')::oid, 'create'), false)"
    )
    if is_open:
        raise UserError(
            f"postgres: everybody may still use database {database}; publish as its owner, or have the owner run: "
            f'revoke all on database "{database}" from public; revoke create on schema public from public'
        )


def let_readers_in(server: Server, schema: str) -> None:
    """Lets the role read all tables of a schema."""
    server.run(f"grant usage on schema {schema} to {ROLE}; grant select on all tables in schema {schema} to {ROLE}")


def _make_role(server: Server) -> None:
    asked = (
        "select rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls "
        "or exists (select from pg_auth_members where member = pg_roles.oid), rolconnlimit, "
        f"coalesce(array_to_string(rolconfig, ' '), '') from pg_roles where rolname = '{ROLE}'"
    )
    if not server.ask(asked):
        server.run(f"create role {ROLE} login connection limit {CONNECTIONS}")
    ((is_powerful, limit, settings),) = server.ask(asked)
    if is_powerful:
        raise UserError(f"postgres: role {ROLE} may do more than read; take its attributes and memberships away")
    missing = [name for name in SETTINGS if f"{name}=" not in settings]
    wanted = [f"alter role {ROLE} set {name} = '{SETTINGS[name]}'" for name in missing]
    if limit == -1:
        wanted.append(f"alter role {ROLE} connection limit {CONNECTIONS}")
    if wanted:
        server.run("; ".join(wanted))
