"""A RunEngine without the libraries of devices that nobody uses."""

import subprocess
import sys
from types import ModuleType, SimpleNamespace

from orchestrator.execution.run_engines import note_versions

_PROGRAM = """
import sys
from orchestrator.execution.run_engines import new_run_engine
engine = new_run_engine()
assert set(engine.md["versions"]) == {"bluesky", "event_model"}, engine.md
import importlib.util
assert "ophyd" not in sys.modules and importlib.util.find_spec("ophyd")
"""


def test_a_new_run_engine_imports_no_devices_and_lets_them_be_imported_later():
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr


def test_the_versions_of_libraries_that_devices_have_imported_are_noted(monkeypatch):
    library = ModuleType("ophyd")
    library.__version__ = "1.11.2"
    monkeypatch.setitem(sys.modules, "ophyd", library)
    monkeypatch.delitem(sys.modules, "ophyd_async", raising=False)
    engine = SimpleNamespace(md={"versions": {"bluesky": "1.15.1"}})
    note_versions(engine)
    assert engine.md == {"versions": {"bluesky": "1.15.1", "ophyd": "1.11.2"}}


def test_what_carries_out_plans_elsewhere_has_no_versions_to_note():
    note_versions(SimpleNamespace())
