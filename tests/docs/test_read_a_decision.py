"""The page on decisions, followed to the letter: the lines it explains are the lines there are."""

import pytest

from tests.docs.conftest import Played
from tests.docs.pages import DOCS


@pytest.mark.timeout(300)
def test_a_decision_looks_as_the_page_says(played: Played):
    played(DOCS / "how-to" / "read-a-decision.md")
