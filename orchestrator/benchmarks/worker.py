"""One job in a process of its own: ``python -m orchestrator.benchmarks.worker``, the job as JSON on stdin, its record on stdout.

So CPU time and memory are one engine's own, and an engine may live in another virtual environment.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from typing import Any

from orchestrator.domain.base import Value


def main() -> None:
    job = json.load(sys.stdin)
    with redirect_stdout(sys.stderr):  # libraries print
        record = _done(job)
    sys.stdout.write(record.model_dump_json() + "\n")


def _done(job: Mapping[str, Any]) -> Value:
    match job["suite"]:
        case "optimise":
            from orchestrator.benchmarks.playing import play
            from orchestrator.benchmarks.problems import problem_of
            from orchestrator.benchmarks.tasks import Task

            return play(problem_of(Task.model_validate(job["task"])), job["engine"], job["seed"])
        case "latency":
            from orchestrator.benchmarks.latency import LOADS, measure

            return measure(LOADS[job["load"]], job["engine"], job["number"])
        case _:
            from orchestrator.benchmarks.mapping import all_maps, play_map

            return play_map(all_maps()[job["map"]], job["engine"], job["seed"])


if __name__ == "__main__":
    main()
