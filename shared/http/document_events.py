"""Firestore's document events at the edge: which document, and an answer that the sender understands.

Only the ids in the event's name of the document are used, never its data: events come twice, late and in any order,
and a forged one can say no more than "look at this record".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cloudevents.http import CloudEvent
from flask import abort, request

from shared.bootstrap import get_config, get_ports
from shared.domain.errors import StoreUnavailable
from shared.http import logs
from shared.http.reading import take_request_id
from shared.ports import Ports

_TYPE = re.compile(r"google\.cloud\.firestore\.document\.v1\.(written|created|updated)(\.withAuthContext)?")
_DOCUMENT = re.compile(r"practices/([A-Za-z0-9][A-Za-z0-9_-]{0,63})/([a-z_]+)/([^/]+)")

#: ports, practice id, document id -> what came of it, in a word for the log
Act = Callable[[Ports, str, str], str]


def handle(name: str, event: CloudEvent, collection: str, act: Act) -> None:
    """Runs ``act`` for a document of a practice's ``collection``.

    Anything else is logged and answered 2xx, because sending it again would not help; a failure is 503 or 500, and
    Eventarc sends the event again.
    """
    take_request_id(request)
    logs.set_up(get_config()["LOG_LEVEL"])
    logs.begin(name)
    subject = str(event.get("document") or event.get("subject") or "").removeprefix("documents/")
    match = _DOCUMENT.fullmatch(subject)
    if not _TYPE.fullmatch(str(event["type"])) or match is None or match[2] != collection:
        logs.warning("event ignored", event_type=str(event["type"])[:100])
        return
    logs.note(practice_id=match[1], event_id=str(event["id"])[:100])
    try:
        outcome = act(get_ports(), match[1], match[3])
    except StoreUnavailable:
        logs.warning("event put off")
        abort(503)
    except Exception as error:  # noqa: BLE001 - its text may quote a record; only type and place are logged
        logs.crash(error)
        abort(500)
    logs.info("event", outcome=outcome, document_id=match[3])
