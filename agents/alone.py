"""Thinking without disturbing others, and without being disturbed. Imports torch."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def alone() -> Iterator[None]:
    """Keep to one thread, leave torch's global generator as it was, and keep numerical warnings to ourselves.

    One thread is faster here, where matrices are small, and rounds the same way on every machine.
    """
    torch.set_num_threads(1)
    with threadpool_limits(limits=1), torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
