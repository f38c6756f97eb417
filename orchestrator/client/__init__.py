"""A small typed client of the API, for scripts, notebooks and our own command line.

>>> from orchestrator.client import NightshiftClient
>>> with NightshiftClient("http://127.0.0.1:8088", key) as nightshift:
...     print(nightshift.status("alignment-251120-213000-4f2a").standing.sentence)
"""

from orchestrator.client.errors import RequestRefused, ServerProblem, ServerUnreachable, WaitedTooLong
from orchestrator.client.nightshift_client import NightshiftClient

__all__ = ["NightshiftClient", "RequestRefused", "ServerProblem", "ServerUnreachable", "WaitedTooLong"]
