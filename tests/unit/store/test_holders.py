"""Whether a process that holds a lease still runs."""

from dataclasses import replace

from orchestrator.store.holders import is_alive, this_holder


def test_this_process_is_alive():
    assert is_alive(this_holder())


def test_a_small_step_of_the_wall_clock_does_not_declare_a_holder_dead():
    here = this_holder()
    assert is_alive(replace(here, process_started=here.process_started + 1.0))
    assert not is_alive(replace(here, process_started=here.process_started + 60.0))


def test_a_pid_that_nobody_has_is_dead():
    assert not is_alive(replace(this_holder(), pid=2**22 + 1))


def test_a_holder_of_an_earlier_boot_is_dead():
    assert not is_alive(replace(this_holder(), boot_id="an earlier boot"))
