"""Alerts as files of a publication, and, where somebody gave an address, as a message to a chat.

`alerts.json` holds the alerts and ready-made messages for Slack, Teams and e-mail in both languages, `alerts.md` the
same for people. Nothing leaves the machine unless SALES_KPI_ALERT_WEBHOOK is set.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import requests

from warehouse.errors import UserError

LANGUAGES = ("en", "fr")
SHOWN = 20  # of a message; Slack takes 50 blocks, Teams 28 kB
TIMEOUT = 15.0  # seconds
SENT = "alerts-sent.json"
KINDS = ("slack", "teams", "json")
HOSTS = {"hooks.slack.com": "slack", "webhook.office.com": "teams", "logic.azure.com": "teams"}
HOSTS |= {"powerplatform.com": "teams", "powerautomate.com": "teams"}
MARKS = {"critical": "🔴", "important": "🟠", "info": "🟢"}
WORDS = {
    "en": {
        "title": "KPI alerts",
        "none": "No alert.",
        "more": "and {} more",
        "critical": "Critical",
        "important": "Important",
        "info": "For the better",
    },
    "fr": {
        "title": "Alertes KPI",
        "none": "Aucune alerte.",
        "more": "et {} de plus",
        "critical": "Critique",
        "important": "Important",
        "info": "Amélioration",
    },
}


@dataclass(frozen=True)
class Alert:
    """A row of `kpi_alerts`."""

    kpi_code: str
    period_grain: str
    period_start_date: dt.date
    scope_type: str
    scope_id: str
    alert_reason: str
    severity: str
    value: float | None
    target_value: float | None
    expected_value: float | None
    main_driver: str | None
    message_en: str
    message_fr: str
    suggested_analysis_en: str
    suggested_analysis_fr: str

    @property
    def key(self) -> str:
        """What it is about, so that it is sent once."""
        said = (self.kpi_code, self.period_grain, str(self.period_start_date), self.scope_type, self.scope_id)
        return "|".join((*said, self.alert_reason))

    def told(self, language: str) -> tuple[str, str]:
        """The sentence and the suggested analysis in a language."""
        if language == "fr":
            return unbroken(self.message_fr), unbroken(self.suggested_analysis_fr)
        return self.message_en, self.suggested_analysis_en


def unbroken(text: str) -> str:
    """A French text whose tall punctuation cannot begin a line."""
    return re.sub(r" (?=[;!?])", "\u202f", text.replace(" :", "\u00a0:"))


def read_alerts(database: Path) -> tuple[dt.date | None, list[Alert]]:
    """The as-of date and the alerts of a build, what hurts most first."""
    columns = ", ".join(Alert.__dataclass_fields__)
    connection = duckdb.connect(str(database), read_only=True)
    try:
        as_of = connection.execute("select max(as_of_date) from marts.dim_clocks").fetchone()
        rows = connection.execute(
            f"""
            select {columns} from marts.kpi_alerts
            order by
                list_position(['critical', 'important', 'info'], severity),
                list_position(['company', 'team', 'rep'], scope_type),
                kpi_code, period_grain, period_start_date, scope_id, alert_reason
            """
        ).fetchall()
    finally:
        connection.close()
    return as_of[0] if as_of else None, [Alert(*row) for row in rows]


def alert_files(as_of: dt.date | None, alerts: Sequence[Alert]) -> dict[str, str]:
    """`alerts.json` and `alerts.md`."""
    document = {
        "as_of_date": as_of,
        "alerts": [asdict(alert) for alert in alerts],
        **messages(as_of, alerts),
    }
    return {
        "alerts.json": json.dumps(document, indent=2, default=str, ensure_ascii=False) + "\n",
        "alerts.md": "\n".join(_markdown(as_of, alerts, language) for language in LANGUAGES),
    }


def messages(as_of: dt.date | None, alerts: Sequence[Alert]) -> dict[str, Any]:
    """What to post to Slack and to Teams and to send by e-mail, by language."""
    return {
        "slack": {language: _slack(as_of, alerts, language) for language in LANGUAGES},
        "teams": {language: _teams(as_of, alerts, language) for language in LANGUAGES},
        "email": {language: _email(as_of, alerts, language) for language in LANGUAGES},
    }


def send_alerts(as_of: dt.date | None, alerts: Sequence[Alert], publish_folder: Path) -> str | None:
    """Posts the alerts that were not posted yet; a line on what became of it, None where nobody asked for it.

    Environment: SALES_KPI_ALERT_WEBHOOK (an address), SALES_KPI_ALERT_KIND (slack, teams or json; by the host when
    empty), SALES_KPI_ALERT_LANGUAGE (en or fr). Raises UserError when it was not taken; the alerts are due again then.
    """
    address = os.environ.get("SALES_KPI_ALERT_WEBHOOK")
    if not address:
        return None
    host, kind, language = _where(address)
    memory = publish_folder / SENT
    known = _sent(memory)
    due = [alert for alert in alerts if alert.key not in known]
    if not due:
        _remember(memory, alerts)
        return f"nothing new for {host}"
    if kind == "json":
        body: Any = json.loads(alert_files(as_of, due)["alerts.json"])
    else:
        body = messages(as_of, due)[kind][language]
    try:
        answer = requests.post(address, json=body, timeout=TIMEOUT, allow_redirects=False)
    except requests.RequestException as error:
        # the message of the error may hold the address, which is a secret
        raise UserError(
            f"alerts: {host} could not be reached ({type(error).__name__}); they are sent next time"
        ) from None
    if not 200 <= answer.status_code < 300:
        raise UserError(f"alerts: {host} answered {answer.status_code}; they are sent next time")
    _remember(memory, alerts)
    return f"{len(due)} sent to {host}"


def _remember(memory: Path, alerts: Sequence[Alert]) -> None:
    """Keeps which alerts there are: what is none any more is forgotten, so that it can be one again."""
    temporary = memory.with_suffix(".tmp")
    temporary.write_text(json.dumps(sorted(alert.key for alert in alerts), indent=2) + "\n", encoding="utf-8")
    temporary.replace(memory)


def _where(address: str) -> tuple[str, str, str]:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if not host or parts.scheme not in ("https", "http"):
        raise UserError("alerts: SALES_KPI_ALERT_WEBHOOK is no address that begins with https://")
    if parts.scheme == "http" and host not in ("127.0.0.1", "localhost", "::1"):
        raise UserError(f"alerts: {host} is asked without https; SALES_KPI_ALERT_WEBHOOK has to begin with https://")
    by_host = next((kind for end, kind in HOSTS.items() if host == end or host.endswith(f".{end}")), "json")
    kind = os.environ.get("SALES_KPI_ALERT_KIND") or by_host
    language = os.environ.get("SALES_KPI_ALERT_LANGUAGE") or "en"
    if kind not in KINDS:
        raise UserError(f"alerts: SALES_KPI_ALERT_KIND is {kind}; it can be {', '.join(KINDS)}")
    if language not in LANGUAGES:
        raise UserError(f"alerts: SALES_KPI_ALERT_LANGUAGE is {language}; it can be {' or '.join(LANGUAGES)}")
    return host, kind, language


def _sent(memory: Path) -> set[str]:
    try:
        return set(json.loads(memory.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return set()


def _title(as_of: dt.date | None, language: str) -> str:
    return f"{WORDS[language]['title']}, {as_of}"


def _more(alerts: Sequence[Alert], language: str) -> str:
    return WORDS[language]["more"].format(len(alerts) - SHOWN) if len(alerts) > SHOWN else ""


def _slack(as_of: dt.date | None, alerts: Sequence[Alert], language: str) -> dict[str, Any]:
    def plain(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _title(as_of, language)}},
    ]
    for alert in alerts[:SHOWN]:
        message, analysis = map(plain, alert.told(language))
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": f"{MARKS[alert.severity]} *{message}*"}})
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": analysis}]})
    rest = _more(alerts, language) or ("" if alerts else WORDS[language]["none"])
    if rest:
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": rest}]})
    return {"text": _title(as_of, language), "blocks": blocks}


def _teams(as_of: dt.date | None, alerts: Sequence[Alert], language: str) -> dict[str, Any]:
    def block(text: str, **style: Any) -> dict[str, Any]:
        return {"type": "TextBlock", "text": text, "wrap": True, **style}

    body = [block(_title(as_of, language), size="Large", weight="Bolder")]
    for alert in alerts[:SHOWN]:
        message, analysis = alert.told(language)
        body.append(block(f"{MARKS[alert.severity]} {message}", weight="Bolder", separator=True))
        body.append(block(analysis, isSubtle=True, spacing="Small"))
    rest = _more(alerts, language) or ("" if alerts else WORDS[language]["none"])
    if rest:
        body.append(block(rest, isSubtle=True))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def _email(as_of: dt.date | None, alerts: Sequence[Alert], language: str) -> Mapping[str, str]:
    told = [(alert.severity, *alert.told(language)) for alert in alerts]
    words = WORDS[language]
    items = "".join(
        f"<li><strong>{html.escape(words[severity])}.</strong> {html.escape(message)}"
        f"<br><small>{html.escape(analysis)}</small></li>"
        for severity, message, analysis in told
    )
    return {
        "subject": f"{_title(as_of, language)} ({len(alerts)})",
        "text": "\n\n".join(f"{words[severity]}. {message}\n{analysis}" for severity, message, analysis in told)
        or words["none"],
        "html": f"<ul>{items}</ul>" if told else f"<p>{words['none']}</p>",
    }


def _markdown(as_of: dt.date | None, alerts: Sequence[Alert], language: str) -> str:
    lines = [f"# {_title(as_of, language)}", ""]
    for alert in alerts:
        message, analysis = alert.told(language)
        lines += [f"- {MARKS[alert.severity]} **{message}**", f"  {analysis}"]
    if not alerts:
        lines.append(WORDS[language]["none"])
    return "\n".join([*lines, ""])
