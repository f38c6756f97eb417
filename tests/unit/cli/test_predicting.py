"""What the agent's model expects, as a table and in the report; on the ledger and through a server."""

import csv
from pathlib import Path
from typing import Any

import pytest

from agents.bayesian import BayesianAgent
from orchestrator import bootstrap, plugins
from orchestrator.bootstrap import Workplace
from orchestrator.bootstrap.recalling import believed_maps
from orchestrator.domain.errors import UnknownPlugin
from orchestrator.domain.spec import Plugin
from tests.modelled import AXES, POINTS, history, modelled_night
from tests.night import Night
from tests.recorded import record
from tests.terminal import nightshift, refusal

pytestmark = pytest.mark.usefixtures("where")


@pytest.fixture
def recorded(workplace: Workplace) -> str:
    return kept(workplace, modelled_night())


def kept(workplace: Workplace, night: Night) -> str:
    return record(workplace, night, f"predicted-{len(workplace.ledger.summaries()) + 1}")


def rows_of(path: Path) -> list[dict[str, float]]:
    with path.open(newline="") as stream:
        return [{name: float(cell) for name, cell in row.items()} for row in csv.DictReader(stream)]


def expected_at(night: Night, point: dict[str, float]) -> tuple[float, float]:
    """Return what the agent says of a point, shown what it had been shown before its latest decision."""
    newest = night.state().trials[-1]
    before = Night(night.spec, drafts=night.drafts[: newest.based_on])
    mean, sd = BayesianAgent(BayesianAgent.Settings()).posterior(history(before), newest.evidence).predict([point])["flux"]
    return mean[0], sd[0]


def test_a_map_is_a_row_for_each_place_with_what_the_model_expects_there(recorded: str, tmp_path: Path):
    said = nightshift("predict", recorded, "--n", "5", "-o", str(tmp_path / "map.csv")).stderr
    rows = rows_of(tmp_path / "map.csv")
    assert "flux along mirror_pitch and mirror_roll, slit_centre held at" in said
    assert "as expected when trial 9 was chosen" in said
    assert len(rows) == 25
    for row in (rows[0], rows[7], rows[24]):
        assert (row["flux"], row["flux_sd"]) == pytest.approx(expected_at(modelled_night(), {name: row[name] for name in AXES}))


def test_one_parameter_gives_a_curve_and_each_decision_has_its_own(recorded: str, tmp_path: Path):
    nightshift("predict", recorded, "--x", "slit_centre", "--n", "3", "--trial", "6", "-o", str(tmp_path / "curve.csv"))
    rows = rows_of(tmp_path / "curve.csv")
    assert [row["slit_centre"] for row in rows] == [-2.0, 0.0, 2.0]
    assert len({row["mirror_pitch"] for row in rows}) == 1
    nightshift("predict", recorded, "--x", "slit_centre", "--n", "3", "-o", str(tmp_path / "later.csv"))
    assert rows != rows_of(tmp_path / "later.csv")


def test_what_cannot_be_predicted_is_refused_and_leaves_no_file(recorded: str, tmp_path: Path):
    path = tmp_path / "map.csv"
    assert "choose from mirror_pitch, mirror_roll, slit_centre" in refusal("predict", recorded, "--x", "nosuch", "-o", str(path))
    assert "without a model" in refusal("predict", recorded, "--trial", "2", "-o", str(path))
    assert not path.exists()


def test_a_report_of_two_numbers_shows_the_map_and_one_of_three_does_not(workplace: Workplace, recorded: str, tmp_path: Path):
    night = modelled_night(AXES[:2])
    of_two = kept(workplace, night)
    [drawn] = believed_maps(workplace, of_two, workplace.ledger.read(of_two))
    assert (drawn.trial, drawn.x_name, drawn.y_name) == (len(POINTS), *AXES[:2])
    assert drawn.mean[0] == pytest.approx(expected_at(night, {drawn.x_name: drawn.x[0], str(drawn.y_name): drawn.y[0]})[0])
    nightshift("report", of_two, "-o", str(tmp_path / "two.html"))
    nightshift("report", recorded, "-o", str(tmp_path / "three.html"))
    assert "The map of flux" in (tmp_path / "two.html").read_text(encoding="utf-8")
    assert "The map of flux" not in (tmp_path / "three.html").read_text(encoding="utf-8")
    assert believed_maps(workplace, recorded, workplace.ledger.read(recorded)) == ()


def test_a_report_is_written_where_the_agent_is_not_installed(workplace: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    of_two = kept(workplace, modelled_night(AXES[:2]))
    build = plugins.build

    def without_agents(kind: plugins.Kind, plugin: Plugin) -> Any:
        if kind == "agent":
            raise UnknownPlugin(f"no agent is called {plugin.type}")
        return build(kind, plugin)

    monkeypatch.setattr(plugins, "build", without_agents)
    assert believed_maps(workplace, of_two, workplace.ledger.read(of_two)) == ()
    bootstrap.report(workplace, of_two, tmp_path / "two.html")
