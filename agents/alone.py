"""Thinking without disturbing others, and without being disturbed."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from threadpoolctl import ThreadpoolController


@contextmanager
def alone() -> Iterator[None]:
    """Keep to one thread, and keep numerical warnings to ourselves.

    One thread is faster here, where matrices are small, and rounds the same way on every machine.
    """
    with _thread_pools().limit(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def torch_alone() -> Iterator[None]:
    """Keep torch to one thread, too, and leave its global generator as it was. Imports torch."""
    import torch

    torch.set_num_threads(1)
    with alone(), torch.random.fork_rng(devices=[]):
        yield


def keep_from_compiling() -> None:
    """Have BoTorch 0.18 compute hypervolumes in Python. Imports torch.

    It would compile a kernel for this machine's processor on first use: minutes in the middle of a night, and other numbers
    on another machine, which a replay must not give. Killed meanwhile, it leaves a lock on which every later process waits.
    """
    from botorch.acquisition.multi_objective import logei

    logei._load_attempted = True  # pyright: ignore[reportPrivateUsage] - marked as tried, it does not try


@cache
def _thread_pools() -> ThreadpoolController:
    """Look for the libraries that compute in threads once: it takes milliseconds, and an instrument may be waiting."""
    import scipy.linalg  # noqa: F401  (its library must be loaded to be found)

    return ThreadpoolController()
