"""ophyd-async and classic devices side by side, made by functions of a module."""

from pathlib import Path

import pytest

from instruments.beamline.model import Factories
from orchestrator.bootstrap.children import start_instrument
from orchestrator.bootstrap.site_files import init_site
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.ports import Measured
from orchestrator.domain.records import TrialKind
from orchestrator.domain.spec import Plugin
from orchestrator.execution.executor import ProcessExecutor

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))
    monkeypatch.setenv("NIGHTSHIFT_DATA", str(tmp_path))
    monkeypatch.setenv("NIGHTSHIFT_SITE", str(tmp_path / "site.yaml"))


def test_a_campaign_runs_on_what_factories_make(tmp_path: Path):
    path, found = init_site(Factories(factories="i99_factories"), None, name="i99", load_seconds=60, connect_seconds=10, replace=False)
    assert [one.name for one in found.axes] == ["theta"]
    assert (found.axes[0].limits, found.axes[0].speed, found.axes[0].unit) == ((-2.0, 3.0), 0.25, "mm")
    path.write_text(path.read_text().replace("# theta:", "theta:").replace("# counter:", "counter:"))

    executor = ProcessExecutor(lambda: start_instrument(Plugin(type="site"), tmp_path))
    try:
        assert executor.status().positions == {"theta": 0.5}
        request = MeasureRequest(
            campaign="c", trial=1, attempt=1, kind=TrialKind.AGENT, point={"theta": 1.5}, signals=("counter",), seed=0, token=1
        )
        settled = executor.settle(request)
        assert isinstance(settled, Measured), settled
        assert settled.observation.readback == {"theta": 1.5}
        assert settled.observation.readings == {"counter": 42.0}
        assert executor.secure("test") == ("stopped theta",)
    finally:
        executor.close()
