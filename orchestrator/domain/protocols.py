"""What others supply: agents, rewards, analysers, guardians and instruments.

A plug-in is a class built from its settings: ``Plugin(settings)`` where ``Plugin.Settings`` is a ``Value``. Its module
must import in milliseconds: torch, ophyd and the like are imported inside the functions that use them.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

import numpy as np

from orchestrator.domain.base import Point, Setting, Value
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.history import History
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest
from orchestrator.domain.records import Breach, Objective, ObjectiveScore, Observation, Suggestion, Verdict
from orchestrator.domain.space import Space


class Beliefs(Protocol):
    """What a model expects anywhere in the space, as it stood when it decided."""

    def predict(self, points: Sequence[Point]) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
        """Return mean and sd by objective, in its unit, each of shape (points,); a measurement's own scatter is left out."""
        ...


class Agent(Protocol):
    """Suggests the next point. A function of history and settings: no clock, no randomness but ``history.rng()``.

    What is also used, where an agent has it:

    - ``heeds_limits``, a class attribute: true for an agent that passes over points which probably break one of
      ``history.limits``, and where one is safe goes only where its model is sure of it, beginning at ``history.safe_start``.
      Without it, an agent is refused where a limit is safe.
    - ``loads: tuple[str, ...]``, a class attribute: the modules that it imports when it first thinks. A process that is started
      ahead of its campaign imports them, so that nobody waits for them later.
    - ``problems(space: Space, objectives: Sequence[Objective]) -> Sequence[str]``: why its settings do not suit a campaign, one
      sentence each. A campaign with such problems is refused before anything moves.
    - ``posterior(history: History, evidence: Evidence) -> Beliefs``: the model behind an earlier decision, rebuilt from the
      evidence recorded with it and the history before it; nothing is fitted again. ``predict`` at the suggested point gives
      what the evidence predicted. AgentError where the evidence holds no model.
    """

    Settings: ClassVar[type[Value]]

    def ask(self, history: History) -> Suggestion:
        """Return the next point, inside the space (a member of the pool, if there is one).

        Raises:
            AgentError: If no sensible suggestion exists, for example because the pool is exhausted.
        """
        ...

    def prepare(self, history: History) -> None:
        """Think ahead while the instrument measures the pending trials. Must not change what ``ask`` returns."""
        ...


class Reward(Protocol):
    """Judges an observation: one objective.

    What a runner also uses, where a reward that answers later has it:

    - ``answers_folder: Path | None``: a folder to watch for files in which the analysis answers.
    - ``answers_catalogue: CatalogueAnswers | None``: what to watch in Tiled for results that are answers.
    """

    Settings: ClassVar[type[Value]]

    def objective(self) -> Objective:
        """Return what this reward asks agents to optimise, and how it is waited for if an analysis elsewhere tells it later."""
        ...

    def signals(self) -> tuple[str, ...]:
        """Return the signals it needs, so that a campaign can be refused before it starts."""
        ...

    def score(self, observation: Observation, arrays: Mapping[str, np.ndarray]) -> ObjectiveScore | None:
        """Return what the observation is worth; None when the analysis answers later, as ``objective().later`` says.

        Args:
            observation: Scalars are in ``readings``.
            arrays: Spectra, shape (channels,), and images, shape (rows, columns), by signal name.

        Raises:
            RewardError: If the observation cannot be judged.
        """
        ...


class Analyser(Protocol):
    """Turns one raw signal into named features."""

    Settings: ClassVar[type[Value]]

    def features(self, raw: np.ndarray) -> Mapping[str, float]:
        """Return named numbers from a spectrum, shape (channels,), or an image, shape (rows, columns)."""
        ...


@dataclass(frozen=True, slots=True)
class ReviewContext:
    """What a guardian may look at."""

    state: CampaignState
    space: Space
    instrument: InstrumentDescription
    positions: Mapping[str, Setting]
    """Where the axes are now; empty when the instrument cannot tell."""
    now: datetime


