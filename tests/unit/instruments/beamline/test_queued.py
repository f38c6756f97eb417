"""What goes to a queueserver and what comes back from it, with a manager made up for the purpose."""

import collections
import os
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from instruments.beamline.model import Queueserver, SiteFile
from instruments.beamline.queued.calling import called_plan, described_plan, point_plan
from instruments.beamline.queued.documents import AttemptDocuments, Document, Documents, read_plain
from instruments.beamline.queued.engine import QueueEngine
from instruments.beamline.queued.server import Declined, QueuedPlan, Server, Silent, Standing
from instruments.beamline.queued.watching import QueueWatch, hindrance, rivalry, standing_in_words
from orchestrator.domain.errors import FateUnknown, InstrumentError, NothingMoved
from orchestrator.domain.instrument import InstrumentDescription, MeasureRequest, PlanDescription, PlanParameter, SignalDescription
from orchestrator.domain.measuring import PlanCall
from orchestrator.domain.records import Breach, TrialKind

ATTEMPT = {"campaign": "night", "trial": 3, "attempt": 1}
METADATA: Mapping[str, Any] = {"nightshift": ATTEMPT}
SETTINGS = Queueserver(documents="tcp://localhost:5568", patience=0.001)


class Manager:
    """Answers as it is told to; each order it takes ends at once."""

    def __init__(self, **told: Any) -> None:
        self.settings = SETTINGS
        self.state, self.is_open, self.item = "idle", True, {}
        self.is_idle = self.is_locked = False
        self.unreadable = ""
        self.items: tuple[Mapping[str, Any], ...] = ()
        self.refusal: InstrumentError | None = None
        self.result: Mapping[str, Any] = {"exit_status": "completed", "run_uids": ["run"]}
        for name, value in told.items():
            setattr(self, name, value)

    def standing(self) -> Standing:
        if isinstance(self.refusal, Silent):
            raise self.refusal
        return Standing(self.state, self.is_open, self.item.get("item_uid"), self.is_idle, self.is_locked)

    def execute(self, plan: QueuedPlan, metadata: Mapping[str, Any]) -> str:
        if self.refusal is not None:
            raise self.refusal
        return "item"

    def running(self) -> Mapping[str, Any]:
        if self.unreadable:
            raise Declined(self.unreadable)
        return self.item

    def history(self) -> tuple[Mapping[str, Any], ...]:
        return self.items

    def outcome(self, uid: str) -> Mapping[str, Any]:
        return self.result


class Heard(Documents):
    """Documents that arrive once the plan has been submitted."""

    def __init__(self, *documents: Document) -> None:
        super().__init__("tcp://localhost:5568")
        self._later = list(documents)

    def forget(self) -> None:
        for document in self._later:
            self._heard.put(document)


def run_documents(n_events: int = 1, attempt: Mapping[str, Any] = ATTEMPT, uid: str = "run") -> list[Document]:
    events = [("event", {"descriptor": f"{uid}-d", "seq_num": number + 1, "data": {}}) for number in range(n_events)]
    start = ("start", {"uid": uid, "nightshift": dict(attempt)})
    stop = ("stop", {"run_start": uid, "exit_status": "success", "num_events": {"primary": n_events}})
    return [start, ("descriptor", {"uid": f"{uid}-d", "run_start": uid, "name": "primary"}), *events, stop]


def carried_out(manager: Manager, *documents: Document, look: Callable[[], bool] = lambda: True) -> list[str]:
    """Return the names of the documents that a plan's caller hears."""
    heard: list[str] = []
    QueueEngine(manager, Heard(*documents), look)(QueuedPlan("count"), lambda name, _: heard.append(name), **METADATA)  # type: ignore[arg-type]
    return heard


def test_a_plan_ends_with_the_documents_of_its_own_attempt_and_no_others():
    other = run_documents(attempt={**ATTEMPT, "trial": 4}, uid="other")
    foreign: list[Document] = [("start", {"uid": "their-run"}), ("stop", {"run_start": "their-run"})]
    assert carried_out(Manager(), *foreign, *other, *run_documents(2)) == ["start", "descriptor", "event", "event", "stop"]


