"""Alerts leave as files always, as messages only where somebody gave an address, and never twice."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from warehouse.alerting import SHOWN, Alert, alert_files, messages, send_alerts
from warehouse.errors import UserError

AS_OF = dt.date(2026, 11, 24)


def alert(number: int = 1, *, severity: str = "critical") -> Alert:
    return Alert(
        *("win_rate", "month", dt.date(2026, 10, 1), "team", f"AE {number}", "significant_change", severity),
        *(0.17, None, 0.34, "rep:1", f"Win rate of AE {number} <b> & co: 17.0%.", f"Taux de closing (AE {number})."),
        *("Analyse: Why? Talk: Ask. Adjust: Coach.", "Analyser : Pourquoi ?"),
    )


class Chat:
    """A webhook on this machine: what was posted, and what it answers."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []
        self.status = 200
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                chat.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(chat.status)
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}/services/secret"


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    server = Chat()
    monkeypatch.setenv("SALES_KPI_ALERT_WEBHOOK", server.address)
    monkeypatch.delenv("SALES_KPI_ALERT_KIND", raising=False)
    monkeypatch.delenv("SALES_KPI_ALERT_LANGUAGE", raising=False)
    yield server
    server.http.shutdown()
    server.http.server_close()


def test_files_hold_the_alerts_in_both_languages_and_ready_to_post() -> None:
    files = alert_files(AS_OF, [alert(1), alert(2, severity="info")])
    said = json.loads(files["alerts.json"])
    assert said["as_of_date"] == "2026-11-24"
    assert [each["severity"] for each in said["alerts"]] == ["critical", "info"]
    assert said["slack"]["en"]["blocks"][1]["text"]["text"] == "🔴 *Win rate of AE 1 &lt;b&gt; &amp; co: 17.0%.*"
    assert said["teams"]["fr"]["attachments"][0]["content"]["body"][1]["text"] == "🔴 Taux de closing (AE 1)."
    assert "&lt;b&gt; &amp; co" in said["email"]["en"]["html"]
    assert "Win rate of AE 1 <b> & co" in said["email"]["en"]["text"]
    assert "# Alertes KPI, 2026-11-24" in files["alerts.md"]
    assert "- 🟢 **Win rate of AE 2" in files["alerts.md"]


def test_no_alert_is_said_to_be_none() -> None:
    files = alert_files(AS_OF, [])
    assert json.loads(files["alerts.json"])["alerts"] == []
    assert "No alert." in files["alerts.md"]
    assert "Aucune alerte." in files["alerts.md"]


def test_a_message_is_short_enough_for_a_chat() -> None:
    said = messages(AS_OF, [alert(number) for number in range(SHOWN + 5)])
    assert len(said["slack"]["en"]["blocks"]) <= 50
    assert said["slack"]["en"]["blocks"][-1]["elements"][0]["text"] == "and 5 more"
    assert len(json.dumps(said["teams"]["fr"])) < 28_000


def test_nothing_is_sent_unless_there_is_an_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SALES_KPI_ALERT_WEBHOOK", raising=False)
    assert send_alerts(AS_OF, [alert()], tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "key"), [("slack", "blocks"), ("teams", "attachments"), ("json", "alerts"), ("", "alerts")]
)
def test_an_alert_is_posted_once_in_the_shape_of_the_chat(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str, key: str
) -> None:
    monkeypatch.setenv("SALES_KPI_ALERT_KIND", kind)
    assert send_alerts(AS_OF, [alert(1)], tmp_path) == "1 sent to 127.0.0.1"
    assert key in chat.posted[0]
    assert send_alerts(AS_OF, [alert(1)], tmp_path) == "nothing new for 127.0.0.1"
    assert send_alerts(AS_OF, [alert(1), alert(2)], tmp_path) == "1 sent to 127.0.0.1"
    # one that ended while nothing was new, and comes back, is news
    assert send_alerts(AS_OF, [alert(2)], tmp_path) == "nothing new for 127.0.0.1"
    assert send_alerts(AS_OF, [alert(1), alert(2)], tmp_path) == "1 sent to 127.0.0.1"
    assert "AE 2" in json.dumps(chat.posted[1])
    assert "AE 1" not in json.dumps(chat.posted[1])


def test_what_was_not_taken_is_due_again_and_the_address_stays_a_secret(chat: Chat, tmp_path: Path) -> None:
    chat.status = 500
    with pytest.raises(UserError, match=r"127\.0\.0\.1 answered 500") as told:
        send_alerts(AS_OF, [alert()], tmp_path)
    assert "secret" not in str(told.value)
    chat.status = 200
    assert send_alerts(AS_OF, [alert()], tmp_path) == "1 sent to 127.0.0.1"


def test_nobody_at_the_address_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SALES_KPI_ALERT_WEBHOOK", "http://127.0.0.1:9/services/secret")
    with pytest.raises(UserError, match="could not be reached") as told:
        send_alerts(AS_OF, [alert()], tmp_path)
    assert "secret" not in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"SALES_KPI_ALERT_WEBHOOK": "http://hooks.slack.com/services/x"}, "without https"),
        ({"SALES_KPI_ALERT_WEBHOOK": "slack"}, "no address"),
        ({"SALES_KPI_ALERT_KIND": "pigeon"}, "slack, teams, json"),
        ({"SALES_KPI_ALERT_LANGUAGE": "de"}, "en or fr"),
    ],
)
def test_a_setting_that_cannot_be_is_said(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], reason: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=reason):
        send_alerts(AS_OF, [alert()], tmp_path)
