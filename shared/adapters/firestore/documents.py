"""Between Firestore's snapshots and ours: the data without what we add, and the version as text."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from google.cloud.firestore import DocumentSnapshot
from google.protobuf.timestamp_pb2 import Timestamp

from shared.adapters.store_rules import WRITE_FIELD
from shared.ports.store import Document

#: Collections whose documents Firestore itself deletes once their time is over (``infra/terraform/firestore.tf``), and
#: the field that says when. Deleted late or never, they are only litter: the code goes by their own field.
EXPIRING = {"oauth_states": "expires_at"}
TTL_FIELD = "_ttl"
_VERSION = re.compile(r"(\d{1,11})\.(\d{9})")


def version_of(update_time: Any) -> str:
    """The time of the last write, to the nanosecond, as opaque text."""
    stamp = update_time.timestamp_pb()
    return f"{stamp.seconds}.{stamp.nanos:09}"


def update_time_of(version: str) -> Timestamp | None:
    """The time that such a version stands for; None when no document ever had this version."""
    match = _VERSION.fullmatch(version)
    return Timestamp(seconds=int(match[1]), nanos=int(match[2])) if match else None


def added_fields(path: str, data: dict[str, Any], mark: str) -> dict[str, Any]:
    """What this adapter adds to a document; ``document_of`` takes it away again."""
    expires_at = data.get(EXPIRING.get(path.split("/", 1)[0], ""))
    ttl = {TTL_FIELD: datetime.fromisoformat(expires_at)} if isinstance(expires_at, str) else {}
    return {WRITE_FIELD: mark} | ttl


def document_of(path: str, snapshot: DocumentSnapshot) -> Document:
    data = snapshot.to_dict() or {}
    data.pop(WRITE_FIELD, None)
    data.pop(TTL_FIELD, None)
    return Document(path, data, version_of(snapshot.update_time))
