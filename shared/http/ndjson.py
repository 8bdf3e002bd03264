"""Reading an import: one JSON object a line. One bad line refuses the import, and every bad line is named."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from shared.domain.errors import FieldError, InvalidInput
from shared.domain.records import Appointment, Patient
from shared.http.fields import RecordId
from shared.http.models import AppointmentIn, PatientIn
from shared.http.reading import ERRORS_SHOWN, BadJson, field_errors, load_json, parse_field

#: No single record is larger than what may be sent as one; the store takes documents up to a mebibyte.
LINE_LIMIT = 1_000_000


def read_import(raw: bytes) -> tuple[list[Patient], list[Appointment]]:
    """Raises InvalidInput with fields such as ``line 3: starts_at``; nothing has been stored then."""
    patients: list[Patient] = []
    appointments: list[Appointment] = []
    errors: list[FieldError] = []
    for number, line in enumerate(raw.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            _record(line, patients, appointments)
        except InvalidInput as invalid:
            errors += [FieldError(f"line {number}: {e.field}", e.message) for e in invalid.errors]
        if len(errors) >= ERRORS_SHOWN:
            raise InvalidInput(
                errors[:ERRORS_SHOWN], f"{ERRORS_SHOWN} wrong, perhaps more; nothing was imported"
            )
    if errors:
        raise InvalidInput(errors, f"{len(errors)} wrong; nothing was imported")
    if not patients and not appointments:
        raise InvalidInput.of("(body)", "give at least one line")
    return patients, appointments


def _record(line: bytes, patients: list[Patient], appointments: list[Appointment]) -> None:
    if len(line) > LINE_LIMIT:
        raise InvalidInput.of("(line)", f"a record is at most {LINE_LIMIT:,} bytes")
    try:
        value: Any = load_json(line)
    except BadJson as error:
        raise InvalidInput.of("(line)", error.detail) from None
    if not isinstance(value, dict) or value.get("kind") not in ("patient", "appointment"):
        raise InvalidInput.of("kind", 'use "patient" or "appointment"')
    kind, record_id = value.pop("kind"), parse_field(RecordId, "id", value.pop("id", None))
    try:
        if kind == "patient":
            patients.append(PatientIn.model_validate(value).to_domain(record_id))
        else:
            appointments.append(AppointmentIn.model_validate(value).to_domain(record_id))
    except ValidationError as error:
        raise InvalidInput(field_errors(error)) from None
