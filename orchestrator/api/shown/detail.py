"""Everything the ledger knows of one trial, for its card and for ``nightshift show``."""

from orchestrator.api.following import Followed
from orchestrator.api.shown.attempts import attempts_of
from orchestrator.domain.campaign import CampaignState, Trial
from orchestrator.domain.errors import UnknownTrial
from orchestrator.domain.ports import Ledger
from orchestrator.domain.samples import SamplesSpec
from orchestrator.queries.units import axis_units, signal_unit
from orchestrator.wire.trials import TrialDetail, TrialUnits

_EVENTS_PER_READ = 500


def shown_detail(followed: Followed, number: int, ledger: Ledger) -> TrialDetail:
    """Return a trial with its evidence, attempts, verdicts, score and units.

    Raises:
        UnknownTrial: If the campaign has none of that number.
    """
    trial = known_trial(followed, number)
    first, last = followed.spans[number]
    events = ledger.read(followed.campaign, after=first - 1, limit=min(last - first + 1, _EVENTS_PER_READ))
    shown = followed.trial(number)
    return TrialDetail(
        trial=shown,
        evidence=trial.evidence,
        observation=trial.observation,
        score=trial.score,
        attempts=attempts_of(number, events),
        explanation=shown.why,
        units=_units(followed.state, trial),
    )


def known_trial(followed: Followed, number: int) -> Trial:
    """Return a trial, counted from 1. Raises UnknownTrial if the campaign has none of that number."""
    state = followed.state
    if 1 <= number <= len(state.trials):
        return state.trial(number)
    raise UnknownTrial(f"campaign {followed.campaign} has no trial {number}; {_known(followed.campaign, state)}")


def _known(campaign: str, state: CampaignState) -> str:
    """Return which trials there are to choose from, and where to look for them."""
    n_trials = len(state.trials)
    if isinstance(state.spec, SamplesSpec):
        return "its parts have the trials; nightshift list --parts names them"
    if n_trials == 0:
        return f"it has none yet; nightshift show {campaign} says where it stands"
    return f"it has {f'trials 1 to {n_trials}' if n_trials > 1 else 'trial 1 alone'}; nightshift show {campaign} lists the latest"


def _units(state: CampaignState, trial: Trial) -> TrialUnits:
    seen = trial.observation
    signals = () if seen is None else (*seen.readings, *seen.arrays, *seen.files)
    return TrialUnits(
        point=axis_units(state, trial.point),
        readings={name: signal_unit(state, name) for name in signals},
        scores={objective.name: objective.unit for objective in state.objectives},
    )
