"""Documents go out in order and whole, though the target, or the sender, is gone for a while."""

import contextlib
from datetime import UTC, datetime

import pytest

from orchestrator.domain.events import CampaignCompleted, Draft, NoteLeft
from orchestrator.outbox.losses import Losses
from orchestrator.outbox.post import Post, read_cursor
from orchestrator.outbox.refused import ask_again, count_again, refused_runs
from orchestrator.outbox.sender import Sender
from orchestrator.outbox.spool import SpoolWriter
from orchestrator.outbox.spooled import numbers
from orchestrator.outbox.standing import begin, read_trouble, standings
from orchestrator.outbox.targets import Unreachable
from orchestrator.outbox.tidying import KEPT_FOR, forget_sent, tidy
from orchestrator.store.chain import seal
from orchestrator.testing.fakes import EVENING

CAMPAIGN = "night-1"


class FakeTarget:
    """Takes documents in memory; raises what ``trouble`` says, before or after it has taken them."""

    name = "Tiled"

    def __init__(self):
        self.runs, self.decisions = [], []
        self.trouble = None
        self.poison = None

    def send_run(self, documents):
        self._meet_trouble()
        if documents[0][1]["uid"] == self.poison:
            raise ValueError("no such dtype")
        self.runs.append(documents[0][1]["uid"])

    def send_decisions(self, decisions):
        self._meet_trouble()
        if self.poison == decisions.rows[0]["seq"]:
            raise ValueError("no such column")
        if decisions.is_anew:
            self.decisions.clear()
        self.decisions.extend(row["seq"] for row in decisions.rows)

    def _meet_trouble(self):
        if self.trouble is not None:
            raise self.trouble


@pytest.fixture
def spool(tmp_path):
    writer = SpoolWriter(begin(tmp_path, CAMPAIGN, ["Tiled"]))
    yield writer
    writer.close()


@pytest.fixture
def target():
    return FakeTarget()


def measure(spool, *uids):
    for uid in uids:
        for name, document in (("start", {"uid": uid, "time": 1.0}), ("stop", {"uid": f"s{uid}", "run_start": uid})):
            spool(name, document)


NOTES = [NoteLeft(text=str(number)) for number in range(4)] + [CampaignCompleted(reason="done")]
ROWS = seal(CAMPAIGN, [Draft(at=EVENING, actor="engine", data=data) for data in NOTES], after=0, head="0" * 64, token=1)


def rows(campaign, after, most):
    return ROWS[after:][:most]


def post(tmp_path, target):
    return Post(tmp_path / CAMPAIGN, target, rows)


def drained(post, last_seq=5):
    while post.step(last_seq):
        pass


def test_everything_arrives_once_and_in_order(tmp_path, spool, target):
    measure(spool, "a", "b", "c")
    drained(post(tmp_path, target))
    assert target.runs == ["a", "b", "c"]
    assert target.decisions == [1, 2, 3, 4, 5]
    [standing] = standings(tmp_path, CAMPAIGN, len(ROWS))
    assert (standing.n_behind, standing.is_well, str(standing)) == (0, True, "Tiled has everything")


def test_a_sender_killed_between_two_runs_goes_on_where_the_other_ended(tmp_path, spool, target):
    measure(spool, "a", "b", "c")
    post(tmp_path, target).step(0)
    drained(post(tmp_path, target))
    assert target.runs == ["a", "b", "c"]


def test_while_the_target_is_away_nothing_is_lost_and_people_are_told_since_when(tmp_path, spool, target):
    sender = Sender(tmp_path, target, rows, lambda: {CAMPAIGN: len(ROWS)})
    target.trouble = Unreachable("it does not answer")
    measure(spool, "a", "b")
    assert [sender.step() for _ in range(7)] == [1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 30.0], "asked less and less often"
    trouble = read_trouble(tmp_path, "Tiled")
    assert trouble.reason == "it does not answer"
    target.trouble = None
    while sender.step() == 0:
        pass
    assert target.runs == ["a", "b"]
    assert target.decisions == [1, 2, 3, 4, 5]
    assert read_trouble(tmp_path, "Tiled") is None


