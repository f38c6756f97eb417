"""A plug-in's module must import in milliseconds: the command line loads every one of them."""

import json
import subprocess
import sys
from collections.abc import Sequence

HEAVY = frozenset({"torch", "botorch", "gpytorch", "bluesky", "ophyd", "ophyd_async", "caproto", "matplotlib", "scipy.stats", "sklearn"})

_PROGRAM = """
import importlib, json, sys
heavy, *modules = json.loads(sys.argv[1])
found = {}
for module in modules:
    importlib.import_module(module)
    found[module] = sorted(set(heavy) & set(sys.modules))
print(json.dumps(found))
"""


def check_imports_are_light(modules: Sequence[str]) -> None:
    """Assert that importing these modules, in a fresh interpreter and in this order, imports nothing heavy."""
    argument = json.dumps([sorted(HEAVY), *modules])
    finished = subprocess.run([sys.executable, "-c", _PROGRAM, argument], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    for module, found in json.loads(finished.stdout).items():
        assert not found, f"importing {module} imports {', '.join(found)}; import them inside the functions that use them"
