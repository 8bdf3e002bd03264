"""Being told to stop by a signal, while waiting for just that."""

from __future__ import annotations

import signal
import time
from types import FrameType

LOOK_SECONDS = 0.25


class Stopping:
    """Like ``threading.Event``, and may be set by a signal handler.

    An Event may not: the handler runs in the main thread between any two of its steps, also while that thread is in
    ``Event.wait`` and holds the lock which ``Event.set`` then waits for, for ever.
    """

    def __init__(self) -> None:
        self._told = False

    def set(self) -> None:
        self._told = True

    def is_set(self) -> bool:
        return self._told

    def wait(self, seconds: float | None = None) -> bool:
        """Until it is set, or so long at most; whether it is set. Notices within ``LOOK_SECONDS``."""
        until = None if seconds is None else time.monotonic() + seconds
        while not self._told:
            left = LOOK_SECONDS if until is None else min(LOOK_SECONDS, until - time.monotonic())
            if left <= 0:
                break
            time.sleep(left)
        return self._told


def stop_on(stopping: Stopping, *numbers: signal.Signals) -> None:
    """These signals set it from now on, instead of ending the process. Only from the main thread."""

    def told(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    for number in numbers:
        signal.signal(number, told)
