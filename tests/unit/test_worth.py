"""What another point is worth, as a person reads it."""

import math

import pytest

from orchestrator.domain.records import Acquisition
from orchestrator.wording.worth import show_worth


@pytest.mark.parametrize(("share", "said"), [(0.613, "61"), (0.9985, "100"), (1.234, "120"), (0.00123, "0.12")])
def test_a_share_of_a_logarithm_is_told_without_powers_of_ten(share: float, said: str) -> None:
    acquisition = Acquisition(name="noisy expected improvement", value=-3.0, is_log=True)
    assert show_worth(acquisition, -3.0 + math.log(share)) == f"{said} % of this point's"
