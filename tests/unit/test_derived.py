"""Signals that operations work out: their kinds and units, what a campaign needs of the site's, and what cannot be."""

from typing import Any

import pytest
from pydantic import ValidationError

from instruments.beamline.model import SiteFile
from orchestrator.domain.errors import SpecError
from orchestrator.domain.frames import FilePolicy
from orchestrator.domain.instrument import InstrumentDescription, PlanDescription, SignalDescription
from orchestrator.domain.measuring import Derived
from orchestrator.domain.spec import CampaignSpec
from orchestrator.preflight import check_spec, fitted, needed, signals_of

SITE: dict[str, Any] = {
    "net": {"take": "dark", "of": "cam"},
    "spot": {"take": "roi_sum", "of": "net", "unit": "counts"},
    "rate": {"take": "dead_time", "of": "i0", "tau_s": 1e-6},
    "middle": {"take": "fit", "of": "cam"},
}
SIGNALS = {
    "cam": SignalDescription(kind="image", field="cam", is_file=True),
    "i0": SignalDescription(field="i0", unit="counts"),
    "stage": SignalDescription(field="stage", unit="mm"),
}


def site(**derive: Any) -> InstrumentDescription:
    parsed: dict[str, Derived] = dict(SiteFile.model_validate({"name": "b", "profile": {"module": "m"}, "derive": derive}).derive)
    return InstrumentDescription(identity="site:b", axes={}, signals=SIGNALS, derive=parsed, plans={"count": PlanDescription()})


def spec(derive: Any = None, **changes: Any) -> CampaignSpec:
    measure = {"derive": derive or {}, **changes.pop("measure", {})}
    return CampaignSpec.model_validate({"name": "t", "instrument": "site", "reward": {"signal": "spot"}, "measure": measure, **changes})


def test_kinds_and_units_follow_what_a_signal_is_taken_from():
    own = {
        "centre": {"take": "fit", "of": "i0", "x": "stage"},
        "height": {"take": "fit", "of": "i0", "x": "stage", "gives": "height"},
        "mean_image": {"take": "mean", "of": "cam"},
        "scan": {"take": "array", "of": "i0"},
        "share": {"take": "ratio", "of": ["spot", "i0"]},
    }
    told = fitted(site(**SITE), spec(own)).signals
    assert {name: (told[name].kind, told[name].unit) for name in (*SITE, *own)} == {
        "net": ("image", ""),
        "spot": ("scalar", "counts"),
        "rate": ("scalar", "1/s"),
        "middle": ("scalar", ""),
        "centre": ("scalar", "mm"),
        "height": ("scalar", "counts"),
        "mean_image": ("image", ""),
        "scan": ("spectrum", "counts"),
        "share": ("scalar", ""),
    }


def test_signals_that_wait_for_one_another_are_refused_wherever_they_are_declared():
    ring = {"a": {"take": "roi_sum", "of": "b"}, "b": {"take": "dark", "of": "a"}}
    with pytest.raises(ValidationError, match="a is taken from b is taken from a: they wait for one another"):
        spec(ring)
    with pytest.raises(ValidationError, match="they wait for one another"):
        site(**ring)
    with pytest.raises(SpecError, match=r"with the site file's: .*they wait for one another; rename one"):
        fitted(site(**SITE), spec({"cam": {"take": "roi_sum", "of": "net"}}))
    assert spec({"cam": {"take": "max", "of": "cam"}}), "its own name is the data key's"


def test_a_campaign_takes_of_the_sites_signals_what_it_needs():
    description = fitted(site(**SITE), spec())
    assert signals_of(spec(), description, ["spot"]) == ("cam", "i0", "stage", "spot")
    assert set(needed(description.derive, ["spot"])) == {"spot", "net"}
    assert needed(description.derive, ["i0"]) == {}


def test_images_that_are_worked_out_are_kept_only_where_they_are_asked_for():
    own = {"mean_image": {"take": "mean", "of": "cam"}, "light": {"take": "roi_sum", "of": "mean_image"}}
    description = fitted(site(), spec(own))
    assert signals_of(spec(own), description, ["light"]) == ("cam", "i0", "stage", "light")
    called = spec(own, measure={"plan": "count"})
    assert signals_of(called, description, ["light"]) == ("light",)
    assert signals_of(called, description, ["mean_image"]) == ("light", "mean_image")


def test_metadata_that_names_folders_is_looked_at_before_the_night():
    description = site().model_copy(update={"files": FilePolicy(root="/data/{proposal}/{campaign}")})
    check_spec(spec(metadata={"proposal": "cm12345", "note": "any/thing"}), fitted(description, spec()), {})
    with pytest.raises(SpecError, match=r"metadata\.proposal = \"\.\./cm1\": names folders or files; write it with letters"):
        check_spec(spec(metadata={"proposal": "../cm1"}), fitted(description, spec()), {})
