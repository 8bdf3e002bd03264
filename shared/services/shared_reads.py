"""Many documents at a time read once what they share: the settings, the organisation's lists, one patient's record.

What is made from such documents is made once as well (``once``), and what a whole batch needs of its own can be read
beforehand in a few requests.

For a moment only (the preparing of one batch, say), never across a call of Xero's that changes something: what
somebody else writes meanwhile is not seen. What is written through it is forgotten and read again, and everything is
once a write was refused because something had moved. Only a practice's own documents are remembered: leases, grants and
tenants are where processes look again to see each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from shared.domain.errors import StoreUnavailable
from shared.domain.records import Appointment, Patient
from shared.ports import Ports
from shared.ports.clinic_records import ClinicRecords
from shared.ports.store import Create, Data, Delete, Document, Put, Store, Update, Write
from shared.services import paths

T = TypeVar("T")
REMEMBERED = "practices/"


def sharing_reads(ports: Ports) -> Ports:
    """The same ports, with a store and records that remember what was read."""
    return replace(ports, store=SharedReads(ports.store), records=SharedRecords(ports.records))


def once(ports: Ports, key: tuple[str, ...], make: Callable[[], T]) -> T:
    """What ``make`` gives, made once while reads are shared and nothing is written; made each time otherwise.

    ``key`` names the thing and all that it is made for."""
    store = ports.store
    return store.made_once(key, make) if isinstance(store, SharedReads) else make()


def read_for_preparing(ports: Ports, practice_id: str, subjects: Sequence[Mapping[str, str]]) -> None:
    """Read together what operations about these subjects read one by one before they are sent: their appointments, the
    people of these, and the people's contacts."""
    store, records = ports.store, ports.records
    if isinstance(store, SharedReads) and isinstance(records, SharedRecords):
        appointments = records.remember_appointments(practice_id, _ids(subjects, "appointment_id"))
        people = _ids(subjects, "patient_id") + [each.patient_id for each in appointments]
        people += [each.payer.patient_id for each in appointments if each.payer and each.payer.patient_id]
        records.remember_patients(practice_id, people)
        store.remember([paths.contact_link(practice_id, person_id) for person_id in people])


def read_for_settling(ports: Ports, practice_id: str, subjects: Sequence[Mapping[str, str]]) -> None:
    """The same of what they read once Xero has answered: what their documents here will be held against."""
    store, records = ports.store, ports.records
    if isinstance(store, SharedReads) and isinstance(records, SharedRecords):
        ids = _ids(subjects, "appointment_id")
        records.remember_appointments(practice_id, ids)
        people = _ids([subject for subject in subjects if "appointment_id" not in subject], "patient_id")
        records.remember_patients(practice_id, people)
        links = [paths.invoice_link(practice_id, appointment_id) for appointment_id in ids]
        store.remember(links + [paths.contact_link(practice_id, person_id) for person_id in people])


def _ids(subjects: Sequence[Mapping[str, str]], name: str) -> list[str]:
    return [subject[name] for subject in subjects if name in subject]


