"""Talking to an API: one host, one token, patience with what passes, one clear line for what does not."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry

from warehouse.errors import UserError

ATTEMPTS = 7
LONGEST_WAIT = 300.0  # seconds; who asks for more has a limit by the day
TIMEOUT = (10.0, 120.0)  # seconds to connect, and without a byte
BUSY = "REQUEST_LIMIT_EXCEEDED"  # what Salesforce says with a 403


class ApiError(UserError):
    """A request that was refused for good; `code` is the API's own name of the reason."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """A page as it was sent: `text` on one line (a line break in JSON stands between values only), and what it says."""

    text: str
    said: dict[str, Any]


class Bearer(requests.auth.AuthBase):
    """The token in its header. Being an auth of its own it also keeps `.netrc` out."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the headers."""
        request.headers.update(self.headers)
        return request


@dataclass
class Client:
    """Requests to one host. `pace` is the least seconds between two; `sleep` and `clock` are there for tests."""

    name: str
    base_url: str
    token_env: str
    secrets: tuple[str, ...] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    pace: float = 0.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    scope: str = ""
    session: requests.Session = field(default_factory=requests.Session, repr=False)
    last: float = field(default=float("-inf"), repr=False)

    def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Answer:
        """The answer to a GET. Raises ApiError."""
        return self._ask("GET", path, parameters, None, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """The answer to a POST of JSON. Raises ApiError."""
        return self._ask("POST", path, None, body, None)

    def submit(self, path: str, form: Mapping[str, str]) -> Answer:
        """The answer to a POST of a form, without the token. Raises ApiError."""
        return self._ask("POST", path, None, None, form)

    def _ask(
        self,
        method: str,
        path: str,
        parameters: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
        form: Mapping[str, str] | None,
    ) -> Answer:
        url = urljoin(self.base_url + "/", path)
        if not path.startswith("/") or urlsplit(url)[:2] != urlsplit(self.base_url)[:2]:
            raise ApiError(
                f"{self.name}: the next page is at another host than {self.base_url}; nothing was sent there"
            )
        reason, wait = "", 0.0
        for attempt in range(1, ATTEMPTS + 1):
            self._wait(wait)
            wait = min(2.0**attempt, 60.0) * random.uniform(0.75, 1.0)  # noqa: S311 (no secret, only spread out)
            try:
                # the body is read here: fewer bytes than announced are an error of the connection
                response = self.session.request(
                    *(method, url),
                    params=parameters,
                    json=body,
                    data=form,
                    auth=Bearer({} if form else self.headers),
                    timeout=TIMEOUT,
                    allow_redirects=False,
                )
            except requests.exceptions.SSLError:
                raise ApiError(f"{self.name}: the certificate of {self.base_url} is not valid; mend base_url") from None
            except requests.RequestException as error:
                reason = f"the connection broke ({type(error).__name__})"
                continue
            passing = response.status_code in (408, 429) or response.status_code >= 500
            if passing or (response.status_code == 403 and BUSY in response.text):
                reason = f"HTTP {response.status_code}"
                wait = self._asked(response, wait)
                continue
            self._refuse(response)
            try:
                text = response.content.decode("utf-8")
                said = json.loads(text)
            except ValueError:
                reason = "the answer is no whole JSON"
                continue
            if not isinstance(said, dict):
                raise ApiError(f"{self.name}: the answer of {path.split('?')[0]} is no page; is base_url right?")
            return Answer(text.replace("\r", " ").replace("\n", " "), said)
        raise ApiError(
            f"{self.name}: {reason}, {ATTEMPTS} times; what was pulled is kept, run it again later to go on from there"
        )

    def _wait(self, seconds: float) -> None:
        seconds = max(seconds, self.last + self.pace - self.clock())
        if seconds > 0:
            self.sleep(seconds)
        self.last = self.clock()

    def _asked(self, response: requests.Response, wait: float) -> float:
        """Seconds to wait: what the answer asks for, in seconds or as a date, else our own."""
        try:
            asked = Retry().parse_retry_after(response.headers["Retry-After"])
        except (KeyError, InvalidHeader):
            return wait
        if asked > LONGEST_WAIT:
            raise ApiError(
                f"{self.name}: HTTP {response.status_code}, a limit is reached and asks to wait {asked:.0f} seconds; "
                "what was pulled is kept, run it again then to go on from there"
            )
        return max(float(asked), 0.0)

    def _refuse(self, response: requests.Response) -> None:
        """Raises ApiError for what no second try mends."""
        status = response.status_code
        if 300 <= status < 400:
            host = urlsplit(urljoin(self.base_url, response.headers.get("Location", ""))).hostname
            raise ApiError(
                f"{self.name}: {self.base_url} sends on to {host}, which is not followed; put the right base_url into "
                "source.yml"
            )
        if status == 401:
            raise ApiError(f"{self.name}: HTTP 401, the token in {self.token_env} is not accepted; renew it")
        if status == 403:
            need = f"grant it {self.scope}" if self.scope else "grant it the right to read this"
            raise ApiError(
                f"{self.name}: HTTP 403, the token in {self.token_env} may not read this; {need}, or leave the table "
                "out of `tables` under extract"
            )
        if status >= 400:
            code, message = _explanation(response)
            raise ApiError(f"{self.name}: HTTP {status}, {self._masked(message)[:200]}", code)

    def _masked(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return " ".join(text.split())


def _explanation(response: requests.Response) -> tuple[str, str]:
    """The API's own name of an error, and its words; each of the five has a shape of its own."""
    try:
        said = response.json()
    except ValueError:
        return "", "without a reason"
    said = said[0] if isinstance(said, list) and said else said
    said = said if isinstance(said, dict) else {}
    inner = said.get("error")
    if isinstance(inner, dict):
        said = inner
    code = (
        said.get("errorCode") or said.get("type") or said.get("category") or (inner if isinstance(inner, str) else "")
    )
    return str(code or ""), str(said.get("message") or said.get("error_description") or code or "without a reason")