def test_all_who_listen_hear_the_documents():
    first, second = list[str](), list[str]()
    hearers = [lambda name, _: first.append(name), lambda name, _: second.append(name)]
    QueueEngine(Manager(), Heard(*run_documents()), lambda: True)(QueuedPlan("count"), hearers, **METADATA)  # type: ignore[arg-type]
    assert first == second == ["start", "descriptor", "event", "stop"]


def test_an_event_that_was_lost_on_the_way_makes_the_attempt_unknown():
    documents = [one for one in run_documents(3) if one[1].get("seq_num") != 2]
    with pytest.raises(FateUnknown, match="1 of 3 events of stream primary were lost between the queueserver and here"):
        carried_out(Manager(), *documents)


def test_an_event_that_a_rewind_repeats_counts_once():
    documents = run_documents(2)
    assert carried_out(Manager(), *documents[:3], documents[2], *documents[3:]).count("event") == 3


@pytest.mark.parametrize(
    ("result", "error", "said"),
    [
        ({"exit_status": "failed", "msg": "motor stalled"}, InstrumentError, "the queueserver's plan failed: motor stalled"),
        ({"exit_status": "completed", "run_uids": []}, InstrumentError, "the plan opened no run"),
        ({"exit_status": "unknown", "msg": "restarted"}, FateUnknown, "lost sight of the plan: restarted"),
        ({}, FateUnknown, "lost sight of the plan: it has no record of it"),
    ],
)
def test_without_documents_the_queueservers_record_tells_how_the_plan_ended(result: Any, error: type[Exception], said: str):
    with pytest.raises(error, match=said) as raised:
        carried_out(Manager(result=result))
    assert type(raised.value) is error


def test_a_plan_that_cannot_be_taken_now_moved_nothing():
    with pytest.raises(NothingMoved, match="cannot take a plan now: RE Manager is busy"):
        carried_out(Manager(refusal=Declined("RE Manager is busy")), look=lambda: False)


def test_a_plan_that_is_refused_though_the_queueserver_is_free_is_a_mistake_in_the_call():
    with pytest.raises(InstrumentError, match="the queueserver refuses count: no such device") as raised:
        carried_out(Manager(refusal=Declined("no such device")))
    assert not isinstance(raised.value, NothingMoved)


def test_an_order_without_an_answer_is_never_given_twice():
    manager = Manager(refusal=Silent("no answer"), items=({"item_uid": "item", "meta": METADATA},))
    manager.standing = lambda: Standing("idle", True, None)  # type: ignore[method-assign]
    assert carried_out(manager, *run_documents())[-1] == "stop"


def test_an_order_without_an_answer_is_not_given_up_while_the_manager_starts_a_plan():
    """It answers before its item is on any record: what looks like none is one a moment later."""
    manager = Manager(refusal=Silent("no answer"))
    standings = iter([Standing("starting_queue", True, None), Standing("executing_queue", True, "item")])

    def standing() -> Standing:
        now = next(standings, Standing("idle", True, None))
        manager.item = {"item_uid": "item", "meta": METADATA} if now.running else {}
        return now

    manager.standing = standing  # type: ignore[method-assign]
    manager.settings = SETTINGS.model_copy(update={"patience": 5.0})
    assert carried_out(manager, *run_documents())[-1] == "stop"


def test_an_order_that_never_arrived_moved_nothing():
    manager = Manager(refusal=Silent("no answer"))
    manager.standing = lambda: Standing("idle", True, None)  # type: ignore[method-assign]
    with pytest.raises(NothingMoved, match="has no record of it"):
        carried_out(manager)


def test_a_manager_that_stays_away_leaves_the_attempt_unknown():
    manager = silent(Manager())
    looked: list[bool] = []
    with pytest.raises(FateUnknown, match=r"it does not answer; It was silent for 0.001 s"):
        carried_out(manager, look=lambda: bool(looked.append(True)))
    assert looked, "the night must wait for it from now on"


def silent(manager: Manager) -> Manager:
    manager.standing = lambda: (_ for _ in ()).throw(Silent("it does not answer;"))  # type: ignore[method-assign]
    return manager


