"""Firestore tells that an appointment was written; one that is completed gets its invoice, if the practice wants so."""

from __future__ import annotations

import functions_framework
from cloudevents.http import CloudEvent

from shared.http.document_events import handle
from shared.services.invoice_on_completed import invoice_completed


@functions_framework.cloud_event
def appointment_completed(event: CloudEvent) -> None:
    handle("appointment_completed", event, "appointments", invoice_completed)
