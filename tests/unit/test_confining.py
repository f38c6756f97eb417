"""Campaigns that came over the network open nothing outside their folder."""

from pathlib import Path

import pytest

from orchestrator.campaign_file import bundled_text, load_text, require_confined
from orchestrator.domain.errors import SpecError


def confined(folder: Path, **changes: str) -> None:
    overrides = {name.replace("__", "."): value for name, value in changes.items()}
    require_confined(load_text(bundled_text("crossed-barrel"), "campaign.yaml", folder, overrides))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"instrument__data": "/etc/passwd"}, "instrument.data"),
        ({"instrument__data": "../ledger.db"}, "instrument.data"),
        ({"instrument__data": "link/barrels.csv"}, "instrument.data"),
        ({"instrument__data": "..\\ledger.db"}, "instrument.data"),
        ({"instrument__journal": "/tmp/elsewhere.jsonl"}, "instrument.journal"),
        ({"instrument__journal": "a/../../b"}, "instrument.journal"),
        ({"instrument__journal": "~/b"}, "instrument.journal"),
        ({"instrument__signals": "{toughness: /dev/mem}"}, "instrument.signals.toughness"),
        ({"candidates": "{csv: ../secrets.csv}"}, "candidates.csv"),
        ({"candidates": "{csv: /etc/passwd}"}, "candidates.csv"),
        ({"reward": "{type: spectrum, signal: toughness, like: /etc/passwd}"}, "reward.like"),
    ],
    ids=lambda value: "" if isinstance(value, str) else next(iter(value.values())),
)
def test_a_path_that_leads_out_is_refused_with_key_value_and_way_out(tmp_path: Path, changes: dict[str, str], where: str):
    (tmp_path / "link").symlink_to("/")
    with pytest.raises(SpecError, match="put the file there and give its name") as caught:
        confined(tmp_path, **changes)
    assert f"{where} = " in str(caught.value)


def test_every_such_value_is_named_with_its_line(tmp_path: Path):
    text = "name: n\ninstrument:\n  type: dataset\n  data: /etc/passwd\n  journal: ../j\nreward: {signal: y}\n"
    with pytest.raises(SpecError) as caught:
        require_confined(load_text(text, "campaign.yaml", tmp_path))
    assert [line.partition(" = ")[0] for line in str(caught.value).splitlines()] == [
        "campaign.yaml:4: instrument.data",
        "campaign.yaml:5: instrument.journal",
    ]


def test_names_units_and_files_of_the_folder_are_left_alone(tmp_path: Path):
    confined(tmp_path, instrument__journal="moves/today.jsonl", instrument__units="{toughness: J/m}", candidates="{csv: ./pool.csv}")
