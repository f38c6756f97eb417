"""One run in a process of its own: ``python -m orchestrator.benchmarks.worker``, the job as JSON on stdin, its record on stdout.

So CPU time and memory are one engine's own, and an engine may live in another virtual environment.
"""

import json
import sys
from contextlib import redirect_stdout

from orchestrator.benchmarks.playing import play
from orchestrator.benchmarks.problems import problem_of
from orchestrator.benchmarks.tasks import all_tasks


def main() -> None:
    job = json.load(sys.stdin)
    with redirect_stdout(sys.stderr):  # libraries print
        run = play(problem_of(all_tasks()[job["task"]]), job["engine"], job["seed"])
    sys.stdout.write(run.model_dump_json() + "\n")


if __name__ == "__main__":
    main()
