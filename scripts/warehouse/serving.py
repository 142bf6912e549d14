"""A web server for the publication, which answers this machine alone."""

from __future__ import annotations

import errno
import http
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from warehouse.errors import UserError

LOCAL = "127.0.0.1"
START = "/docs/index.html"
TRIED = 20  # ports, from the one asked for on


class _Handler(SimpleHTTPRequestHandler):
    """Files of the generation that `current` points to when they are asked for."""

    def do_GET(self) -> None:
        if self._is_from_here():
            if self.path in ("", "/", "/docs", "/docs/"):
                self.send_response(http.HTTPStatus.FOUND)
                self.send_header("Location", START)
                self.end_headers()
            else:
                super().do_GET()

    def do_HEAD(self) -> None:
        if self._is_from_here():
            super().do_HEAD()

    def _is_from_here(self) -> bool:
        """Whether the browser was sent here by this address, and not by a name that a stranger points to it."""
        name = (self.headers.get("Host") or "").rsplit(":", 1)[0]
        if name in (LOCAL, "localhost"):
            return True
        self.send_error(http.HTTPStatus.MISDIRECTED_REQUEST)
        return False

    def end_headers(self) -> None:
        # the next generation is the next page read
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing: who reads which page is nobody's matter."""


def server(publish_folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of `publish/current`, not serving yet; on the next free port when the one asked for is taken.

    Raises UserError when nothing is published, and when no port is free.
    """
    current = publish_folder / "current"
    if not (current / "manifest.json").exists():
        raise UserError(f"{publish_folder}: nothing published there yet; run the pipeline")
    handler = partial(_Handler, directory=str(current))
    for tried in range(port, port + TRIED) if port else (0,):
        try:
            return ThreadingHTTPServer((LOCAL, tried), handler)
        except PermissionError:
            raise UserError(f"port {tried} is not allowed; choose one from 1024 on with --port") from None
        except OverflowError:
            raise UserError(f"port {tried} is none; choose one from 1024 to 65535 with --port") from None
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise UserError(f"ports {port} to {port + TRIED - 1} are all taken; choose another one with --port")
