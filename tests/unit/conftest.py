"""One ledger of a test file's own, and the application that serves it; a file that needs another has its own fixture."""

from collections.abc import Iterator

import pytest

from orchestrator import bootstrap
from orchestrator.bootstrap import Workplace


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    with bootstrap.open_workplace(f"sqlite:///{tmp_path_factory.mktemp('workplace') / 'ledger.db'}") as place:
        yield place


@pytest.fixture(scope="module")
def url(workplace: Workplace) -> Iterator[str]:
    """The address of the served application, which soon answers what nobody runs."""
    from orchestrator.api import ordering
    from tests.served import served

    with pytest.MonkeyPatch.context() as patch, served(workplace) as address:
        patch.setattr(ordering, "_PATIENCE_SECONDS", 0.2)
        yield address
