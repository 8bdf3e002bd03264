"""The exact document that would be sent, with the rule behind each field and the totals as Xero will compute them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shared.domain import money
from shared.domain.errors import FieldError, InvalidInput, NotConnected, XeroError
from shared.domain.invoices import InvoiceDocument
from shared.domain.plain import plain
from shared.domain.records import Appointment
from shared.ports import Ports
from shared.services.build_invoice import build
from shared.services.connections import read_connection
from shared.services.create_invoice import read_link
from shared.services.people import read_contact_link, who_pays
from shared.services.xero_lists import xero_list

#: Stands for the contact's id while the contact is still to be created.
NEW_CONTACT = "(a new contact)"


def preview(ports: Ports, practice_id: str, appointment_id: str, request: dict[str, Any]) -> dict[str, Any]:
    """{"document", "rules", "totals", "problems"}; sends nothing and keeps nothing."""
    tenant_id = read_connection(ports, practice_id).tenant_id
    link = read_link(ports, practice_id, appointment_id)
    if link is not None and link.tenant_id != tenant_id:
        link = None  # an invoice in another organisation is none here
    generation = link.generation + 1 if link and link.is_over else 1
    built = build(ports, practice_id, appointment_id, request | {"generation": generation})
    problems = list(built.errors)
    if link and not link.is_over:
        problems.append(FieldError("appointment_id", f"already invoiced as {link.invoice_number}"))
    contact_id, payer_problems = _contact(ports, practice_id, built.appointment, tenant_id)
    problems += payer_problems
    if built.document is None:
        return {"document": None, "rules": {}, "totals": None, "problems": _named(problems)}
    totals, total_problems = _totals(ports, practice_id, built.document)
    return {
        "document": plain(built.document.body(contact_id)),
        "rules": dict(built.document.rules) | {"lines": [line.rules for line in built.document.lines]},
        "totals": totals,
        "problems": _named(problems + total_problems),
    }


def _contact(
    ports: Ports, practice_id: str, appointment: Appointment, tenant_id: str | None
) -> tuple[str, list[FieldError]]:
    try:
        person, _ = who_pays(ports, practice_id, appointment)
    except InvalidInput as unknown:
        return NEW_CONTACT, unknown.errors
    contact = read_contact_link(ports, practice_id, person.id)
    known = contact is not None and contact.tenant_id == tenant_id
    return contact.contact_id if contact and known else NEW_CONTACT, []


def _totals(
    ports: Ports, practice_id: str, document: InvoiceDocument
) -> tuple[dict[str, str] | None, list[FieldError]]:
    try:
        taxes = {
            t["tax_type"]: Decimal(t["rate"]) for t in xero_list(ports, practice_id, "tax_rates")["items"]
        }
        accounts = {a["code"]: a for a in xero_list(ports, practice_id, "accounts")["items"]}
    except (XeroError, NotConnected) as error:
        return None, [
            FieldError("totals", f"cannot be computed without the organisation's tax rates: {error.detail}")
        ]
    problems, rates = [], []
    for index, line in enumerate(document.lines):
        account = accounts.get(line.item.account_code or "")
        if account is None or account["status"] != "ACTIVE":
            problems.append(
                FieldError(f"line_items[{index}].account_code", "not an active account of the organisation")
            )
        tax_type = line.item.tax_type or (account or {}).get("tax_type")
        if tax_type not in taxes:
            problems.append(FieldError(f"line_items[{index}].tax_type", "not a tax rate of the organisation"))
        rates.append(taxes.get(tax_type or "", Decimal(0)))
    if problems:
        return None, problems
    totals = money.totals([line.item for line in document.lines], rates, document.amounts)
    return {name: f"{value:.2f}" for name, value in vars(totals).items()}, []


def _named(problems: list[FieldError]) -> list[dict[str, str]]:
    return [{"field": problem.field, "message": problem.message} for problem in problems]