class Guardian(Protocol):
    """May refuse; never suggests, never alters a point. Pure: state comes from the context."""

    Settings: ClassVar[type[Value]]

    def review(self, trial: Trial, context: ReviewContext) -> Verdict:
        """Answer before a motion: allow, hold, veto, pause or stop."""
        ...

    def inspect(self, trial: Trial, observation: Observation, context: ReviewContext) -> Verdict:
        """Answer after a reading: allow, re-measure, hold, pause or stop."""
        ...


BreachListener = Callable[[Breach | None, str], None]
"""Called with (breach, interlock) when a condition breaks and with (None, interlock) when it holds again."""


class PlanEngine(Protocol):
    """Carries out one plan at a time, as Bluesky's RunEngine does.

    One that knows more of a plan's fate than a RunEngine may raise ``NothingMoved`` and ``FateUnknown``, and have a method
    ``has_taken(attempt) -> bool``: whether it ever began an attempt, given what its start document says under ``nightshift``.
    """

    def __call__(self, plan: Any, hear: Any, /, **metadata: Any) -> Any:
        """Carry out a plan to its end, telling its documents; raise what ended it early."""
        ...

    def abort(self, reason: str) -> Any:
        """End the plan that runs, from another thread."""
        ...


class Instrument(Protocol):
    """Devices plus the plans that measure a point. Lives in the instrument process; a sentinel may build a second one.

    What the instrument process also uses, where an instrument has it:

    - ``load(folder: Path, give_up: Callable[[NightshiftError], None]) -> None``: called once, before anything else, in the
      process's main thread, where a site's own code expects to run. Logs may go to ``folder``; ``give_up`` tells the engine
      why and ends the process, from any thread. A sentinel does not call it.
    - ``foresee(surroundings: Mapping[str, str]) -> InstrumentDescription``: what is known without connecting, for
      ``run --simulate``, given the environment variables its process would have.
    - ``inside() -> Instrument``: what the instrument process drives in its place; asked once, before ``load``.
    - ``outside() -> Instrument``: what a sentinel drives in its place, where that is something simpler.
    - ``run_engine() -> PlanEngine | None``: what carries out plans, such as a RunEngine set up by the site; None for a new one.
    - ``make_ready(request: MeasureRequest) -> None``: called before each run, beside the RunEngine's loop, so that it may take
      time: for example to make the folder that detectors write into. What it raises ends the attempt; nothing has moved.
    - ``connect_seconds: ClassVar[float]``: how long loading and connecting may take, where a minute is too little.

    What a sentinel also uses, where an instrument has it:

    - ``heartbeat() -> None``: keep the hardware's dead man's switch from tripping; called once a second.
    - ``halt() -> None``: send every command that stops or closes, and wait for none; ``secure`` follows.
    - ``live() -> Mapping[str, Any]``: the latest ``positions`` by axis, scalar ``signals``, ``interlocks`` (whether each
      holds), ``ages`` (seconds since each spoke), ``shutter`` and ``is_moving``; finite numbers, text, booleans and None
      only. Called up to ten times a second: tell what is known, ask nobody.
    """

    Settings: ClassVar[type[Value]]

    def describe(self) -> InstrumentDescription:
        """Return axes, signals and interlocks; connects first where only the hardware knows them.

        A class whose attribute ``needs_connection`` is true is not asked before a person wants it connected.

        Raises:
            InstrumentError: If the hardware does not answer; names what was tried and how long.
        """
        ...

    def connect(self) -> None:
        """Connect and be ready to measure; idempotent.

        Raises:
            InstrumentError: If a device does not answer; names it.
        """
        ...

    def plan(self, request: MeasureRequest) -> Generator[Any, Any, Any]:
        """Return a Bluesky plan that opens exactly one run, moves to the point, reads it into stream ``primary``."""
        ...

    def positions(self) -> Mapping[str, Setting]:
        """Return where the axes are now, read back from the hardware."""
        ...

    def watch(self, listener: BreachListener) -> None:
        """Call the listener, from any thread, whenever an interlock breaks or holds again; at once for those broken now."""
        ...

    def secure(self, cause: str) -> Sequence[str]:
        """Put the safe state in force without a RunEngine; idempotent; return what was done, one phrase each."""
        ...

    def close(self) -> None:
        """Disconnect. Moves nothing."""
        ...
