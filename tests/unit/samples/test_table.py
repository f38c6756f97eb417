"""Samples from a spreadsheet."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator import bootstrap
from orchestrator.bootstrap import creating
from orchestrator.campaign_file import CampaignFile, load_text
from orchestrator.campaign_file.table_cells import columns_of, rows_of
from orchestrator.domain import events as ev
from orchestrator.domain.errors import SpecError
from orchestrator.domain.samples import SamplesSpec
from tests.unit.samples.words import TEXT

LISTED = TEXT[TEXT.index("samples:") : TEXT.index("reward:")]
TABLE = """\
ID,position,composition,thickness,batch:text,checked
A1,1,Fe2O3,0.5,12,TRUE
7,2,"Fe3O4, aged",,12b,false

A3,3,FeO,2,013,
"""


def loaded(folder: Path, table: str | bytes, **how: bool) -> CampaignFile:
    (folder / "changer.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    return load_text(TEXT.replace(LISTED, "samples: {csv: changer.csv}\n"), "holder.yaml", folder, **how)


def refusal(folder: Path, table: str | bytes) -> str:
    with pytest.raises(SpecError) as refused:
        loaded(folder, table)
    return str(refused.value)


def test_a_row_is_a_sample_and_every_column_has_its_type(tmp_path: Path) -> None:
    file = loaded(tmp_path, TABLE)
    assert isinstance(file.spec, SamplesSpec)
    first, second, third = file.spec.samples
    assert (first.id, first.position) == ("A1", 1)
    assert first.metadata == {"composition": "Fe2O3", "thickness": 0.5, "batch": "12", "checked": True}
    assert second.id == "7"
    assert second.metadata == {"composition": "Fe3O4, aged", "batch": "12b", "checked": False}
    assert third.metadata == {"composition": "FeO", "thickness": 2, "batch": "013"}


def test_the_file_is_known_by_its_hash_and_what_it_said_is_in_the_spec(tmp_path: Path) -> None:
    file = loaded(tmp_path, TABLE)
    assert file.tables == {"changer.csv": hashlib.sha256(TABLE.encode()).hexdigest()}
    assert load_text(TEXT, "holder.yaml", tmp_path).tables == {}


def test_the_ledger_tells_which_version_of_the_sheet_it_was(tmp_path: Path) -> None:
    with bootstrap.open_workplace(f"sqlite:///{tmp_path / 'ledger.db'}") as workplace:
        file = loaded(tmp_path, TABLE)
        campaign = creating.create(workplace, file)
        (tmp_path / "changer.csv").write_text("id\nB1\n")
        created = bootstrap.load_events(workplace, campaign)[0].data
    assert isinstance(created, ev.CampaignCreated)
    assert created.tables == file.tables
    assert isinstance(created.spec, SamplesSpec)
    assert [sample.id for sample in created.spec.samples] == ["A1", "7", "A3"]


def test_a_sheet_saved_where_the_comma_is_decimal_reads_the_same(tmp_path: Path) -> None:
    german = "\ufeffid;position;thickness\r\nA1;1;0,5\r\nA2;2;1,25\r\n"
    file = loaded(tmp_path, german)
    assert isinstance(file.spec, SamplesSpec)
    assert [sample.metadata["thickness"] for sample in file.spec.samples] == [0.5, 1.25]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("id,position\nA1,1\nA2,1O\n", 'changer.csv:3, column position = "1O": not a number, as this column holds; correct it, leave'),
        ("id,n:integer\nA1,1.5\n", 'changer.csv:2, column n:integer = "1.5": not a whole number, as this column holds'),
        ("id,n:whole\nA1,1\n", "changer.csv:1: column 'n:whole': 'whole' is no type; choose from text, number, integer, boolean"),
        ("id,position\nA1,1\n\nA1,2\n", 'changer.csv:4, column id: samples.1.id = "A1": sample 1 of the list is called so too'),
        ("id,position\nA1,1\nA2,1\n", "changer.csv:3, column position: samples.1.position = 1: A1 is there already"),
        ("id,position\nA 1,1\n", 'changer.csv:2, column id: samples.0.id = "A 1": must begin with a letter or digit'),
        ("id,position\n,1\n", "changer.csv:2, column id: samples.0.id: required and missing"),
        ("name,position\nA1,1\n", "changer.csv:1: no column is called id; the columns are name, position; call one of them id"),
        ("id,a,a\nA1,1,2\n", "changer.csv:1: two columns are called 'a'"),
        ("id,\nA1,1\n", "changer.csv:1: column 2 has no name"),
        ("id\nA1,1\n", "changer.csv:2: 2 cells under 1 columns"),
        ("id,position\n", "changer.csv: a header without a row"),
        ("", "changer.csv: empty"),
        (b"PK\x03\x04workbook", "changer.csv: a workbook, not a CSV"),
        ("id,name\nA1,Müller\n".encode("cp1252"), "changer.csv:2: not UTF-8 text"),
        ('id,name\nA1,"open\n', "changer.csv:2: not a CSV"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_row_and_column(tmp_path: Path, table: str | bytes, told: str) -> None:
    assert told in refusal(tmp_path, table)


def test_a_plan_that_wants_what_a_row_lacks_names_the_sample(tmp_path: Path) -> None:
    assert "sample A2 has no position" in refusal(tmp_path, "id,position\nA1,1\nA2,\n")


@pytest.mark.parametrize("written", ["{csv: changer.csv, sheet: 2}", "{csv: 3}", "{}"])
def test_anything_but_a_file_is_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(SpecError, match=r"holder.yaml:3: samples: must be a list of samples or \{csv: FILE\}"):
        load_text(TEXT.replace(LISTED, f"samples: {written}\n"), "holder.yaml", tmp_path)


def test_a_table_that_is_missing_or_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r'holder.yaml:3: samples.csv = "none.csv": cannot be read: No such file'):
        load_text(TEXT.replace(LISTED, "samples: {csv: none.csv}\n"), "holder.yaml", tmp_path)
    many = "id,position,note\n" + "".join(f"A{index},{index},{'x' * 100}\n" for index in range(400))
    assert "samples: 400 samples take" in refusal(tmp_path, many)


def test_what_came_over_the_network_reads_no_table_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "campaigns").mkdir()
    (tmp_path / "secret.csv").write_text("id\nA1\n")
    text = TEXT.replace(LISTED, "samples: {csv: ../secret.csv}\n")
    with pytest.raises(SpecError, match="leads out of the campaign folder"):
        load_text(text, "campaign.yaml", tmp_path / "campaigns", is_confined=True)


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=6))
def test_texts_come_back_as_they_were_written(rows: list[list[str]]) -> None:
    quoted = ["id:text,note:text", *(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)]
    header, *found = rows_of("\n".join(quoted).encode(), "t.csv")
    columns = columns_of(header, found, "t.csv")
    kept = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    assert [[column.values[row.number] or "" for column in columns] for row in found] == kept
