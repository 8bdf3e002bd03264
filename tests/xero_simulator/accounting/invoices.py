"""The Invoices endpoint."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from ..interface import Call, Reply
from . import history
from .batches import Batch, Raw
from .bodies import elements, is_guid
from .document_view import invoice_view, summary_view
from .invoice_writing import NOT_MODIFIABLE, create, create_or_update
from .ledger import Work
from .listing import Listing, Query
from .records import Invoice
from .replies import NO_ID, Refused, envelope, errors, not_allowed, not_found, validation
from .where import Field, guid_of, moment_of, number_of, switch_of, text_of


def _listing(work: Work) -> Listing[Invoice]:
    contacts = work.ledger.contact
    fields: dict[str, Field[Invoice]] = {
        "invoiceid": guid_of(lambda one: one.id),
        "invoicenumber": text_of(lambda one: one.number),
        "reference": text_of(lambda one: one.reference),
        "type": text_of(lambda one: one.type),
        "status": text_of(lambda one: one.status),
        "date": moment_of(lambda one: one.date),
        "duedate": moment_of(lambda one: one.due_date),
        "fullypaidondate": moment_of(lambda one: one.fully_paid_on),
        "updateddateutc": moment_of(lambda one: one.updated),
        "amountdue": number_of(lambda one: one.amount_due),
        "amountpaid": number_of(lambda one: one.amount_paid),
        "amountcredited": number_of(lambda one: one.amount_credited),
        "total": number_of(lambda one: one.total),
        "subtotal": number_of(lambda one: one.sub_total),
        "totaltax": number_of(lambda one: one.total_tax),
        "currencycode": text_of(lambda one: one.currency),
        "senttocontact": switch_of(lambda one: one.sent),
        "contact.contactid": guid_of(lambda one: one.contact_id),
        "contact.name": text_of(lambda one: contacts(one.contact_id).name),
        "contact.contactnumber": text_of(lambda one: contacts(one.contact_id).number),
    }
    return Listing("Invoice", fields, lambda one: one.updated)


def answer(call: Call, work: Work) -> Reply:
    rest = call.path[1:]
    query = Query(call)
    if not rest:
        return _list(call, work, query) if call.method == "GET" else _write(call, work, query)
    invoice = _named(work, rest[0])
    if len(rest) == 1:
        if call.method == "GET":
            return envelope("Invoices", [invoice_view(invoice, work)], work.now)
        return _write(call, work, query, invoice.id)
    return _part(call, work, invoice, rest[1:])


def _part(call: Call, work: Work, invoice: Invoice, rest: tuple[str, ...]) -> Reply:
    name = rest[0].lower() if len(rest) == 1 else ""
    if name == "history":
        return history.answer(call, work, work.ledger.invoices, invoice)
    if name == "email" and call.method == "POST":
        return _email(work, invoice)
    if name == "onlineinvoice" and call.method == "GET":
        return _online(work, invoice)
    raise not_allowed() if name in ("email", "onlineinvoice") else not_found()


def _named(work: Work, name: str) -> Invoice:
    """One invoice by its id or by its number."""
    found = work.ledger.invoices.get(name) if is_guid(name) else None
    if found is None:
        held = work.ledger.invoices.find("number", name)
        found = held[0] if held else None
    if found is None:
        raise not_found()
    return found


def _list(call: Call, work: Work, query: Query) -> Reply:
    """Every status is listed; line items come with pages only."""
    found = _listing(work).select(_chosen(call, work, query), query)

    def view(one: Invoice) -> dict[str, Any]:
        if query.flag("summaryOnly"):
            return summary_view(one, work)
        return invoice_view(one, work, lines=query.paged, full_contact=False)

    return _listing(work).reply("Invoices", found, query, work.now, view)


def _chosen(call: Call, work: Work, query: Query) -> list[Invoice]:
    """The fast parameters, each narrowing the list; the first given ones are answered from an index."""
    table = work.ledger.invoices
    ids, contacts = query.ids("IDs"), query.ids("ContactIDs")
    numbers, statuses = query.values("InvoiceNumbers"), query.values("Statuses")
    if ids is not None:
        rows = [one for one in map(table.get, sorted(ids)) if one is not None]
    elif numbers is not None:
        rows = [one for number in dict.fromkeys(numbers) for one in table.find("number", number)]
    elif contacts is not None:
        rows = [one for contact in sorted(contacts) for one in table.find("contact", contact)]
    else:
        rows = list(table)
    if numbers is not None:
        wanted = {number.casefold() for number in numbers}
        rows = [one for one in rows if one.number.casefold() in wanted]
    if contacts is not None:
        rows = [one for one in rows if one.contact_id in contacts]
    if statuses is not None:
        rows = [one for one in rows if one.status in statuses]
    if query.flag("createdByMyApp"):
        rows = [one for one in rows if one.client_id == call.client_id]
    if term := query.get("searchTerm").casefold():
        rows = [one for one in rows if term in one.number.casefold() or term in one.reference.casefold()]
    return rows


def _write(call: Call, work: Work, query: Query, invoice_id: str = "") -> Reply:
    raws = elements(call.body, "Invoices")
    if call.method == "PUT" and not invoice_id:
        write = create
    elif call.method == "POST":

        def write(work: Work, raw: Raw) -> Invoice:
            return create_or_update(work, raw, invoice_id)

    else:
        raise not_allowed()
    batch = Batch(
        "Invoices", "InvoiceID", "HasErrors", write, lambda one: invoice_view(one, work), invoice_id or NO_ID
    )
    return batch.reply(work, raws[:1] if invoice_id else raws, query)


def _refuse(invoice: Invoice, *messages: str) -> Refused:
    return Refused(
        validation([{"InvoiceID": invoice.id, "HasErrors": True, "ValidationErrors": errors(list(messages))}])
    )


def _email(work: Work, invoice: Invoice) -> Reply:
    """Sends an approved sales invoice to the contact's address; UpdatedDateUTC stays as it is."""
    if invoice.type != "ACCREC" or invoice.status not in ("SUBMITTED", "AUTHORISED", "PAID"):
        raise _refuse(invoice, NOT_MODIFIABLE)
    address = work.ledger.contact(invoice.contact_id).text("EmailAddress")
    if not address:
        raise _refuse(invoice, "The contact has no email address, so the invoice cannot be emailed.")
    emails, day = work.ledger.counters.emails, work.today.isoformat()
    if emails.get(day, 0) >= work.settings.organisation.emails_a_day:
        raise _refuse(invoice, "The daily limit of invoice emails has been reached.")
    emails[day] = emails.get(day, 0) + 1
    work.ledger.counters_changed = True
    sent = work.noted(replace(invoice, sent=True), "Invoice sent", f"This invoice has been sent to {address}")
    work.ledger.invoices.put(sent)
    return Reply(204)


def _online(work: Work, invoice: Invoice) -> Reply:
    if invoice.type != "ACCREC" or invoice.status not in ("AUTHORISED", "PAID"):
        raise _refuse(invoice, "Only approved sales invoices have an online invoice.")
    token = uuid5(NAMESPACE_URL, invoice.id).hex
    link = f"https://in.xero.com/{token}"
    return envelope("OnlineInvoices", [{"OnlineInvoiceUrl": link}], work.now)
