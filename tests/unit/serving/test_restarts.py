"""How soon something that died is started again."""

from orchestrator.serving.restarts import ENGINE, SERVICE, Patience


def test_the_first_death_is_followed_by_a_start_at_once_and_later_ones_by_longer_pauses():
    deaths = [100.0, 101.0, 102.0, 104.0, 109.0]
    pauses = [ENGINE.pause(deaths[:n], now=deaths[n - 1]) for n in range(1, 6)]
    assert pauses == [0.0, 1.0, 2.0, 5.0, 10.0]


def test_an_engine_that_dies_too_often_is_given_up():
    assert ENGINE.pause([float(second) for second in range(6)], now=5.0) is None


def test_deaths_of_another_hour_do_not_count():
    old = [float(second) for second in range(20)]
    assert ENGINE.pause([*old, 5000.0], now=5000.0) == 0.0


def test_a_service_is_never_given_up():
    assert SERVICE.pause([0.0] * 100, now=0.0) == 5.0


def test_without_a_limit_the_last_pause_stands():
    assert Patience(limit=None, pauses_s=(0.0, 3.0)).pause([1.0] * 9, now=1.0) == 3.0
