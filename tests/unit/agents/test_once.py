"""Working something out once for a space."""

from agents.once import once_per_space
from orchestrator.domain.space import Continuous, Space


def space(highest: float) -> Space:
    return Space(parameters={"x": Continuous(limits=(0.0, highest))})


def test_a_space_is_gone_through_once() -> None:
    seen: list[Space] = []
    look = once_per_space(lambda each: seen.append(each) or len(seen))
    here = space(1.0)
    assert [look(here), look(here)] == [1, 1]


def test_another_space_is_not_taken_for_it_even_at_the_same_address() -> None:
    """A space that is gone may leave its address to the next one."""
    look = once_per_space(lambda each: each.parameters["x"])
    for highest in range(1, 200):
        assert look(space(float(highest))) == Continuous(limits=(0.0, float(highest)))


def test_few_spaces_are_remembered() -> None:
    seen: list[Space] = []
    look = once_per_space(lambda each: seen.append(each) or len(seen))
    first = space(0.5)
    look(first)
    for highest in range(1, 5):
        look(space(float(highest)))
    assert look(first) == 6
