"""Blop's Ax optimizer as an agent in a campaign."""

from collections.abc import Sequence

from orchestrator.blop_adapters import OptimizerAgent
from orchestrator.domain.errors import AgentError
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Parameter, Space


class BlopAxAgent(OptimizerAgent):
    """Leaves every choice to Ax, as ``blop.ax.Agent`` does."""

    def build(self, space: Space, objectives: Sequence[Objective], seed: int):
        if space.constraints:
            raise AgentError("blop-ax knows no constraints yet; write them into BlopAxAgent.build, or choose another agent")
        from blop.ax.optimizer import AxOptimizer

        return AxOptimizer(
            [configured(name, parameter) for name, parameter in space.parameters.items()],
            objective=", ".join(each.name if each.goal == "maximise" else f"-{each.name}" for each in objectives),
            client_kwargs={"random_seed": seed},
        )


def configured(name: str, parameter: Parameter):
    """Return a parameter as Ax wants it."""
    from ax import ChoiceParameterConfig, RangeParameterConfig

    match parameter:
        case Continuous():
            return RangeParameterConfig(name=name, bounds=parameter.limits, parameter_type="float")
        case Integer():
            return RangeParameterConfig(name=name, bounds=parameter.limits, parameter_type="int")
        case Ordinal():
            values = [float(value) for value in parameter.values]
            return ChoiceParameterConfig(name=name, values=values, parameter_type="float", is_ordered=True)
        case Categorical():
            return ChoiceParameterConfig(name=name, values=list(parameter.values), parameter_type="str", is_ordered=False)
