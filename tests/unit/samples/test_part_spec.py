"""From samples, stages and what was found to the campaign of one part."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain.errors import SpecError
from orchestrator.domain.part_spec import part_spec
from orchestrator.domain.space import Continuous, Ordinal
from orchestrator.domain.spec import Budget, CampaignSpec
from tests.unit.samples.words import AXES, spec

FOUND = {"align": {"x": 1.0, "y": -0.5}}


def part(stage: str, *changes: tuple[str, str], best: object = FOUND, left: Budget | None = None) -> CampaignSpec:
    whole = spec(*changes)
    return part_spec(whole, whole.samples[1], stage, best=best, axes=AXES, left=left)  # type: ignore[arg-type]


def test_limits_are_counted_from_where_an_earlier_stage_was_best_and_the_rest_stays_there():
    found = part("measure")
    assert found.space["x"] == Continuous(limits=(0.5, 1.5))
    assert found.fixed == {"y": -0.5}
    assert found.space["energy"] == Continuous(limits=(7115, 7140))
    assert found.metadata == {"sample": "A2", "stage": "measure", "position": 2}


def test_loading_is_one_call_of_the_plan_for_the_samples_own_position():
    found = part("load")
    assert found.space == {"sample.position": Ordinal(values=(2,))}
    assert found.measure.plan is not None
    assert found.measure.plan.filled({"sample.position": 2}) == {"position": 2}
    assert (found.budget.trials, found.max_attempts, found.rewards[0].type) == (1, 1, "done")


def test_a_plan_at_the_origin_is_called_once_there():
    found = part(
        "measure", ("    space: {x: {limits: [-0.5, 0.5]}, energy: {limits: [7115, 7140]}}\n    budget: {trials: 2}", "    plan: scan")
    )
    assert found.space == {"sample.id": found.space["sample.id"], "x": Ordinal(values=(1.0,)), "y": Ordinal(values=(-0.5,))}
    assert not found.fixed


def test_limits_about_an_origin_end_where_the_axis_ends():
    found = part("measure", best={"align": {"x": 4.8, "y": 0.0}}).space["x"]
    assert found == Continuous(limits=(4.3, 5.0))


def test_an_origin_that_leaves_nothing_to_search_names_limits_and_axis():
    with pytest.raises(SpecError) as refused:
        part("measure", ("[-0.5, 0.5]", "[3, 4]"), best={"align": {"x": 3.0, "y": 0.0}})
    assert "stages.measure.space.x.limits = [3.0, 4.0] mm about the origin 3 mm lie outside the axis's own [-5, 5] mm" in str(refused.value)


def test_without_a_best_point_there_is_no_origin():
    with pytest.raises(SpecError) as refused:
        part("measure", best={})
    assert "align gave no best point for A2" in str(refused.value)


def test_what_stands_beside_the_stages_holds_for_those_that_say_nothing_else():
    found = part("align", ("    budget: {trials: 3}", "    agent: sobol\n    budget: {trials: 3}"))
    assert (found.agent.type, found.fallback.type) == ("sobol", "random")
    assert part("measure").agent.type == "random"


def test_every_part_has_a_seed_of_its_own_that_stays_the_same():
    whole = spec()
    seeds = {part_spec(whole, sample, "align", best={}, axes=AXES).seed for sample in whole.samples}
    assert len(seeds) == 3
    assert part("align").seed in seeds


@given(trials=st.integers(1, 9), seconds=st.floats(1, 1e4))
def test_no_part_may_spend_more_than_is_left_of_the_whole(trials: int, seconds: float):
    budget = part("align", left=Budget(trials=trials, wall_time=seconds)).budget
    assert budget.trials == min(3, trials)
    assert budget.wall_time == seconds


def test_routines_hold_for_stages_that_search_and_each_sample_begins_with_those_that_say_so():
    every = "every: [{plan: take_dark, kind: dark, trials: 5}, {plan: realign, kind: alignment, after: sample}]\nsamples:"
    align, measure, load = (part(stage, ("samples:", every)) for stage in ("align", "measure", "load"))
    assert [each.id for each in align.every] == ["take_dark", "realign"], "the first stage that searches"
    assert [each.id for each in measure.every] == ["take_dark"]
    assert load.every == ()


def test_a_stage_may_have_routines_of_its_own():
    own = "    every: {plan: realign, kind: alignment, after: sample}\n    budget: {trials: 2}"
    assert [each.id for each in part("measure", ("    budget: {trials: 2}", own)).every] == ["realign"]
