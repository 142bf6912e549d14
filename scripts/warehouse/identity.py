"""The key of the hashes that stand for e-mail addresses."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import duckdb

KEY_FILE = "identity.key"
KEY_VARIABLE = "SALES_KPI_IDENTITY_KEY"
BLOCK = 64  # bytes of a SHA-256 block


def identity_key(warehouse: Path) -> bytes:
    """Key of the hashes that stand for e-mail addresses: from the environment, else made once beside raw."""
    given = os.environ.get(KEY_VARIABLE)
    if given:
        return given.encode()
    path = warehouse / KEY_FILE
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip().encode()


def hmac_pads(key: bytes) -> tuple[str, str]:
    """The two padded keys of HMAC-SHA-256 (RFC 2104) as hexadecimal text, so that SQL can finish the hash."""
    padded = key.ljust(BLOCK, b"\0")
    return bytes(each ^ 0x36 for each in padded).hex(), bytes(each ^ 0x5C for each in padded).hex()


def declare_key(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """The key as the session variables that models hash addresses with."""
    for name, pad in zip(("identity_inner", "identity_outer"), hmac_pads(key), strict=True):
        connection.execute(f"set variable {name} = ?", [pad])
