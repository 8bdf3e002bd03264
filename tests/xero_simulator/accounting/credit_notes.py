"""The CreditNotes endpoint and the allocations under it."""

from __future__ import annotations

from ..interface import Call, Reply
from . import history
from .batches import Batch, Raw
from .bodies import elements, is_guid
from .credit_note_writing import allocate, create, create_or_update, deallocate
from .dates import ms_date
from .document_view import credit_note_view
from .ledger import Work
from .listing import Listing, Query
from .records import Allocation, CreditNote
from .replies import NO_ID, envelope, not_allowed, not_found
from .where import guid_of, moment_of, number_of, text_of

LISTING: Listing[CreditNote] = Listing(
    "CreditNote",
    {
        "creditnoteid": guid_of(lambda one: one.id),
        "creditnotenumber": text_of(lambda one: one.number),
        "reference": text_of(lambda one: one.reference),
        "type": text_of(lambda one: one.type),
        "status": text_of(lambda one: one.status),
        "date": moment_of(lambda one: one.date),
        "total": number_of(lambda one: one.total),
        "remainingcredit": number_of(lambda one: one.remaining),
        "updateddateutc": moment_of(lambda one: one.updated),
        "contact.contactid": guid_of(lambda one: one.contact_id),
    },
    lambda one: one.updated,
)


def answer(call: Call, work: Work) -> Reply:
    rest = call.path[1:]
    query = Query(call)
    if not rest:
        return _list(work, query) if call.method == "GET" else _write(call, work, query)
    credit = _named(work, rest[0])
    below = tuple(part.lower() for part in rest[1:])
    if below == ("history",):
        return history.answer(call, work, work.ledger.credit_notes, credit)
    if below[:1] == ("allocations",):
        return _allocations(call, work, credit, below[1:], query)
    if below:
        raise not_found()
    if call.method == "GET":
        return envelope("CreditNotes", [credit_note_view(credit, work)], work.now)
    return _write(call, work, query, credit.id)


def _named(work: Work, name: str) -> CreditNote:
    found = work.ledger.credit_notes.get(name) if is_guid(name) else None
    if found is None:
        held = work.ledger.credit_notes.find("number", name)
        found = held[0] if held else None
    if found is None:
        raise not_found()
    return found


def _list(work: Work, query: Query) -> Reply:
    found = LISTING.select(list(work.ledger.credit_notes), query)
    return LISTING.reply(
        "CreditNotes",
        found,
        query,
        work.now,
        lambda one: credit_note_view(one, work, lines=query.paged, full_contact=False),
    )


def _write(call: Call, work: Work, query: Query, credit_id: str = "") -> Reply:
    raws = elements(call.body, "CreditNotes")
    if call.method == "PUT" and not credit_id:
        write = create
    elif call.method == "POST":

        def write(work: Work, raw: Raw) -> CreditNote:
            return create_or_update(work, raw, credit_id)

    else:
        raise not_allowed()
    batch = Batch(
        "CreditNotes",
        "CreditNoteID",
        "HasErrors",
        write,
        lambda one: credit_note_view(one, work),
        credit_id or NO_ID,
    )
    return batch.reply(work, raws[:1] if credit_id else raws, query)


def _allocations(call: Call, work: Work, credit: CreditNote, rest: tuple[str, ...], query: Query) -> Reply:
    if len(rest) == 1 and call.method == "DELETE":
        part = next((one for one in credit.allocations if one.id == rest[0]), None)
        if part is None:
            raise not_found()
        deallocate(work, credit, part)
        return Reply(200, _allocation(work, part) | {"IsDeleted": True})  # the allocation, in no envelope
    if rest or call.method != "PUT":
        raise not_allowed()

    def view(part: Allocation) -> Raw:
        named = {"CreditNoteID": credit.id, "ID": credit.id, "CreditNoteNumber": credit.number}
        return _allocation(work, part) | {"CreditNote": named, "ValidationErrors": []}

    batch = Batch(
        "Allocations", "AllocationID", "HasErrors", lambda work, raw: allocate(work, credit, raw), view
    )
    return batch.reply(work, elements(call.body, "Allocations"), query)


def _allocation(work: Work, part: Allocation) -> Raw:
    number = work.ledger.invoice(part.invoice_id).number
    return {
        "AllocationID": part.id,
        "Amount": part.amount,
        "Date": ms_date(part.date),
        "Invoice": {"InvoiceID": part.invoice_id, "InvoiceNumber": number},
    }
