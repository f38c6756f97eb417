"""The report: one file that opens anywhere, says what was found, and trusts nothing it shows."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from orchestrator.domain.errors import ArtefactMissing, BadInput, FramesUnreadable
from orchestrator.domain.frames import FrameRef
from orchestrator.domain.ports import FramesRead
from orchestrator.domain.records import ArtefactRef, Evidence
from orchestrator.exports.report import write_report
from orchestrator.exports.report.cards import MOST_CARDS, cards, chosen
from orchestrator.exports.report.content import show_duration
from orchestrator.exports.report.writing import render
from orchestrator.queries import record_of
from orchestrator.queries.table import table
from orchestrator.wire.trials import Posterior
from tests.builders import AXES, BEAM_SIZE, FLUX, Night, campaign_events, make_instrument, make_spec
from tests.modelled import AXES as MODEL_AXES
from tests.modelled import modelled_night

POINT = {"mirror_pitch": 3.0}
HOSTILE = "<script>alert('µ')</script> & $\\frac{1}{$"
_VOID = {"meta", "br", "img", "link", "hr", "input"}


class FakeArtefacts:
    """Arrays by SHA-256."""

    def __init__(self, **arrays: np.ndarray) -> None:
        self._arrays = {name * 64: array for name, array in arrays.items()}

    def get_array(self, ref: ArtefactRef) -> np.ndarray:
        if ref.sha256 not in self._arrays:
            raise ArtefactMissing(f"artefact {ref.sha256[:12]} is not in the store")
        return self._arrays[ref.sha256]


class Page(HTMLParser):
    """What a browser would see; complains about tags that do not match."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


@pytest.fixture(scope="module")
def html() -> str:
    return render(campaign_events(), (FLUX,), FakeArtefacts())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def hostile_night() -> Night:
    """Return a night whose every free text is an attack."""
    spec = make_spec(("mirror_pitch",), metadata={"note": HOSTILE})
    instrument = make_instrument(("mirror_pitch",))
    signals = {name: signal.model_copy(update={"unit": HOSTILE}) for name, signal in instrument.signals.items()}
    objective = FLUX.model_copy(update={"unit": HOSTILE})
    night = Night(spec, (objective,), instrument.model_copy(update={"signals": signals, "identity": HOSTILE})).begin()
    for value in (1.0, 2.0):
        night.whole_trial(POINT, value, Evidence(reason=HOSTILE))
    night.veto(night.suggest(POINT), HOSTILE)
    return night.finish(HOSTILE)


def test_the_headline_says_what_was_found_where_and_why_it_ended(page):
    assert "Best flux, trial 10120.1 ± 1.2 nA" in page.words
    assert "mirror_pitch = 3.02825 mrad" in page.words
    assert "It completed: all 12 trials of the budget were measured." in page.words
    assert "median from the end of a measurement to the next" in page.words


