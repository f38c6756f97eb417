"""What a campaign asks, held against what its instrument can do."""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from orchestrator.domain.dose import DoseRule
from orchestrator.domain.errors import SpecError
from orchestrator.domain.instrument import AxisDescription, InstrumentDescription, SignalDescription
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal, Parameter, Space
from orchestrator.domain.spec import CampaignSpec
from orchestrator.preflight import check_safe_start, check_spec, read_candidates, resolve_space

AXES: Mapping[str, Parameter] = {
    "stage_x": Continuous(limits=(0, 25), unit="mm", tolerance=0.01),
    "stage_y": Continuous(limits=(-5, 5), unit="mm"),
    "n_pulses": Integer(type="integer", limits=(1, 100)),
    "filter_um": Ordinal(values=(0, 25, 50, 100), unit="µm"),
    "sample": Categorical(values=("A", "B")),
}


def describe(*names: str, candidates: tuple[Mapping[str, Any], ...] | None = None, park: float | None = None) -> InstrumentDescription:
    return InstrumentDescription(
        identity="TEST:",
        axes={name: AxisDescription(parameter=AXES[name], field=name, park=park) for name in names or AXES},
        signals={"i0": SignalDescription(field="i0"), "spectrum": SignalDescription(kind="spectrum", field="spectrum")},
        candidates=candidates,
    )


def campaign(**keys: Any) -> CampaignSpec:
    return CampaignSpec.model_validate({"name": "test", "instrument": "any", "reward": {"signal": "i0"}, **keys})


def reward(*signals: str) -> Any:
    return SimpleNamespace(signals=lambda: signals)


def refusal_of(spec: CampaignSpec, description: InstrumentDescription, candidates: Any = None) -> str:
    with pytest.raises(SpecError) as refused:
        resolve_space(spec, description, candidates)
    return str(refused.value)


def test_an_empty_space_means_every_axis_within_its_own_limits():
    space = resolve_space(campaign(), describe("stage_x", "sample"), None)

    assert space.parameters == {"stage_x": AXES["stage_x"], "sample": AXES["sample"]}
    assert space.candidates is None


def test_a_parameter_takes_unit_and_tolerance_from_its_axis_unless_it_has_its_own():
    space = resolve_space(
        campaign(space={"stage_x": {"limits": [5, 20]}, "stage_y": {"limits": [0, 1], "tolerance": 0.2}}), describe(), None
    )

    assert space.parameters["stage_x"] == Continuous(limits=(5, 20), unit="mm", tolerance=0.01)
    assert space.parameters["stage_y"].tolerance == 0.2


def test_limits_beyond_the_device_are_refused_with_both_intervals():
    message = refusal_of(campaign(space={"stage_x": {"limits": [0, 31]}}), describe())

    assert message == "space.stage_x.limits = [0, 31] mm: beyond stage_x's own limits [0, 25] mm; stay within them"


def test_limits_that_miss_the_device_by_rounding_are_allowed():
    resolve_space(campaign(space={"stage_x": {"limits": [0, 25.000000000001]}}), describe(), None)


def test_an_unknown_axis_is_refused_with_the_nearest_name():
    message = refusal_of(campaign(space={"stage_z": {"limits": [0, 1]}}), describe())

    assert "no axis 'stage_z'; did you mean 'stage_" in message
    assert "choose from stage_x, stage_y" in message


def test_another_unit_than_the_devices_is_refused():
    message = refusal_of(campaign(space={"stage_x": {"limits": [0, 1000], "unit": "µm"}}), describe())

    assert message == 'space.stage_x.unit = "µm": stage_x is set in mm; convert its limits to mm'


