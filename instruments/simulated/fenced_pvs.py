"""PVs that know which connection writes to them."""

from contextvars import ContextVar
from typing import Any

from caproto.server.server import PvpropertyDouble, PvpropertyEnum, PvpropertyInteger

_client: ContextVar[tuple[str, int] | None] = ContextVar("client", default=None)


def writer() -> tuple[str, int] | None:
    """Return the (host, port) of the connection whose write is being handled; None outside one."""
    return _client.get()


class _KnowsWriter:
    async def auth_write(self, *args: Any, user_address: tuple[str, int] | None = None, **kwargs: Any) -> Any:
        _client.set(user_address)  # every write is handled in a task of its own
        return await super().auth_write(*args, user_address=user_address, **kwargs)  # type: ignore[misc]


class FencedDouble(_KnowsWriter, PvpropertyDouble):
    """A number that only the current runner may write."""


class MotorSetpoint(FencedDouble):
    """A number whose limits the motor itself checks, because a refusal has to reach those who wait for DMOV as well."""

    async def verify_value(self, value: Any) -> Any:
        assert self.putter is not None
        return await self.putter(self, float(value))  # type: ignore[arg-type]


class FencedInteger(_KnowsWriter, PvpropertyInteger):
    """A whole number that only the current runner may write."""


class FencedEnum(_KnowsWriter, PvpropertyEnum):
    """A choice that only the current runner may write."""
