"""Why a point was asked for, in one sentence."""

from orchestrator.asktell.state import Told
from orchestrator.domain.records import Evidence
from orchestrator.wording.worth import show_worth


def why_of(trial: Told) -> str:
    """Return why a point was asked for; of one that was not, that it was not."""
    return f"{trial.evidence.reason}{_rank(trial.evidence)}" if trial.by == "agent" else "told, not asked for"


def _rank(evidence: Evidence) -> str:
    """Return what ranked points between several objectives, and how the next best one fared; empty where one comparison says it all."""
    acquisition = evidence.acquisition
    if acquisition is None or len(evidence.predicted) < 2:
        return ""
    worths = [each.acquisition for each in evidence.runners_up if each.acquisition is not None]
    following = f": the next best point has {show_worth(acquisition, max(worths))}" if worths else ""
    return f"; chosen by {acquisition.name}{following}"
