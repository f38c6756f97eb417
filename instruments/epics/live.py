"""What an EPICS instrument shows this moment, heard from monitors: looking costs the IOC nothing."""

import math
import time
from collections.abc import Mapping
from typing import Any

from instruments.epics.channel import Channel
from instruments.epics.settings import EpicsSettings


class _Heard:
    """The latest value of one channel, and when it came."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._value: Any = None
        self._at = time.monotonic()
        self.has_spoken = False
        channel.monitor(self._hear, self._forget)

    @property
    def value(self) -> Any:
        """Return the value; None while the channel is disconnected or has not spoken."""
        return self._value if self._channel.is_connected else None

    @property
    def age(self) -> float:
        """Return the seconds since it last spoke; a value that does not change is not told again."""
        return time.monotonic() - self._at

    def _hear(self, value: Any, _at: float) -> None:
        self._value, self._at, self.has_spoken = value, time.monotonic(), True

    def _forget(self) -> None:
        self._value, self._at = None, time.monotonic()


class LiveValues:
    """Listens to axes, scalar signals, interlocks and the shutter."""

    def __init__(self, settings: EpicsSettings, channels: Mapping[str, Channel]) -> None:
        """Args: channels: Connected, by PV suffix."""
        self._positions = {name: _Heard(channels[f"{axis.pv}.RBV"]) for name, axis in settings.axes.items()}
        self._is_done = {name: _Heard(channels[f"{axis.pv}.DMOV"]) for name, axis in settings.axes.items()}
        self._signals = {name: _Heard(channels[signal.pv]) for name, signal in settings.signals.items() if signal.kind == "scalar"}
        self._interlocks = {name: _Heard(channels[interlock.pv]) for name, interlock in settings.interlocks.items()}
        self._lower = {name: interlock.lower for name, interlock in settings.interlocks.items()}
        shutter = None if settings.shutter is None else channels[settings.shutter.pv]
        self._shutter = None if shutter is None else _Heard(shutter)
        self._shutter_states = () if shutter is None else shutter.states

    def now(self) -> Mapping[str, Any]:
        """Return what ``Instrument.live`` does."""
        ages = {**self._positions, **self._signals, **self._interlocks}
        return {
            "positions": {name: value for name, heard in self._positions.items() if (value := _number(heard.value)) is not None},
            "signals": {name: _number(heard.value) for name, heard in self._signals.items()},
            "interlocks": {name: self._holds(name, heard) for name, heard in self._interlocks.items() if heard.has_spoken},
            "ages": {name: round(heard.age, 3) for name, heard in ages.items()},
            "shutter": None if self._shutter is None else _named(self._shutter.value, self._shutter_states),
            "is_moving": self._is_moving(),
        }

    def _holds(self, name: str, heard: _Heard) -> bool:
        value = _number(heard.value)
        return value is not None and value >= self._lower[name]

    def _is_moving(self) -> bool | None:
        values = [heard.value for heard in self._is_done.values()]
        if any(value is not None and not value for value in values):
            return True
        return None if any(value is None for value in values) else False


def _number(value: Any) -> float | None:
    """Return what JSON can carry; None where there is nothing, or nothing finite."""
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _named(value: Any, states: tuple[str, ...]) -> str | None:
    """Return an enum's state by name, any other value as text."""
    is_state = isinstance(value, int) and 0 <= value < len(states)
    return states[value] if is_state else None if value is None else str(value)
