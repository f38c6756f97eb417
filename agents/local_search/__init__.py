"""What ``hill-climb`` and ``nelder-mead`` share: searches that go step by step, run anew from their beginning on every ask."""
