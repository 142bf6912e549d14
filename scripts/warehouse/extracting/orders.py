"""What to pull: the `extract:` block of an instance's source.yml, its defaults, and the token from the environment."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from warehouse.contract import System
from warehouse.errors import UserError
from warehouse.instances import SOURCE_FILE, Instance, system_of

SETTINGS = (
    "token_env",
    "client_id_env",
    "client_secret_env",
    "base_url",
    "base",
    "tables",
    "properties",
    "since",
    "full_every",
)
HOMES = {
    "hubspot": "https://api.hubapi.com",
    "salesforce": "",  # each organisation has an address of its own
    "pipedrive": "https://api.pipedrive.com",
    "stripe": "https://api.stripe.com",
    "airtable": "https://api.airtable.com",
}
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{2,60}")
# the forms in which the five systems hand out tokens; a value of that look has no place in a file
SECRET = re.compile(r"pat-(na|eu|ap)\d-|\b[srp]k_(live|test)_|\bpat\w{14}\.|\b00D\w{12,15}!|\bkey\w{14}\b|Bearer\s+\S")
KEY = re.compile(r"\b[0-9a-f]{40}\b")  # Pipedrive's tokens look like the keys of its fields, which mappings may name
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Order:
    """What is to be pulled for one instance.

    `tables` maps the tables of the contract to their names in the system; empty means all. `since` is the first day of
    activities and payments; `full_every` the days after which tables pulled by changes are pulled whole again.
    """

    instance: Instance
    system: str
    base_url: str
    token_env: str
    token: str = field(repr=False)
    tables: Mapping[str, str] = field(default_factory=dict)
    properties: tuple[str, ...] = ()
    base: str = ""
    since: dt.datetime | None = None
    full_every: int = 7
    client: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def where(self) -> str:
        """The file that says it, for messages."""
        return f"{self.instance.name}/{SOURCE_FILE}"


def read_order(instance: Instance, systems: Mapping[str, System], environment: Mapping[str, str] = os.environ) -> Order:
    """The order of an instance whose source.yml has an `extract:` block.

    Raises UserError for a setting that is not understood, for a token in the file, and for an environment variable
    that is not set.
    """
    where = f"{instance.name}/{SOURCE_FILE}"
    said = instance.extract or {}
    if not isinstance(said, dict):
        raise UserError(f"{where}: extract is no list of settings; known are {', '.join(SETTINGS)}")
    if SECRET.search((instance.folder / SOURCE_FILE).read_text(encoding="utf-8")) or _names_a_secret(said):
        raise UserError(
            f"{where}: holds what looks like a token; take it out, renew it, and name its variable: token_env: MY_TOKEN"
        )
    for key in said:
        if key not in SETTINGS:
            raise UserError(f"{where}: extract has no setting {key!r}; known are {', '.join(SETTINGS)}")
    system = _system(instance, systems, where)
    prefix = system.upper()
    base_url = said.get("base_url") or HOMES[system] or environment.get(f"{prefix}_INSTANCE_URL", "")
    if not base_url:
        raise UserError(
            f"{where}: no address of {system}; say base_url under extract, or set {prefix}_INSTANCE_URL in the "
            "environment"
        )
    client = None
    if said.get("client_id_env") or said.get("client_secret_env"):
        if system != "salesforce":
            raise UserError(f"{where}: client_id_env and client_secret_env are for salesforce; use token_env")
        client = (
            _variable(where, "client_id_env", said.get("client_id_env", ""), environment),
            _variable(where, "client_secret_env", said.get("client_secret_env", ""), environment),
        )
    token_env = str((said.get("client_secret_env") if client else said.get("token_env")) or f"{prefix}_TOKEN")
    order = Order(
        instance,
        system,
        _address(where, base_url),
        token_env,
        "" if client else _variable(where, "token_env", token_env, environment),
        _tables(where, said.get("tables") or {}),
        tuple(_texts(where, "properties", said.get("properties"))),
        said.get("base") or "",
        _day(where, said.get("since")),
        _days(where, said.get("full_every") or "7"),
        client,
    )
    if system == "airtable" and not (order.base and order.tables):
        raise UserError(f"{where}: say which base and tables under extract: base: app..., tables: {{deals: Affaires}}")
    return order


def _names_a_secret(said: Mapping[str, Any]) -> bool:
    """Whether a variable is named by what is no name of one, or a secret stands under a key of its own."""
    variables = [value for key, value in said.items() if str(key).endswith("_env")]
    kept = [
        key for key in said if re.search(r"token|secret|password|api_?key", str(key)) and not str(key).endswith("_env")
    ]
    shown = any(KEY.search(str(value)) for value in said.values())
    return bool(kept) or shown or any(value and not VARIABLE.fullmatch(str(value)) for value in variables)


def _system(instance: Instance, systems: Mapping[str, System], where: str) -> str:
    system = system_of(instance, systems)
    system = "airtable" if system == "custom" else system
    if system not in HOMES:
        raise UserError(f"{where}: extract pulls {', '.join(HOMES)}; say which one by `system:`")
    return system


def _variable(where: str, setting: str, name: str, environment: Mapping[str, str]) -> str:
    if not name:
        raise UserError(f"{where}: {setting} is missing; both client_id_env and client_secret_env are needed")
    value = environment.get(name, "").strip()
    if not value:
        raise UserError(f"{where}: the environment variable {name} is not set; put the token of {where} into it")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise UserError(f"{where}: the environment variable {name} holds no token; it has blanks or unprintable signs")
    return value


def _address(where: str, base_url: str) -> str:
    parts = urlsplit(base_url if isinstance(base_url, str) else "")
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        raise UserError(f"{where}: base_url has to be an https address such as https://api.hubapi.com, without more")
    return base_url.rstrip("/")


def _tables(where: str, said: Any) -> Mapping[str, str]:
    if isinstance(said, dict) and all(isinstance(each, str) and each for each in said.values()):
        return said
    return {name: name for name in _texts(where, "tables", said)}


def _texts(where: str, key: str, said: Any) -> list[str]:
    listed = [said] if isinstance(said, str) and said else said or []
    if not isinstance(listed, list) or not all(isinstance(each, str) and each for each in listed):
        raise UserError(f"{where}: {key} under extract is no list of names")
    return listed


def _day(where: str, said: Any) -> dt.datetime | None:
    try:
        return dt.datetime.combine(dt.date.fromisoformat(said), dt.time(), dt.UTC) if said else None
    except (TypeError, ValueError):
        raise UserError(f"{where}: since under extract is {said!r}; expected a day such as 2024-01-01") from None


def _days(where: str, said: Any) -> int:
    if not isinstance(said, str) or not re.fullmatch(r"[1-9]\d{0,3}", said):
        raise UserError(f"{where}: full_every under extract is {said!r}; expected a number of days such as 7")
    return int(said)