@pytest.mark.parametrize(
    ("axis", "written", "fragment"),
    [
        ("sample", {"limits": [0, 1]}, 'is continuous: sample takes one of ["A", "B"]'),
        ("stage_x", {"values": ["left", "right"]}, "is categorical: stage_x takes numbers in [0, 25] mm"),
        ("sample", {"values": ["A", "C"]}, "has 'C'"),
        ("n_pulses", {"limits": [1, 50]}, "is continuous: n_pulses takes whole numbers in [1, 100]; write type: integer"),
        ("n_pulses", {"values": [1, 2.5]}, "is ordinal: n_pulses takes whole numbers"),
        ("filter_um", {"limits": [10, 60]}, "write values: [25, 50]"),
        ("filter_um", {"values": [0, 30]}, "has 30"),
        ("filter_um", {"type": "integer", "limits": [0, 25]}, "has 1"),
        ("stage_x", {"values": [1, 2, 30]}, "space.stage_x.values = [1, 30] mm: beyond"),
    ],
)
def test_a_type_the_axis_cannot_take_is_refused(axis: str, written: dict[str, Any], fragment: str):
    assert fragment in refusal_of(campaign(space={axis: written}), describe())


@pytest.mark.parametrize(
    ("axis", "written"),
    [
        ("stage_x", {"type": "integer", "limits": [0, 25]}),
        ("stage_x", {"values": [0.5, 1.5]}),
        ("n_pulses", {"values": [1, 10, 100]}),
        ("filter_um", {"values": [25, 100]}),
        ("sample", {"values": ["B"]}),
    ],
)
def test_a_narrower_type_than_the_axis_is_allowed(axis: str, written: dict[str, Any]):
    assert tuple(resolve_space(campaign(space={axis: written}), describe(), None).parameters) == (axis,)


def test_every_problem_is_told_at_once_each_where_it_was_written():
    spec = campaign(space={"stage_x": {"limits": [0, 31]}, "stage_y": {"limits": [-9, 0]}})

    with pytest.raises(SpecError) as refused:
        resolve_space(spec, describe(), None, locate=lambda path: f"my.yaml:{len(path)}: {path[1]}")

    assert [line.split(" = ")[0] for line in str(refused.value).splitlines()] == ["my.yaml:3: stage_x", "my.yaml:3: stage_y"]


class TestConstraints:
    def test_one_that_no_point_satisfies_is_refused_with_what_is_reachable(self):
        message = refusal_of(campaign(constraints=[{"weights": {"stage_x": 1, "stage_y": 2}, "lower": 40}]), describe("stage_x", "stage_y"))

        assert message == (
            "constraints.0: stage_x + 2·stage_y reaches at most 35 within the limits, below lower = 40; lower it or widen the limits"
        )

    def test_those_that_contradict_each_other_are_refused_together(self):
        sums = {"stage_x": 1, "stage_y": 1}
        message = refusal_of(
            campaign(constraints=[{"weights": sums, "lower": 10}, {"weights": sums, "upper": 9}]), describe("stage_x", "stage_y")
        )

        assert "no point satisfies all 2 constraints at once" in message

    def test_whole_numbers_and_choices_are_taken_as_such(self):
        """Sums that real numbers reach but these axes cannot: 2n = 3, and a filter between two of its values."""
        odd = [{"weights": {"n_pulses": 2}, "lower": 3, "upper": 3}]
        between = [{"weights": {"filter_um": 1}, "lower": 30, "upper": 40}]

        assert "no point satisfies" in refusal_of(campaign(constraints=odd), describe("n_pulses"))
        assert "no point satisfies" in refusal_of(campaign(constraints=between), describe("filter_um"))

    def test_a_satisfiable_equality_is_allowed(self):
        total = [{"weights": {"stage_x": 1, "filter_um": 0.5, "n_pulses": -1}, "lower": 12, "upper": 12}]

        assert resolve_space(campaign(constraints=total), describe("stage_x", "filter_um", "n_pulses"), None).constraints

    def test_an_unknown_or_categorical_name_is_refused(self):
        unknown = refusal_of(campaign(constraints=[{"weights": {"stage_z": 1}, "lower": 0}]), describe())
        categorical = refusal_of(campaign(constraints=[{"weights": {"sample": 1}, "lower": 0}]), describe())

        assert "constraints.0.weights.stage_z: no parameter is called 'stage_z'" in unknown
        assert "sample is categorical" in categorical


