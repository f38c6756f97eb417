"""The plans that the simulated beamline lets campaigns call every so often; light to import, for it is described without devices."""

from collections.abc import Mapping

from orchestrator.domain.instrument import PlanDescription

STEERING_SECONDS = 20.0
"""Simulated seconds that steering takes."""

PLANS: Mapping[str, PlanDescription] = {
    "take_dark": PlanDescription(kind="dark"),
    "realign": PlanDescription(kind="alignment", seconds=STEERING_SECONDS),
}
