"""What every ledger must do. A store passes if a subclass of ``StoreContract`` with its own ``ledger`` fixture passes."""

import hashlib
import json
import math
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.domain import events as ev
from orchestrator.domain.access import Role
from orchestrator.domain.errors import LeaseLost, LedgerCorrupt, LedgerError, SequenceConflict
from orchestrator.domain.ports import Command, Holder, Lease, Ledger, Summary
from orchestrator.domain.records import Evidence
from orchestrator.testing import strategies
from orchestrator.testing.access_contract import make_key
from orchestrator.testing.fakes import EVENING, FakeClock
from orchestrator.testing.lease_contract import TTL, LeaseContract

CAMPAIGN = "first-light"


def draft(data: ev.LedgerData | None = None) -> ev.Draft:
    return ev.Draft(at=EVENING, actor="engine", data=data or ev.NoteLeft(text="the shutter is open"))


def drafts(n: int) -> list[ev.Draft]:
    return [draft(ev.TrialStarted(trial=number, attempt=1)) for number in range(1, n + 1)]


def summary_of(campaign: str = CAMPAIGN, *, minutes: int = 0) -> Summary:
    return Summary(
        campaign=campaign,
        name="First light",
        status="running",
        trials=3,
        best_point={"x": 0.1, "filter": "Al", "n": 2},
        best_score=-1.5e-7,
        seq=999,
        head="to be filled in",
        created_at=EVENING + timedelta(minutes=minutes),
        updated_at=EVENING + timedelta(minutes=minutes, microseconds=1),
        reason="beam dump",
    )


def command_for(campaign: str = CAMPAIGN) -> Command:
    return Command(id=0, campaign=campaign, at=EVENING, actor="ada", verb="veto", trial=4, note="sample is melting", is_now=True)


def head_of(events: Sequence[ev.LedgerEvent]) -> str:
    return events[-1].hash


