"""Campaign files: what is read, and what is refused with which words."""

import io
import string
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from orchestrator.campaign_file import bundled_names, bundled_text, load
from orchestrator.campaign_file.reading import parse
from orchestrator.campaign_file.sources import MAX_BYTES
from orchestrator.domain.errors import SpecError

MINIMAL = """\
name: film
instrument: {type: dataset, data: crossed-barrel}
space:
  x: {limits: [0, 1], unit: mm}
  filter: {values: [Al, Cu]}
reward: {signal: toughness, goal: maximise}
agent: random
budget: {trials: 5}
approval: auto
"""

_TEXTS = st.text(string.printable + "µéÅ", max_size=12).filter(lambda text: not text.startswith("?"))
"""A text such as ``?0`` is written without quotes by ruamel, which then cannot read it itself."""

_UNKEEPABLE = "a text holds the character zero, or half of a character, which cannot be kept; leave it out"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "my.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal_of(folder: Path, text: str | bytes, overrides: Mapping[str, str] | None = None) -> str:
    path = write(folder, text)
    with pytest.raises(SpecError) as refused:
        load(path, overrides)
    return str(refused.value).replace(str(path), "my.yaml")


class TestReading:
    def test_a_minimal_file_becomes_a_spec_with_defaults(self, tmp_path: Path):
        file = load(write(tmp_path, MINIMAL))

        assert file.spec.name == "film"
        assert file.spec.space["x"].unit == "mm"
        assert file.spec.rewards[0].settings == {"signal": "toughness", "goal": "maximise"}
        assert (file.spec.seed, file.spec.on_finish, file.spec.fallback.type) == (0, "stay", "sobol")
        assert file.folder == tmp_path

    def test_yaml_1_2_leaves_times_and_answers_as_texts(self, tmp_path: Path):
        text = MINIMAL.replace("{trials: 5}", "{until: 07:30}") + "metadata: {wet: no, day: 2026-01-31, night: 12:30:15, on: off}\n"
        spec = load(write(tmp_path, text)).spec

        assert spec.budget.until == "07:30"
        assert spec.metadata == {"wet": "no", "day": "2026-01-31", "night": "12:30:15", "on": "off"}

    def test_numbers_are_read_as_yaml_1_2_writes_them(self):
        document = parse("values: [1, 2.5, 1e-3, 007, 0x1F, 0o17, 1_000, +5, '5', ~, true]", "my.yaml")

        assert document.data["values"] == [1, 2.5, 0.001, 7, 31, 15, 1000, 5, "5", None, True]

    def test_a_byte_order_mark_is_no_part_of_the_first_key(self, tmp_path: Path):
        assert load(write(tmp_path, "\ufeff" + MINIMAL)).spec.name == "film"

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXTS,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
            max_leaves=8,
        )
    )
    def test_whatever_a_yaml_writer_writes_is_read_back(self, value: object):
        stream = io.StringIO()
        writer = YAML(typ="safe", pure=True)
        writer.representer.ignore_aliases = lambda _: True
        writer.dump({"value": value}, stream)

        assert parse(stream.getvalue(), "my.yaml").data == {"value": value}


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b'name: "a\\ud800"', f"my.yaml:1: {_UNKEEPABLE}"),
            (
                b'name: film\n"\\0": 1',
                f"my.yaml:2: {_UNKEEPABLE}",
            ),
            (b"", "my.yaml: empty; `nightshift new` prints a campaign to start from"),
            (b"  \n\n", "my.yaml: empty; `nightshift new` prints a campaign to start from"),
            (b"# only a comment\n", "my.yaml: empty; `nightshift new` prints a campaign to start from"),
            (b"\x7fELF\x00\x01", "my.yaml: holds binary data; give a YAML text file"),
            (b"name: \xff\xfe", "my.yaml: byte 6 is not UTF-8 text; give a YAML text file saved as UTF-8"),
            (b"- a\n- b\n", 'my.yaml:1: a campaign file is a mapping of keys such as name and instrument, not ["a", "b"]'),
            (b"a: 1\n---\nb: 2\n", "my.yaml:2: a second document starts here"),
            (b"%YAML 1.1\n---\na: no\n", "my.yaml:2: YAML directives (%) are refused"),
            (b"a: 1\nb: 2\na: 3\n", "my.yaml:3: 'a' stands here twice; keep one (the first is at my.yaml:1)"),
            (b"a: &x [1]\nb: *x\n", "my.yaml:1: anchors and aliases (& and *) are refused"),
            (
                b"a: 1\nb: !!python/object/apply:os.system [ls]\n",
                "my.yaml:2: the tag tag:yaml.org,2002:python/object/apply:os.system is refused",
            ),
            (b"a: !include other.yaml\n", "my.yaml:1: the tag !include is refused"),
            (b"a: 1\nb: .nan\n", "my.yaml:2: b = .nan is not finite"),
            (b"a: 1\n2: b\n", "my.yaml:2: the key 2 is not a text; put it in quotes"),
            (b"a:\n\t- b\n", "my.yaml:2: not valid YAML: a tab stands here; indent with spaces"),
            (b"a: 1\nagent sobol\nb: 2\n", "my.yaml:2: not valid YAML: this line is no KEY: VALUE; write a colon"),
            (b"agent sobol\nb: 2\n", "my.yaml:2: not valid YAML: a colon too many, or an indent that does not fit"),
            (b"$ junk\n# c\nname: x\n", "my.yaml:3: not valid YAML: a line above this one is no KEY: VALUE"),
            (b"a: 1\nb: 'x\nc: 2\n", "my.yaml:2: not valid YAML: a quote that is opened here is never closed"),
            (b"a: {x: 1\nb: 3\nc: 4\n", "my.yaml:1: not valid YAML: a bracket that is opened here is not closed"),
            (b"a:\n  b: 1\n c: 2\n", "my.yaml:3: not valid YAML: this line is indented unlike those it belongs to"),
            (b"a: @x\n", "my.yaml:1: not valid YAML: a text cannot begin with this character; put the text in quotes"),
            (b'a: "x\\q"\n', "my.yaml:1: not valid YAML: found unknown escape character 'q'; check the indentation and quotes there"),
            (b"a: " + b"[" * 5000, "my.yaml:1: nested deeper than 24 levels"),
            (b"a: " + b"9" * 6000, "my.yaml:1: "),
        ],
    )
    def test_what_is_not_one_mapping_of_plain_data_is_refused(self, tmp_path: Path, content: bytes, message: str):
        assert refusal_of(tmp_path, content).startswith(message)

    def test_a_large_file_is_refused_without_reading_it_all(self, tmp_path: Path):
        path = write(tmp_path, b"")
        with path.open("r+b") as stream:
            stream.truncate(10 * 1024 * 1024)

        with pytest.raises(SpecError, match=f"larger than {MAX_BYTES // 1024} kB"):
            load(path)

    def test_a_billion_laughs_are_refused_at_the_first(self, tmp_path: Path):
        laughs = "a: &a [lol, lol]\n" + "".join(
            f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        )

        assert refusal_of(tmp_path, laughs).startswith("my.yaml:1: anchors and aliases")

    def test_a_folder_or_a_device_is_refused(self, tmp_path: Path):
        for path in (tmp_path, Path("/dev/zero")):
            with pytest.raises(SpecError, match="not a regular file"):
                load(path)

    def test_an_unknown_name_is_refused_with_the_nearest_bundled_one(self):
        with pytest.raises(SpecError, match="did you mean 'crossed-barrel'"):
            load("crosed-barrel")

    @pytest.mark.parametrize(
        ("written", "instead", "message"),
        [
            (
                "limits: [0, 1]",
                "limts: [0, 1]",
                "my.yaml:4: space.x.limts: unknown key; did you mean 'limits'? choose from type, limits, unit, tolerance",
            ),
            (
                "{limits: [0, 1], unit: mm}",
                "[0, 1]",
                "my.yaml:4: space.x = [0, 1]: must be a mapping of keys to values, for example {limits: [0, 25]} or {values: [Al, Cu]}",
            ),
            (
                "agent: random",
                "agent: {type: random, n_initial: 4}",
                "my.yaml:7: agent.n_initial: unknown key; there are none to choose from; leave it out",
            ),
            ("reward: {signal: toughness, goal: maximise}", "", "my.yaml:1: rewards: required and missing; add reward: {signal: NAME}"),
            ("agent: random", "agent:", "my.yaml:7: agent = null: must be a mapping of keys to values, or a name such as bayesian"),
            (
                "limits: [0, 1]",
                "limits: [1, 0]",
                "my.yaml:4: space.x: limits [1.0, 0.0] mm are reversed or empty; write [low, high] with low < high",
            ),
            ("limits: [0, 1]", "limits: [a, 1]", 'my.yaml:4: space.x.limits.0 = "a": must be a number'),
            ("limits: [0, 1]", "limits: 3", "my.yaml:4: space.x.limits = 3: must be a list, for example [a, b]"),
            ("[Al, Cu]", "[Al, Al]", "my.yaml:5: space.filter: values ['Al', 'Al'] repeat a name; remove the repeat"),
            ("{values: [Al", "{type: odd, values: [Al", 'my.yaml:5: space.filter.type = "odd": must be one of'),
            ("trials: 5", "trials: 0", "my.yaml:8: budget.trials = 0: must be at least 1; write a larger value"),
            ("trials: 5", "trials: many", 'my.yaml:8: budget.trials = "many": must be a whole number'),
            ("trials: 5", "trails: 5", "my.yaml:8: budget.trails: unknown key; did you mean 'trials'?"),
            ("{trials: 5}", "{}", "my.yaml:8: budget: the budget is empty; give trials, wall_time, until, exposure or dose"),
            ("{trials: 5}", "{until: 25:00}", "my.yaml:8: budget.until = \"25:00\": until = '25:00' is not a time of day"),
            ("approval: auto", "approval: sometimes", "my.yaml:9: approval = \"sometimes\": must be one of 'auto', 'always' or 'first'"),
            (
                "maximise",
                "maximize",
                "my.yaml:6: reward.goal = \"maximize\": must be one of 'maximise', 'minimise' or 'target'; did you mean 'maximise'?",
            ),
            ("approval: auto", "aproval: auto", "my.yaml:9: aproval: unknown key; did you mean 'approval'?"),
            ("approval: auto", "candidates: [{x: 1}, {x: [1]}]", "my.yaml:9: candidates.1.x = [1]: must be a number or a text"),
            ("approval: auto", "candidates: {sha256: abc}", "my.yaml:9: candidates: must be a list of points or {csv: FILE}"),
            ("name: film", "name: 1 film", 'my.yaml:1: name = "1 film": must start with a letter'),
            ("reward: {signal", "reward: {name: 5x, signal", 'my.yaml:6: reward.name = "5x": must start with a letter'),
            ("agent: random", "agent: rnadom", "my.yaml:7: agent.type = \"rnadom\": no agent is called 'rnadom'; did you mean 'random'?"),
            (
                "type: dataset",
                "type: datset",
                "my.yaml:2: instrument.type = \"datset\": no instrument is called 'datset'; did you mean 'dataset'?",
            ),
            ("data: crossed", "dta: crossed", "my.yaml:2: instrument.data: required and missing; add it"),
            ("approval: auto", "guardians: [limit]", "my.yaml:9: guardians.0.type = \"limit\": no guardian is called 'limit'"),
        ],
    )
    def test_a_wrong_value_is_refused_with_line_key_value_and_way_out(self, tmp_path: Path, written: str, instead: str, message: str):
        assert message in refusal_of(tmp_path, MINIMAL.replace(written, instead))

    def test_an_unknown_setting_of_a_plugin_is_refused_with_the_nearest_known(self, tmp_path: Path):
        message = refusal_of(tmp_path, MINIMAL.replace("data: crossed-barrel", "data: crossed-barrel, secnds_per_trial: 1"))

        assert "instrument.secnds_per_trial: unknown key; did you mean 'seconds_per_trial'?" in message

    def test_every_problem_is_told_at_once(self, tmp_path: Path):
        message = refusal_of(tmp_path, MINIMAL.replace("trials: 5", "trials: 0").replace("[0, 1]", "[1, 0]"))

        assert [line.split(": ")[0] for line in message.splitlines()] == ["my.yaml:4", "my.yaml:8"]


