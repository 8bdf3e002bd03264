"""The Contacts endpoint."""

from __future__ import annotations

from ..interface import Call, Reply
from . import history
from .batches import Batch, Raw
from .bodies import elements, is_guid
from .contact_view import contact_view, detailed_view, summary_view
from .contact_writing import create, create_or_update
from .ledger import Work
from .listing import Listing, Query
from .records import Contact
from .replies import NO_ID, envelope, not_allowed, not_found
from .where import guid_of, moment_of, switch_of, text_of

LISTING: Listing[Contact] = Listing(
    "Contact",
    {
        "contactid": guid_of(lambda one: one.id),
        "name": text_of(lambda one: one.name),
        "contactnumber": text_of(lambda one: one.number),
        "accountnumber": text_of(lambda one: one.account_number),
        "contactstatus": text_of(lambda one: one.status),
        "emailaddress": text_of(lambda one: one.text("EmailAddress")),
        "firstname": text_of(lambda one: one.text("FirstName")),
        "lastname": text_of(lambda one: one.text("LastName")),
        "taxnumber": text_of(lambda one: one.text("TaxNumber")),
        "companynumber": text_of(lambda one: one.text("CompanyNumber")),
        "iscustomer": switch_of(lambda one: one.is_customer),
        "issupplier": switch_of(lambda one: one.is_supplier),
        "updateddateutc": moment_of(lambda one: one.updated),
    },
    lambda one: one.updated,
)


def answer(call: Call, work: Work) -> Reply:
    rest = call.path[1:]
    query = Query(call)
    if not rest:
        return _list(work, query) if call.method == "GET" else _write(call, work, query)
    contact = _named(work, rest[0])
    if len(rest) == 2 and rest[1].lower() == "history":
        return history.answer(call, work, work.ledger.contacts, contact)
    if len(rest) > 1:
        raise not_found()
    if call.method == "GET":
        return envelope("Contacts", [detailed_view(contact, work)], work.now)
    return _write(call, work, query, contact.id)


def _named(work: Work, name: str) -> Contact:
    """One contact by its id, or else by its ContactNumber."""
    found = work.ledger.contacts.get(name) if is_guid(name) else None
    if found is None:
        held = work.ledger.contacts.find("number", name)
        found = held[0] if held else None
    if found is None:
        raise not_found()
    return found


def _list(work: Work, query: Query) -> Reply:
    """Archived contacts are hidden unless asked for; details come with pages only."""
    if (ids := query.ids("IDs")) is not None:
        rows = [one for one in map(work.ledger.contacts.get, sorted(ids)) if one is not None]
    else:
        rows = list(work.ledger.contacts)
    if not query.flag("includeArchived"):
        rows = [one for one in rows if one.status != "ARCHIVED"]
    if term := query.get("searchTerm").casefold():
        rows = [one for one in rows if _mentions(one, term)]
    found = LISTING.select(rows, query)
    if query.flag("summaryOnly"):
        return LISTING.reply("Contacts", found, query, work.now, summary_view)
    if query.paged:
        return LISTING.reply("Contacts", found, query, work.now, lambda one: detailed_view(one, work))
    return LISTING.reply("Contacts", found, query, work.now, contact_view)


def _mentions(contact: Contact, term: str) -> bool:
    """The search covers Name, FirstName, LastName, ContactNumber and EmailAddress, in any case."""
    texts = (
        contact.name,
        contact.number,
        *(contact.text(f) for f in ("FirstName", "LastName", "EmailAddress")),
    )
    return any(term in text.casefold() for text in texts)


def _write(call: Call, work: Work, query: Query, contact_id: str = "") -> Reply:
    raws = elements(call.body, "Contacts")
    if call.method == "PUT" and not contact_id:
        write = create
    elif call.method == "POST":

        def write(work: Work, raw: Raw) -> Contact:
            return create_or_update(work, raw, contact_id)

    else:
        raise not_allowed()
    batch = Batch("Contacts", "ContactID", "HasValidationErrors", write, contact_view, contact_id or NO_ID)
    return batch.reply(work, raws[:1] if contact_id else raws, query)
