"""What many appointments' invoices come to: the practice's set-up and the organisation's lists, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.domain.booked import Booked
from shared.domain.errors import FieldError
from shared.domain.invoices import InvoiceDocument
from shared.domain.pricing import Chart, price
from shared.domain.records import Appointment
from shared.domain.settings import PracticeSettings
from shared.domain.times import calendar_date
from shared.ports import Ports
from shared.services.build_invoice import BookContext, document_of, read_context
from shared.services.connections import read_connection
from shared.services.xero_lists import cached_lists, xero_list

CHART_LISTS = ("accounts", "tax_rates", "items")


@dataclass(frozen=True)
class PracticeBooks:
    """Good for one pass, not for longer. ``base_currency`` None: the organisation has not told it yet."""

    ports: Ports
    practice_id: str
    tenant_id: str
    context: BookContext
    chart: Chart
    base_currency: str | None

    @property
    def settings(self) -> PracticeSettings:
        return self.context.settings

    @property
    def usual_zone(self) -> str:
        return self.settings.zone_of(None, self.context.zone)

    def day_of(self, appointment: Appointment) -> date:
        """The appointment's calendar day where its clinic is."""
        zone = self.settings.zone_of(appointment.clinic_id, self.context.zone)
        return calendar_date(appointment.starts_at, zone)

    def document_of(
        self, appointment: Appointment, request: Mapping[str, Any], patient_code: str | None = None
    ) -> tuple[InvoiceDocument | None, list[FieldError]]:
        """Dated as a person accepted (``request``: {"date"}), else on the appointment's day."""
        document, errors = document_of(
            self.ports, self.practice_id, appointment, request, self.context, patient_code
        )
        if document and request.get("date"):
            document = document.dated(date.fromisoformat(request["date"]))
        return document, errors

    def price(self, document: InvoiceDocument) -> tuple[Booked | None, list[FieldError]]:
        return price(document, self.chart, None, self.base_currency)


def read_practice_books(ports: Ports, practice_id: str, chart: Chart | None = None) -> PracticeBooks:
    """With the organisation's lists of at most a day ago, unless ``chart`` is given: raises NotConnected, and the
    XeroError when a list has to be fetched and cannot be."""
    if chart is None:
        chart = Chart.of(*(xero_list(ports, practice_id, kind)["items"] for kind in CHART_LISTS))
    connection = read_connection(ports, practice_id)
    return PracticeBooks(
        ports=ports,
        practice_id=practice_id,
        tenant_id=connection.tenant_id or "",
        context=read_context(ports, practice_id),
        chart=chart,
        base_currency=connection.data.get("base_currency"),
    )


def cached_chart(ports: Ports, practice_id: str) -> Chart | None:
    """As far as known without asking or writing anything; None without accounts and tax rates of at most a day ago."""
    found = cached_lists(ports, practice_id, read_connection(ports, practice_id).tenant_id, CHART_LISTS)
    if not {"accounts", "tax_rates"} <= set(found):
        return None
    return Chart.of(*(found[kind]["items"] if kind in found else () for kind in CHART_LISTS))
