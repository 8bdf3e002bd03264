"""Between Firestore's snapshots and ours: the data without what we add, and the version as text."""

from __future__ import annotations

import re
from typing import Any

from google.cloud.firestore import DocumentSnapshot
from google.protobuf.timestamp_pb2 import Timestamp

from shared.adapters.store_rules import WRITE_FIELD
from shared.ports.store import Document

_VERSION = re.compile(r"(\d{1,11})\.(\d{9})")


def version_of(update_time: Any) -> str:
    """The time of the last write, to the nanosecond, as opaque text."""
    stamp = update_time.timestamp_pb()
    return f"{stamp.seconds}.{stamp.nanos:09}"


def update_time_of(version: str) -> Timestamp | None:
    """The time that such a version stands for; None when no document ever had this version."""
    match = _VERSION.fullmatch(version)
    return Timestamp(seconds=int(match[1]), nanos=int(match[2])) if match else None


def document_of(path: str, snapshot: DocumentSnapshot) -> Document:
    data = snapshot.to_dict() or {}
    data.pop(WRITE_FIELD, None)
    return Document(path, data, version_of(snapshot.update_time))
