"""What every store's leases must do. Part of ``StoreContract``."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import psutil
import pytest

from orchestrator.domain.errors import Busy, LeaseLost
from orchestrator.domain.ports import Holder, Lease, Ledger
from orchestrator.testing.fakes import FakeClock

TTL = 10.0
ELSEWHERE = Holder(host="another-beamline", pid=7, process_started=1.0, boot_id="another-boot")


def holder_of(pid: int, like: Holder) -> Holder:
    """Return a process of this machine as a holder."""
    return replace(like, pid=pid, process_started=psutil.Process(pid).create_time())


class LeaseContract:
    """Override ``ledger``, ``clock`` and ``here``; see ``StoreContract``."""

    @pytest.fixture
    def other_process(self) -> Iterator[subprocess.Popen[bytes]]:
        """A process that lives until the test ends it."""
        process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
        yield process
        process.kill()
        process.communicate()

    def test_a_free_lease_is_given_with_its_holder_named(self, ledger: Ledger, clock: FakeClock, here: Holder):
        lease = ledger.acquire("campaign:one", here, ttl=TTL)
        assert lease == Lease(name="campaign:one", token=1, holder=str(here))
        assert ledger.holder("campaign:one") == (here, lease, clock.now() + timedelta(seconds=TTL))

    def test_nobody_holds_a_lease_that_was_never_taken_or_was_given_back(self, ledger: Ledger, here: Holder):
        assert ledger.holder("campaign:one") is None
        ledger.release(ledger.acquire("campaign:one", here, ttl=TTL))
        assert ledger.holder("campaign:one") is None

    def test_tokens_grow_for_ever(self, ledger: Ledger, here: Holder):
        tokens = []
        for _ in range(3):
            lease = ledger.acquire("campaign:one", here, ttl=TTL)
            tokens.append(lease.token)
            ledger.release(lease)
        assert tokens == [1, 2, 3]

    def test_leases_of_other_names_are_independent(self, ledger: Ledger, here: Holder):
        ledger.acquire("campaign:one", here, ttl=TTL)
        assert ledger.acquire("instrument:one", ELSEWHERE, ttl=TTL).token == 1

    def test_a_living_holder_is_named_with_the_seconds_left(self, ledger: Ledger, clock: FakeClock, here: Holder):
        ledger.acquire("campaign:one", here, ttl=TTL)
        clock.wait(4)
        with pytest.raises(Busy, match=rf"campaign:one is held by {here} for another 6\.0 s"):
            ledger.acquire("campaign:one", ELSEWHERE, ttl=TTL, take_over=True)

    def test_a_refused_asker_changes_nothing(self, ledger: Ledger, here: Holder):
        lease = ledger.acquire("campaign:one", here, ttl=TTL)
        before = ledger.holder("campaign:one")
        with pytest.raises(Busy):
            ledger.acquire("campaign:one", ELSEWHERE, ttl=TTL)
        assert ledger.holder("campaign:one") == before
        ledger.renew(lease, ttl=TTL)

    def test_a_killed_holder_is_replaced_at_once(self, ledger: Ledger, here: Holder, other_process: subprocess.Popen[bytes]):
        dead = holder_of(other_process.pid, here)
        lease = ledger.acquire("campaign:one", dead, ttl=TTL)
        other_process.kill()
        other_process.wait()
        taken = ledger.acquire("campaign:one", here, ttl=TTL)
        assert taken.token == lease.token + 1
        assert taken.taken_from == f"{dead}, which no longer runs"

    def test_a_zombie_is_dead(self, ledger: Ledger, here: Holder, other_process: subprocess.Popen[bytes]):
        ledger.acquire("campaign:one", holder_of(other_process.pid, here), ttl=TTL)
        other_process.kill()
        os.waitid(os.P_PID, other_process.pid, os.WEXITED | os.WNOWAIT)
        assert psutil.Process(other_process.pid).status() == psutil.STATUS_ZOMBIE
        assert "no longer runs" in ledger.acquire("campaign:one", here, ttl=TTL).taken_from

    def test_a_later_process_with_the_same_pid_is_not_the_holder(
        self, ledger: Ledger, here: Holder, other_process: subprocess.Popen[bytes]
    ):
        reused = holder_of(other_process.pid, here)
        ledger.acquire("campaign:one", replace(reused, process_started=reused.process_started - 3600), ttl=TTL)
        assert "no longer runs" in ledger.acquire("campaign:one", here, ttl=TTL).taken_from

    def test_a_holder_from_before_a_restart_of_the_machine_is_dead(self, ledger: Ledger, here: Holder):
        ledger.acquire("campaign:one", replace(here, boot_id="the-boot-before"), ttl=TTL)
        assert "no longer runs" in ledger.acquire("campaign:one", here, ttl=TTL).taken_from

    def test_a_frozen_holder_is_replaced_only_once_expired_and_only_if_asked(
        self, ledger: Ledger, clock: FakeClock, here: Holder, other_process: subprocess.Popen[bytes]
    ):
        frozen = holder_of(other_process.pid, here)
        lease = ledger.acquire("campaign:one", frozen, ttl=TTL)
        os.kill(other_process.pid, signal.SIGSTOP)
        with pytest.raises(Busy, match=r"for another 10\.0 s"):
            ledger.acquire("campaign:one", here, ttl=TTL, take_over=True)
        clock.wait(TTL + 5)
        with pytest.raises(Busy, match=r"expired 5\.0 s ago but which may still run; make sure it does not, then take over"):
            ledger.acquire("campaign:one", here, ttl=TTL)
        taken = ledger.acquire("campaign:one", here, ttl=TTL, take_over=True)
        assert taken.taken_from == f"{frozen}, whose lease expired 5.0 s ago"
        with pytest.raises(LeaseLost, match=rf"token {lease.token} .* now belongs to {here} under token {taken.token}"):
            ledger.renew(lease, ttl=TTL)

    def test_a_holder_on_another_host_is_replaced_only_once_expired_and_only_if_asked(self, ledger: Ledger, clock: FakeClock, here: Holder):
        ledger.acquire("campaign:one", ELSEWHERE, ttl=TTL)
        clock.wait(TTL)
        with pytest.raises(Busy, match="another-beamline"):
            ledger.acquire("campaign:one", here, ttl=TTL)
        assert "another-beamline" in ledger.acquire("campaign:one", here, ttl=TTL, take_over=True).taken_from

    def test_who_it_was_taken_from_is_remembered(self, ledger: Ledger, here: Holder):
        ledger.acquire("campaign:one", replace(here, boot_id="the-boot-before"), ttl=TTL)
        lease = ledger.acquire("campaign:one", here, ttl=TTL)
        held = ledger.holder("campaign:one")
        assert held is not None
        assert held[1] == lease

    def test_renewing_extends_a_lease_and_may_name_the_instrument_process(self, ledger: Ledger, clock: FakeClock, here: Holder):
        lease = ledger.acquire("campaign:one", here, ttl=TTL)
        clock.wait(TTL - 1)
        with_instrument = replace(here, instrument_pid=4711, instrument_started=123.5)
        ledger.renew(lease, ttl=TTL, holder=with_instrument)
        assert ledger.holder("campaign:one") == (with_instrument, lease, clock.now() + timedelta(seconds=TTL))
        ledger.renew(lease, ttl=TTL)
        held = ledger.holder("campaign:one")
        assert held is not None
        assert held[0] == with_instrument

    def test_an_expired_lease_that_nobody_took_can_still_be_renewed(self, ledger: Ledger, clock: FakeClock, here: Holder):
        lease = ledger.acquire("campaign:one", here, ttl=TTL)
        clock.wait(TTL * 3)
        ledger.renew(lease, ttl=TTL)
        with pytest.raises(Busy):
            ledger.acquire("campaign:one", ELSEWHERE, ttl=TTL, take_over=True)

    def test_a_lease_given_back_cannot_be_renewed(self, ledger: Ledger, here: Holder):
        lease = ledger.acquire("campaign:one", here, ttl=TTL)
        ledger.release(lease)
        with pytest.raises(LeaseLost, match="was given back"):
            ledger.renew(lease, ttl=TTL)

    def test_giving_back_what_is_no_longer_ours_does_nothing(self, ledger: Ledger, here: Holder):
        old = ledger.acquire("campaign:one", here, ttl=TTL)
        ledger.release(old)
        current = ledger.acquire("campaign:one", ELSEWHERE, ttl=TTL)
        ledger.release(old)
        held = ledger.holder("campaign:one")
        assert held is not None
        assert held[1] == current

    def test_of_many_who_ask_at_once_one_gets_it(self, ledger: Ledger, here: Holder):
        together = threading.Barrier(4)

        def ask(_: int) -> int | None:
            together.wait()
            try:
                return ledger.acquire("campaign:one", here, ttl=TTL).token
            except Busy:
                return None

        with ThreadPoolExecutor(4) as threads:
            tokens = list(threads.map(ask, range(4)))
        assert sorted(tokens, key=str) == [1, None, None, None]
