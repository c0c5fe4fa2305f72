"""What a forked child makes anew: the parent's threads are not in it, and one of them may have held a lock."""

from __future__ import annotations

import os
from collections.abc import Callable


def after_fork(renew: Callable[[], None]) -> None:
    """Lets ``renew`` run in every child of a fork, before anything else; a system without forks needs none."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=renew)
