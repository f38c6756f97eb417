"""Measured data replayed: what was measured, nothing else."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.data import bundled_sets
from instruments.dataset import DatasetInstrument, DatasetSettings
from instruments.journal import read_journal
from instruments.measured_table import read_table
from orchestrator.domain.base import Setting
from orchestrator.domain.errors import BadInput, InstrumentError
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.space import Categorical, Continuous, Integer, Ordinal
from orchestrator.testing.instrument_contract import measure, request_for

BARREL: Mapping[str, Setting] = {"n": 6, "theta": 0, "r": 1.5, "t": 0.7}


def a_dataset(data: str | Path = "crossed-barrel", **settings: Any) -> DatasetInstrument:
    return DatasetInstrument(DatasetSettings(data=str(data), **settings))


def a_request(point: Mapping[str, Setting], *, trial: int = 1, attempt: int = 1, **changes: Any) -> MeasureRequest:
    written = {"campaign": "night", "kind": "agent", "signals": (), "seed": 0, "token": 1, "trial": trial, "attempt": attempt}
    return MeasureRequest.model_validate({**written, "point": point, **changes})


def reading(instrument: DatasetInstrument, request: MeasureRequest, signal: str = "toughness") -> float:
    (event,) = measure(instrument, request).primary_events()
    return event["data"][signal]


def write_csv(folder: Path, text: str) -> Path:
    path = folder / "data.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "n_rows", "n_settings"),
    [("crossed-barrel", 1800, 600), ("agnp", 3295, 164), ("perovskite", 139, 94), ("fe-ga-pd", 278, 278)],
)
def test_a_bundled_set_is_complete(name: str, n_rows: int, n_settings: int):
    table = read_table(bundled_sets()[name].path)
    assert len(table.replicates) == n_settings
    assert sum(len(replicates) for replicates in table.replicates.values()) == n_rows


def test_crossed_barrel_is_described_as_a_materials_scientist_would():
    description = a_dataset().describe()
    assert {name: axis.parameter.unit for name, axis in description.axes.items()} == {"n": "struts", "theta": "deg", "r": "mm", "t": "mm"}
    assert description.axes["n"].parameter == Ordinal(values=(6, 8, 10, 12), unit="struts")
    assert description.signals["toughness"].unit == "J"
    assert description.candidates is not None
    assert description.candidates[0] == BARREL


def test_only_measured_values_are_replayed_and_every_replicate_comes_up():
    with bundled_sets()["crossed-barrel"].path.open() as file:
        rows = [row for row in csv.DictReader(file) if (row["n"], row["theta"], row["r"], row["t"]) == ("6", "0", "1.5", "0.7")]
    instrument = a_dataset()
    seen = Counter(reading(instrument, a_request(BARREL, trial=trial)) for trial in range(1, 31))
    assert set(seen) == {float(row["toughness"]) for row in rows}


def test_a_draw_depends_on_seed_trial_and_attempt_and_on_nothing_before():
    long_lived = a_dataset()
    in_order = [reading(long_lived, a_request(BARREL, trial=trial)) for trial in range(1, 6)]
    assert [reading(a_dataset(), a_request(BARREL, trial=trial)) for trial in (5, 4, 3, 2, 1)] == in_order[::-1]
    draws = defaultdict(set)
    for seed in range(12):
        draws["seed"].add(reading(long_lived, a_request(BARREL, seed=seed)))
        draws["attempt"].add(reading(long_lived, a_request(BARREL, attempt=seed + 1)))
    assert len(draws["seed"]) > 1
    assert len(draws["attempt"]) > 1


def test_a_point_nobody_measured_is_refused_with_the_nearest(tmp_path: Path):
    journal = tmp_path / "actions.jsonl"
    instrument = a_dataset(journal=str(journal))
    with pytest.raises(
        InstrumentError, match=r"was never measured .* the nearest of its 600 settings is n = 6, theta = 0, r = 1.5, t = 0.7"
    ):
        measure(instrument, a_request({**BARREL, "r": 1.51}))
    assert read_journal(journal) == []


def test_a_point_that_differs_by_rounding_is_the_measured_one():
    assert a_dataset().table.replicates_at({**BARREL, "r": 1.5 + 1e-13})


def test_a_point_that_leaves_an_axis_out_is_refused():
    with pytest.raises(InstrumentError, match=r"the point names n but crossed_barrel\.csv has n, theta, r, t"):
        measure(a_dataset(), a_request({"n": 6}))


def test_the_journal_counts_one_motion_per_axis_and_one_trigger_per_attempt(tmp_path: Path):
    journal = tmp_path / "actions.jsonl"
    instrument = a_dataset(journal=str(journal))
    for attempt in (1, 2):
        measure(instrument, a_request(BARREL, attempt=attempt))
    lines = Counter((line["what"], line["attempt"], line.get("axis")) for line in read_journal(journal))
    motions = {("motion", f"night/1/{attempt}", axis): 1 for attempt in (1, 2) for axis in BARREL}
    assert lines == {**motions, ("trigger", "night/1/1", None): 1, ("trigger", "night/1/2", None): 1}


def test_a_motion_outside_a_plan_belongs_to_no_attempt(tmp_path: Path):
    journal = tmp_path / "actions.jsonl"
    instrument = a_dataset(journal=str(journal))
    measure(instrument, a_request(BARREL))
    instrument._axes["theta"].set(25)
    assert read_journal(journal)[-1] == {"what": "motion", "attempt": "", "axis": "theta", "to": 25}


def test_a_runner_whose_instrument_was_taken_over_is_refused():
    instrument = a_dataset()
    measure(instrument, a_request(BARREL, token=5))
    with pytest.raises(InstrumentError, match="token 4 is older than 5"):
        measure(instrument, a_request(BARREL, token=4))


def test_positions_are_a_member_of_the_pool_before_and_after_the_first_motion():
    instrument = a_dataset()
    assert instrument.positions() == BARREL
    point = {"n": 6, "theta": 0, "r": 1.5, "t": 1.4}
    measure(instrument, a_request(point))
    assert instrument.positions() == point


def test_a_measurement_may_pretend_to_take_time_and_is_disarmed_by_the_safe_state():
    instrument = a_dataset(seconds_per_trial="10 ms")
    assert reading(instrument, a_request(BARREL)) == reading(a_dataset(), a_request(BARREL))
    slow = a_dataset(seconds_per_trial="1 h")
    slow.connect()
    slow._detector.trigger()
    assert slow.secure("the beam was lost") == ("replay disarmed",)
    assert slow.secure("the beam was lost") == ()


def test_any_csv_with_names_units_and_replicates_can_be_replayed(tmp_path: Path):
    text = "\ufefffoil,gap (mm),step [um],counts [1/s],width\nAl,0.5,1,10,2\nAl,0.5,1,12,2.5\n\nCu,0.5,2,30,3\n"
    instrument = a_dataset(write_csv(tmp_path, text), signals=("counts", "width"), units={"width": "px"})
    description = instrument.describe()
    assert description.axes["foil"].parameter == Categorical(values=("Al", "Cu"))
    assert description.axes["gap"].parameter == Ordinal(values=(0.5,), unit="mm")
    assert description.axes["step"].parameter == Ordinal(values=(1, 2), unit="um")
    assert {name: signal.unit for name, signal in description.signals.items()} == {"counts": "1/s", "width": "px"}
    (event,) = measure(instrument, request_for(description, {"foil": "Cu", "gap": 0.5, "step": 2})).primary_events()
    assert (event["data"]["counts"], event["data"]["width"], event["data"]["foil"]) == (30.0, 3.0, "Cu")


def test_a_signal_may_be_renamed(tmp_path: Path):
    path = write_csv(tmp_path, "x (mm),I0 (A),y\n1,5,2\n")
    table = read_table(path, signals={"current": "I0"})
    assert (table.signals, table.units["current"], tuple(table.parameters)) == (("current",), "A", ("x", "y"))


def test_many_numbers_are_a_range_whole_ones_a_whole_range(tmp_path: Path):
    rows = "\n".join(f"{index},{index / 7},{index % 3},1" for index in range(30))
    parameters = read_table(write_csv(tmp_path, f"whole,real,few,score\n{rows}\n")).parameters
    assert parameters["whole"] == Integer(type="integer", limits=(0, 29))
    assert parameters["real"] == Continuous(limits=(0.0, 29 / 7))
    assert parameters["few"] == Ordinal(values=(0, 1, 2))


@given(st.lists(st.tuples(st.integers(-3, 3), st.sampled_from("abc"), st.floats(-1e6, 1e6)), min_size=1, max_size=30))
def test_every_row_can_be_found_again(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, str, float]]):
    text = "x,foil,y\n" + "".join(f"{x},{foil},{y!r}\n" for x, foil, y in rows)
    table = read_table(write_csv(tmp_path_factory.mktemp("rows"), text))
    assert [{"x": x, "foil": foil} for x, foil in dict.fromkeys((x, foil) for x, foil, _ in rows)] == list(table.candidates)
    for x, foil, y in rows:
        assert {"y": y} in table.replicates_at({"x": x, "foil": foil})


def bad_files() -> Iterator[Any]:
    yield pytest.param("", "has 0 lines; it needs a header and at least one row", id="empty")
    yield pytest.param("x,y\n", "has 1 lines", id="no-rows")
    yield pytest.param("x,y\n1,\n", "column 'y' has '' in data row 1, not a finite number", id="empty-cell")
    yield pytest.param("x,y\n1,nan\n", "column 'y' has 'nan' in data row 1", id="nan")
    yield pytest.param("x,y\n1,2\n1,inf\n", "column 'y' has 'inf' in data row 2", id="infinite")
    yield pytest.param("x,y\n1,two\n", "column 'y' has 'two' in data row 1", id="word-measured")
    yield pytest.param("x,y\n1,2\n1.o,2\n", "column 'x' has '1.o' in data row 2", id="typing-error")
    yield pytest.param("x,y\n,2\n", "column 'x' is empty in data row 1", id="empty-setting")
    yield pytest.param("x,y\n1,2,3\n", "line 2: has 3 cells but the header has 2", id="ragged")
    yield pytest.param("x,x\n1,2\n", "two columns are called 'x'", id="twice")
    yield pytest.param("2θ,y\n1,2\n", "column '2θ' cannot be a name", id="no-name")
    yield pytest.param("y\n1\n", "every column is a signal", id="nothing-set")


@pytest.mark.parametrize(("text", "problem"), list(bad_files()))
def test_a_file_that_cannot_be_replayed_is_refused(tmp_path: Path, text: str, problem: str):
    with pytest.raises(BadInput, match=problem):
        a_dataset(write_csv(tmp_path, text)).describe()


def test_a_binary_file_is_refused(tmp_path: Path):
    path = tmp_path / "data.csv"
    path.write_bytes(b"x,y\n\xff\xfe\x00,1\n")
    with pytest.raises(BadInput, match="cannot be read as a CSV"):
        a_dataset(path).describe()


def test_what_is_missing_is_named_with_the_way_out(tmp_path: Path):
    path = write_csv(tmp_path, "x,y\n1,2\n")
    with pytest.raises(BadInput, match="did you mean 'crossed-barrel'"):
        a_dataset("crossed-barel").describe()
    with pytest.raises(BadInput, match="no such file"):
        a_dataset(tmp_path / "none.csv").describe()
    with pytest.raises(BadInput, match="signals names 'z' but the columns are x, y"):
        a_dataset(path, signals=("z",)).describe()
    with pytest.raises(BadInput, match="units names 'z' but the columns are x, y"):
        a_dataset(path, units={"z": "mm"}).describe()


def test_paths_are_relative_to_the_campaign_file(tmp_path: Path):
    settings = DatasetSettings(data="sets/mine.csv", journal="actions.jsonl").relative_to(tmp_path)
    assert (settings.data, settings.journal) == (str(tmp_path / "sets/mine.csv"), str(tmp_path / "actions.jsonl"))
    assert DatasetSettings(data="agnp").relative_to(tmp_path).data == "agnp"
    assert DatasetSettings(data="/data/mine.csv").relative_to(tmp_path).data == "/data/mine.csv"
