"""What several scenarios share."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator import plugins

_ROOT = Path(__file__).parents[2]
_ENTRY_POINTS = """
[nightshift.agents]
thoughtful = tests.scenarios.odd_agents:ThoughtfulAgent
unreliable = tests.scenarios.odd_agents:UnreliableAgent
"""


@pytest.fixture
def odd_agents(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install agents as anyone's package would: by entry point, for this process and every worker it starts."""
    folder = tmp_path_factory.mktemp("odd-agents")
    package = folder / "odd_agents-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-agents\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text(_ENTRY_POINTS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(_ROOT)]))
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    plugins._by_kind.cache_clear()
    yield
    plugins._by_kind.cache_clear()
