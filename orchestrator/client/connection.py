"""Requests and answers: typed, tried again where that is safe, and turned into errors for people."""

import re
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from itertools import count
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import ValidationError

from orchestrator.client.errors import RequestRefused, ServerProblem, ServerUnreachable
from orchestrator.domain.base import Value
from orchestrator.domain.errors import BadInput
from orchestrator.wire.problems import Problem

Answer = TypeVar("Answer", bound=Value)

_TRIES = 4
_TRIES_PENDING = 20
"""Half a minute: our own first request, whose connection failed, is still being carried out."""
_FIRST_PAUSE = 0.2
"""Seconds before the second try; each further pause is twice as long."""
_LONGEST_PAUSE = 2.0
_CONFLICT = 409
_PENDING = "/problems/still-being-answered"
_TOO_MANY = 429
_UNAVAILABLE = 503


class Connection:
    """One server, one key."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float,
        verify: ssl.SSLContext | bool,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = _checked_url(url)
        self._sleep = sleep
        self._client = httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Bearer {_checked_key(key)}"},
            timeout=timeout,
            verify=verify,
            transport=transport,
        )

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, answer: type[Answer], **query: Any) -> Answer:
        """Return what stands at a path."""
        return self._parsed(self._tried("GET", path, params=_given(query)), answer)

    def text(self, path: str) -> str:
        return self._tried("GET", path).text

    def document(self, path: str) -> dict[str, Any]:
        return self._tried("GET", path).json()

    def post(self, path: str, body: Value, answer: type[Answer]) -> Answer:
        """Change something, once: however often it has to be sent, the server does it one time."""
        headers = {"Idempotency-Key": str(uuid4()), "Content-Type": "application/json"}
        return self._parsed(self._tried("POST", path, content=body.model_dump_json(), headers=headers), answer)

    def stream(self, path: str, headers: Mapping[str, str], read_timeout: float) -> AbstractContextManager[httpx.Response]:
        """Open a stream of server-sent events."""
        timeout = httpx.Timeout(self._client.timeout.connect, read=read_timeout)
        return self._client.stream("GET", path, headers={"Accept": "text/event-stream", **headers}, timeout=timeout)

    def unreachable(self, error: httpx.TransportError) -> ServerUnreachable:
        return ServerUnreachable(
            f"{self.url} does not answer ({type(error).__name__}: {error}); is `nightshift serve` running there, and the address right?"
        )

    def _tried(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request again while the connection fails; every request here may be sent twice."""
        for attempt in count(1):
            try:
                response = self._client.request(method, path, **options)
            except httpx.TransportError as error:
                if attempt >= _TRIES:
                    raise self.unreachable(error) from None
                self._sleep(_pause(attempt))
            else:
                if attempt >= _tries_worth(response):
                    raise_for_problem(response)
                    return response
                self._sleep(_wanted_pause(response, _pause(attempt)))
        raise AssertionError("never reached: counting has no end")

    def _parsed(self, response: httpx.Response, answer: type[Answer]) -> Answer:
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            first = error.errors()[0]
            raise ServerProblem(
                f"{self.url} answered what this client does not understand ({'.'.join(map(str, first['loc']))}: {first['msg']}); "
                "use the same version of Nightshift on both sides"
            ) from None


def path_of(campaign: str) -> str:
    """Return where a campaign is found; whatever the id holds, it stays one part of the path."""
    return f"/campaigns/{quote(campaign, safe='')}"


def _checked_url(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", url):
        raise BadInput(f"{url!r} is no address of a server; write it as http://127.0.0.1:8088 or https://beamline.example")
    return url.rstrip("/")


def _checked_key(key: str) -> str:
    if not re.fullmatch(r"[!-~]+", key):
        raise BadInput("the key is empty or holds spaces or other characters that no key has; copy it whole: ns_…")
    return key


def raise_for_problem(response: httpx.Response) -> None:
    """Raise what the server says went wrong, if anything did."""
    if response.is_success:
        return
    problem = _problem_of(response)
    kind = ServerProblem if problem.status >= 500 else RequestRefused
    raise kind(problem.detail or problem.title, problem)


def _problem_of(response: httpx.Response) -> Problem:
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        detail = f"{response.request.url} answered {response.status_code}, and not as Nightshift does; is the address right?"
        return Problem(type="about:blank", title=response.reason_phrase, status=response.status_code, detail=detail)


def _tries_worth(response: httpx.Response) -> int:
    """Return how often it is worth asking for something that is answered so."""
    if response.status_code == _CONFLICT and _problem_of(response).type == _PENDING:
        return _TRIES_PENDING
    return _TRIES if response.status_code in (_TOO_MANY, _UNAVAILABLE) else 1


def _pause(attempt: int) -> float:
    return min(_FIRST_PAUSE * 2 ** (attempt - 1), _LONGEST_PAUSE)


def _wanted_pause(response: httpx.Response, otherwise: float) -> float:
    """Return the seconds a busy server asks for, within reason."""
    written = response.headers.get("Retry-After", "")
    return min(float(written), 10.0) if written.isdecimal() else otherwise


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}