class TestCandidates:
    POOL = ({"stage_x": 1.0, "sample": "A"}, {"stage_x": 2.0, "sample": "A"}, {"stage_x": 2.0, "sample": "B"})

    def test_they_get_their_parameters_types_and_name_the_axes_that_move(self):
        space = resolve_space(campaign(), describe(), [{"stage_x": 1, "n_pulses": 3.0, "filter_um": 25.0}])

        assert space.candidates == ({"stage_x": 1.0, "n_pulses": 3, "filter_um": 25},)
        assert [type(value) for value in space.candidates[0].values()] == [float, int, int]
        assert tuple(space.parameters) == ("stage_x", "n_pulses", "filter_um")

    def test_the_first_one_outside_is_refused_by_its_line_in_the_csv(self):
        rows = [{"stage_x": 1.0}, {"stage_x": 26.0}, {"stage_x": 27.0}]
        message = refusal_of(campaign(candidates={"csv": "pool.csv"}), describe(), rows)

        assert message.startswith("pool.csv:3: stage_x = 26 mm is outside [0, 25] mm")

    def test_the_first_one_outside_is_refused_by_its_place_in_the_campaign(self):
        message = refusal_of(campaign(candidates=[{"stage_x": 1}, {"stage_x": 26}]), describe(), [{"stage_x": 1}, {"stage_x": 26}])

        assert message.startswith("candidates.1: stage_x = 26 mm is outside")

    def test_one_that_breaks_a_constraint_is_refused(self):
        constraints = [{"weights": {"stage_x": 1}, "upper": 1.5}]

        assert refusal_of(campaign(constraints=constraints), describe(), [{"stage_x": 1}, {"stage_x": 2}]).startswith(
            "candidates.1: stage_x"
        )

    def test_repeats_are_refused_naming_both(self):
        message = refusal_of(campaign(), describe(), [{"stage_x": 0.3}, {"stage_x": 1}, {"stage_x": 0.1 + 0.2}])

        assert message.startswith("candidates.2 repeats candidates.0")

    def test_one_that_names_other_axes_than_the_first_is_refused(self):
        assert refusal_of(campaign(), describe(), [{"stage_x": 1}, {"stage_y": 1}]).startswith("candidates.1: the point names stage_y")

    def test_an_axis_the_instrument_lacks_is_refused(self):
        assert "no axis 'toughness'" in refusal_of(campaign(), describe(), [{"stage_x": 1, "toughness": 2}])

    def test_the_instruments_pool_is_narrowed_to_the_campaigns_space(self):
        spec = campaign(space={"stage_x": {"limits": [1.5, 3]}, "sample": {"values": ["A", "B"]}})
        space = resolve_space(spec, describe("stage_x", "sample", candidates=self.POOL), None)

        assert space.candidates == self.POOL[1:]

    def test_a_space_without_any_of_the_instruments_candidates_is_refused(self):
        spec = campaign(space={"stage_x": {"limits": [20, 21]}, "sample": {"values": ["A"]}})

        assert "none of the instrument's 3 candidates" in refusal_of(spec, describe("stage_x", "sample", candidates=self.POOL))

    def test_a_space_that_leaves_out_an_axis_of_the_instruments_pool_is_refused(self):
        spec = campaign(space={"stage_x": {"limits": [0, 3]}})

        assert "leaves out sample" in refusal_of(spec, describe("stage_x", "sample", candidates=self.POOL))

    def test_a_campaigns_candidate_that_the_instrument_cannot_measure_is_refused(self):
        message = refusal_of(
            campaign(), describe("stage_x", "sample", candidates=self.POOL), [self.POOL[2], {"stage_x": 1.0, "sample": "B"}]
        )

        assert message.startswith("candidates.1 is not one of the 3 points the instrument can measure")


