"""The exported table: what a scientist opens in a spreadsheet the next morning."""

import csv
import json
from pathlib import Path

import pytest

from orchestrator.domain.errors import BadInput
from orchestrator.exports.table import write_table
from tests.builders import FLUX, Night, campaign_events


def exported(path: Path) -> list[dict[str, str]]:
    write_table(campaign_events(), (FLUX,), path)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_csv_has_one_row_per_trial_with_units_in_its_header(tmp_path):
    rows = exported(tmp_path / "table.csv")
    assert [row["trial"] for row in rows] == [str(number) for number in range(1, 14)]
    measured = rows[4]
    assert float(measured["setpoint.mirror_pitch [mrad]"]) != float(measured["readback.mirror_pitch [mrad]"])
    assert float(measured["score.flux [nA]"]) == float(measured["reading.ion_chamber [nA]"])
    assert (measured["attempt"], measured["run_uid"]) == ("2", "run-0005-2")


def test_a_refused_suggestion_keeps_its_row_its_reason_and_empty_cells(tmp_path):
    refused = exported(tmp_path / "table.csv")[7]
    assert (refused["status"], refused["score.flux [nA]"], refused["reading.ion_chamber [nA]"]) == ("vetoed", "", "")
    assert refused["verdicts"].startswith("step-size: veto: mirror_pitch would step")


def test_json_lines_hold_the_same_cells_as_numbers(tmp_path):
    rows = exported(tmp_path / "table.csv")
    write_table(campaign_events(), (FLUX,), tmp_path / "table.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "table.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [list(line) for line in lines] == [list(row) for row in rows]
    assert lines[4]["score.flux [nA]"] == float(rows[4]["score.flux [nA]"])
    assert lines[7]["score.flux [nA]"] is None


def test_a_campaign_without_trials_gives_an_empty_table(tmp_path):
    write_table(Night().begin().ledger(), (FLUX,), tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text() == ""


@pytest.mark.parametrize("name", ["table.xlsx", "table"])
def test_an_unknown_suffix_is_refused_with_those_that_work_and_writes_nothing(tmp_path, name):
    with pytest.raises(BadInput, match=r"is not supported; end it in \.csv or \.jsonl"):
        write_table(campaign_events(2), (FLUX,), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_bad_input(tmp_path):
    with pytest.raises(BadInput, match=r"cannot write .*missing/table.csv: No such file or directory; choose another file with -o"):
        write_table(campaign_events(2), (FLUX,), tmp_path / "missing" / "table.csv")


def test_a_folder_in_the_files_place_is_refused_and_leaves_no_crumbs(tmp_path):
    (tmp_path / "table.csv").mkdir()
    with pytest.raises(BadInput, match="Is a directory"):
        write_table(campaign_events(2), (FLUX,), tmp_path / "table.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]


def test_an_older_file_is_replaced(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")
    write_table(campaign_events(2), (FLUX,), path)
    assert path.read_text(encoding="utf-8").startswith("trial,kind,status")
