"""From a campaign's state to what the API answers: pure functions."""