class TestReadingCandidates:
    def test_columns_of_numbers_are_numbers_and_others_are_texts(self, tmp_path: Path):
        points = read_candidates(write(tmp_path, "x,n,sample\n0.5,1,A\n1e-3,2,B\n"))

        assert points == ({"x": 0.5, "n": 1, "sample": "A"}, {"x": 0.001, "n": 2, "sample": "B"})
        assert isinstance(points[0]["n"], int)

    def test_a_categorical_axis_keeps_names_that_look_like_numbers(self, tmp_path: Path):
        axes = {"slot": AxisDescription(parameter=Categorical(values=("007", "008")), field="slot")}

        assert read_candidates(write(tmp_path, "slot\n007\n008\n"), axes) == ({"slot": "007"}, {"slot": "008"})

    def test_a_spreadsheets_byte_order_mark_is_no_part_of_a_name(self, tmp_path: Path):
        assert read_candidates(write(tmp_path, "\ufeffx\n1\n")) == ({"x": 1},)

    @pytest.mark.parametrize(
        ("text", "fragment"),
        [
            ("", "empty"),
            ("x\n", "a header without a row"),
            ("x,x\n1,2\n", ":1: two columns are called 'x'"),
            ("x,\n1,2\n", ":1: column 2 is called ''"),
            ("x,y\n1,2\n3\n", ":3: 1 cells under 2 columns"),
            ("x,y\n1,2\n\n3,4\n", ":3: 0 cells under 2 columns"),
            ("x\n1\nseven\n", ":3: x = 'seven' is not a finite number"),
            ("x\n1\nnan\n", ":3: x = 'nan' is not a finite number"),
        ],
    )
    def test_a_file_that_cannot_be_used_is_refused_by_its_line(self, tmp_path: Path, text: str, fragment: str):
        with pytest.raises(SpecError) as refused:
            read_candidates(write(tmp_path, text))

        assert fragment in str(refused.value)

    def test_a_missing_or_binary_file_is_refused(self, tmp_path: Path):
        (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00\x01")

        with pytest.raises(SpecError, match="No such file"):
            read_candidates(tmp_path / "missing.csv")
        with pytest.raises(SpecError, match="not a CSV in UTF-8"):
            read_candidates(tmp_path / "binary.csv")


class TestWhatElseIsAsked:
    def refusal_of(self, spec: CampaignSpec, *rewards: Any, park: float | None = None) -> str:
        with pytest.raises(SpecError) as refused:
            check_spec(spec, describe(park=park), {f"objective-{index}": each for index, each in enumerate(rewards)})
        return str(refused.value)

    def test_a_sensible_campaign_passes(self):
        spec = campaign(measure={"exposure": 2, "signals": ["i0"]}, budget={"exposure": "1 min"}, on_finish="park")

        check_spec(spec, describe(park=0.0), {"i0": reward("i0")})

    def test_a_signal_the_instrument_lacks_is_refused(self):
        message = self.refusal_of(campaign(measure={"signals": ["spectrm"]}))

        assert message == "measure.signals.0: the instrument has no signal 'spectrm'; did you mean 'spectrum'? choose from i0, spectrum"

    def test_a_signal_a_reward_needs_must_exist_and_be_read(self):
        assert "rewards.0 needs signal 'io'" in self.refusal_of(campaign(), reward("io"))
        assert "measure.signals leaves out" in self.refusal_of(campaign(measure={"signals": ["i0"]}), reward("spectrum"))

    def test_two_objectives_of_one_name_are_refused(self):
        spec = CampaignSpec.model_validate({"name": "t", "instrument": "any", "rewards": [{"name": "flux"}, {"name": "flux"}]})

        assert "rewards.1.name = 'flux': another reward is called so too" in self.refusal_of(spec)

    def test_an_exposure_budget_below_one_exposure_is_refused(self):
        message = self.refusal_of(campaign(measure={"exposure": 5}, budget={"exposure": 3}))

        assert message == "budget.exposure = 3 s: one trial takes measure.exposure = 5 s; give at least that"

    def test_an_exposure_budget_that_is_never_spent_is_refused(self):
        assert "never spent" in self.refusal_of(campaign(budget={"exposure": 3}))
        check_spec(campaign(budget={"exposure": 3, "trials": 5}), describe(), {})

    def test_parking_needs_a_park_position_of_every_axis_that_moves(self):
        spec = campaign(space={"stage_x": {"limits": [0, 1]}}, on_finish="park")

        assert "stage_x has no park position" in self.refusal_of(spec)
        check_spec(spec, describe(park=0.0), {})

    def test_metadata_too_long_for_the_ledger_is_refused(self):
        assert "keep long metadata elsewhere" in self.refusal_of(campaign(metadata={"notes": "x" * 40_000}))


def write(folder: Path, text: str) -> Path:
    path = folder / "pool.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"limits": {"i1": {"at_least": 1}}}, r"limits.i1: no scalar signal .* called 'i1'; choose from i0, yield"),
        ({"limits": {"spectrum": {"at_least": 1}}}, "limits.spectrum: spectrum is a spectrum, which has no single value"),
        ({"limits": {"i0": {"at_least": 1}}, "measure": {"signals": ["spectrum"]}}, "limits.i0 needs signal 'i0', which measure"),
    ],
)
def test_a_limit_on_what_nobody_reads_is_refused(keys: dict[str, Any], message: str):
    with pytest.raises(SpecError, match=message):
        check_spec(campaign(**keys), describe(), {"yield": reward()})
    check_spec(campaign(limits={"i0": {"at_least": 1}, "yield": {"at_most": 2}}), describe(), {"yield": reward()})


