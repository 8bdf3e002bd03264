"""Writes: all of a batch or nothing, and knowing which of the two when an answer was lost."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any

from google.api_core import exceptions
from google.cloud.firestore import Client, DocumentReference, WriteBatch
from google.protobuf.timestamp_pb2 import Timestamp

from shared.adapters.firestore.documents import added_fields, update_time_of, version_of
from shared.adapters.firestore.reading import read_snapshots
from shared.adapters.google_rpc import ANSWER_LOST, ATTEMPT_SECONDS, NOT_DONE, ONCE, repeated, translated
from shared.adapters.store_rules import WRITE_FIELD
from shared.ports.store import AlreadyExists, Create, Delete, Document, VersionChanged, Write


class _Batch(WriteBatch):
    """Firestore's own, with the write that the client lacks: replace the whole document on a precondition."""

    def replace(self, reference: DocumentReference, data: dict[str, Any], update_time: Timestamp) -> None:
        self.set(reference, data)
        self._client.write_option(last_update_time=update_time).modify_write(self._write_pbs[-1])


def commit(client: Client, writes: Sequence[Write], texts: Sequence[str | None]) -> list[Document]:
    """``texts`` are the documents as checked JSON, None for a delete. Gives the documents written."""
    mark = secrets.token_hex(8)  # makes every write a change, and known again as ours
    data = [None if text is None else json.loads(text) for text in texts]
    batch = _Batch(client)
    for write, fields in zip(writes, data, strict=True):
        _add(
            client, batch, write, None if fields is None else fields | added_fields(write.path, fields, mark)
        )
    versions = _Commit(client, batch, writes, mark).run()
    return [
        Document(write.path, fields, version)
        for write, fields, version in zip(writes, data, versions, strict=True)
        if fields is not None
    ]


def _add(client: Client, batch: _Batch, write: Write, fields: dict[str, Any] | None) -> None:
    reference = client.document(write.path)
    demanded = getattr(write, "version", None)
    update_time = None if demanded is None else update_time_of(demanded)
    if demanded is not None and update_time is None:
        raise VersionChanged(write.path)
    if fields is None:
        option = None if update_time is None else client.write_option(last_update_time=update_time)
        batch.delete(reference, option)
    elif isinstance(write, Create):
        batch.create(reference, fields)
    elif update_time is not None:
        batch.replace(reference, fields, update_time)
    else:
        batch.set(reference, fields)


class _Commit:
    """One batch on its way. A lost answer is asked for again only where a precondition keeps it from being done
    twice; an unconditional write done late would undo what others wrote meanwhile."""

    def __init__(self, client: Client, batch: _Batch, writes: Sequence[Write], mark: str) -> None:
        self._client, self._batch, self._writes, self._mark = client, batch, writes, mark
        self._creates = any(isinstance(write, Create) for write in writes)
        self._demands = any(getattr(write, "version", None) is not None for write in writes)
        self._may_be_done = False

    def run(self) -> list[str]:
        """The version that each write gave. Raises what the port's Store raises."""
        conditional = self._creates or self._demands
        with translated():
            try:
                return repeated(self._attempt, on=NOT_DONE + ANSWER_LOST if conditional else NOT_DONE)
            except (exceptions.Conflict, exceptions.FailedPrecondition, exceptions.NotFound) as refused:
                version = self._done_before() if self._may_be_done else None
                if version is not None:
                    return [version] * len(self._writes)
                raise self._meaning(refused) from refused
            except exceptions.RetryError as error:
                if self._demands and not self._may_be_done:  # others wrote there all the time
                    raise VersionChanged(self._subject()) from error
                raise
            except exceptions.InvalidArgument as error:  # our own rules passed it, so it is Firestore's size
                raise ValueError("Firestore does not take this document") from error

    def _attempt(self) -> list[str]:
        try:
            results = self._batch.commit(retry=ONCE, timeout=ATTEMPT_SECONDS)
        except ANSWER_LOST:
            self._may_be_done = True
            raise
        # A delete has no update time.
        return [version_of(result.update_time) if result.update_time else "" for result in results]

    def _done_before(self) -> str | None:
        """The version that an attempt without an answer gave: known by our mark in what it wrote.

        All writes of a commit have the same time. None when nothing of it is left, or it was never done.
        """
        paths = [write.path for write in self._writes if not isinstance(write, Delete)]
        for snapshot in read_snapshots(self._client, paths).values():
            if snapshot.get(WRITE_FIELD) == self._mark:
                return version_of(snapshot.update_time)
        return None

    def _meaning(self, refused: exceptions.GoogleAPICallError) -> Exception:
        if self._creates and isinstance(refused, exceptions.AlreadyExists):
            return AlreadyExists(self._subject())
        if self._demands and not isinstance(refused, exceptions.AlreadyExists):
            return VersionChanged(self._subject())
        return refused

    def _subject(self) -> str:
        return self._writes[0].path if len(self._writes) == 1 else f"one of {len(self._writes)} documents"
