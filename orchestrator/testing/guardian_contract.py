"""What every guardian must do. For authors of guardians: call ``check_guardian``."""

import copy
from dataclasses import replace

from orchestrator.domain.campaign import Trial
from orchestrator.domain.protocols import Guardian, ReviewContext
from orchestrator.domain.records import Answer, Observation, TrialKind, Verdict

BEFORE_A_MOTION = frozenset({Answer.ALLOW, Answer.HOLD, Answer.VETO, Answer.PAUSE, Answer.STOP})
AFTER_A_READING = frozenset({Answer.ALLOW, Answer.REMEASURE, Answer.HOLD, Answer.PAUSE, Answer.STOP})


def check_guardian(guardian: Guardian, trial: Trial, observation: Observation, context: ReviewContext) -> None:
    """Assert everything Nightshift relies on, for a trial of every kind."""
    for kind in TrialKind:
        check_answers(guardian, replace(trial, kind=kind), observation, context)


def check_answers(guardian: Guardian, trial: Trial, observation: Observation, context: ReviewContext) -> None:
    """Assert that answers fit the moment, are the same every time, and that nothing given is altered."""
    given = (trial, observation, context)
    before = copy.deepcopy(given)
    reviewed, inspected = guardian.review(trial, context), guardian.inspect(trial, observation, context)
    assert guardian.review(trial, context) == reviewed, "the same trial was answered differently"
    assert guardian.inspect(trial, observation, context) == inspected, "the same observation was answered differently"
    assert given == before, "a guardian altered what it was shown"
    assert reviewed.answer in BEFORE_A_MOTION, f"{reviewed.answer} makes no sense before a motion"
    assert inspected.answer in AFTER_A_READING, f"{inspected.answer} makes no sense after a reading"
    for verdict in (reviewed, inspected):
        check_verdict(verdict)


def check_verdict(verdict: Verdict) -> None:
    """Assert that a verdict can be recorded, says who spoke, and gives a reason for anything but allow."""
    assert Verdict.model_validate_json(verdict.model_dump_json()) == verdict
    assert verdict.guardian, "a verdict must name its guardian"
    assert (verdict.answer is Answer.ALLOW) == (verdict.reason == ""), f"{verdict.answer} with reason {verdict.reason!r}"
