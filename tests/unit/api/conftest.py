"""The real application over a real SQLite ledger, and a client for each role."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from orchestrator.api.app import build_app
from orchestrator.api.options import ServeOptions
from orchestrator.api.security.keys import new_key
from orchestrator.api.services import Services
from orchestrator.bootstrap import Workplace, open_workplace
from orchestrator.domain.access import Role
from orchestrator.domain.events import Draft, LedgerEvent
from orchestrator.domain.records import Objective
from orchestrator.engine.book import Book
from orchestrator.store.holders import this_holder
from orchestrator.testing.fakes import FakeClock
from tests.builders import campaign_events
from tests.night import CAMPAIGN, FLUX

ADDRESS = "http://127.0.0.1:8088"


class ApiClock:
    """A clock that a test can move."""

    def __init__(self) -> None:
        self.shift = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift


@dataclass
class Api:
    """An application and the keys to it."""

    app: FastAPI
    workplace: Workplace
    clock: ApiClock
    secrets: Mapping[Role, str] = field(default_factory=dict)

    def client(self, role: Role | None = Role.OBSERVER) -> TestClient:
        """Return a client that calls with a key of this role, or with none."""
        headers = {} if role is None else {"Authorization": f"Bearer {self.secrets[role]}"}
        return TestClient(self.app, base_url=ADDRESS, headers=headers, raise_server_exceptions=False, follow_redirects=False)


def store(workplace: Workplace, events: tuple[LedgerEvent, ...], campaign: str, objectives: tuple[Objective, ...] = (FLUX,)) -> None:
    """Put a campaign's events into a ledger as its engine would have."""
    lease = workplace.ledger.acquire(f"campaign:{campaign}", this_holder(), ttl=60.0)
    clock = FakeClock()
    book = Book(campaign, workplace.ledger, lease, clock, objectives)
    for event in events:
        clock._now = event.at
        book.record(Draft(at=event.at, actor=event.actor, data=event.data).data, event.actor)
    book.flush()
    workplace.ledger.release(lease)


@pytest.fixture
def make_api(tmp_path: Path) -> Iterator[Callable[..., Api]]:
    with open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as workplace:

        def make(**options: object) -> Api:
            clock = ApiClock()
            services = Services(workplace, workplace.access, b"s" * 32, ServeOptions(**options), clock)  # type: ignore[arg-type]
            secrets = {}
            for role in Role:
                key, secrets[role] = new_key(f"the-{role}", role, created_by="human:test", now=clock(), days=30)
                workplace.access.add_key(key)
            return Api(build_app(services), workplace, clock, secrets)

        yield make


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    """An application whose ledger holds one finished campaign of 12 trials."""
    made = make_api()
    store(made.workplace, campaign_events(12), CAMPAIGN)
    return made
