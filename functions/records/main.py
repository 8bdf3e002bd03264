"""The clinic's app keeps its patients and appointments here."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from shared.http import schemas
from shared.http.answers import Answer
from shared.http.app import CLINIC_APP, App, Call, Route
from shared.http.fields import RecordId
from shared.http.models import AppointmentIn, PatientIn
from shared.http.ndjson import check_import, read_import
from shared.http.reading import parse_field
from shared.services import records_in

IMPORT_LIMIT = 50_000_000


def put_patient(call: Call) -> Answer:
    patient_id = parse_field(RecordId, "id", call.arguments["id"])
    changed = records_in.store_patient(call.ports, call.practice_id, call.body.to_domain(patient_id))
    return Answer(schemas.Stored(id=patient_id, changed=changed))


def put_appointment(call: Call) -> Answer:
    appointment_id = parse_field(RecordId, "id", call.arguments["id"])
    changed = records_in.store_appointment(call.ports, call.practice_id, call.body.to_domain(appointment_id))
    return Answer(schemas.Stored(id=appointment_id, changed=changed))


def import_records(call: Call) -> Answer:
    check_import(call.body)
    imported = records_in.import_records(call.ports, call.practice_id, read_import(call.body))
    return Answer(schemas.Imported(patients=imported.patients, appointments=imported.appointments))


APP = App(
    "records",
    [
        Route("PUT", "/clinic/patients/<id>", put_patient, CLINIC_APP, "Keep a patient",
              body=PatientIn, answers={200: schemas.Stored}),
        Route("PUT", "/clinic/appointments/<id>", put_appointment, CLINIC_APP, "Keep an appointment",
              body=AppointmentIn, answers={200: schemas.Stored}),
        Route("POST", "/clinic/import", import_records, CLINIC_APP,
              'Many records, one JSON object a line: {"kind": "patient" or "appointment", "id": ..., fields}',
              body="raw", body_limit=IMPORT_LIMIT, answers={200: schemas.Imported}, costly=True),
    ],
)  # fmt: skip


@functions_framework.http
def records(request: Request) -> Response:
    return APP.handle(request)
