"""Appointments become invoices in Xero; people look at them, approve, cancel, e-mail, take payments, credit."""

from __future__ import annotations

from collections.abc import Callable

import functions_framework
from flask import Request, Response

from shared.domain.errors import LockedPeriod, Rejected
from shared.domain.links import InvoiceLink
from shared.domain.operations import Operation
from shared.http import schemas, shapes
from shared.http.answers import Answer
from shared.http.app import ANYONE_SIGNED_IN, BOOKKEEPING, RECEPTION, App, Call, Route
from shared.http.completeness_models import PreviewAll, PreviewAllIn
from shared.http.invoice_models import ChangeInvoice, NoteIn, RefundIn, WithReason
from shared.http.list_models import AppointmentListing, AppointmentsQuery
from shared.http.models import CreateAll, CreateInvoice, InvoicesQuery, Nothing, PaymentIn
from shared.services import held_totals
from shared.services import invoice_actions as actions
from shared.services import invoice_corrections as corrections
from shared.services.activity_log import actor_of
from shared.services.appointment_list import AppointmentFilter, list_appointments
from shared.services.connections import read_connection
from shared.services.create_invoice import create_invoice as create
from shared.services.differences import look_again
from shared.services.jobs import start_create_all
from shared.services.listings import list_invoices
from shared.services.preview import preview as make_preview
from shared.services.preview_period import preview_period
from shared.services.refund import refund as give_back


def create_invoice(call: Call) -> Answer:
    body: CreateInvoice = call.body
    created = create(
        call.ports, call.practice_id, body.appointment_id, body.to_request(), actor_of(call.person)
    )
    if created.link is not None:
        return Answer(_shown(call, created.link), 201 if created.new else 200)
    return _waiting(created.operation)


def preview(call: Call) -> Answer:
    body: CreateInvoice = call.body
    return Answer(
        schemas.Preview(**make_preview(call.ports, call.practice_id, body.appointment_id, body.to_request()))
    )


def preview_all(call: Call) -> Answer:
    return Answer(PreviewAll(**preview_period(call.ports, call.practice_id, **vars(call.body))))


def create_all(call: Call) -> Answer:
    job = start_create_all(
        call.ports, call.practice_id, actor=actor_of(call.person), **call.body.model_dump()
    )
    return Answer(schemas.Job(**job), 202)


def listing(call: Call) -> Answer:
    links, cursor = list_invoices(
        call.ports,
        call.practice_id,
        status=call.query.status,
        limit=call.query.limit,
        cursor=call.query.cursor,
    )
    connection = read_connection(call.ports, call.practice_id)
    items = [shapes.invoice(link, connection) for link in links]
    return Answer(schemas.InvoiceListing(items=items, next_cursor=cursor))


def appointments(call: Call) -> Answer:
    query: AppointmentsQuery = call.query
    names = ("clinic_id", "practitioner_id", "state", "search")
    rows, cursor = list_appointments(
        call.ports,
        call.practice_id,
        query.first,
        query.last,
        wanted=AppointmentFilter(**{name: getattr(query, name) for name in names}),
        role=call.person.role,
        limit=query.limit,
        cursor=query.cursor,
    )
    connection = read_connection(call.ports, call.practice_id)
    items = [shapes.appointment(row, connection) for row in rows]
    return Answer(AppointmentListing(items=items, next_cursor=cursor))


def one(call: Call) -> Answer:
    document = actions.find_link(call.ports, call.practice_id, call.arguments["id"])
    look_again(call.ports, call.practice_id, document.data["appointment_id"])
    return Answer(_shown(call, actions.read_again(call.ports, document.path)))


def sync_status(call: Call) -> Answer:
    return Answer(_shown(call, actions.sync_status(call.ports, call.practice_id, call.arguments["id"])))


def approve(call: Call) -> Answer:
    return _acted(
        call, actions.approve(call.ports, call.practice_id, call.arguments["id"], actor_of(call.person))
    )


def online(call: Call) -> Answer:
    return Answer(_shown(call, actions.fetch_online_url(call.ports, call.practice_id, call.arguments["id"])))


def void(call: Call) -> Answer:
    return _acted(
        call,
        actions.void(
            call.ports, call.practice_id, call.arguments["id"], actor_of(call.person), call.body.reason
        ),
    )


def update(call: Call) -> Answer:
    return _changed(call, corrections.update)


def correct(call: Call) -> Answer:
    return _changed(call, corrections.correct)


def note(call: Call) -> Answer:
    return _acted(
        call,
        actions.note(
            call.ports, call.practice_id, call.arguments["id"], call.body.text, actor_of(call.person)
        ),
    )


def email(call: Call) -> Answer:
    return _acted(
        call, actions.email(call.ports, call.practice_id, call.arguments["id"], actor_of(call.person))
    )


def payments(call: Call) -> Answer:
    body: PaymentIn = call.body
    acted = actions.record_payment(
        call.ports,
        call.practice_id,
        call.arguments["id"],
        amount=body.amount,
        method=body.method,
        reference=body.reference,
        actor=actor_of(call.person),
    )
    return _acted(call, acted)


def refund(call: Call) -> Answer:
    return _acted(
        call,
        give_back(
            call.ports,
            call.practice_id,
            call.arguments["id"],
            actor=actor_of(call.person),
            **call.body.model_dump(),
        ),
    )