def test_a_new_sender_remembers_since_when_the_target_is_away(tmp_path, spool, target):
    target.trouble = Unreachable("it does not answer")
    measure(spool, "a")
    heads = dict.fromkeys([CAMPAIGN], 0)
    Sender(tmp_path, target, rows, lambda: heads).step()
    since = read_trouble(tmp_path, "Tiled").since
    another = Sender(tmp_path, target, rows, lambda: heads)
    another.step()
    assert read_trouble(tmp_path, "Tiled").since == since
    target.trouble = None
    another.step()
    assert read_trouble(tmp_path, "Tiled") is None


def test_a_run_that_is_not_taken_is_kept_aside_and_stops_nothing(tmp_path, spool, target):
    measure(spool, "a", "b", "c")
    target.poison = "b"
    one = post(tmp_path, target)
    n_tries = 0
    while True:
        try:
            if not one.step(0):
                break
        except Unreachable:
            n_tries += 1
    assert (target.runs, n_tries) == (["a", "c"], 2)
    assert [path.name for path in (tmp_path / CAMPAIGN / "refused").iterdir()] == ["tiled-b.spool"]
    [standing] = standings(tmp_path, CAMPAIGN, 0)
    assert "refused 1 run (ValueError: no such dtype), which are kept; once it is mended: nightshift documents --resend" in str(standing)
    assert not standing.is_well


def insisting(post, last_seq=0):
    """Go on where a target says no, as the sender does."""
    while True:
        with contextlib.suppress(Unreachable):
            if not post.step(last_seq):
                return


def refuse_b(tmp_path, spool, target):
    measure(spool, "a", "b", "c")
    target.poison = "b"
    one = post(tmp_path, target)
    insisting(one)
    return one


def test_a_refused_run_is_sent_again_when_somebody_asks(tmp_path, spool, target):
    one = refuse_b(tmp_path, spool, target)
    assert (ask_again(tmp_path / CAMPAIGN), ask_again(tmp_path / CAMPAIGN)) == (1, 0)
    [standing] = standings(tmp_path, CAMPAIGN, 0)
    assert "1 refused run will be offered to Tiled again" in str(standing)
    target.poison = None
    insisting(one)
    assert target.runs == ["a", "c", "b"]
    [standing] = standings(tmp_path, CAMPAIGN, 0)
    assert (str(standing), standing.is_well) == ("Tiled has everything", True)


def test_a_run_that_is_refused_again_is_kept_again_with_the_new_reason(tmp_path, spool, target):
    one = refuse_b(tmp_path, spool, target)
    ask_again(tmp_path / CAMPAIGN)
    insisting(one)
    assert refused_runs(tmp_path / CAMPAIGN, "Tiled") == ("b",)
    assert read_cursor(tmp_path / CAMPAIGN, "Tiled").n_refused == 1


def test_another_target_has_nothing_to_do_with_what_one_refused(tmp_path, spool, target):
    refuse_b(tmp_path, spool, target)
    ask_again(tmp_path / CAMPAIGN)
    another = FakeTarget()
    another.name = "Kafka"
    insisting(post(tmp_path, another))
    assert another.runs == ["a", "b", "c"], "once"
    assert count_again(tmp_path / CAMPAIGN, "Tiled") == 1


@pytest.mark.parametrize("is_killed", [False, True])
def test_refused_decisions_are_sent_anew_from_the_first_even_by_another_sender(tmp_path, spool, target, monkeypatch, is_killed):
    monkeypatch.setattr("orchestrator.outbox.post.MOST_EVENTS", 2)
    target.poison = 3
    one = post(tmp_path, target)
    insisting(one, last_seq=5)
    assert (target.decisions, refused_runs(tmp_path / CAMPAIGN, "Tiled")) == ([1, 2, 5], ("decisions",))
    target.poison = None
    ask_again(tmp_path / CAMPAIGN)
    if is_killed:
        one._send_again()
        one = post(tmp_path, target)
    insisting(one, last_seq=5)
    assert target.decisions == [1, 2, 3, 4, 5]
    assert read_cursor(tmp_path / CAMPAIGN, "Tiled").n_refused == 0


