"""Where detectors write: by the site's template, under its root, and never over anything."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instruments.beamline.model import Detector, Files, SiteFile
from instruments.beamline.paths import Paths
from orchestrator.domain.errors import InstrumentError
from orchestrator.domain.file_names import filled, fixed_part, is_safe, keys_of
from orchestrator.domain.instrument import MeasureRequest
from orchestrator.domain.records import TrialKind


def request(trial: int = 7, attempt: int = 1, **metadata: Any) -> MeasureRequest:
    usual: dict[str, Any] = {"campaign": "night-1", "kind": TrialKind.AGENT, "point": {}, "signals": (), "seed": 0, "token": 1}
    return MeasureRequest(trial=trial, attempt=attempt, metadata={"proposal": "cm12345", "sample": "Fe3O4", **metadata}, **usual)


def files(root: Path, **changes: Any) -> Files:
    return Files(**{"root": f"{root}/{{proposal}}/{{sample}}/{{campaign}}", "least_free": 0, **changes})


class Camera:
    """An ophyd-async detector as far as paths go."""

    def __init__(self) -> None:
        self.logic = SimpleNamespace(path_provider=lambda _key=None: "the profile's own")
        self._data_logics = [self.logic]

    async def read(self) -> None: ...


def taken_over(files: Files, *names: str) -> tuple[Paths, dict[str, Camera]]:
    cameras = {name: Camera() for name in names}
    paths = Paths(files)
    paths.take_over({name: (camera, Detector()) for name, camera in cameras.items()}, lambda path: path)
    return paths, cameras


def test_a_file_is_named_by_proposal_sample_campaign_trial_and_attempt(tmp_path: Path):
    paths, cameras = taken_over(files(tmp_path), "cam")
    provider = cameras["cam"].logic.path_provider
    assert provider("cam") == "the profile's own", "between trials people write where they always do"
    paths.begin(request())
    told = provider("cam")
    assert told.directory_path == tmp_path / "cm12345" / "Fe3O4" / "night-1"
    assert told.directory_path.is_dir()
    assert told.filename == "night-1-0007-1"
    assert provider().filename == "night-1-0007-1-2", "a detector that is prepared twice writes a second file"


def test_where_several_detectors_write_each_has_its_name(tmp_path: Path):
    paths, cameras = taken_over(files(tmp_path), "saxs", "waxs")
    paths.begin(request())
    assert [cameras[name].logic.path_provider().filename for name in cameras] == ["night-1-0007-1-saxs", "night-1-0007-1-waxs"]
    paths, cameras = taken_over(files(tmp_path, name="{device}_{campaign}_{trial:03d}_{attempt}"), "saxs", "waxs")
    paths.begin(request())
    assert cameras["waxs"].logic.path_provider().filename == "waxs_night-1_007_1"


@pytest.mark.parametrize("taken", ["night-1-0007-1.h5", "night-1-0007-1_000000.tiff", "night-1-0007-1"])
def test_nothing_is_written_over(tmp_path: Path, taken: str):
    folder = tmp_path / "cm12345" / "Fe3O4" / "night-1"
    folder.mkdir(parents=True)
    (folder / "night-1-0007-11.h5").touch()
    paths, _ = taken_over(files(tmp_path), "cam")
    paths.begin(request())
    (folder / taken).touch()
    with pytest.raises(InstrumentError, match=rf"{taken} exists, and nothing is written over; move it away"):
        paths.begin(request())


def test_no_metadata_leads_out_of_the_root(tmp_path: Path):
    paths, _ = taken_over(files(tmp_path), "cam")
    for sample in ("../elsewhere", "a/b", "", ".hidden", "a..b", "a;rm", None):
        with pytest.raises(InstrumentError, match=r"metadata\.sample = .* cannot be part of a path"):
            paths.begin(request(sample=sample))
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "cm12345").symlink_to(tmp_path)
    with pytest.raises(InstrumentError, match=r"leads outside .*/root, by a link"):
        taken_over(files(tmp_path / "root"), "cam")[0].begin(request())


def test_a_full_disk_a_missing_root_and_one_without_access_are_named(tmp_path: Path):
    with pytest.raises(InstrumentError, match=r"GB free, below files\.least_free = 1e\+12 GB; free some space"):
        taken_over(files(tmp_path, least_free=1e21), "cam")[0].begin(request())
    with pytest.raises(InstrumentError, match=r"there is no folder .*/nowhere on this machine; mount or make it"):
        taken_over(files(tmp_path / "nowhere"), "cam")[0].begin(request())
    (tmp_path / "cm12345").touch()
    with pytest.raises(InstrumentError, match="cannot be used: Not a directory"):
        taken_over(files(tmp_path), "cam")[0].begin(request())


def test_a_function_of_the_profile_is_told_where_nothing_else_can_be(tmp_path: Path):
    told: list[tuple[str, str]] = []
    paths = Paths(files(tmp_path))
    entry = Detector(written_to="set_camera_path")
    paths.take_over({"cam": (object(), entry)}, {"set_camera_path": lambda folder, name: told.append((folder, name))}.__getitem__)
    paths.begin(request(trial=8))
    assert told == [(f"{tmp_path}/cm12345/Fe3O4/night-1", "night-1-0008-1")]


def test_a_classic_area_detector_is_told_by_its_make_filename(tmp_path: Path):
    from ophyd import Component, Device
    from ophyd.areadetector.filestore_mixins import FileStoreHDF5
    from ophyd.areadetector.plugins import HDF5Plugin
    from ophyd.sim import make_fake_device

    class Plugin(HDF5Plugin, FileStoreHDF5):
        """As beamlines write them."""

    class AreaDetector(Device):
        hdf5 = Component(Plugin, "HDF1:", write_path_template="/tmp/%Y", root="/")

    camera = make_fake_device(AreaDetector)("X:", name="camera")
    paths = Paths(files(tmp_path))
    paths.take_over({"camera": (camera, Detector())}, lambda path: path)
    assert camera.hdf5.make_filename()[1].startswith("/tmp/20")
    paths.begin(request())
    folder = f"{tmp_path}/cm12345/Fe3O4/night-1/"
    assert camera.hdf5.make_filename() == ("night-1-0007-1", folder, folder)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"root": "data/{campaign}"}, "is no absolute path"),
        ({"root": "/data/../etc"}, "is no absolute path"),
        ({"root": "/data", "name": "{campaign}"}, "do not say trial, attempt: two runs would write one file; add {trial} to name"),
        ({"root": "/data", "name": "a/{campaign}-{trial}-{attempt}"}, "holds a /; put folders into root"),
        ({"root": "/data/{campaign}{trial.__class__}"}, "has a brace that belongs to no key"),
        ({"root": "/data/{operator}/{campaign}"}, "{operator} is known of no campaign; declare metadata.operator: text"),
        ({"least_free": "5 apples"}, "'5 apples' is no size; write a number and one of kB, MB, GB, TB"),
    ],
)
def test_templates_that_cannot_work_are_refused_in_the_site_file(written: dict[str, Any], said: str):
    with pytest.raises(ValueError) as refused:
        SiteFile.model_validate({"name": "bl", "profile": {"module": "m"}, "files": written})
    assert said in str(refused.value)


def test_a_queueservers_profile_names_its_own_files():
    written = {
        "name": "bl",
        "profile": {"module": "m"},
        "files": {"root": "/data/{campaign}"},
        "queueserver": {"documents": "tcp://localhost:5568"},
    }
    with pytest.raises(ValueError, match=r"files\.root: the queueserver's own profile says where its detectors write"):
        SiteFile.model_validate(written)


def test_people_write_sizes():
    assert Files(least_free="5 GB").least_free == 5e9  # type: ignore[arg-type]


@settings(max_examples=50)
@given(st.text("a1./{} \n", max_size=5), st.text("a1./{} \n", max_size=5))
def test_whatever_is_called_safe_stays_under_the_fixed_part(sample: str, proposal: str):
    root = "/data/{proposal}/{sample}/x"
    values = {"sample": sample, "proposal": proposal}
    if is_safe(sample) and is_safe(proposal):
        path = Path(filled(root, values))
        assert path.parts == ("/", "data", proposal, sample, "x")
    assert (keys_of(root), fixed_part(root)) == (("proposal", "sample"), "/data")
