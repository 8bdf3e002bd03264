"""Both sides held against each other: the ordinary day invoice by invoice, the whole by completeness."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from infra.local.demo.ordinary_day import appointments
from infra.local.demo.practice import ENDED, ORGANISATIONS, Practice


def invoices_agree(practice: Practice) -> bool:
    """Prints the table; True when every appointment has one invoice of ours and all figures agree."""
    books = practice.books()
    print(f"\n{practice.name}, {ORGANISATIONS[practice.name]}")
    print(f"{'appointment':<12} {'invoice':<14} {'status':<11} {'total':>9} {'paid':>9} {'due':>9}  books")
    good = True
    for appointment_id in appointments(practice):
        ours = practice.invoice(appointment_id)
        theirs = [i for i in books if i.get("Reference") == appointment_id and i["Status"] not in ENDED]
        verdict = _verdict(ours, theirs)
        good &= verdict == "agree"
        print(
            f"{appointment_id:<12} {ours['invoice_number']:<14} {ours['status']:<11} {ours['total']:>9} "
            f"{ours['amount_paid']:>9} {ours['amount_due']:>9}  {verdict}"
        )
    return good


def is_complete(practice: Practice) -> bool:
    """Prints the sentence on top; True when nothing differs, and no sales invoice is a stranger's."""
    whole = practice.completeness()
    ours, theirs = whole["clinic"], whole["xero"]
    print(
        f"{practice.name}: {ours['count']} in the clinic, {theirs['count']} in Xero, "
        f"difference {whole['difference']}"
    )
    for item in whole["items"]:
        print(f"  {item['kind']}: {item['appointment_id']}, {item.get('sentence', '')}")
    strangers = [
        i["InvoiceNumber"] for i in practice.books() if i["Type"] == "ACCREC" and not i.get("Reference")
    ]
    if strangers:
        print(f"  in the books without a reference of ours: {', '.join(strangers)}")
    return whole["difference"] == "0.00" and not whole["items"] and not strangers


def _verdict(ours: dict[str, Any], theirs: list[dict[str, Any]]) -> str:
    if len(theirs) != 1:
        return f"{len(theirs)} INVOICES"
    one = theirs[0]
    pairs = {
        "status": (ours["status"], one["Status"]),
        "number": (ours["invoice_number"], one["InvoiceNumber"]),
        "total": (Decimal(ours["total"]), Decimal(one["Total"])),
        "paid": (Decimal(ours["amount_paid"]), Decimal(one["AmountPaid"])),
        "due": (Decimal(ours["amount_due"]), Decimal(one["AmountDue"])),
    }
    wrong = [name for name, (here, there) in pairs.items() if here != there]
    return f"DIFFER in {', '.join(wrong)}" if wrong else "agree"
