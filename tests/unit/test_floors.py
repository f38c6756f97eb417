"""The floors of the design hold, and the check that says so can fail."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / ".importlinter"
PACKAGES = ("orchestrator", "agents", "instruments", "rewards")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over the packages that lie in a folder."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]
    return subprocess.run(
        command, cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)}, capture_output=True, text=True, timeout=100, check=False
    )


def test_every_import_goes_down_the_floors():
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the source that a test may break."""
    folder = tmp_path_factory.mktemp("copy")
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=lambda parent, names: [name for name in names if _is_data(Path(parent, name))]
        )
    shutil.copy(CONTRACTS, folder)
    return folder


def _is_data(path: Path) -> bool:
    return path.is_file() and path.suffix != ".py"


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("orchestrator/domain/broken.py", "orchestrator.plugins"),
        ("orchestrator/store/broken.py", "orchestrator.engine"),
        ("orchestrator/engine/broken.py", "orchestrator.exports"),
        ("orchestrator/guardians/broken.py", "orchestrator.testing"),
        ("agents/broken.py", "rewards"),
        ("instruments/broken.py", "orchestrator.bootstrap"),
    ],
)
def test_an_import_that_goes_up_or_sideways_is_found(copy, module, imported):
    broken = copy / module
    broken.write_text(f"def hidden():\n    import {imported}\n    return {imported}\n")
    try:
        done = lint(copy)
    finally:
        broken.unlink()
    assert done.returncode == 1, done.stdout + done.stderr
    assert module.removesuffix(".py").replace("/", ".") in done.stdout


def test_every_module_of_the_orchestrator_has_its_floor():
    modules = {path.stem for path in (ROOT / "orchestrator").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    placed = set(re.findall(r"orchestrator\.(\w+)", CONTRACTS.read_text()))
    assert modules - placed <= {"__init__", "__main__"}