def test_a_run_that_was_heard_to_its_end_counts_though_the_manager_is_gone():
    assert carried_out(silent(Manager()), *run_documents(), look=lambda: False)[-1] == "stop"


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Manager:
    """Return a manager that lost its Redis: it shows a plan for ever that its RunEngine has ended."""
    monkeypatch.setattr("instruments.beamline.queued.engine._IDLE_SECONDS", 0.05)
    manager = Manager()
    manager.standing = lambda: Standing("executing_queue", True, "item", is_idle=True)  # type: ignore[method-assign]
    return manager


def test_a_run_that_was_heard_to_its_end_counts_though_the_manager_never_notices(stuck: Manager):
    looked: list[bool] = []
    assert carried_out(stuck, *run_documents(), look=lambda: bool(looked.append(True)))[-1] == "stop"
    assert looked, "the night must wait for it from now on"


def test_a_plan_that_the_manager_shows_for_ever_and_whose_documents_lack_is_unknown(stuck: Manager):
    with pytest.raises(FateUnknown, match="may have lost its Redis"):
        carried_out(stuck, *run_documents()[:-1])


class Answers(Server):
    """Answers by name; an order makes the next answer of ``status`` the one beneath it."""

    def __init__(self, **answers: Any) -> None:
        super().__init__(SETTINGS)
        self.answers, self.asked = answers, list[str]()

    def _ask(self, method: str, *_: Any, **parameters: Any) -> Mapping[str, Any]:
        self.asked.append(method)
        answer = self.answers.get(method, {})
        if isinstance(answer, list):
            return answer.pop(0) if len(answer) > 1 else answer[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


RUNS, PAUSED, IDLE = (
    {"manager_state": state, "running_item_uid": uid} for state, uid in (("executing_queue", "x"), ("paused", "x"), ("idle", None))
)


def test_a_plan_of_ours_is_paused_and_aborted():
    mine = {"item_uid": "x", "name": "count", "meta": METADATA}
    server = Answers(status=[RUNS, RUNS, PAUSED, IDLE], queue_get={"running_item": mine})
    assert server.stop("smoke") == "ended the queueserver's plan count"
    assert server.asked[-4:] == ["re_pause", "status", "re_abort", "status"]


def test_a_plan_that_only_just_begins_is_waited_for_and_ended():
    mine = {"item_uid": "x", "name": "count", "meta": METADATA}
    starting = {"manager_state": "starting_queue", "running_item_uid": None}
    server = Answers(status=[starting, RUNS, PAUSED, IDLE], queue_get={"running_item": mine})
    assert server.stop("smoke") == "ended the queueserver's plan count"


def test_a_plan_of_somebody_else_is_left_alone():
    server = Answers(status=[RUNS], queue_get={"running_item": {"item_uid": "x", "name": "count", "user": "Ada"}})
    assert server.stop("smoke") == "left the queueserver's plan count of Ada alone"
    assert not {"re_pause", "re_abort"} & set(server.asked)


def test_without_redis_our_own_plan_is_ended_and_one_that_may_be_anybodys_is_paused():
    gone = Declined("Error 111 connecting")
    server = Answers(status=[RUNS, PAUSED, IDLE], queue_get=gone)
    assert server.stop("smoke", own="x") == "ended the queueserver's plan x"
    server = Answers(status=[RUNS], queue_get=gone)
    assert server.stop("smoke").startswith("paused what the queueserver runs, which cannot say whose plan that is: Error 111")
    assert "re_abort" not in server.asked


def test_whether_an_attempt_was_begun_is_on_the_queueservers_record():
    theirs = {"item_uid": "x", "meta": {}}
    engine = QueueEngine(Manager(items=(theirs,)), Heard(), lambda: True)  # type: ignore[arg-type]
    assert not engine.has_taken(ATTEMPT)
    engine = QueueEngine(Manager(items=(theirs, {"item_uid": "y", "meta": METADATA})), Heard(), lambda: True)  # type: ignore[arg-type]
    assert engine.has_taken(ATTEMPT)
    assert not engine.has_taken({**ATTEMPT, "attempt": 2})
    with pytest.raises(FateUnknown, match="no history"):
        QueueEngine(Manager(), Heard(), lambda: True).has_taken(ATTEMPT)  # type: ignore[arg-type]


def test_numbers_and_arrays_are_read_and_nothing_that_could_run():
    plain = {"seq_num": 1, "data": {"image": np.arange(6.0).reshape(2, 3), "i0": np.float64(2.5)}, "hints": collections.OrderedDict(a=1)}
    read = read_plain(pickle.dumps(plain))
    assert read["data"]["image"].tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert read["data"]["i0"] == 2.5
    for protocol in (4, 5):
        assert read_plain(pickle.dumps({"image": np.zeros(2)}, protocol=protocol))["image"].shape == (2,)


def test_a_document_that_would_run_something_is_not_read():
    class Evil:
        def __reduce__(self) -> Any:
            return os.system, ("true",)

    assert read_plain(pickle.dumps({"data": Evil()})) == {}
    assert read_plain(b"no pickle") == {}


def test_what_a_detector_wrote_comes_with_its_run_and_nobody_elses():
    written: list[Document] = [
        ("resource", {"uid": "file", "run_start": "run"}),
        ("datum", {"datum_id": "file/1", "resource": "file"}),
        ("stream_resource", {"uid": "frames", "run_start": "run"}),
        ("stream_datum", {"uid": "frames/1", "stream_resource": "frames"}),
    ]
    others: list[Document] = [("resource", {"uid": "theirs", "run_start": "their-run"}), ("datum", {"resource": "theirs"})]
    start, *rest = run_documents()
    heard = carried_out(Manager(), start, *written, *others, *rest)
    assert [name for name in heard if name not in ("start", "descriptor", "event", "stop")] == [name for name, _ in written]


def test_runs_still_open_are_not_complete():
    documents = AttemptDocuments(ATTEMPT, lambda *_: None)
    for name, document in (*run_documents(), *run_documents(uid="second")[:-1]):
        documents.take(name, document)
    assert not documents.is_complete


SITE = SiteFile.model_validate(
    {
        "name": "bl",
        "profile": {"startup": "/nowhere"},
        "axes": {"x": {"device": "stage.x", "limits": [0, 5]}, "y": {"limits": [0, 5]}},
        "detectors": {"diode": {}, "camera": {"device": "cam1"}},
        "plans": ["go"],
        "queueserver": {"documents": "tcp://localhost:5568"},
    }
)
DESCRIBED = InstrumentDescription(
    identity="site:bl",
    axes={},
    signals={"diode": SignalDescription(field="diode"), "cam1": SignalDescription(field="cam1")},
    devices={"x": (), "y": (), "diode": ("diode",), "camera": ("cam1",)},
)


def asked(**changes: Any) -> MeasureRequest:
    usual: dict[str, Any] = {"campaign": "night", "trial": 3, "attempt": 1, "kind": TrialKind.AGENT, "seed": 0, "token": 1}
    return MeasureRequest(**{**usual, "point": {"x": 1.0, "y": 2.0}, "signals": ("cam1",), **changes})


def test_a_point_is_a_scan_of_one_point_with_the_devices_names():
    plan = point_plan(SITE, DESCRIBED, asked())
    assert (plan.name, plan.args, plan.kwargs) == ("scan", (["cam1"], "stage.x", 1.0, 1.0, "y", 2.0, 2.0), {"num": 1})


def test_a_shutter_that_a_scan_would_not_open_is_refused():
    shut = SITE.model_copy(update={"shutter": {"device": "shutter"}})
    with pytest.raises(InstrumentError, match=r"Bluesky's scan opens none; let measure\.plan call a plan"):
        point_plan(shut, DESCRIBED, asked())


GO = PlanDescription(
    parameters=(
        PlanParameter(name="detectors", kind="devices"),
        PlanParameter(name="moves", kind="positional"),
        PlanParameter(name="note", kind="text"),
    )
)


def test_a_call_names_devices_as_the_profile_does_and_leaves_text_alone():
    call = PlanCall(name="go", args={"detectors": ["camera"], "moves": ["x", "$x", "y", "$y"], "note": "x"})
    plan = called_plan(SITE, {"go": GO}, asked(plan=call))
    assert (plan.args, plan.kwargs) == ((["cam1"], "stage.x", 1.0, "y", 2.0), {"note": "x"})


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (PlanCall(name="come"), "the site allows no plan 'come'; it allows go"),
        (PlanCall(name="go", args={"note": "$y"}), r"go gets no x, and nothing else moves it in a queueserver; fill an argument with \$x"),
        (PlanCall(name="go", args={"moves": ["$x", "$y"]}), "it gets no 'detectors'"),
    ],
)
def test_a_call_that_cannot_be_made_is_refused_in_words(call: PlanCall, said: str):
    with pytest.raises(InstrumentError, match=said):
        called_plan(SITE, {"go": GO}, asked(plan=call))


