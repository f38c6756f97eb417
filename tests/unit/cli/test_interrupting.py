"""Signals while a campaign runs."""

import signal

from orchestrator.bootstrap.outcome import Switch
from orchestrator.cli.interrupting import obeying_signals


def test_ctrl_c_pauses_after_the_trial_and_a_second_one_stops():
    switch, told = Switch(), []
    with obeying_signals(switch, is_idle=lambda: False, tell=told.append):
        signal.raise_signal(signal.SIGINT)
        assert (switch.is_pause_wanted, switch.is_stop_wanted) == (True, False)
        signal.raise_signal(signal.SIGINT)
        assert switch.is_stop_wanted
        signal.raise_signal(signal.SIGINT)

    assert [line.split(";")[0] for line in told] == ["pausing after this trial", "stopping now, safely", "stopping already"]


def test_ctrl_c_stops_a_campaign_that_is_paused_already():
    switch = Switch()
    with obeying_signals(switch, is_idle=lambda: True, tell=lambda _: None):
        signal.raise_signal(signal.SIGINT)

    assert switch.is_stop_wanted


def test_a_closed_terminal_changes_nothing_and_a_service_manager_stops_it_safely():
    switch = Switch()
    with obeying_signals(switch, is_idle=lambda: False, tell=lambda _: None):
        signal.raise_signal(signal.SIGHUP)
        assert not switch.is_pause_wanted
        assert not switch.is_stop_wanted
        signal.raise_signal(signal.SIGTERM)

    assert switch.is_stop_wanted


def test_the_handlers_of_before_are_back_afterwards():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with obeying_signals(Switch(), is_idle=lambda: False, tell=lambda _: None):
        pass

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before
