"""The soak's accounting notices what it is there for: each wrong is made by hand in an otherwise clean day."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from infra.local.settings import Settings
from tests.soak import accounts, faults
from tests.soak.evidence import Side
from tests.soak.plan import Appointment, Plan, Script, script
from tests.soak.staff import Desk
from tests.soak.xero import Xero

INVOICE = {"InvoiceID": "i1", "InvoiceNumber": "CL-d-a1", "Type": "ACCREC", "Status": "PAID", "Reference": "d-a1",
           "Total": "20.00", "AmountDue": "0.00", "AmountPaid": "20.00", "AmountCredited": "0.00"}  # fmt: skip
LINK = {"appointment_id": "d-a1", "invoice_id": "i1", "invoice_number": "CL-d-a1", "status": "PAID",
        "total": "20.00", "amount_due": "0.00", "amount_paid": "20.00", "amount_credited": "0.00"}  # fmt: skip
CONTACT = {"ContactID": "c1", "ContactNumber": "d-p1", "Phones": [{"PhoneNumber": "0400 1"}]}


def operation(kind: str, number: str, status: str = "done", **fields: Any) -> dict[str, Any]:
    subject = {"appointment_id": "d-a1"}
    return {"operation_id": number, "kind": kind, "status": status, "subject": subject, "reason": None,
            "next_attempt_at": None, "result": {}, **fields}  # fmt: skip


def clean_day() -> tuple[Side, Desk]:
    """One appointment, invoiced, paid and e-mailed."""
    side = Side(
        practice="demo",
        operations=[
            operation("contact_create", "o1", result={"contact_id": "c1"}),
            operation("invoice_create", "o2", result={"invoice_id": "i1"}),
            operation("payment_create", "o3", result={"amount": "20.00"}),
        ],
        links={"d-a1": dict(LINK)},
        logged={"o1", "o2", "o3"},
        attention=[],
        connection={"status": "connected", "reason": None},
        contacts=[dict(CONTACT)],
        invoices=[dict(INVOICE)],
        payments=[{"Reference": "o3", "Amount": "20.00", "Status": "AUTHORISED"}],
        notes={"i1": ["Created", "Invoice sent", "Payment"]},
    )
    story = Script({}, {"d-a1": Appointment("d-a1", "demo", "d-p1", [], Decimal("20.00"))}, [])
    desk = Desk(Settings(state_dir=Path("/nowhere")), Xero("http://127.0.0.1:9"), story, tries=1)
    desk.asked.add("d-a1")
    desk.details["demo", "d-p1"] = "0400 1"
    return side, desk


def problems(side: Side, desk: Desk) -> list[str]:
    return [
        *accounts.duplicates(side, desk.script),
        *accounts.lost(side, desk),
        *accounts.unexplained(side),
        *accounts.money(side, desk.script),
    ]


def test_a_clean_day_has_no_problems() -> None:
    """What is right is not complained about."""
    assert problems(*clean_day()) == []


WRONGS: dict[str, tuple[Callable[[Side], object], str]] = {
    "two invoices": (lambda s: s.invoices.append(INVOICE | {"InvoiceID": "i2"}), "2 living invoices"),
    "two contacts": (lambda s: s.contacts.append(CONTACT | {"ContactID": "c2"}), "2 contacts of one number"),
    "two payments": (lambda s: s.payments.append(s.payments[0]), "2 payments of one reference"),
    "two e-mails": (lambda s: s.notes["i1"].append("Invoice sent"), "2 e-mails of one invoice"),
    "no invoice": (lambda s: s.invoices.clear(), "nothing says why"),
    "no payment": (lambda s: s.payments.clear(), "its payment is not in Xero"),
    "payment not known": (lambda s: s.operations.pop(), "not done here"),
    "payment not shown": (lambda s: s.links["d-a1"].update(amount_paid="0.00"), "amount_paid: here 0.00"),
    "old status": (lambda s: s.links["d-a1"].update(status="AUTHORISED"), "status: here AUTHORISED"),
    "no link": (lambda s: s.links.clear(), "not linked here"),
    "old phone": (lambda s: s.contacts[0].update(Phones=[]), "telephone number"),
    "a cent": (lambda s: s.invoices[0].update(Total="20.01"), "the clinic says 20.00, Xero 20.01"),
    "edited": (lambda s: s.notes["i1"].append("Edited"), "changed after a payment"),
    "waits": (lambda s: s.operations[1].update(status="uncertain"), "still uncertain"),
    "no reason": (lambda s: s.operations[1].update(status="failed"), "does not say why"),
    "not shown": (lambda s: s.operations[1].update(status="failed", reason="x"), "nobody is told"),
    "not logged": (lambda s: s.logged.clear(), "the log does not say so"),
    "lost connection": (lambda s: s.connection.update(status="needs_reconnect"), "demo is needs_reconnect"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONGS)
def test_each_wrong_is_noticed(wrong: str) -> None:
    """One thing is made wrong; the accounts name it."""
    spoil, words = WRONGS[wrong]
    side, desk = clean_day()
    spoil(side)
    assert any(words in problem for problem in problems(side, desk)), problems(side, desk)


def test_the_same_seed_is_the_same_day() -> None:
    """People, appointments and clicks come from the seed alone; another seed is another day."""
    plan = Plan.short(7)
    assert script(plan) == script(plan)
    assert script(plan) != script(Plan.short(8))


@pytest.mark.parametrize("share", [0.0, 0.2])
def test_faults_add_up_to_the_share_asked_for(share: float) -> None:
    """The chance that none of the planned faults strikes is what is left of the share."""
    missed = 1.0
    for plan in faults.planned(share):
        missed *= 1 - plan["probability"]
    assert 1 - missed == pytest.approx(share)
