"""Which sample goes through which stage next."""

from datetime import UTC, datetime

import pytest

from orchestrator.domain.parts import NO_PARTS, Parts, SampleSkipped, StageEnded, StageStarted, accept_failures, evolve_parts
from orchestrator.domain.samples import SamplesSpec
from orchestrator.engine.next_part import next_part, what_became
from tests.unit.samples.words import spec

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def after(whole: SamplesSpec, *failing: str, parts: Parts = NO_PARTS, leaves: bool = True) -> list[str]:
    """Return what is run, in order, when these parts fail."""
    ran: list[str] = []
    while (step := next_part(whole, parts)) is not None:
        name = f"{step.sample.id} {step.stage}"
        ran.append(name)
        parts = evolve_parts(parts, StageStarted(sample=step.sample.id, stage=step.stage, part=name), NOW)
        outcome = "failed" if name in failing else "succeeded"
        parts = evolve_parts(parts, StageEnded(sample=step.sample.id, stage=step.stage, outcome=outcome), NOW)
        if outcome == "failed" and leaves:
            parts = evolve_parts(parts, SampleSkipped(sample=step.sample.id, reason="it failed"), NOW)
        elif outcome == "failed":
            parts = accept_failures(parts)
    return ran


def test_each_sample_goes_through_all_stages_before_the_next():
    assert after(spec())[:4] == ["A1 load", "A1 align", "A1 measure", "A2 load"]


def test_or_each_stage_takes_all_samples_before_the_next():
    assert after(spec(order="stage"))[:4] == ["A1 load", "A2 load", "A3 load", "A1 align"]


def test_a_sample_that_failed_is_left_and_the_others_are_not():
    ran = after(spec(), "A2 load")
    assert "A2 align" not in ran
    assert ran[-3:] == ["A3 load", "A3 align", "A3 measure"]


def test_what_was_loaded_is_unloaded_whatever_became_of_it():
    whole = spec(("  align:", "  unload: {plan: unmount, requires: load, always: true}\n  align:\n    requires: load"))
    stages = {name: whole.stages[name] for name in ("load", "align", "measure", "unload")}
    ran = after(whole.model_copy(update={"stages": stages}), "A1 align", "A2 load")
    assert ran[:4] == ["A1 load", "A1 align", "A1 unload", "A2 load"]
    assert "A2 unload" not in ran, "nothing was loaded there"


def test_once_a_person_went_on_a_failure_holds_nothing_up():
    assert "A2 measure" in after(spec(), "A2 align", leaves=False)


def test_a_skipped_sample_is_never_begun():
    parts = evolve_parts(NO_PARTS, SampleSkipped(sample="A2", reason="cracked"), NOW)
    assert not any(name.startswith("A2") for name in after(spec(), parts=parts))
    assert what_became(spec(), parts) == "0 of 3 samples went through every stage; A2: cracked"


@pytest.mark.parametrize("failing", ["A1 load", "A3 measure"])
def test_nothing_is_run_twice(failing: str):
    ran = after(spec(), failing)
    assert len(ran) == len(set(ran))