def test_nothing_in_the_page_makes_a_request(html, page):
    for _, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "action", "data", "poster"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))
    assert not re.search(r"url\((?!#)|@import|<script|<link|<iframe", html)
    policy = next(attributes["content"] for attributes in page.all("meta") if attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")


def test_what_people_wrote_is_shown_as_text_and_never_becomes_markup():
    night = hostile_night()
    html = render(night.ledger(), night.objectives, FakeArtefacts())
    assert "<script" not in html
    page = Page(html)
    assert not [tag for tag, _ in page.tags if tag == "script"]
    assert page.words.count(HOSTILE) > 10


def test_every_drawing_and_table_speaks_to_those_who_do_not_see_it(page):
    drawings = page.all("svg")
    assert len(drawings) == 5
    assert all(drawing["role"] == "img" and len(drawing["aria-label"] or "") > 20 for drawing in drawings)
    tables = [name for name, _ in page.tags if name in ("table", "caption")]
    assert tables == ["table", "caption"] * (len(tables) // 2)
    assert all(heading.get("scope") in ("row", "col") for heading in page.all("th"))
    assert [name for name, _ in page.tags if name == "h1"] == ["h1"]
    assert page.all("html")[0]["lang"] == "en"


def test_no_two_elements_share_an_id(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_drawings_follow_the_colour_scheme(html):
    drawing = re.search(r"<svg.*?</svg>", html, re.DOTALL).group()
    assert "var(--ink)" in drawing
    assert "var(--blue)" in drawing
    assert not re.search(r"#0[123]0[123]0[123]|#0072b2", drawing)


def test_every_trial_has_its_card(page):
    assert len(page.all("details")) == 13 + 1
    assert "The guardian step-size refused it" in page.words
    assert "attempt 1, 21:30:15 UTC: measured again: beam = 3.1 mA fell below 200 mA" in page.words
    assert "Considered and not chosen" in page.words


def test_the_page_tells_how_to_check_it(page):
    head = campaign_events()[-1].hash
    assert f"nightshift verify beamline-alignment-1 --head {head}" in page.words
    assert "nightshift replay beamline-alignment-1" in page.words
    assert "bluesky1.15.1" in page.words
    assert "name: beamline-alignment" in page.words


def test_the_timeline_names_the_beam_dump_and_the_veto(page):
    assert "interlock beam lost: value 3.1" in page.words
    assert "step-size: veto: mirror_pitch would step" in page.words


def test_two_objectives_bring_a_pareto_front():
    objectives = (FLUX, BEAM_SIZE)
    page = Page(render(campaign_events(objectives=objectives, axes=AXES[:2]), objectives, FakeArtefacts()))
    assert re.search(r"\d+ trials are on the Pareto front of flux, beam_size\.", page.words)
    assert any("coloured by flux" in (drawing["aria-label"] or "") for drawing in page.all("svg"))


def test_a_campaign_that_has_not_measured_anything_still_has_a_report():
    page = Page(render(Night().begin().ledger()[:1], (FLUX,), FakeArtefacts()))
    assert "It has not started." in page.words
    assert page.all("svg") == []


def test_names_and_counts_can_be_parameters_too():
    space = {"filter": {"values": ["Al", "Cu"]}, "n_frames": {"type": "integer", "limits": [1, 9]}, "gap": {"values": [0.5, 1.0]}}
    night = Night(make_spec(space=space), (FLUX,), make_instrument(())).begin()
    for n_frames, (name, gap) in enumerate([("Al", 0.5), ("Cu", 1.0), ("Al", 1.0)], start=1):
        night.whole_trial({"filter": name, "n_frames": n_frames, "gap": gap}, float(n_frames))
    page = Page(render(night.ledger(), (FLUX,), FakeArtefacts()))
    assert "filter = Al" in page.words
    assert "Cu" in page.words


def test_a_parameter_that_spans_decades_is_drawn_by_its_logarithm_in_plain_numbers():
    space = {"flow": {"limits": [0.001, 100], "scale": "log", "unit": "ml"}, "x": {"limits": [0, 1]}}
    night = Night(make_spec(space=space), (FLUX,), make_instrument(())).begin()
    for trial, flow in enumerate([0.001, 0.1, 100.0], start=1):
        night.whole_trial({"flow": flow, "x": trial / 4}, float(trial))
    html = render(night.ledger(), (FLUX,), FakeArtefacts())
    assert "mathdefault" not in html
    assert {"0.001", "0.01", "0.1", "10", "100"} <= set(re.findall(r">([0-9.]+)</text>", html))


def with_arrays() -> Night:
    night = Night(make_spec(("mirror_pitch",))).begin()
    trial = night.suggest(POINT)
    night.review(trial)
    night.start(trial)
    refs = {name: ArtefactRef(sha256=letter * 64, shape=(4, 5)) for name, letter in (("camera", "a"), ("mca", "b"), ("gone", "c"))}
    observation = night.measure(trial, {"ion_chamber": 2.0}).model_copy(update={"arrays": refs})
    data = night.drafts[-1].data.model_copy(update={"observation": observation})
    night.drafts[-1] = night.drafts[-1].model_copy(update={"data": data})
    night.score(trial, flux=2.0)
    return night


def test_the_best_trials_image_and_spectrum_are_shown_and_a_missing_one_is_said_to_be():
    artefacts = FakeArtefacts(a=np.arange(20.0).reshape(4, 5), b=np.arange(7.0))
    page = Page(render(with_arrays().ledger(), (FLUX,), artefacts))
    labels = [drawing["aria-label"] for drawing in page.all("svg")]
    assert "Image from camera, 4 rows by 5 columns." in labels
    assert "Spectrum from mca, 7 channels." in labels
    assert "gone: artefact cccccccccccc is not in the store" in page.words


class Files:
    """One image, and a file that is gone."""

    def read(self, refs: Sequence[FrameRef], **_: Any) -> FramesRead:
        assert refs[0].frames == (3, 4), "the first frame is enough"
        if "gone" in refs[0].uri:
            raise FramesUnreadable("there is no file /gone.h5 after 0 s")
        return FramesRead(np.arange(20.0).reshape(4, 5))


def with_files() -> Night:
    night = with_arrays()
    files = {name: (FrameRef(uri=f"file:///{name}.h5", dataset="/data", frames=(3, 6), shape=(4, 5)),) for name in ("cam", "gone")}
    place = next(index for index, draft in enumerate(night.drafts) if draft.data.type == "trial-measured")
    data: Any = night.drafts[place].data
    observation = data.observation.model_copy(update={"arrays": {}, "files": files, "waited_s": {"cam": 1.25}})
    night.drafts[place] = night.drafts[place].model_copy(update={"data": data.model_copy(update={"observation": observation})})
    return night


def test_the_best_trials_image_is_read_from_the_detectors_file_while_it_is_there():
    frames: Any = Files()
    page = Page(render(with_files().ledger(), (FLUX,), FakeArtefacts(), frames))
    assert "Image from cam, 4 rows by 5 columns." in [drawing["aria-label"] for drawing in page.all("svg")]
    assert "gone: there is no file /gone.h5 after 0 s" in page.words
    assert "file:///cam.h5 /data, frames 3-5" in page.words


def test_the_table_names_file_dataset_and_frames():
    row = table(record_of(with_files().ledger(), (FLUX,)))[0]
    assert (row["file.cam"], row["dataset.cam"], row["frame.cam"], row["waited.cam [s]"]) == ("file:///cam.h5", "/data", "3-5", 1.25)


def test_a_long_campaign_shows_its_latest_cards_and_its_best():
    night = Night(make_spec(("mirror_pitch",))).begin()
    for number in range(MOST_CARDS + 20):
        night.whole_trial(POINT, 99.0 if number == 3 else 1.0)
    record = record_of(night.ledger(), (FLUX,))
    shown = [trial.number for trial in chosen(record)]
    assert (len(shown), shown[0], shown[-1]) == (MOST_CARDS, 4, MOST_CARDS + 20)
    assert cards(record)[0].badges == ("best",)


def test_two_hundred_trials_stay_well_under_three_megabytes(tmp_path):
    write_report(campaign_events(200), (FLUX,), FakeArtefacts(), tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size < 1_500_000


def test_a_report_that_cannot_be_written_is_bad_input(tmp_path):
    with pytest.raises(BadInput, match=r"cannot write .*report.html: No such file or directory; choose another file with -o"):
        write_report(Night().begin().ledger(), (FLUX,), FakeArtefacts(), tmp_path / "missing" / "report.html")


def test_the_map_that_the_model_believes_is_drawn_and_its_table_named():
    x, y = MODEL_AXES[:2]
    believed = Posterior(
        objective="flux",
        unit="",
        trial=7,
        seq=30,
        x_name=x,
        x=(2.8, 3.2),
        y_name=y,
        y=(-1.0, 0.0, 1.0),
        mean=(0.0, 1.0, 2.0, 3.0, 4.0, 51.0),
        sd=(0.5,) * 6,
    )
    night = modelled_night((x, y))
    without = render(night.ledger(), (FLUX,), FakeArtefacts())
    shown = render(night.ledger(), (FLUX,), FakeArtefacts(), maps=[believed])
    assert "The map of flux" not in without
    assert "The map of flux" in shown
    assert "when it chose trial 7" in shown
    assert "nightshift predict" in shown
    assert f"flux expected over {x} and {y}, from 0 to 51" in shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.0, "0 s"), (0.394, "0.39 s"), (42.4, "42 s"), (59.7, "1 min 0 s"), (125, "2 min 5 s"), (29000, "8 h 3 min")]
)
def test_durations_are_short_to_read(seconds, shown):
    assert show_duration(seconds) == shown


def luminance(colour: str) -> float:
    """Return WCAG 2's relative luminance of ``#rrggbb``."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_its_ground_in_both_schemes(html, scheme):
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", re.findall(r":root \{(.*?)\}", html, re.DOTALL)[scheme]))
    for ground in ("paper", "card"):
        for text in ("ink", "muted", "red", "orange", "green"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