def test_a_plans_arguments_are_read_from_what_the_queueserver_says():
    def told(name: str, kind: str = "POSITIONAL_OR_KEYWORD", annotation: str = "", **more: Any) -> Mapping[str, Any]:
        return {"name": name, "kind": {"name": kind}, **({"annotation": {"type": annotation}} if annotation else {}), **more}

    plan = described_plan(
        {
            "parameters": [
                told("detectors", annotation="collections.abc.Sequence[__READABLE__]"),
                told("args", "VAR_POSITIONAL", "__MOVABLE__ | typing.Any"),
                told("motor", annotation="__MOVABLE__"),
                told("num", "KEYWORD_ONLY", "int | None", default="None"),
                told("extra", "VAR_KEYWORD"),
            ]
        }
    )
    assert {one.name: (one.kind, one.is_required) for one in plan.parameters} == {
        "detectors": ("devices", True),
        "args": ("positional", False),
        "motor": ("device", True),
        "num": ("integer", False),
    }
    assert plan.takes_keywords


@pytest.mark.parametrize(
    ("manager", "said"),
    [
        (Manager(), ""),
        (Manager(is_open=False), "environment is closed; open it: qserver environment open"),
        (Manager(state="executing_queue", item={"name": "count", "user": "Ada"}), "runs the plan count of Ada"),
        (Manager(state="creating_environment", is_open=False), "the queueserver is creating environment"),
        (Manager(refusal=Silent("it does not answer")), "it does not answer"),
        (Manager(is_locked=True), "environment is locked; ask who did (qserver lock info), and unlock it"),
        (Manager(unreadable="Error 111"), "is its Redis running? It says: Error 111"),
        (Manager(state="executing_queue", is_idle=True, item={"name": "count"}), "the environment stays open"),
    ],
)
def test_what_keeps_the_queueserver_from_taking_a_plan_is_said(manager: Manager, said: str):
    found = hindrance(manager)  # type: ignore[arg-type]
    assert found.endswith(said)
    assert bool(found) == bool(said)


