"""One call to a Google API: how long it may take, when it is made again, and what its failures are called.

The clients' own repetition is switched off (``ONCE``): it knows nothing of half-read answers and of writes that may be
done, and some of its defaults have no end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from google.api_core import exceptions
from google.api_core.retry import Retry, if_exception_type

from shared.domain.errors import StoreUnavailable

T = TypeVar("T")

#: seconds for one attempt, and for all attempts of one call
ATTEMPT_SECONDS = 10.0
CALL_SECONDS = 20.0
#: Whatever was asked may have been done or not.
ANSWER_LOST = (
    exceptions.ServiceUnavailable,
    exceptions.DeadlineExceeded,
    exceptions.InternalServerError,
    exceptions.Unknown,
    exceptions.Cancelled,
)
#: Certainly not done: too many at once, or a lock was held for too long.
NOT_DONE = (exceptions.Aborted, exceptions.ResourceExhausted)
#: No repetition, for the client.
ONCE = Retry(predicate=if_exception_type())


def repeated(
    call: Callable[[], T],
    *,
    on: tuple[type[Exception], ...] = ANSWER_LOST + NOT_DONE,
    seconds: float | None = None,
) -> T:
    """The call's result, asked for again after a moment while it fails ``on`` these and there is time:
    ``seconds``, or CALL_SECONDS."""
    retry = Retry(
        predicate=if_exception_type(*on),
        initial=0.05,
        maximum=1.0,
        multiplier=2.0,
        timeout=CALL_SECONDS if seconds is None else seconds,
    )
    return retry(call)()


@contextmanager
def translated() -> Iterator[None]:
    """StoreUnavailable for a service that does not answer; anything else it says is passed on."""
    try:
        yield
    except (exceptions.RetryError, *ANSWER_LOST, *NOT_DONE) as error:
        raise StoreUnavailable from error
