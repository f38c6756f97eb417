"""What objectives are measured in."""

from orchestrator.domain.instrument import InstrumentDescription
from orchestrator.domain.records import Objective
from orchestrator.domain.spec import CampaignSpec


def with_units(objectives: tuple[Objective, ...], spec: CampaignSpec, instrument: InstrumentDescription) -> tuple[Objective, ...]:
    """Return a campaign's objectives, which are its rewards' in their order; one that states no unit and is a plain signal has that
    signal's."""
    units = [_unit_of_signal(reward.type, reward.settings.get("signal"), instrument) for reward in spec.rewards]
    units += [""] * (len(objectives) - len(units))
    return tuple(
        objective if objective.unit or not unit else objective.model_copy(update={"unit": unit})
        for objective, unit in zip(objectives, units, strict=False)
    )


def _unit_of_signal(reward: str, signal: object, instrument: InstrumentDescription) -> str:
    described = instrument.signals.get(signal) if reward == "scalar" and isinstance(signal, str) else None
    return "" if described is None else described.unit
