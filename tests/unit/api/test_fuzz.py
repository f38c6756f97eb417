"""The whole API is asked what its description allows and forbids: no server error, no answer it does not describe, bounded memory."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
MEMORY_MB = 2048
"""Of address space, which the process may not exceed: a missing bound ends it."""


def fuzzed(*arguments: str) -> Mapping[str, Any]:
    """Fuzz in a process of its own, whose memory can be limited."""
    command = [sys.executable, "-m", "tests.fuzz", "--memory-mb", str(MEMORY_MB), *arguments]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode in (0, 1), finished.stderr[-2000:]
    return json.loads(finished.stdout)


def test_the_api_keeps_its_promises_to_whoever_sends_anything(record_property: Callable[[str, object], None]) -> None:
    found = fuzzed("--examples", "2", "--quick")
    record_property("fuzz", json.dumps(found))
    assert found["broken promises"] == []
    assert found["server errors"] == 0
    assert found["statuses"]["200"] > 20, "the fuzzer was not let in"
    assert found["requests"] > 100


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_the_api_keeps_its_promises_for_thousands_of_requests(record_property: Callable[[str, object], None]) -> None:
    found = fuzzed("--examples", "100")
    record_property("fuzz", json.dumps(found))
    assert found["broken promises"] == []
    assert found["server errors"] == 0
    assert found["requests"] > 5000