class StoreContract(LeaseContract):
    """Override ``here``, and ``ledger``, which must tell the time by ``clock.now``."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def here(self) -> Holder:
        raise NotImplementedError("a store's contract test returns its own process here")

    @pytest.fixture
    def ledger(self, clock: FakeClock) -> Ledger:
        raise NotImplementedError("a store's contract test builds its ledger here")

    @pytest.fixture
    def lease(self, ledger: Ledger, here: Holder) -> Lease:
        return ledger.acquire(f"campaign:{CAMPAIGN}", here, ttl=TTL)

    # --- events -------------------------------------------------------------------------------------------------------

    def test_what_is_appended_is_what_is_read(self, ledger: Ledger, lease: Lease):
        appended = ledger.append(CAMPAIGN, drafts(3), expected_seq=0, lease=lease)
        assert ledger.read(CAMPAIGN) == appended
        assert [(event.seq, event.stream, event.actor, event.at, event.token) for event in appended] == [
            (seq, CAMPAIGN, "engine", EVENING, lease.token) for seq in (1, 2, 3)
        ]
        assert [event.data for event in appended] == [started.data for started in drafts(3)]
        assert ledger.streams() == (CAMPAIGN,)

    def test_a_reader_may_start_late_and_stop_early(self, ledger: Ledger, lease: Lease):
        appended = ledger.append(CAMPAIGN, drafts(5), expected_seq=0, lease=lease)
        assert ledger.read(CAMPAIGN, after=2) == appended[2:]
        assert ledger.read(CAMPAIGN, after=1, limit=2) == appended[1:3]
        assert ledger.read(CAMPAIGN, after=5) == ()

    def test_an_unknown_stream_is_empty(self, ledger: Ledger):
        assert ledger.read("never-seen") == ()
        assert ledger.streams() == ()

    @settings(
        max_examples=5,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors, HealthCheck.too_slow],
    )
    @given(everything=st.tuples(*map(strategies.drafts, strategies.ledger_data())))
    def test_every_kind_of_event_comes_back_as_it_went_in(self, ledger: Ledger, lease: Lease, everything: tuple[ev.Draft, ...]):
        assert {type(each.data) for each in everything} == set(get_args(get_args(ev.LedgerData)[0]))
        stream = f"example-{len(ledger.streams())}"
        ledger.append(stream, everything, expected_seq=0, lease=lease)
        stored = ledger.read(stream)
        assert [(event.at, event.actor, event.data) for event in stored] == [(each.at, each.actor, each.data) for each in everything]
        ledger.verify(stream, head=head_of(stored))

    def test_each_hash_covers_every_column_and_the_hash_before(self, ledger: Ledger, lease: Lease):
        """Spelled out by hand, so that a change of the recipe cannot pass unnoticed."""
        previous = "0" * 64
        for event in ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=lease):
            columns = {
                "stream": CAMPAIGN,
                "seq": event.seq,
                "at": "2026-03-01T20:00:00+00:00",
                "actor": "engine",
                "type": "trial-started",
                "schema_version": 1,
                "token": 1,
                "data": f'{{"trial":{event.seq},"attempt":1,"uses":{{}}}}',
                "prev_hash": previous,
            }
            written = json.dumps(columns, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            assert event.prev_hash == previous
            assert event.hash == hashlib.sha256(written.encode()).hexdigest()
            previous = event.hash

    def test_an_empty_append_is_a_mistake(self, ledger: Ledger, lease: Lease):
        with pytest.raises(ValueError, match="at least one draft"):
            ledger.append(CAMPAIGN, [], expected_seq=0, lease=lease)

    # --- refusals -----------------------------------------------------------------------------------------------------

    def test_a_second_writer_is_refused_and_writes_nothing(self, ledger: Ledger, lease: Lease):
        stored = ledger.append(CAMPAIGN, drafts(1), expected_seq=0, lease=lease, summary=summary_of())
        intruder = Lease(name=lease.name, token=lease.token + 1, holder="an intruder")
        with pytest.raises(LeaseLost, match="an intruder"):
            ledger.append(CAMPAIGN, drafts(2), expected_seq=1, lease=intruder, summary=summary_of())
        self._holds_just(ledger, stored)

    def test_a_writer_who_never_took_the_lease_is_refused(self, ledger: Ledger):
        with pytest.raises(LeaseLost):
            ledger.append(CAMPAIGN, drafts(1), expected_seq=0, lease=Lease(name="campaign:other", token=0, holder="nobody"))
        assert ledger.streams() == ()

    def test_a_stale_token_is_refused_and_writes_nothing(self, ledger: Ledger, clock: FakeClock, lease: Lease, here: Holder):
        stored = ledger.append(CAMPAIGN, drafts(1), expected_seq=0, lease=lease, summary=summary_of())
        clock.wait(TTL)
        newer = ledger.acquire(lease.name, here, ttl=TTL, take_over=True)
        with pytest.raises(LeaseLost, match=f"token {lease.token} .* under token {newer.token}; this runner must neither append nor move"):
            ledger.append(CAMPAIGN, drafts(1), expected_seq=1, lease=lease, summary=summary_of())
        self._holds_just(ledger, stored)
        assert ledger.append(CAMPAIGN, drafts(1), expected_seq=1, lease=newer)[0].token == newer.token

    def test_a_lease_given_back_appends_no_more(self, ledger: Ledger, lease: Lease):
        ledger.release(lease)
        with pytest.raises(LeaseLost, match="was given back"):
            ledger.append(CAMPAIGN, drafts(1), expected_seq=0, lease=lease)
        assert ledger.read(CAMPAIGN) == ()

    @pytest.mark.parametrize("expected_seq", [0, 1, 3, 7])
    def test_a_writer_who_missed_an_event_is_refused_and_writes_nothing(self, ledger: Ledger, lease: Lease, expected_seq: int):
        stored = ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=lease, summary=summary_of())
        with pytest.raises(SequenceConflict, match=f"{CAMPAIGN} ends at event 2, not {expected_seq}"):
            ledger.append(CAMPAIGN, drafts(1), expected_seq=expected_seq, lease=lease, summary=summary_of())
        self._holds_just(ledger, stored)

    def test_one_bad_event_keeps_all_of_its_batch_out(self, ledger: Ledger, lease: Lease):
        stored = ledger.append(CAMPAIGN, drafts(1), expected_seq=0, lease=lease, summary=summary_of())
        bad = draft(ev.NoteLeft(text="x" * ev.MAX_PAYLOAD_BYTES))
        with pytest.raises(LedgerError, match=r"note-left is 65561 bytes, above the limit of 65536 bytes .* artefact store"):
            ledger.append(CAMPAIGN, [*drafts(2), bad], expected_seq=1, lease=lease, summary=summary_of())
        self._holds_just(ledger, stored)

    @pytest.mark.parametrize("unsayable", [object(), math.inf, math.nan], ids=["an object", "infinity", "nan"])
    def test_what_json_cannot_say_is_refused(self, ledger: Ledger, lease: Lease, unsayable: object):
        evidence = Evidence(model={"kernel": unsayable})
        suggested = ev.TrialSuggested(trial=1, point={}, agent="bayesian", based_on=0, evidence=evidence)
        with pytest.raises(LedgerError, match="trial-suggested cannot be written as JSON"):
            ledger.append(CAMPAIGN, [draft(suggested)], expected_seq=0, lease=lease)
        assert ledger.read(CAMPAIGN) == ()

    def test_of_writers_at_once_exactly_one_wins_each_sequence_number(self, ledger: Ledger, lease: Lease):
        n_events = 40

        def write(actor: str) -> list[int]:
            won: list[int] = []
            while (seq := len(ledger.read(CAMPAIGN))) < n_events:
                try:
                    mine = ev.Draft(at=EVENING, actor=actor, data=ev.NoteLeft(text=actor))
                    won.append(ledger.append(CAMPAIGN, [mine], expected_seq=seq, lease=lease)[0].seq)
                except SequenceConflict:
                    continue
            return won

        with ThreadPoolExecutor(3) as threads:
            ada, ben, cai = threads.map(write, ("ada", "ben", "cai"))
        stored = ledger.read(CAMPAIGN)
        assert sorted(ada + ben + cai) == [event.seq for event in stored]
        assert [event.seq for event in stored if event.actor == "ada"] == ada
        ledger.verify(CAMPAIGN)

    @staticmethod
    def _holds_just(ledger: Ledger, stored: Sequence[ev.LedgerEvent]) -> None:
        summary = ledger.summary(CAMPAIGN)
        assert ledger.read(CAMPAIGN) == tuple(stored)
        assert summary is not None
        assert (summary.seq, summary.head) == (len(stored), head_of(stored))

    # --- notes --------------------------------------------------------------------------------------------------------

    def test_the_system_stream_takes_notes_without_a_lease(self, ledger: Ledger):
        first, second = (ledger.append_note("system", draft()) for _ in range(2))
        assert ledger.read("system") == (first, second)
        assert (second.seq, second.token, second.prev_hash) == (2, 0, first.hash)
        ledger.verify("system", head=second.hash)

    def test_a_campaign_takes_no_note_without_a_lease(self, ledger: Ledger):
        with pytest.raises(LedgerError, match=f"stream {CAMPAIGN} needs a lease"):
            ledger.append_note(CAMPAIGN, draft())
        assert ledger.read(CAMPAIGN) == ()

    def test_notes_left_at_once_are_all_kept(self, ledger: Ledger):
        together = threading.Barrier(4)

        def leave(_: int) -> list[int]:
            together.wait()
            return [ledger.append_note("system", draft()).seq for _ in range(10)]

        with ThreadPoolExecutor(4) as threads:
            numbers = [number for left in threads.map(leave, range(4)) for number in left]
        assert sorted(numbers) == list(range(1, 41))
        ledger.verify("system")

    # --- projections --------------------------------------------------------------------------------------------------

    def test_the_projection_is_stored_with_the_events_it_follows_from(self, ledger: Ledger, lease: Lease):
        stored = ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=lease, summary=summary_of())
        summary = ledger.summary(CAMPAIGN)
        assert summary is not None
        assert (summary.seq, summary.head) == (2, head_of(stored))
        unfilled = summary_of()
        for name in ("campaign", "name", "status", "trials", "best_point", "best_score", "created_at", "updated_at", "reason"):
            assert getattr(summary, name) == getattr(unfilled, name)
        assert ledger.summaries() == (summary,)

    def test_the_projection_follows_events_that_bring_no_new_one(self, ledger: Ledger, lease: Lease):
        ledger.append(CAMPAIGN, drafts(2), expected_seq=0, lease=lease, summary=summary_of())
        self._holds_just(ledger, (*ledger.read(CAMPAIGN), *ledger.append(CAMPAIGN, drafts(1), expected_seq=2, lease=lease)))
        ledger.verify(CAMPAIGN)

    def test_the_newest_campaign_is_listed_first(self, ledger: Ledger, here: Holder):
        for minutes, campaign in ((5, "older"), (70, "newest"), (0, "oldest")):
            lease = ledger.acquire(f"campaign:{campaign}", here, ttl=TTL)
            ledger.append(campaign, drafts(1), expected_seq=0, lease=lease, summary=summary_of(campaign, minutes=minutes))
        assert [summary.campaign for summary in ledger.summaries()] == ["newest", "older", "oldest"]

    def test_a_campaign_without_a_score_has_no_best(self, ledger: Ledger, lease: Lease):
        unscored = Summary(CAMPAIGN, "First light", "created", 0, None, None, 0, "", EVENING, EVENING)
        ledger.append(CAMPAIGN, drafts(1), expected_seq=0, lease=lease, summary=unscored)
        summary = ledger.summary(CAMPAIGN)
        assert summary is not None
        assert (summary.best_point, summary.best_score, summary.reason) == (None, None, "")
        assert ledger.summary("never-seen") is None

    def test_a_projection_of_another_campaign_is_a_mistake(self, ledger: Ledger, lease: Lease):
        with pytest.raises(ValueError, match="campaign other cannot be stored"):
            ledger.append(CAMPAIGN, drafts(1), expected_seq=0, lease=lease, summary=summary_of("other"))
        assert ledger.read(CAMPAIGN) == ()

    # --- verify -------------------------------------------------------------------------------------------------------

    def test_a_sound_stream_is_verified_against_any_head_it_ever_had(self, ledger: Ledger, lease: Lease):
        stored = ledger.append(CAMPAIGN, drafts(3), expected_seq=0, lease=lease, summary=summary_of())
        ledger.verify(CAMPAIGN)
        for event in stored:
            ledger.verify(CAMPAIGN, head=event.hash)
        ledger.verify("never-seen")

    @pytest.mark.parametrize("stream", [CAMPAIGN, "never-seen"])
    def test_a_head_the_stream_never_had_is_found_out(self, ledger: Ledger, lease: Lease, stream: str):
        ledger.append(CAMPAIGN, drafts(3), expected_seq=0, lease=lease, summary=summary_of())
        with pytest.raises(LedgerCorrupt, match=f"stream {stream}: none of its . events has hash f{{64}}"):
            ledger.verify(stream, head="f" * 64)

    # --- commands -----------------------------------------------------------------------------------------------------

    def test_commands_wait_in_order_until_they_are_done(self, ledger: Ledger):
        first, second = ledger.send(command_for()), ledger.send(command_for())
        assert first.id < second.id
        assert ledger.commands(CAMPAIGN) == (first, second)
        ledger.finish(first)
        ledger.finish(first)
        assert ledger.commands(CAMPAIGN) == (second,)

    def test_a_command_comes_back_as_it_was_sent(self, ledger: Ledger):
        sent = ledger.send(command_for())
        assert sent == Command(sent.id, CAMPAIGN, EVENING, "ada", "veto", 4, "sample is melting", True)
        plain = ledger.send(Command(0, CAMPAIGN, EVENING, "ben", "pause"))
        assert ledger.commands(CAMPAIGN) == (sent, plain)

    def test_a_command_keeps_its_role_its_hash_and_its_content_in_order(self, ledger: Ledger):
        content = {"point": {"y": 2.5, "x": 1}, "text": "µ-stage"}
        written = Command(0, CAMPAIGN, EVENING, "ada", "edit", 4, suggestion_hash="e" * 64, content=content, role=Role.OPERATOR)
        sent = ledger.send(written)
        (read,) = ledger.commands(CAMPAIGN)
        assert read == sent
        assert list(read.content["point"]) == ["y", "x"]  # type: ignore[arg-type]

    def test_the_inbox_has_the_open_commands_of_all_campaigns(self, ledger: Ledger):
        here, there, done = (ledger.send(command_for(name)) for name in (CAMPAIGN, "another", CAMPAIGN))
        ledger.finish(done)
        assert ledger.inbox() == (here, there)

    def test_news_is_noticed_by_sequence_number(self, ledger: Ledger, lease: Lease):
        assert ledger.last_seq(CAMPAIGN) == 0
        assert ledger.heads() == {}
        ledger.append(CAMPAIGN, drafts(3), expected_seq=0, lease=lease, summary=summary_of())
        assert ledger.last_seq(CAMPAIGN) == 3
        assert ledger.heads() == {CAMPAIGN: 3}

    def test_sixteen_threads_read_and_send_through_one_ledger(self, ledger: Ledger, lease: Lease):
        """As an API does: every answer is whole, and no command is lost or numbered twice."""
        n_threads, n_turns = 16, 5
        together = threading.Barrier(n_threads)
        stored = ledger.append(CAMPAIGN, drafts(3), expected_seq=0, lease=lease, summary=summary_of())
        ledger.access.add_key(make_key())

        def use(number: int) -> list[Command]:
            together.wait(timeout=30)
            sent: list[Command] = []
            for _ in range(n_turns):
                sent.append(ledger.send(command_for(f"campaign-{number}")))
                assert ledger.commands(f"campaign-{number}") == tuple(sent)
                assert (ledger.read(CAMPAIGN), ledger.last_seq(CAMPAIGN), ledger.heads()) == (stored, 3, {CAMPAIGN: 3})
                assert ledger.access.key("abcd2345") == make_key()
            return sent

        with ThreadPoolExecutor(n_threads) as threads:
            sent = [command for each in threads.map(use, range(n_threads)) for command in each]
        assert ledger.inbox() == tuple(sorted(sent, key=lambda command: command.id))
        assert len({command.id for command in sent}) == n_threads * n_turns

    def test_a_command_reaches_its_own_campaign_only(self, ledger: Ledger):
        ledger.send(command_for("another"))
        assert ledger.commands(CAMPAIGN) == ()
