"""Patients become contacts in Xero."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from shared.domain.errors import Conflict, Rejected
from shared.http import schemas, shapes
from shared.http.answers import Answer
from shared.http.app import BOOKKEEPING, RECEPTION, App, Call, Route
from shared.http.list_models import PatientListing, PatientsQuery
from shared.http.models import Nothing, SyncAll, SyncPatient
from shared.services.activity_log import actor_of
from shared.services.clinic_lists import list_patients
from shared.services.connections import read_connection
from shared.services.erase_patient import erase_patient
from shared.services.jobs import start_sync_all
from shared.services.people import find_person, read_contact_link
from shared.services.sync_contact import ContactSync
from shared.services.sync_contact import sync_patient as sync


def sync_patient(call: Call) -> Answer:
    synced = sync(
        call.ports,
        call.practice_id,
        call.body.patient_id,
        force_update=call.body.force_update,
        actor=actor_of(call.person),
    )
    if synced.person.erased and synced.operation is None:
        raise Conflict(
            "This patient was erased; nothing of them goes to Xero any more", code="patient_erased"
        )
    return _synced(call, synced)


def erase(call: Call) -> Answer:
    patient_id = call.arguments["patient_id"]
    return _synced(call, erase_patient(call.ports, call.practice_id, patient_id, actor_of(call.person)))


def _synced(call: Call, synced: ContactSync) -> Answer:
    if synced.operation is not None and synced.operation.state == "failed":
        raise Rejected(
            [synced.operation.reason or "Xero refused the contact"], code=synced.operation.reason_code
        )
    if not synced.settled and synced.operation is not None:
        return shapes.accepted(synced.operation)
    changed = synced.operation is not None
    created = changed and synced.operation is not None and synced.operation.kind == "contact_create"
    connection = read_connection(call.ports, call.practice_id)
    body = shapes.contact(synced.person.id, synced.link, connection, changed=changed)
    return Answer(body, 201 if created else 200)


def sync_all(call: Call) -> Answer:
    job = start_sync_all(
        call.ports, call.practice_id, force_update=call.body.force_update, actor=actor_of(call.person)
    )
    return Answer(schemas.Job(**job), 202)


def patients(call: Call) -> Answer:
    query: PatientsQuery = call.query
    rows, cursor = list_patients(call.ports, call.practice_id, role=call.person.role, **query.model_dump())
    connection = read_connection(call.ports, call.practice_id)
    items = [shapes.patient(row, connection) for row in rows]
    return Answer(PatientListing(items=items, next_cursor=cursor))


def contact(call: Call) -> Answer:
    person = find_person(call.ports, call.practice_id, call.arguments["patient_id"])
    link = read_contact_link(call.ports, call.practice_id, person.id)
    connection = read_connection(call.ports, call.practice_id)
    return Answer(shapes.contact(person.id, link, connection, changed=False))


APP = App(
    "contacts",
    [
        Route("POST", "/xero/contacts/sync_patient/", sync_patient, RECEPTION, "Create or update a patient's contact",
              body=SyncPatient, answers={200: schemas.Contact, 201: schemas.Contact, 202: schemas.Accepted}),
        Route("POST", "/xero/contacts/sync_all/", sync_all, RECEPTION, "The same for all patients, as a job",
              body=SyncAll, answers={202: schemas.Job}, costly=True),
        Route("GET", "/xero/contacts/", patients, RECEPTION, "Patients, each with its contact",
              query=PatientsQuery, answers={200: PatientListing}),
        Route("GET", "/xero/contacts/<patient_id>/", contact, RECEPTION, "A patient's contact",
              answers={200: schemas.Contact}),
        Route("POST", "/xero/contacts/<patient_id>/erase/", erase, BOOKKEEPING,
              "Erase a patient: the details here and on the contact, which is archived; documents stay",
              body=Nothing, answers={200: schemas.Contact, 202: schemas.Accepted}),
    ],
)  # fmt: skip


@functions_framework.http
def contacts(request: Request) -> Response:
    return APP.handle(request)
