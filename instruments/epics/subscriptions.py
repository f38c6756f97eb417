"""What the CA library calls back must not be garbage-collected while it does."""

from functools import cache
from typing import Any


@cache
def keep_subscriptions() -> None:
    """Keep every subscription that this process makes from now on. Without pyepics there is nothing to keep.

    pyepics (3.5.10, ``PV._check_auto_monitor``) makes a PV's subscription in the thread that asks for it and in the one that
    hears of the connection, with no lock between them. Now and then both do, the one that is noted last replaces the other,
    whose Python callback is freed, and the CA library calls it all the same: the process dies of a segmentation fault. A
    listener that is told twice is harmless; the few bytes of each subscription live as long as the process.
    """
    try:
        from epics import ca
    except ImportError:
        return
    make, kept = ca.create_subscription, []

    def make_and_keep(*args: Any, **options: Any) -> Any:
        kept.append(make(*args, **options))
        return kept[-1]

    ca.create_subscription = make_and_keep
