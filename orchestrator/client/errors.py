"""What can go wrong between a client and its server."""

from orchestrator.domain.errors import BadInput, NightshiftError
from orchestrator.wire.problems import Problem


class ServerProblem(NightshiftError):
    """The server answered with a problem. The message is its ``detail``: thing, value, limit, way out."""

    def __init__(self, message: str, problem: Problem | None = None) -> None:
        super().__init__(message)
        self.problem = problem or Problem(type="about:blank", title="Problem", status=500, detail=message)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem.status

    @property
    def type(self) -> str:
        """Such as ``/problems/wrong-state``; stable for programs to compare."""
        return self.problem.type

    @property
    def detail(self) -> str:
        return self.problem.detail


class RequestRefused(ServerProblem, BadInput):
    """What was asked for cannot be done (a status below 500); nothing was changed."""


class ServerUnreachable(NightshiftError):
    """Nothing answers at the server's address, or it stopped answering."""


class WaitedTooLong(NightshiftError):
    """What was waited for did not happen in time; the campaign is as it was."""
