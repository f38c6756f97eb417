"""Which tests stay together on one of pytest-xdist's workers, beyond those of one file."""

from xdist.scheduler import LoadFileScheduling

TOGETHER = ("tests/dashboard/",)
"""Folders whose files share what is dear to start: a server with its campaigns, and a browser."""


class Scheduling(LoadFileScheduling):
    """Like ``--dist loadfile``, but some folders stay together too."""

    def _split_scope(self, nodeid: str) -> str:
        return next(filter(nodeid.startswith, TOGETHER), super()._split_scope(nodeid))
