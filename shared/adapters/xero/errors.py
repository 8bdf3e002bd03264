"""Xero's answers that are not a success, as our errors.

Xero speaks four dialects: a 400 envelope with nested ``ValidationErrors``; a 401/403 problem in PascalCase;
a 503 in plain text; and the identity host's ``{"error": "invalid_grant"}``. No text of theirs gets into an
exception unless it is a validation message with the names taken out, or a word from a fixed list.
"""

from __future__ import annotations

from typing import Any

from shared.adapters.xero import limits
from shared.adapters.xero.rejections import KEY_REUSED, XERO_REJECTED, code_of, rejection
from shared.adapters.xero.transport import Answer
from shared.domain import wire
from shared.domain.errors import AnswerLost, ConnectionLost, Missing, Paused, Rejected, XeroError

#: Xero's FAQ misspells the first one; the third is the Detail of a 401/403 whose token lacks the scope
#: (reported for every SDK; AuthenticationUnsuccessful, by contrast, is a token that does not cover the
#: organisation).
SCOPE_WORDS = (
    "insufficient_scope",
    "insufficent_scope",
    "authorizationunsuccessful",
    "authorisationunsuccessful",
)
#: Refused, but perhaps only this time round: the first try may be under way under the same key, or was cut
#: short.
UNDECIDED = (408, 409, 425)


def check(answer: Answer) -> None:
    """Returns for a 2xx; raises Paused, ConnectionLost, Missing, Rejected or AnswerLost for everything
    else."""
    if not 200 <= answer.status <= 299:
        raise error_of(answer)


def error_of(answer: Answer) -> XeroError:
    """The error that an answer outside 2xx stands for."""
    status = answer.status
    if status == 429:
        # The body of a 429 is not documented; only the headers count.
        return Paused(
            limits.problem_word(answer.headers), limits.retry_after(answer.headers), http_status=status
        )
    if status in (401, 403):
        return _refused(answer)
    if status == 404:
        return Missing(http_status=status)
    if status == 503 and is_plain_text(answer) and b"offline" in answer.body[:1000].lower():
        return Paused("offline", limits.retry_after(answer.headers), http_status=status)
    if 400 <= status <= 499 and status not in UNDECIDED:
        return _rejection(answer)
    return AnswerLost("Xero answered, but not whether it was done", answered=True, http_status=status)


def json_of(answer: Answer) -> Any:
    """The JSON of a success. A page of HTML or a cut-off text on a 200 is AnswerLost: what was done is
    unknown."""
    kind = _content_type(answer)
    # Xero always names the type; a missing one is let pass when the body is JSON all the same.
    if kind and "json" not in kind:
        raise AnswerLost("Xero's answer was not JSON", answered=True, http_status=answer.status)
    try:
        return wire.loads(answer.body)
    except ValueError:
        pass  # raised below, so that the parser's error, which quotes the body, does not hang on ours
    raise AnswerLost("Xero's answer could not be read", answered=True, http_status=answer.status)


def is_plain_text(answer: Answer) -> bool:
    return _content_type(answer) in ("", "text/plain") and not answer.body.lstrip().startswith(b"<")


def _refused(answer: Answer) -> XeroError:
    """401 and 403. A 401 is an expired or invalid bearer; a 403 a bearer that does not cover the
    organisation."""
    challenge = answer.headers.get("WWW-Authenticate") or ""
    words = (challenge + answer.body[:4000].decode("utf-8", "replace")).lower()
    if any(word in words for word in SCOPE_WORDS):
        return ConnectionLost("insufficient_scope", http_status=answer.status)
    if answer.status == 401:
        return ConnectionLost("expired_token", http_status=answer.status)
    if isinstance(_json_or_none(answer), dict):
        return ConnectionLost("wrong_organisation", http_status=answer.status)
    # A 403 without Xero's envelope comes from something in between; nobody needs to reconnect for that.
    return AnswerLost(
        "Something between us and Xero refused the request", answered=True, http_status=answer.status
    )


def _rejection(answer: Answer) -> XeroError:
    refused = rejection(_json_or_none(answer), answer.status)
    if refused.code == XERO_REJECTED and code_of(answer.body[:2000].decode("utf-8", "replace")) == KEY_REUSED:
        # How Xero dresses this refusal is not published, so its words count in whatever body they come.
        words = "The idempotency key is used with a different request"
        return Rejected([words], code=KEY_REUSED, http_status=answer.status)
    return refused


def _json_or_none(answer: Answer) -> Any:
    try:
        return wire.loads(answer.body)
    except ValueError:
        return None


def _content_type(answer: Answer) -> str:
    return (answer.headers.get("Content-Type") or "").split(";")[0].strip().lower()