def test_how_a_queueserver_stands_is_told_in_words(monkeypatch: pytest.MonkeyPatch):
    manager = Manager(state="executing_queue", item={"name": "count", "user": "Ada"})
    monkeypatch.setattr("instruments.beamline.queued.watching.Server", lambda _: manager)
    assert standing_in_words(SETTINGS) == "environment open, executing queue; the queueserver runs the plan count of Ada"
    manager.state = "idle"
    assert standing_in_words(SETTINGS) == "environment open, idle"


def test_an_open_environment_is_a_rival_and_a_silent_manager_is_none():
    assert "two RunEngines would move the same axes" in rivalry(Manager())  # type: ignore[arg-type]
    assert not rivalry(Manager(is_open=False))  # type: ignore[arg-type]
    assert not rivalry(Manager(refusal=Silent("gone")))  # type: ignore[arg-type]


def test_the_watch_tells_once_per_change():
    said, heard = ["away"], list[Breach | None]()
    watch = QueueWatch(lambda: said[0], "")
    watch.watch(lambda breach, _: heard.append(breach))
    watch.close()
    watch.look()
    said[0] = ""
    assert watch.look()
    assert [breach and breach.detail for breach in heard] == ["away", None]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"queueserver": {}}, "documents is missing"),
        ({"axes": {"x": {}}}, "axes.x has no limits, and with a queueserver the device cannot be asked"),
        ({"interlocks": {"beam": {"device": "ring", "lower": 1}}}, "interlocks.beam has no pv"),
        ({"queueserver": {"documents": "localhost:5568"}}, "should match pattern"),
    ],
)
def test_a_site_file_must_say_what_no_device_can_be_asked(changes: Mapping[str, Any], said: str):
    with pytest.raises(ValueError, match=said):
        SiteFile.model_validate({**SITE.model_dump(exclude_unset=True), **changes})