class SharedReads:
    """Implements ``shared.ports.store.Store``. Queries are not remembered."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: dict[str, Document | None] = {}
        self._made: dict[tuple[str, ...], Any] = {}
        self.query = store.query

    def made_once(self, key: tuple[str, ...], make: Callable[[], T]) -> T:
        if key not in self._made:
            self._made[key] = make()
        made: T = self._made[key]
        return made

    def remember(self, paths: Sequence[str]) -> None:
        """Read those not read yet, of the practices' own documents, in one request."""
        unread = [path for path in dict.fromkeys(paths) if path not in self._found]
        if unread:
            self._found |= dict.fromkeys(unread) | self._store.get_many(unread)

    def get(self, path: str) -> Document | None:
        if not path.startswith(REMEMBERED):
            return self._store.get(path)
        if path not in self._found:
            self._found[path] = self._store.get(path)
        return _copy(self._found[path])

    def get_many(self, paths: Sequence[str]) -> dict[str, Document]:
        if not all(path.startswith(REMEMBERED) for path in paths):
            return self._store.get_many(paths)
        self.remember(paths)
        return {path: copy for path in paths if (copy := _copy(self._found[path])) is not None}

    def create(self, path: str, data: Data) -> Document:
        return self.batch([Create(path, data)])[0]

    def put(self, path: str, data: Data) -> Document:
        return self.batch([Put(path, data)])[0]

    def update(self, path: str, data: Data, *, version: str) -> Document:
        return self.batch([Update(path, data, version)])[0]

    def delete(self, path: str, *, version: str | None = None) -> None:
        self.batch([Delete(path, version)])

    def batch(self, writes: Sequence[Write]) -> list[Document]:
        with self._forgetting([write.path for write in writes]):
            return self._store.batch(writes)

    @contextmanager
    def _forgetting(self, paths: Sequence[str]) -> Iterator[None]:
        self._made.clear()
        try:
            yield
        except BaseException:
            self._found.clear()
            raise
        for path in paths:
            self._found.pop(path, None)


class SharedRecords:
    """Implements ``shared.ports.clinic_records.ClinicRecords``; lists are not remembered."""

    def __init__(self, records: ClinicRecords) -> None:
        self._records = records
        self._found: dict[tuple[str, str, str], Any] = {}

    def patient(self, practice_id: str, patient_id: str) -> Patient | None:
        return self._once(self._records.patient, "patient", practice_id, patient_id)

    def appointment(self, practice_id: str, appointment_id: str) -> Appointment | None:
        return self._once(self._records.appointment, "appointment", practice_id, appointment_id)

    def patients_by_id(self, practice_id: str, patient_ids: Sequence[str]) -> dict[str, Patient]:
        return self._records.patients_by_id(practice_id, patient_ids)

    def appointments_by_id(self, practice_id: str, appointment_ids: Sequence[str]) -> dict[str, Appointment]:
        return self._records.appointments_by_id(practice_id, appointment_ids)

    def remember_appointments(self, practice_id: str, appointment_ids: Sequence[str]) -> list[Appointment]:
        return self._remember("appointment", self._records.appointments_by_id, practice_id, appointment_ids)

    def remember_patients(self, practice_id: str, patient_ids: Sequence[str]) -> list[Patient]:
        return self._remember("patient", self._records.patients_by_id, practice_id, patient_ids)

    def patients(self, practice_id: str, **page: Any) -> tuple[list[Patient], str | None]:
        return self._records.patients(practice_id, **page)

    def appointments(self, practice_id: str, **page: Any) -> tuple[list[Appointment], str | None]:
        return self._records.appointments(practice_id, **page)

    def _remember(
        self,
        kind: str,
        read: Callable[[str, Sequence[str]], dict[str, T]],
        practice_id: str,
        ids: Sequence[str],
    ) -> list[T]:
        """Those that exist; the ones not read yet are read in one request. With a record among them that cannot be
        read, none are: each is then read by who needs it, and the odd one stops nobody else."""
        unread = [id_ for id_ in dict.fromkeys(ids) if (kind, practice_id, id_) not in self._found]
        try:
            found = read(practice_id, unread) if unread else {}
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 - whatever is wrong with it, its own run meets it and says so
            return []
        self._found |= {(kind, practice_id, id_): found.get(id_) for id_ in unread}
        return [each for id_ in ids if (each := self._found[kind, practice_id, id_]) is not None]

    def _once(self, read: Callable[[str, str], T], kind: str, practice_id: str, record_id: str) -> T:
        key = (kind, practice_id, record_id)
        if key not in self._found:
            self._found[key] = read(practice_id, record_id)
        found: T = self._found[key]
        return found


def _copy(document: Document | None) -> Document | None:
    """The caller may change its top level; nobody changes what lies deeper."""
    return document and Document(document.path, dict(document.data), document.version)
