"""Processes of the stack end with the process that started them, even when that one is killed outright."""

from __future__ import annotations

import os
import threading
import time

POLL_SECONDS = 0.25


def end_with_parent(parent_pid: int) -> None:
    """Ends this process, at once and without clean-up, when ``parent_pid`` is no longer its parent.

    Nothing needs cleaning up: whatever must survive a power cut is in the store by then.
    """
    threading.Thread(target=_watch, args=(parent_pid,), name="parent-watch", daemon=True).start()


def _watch(parent_pid: int) -> None:
    while os.getppid() == parent_pid:
        time.sleep(POLL_SECONDS)
    os._exit(1)
