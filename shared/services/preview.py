"""The exact document that would be sent, with the rule behind each field and the totals as Xero will compute them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shared.domain import money
from shared.domain.errors import FieldError, NotConnected, XeroError
from shared.domain.invoices import InvoiceDocument
from shared.domain.plain import plain
from shared.ports import Ports
from shared.services.build_invoice import build
from shared.services.create_invoice import read_link
from shared.services.people import payer_of, read_contact_link
from shared.services.xero_lists import xero_list

#: Stands for the contact's id while the contact is still to be created.
NEW_CONTACT = "(a new contact)"


def preview(ports: Ports, practice_id: str, appointment_id: str, request: dict[str, Any]) -> dict[str, Any]:
    """{"document", "rules", "totals", "problems"}; sends nothing and keeps nothing."""
    link = read_link(ports, practice_id, appointment_id)
    generation = link.generation + 1 if link and link.is_over else 1
    built = build(ports, practice_id, appointment_id, request | {"generation": generation})
    problems = list(built.errors)
    if link and not link.is_over:
        problems.append(FieldError("appointment_id", f"already invoiced as {link.invoice_number}"))
    if built.document is None:
        return {"document": None, "rules": {}, "totals": None, "problems": _named(problems)}
    person = payer_of(ports, practice_id, built.appointment)
    contact = read_contact_link(ports, practice_id, person.id)
    body = built.document.body(contact.contact_id if contact else NEW_CONTACT)
    rules = dict(built.document.rules) | {"lines": [line.rules for line in built.document.lines]}
    totals, total_problems = _totals(ports, practice_id, built.document)
    return {
        "document": plain(body),
        "rules": rules,
        "totals": totals,
        "problems": _named(problems + total_problems),
    }


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
