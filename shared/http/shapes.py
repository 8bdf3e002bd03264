"""Stored documents as answers: the shapes that callers rely on."""

from __future__ import annotations

from typing import Any

from shared.domain.links import ContactLink, InvoiceLink
from shared.domain.operations import Operation
from shared.domain.times import instant
from shared.http import list_models, schemas
from shared.http.answers import Answer
from shared.services.appointment_list import AppointmentRow
from shared.services.clinic_lists import PatientRow
from shared.services.connections import PracticeConnection
from shared.services.differences import shown_difference

INVOICE_URL = "/AccountsReceivable/View.aspx?InvoiceID={id}"
CONTACT_URL = "/Contacts/View/{id}"


def _xero_url(connection: PracticeConnection, tenant_id: str, path: str) -> str:
    """A link that opens the document in the right organisation, whichever the person was last in."""
    short_code = connection.data.get("short_code")
    if not short_code or connection.tenant_id != tenant_id:
        return f"https://go.xero.com{path}"
    return f"https://go.xero.com/organisationlogin/default.aspx?shortcode={short_code}&redirecturl={path}"


def invoice(
    link: InvoiceLink, connection: PracticeConnection, sentence: str | None = None
) -> schemas.Invoice:
    names = set(schemas.Invoice.model_fields) - {"xero_url"}
    fields: dict[str, Any] = {name: value for name, value in link.to_data().items() if name in names}
    difference = shown_difference(link, connection.data)
    return schemas.Invoice(
        **fields,
        xero_url=_xero_url(connection, link.tenant_id, INVOICE_URL.format(id=link.invoice_id)),
        online_invoice_url=link.online_url,
        difference=schemas.InvoiceDifference(**vars(difference)) if difference else None,
        sentence=sentence,
    )


def accepted(operation: Operation) -> Answer:
    """202 while it waits; 422 with the reason when Xero or our rules refused it and a person is needed."""
    return Answer(_accepted(operation), 202)


def _accepted(operation: Operation) -> schemas.Accepted:
    return schemas.Accepted(
        operation_id=operation.id,
        # While a request is under way its fate is not known yet, so callers see `uncertain` or `pending`.
        status="uncertain" if operation.maybe_sent and not operation.ended else operation.state,
        reason=operation.reason,
        next_attempt_at=operation.next_attempt_at,
    )


def operation(found: Operation) -> schemas.Operation:
    return schemas.Operation(
        operation_id=found.id,
        status=found.state,
        reason=found.reason,
        next_attempt_at=found.next_attempt_at,
        kind=found.kind,
        subject=found.subject,
        attempts=found.attempts,
        created_at=found.created_at,
        updated_at=found.updated_at,
        result=found.result,
    )


def appointment(row: AppointmentRow, connection: PracticeConnection) -> list_models.AppointmentShown:
    found = row.appointment
    return list_models.AppointmentShown(
        appointment_id=found.id,
        reference=found.reference,
        patient_id=found.patient_id,
        patient_name=row.patient_name,
        patient_code=row.patient_code,
        starts_at=instant(found.starts_at),
        clinic_id=found.clinic_id,
        practitioner_id=found.practitioner_id,
        status=found.status,
        state=row.standing.state,
        needs_you=row.standing.needs_you,
        operation=_open(row.operation),
        invoice=invoice(row.link, connection) if row.link else None,
    )


def patient(row: PatientRow, connection: PracticeConnection) -> list_models.PatientShown:
    shown = contact(row.patient.id, row.link, connection, changed=False)
    return list_models.PatientShown(
        **shown.model_dump(),
        patient_name=row.patient_name,
        reference=row.patient.reference,
        same_name=bool(row.link and row.link.suffix),
        merged=bool(row.link and row.link.merged),
        behind=row.behind,
        operation=_open(row.operation),
    )


def _open(found: Operation | None) -> list_models.OpenOperation | None:
    if found is None:
        return None
    return list_models.OpenOperation(
        **_accepted(found).model_dump(), kind=found.kind, reason_code=found.reason_code
    )


def contact(
    person_id: str, link: ContactLink | None, connection: PracticeConnection, *, changed: bool
) -> schemas.Contact:
    if link is None or link.tenant_id != connection.tenant_id:  # one of another organisation is none here
        return schemas.Contact(
            patient_id=person_id, contact_id=None, name=None, state="not_sent", changed=changed
        )
    return schemas.Contact(
        patient_id=person_id,
        contact_id=link.contact_id,
        name=link.name_sent,
        state=link.state,
        changed=changed,
        xero_url=_xero_url(connection, link.tenant_id, CONTACT_URL.format(id=link.contact_id)),
        updated_at=link.updated_at,
    )
