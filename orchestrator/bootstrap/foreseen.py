"""What is known of an instrument without connecting it."""

from orchestrator import plugins
from orchestrator.bootstrap.children import surroundings
from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.spec import Plugin


def foreseen(instrument: Plugin) -> InstrumentDescription | None:
    """Return what an instrument says of itself, or what a site file lends of it; None where only the hardware knows.

    Raises:
        SpecError: If the site file does not tell enough.
    """
    plugin_class = plugins.load("instrument", instrument.type)
    if hasattr(plugin_class, "foresee"):
        return plugins.build("instrument", instrument).foresee(surroundings(instrument))
    if getattr(plugin_class, "needs_connection", False):
        return None
    return plugins.build("instrument", instrument).describe()
