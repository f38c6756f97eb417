"""What went wrong, as RFC 9457 asks."""

from pydantic import BaseModel, ConfigDict


class Problem(BaseModel):
    """A problem detail, sent as ``application/problem+json``. ``detail`` names thing, value, limit and way out."""

    model_config = ConfigDict(extra="allow", frozen=True, defer_build=True)

    type: str
    """A relative address such as ``/problems/wrong-state``, stable for programs to compare."""
    title: str
    status: int
    detail: str
    instance: str = ""
