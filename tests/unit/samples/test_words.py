"""What people write of samples and stages, and what they are told when it cannot be."""

import pytest

from orchestrator.domain.errors import SpecError
from orchestrator.domain.events import CampaignCreated, decode_data, encode_data
from orchestrator.domain.samples import SamplesSpec, in_order
from tests.night import make_instrument, make_spec
from tests.unit.samples.words import spec

WRONG = [
    ("origin: align", "origin: algn", "holder.yaml:17: stages.measure.origin.algn: no stage is called 'algn'; did you mean 'align'?"),
    ("    budget: {trials: 3}", "    requires: lod\n    budget: {trials: 3}", 'stages.align.requires.0 = "lod": no stage is called so'),
    ("    budget: {trials: 3}", "    requires: measure\n    budget: {trials: 3}", "require each other: align → measure → align; take one"),
    ("id: A2, position: 2", "id: A2, position: 1", "samples.1.position = 1: A1 is there already; a position holds one sample"),
    ("id: A2", "id: A1", 'samples.1.id = "A1": sample 1 of the list is called so too; give each its own id'),
    ("id: A2", "id: ../A2", 'samples.1.id = "../A2": must begin with a letter or digit'),
    ("id: A2, position: 2", "id: A2", "sample A2 has no position; write it beside its id: {id: A2, position: …}"),
    ("$sample.position", "$sample.weight", '= "$sample.weight": sample A1 has no weight; write it: metadata: {weight: …}'),
    ("    budget: {trials: 2}\n", "", "stages.measure: has no budget, and would search for ever; say what each sample may spend"),
    ("origin: align", "origin: load", "stages.measure.origin.load: load searches nothing, so it has no best point"),
    (
        "    origin: align",
        "    origin: align\n    requires: []",
        "measure does not require align, which may come later; add it: requires: [align]",
    ),
    ("x: {limits: [-0.5, 0.5]}", "x: {values: [1, 2]}", "stages.measure.space.x: lists values, which no origin can move"),
    ("reward: {signal: fluorescence, goal: maximise}\n", "", "stages.align: has no reward, so nothing tells a good point from a bad one"),
    ("name: holder", f"name: {'h' * 60}", "characters, above 64; shorten it or the name"),
    ("position: 1}", "position: 1, metadata: {uid: 3}}", "samples.0.metadata: start documents reserve uid; call it something else"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_what_cannot_be_is_refused_by_name_value_and_way_out(old: str, new: str, said: str):
    with pytest.raises(SpecError) as refused:
        spec((old, new))
    assert said in str(refused.value)


def test_stages_follow_each_other_unless_they_say_otherwise():
    assert in_order(spec()) == ("load", "align", "measure")
    turned = spec(("  load: {plan", "  last: {plan: mount, requires: measure}\n  load: {requires: [], plan"))
    assert in_order(turned) == ("load", "align", "measure", "last")


def test_a_campaign_over_samples_is_read_back_from_the_ledger_as_it_was_written():
    for written in (spec(), make_spec()):
        first = CampaignCreated(spec=written, instrument=make_instrument())
        read = decode_data("campaign-created", encode_data(first))
        assert read == first
        assert isinstance(read, CampaignCreated)
        assert type(read.spec) is type(written)
    assert isinstance(spec(), SamplesSpec)
