"""Reading an import: one JSON object a line. One bad line refuses the import, and every bad line is named.

The lines are read twice, once to check and once to keep, so that at no time more than a part of the records is held
beside the bytes themselves: a full import needs no more memory than a small one.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from shared.domain.errors import FieldError, InvalidInput
from shared.domain.records import Appointment, Patient
from shared.http.fields import RecordId
from shared.http.models import AppointmentIn, PatientIn
from shared.http.reading import ERRORS_SHOWN, BadJson, TooLarge, field_errors, load_json, parse_field

#: No single record is larger than what may be sent as one; the store takes documents up to a mebibyte.
LINE_LIMIT = 1_000_000
#: As many as are kept within the time that a request has.
LINES_LIMIT = 100_000


def check_import(raw: bytes) -> None:
    """Raises InvalidInput with fields such as ``line 3: starts_at``, or TooLarge."""
    errors: list[FieldError] = []
    count = 0
    for number, line in _lines(raw):
        count += 1
        if count > LINES_LIMIT:
            raise TooLarge(
                f"At most {LINES_LIMIT:,} records in one import; nothing was imported. Send them in parts, in any order"
            )
        try:
            _record(line)
        except InvalidInput as invalid:
            errors += [FieldError(f"line {number}: {e.field}", e.message) for e in invalid.errors]
        if len(errors) >= ERRORS_SHOWN:
            raise InvalidInput(
                errors[:ERRORS_SHOWN], f"{ERRORS_SHOWN} wrong, perhaps more; nothing was imported"
            )
    if errors:
        raise InvalidInput(errors, f"{len(errors)} wrong; nothing was imported")
    if not count:
        raise InvalidInput.of("(body)", "give at least one line")


def read_import(raw: bytes) -> Iterator[Patient | Appointment]:
    """The records of an import that ``check_import`` has passed, one after another."""
    return (_record(line) for _, line in _lines(raw))


def _lines(raw: bytes) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(io.BytesIO(raw), start=1):
        if line.strip():
            yield number, line.rstrip(b"\n")


def _record(line: bytes) -> Patient | Appointment:
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
            return PatientIn.model_validate(value).to_domain(record_id)
        return AppointmentIn.model_validate(value).to_domain(record_id)
    except ValidationError as error:
        raise InvalidInput(field_errors(error)) from None
