"""When a task is tried again, from a queue's RetryConfig.

Waits double ``max_doublings`` times, then grow by the last step, and never exceed ``max_backoff``. A task is given up
only when both ``max_attempts`` and ``max_retry_duration`` are met; a limit that is not set is none.
https://docs.cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues#retryconfig
"""

from __future__ import annotations

from datetime import timedelta

from google.cloud.tasks_v2.types import RetryConfig

DEFAULT_ATTEMPTS = 100


def wait(config: RetryConfig, attempts: int) -> float:
    """Seconds after so many attempts."""
    least = config.min_backoff.total_seconds() if config.min_backoff else 0.1
    most = config.max_backoff.total_seconds() if config.max_backoff else 3600.0
    doublings = config.max_doublings or 16
    doubled = min(attempts - 1, doublings)
    step = least * 2.0**doubled
    beyond = attempts - 1 - doubled
    return min(most, step + beyond * least * 2.0**doublings)


def ends(config: RetryConfig, attempts: int, age: timedelta) -> bool:
    most = config.max_attempts or DEFAULT_ATTEMPTS
    longest = config.max_retry_duration
    return 0 < most <= attempts and (not longest or age >= longest)
