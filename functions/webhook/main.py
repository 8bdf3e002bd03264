"""Xero announces that something changed. Checks the signature, enqueues, answers; nothing else happens here.

Xero wants an answer within five seconds, with an empty body and no cookie, 401 for a wrong signature: it sends some
wrongly signed on purpose ("intent to receive") before it switches a webhook on. So this file imports as little as it
can, and what a hint means is found out by the pull.
"""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from shared.bootstrap import get_clock, get_config, get_tasks
from shared.domain.errors import StoreUnavailable
from shared.services.receive_webhook import BODY_LIMIT, is_signed, receive


class Empty(Response):
    """No body, so no type of one."""

    default_mimetype = None


@functions_framework.http
def webhook(request: Request) -> Response:
    if request.path.rstrip("/") != "/xero/webhook":
        return _empty(404)
    if request.method != "POST":
        return _empty(405, Allow="POST")
    length = request.content_length or BODY_LIMIT  # none is claimed of a body in chunks
    if length > BODY_LIMIT:
        return _empty(413)
    # The exact bytes: the signature is over these, odd spaces and all. As many are made room for as are read.
    raw = request.stream.read(length + 1)
    if len(raw) > BODY_LIMIT:
        return _empty(413)
    if not is_signed(raw, request.headers.get("x-xero-signature", ""), get_config().list("XERO_WEBHOOK_KEY")):
        return _empty(401)
    try:
        receive(get_tasks(), get_clock().now(), raw)
    except StoreUnavailable:
        return _empty(503)  # Xero sends it again
    return _empty(200)


def _empty(status: int, **headers: str) -> Response:
    return Empty(status=status, headers=headers or None)