class TestOverrides:
    def test_they_replace_add_and_reach_into_lists_and_short_forms(self, tmp_path: Path):
        overrides = {
            "budget.trials": "7",
            "budget.wall_time": "8 h",
            "space.x.limits.1": "0.5",
            "agent.timeout": "5 min",
            "approval.timeout": "60",
            "measure.exposure": "2",
            "constraints": "[{weights: {x: 1}, upper: 0.4}]",
        }
        spec = load(write(tmp_path, MINIMAL), overrides, seed=9).spec

        assert (spec.budget.trials, spec.budget.wall_time, spec.measure.exposure, spec.seed) == (7, 28800.0, 2.0, 9)
        assert spec.space["x"].limits == (0.0, 0.5)
        assert (spec.agent.type, spec.agent.timeout, spec.approval.mode, spec.approval.timeout) == ("random", 300.0, "auto", 60.0)
        assert spec.constraints[0].upper == 0.4

    def test_a_parameters_name_may_hold_dots(self, tmp_path: Path):
        text = MINIMAL.replace("  x: {limits", "  stage.x: {limits")

        assert load(write(tmp_path, text), {"space.stage.x.limits": "[2, 3]"}).spec.space["stage.x"].limits == (2.0, 3.0)

    def test_the_file_itself_stays_as_it_is(self, tmp_path: Path):
        path = write(tmp_path, MINIMAL)
        load(path, {"space.x.limits": "[2, 3]"})

        assert load(path).spec.space["x"].limits == (0.0, 1.0)

    @pytest.mark.parametrize(
        ("path", "value", "message"),
        [
            ("budget.trials", "0", "--set budget.trials=0: budget.trials = 0: must be at least 1"),
            ("budgte.trials", "3", "--set budgte.trials=3: budgte: unknown key; did you mean 'budget'?"),
            ("space.x.limits.7", "3", "--set space.x.limits.7=3: space.x.limits is a list of 2, without item '7'"),
            ("name.first", "3", "--set name.first=3: name is the text 'film' and has no keys"),
            ("budget.trials.n", "3", "--set budget.trials.n=3: budget.trials is a single value and has no 'n'"),
            ("budget.trials", "[", "--set budget.trials=[: not valid YAML"),
            ("budget.trials", "!!python/name:os.system", "--set budget.trials=!!python/name:os.system: the tag"),
            ("budget.trials", "", "--set budget.trials=: needs a path and a value"),
            ("seed", "-1", "--set seed=-1: seed = -1: must be at least 0"),
        ],
    )
    def test_a_wrong_one_is_refused_by_name(self, tmp_path: Path, path: str, value: str, message: str):
        assert refusal_of(tmp_path, MINIMAL, {path: value}).startswith(message)


def test_problems_found_later_can_still_name_the_line(tmp_path: Path):
    path = write(tmp_path, MINIMAL)
    file = load(path, {"space.x.unit": "cm"})

    assert file.locate(("space", "filter", "values")) == f"{path}:5: space.filter.values"
    assert file.locate(("space", "x", "unit")) == "--set space.x.unit=cm: space.x.unit"
    assert file.locate(("rewards", 0)) == f"{path}:6: reward"
    assert file.locate(("measure", "signals", 0)) == f"{path}:1: measure.signals.0"


@pytest.mark.parametrize("name", bundled_names())
def test_a_bundled_campaign_is_commented_and_loads_by_name(name: str):
    assert load(name).spec.name == name
    assert bundled_text(name).startswith("#")