def test_a_target_that_was_taken_out_of_the_site_file_is_not_waited_for(tmp_path, spool, target):
    measure(spool, "a")
    [standing] = standings(tmp_path, CAMPAIGN, 0, configured=["Kafka"])
    assert "Tiled lacks 2 documents, and is no longer configured: name it in the site file" in str(standing)
    assert not standing.is_well
    drained(post(tmp_path, target), last_seq=0)
    [standing] = standings(tmp_path, CAMPAIGN, 0, configured=["Kafka"])
    assert (str(standing), standing.is_well) == ("Tiled has everything", True)


def test_without_a_sender_people_are_told_how_to_send(tmp_path, spool):
    measure(spool, "a", "b")
    [standing] = standings(tmp_path, CAMPAIGN, 5)
    assert str(standing) == "Tiled lacks 9 documents, and nobody sends them now; run nightshift documents --send"


def test_a_run_that_could_not_be_kept_is_told(tmp_path, spool, target, monkeypatch):
    monkeypatch.setattr("orchestrator.outbox.spool.RESERVE", 2**62)
    measure(spool, "a", "b")
    drained(post(tmp_path, target))
    [standing] = standings(tmp_path, CAMPAIGN, 5)
    assert not standing.is_well
    assert str(standing).startswith("Tiled has everything; 2 runs could not be kept for it (")
    assert str(standing).endswith(" are the ledger's) and will be missing there; the ledger has the trials")


def test_without_a_sender_people_are_told_why_it_last_failed(tmp_path, spool, target):
    target.trouble = Unreachable("it does not answer")
    measure(spool, "a")
    Sender(tmp_path, target, rows, dict).step()
    [standing] = standings(tmp_path, CAMPAIGN, 0)
    assert "it does not answer), and nobody sends them now" in str(standing)


def test_a_finished_campaign_leaves_nothing_a_day_after_everything_was_sent(tmp_path, spool, target):
    measure(spool, "a")
    drained(post(tmp_path, target))
    [file] = (tmp_path / CAMPAIGN).glob("*.spool")
    tidy(tmp_path)
    assert file.stat().st_size, "its writer may go on"
    spool.close()
    drained(post(tmp_path, target))
    tidy(tmp_path)
    assert file.stat().st_size == 0
    tidy(tmp_path, datetime.now(UTC) + KEPT_FOR)
    assert not (tmp_path / CAMPAIGN).exists()


@pytest.mark.parametrize("why", ["it goes on", "a run was refused", "a run was lost", "not all is sent"])
def test_what_somebody_may_still_need_stays(tmp_path, spool, target, why):
    measure(spool, "a")
    spool.close()
    known = ROWS[:-1] if why == "it goes on" else ROWS
    if why != "not all is sent":
        drained(Post(tmp_path / CAMPAIGN, target, lambda _campaign, after, most: known[after:][:most]), last_seq=len(known))
    if why == "a run was refused":
        post(tmp_path, target)._set_rows_aside(ROWS, ValueError("no"))
    if why == "a run was lost":
        Losses(tmp_path / CAMPAIGN).note("b", "full")
    tidy(tmp_path, datetime.now(UTC) + KEPT_FOR)
    assert (tmp_path / CAMPAIGN).exists()


def test_a_lost_or_damaged_cursor_sends_twice_rather_than_never(tmp_path, spool, target):
    measure(spool, "a")
    drained(post(tmp_path, target))
    (tmp_path / CAMPAIGN / "tiled.json").write_text("{")
    drained(post(tmp_path, target))
    assert target.runs == ["a", "a"]


def test_what_every_target_has_had_is_deleted(tmp_path, spool, target, monkeypatch):
    monkeypatch.setattr("orchestrator.outbox.spool.LARGEST_FILE", 10)
    measure(spool, "a", "b", "c")
    drained(post(tmp_path, target), last_seq=0)
    forget_sent(tmp_path / CAMPAIGN, ["Tiled", "Kafka"])
    assert numbers(tmp_path / CAMPAIGN) == (1, 2, 3), "Kafka has had nothing yet"
    forget_sent(tmp_path / CAMPAIGN, ["Tiled"])
    assert numbers(tmp_path / CAMPAIGN) == (3,)
    assert read_cursor(tmp_path / CAMPAIGN, "Tiled").file == 3
