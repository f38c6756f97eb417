"""Points as people hold them: pools from a CSV, tables of pandas, and what is no list of points."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from orchestrator import AskTell
from orchestrator.domain.errors import BadInput

SPACE = {"temperature": {"limits": [280.0, 400.0]}, "slot": {"values": ["007", "008"]}}
POOL = [{"temperature": 300.0, "slot": "007"}, {"temperature": 335.0, "slot": "008"}]


def test_a_pool_is_read_from_a_csv_beside_as_in_a_campaign_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("films.csv").write_text("temperature,slot\n300,007\n335.0,008\n")
    loop = AskTell(SPACE, agent="sobol", candidates={"csv": "films.csv"})
    assert sorted(loop.ask(9), key=str) == POOL
    assert AskTell.from_json(loop.to_json()).space.candidates == loop.space.candidates


def test_a_table_of_pandas_serves_wherever_points_are_wanted() -> None:
    table = pd.DataFrame(POOL, index=["first", "second"])
    loop = AskTell(SPACE, candidates=table, safe_start=table[:1], limits={"flux": {"at_least": 1.0, "safe": True}})
    assert loop.ask() == POOL[:1]
    plain = AskTell(SPACE, candidates=POOL)
    for _ in range(2):
        [point] = plain.ask()
        plain.tell(point, {"y": float(point["temperature"])})
    for temperature in (300.0, 335.0, 300.0):
        plain.tell({"temperature": temperature, "slot": "007" if temperature == 300.0 else "008"}, {"y": temperature})
    assert plain.predict(table)[0].shape == (2,)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"candidates": "films.csv"},
            "candidates: \"films.csv\" is no list of points; write {'csv': 'films.csv'} if it is a file, or a list",
        ),
        ({"candidates": Path("films.csv")}, "write {'csv': 'films.csv'} if it is a file"),
        ({"candidates": {"csv": "nowhere.csv"}}, "nowhere.csv: cannot be read: No such file .* relative to the working directory"),
        ({"candidates": {"csv": 3}}, "csv = 3 is no path"),
        ({"candidates": POOL[0]}, "is one point; give a list of points"),
        ({"candidates": 3}, "candidates: 3 is no list of points; give one: .*'temperature': …, 'slot': …"),
        ({"candidates": pd.DataFrame({"temperature": [300.0]})}, "candidates.0: the point leaves out slot"),
        ({"candidates": [{"temperature": "335.0", "slot": "007"}]}, "temperature = '335.0' is a text, not a number"),
        ({"safe_start": "films.csv"}, 'safe_start: "films.csv" is no list of points; give one'),
    ],
    ids=str,
)
def test_what_is_no_list_of_points_is_refused_with_one_message(given: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        AskTell(SPACE, **given)
    assert str(refused.value).count(" = ") <= 1  # not one complaint for each letter
