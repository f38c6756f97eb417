"""Asking and telling."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np

from orchestrator.asktell.answering import answered, require_readback
from orchestrator.asktell.asking import fixing, required_seconds, short_way
from orchestrator.asktell.building import beliefs_of, built, saved_state, space_of, state_of
from orchestrator.asktell.checking import require_other_names, require_possible
from orchestrator.asktell.explaining import why_of
from orchestrator.asktell.front import best_of, front_of, measured
from orchestrator.asktell.given import points_given, pool_given
from orchestrator.asktell.history import history_of
from orchestrator.asktell.refusing import require_point, require_points, require_whole
from orchestrator.asktell.state import AskTellState, Best, Goal, Outcome, Told
from orchestrator.asktell.telling import require_known, told_sds, told_values
from orchestrator.domain.base import Point, Setting
from orchestrator.domain.errors import AgentError, BadInput
from orchestrator.domain.history import History
from orchestrator.domain.protocols import Beliefs
from orchestrator.domain.records import Evidence, Objective
from orchestrator.domain.space import Space, same_point, show_point


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
        candidates: Iterable[Point] | Mapping[str, str] | None = None,
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
            candidates: The only points there are: a list, a DataFrame of pandas, or ``{"csv": PATH}``, relative to the working directory.
            limits: What signals must keep to, by name, as ``limits`` in a campaign file: ``{"flux": {"at_least": 1e6}}``. Tell the
                signals beside the objectives. ``best`` keeps all of them.
            safe_start: Points known to keep the ``safe`` limits, asked for first. Points told before that keep them do as well.

        Raises:
            BadInput: If any of it makes no sense; names it, its value and the way out.
        """
        written = {
            "space": space,
            "constraints": constraints if isinstance(constraints, str | Mapping) else list(constraints),
            "objectives": {"y": "maximise"} if objectives is None else objectives,
            "agent": agent,
            "seed": seed,
            "limits": limits or {},
        }
        state = state_of(written)
        pool = None if candidates is None else pool_given(candidates, state.space)
        start = points_given("safe_start", safe_start, state.space)
        self._set_up(state_of({**written, "candidates": pool, "safe_start": start}))
        require_other_names(self._state)

    def _set_up(self, state: AskTellState) -> None:
        self._state = state
        self._space = space_of(state)
        self._objectives = tuple(Objective(name=name, goal=goal) for name, goal in state.objectives.items())
        self._agent = built(state.agent)
        require_possible(state, self._space, self._objectives)
        self._believed: tuple[AskTellState, Beliefs] | None = None

    def __repr__(self) -> str:
        n_told = sum(trial.values is not None for trial in self._state.trials)
        aims = ", ".join(f"{objective.goal} {objective.name}" for objective in self._objectives)
        return f"<AskTell {self._state.agent.type}: {aims} over {', '.join(self._space.names)}; {n_told} told, {len(self.pending)} pending>"

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Go on where ``to_json`` left off. Raises BadInput if the text is none of that, or a trial in it cannot be."""
        loop = cls.__new__(cls)
        loop._set_up(saved_state(text))
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
        """The points that were asked for and neither told nor forgotten yet, in order. Agents count on them being measured."""
        return [dict(trial.point) for trial in self._state.trials if trial.is_pending]

    def ask(
        self, n: int = 1, *, fixed: Mapping[str, Setting] | None = None, seconds: Mapping[str, float] | None = None
    ) -> list[dict[str, Setting]]:
        """Return the next points, which are pending from then on. They are fewer than asked for where a pool is nearly
        exhausted, or where no other point surely keeps the safe limits until the first are told.

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
        return next((trial.place for trial in reversed(self._state.trials) if trial.values is not None), None)

    def tell(
        self,
        point: Point,
        values: Mapping[str, float | None],
        sd: float | Mapping[str, float] | None = None,
        *,
        at: Point | None = None,
    ) -> None:
        """Say what a point was worth: one that was asked for, or any other of the space.

        Args:
            point: Where it was measured: as asked for, or as read back. One that differs from a pending point by no more than the
                parameters' tolerances, or a hundredth of their limits, is taken for the readback of the nearest such.
            values: Of every objective and limited signal. None, NaN or an infinite one for what could not be measured; if no
                objective could, the measurement failed, and agents do not ask for that point again.
            sd: Standard deviation of the values, or by objective; left out if unknown, and then it is learned.
            at: The readback, if the point is as asked for: the model learns there.

        Raises:
            BadInput: If the point is outside the space, an objective is unknown or left out, a value is no number, a standard
                deviation is negative, or the readback is of something else or well outside the limits.
        """
        require_point(self._space, point)
        known = told_values(self._state, values)
        sds = told_sds(self._state, sd, values)
        if at is not None:
            require_readback(self._space, at)
        place = answered(self._state, self._space, point)
        if place is None and (problems := self._space.problems(point)):
            raise BadInput(f"{'; '.join(problems)}; tell points inside the space")
        asked = Told(point=dict(point), by="human") if place is None else self._state.trials[place]
        readback = point if at is None else at
        kept = None if same_point(readback, asked.point) else dict(readback)
        told = Told.model_validate({**dict(asked), "values": known, "sd": sds, "readback": kept})
        if place is None:
            self._append(told)
        else:
            self._replace_one(place, told)

    def forget(self, point: Point) -> None:
        """Give up a pending point that nobody will measure: agents no longer count on it, and may ask for it again.

        To keep them from that, tell it with None.

        Raises:
            BadInput: If it is not pending.
        """
        require_point(self._space, point)
        place = answered(self._state, self._space, point)
        if place is None:
            raise BadInput(f"{show_point(point)} is not pending; forget one of those that `pending` lists")
        self._replace_one(place, self._state.trials[place].model_copy(update={"is_forgotten": True}))

    def best(self, objective: str | None = None) -> Best | None:
        """Return the best measurement of an objective so far, of those that keep the limits; None before the first.

        Args:
            objective: Which; the first if left out.

        Raises:
            BadInput: If it is unknown.
        """
        return best_of(self._state, self._objective(objective))

    def believed_best(self, objective: str | None = None) -> Best | None:
        """Return the measured point whose expected value is best now: of readings that scatter, the highest is mostly luck.

        Value and sd are the model's, as ``predict`` gives them. Of those that keep the limits; None before the first.

        Args:
            objective: Which; the first if left out.

        Raises:
            AgentError: If the agent has no model, or not yet.
            BadInput: If the objective is unknown.
        """
        wanted = self._objective(objective)
        trials = measured(self._state, wanted.name)
        if not trials:
            return None
        means, sds = self._beliefs().predict([trial.place for trial in trials])[wanted.name]
        best = int(np.argmin(means) if wanted.goal == "minimise" else np.argmax(means))
        return Best(dict(trials[best].point), float(means[best]), float(sds[best]))

    def front(self) -> list[Outcome]:
        """Return the measurements that none outdoes in all objectives, of those that keep the limits, in the order they were told.

        With several objectives that is the Pareto front; with one, the best, or all that are equally good.
        """
        outcomes = [self._state.trials[place] for place in front_of(self._state)]
        return [Outcome(dict(told.point), dict(told.values or {}), dict(told.sd)) for told in outcomes]

    def predict(self, points: Iterable[Point], objective: str | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Return what the agent's model expects now: mean and sd, each of shape (points,), without a measurement's own scatter.

        Args:
            points: Points of the space, in a list or a DataFrame of pandas; where there is a pool, of others, too.
            objective: Which; the first if left out.

        Raises:
            AgentError: If the agent has no model, or not yet.
            BadInput: If a point is outside the space or the objective unknown.
        """
        wanted = self._objective(objective)
        found = require_points(self._space, points)
        outside = [problem for point in found for problem in self._space.problems(point)] if self._space.candidates is None else []
        if outside:
            raise BadInput(f"{outside[0]}; predict inside the space")
        return self._beliefs().predict(found)[wanted.name]

    def evidence(self, point: Point) -> Evidence:
        """Return everything the agent knew that made it ask for a point: predictions, limits, runners-up, model.

        Of a point told and not asked for it is empty. Raises BadInput if it was neither.
        """
        return self._trial_of(point).evidence

    def why(self, point: Point) -> str:
        """Return one sentence on why a point was asked for. Raises BadInput if it was not."""
        return why_of(self._trial_of(point))

    def _trial_of(self, point: Point) -> Told:
        require_point(self._space, point)
        for trial in reversed(self._state.trials):
            if same_point(trial.point, point) or same_point(trial.place, point):
                return trial
        raise BadInput(f"{show_point(point)} was neither asked for nor told")

    def _beliefs(self) -> Beliefs:
        if self._believed is None or self._believed[0] is not self._state:
            self._believed = (self._state, beliefs_of(self._agent, self._state, self._history()))
        return self._believed[1]

    def _history(self) -> History:
        return history_of(self._state, self._space, self._objectives)

    def _objective(self, name: str | None) -> Objective:
        """Return the objective of that name, the first for None. Raises BadInput if there is none of it."""
        require_known(self._state.objectives, [] if name is None else [name])
        return next(each for each in self._objectives if name is None or each.name == name)

    def _append(self, told: Told) -> None:
        self._replace((*self._state.trials, told))

    def _replace_one(self, place: int, told: Told) -> None:
        self._replace((*self._state.trials[:place], told, *self._state.trials[place + 1 :]))

    def _replace(self, trials: tuple[Told, ...]) -> None:
        self._state = self._state.model_copy(update={"trials": trials})