def test_a_safe_start_outside_the_space_is_refused():
    spec = campaign(limits={"i0": {"at_least": 1, "safe": True}}, safe_start=[{"stage_x": 5.0}, {"stage_x": 30.0}])
    with pytest.raises(SpecError, match=r"safe_start.1: stage_x = 30 mm is outside \[0, 25\] mm.*give a point of the space"):
        check_safe_start(spec, Space(parameters={"stage_x": AXES["stage_x"]}))


@pytest.mark.parametrize(
    ("rule", "changes", "said"),
    [
        (None, {}, "budget.dose = 5: the instrument tells no dose; add dose to the site file, or limit budget.exposure"),
        (
            {"factor": 1},
            {"measure": {"exposure": 0}},
            "budget.dose = 5: never spent, since measure.exposure = 0 s; set it, or give trials too",
        ),
        (
            {"factor": 1, "signal": "flux"},
            {"measure": {"exposure": 1, "signals": ["i0"]}},
            "budget.dose needs signal 'flux', which measure.signals leaves out; add it there",
        ),
    ],
)
def test_a_dose_that_nobody_counts_cannot_be_limited(rule: dict[str, Any] | None, changes: dict[str, Any], said: str):
    description = describe("stage_x").model_copy(update={"dose": None if rule is None else DoseRule.model_validate(rule)})
    spec = campaign(**{"budget": {"dose": 5}, "measure": {"exposure": 1}, **changes})
    with pytest.raises(SpecError) as refused:
        check_spec(spec, description, {"i0": reward("i0")})
    assert str(refused.value) == said


def test_a_dose_that_is_counted_can_be_limited():
    description = describe("stage_x").model_copy(update={"dose": DoseRule(factor=1.0, signal="i0")})
    check_spec(campaign(budget={"dose": 5}, measure={"exposure": 1}), description, {"i0": reward("i0")})
