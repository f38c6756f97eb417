"""A RunEngine without ophyd-async where nobody uses it."""

import subprocess
import sys
from types import ModuleType, SimpleNamespace

from orchestrator.execution.run_engines import note_versions

_PROGRAM = """
import sys
from orchestrator.execution.run_engines import new_run_engine, note_versions
engine = new_run_engine()
note_versions(engine)
assert "ophyd_async" not in sys.modules and "ophyd_async" not in engine.md["versions"], engine.md
assert "ophyd" in engine.md["versions"]
import ophyd_async
note_versions(engine)
assert engine.md["versions"]["ophyd_async"] == ophyd_async.__version__
"""


def test_a_new_run_engine_imports_no_ophyd_async_and_names_it_once_devices_use_it():
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr


def test_the_version_that_devices_have_imported_is_noted(monkeypatch):
    library = ModuleType("ophyd_async")
    library.__version__ = "0.21"
    monkeypatch.setitem(sys.modules, "ophyd_async", library)
    engine = SimpleNamespace(md={"versions": {"bluesky": "1.15.1"}})
    note_versions(engine)
    assert engine.md == {"versions": {"bluesky": "1.15.1", "ophyd_async": "0.21"}}


def test_what_carries_out_plans_elsewhere_has_no_versions_to_note():
    note_versions(SimpleNamespace())
