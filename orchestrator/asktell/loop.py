"""Asking and telling."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from pydantic import ValidationError

from orchestrator import plugins
from orchestrator.asktell.asking import fixing, required_seconds, short_way
from orchestrator.asktell.front import front_of, measured
from orchestrator.asktell.history import history_of
from orchestrator.asktell.refusing import (
    is_number,
    parsed,
    refused,
    require_point,
    require_points,
    require_pool_inside,
    require_values,
    require_whole,
)
from orchestrator.asktell.state import AskTellState, Best, Goal, Outcome, Told
from orchestrator.domain.base import Point, Setting
from orchestrator.domain.errors import AgentError, BadInput
from orchestrator.domain.feasibility import contradiction
from orchestrator.domain.history import History
from orchestrator.domain.protocols import Agent, Beliefs
from orchestrator.domain.records import Objective
from orchestrator.domain.space import Space, same_point, show_point
from orchestrator.domain.spec import AgentPlugin


class AskTell:
    """Suggests points of a space and learns what they were worth.

    ::

        loop = AskTell({"x": {"limits": [0, 1]}, "filter": {"values": ["Al", "Cu"]}}, {"flux": "maximise"})
        for _ in range(20):
            [point] = loop.ask()
            loop.tell(point, {"flux": measure(**point)}, sd=0.1)
        print(loop.best())
    """

    def __init__(
        self,
        space: Mapping[str, Any],
        objectives: Mapping[str, Goal] | None = None,
        agent: str | Mapping[str, Any] = "bayesian",
        seed: int = 0,
        *,
        constraints: Sequence[Mapping[str, Any]] = (),
        candidates: Iterable[Point] | None = None,
        limits: Mapping[str, Any] | None = None,
        safe_start: Iterable[Point] = (),
    ) -> None:
        """Begin without any measurement.

        Args:
            space: Parameters by name, as ``space`` in a campaign file.
            objectives: ``maximise`` or ``minimise`` by name; one called ``y`` to maximise, if left out.
            agent: An agent's name, or its name as ``type`` with its settings, as ``agent`` in a campaign file.
            seed: Of everything that is random.
            constraints: As in a campaign file.
            candidates: The only points there are.
            limits: What signals must keep to, by name, as ``limits`` in a campaign file: ``{"flux": {"at_least": 1e6}}``. Tell the
                signals beside the objectives. ``best`` keeps all of them.
            safe_start: Points known to keep the ``safe`` limits, asked for first. Points told before that keep them do as well.

        Raises:
            BadInput: If any of it makes no sense; names it, its value and the way out.
        """
        written = {
            "space": space,
            "constraints": list(constraints),
            "candidates": None if candidates is None else list(candidates),
            "objectives": {"y": "maximise"} if objectives is None else objectives,
            "agent": agent,
            "seed": seed,
            "limits": limits or {},
            "safe_start": list(safe_start),
        }
        try:
            state = AskTellState.model_validate(written)
        except ValidationError as error:
            raise refused(error, written, AskTellState) from None
        self._set_up(state)
        require_pool_inside(self._space)

    def _set_up(self, state: AskTellState) -> None:
        self._state = state
        try:
            self._space = Space(parameters=state.space, constraints=state.constraints, candidates=state.candidates)
        except ValidationError as error:
            raise refused(error, {}, Space) from None
        if found := contradiction(self._space.parameters, self._space.constraints):
            index, reason = found
            raise BadInput(f"constraints{'' if index is None else f'.{index}'}: {reason}")
        self._objectives = tuple(Objective(name=name, goal=goal) for name, goal in state.objectives.items())
        self._agent = _built(state.agent)
        plugins.require_safe("agent", state.agent, state.limits)
        plugins.require_suited("agent", state.agent, self._space, self._objectives)
        if outside := [problem for point in state.safe_start for problem in self._space.problems(point)]:
            raise BadInput(f"safe_start: {outside[0]}; give points inside the space")
        self._believed: tuple[AskTellState, Beliefs] | None = None

    def __repr__(self) -> str:
        n_told = sum(trial.values is not None for trial in self._state.trials)
        aims = ", ".join(f"{objective.goal} {objective.name}" for objective in self._objectives)
        return f"<AskTell {self._state.agent.type}: {aims} over {', '.join(self._space.names)}; {n_told} told, {len(self.pending)} pending>"

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Go on where ``to_json`` left off. Raises BadInput if the text is none of that."""
        try:
            state = AskTellState.model_validate_json(text)
        except ValidationError as error:
            raise refused(error, parsed(text), AskTellState) from None
        loop = cls.__new__(cls)
        loop._set_up(state)
        return loop

    def to_json(self) -> str:
        """Return everything there is to remember; how long agents thought is left out."""
        return self._state.model_dump_json(exclude={"trials": {"__all__": {"evidence": {"seconds"}}}})

    @property
    def state(self) -> AskTellState:
        return self._state

    @property
    def space(self) -> Space:
        return self._space

    @property
    def pending(self) -> list[dict[str, Setting]]:
        """The points that were asked for and not told yet, in order. Agents count on them being measured."""
        return [dict(trial.point) for trial in self._state.trials if trial.values is None]

    def ask(
        self, n: int = 1, *, fixed: Mapping[str, Setting] | None = None, seconds: Mapping[str, float] | None = None
    ) -> list[dict[str, Setting]]:
        """Return the next points, which are pending from then on. The last ones of a pool may be fewer than asked for.

        Args:
            n: How many, to be measured in any order, or at the same time.
            fixed: What is not free just now, such as the temperature a furnace has reached: the points have these values, and all
                others are chosen for them. What was measured at other numbers teaches all the same.
            seconds: It takes to move each parameter by one unit, all moving together (of a category: to change it). The points then
                come in an order that takes little time from the point told last.

        Raises:
            AgentError: If there is no sensible point left.
            BadInput: If n is not at least 1, or what is fixed or timed makes no sense.
        """
        require_whole(n)
        space = self._space if fixed is None else fixing(self._space, fixed)
        timed = None if seconds is None else required_seconds(self._space, seconds)
        points = self._asked(n, space)
        return points if timed is None else short_way(points, self._last_told(), timed)

    def _asked(self, n: int, space: Space) -> list[dict[str, Setting]]:
        points: list[dict[str, Setting]] = []
        for _ in range(n):
            try:
                suggestion = self._agent.ask(replace(self._history(), space=space))
            except AgentError:
                if not points:
                    raise
                break
            self._append(Told(point=suggestion.point, evidence=suggestion.evidence))
            points.append(dict(suggestion.point))
        return points

    def _last_told(self) -> Point | None:
        return next((trial.point for trial in reversed(self._state.trials) if trial.values is not None), None)

    def tell(self, point: Point, values: Mapping[str, float | None], sd: float | Mapping[str, float] | None = None) -> None:
        """Say what a point was worth: one that was asked for, or any other of the space.

        Args:
            point: Where it was measured.
            values: By objective and limited signal. None, NaN or an infinite one for what could not be measured; if no objective
                could, the measurement failed, and agents do not ask for that point again.
            sd: Standard deviation of the values, or by objective; left out if unknown, and then it is learned.

        Raises:
            BadInput: If the point is outside the space, an objective is unknown, a value is no number, or a standard deviation is
                negative.
        """
        require_point(self._space, point)
        require_values(tuple(self._state.objectives), values)
        if problems := self._space.problems(point):
            raise BadInput(f"{'; '.join(problems)}; tell points inside the space")
        told = Told(point=dict(point), by="human", values=self._known(values), sd=self._scatter(sd, values))
        at = next((i for i, trial in enumerate(self._state.trials) if trial.values is None and same_point(trial.point, point)), None)
        if at is None:
            self._append(told)
        else:
            asked = self._state.trials[at]
            answered = asked.model_copy(update={"values": told.values, "sd": told.sd})
            self._replace((*self._state.trials[:at], answered, *self._state.trials[at + 1 :]))

    def best(self) -> Best | None:
        """Return the best measurement of the first objective so far, of those that keep the limits; None before the first."""
        objective = self._objectives[0]
        best: Best | None = None
        for point, value, sd in measured(self._state, objective.name):
            if best is None or objective.is_better(value, best.value):
                best = Best(dict(point), value, sd)
        return best

    def believed_best(self) -> Best | None:
        """Return the measured point whose expected value is best now: of readings that scatter, the highest is mostly luck.

        Value and sd are the model's, as ``predict`` gives them. Of those that keep the limits; None before the first.

        Raises:
            AgentError: If the agent has no model, or not yet.
        """
        points = [dict(each.point) for each in measured(self._state, self._objectives[0].name)]
        if not points:
            return None
        means, sds = self.predict(points)
        best = int(np.argmin(means) if self._objectives[0].goal == "minimise" else np.argmax(means))
        return Best(points[best], float(means[best]), float(sds[best]))

    def front(self) -> list[Outcome]:
        """Return the measurements that none outdoes in all objectives, of those that keep the limits, in the order they were told.

        With several objectives that is the Pareto front; with one, the best, or all that are equally good.
        """
        outcomes = [self._state.trials[place] for place in front_of(self._state)]
        return [Outcome(dict(told.point), dict(told.values or {}), dict(told.sd)) for told in outcomes]

    def predict(self, points: Sequence[Point], objective: str | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return what the agent's model expects now: mean and sd, each of shape (points,), without a measurement's own scatter.

        Args:
            points: Points of the space; where there is a pool, of others, too.
            objective: Which; the first if left out.

        Raises:
            AgentError: If the agent has no model, or not yet.
            BadInput: If a point is outside the space or the objective unknown.
        """
        name = self._objectives[0].name if objective is None else objective
        self._require_known([name])
        require_points(self._space, points)
        outside = [problem for point in points for problem in self._space.problems(point)] if self._space.candidates is None else []
        if outside:
            raise BadInput(f"{outside[0]}; predict inside the space")
        return self._beliefs().predict(points)[name]

    def why(self, point: Point) -> str:
        """Return one sentence on why a point was asked for. Raises BadInput if it was not."""
        require_point(self._space, point)
        for trial in reversed(self._state.trials):
            if same_point(trial.point, point):
                return trial.evidence.reason if trial.by == "agent" else "told, not asked for"
        raise BadInput(f"{show_point(point)} was neither asked for nor told")

    def _beliefs(self) -> Beliefs:
        if self._believed is None or self._believed[0] is not self._state:
            posterior = getattr(self._agent, "posterior", None)
            if posterior is None:
                raise AgentError(f"the agent {self._state.agent.type} has no model; choose one that has, such as bayesian")
            if not any(trial.values for trial in self._state.trials):
                raise AgentError("no measurement was told yet, so there is nothing to predict from; tell one first")
            history = self._history()
            self._believed = (self._state, posterior(history, self._agent.ask(history).evidence))
        return self._believed[1]

    def _history(self) -> History:
        return history_of(self._state, self._space, self._objectives)

    def _known(self, values: Mapping[str, float | None]) -> dict[str, float]:
        self._require_known(values, self._state.limits)
        return {name: float(value) for name, value in values.items() if value is not None and math.isfinite(value)}

    def _scatter(self, sd: float | Mapping[str, float] | None, values: Mapping[str, Any]) -> dict[str, float]:
        by_name = {} if sd is None else sd if isinstance(sd, Mapping) else dict.fromkeys(values, sd)
        self._require_known(by_name, self._state.limits)
        for name, value in by_name.items():
            if not (is_number(value) and math.isfinite(value) and value >= 0):
                raise BadInput(f"sd = {value} of {name} is no standard deviation; give a finite number from 0, or leave it out")
        return {name: float(value) for name, value in by_name.items()}

    def _require_known(self, names: Iterable[str], limits: Iterable[str] = ()) -> None:
        known = list(dict.fromkeys([*(objective.name for objective in self._objectives), *limits]))
        for name in names:
            if name not in known:
                raise BadInput(f"{name!r} is no objective{' or limited signal' if limits else ''}; there are {', '.join(known)}")

    def _append(self, told: Told) -> None:
        self._replace((*self._state.trials, told))

    def _replace(self, trials: tuple[Told, ...]) -> None:
        self._state = self._state.model_copy(update={"trials": trials})


def _built(agent: AgentPlugin) -> Agent:
    """Return the agent that is meant. Raises BadInput if a setting is wrong, UnknownPlugin if there is none of that name."""
    settings = plugins.load("agent", agent.type).Settings
    try:
        settings.model_validate(agent.settings)
    except ValidationError as error:
        raise refused(error, agent.settings, settings, ("agent",)) from None
    return plugins.build("agent", agent)
