"""One PV with deadlines: every answer comes in time or as an error that names the PV and the seconds."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from instruments.epics.subscriptions import keep_subscriptions
from orchestrator.domain.errors import InstrumentError

Listener = Callable[[Any, float], None]
"""Called with (value, IOC timestamp)."""


def use_address(address: str | None, port: int | None, repeater_port: int | None) -> None:
    """Tell the CA library where to search; without an address the environment decides.

    The library reads this once per process, when its first channel is made.

    Raises:
        InstrumentError: If the library is already searching elsewhere.
    """
    if address is None:
        return
    wanted = address if port is None else f"{address}:{port}"
    if wanted in os.environ.get("EPICS_CA_ADDR_LIST", "").split():
        return
    if _is_in_use():
        raise InstrumentError(
            f"Channel Access already searches {os.environ.get('EPICS_CA_ADDR_LIST') or 'the network'} in this process, not {wanted}; "
            "use one process per address"
        )
    os.environ.update(EPICS_CA_ADDR_LIST=wanted, EPICS_CA_AUTO_ADDR_LIST="NO")
    if repeater_port is not None:
        os.environ["EPICS_CA_REPEATER_PORT"] = str(repeater_port)


def _is_in_use() -> bool:
    import sys

    ca = sys.modules.get("epics.ca")
    return ca is not None and ca.initial_context is not None


def attach() -> None:
    """Let this thread use the process's CA context; each new thread needs it once."""
    from epics import ca

    if ca.current_context() is None and ca.initial_context is not None:
        ca.attach_context(ca.initial_context)


class Channel:
    """One PV.

    The connection is ophyd's: both count who uses it and the last one clears it. With pyepics's own objects, whichever is
    garbage-collected first takes the channel away from the others, and the process dies of a segmentation fault.
    """

    def __init__(self, name: str, *, timeout: float, is_text: bool = False) -> None:
        """Args: timeout: Seconds one answer may take. is_text: A long string, kept as an array of characters."""
        import ophyd

        keep_subscriptions()
        attach()
        self.name = name
        self._timeout = timeout
        self._is_text = is_text
        self._library = ophyd.cl
        self._pv = self._library.get_pv(name, auto_monitor=False)
        self._pv._reference_count += 1  # ophyd's signals count themselves in the same way
        self._stop_listening: list[Callable[[], None]] = []

    @property
    def is_connected(self) -> bool:
        return bool(self._pv.connected)

    @property
    def states(self) -> tuple[str, ...]:
        """Return the names of an enum's states, asked from the IOC the first time; empty for other PVs."""
        attach()
        return tuple(self._pv.enum_strs or ())

    def wait_until_connected(self, seconds: float) -> bool:
        attach()
        return bool(self._pv.wait_for_connection(timeout=seconds))

    def get(self) -> Any:
        """Return the value now, asked from the IOC.

        Raises:
            InstrumentError: If it does not answer in time.
        """
        return self.get_with_time()[0]

    def get_with_time(self) -> tuple[Any, float]:
        """Return the value now and the IOC's timestamp, seconds since 1970. Raises as ``get``."""
        attach()
        self._require_connection()
        answer = self._pv.get_with_metadata(use_monitor=False, timeout=self._timeout, as_string=self._is_text, form="time")
        if answer is None or answer.get("value") is None:
            raise InstrumentError(f"{self.name} did not answer within {self._timeout:g} s; is the IOC running?")
        return answer["value"], float(answer.get("timestamp") or 0.0)

    def get_like(self, example: int | str) -> Any:
        """Return the value now as text if the example is text, such as an enum's state. Raises as ``get``."""
        attach()
        self._require_connection()
        value = self._pv.get(use_monitor=False, timeout=self._timeout, as_string=isinstance(example, str))
        if value is None:
            raise InstrumentError(f"{self.name} did not answer within {self._timeout:g} s; is the IOC running?")
        return value

    def put(self, value: Any, *, timeout: float | None = None) -> None:
        """Write and wait until the IOC has dealt with it. A refusal looks like success: read back where it matters.

        Raises:
            InstrumentError: If it is not done in time.
        """
        attach()
        seconds = self._timeout if timeout is None else timeout
        self._require_connection()
        self._require_states(value, seconds)
        answer = self._pv.put(value, wait=True, timeout=seconds)
        if answer is None or answer < 0:
            raise InstrumentError(f"{self.name} = {value!r} was not taken within {seconds:g} s; is the IOC running?")

    def _require_states(self, value: Any, seconds: float) -> None:
        """Ask for the names of a PV's states before one is written by name: the library would look it up in nothing.

        Raises:
            InstrumentError: If the IOC does not tell them in time.
        """
        if not isinstance(value, str) or "enum" not in str(self._pv.type) or self._pv.enum_strs is not None:
            return
        self._pv.get_ctrlvars(timeout=seconds)
        if self._pv.enum_strs is None:
            raise InstrumentError(
                f"{self.name} did not tell its states within {seconds:g} s, so {value!r} cannot be written; is the IOC busy?"
            )

    def send(self, value: Any) -> None:
        """Write without waiting. Raises InstrumentError if the PV is not connected."""
        attach()
        self._require_connection()
        self._require_states(value, self._timeout)
        self._pv.put(value, wait=False)

    def monitor(self, listener: Listener, disconnected: Callable[[], None] | None = None, *, tell_now: bool = True) -> None:
        """Call the listener on every change, from ophyd's thread for monitors.

        Args:
            listener: Called with value and IOC timestamp.
            disconnected: Called when the channel is lost.
            tell_now: Whether the listener must hear the value now, which may have to be asked for.
        """
        attach()

        def on_value(value: Any = None, timestamp: float | None = None, **_: Any) -> None:
            listener(value, timestamp or 0.0)

        def on_connection(conn: bool = True, **_: Any) -> None:
            if not conn and disconnected is not None:
                disconnected()

        self._pv.connection_callbacks.append(on_connection)
        is_monitored = bool(self._pv.auto_monitor)  # a new subscription tells the value by itself
        index = self._pv.add_callback(on_value, run_now=is_monitored and tell_now, with_ctrlvars=False)
        self._stop_listening += [
            lambda: self._pv.connection_callbacks.remove(on_connection),
            lambda: self._pv.remove_callback(index),
        ]

    def close(self) -> None:
        """Hear no more, and disconnect unless someone else in this process uses the PV."""
        attach()
        for stop in self._stop_listening:
            stop()
        self._stop_listening.clear()
        self._library.release_pvs(self._pv)

    def _require_connection(self) -> None:
        if not self._pv.connected:
            raise InstrumentError(f"{self.name} is not connected; is the IOC running?")


def connect_all(channels: Iterable[Channel], seconds: float) -> None:
    """Wait for all channels together.

    Raises:
        InstrumentError: Names those that did not connect.
    """
    import time

    deadline = time.monotonic() + seconds
    missing = [channel.name for channel in channels if not channel.wait_until_connected(max(deadline - time.monotonic(), 0.01))]
    if missing:
        shown = ", ".join(missing[:5]) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
        where = os.environ.get("EPICS_CA_ADDR_LIST") or "the local network"
        raise InstrumentError(
            f"no answer from {shown} within {seconds:g} s (searched {where}); check prefix, ca_address, and that the IOC is running"
        )
