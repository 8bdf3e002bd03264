"""What a network failure means for the request: certainly not sent, or perhaps done."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import requests
import urllib3

from shared.domain.errors import AnswerLost, NotSent, XeroError

#: Failures before the first byte of a request: refused, unknown host, no route, no answer to the handshake.
BEFORE_SENDING = (
    urllib3.exceptions.NewConnectionError,  # also the parent of NameResolutionError
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.LocationValueError,
    requests.exceptions.ConnectTimeout,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    ssl.SSLCertVerificationError,  # the handshake comes first
    UnicodeError,  # a header that cannot be written down; http.client encodes before it sends
)
#: The status line came, but what followed cannot be read. A cut-off body is not among these: the connection
#: broke.
UNREADABLE = (requests.exceptions.ContentDecodingError, urllib3.exceptions.DecodeError)


def problem_of(error: BaseException) -> XeroError:
    """The error to raise instead of a library's own, whose text may quote URLs, headers and bodies.

    Whenever there is a doubt it is AnswerLost: to take something done for undone would do it twice.
    """
    causes = list(_chain(error))
    if any(isinstance(cause, BEFORE_SENDING) for cause in causes):
        return NotSent()
    if any(isinstance(cause, UNREADABLE) for cause in causes):
        return AnswerLost("Xero's answer could not be decoded", answered=True)
    if any(
        isinstance(cause, TimeoutError | requests.Timeout | urllib3.exceptions.TimeoutError)
        for cause in causes
    ):
        return AnswerLost("Xero did not answer in time", answered=False)
    return AnswerLost("The connection to Xero broke before the answer came", answered=False)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what it wraps (libraries pass errors as arguments) and what caused it."""
    todo: list[BaseException | None] = [error]
    seen: set[int] = set()
    while todo:
        current = todo.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        wrapped = [argument for argument in current.args if isinstance(argument, BaseException)]
        reason = getattr(current, "reason", None)
        todo += [*wrapped, reason if isinstance(reason, BaseException) else None]
        todo += [current.__cause__, current.__context__]
