"""What became of samples is told the same way, wherever it comes from."""

import pytest

from orchestrator.api.shown.samples import shown_samples
from orchestrator.cli.samples_table import print_samples, sample_lines, samples_document
from orchestrator.queries.samples import sample_rows
from tests.unit.samples.test_night import FIRST, night

HALF = night(*FIRST, ("A2 load", 15, -16), ("A3 load", 16, None), skipped=["A2"])


def test_a_ledger_and_a_server_tell_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    told = []
    for samples in (sample_rows(HALF), shown_samples(HALF)):
        print_samples(samples, "1 of 3 samples through every stage")
        told.append((capsys.readouterr().out, list(sample_lines(samples)), samples_document(samples)))
    assert told[0] == told[1]


def test_a_row_says_how_far_a_sample_is_its_best_and_why_not_further(capsys: pytest.CaptureFixture[str]) -> None:
    print_samples(sample_rows(HALF), "1 of 3 samples through every stage")
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert lines == [
        "sample position load align measure best why not",
        "A1 1 12.5 in 3 trials 12.5 in 3 trials 12.5 in 3 trials 12.5 counts in measure",
        "A2 2 failed not run not run it failed",
        "A3 3 running to come to come",
        "1 of 3 samples through every stage",
        "A3 is in load: nightshift show night~A3~load",
    ]


def test_programs_are_told_of_what_has_begun_only() -> None:
    entries = samples_document(sample_rows(HALF))
    assert [(entry["sample"], entry["stage"], entry["outcome"]) for entry in entries][-2:] == [
        ("A2", "load", "failed"),
        ("A3", "load", "running"),
    ]


def test_a_campaign_without_samples_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    print_samples((), "")
    assert capsys.readouterr().out == ""
