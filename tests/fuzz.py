"""``python -m tests.fuzz`` sends the whole API what its description allows and what it forbids, and counts what comes back.

Memory is limited, because a bound that is missing somewhere shows as memory that grows. Streams are left out: they do not end.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import schemathesis
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import CheckFailureInfo
from schemathesis.python.asgi import HOST
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestrator.api.app import build_app
from orchestrator.api.options import ServeOptions
from orchestrator.api.security import gate
from orchestrator.api.security.keys import new_key
from orchestrator.api.services import Services
from orchestrator.bootstrap import Workplace, open_workplace
from orchestrator.domain.access import ApiKey, Role
from tests.night import Night, make_spec
from tests.recorded import record

POINT = {"mirror_pitch": 3.1, "mirror_roll": 0.5, "crystal_pitch": 10.0, "slit_centre": 0.0}
_REAL_PERCENT = 75
"""How often a made-up campaign is replaced by one that exists: the rest of a route is reached only then."""


@dataclass(frozen=True)
class Known:
    """What exists, and what must go on existing."""

    campaigns: tuple[str, ...]
    own_key: str

    def often_real(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Replace most of the made-up campaigns, chosen by what they were, so that a run can be repeated; never name our own key."""
        campaign = parameters.get("campaign")
        if parameters.get("id") == self.own_key:
            return {**parameters, "id": "abcdefgh"}
        if not isinstance(campaign, str) or (draw := crc32(campaign.encode(errors="replace"))) % 100 >= _REAL_PERCENT:
            return parameters
        return {**parameters, "campaign": self.campaigns[draw // 100 % len(self.campaigns)]}


_CHECKS = {
    # What a campaign may be told is more than a schema can say: 422 names thing, value, limit and way out.
    "positive_data_acceptance": {"enabled": False},
    # Too much is too large before it is wrong.
    "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 409, 413, 415, 422, 429]},
}
"""Besides these: no server error, only documented statuses, content types, bodies and methods, and no way around the key."""


class Counting:
    """Counts what an application is asked and answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.statuses: Counter[int] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.statuses[message["status"]] += 1
            await send(message)

        await self._app(scope, receive, counted)


def seeded(workplace: Workplace) -> tuple[str, ...]:
    """Put a finished, a running and a held campaign into the ledger, and return their ids."""
    finished = Night().begin()
    running = Night().begin()
    held = Night(spec=make_spec(approval={"mode": "always", "timeout": "10 min", "on_timeout": "skip"})).begin()
    for night in (finished, running, held):
        for n in range(3):
            night.whole_trial({**POINT, "mirror_pitch": 3.0 + n / 10}, 12.0 + n)
    held.review(held.suggest(POINT), needs_approval=True)
    nights = {"finished": finished.finish(), "running": running, "held": held}
    return tuple(record(workplace, night, name) for name, night in nights.items())


def application(workplace: Workplace) -> tuple[FastAPI, ApiKey, str]:
    """Return the application, an admin's key, and the text that proves it."""
    services = Services(workplace, workplace.access, b"s" * 32, ServeOptions(hosts=(HOST,)))
    key, secret = new_key("fuzz", Role.ADMIN, created_by="human:test", now=services.now())
    workplace.access.add_key(key)
    return build_app(services), key, secret


def run(n_examples: int, seconds: int, *, is_thorough: bool) -> Mapping[str, Any]:
    """Return requests, server errors and broken promises, by name."""
    with tempfile.TemporaryDirectory() as folder, open_workplace(f"sqlite:///{folder}/ledger.db") as workplace:
        campaigns = seeded(workplace)
        app, key, secret = application(workplace)
        counting = Counting(app)
        failures = _failures(counting, Known(campaigns, key.id), secret, _config(n_examples, seconds, secret, is_thorough=is_thorough))
    return {
        "requests": counting.statuses.total(),
        "server errors": sum(n for status, n in counting.statuses.items() if status >= 500),
        "statuses": dict(sorted(counting.statuses.items())),
        "broken promises": failures,
    }


def _config(n_examples: int, seconds: int, secret: str, *, is_thorough: bool) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": 3,
            **({"max-time": seconds} if seconds else {}),
            "continue-on-failure": True,
            "headers": {"Authorization": f"Bearer {secret}"},
            "generation": {"max-examples": n_examples, "no-shrink": True, "deterministic": True, "database": "none"},
            "phases": {"coverage": {"enabled": is_thorough}, "stateful": {"enabled": False}},
            "checks": _CHECKS,
        }
    )


def _failures(app: ASGIApp, known: Known, secret: str, config: SchemathesisConfig) -> list[str]:
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app, config=config, headers={"Authorization": f"Bearer {secret}"})
    schema = schema.exclude(path_regex="/stream$")

    @schema.hook
    def map_case(context: Any, case: schemathesis.Case) -> schemathesis.Case:  # pyright: ignore[reportUnusedFunction]  (the hook registers it)
        if case.path_parameters and not _is_meant_wrong(case):
            case.path_parameters = known.often_real(case.path_parameters)
        return case

    found: list[str] = []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            found.append(str(getattr(event, "info", event)))
        if isinstance(event, events.ScenarioFinished):
            found.extend(
                _said(event.recorder.label, check.failure_info)
                for checks in event.recorder.checks.values()
                for check in checks
                if check.failure_info
            )
    return sorted({said.partition("; curl")[0]: said for said in found}.values())


def _is_meant_wrong(case: schemathesis.Case) -> bool:
    """Return whether the address itself is to be refused."""
    path = case.meta.components.get(ParameterLocation.PATH) if case.meta is not None else None
    return path is not None and path.mode.is_negative


def _said(label: str, found: CheckFailureInfo) -> str:
    return f"{label}: {found.failure.title}: {found.failure.message}"[:400] + f"; {found.code_sample[:300]}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="per operation and phase")
    parser.add_argument("--seconds", type=int, default=0, help="go on with new examples until then; 0 for one pass")
    parser.add_argument("--quick", action="store_true", help="leave out the walk through every bound of every field")
    parser.add_argument("--memory-mb", type=int, default=2048)
    asked = parser.parse_args()
    limit = asked.memory_mb * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    gate.RateLimit.take = lambda self, who: None  # a fuzzer is a caller who asks too often
    began = time.monotonic()
    result = run(asked.examples, asked.seconds, is_thorough=not asked.quick)
    peak_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    sys.stdout.write(json.dumps({**result, "seconds": round(time.monotonic() - began, 1), "peak memory MB": peak_mb}, indent=1) + "\n")
    sys.exit(bool(result["broken promises"]))


if __name__ == "__main__":
    main()