def accept_total(call: Call) -> Answer:
    document = actions.find_link(call.ports, call.practice_id, call.arguments["id"])
    link = InvoiceLink.from_data(document.data)
    return Answer(_shown(call, held_totals.accept_total(call.ports, call.person, link)))


def credit(call: Call) -> Answer:
    return _acted(
        call,
        actions.credit(
            call.ports, call.practice_id, call.arguments["id"], actor_of(call.person), call.body.reason
        ),
    )


def _changed(call: Call, change: Callable[..., actions.Acted | corrections.Corrected]) -> Answer:
    body: ChangeInvoice = call.body
    actor = actor_of(call.person)
    return _acted(
        call,
        change(call.ports, call.practice_id, call.arguments["id"], body.to_request(), actor, body.reason),
    )


def _acted(call: Call, acted: actions.Acted | corrections.Corrected) -> Answer:
    if acted.operation is not None and acted.operation.state != "done":
        return _waiting(acted.operation)
    return Answer(_shown(call, acted.link, getattr(acted, "sentence", None)))


def _waiting(operation: Operation | None) -> Answer:
    """202 while it waits; when a person is needed, the reason as a problem. The operation is kept either way."""
    if operation is None or operation.state in ("failed", "cancelled"):
        reason = (operation.reason if operation else None) or "Refused"
        code = operation.reason_code if operation else None
        raise LockedPeriod.of("date", reason) if code == LockedPeriod.code else Rejected([reason], code=code)
    return shapes.accepted(operation)


def _shown(call: Call, link: InvoiceLink, sentence: str | None = None) -> schemas.Invoice:
    return shapes.invoice(link, read_connection(call.ports, call.practice_id), sentence)


INVOICE = {200: schemas.Invoice}
ACTED = {200: schemas.Invoice, 202: schemas.Accepted}

APP = App(
    "invoices",
    [
        Route("POST", "/xero/invoices/create_invoice/", create_invoice, RECEPTION,
              "An appointment's invoice: made once, given back ever after",
              body=CreateInvoice, answers={200: schemas.Invoice, 201: schemas.Invoice, 202: schemas.Accepted}),
        Route("POST", "/xero/invoices/preview/", preview, RECEPTION, "What would be sent, and why",
              body=CreateInvoice, answers={200: schemas.Preview}),
        Route("POST", "/xero/invoices/preview_all/", preview_all, RECEPTION, "What a period's invoices would be",
              body=PreviewAllIn, answers={200: PreviewAll}, costly=True),
        Route("POST", "/xero/invoices/create_all/", create_all, RECEPTION, "A period's invoices, as a job",
              body=CreateAll, answers={202: schemas.Job}, costly=True),
        Route("GET", "/xero/invoices/", listing, ANYONE_SIGNED_IN, "Invoices, latest change first",
              query=InvoicesQuery, answers={200: schemas.InvoiceListing}),
        Route("GET", "/xero/appointments/", appointments, RECEPTION, "A period's appointments and their invoices",
              query=AppointmentsQuery, answers={200: AppointmentListing}),
        Route("GET", "/xero/invoices/<id>/", one, ANYONE_SIGNED_IN, "One invoice", answers=INVOICE),
        Route("POST", "/xero/invoices/<id>/sync_status/", sync_status, RECEPTION, "Ask Xero for it now",
              body=Nothing, answers=INVOICE),
        Route("POST", "/xero/invoices/<id>/approve/", approve, BOOKKEEPING, "Approve", body=Nothing, answers=ACTED),
        Route("POST", "/xero/invoices/<id>/online/", online, RECEPTION, "Fetch the link to the online invoice",
              body=Nothing, answers=INVOICE),
        Route("POST", "/xero/invoices/<id>/void/", void, BOOKKEEPING, "Delete a draft, void an approved invoice",
              body=WithReason, answers=ACTED),
        Route("POST", "/xero/invoices/<id>/update/", update, BOOKKEEPING,
              "Send what the appointment says now, while nothing is applied", body=ChangeInvoice, answers=ACTED),
        Route("POST", "/xero/invoices/<id>/correct/", correct, BOOKKEEPING,
              "Cancel it by a credit note and make a new invoice", body=ChangeInvoice, answers=ACTED),
        Route("POST", "/xero/invoices/<id>/note/", note, RECEPTION, "Add a note to its history in Xero",
              body=NoteIn, answers=ACTED),
        Route("POST", "/xero/invoices/<id>/email/", email, RECEPTION, "Have Xero e-mail it, once",
              body=Nothing, answers=ACTED),
        Route("POST", "/xero/invoices/<id>/payments/", payments, RECEPTION, "Record a payment taken at the desk",
              body=PaymentIn, answers=ACTED),
        Route("POST", "/xero/invoices/<id>/refund/", refund, BOOKKEEPING, "Give back what was paid",
              body=RefundIn, answers=ACTED),
        Route("POST", "/xero/invoices/<id>/accept_total/", accept_total, BOOKKEEPING,
              "Take Xero's total where it is not the one expected", body=Nothing, answers=INVOICE),
        Route("POST", "/xero/invoices/<id>/credit/", credit, BOOKKEEPING, "Cancel it by a credit note",
              body=WithReason, answers=ACTED),
    ],
)  # fmt: skip


@functions_framework.http
def invoices(request: Request) -> Response:
    return APP.handle(request)
