"""The soft IOC that a campaign file asks for."""

from collections.abc import Iterator
from contextlib import contextmanager

from instruments.epics.settings import EpicsSettings
from instruments.simulated.companion import SoftIoc


@contextmanager
def running_soft_ioc(settings: EpicsSettings) -> Iterator[EpicsSettings]:
    """Run the simulated beamline's IOC and give the settings to reach it."""
    prefix = settings.prefix or "NS:"
    with SoftIoc(prefix=prefix, time_scale=settings.time_scale, faults=settings.faults, log=settings.log, port=settings.ca_port) as ioc:
        reached = {"prefix": prefix, "ca_address": ioc.settings["ca_address"], "ca_port": ioc.port, "ca_repeater_port": ioc.repeater_port}
        yield settings.model_copy(update=reached)
