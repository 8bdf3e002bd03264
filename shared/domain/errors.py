"""Everything that can go wrong and is expected to, as one tree.

    LedgerError
    ├── InvalidInput            422  a field is wrong; names each field and the remedy
    │   └── LockedPeriod        422  the date is in a period that is locked in Xero; proposes an open day
    ├── NotSignedIn             401  no valid bearer
    ├── NotAllowed              403  signed in, but not for this
    ├── NotFound                404  no such thing in this practice
    ├── Conflict                409  the thing is in a state that does not allow this
    │   └── NotConnected        409  no Xero organisation is connected
    ├── TooMany                 429  this person has asked for costly things too often; says when again
    ├── Busy                    503  somebody else holds the lease; try again shortly
    ├── StoreUnavailable        503  our own storage did not answer
    └── XeroError                    what came back, or did not, from Xero
        ├── NotSent             nothing reached Xero: certainly not done
        │   ├── Paused          a limit or an offline organisation; carries until when
        │   └── ConnectionLost  Xero refuses our token, scope or organisation: a person must reconnect
        ├── AnswerLost          may have been done: dropped, timed out, 5xx, unreadable
        ├── Rejected            Xero validated and refused: certainly not done; carries Xero's messages
        └── Missing             Xero knows no such document

`code` is for programs and stays the same; `detail` is a sentence for a person; `retry` says whether the
same request may succeed later without anybody changing anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class FieldError:
    """One wrong field: its path in the request (``line_items[0].quantity``) and what to do about it."""

    field: str
    message: str


class LedgerError(Exception):
    """An expected failure. Never carries a token, a secret or patient details in its text."""

    code = "error"
    status = 500
    retry = False
    title = "Something went wrong"

    def __init__(self, detail: str = "", *, code: str | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        if code is not None:
            self.code = code


class InvalidInput(LedgerError):
    """The request cannot be carried out as it stands; nothing was changed."""

    code = "invalid_input"
    status = 422
    title = "The request needs correcting"

    def __init__(self, errors: list[FieldError], detail: str = "") -> None:
        super().__init__(detail or "; ".join(f"{e.field}: {e.message}" for e in errors))
        self.errors = errors

    @classmethod
    def of(cls, field: str, message: str) -> InvalidInput:
        return cls([FieldError(field, message)])


class LockedPeriod(InvalidInput):
    code = "locked_period"
    title = "The period is locked in Xero"


class NotSignedIn(LedgerError):
    code = "not_signed_in"
    status = 401
    title = "Sign in first"


class NotAllowed(LedgerError):
    code = "not_allowed"
    status = 403
    title = "Your role does not allow this"


class NotFound(LedgerError):
    code = "not_found"
    status = 404
    title = "Not found"


class Conflict(LedgerError):
    code = "conflict"
    status = 409
    title = "Not possible in the present state"


class NotConnected(Conflict):
    code = "not_connected"
    title = "No Xero organisation is connected"


class TooMany(LedgerError):
    code = "too_many_requests"
    status = 429
    retry = True
    title = "Too many requests of this kind"

    def __init__(self, allowed: int, seconds: int) -> None:
        super().__init__(f"At most {allowed} of these a minute; try again in {seconds} seconds")
        self.seconds = seconds


class Busy(LedgerError):
    code = "busy"
    status = 503
    retry = True
    title = "Somebody else is doing this right now; try again in a few seconds"


class StoreUnavailable(LedgerError):
    code = "store_unavailable"
    status = 503
    retry = True
    title = "Our storage did not answer; nothing was lost, try again"


class XeroError(LedgerError):
    """``http_status`` is Xero's, None when no answer came."""

    code = "xero_error"
    status = 502
    title = "Xero did not do what was asked"

    def __init__(self, detail: str = "", *, code: str | None = None, http_status: int | None = None) -> None:
        super().__init__(detail, code=code)
        self.http_status = http_status


class NotSent(XeroError):
    code = "xero_not_reached"
    status = 503
    retry = True
    title = "Xero could not be reached; nothing was sent"


class Paused(NotSent):
    """``problem`` is Xero's word (minute, day, concurrent, appminute, ...) or ``offline``.

    ``retry_after`` in seconds as Xero said, None when it did not say. ``until`` is filled in once the
    pause is recorded.
    """

    code = "xero_paused"
    title = "Xero asks us to wait"

    def __init__(
        self,
        problem: str,
        retry_after: int | None = None,
        *,
        until: datetime | None = None,
        http_status: int | None = None,
    ) -> None:
        what = "The organisation is offline in Xero" if problem == "offline" else f"Xero's limit ({problem})"
        super().__init__(f"{what}: waiting", http_status=http_status)
        self.problem, self.retry_after, self.until = problem, retry_after, until


class ConnectionLost(NotSent):
    """``reason``: ``revoked`` | ``expired_token`` | ``insufficient_scope`` | ``wrong_organisation``.

    ``expired_token`` alone is mended by a refresh; the others need a person to reconnect.
    """

    code = "needs_reconnect"
    status = 409
    retry = False
    title = "Xero no longer accepts this connection; an owner must reconnect"

    def __init__(self, reason: str, detail: str = "", *, http_status: int | None = None) -> None:
        super().__init__(detail, http_status=http_status)
        self.reason = reason


class AnswerLost(XeroError):
    """``answered`` is True when Xero did answer, but with a 5xx or something unreadable."""

    code = "xero_answer_lost"
    status = 504
    retry = True
    title = "Xero's answer was lost; whether it was done will be found out"

    def __init__(self, detail: str = "", *, answered: bool = False, http_status: int | None = None) -> None:
        super().__init__(detail, http_status=http_status)
        self.answered = answered


class Rejected(XeroError):
    """Xero's validation messages, in Xero's order, patient names already taken out."""

    code = "xero_rejected"
    status = 422
    title = "Xero refused the document"

    def __init__(
        self, messages: list[str], *, code: str | None = None, http_status: int | None = None
    ) -> None:
        super().__init__("; ".join(messages) or self.title, code=code, http_status=http_status)
        self.messages = messages


class Missing(XeroError):
    code = "xero_missing"
    status = 404
    title = "Xero knows no such document"
