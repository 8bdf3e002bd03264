"""The life of an invoice, in the United Kingdom: draft, approved, e-mailed, changed, void."""

from __future__ import annotations

from infra.local.demo.practice import ENDED, Practice, expect
from infra.local.machinery import poster
from infra.local.sample_day import CONSULT, LONG, TAPE


def approved_by_rule_or_by_person(practice: Practice) -> None:
    """Drafts up to 100 pounds are approved by the practice's rule, the larger one by the bookkeeper."""
    rule = {"after_hours": 0, "up_to": "100.00"}
    practice.bookkeeper.call("PUT", "/xero/settings/", json={"invoice_status": "DRAFT", "auto_approve": rule})
    practice.appointment("apt-2401", "p-11", CONSULT)
    practice.appointment("apt-2402", "p-11", LONG)
    for appointment_id in ("apt-2401", "apt-2402"):
        practice.invoiced(appointment_id)
    poster(practice.settings)("/tasks/reconcile")
    practice.until("the rule has approved", lambda: _status(practice, "apt-2401") == "AUTHORISED")
    if _status(practice, "apt-2402") == "DRAFT":
        practice.act("apt-2402", "approve")
    practice.until("the bookkeeper's is approved", lambda: _status(practice, "apt-2402") == "AUTHORISED")
    practice.bookkeeper.call(
        "PUT", "/xero/settings/", json={"invoice_status": "AUTHORISED", "auto_approve": None}
    )


def emailed_once_with_its_link(practice: Practice) -> None:
    """Xero e-mails it, once however often it is asked; the link to the online invoice is there to copy."""
    for _ in range(2):
        practice.reception.raw("POST", "/xero/invoices/apt-2401/email/", json={})
    made = practice.invoice("apt-2401")
    practice.until("it was e-mailed", lambda: practice.in_books(made["invoice_id"]).get("SentToContact"))
    link = practice.act("apt-2401", "online")["online_invoice_url"]
    expect(str(link).startswith("https://"), f"the online invoice is {link}")


def changed_while_nothing_is_paid(practice: Practice) -> None:
    """A line more after it was invoiced: the difference is shown and sent to the same invoice."""
    if not practice.invoice("apt-2403"):
        practice.appointment("apt-2403", "p-22", CONSULT)
        practice.invoiced("apt-2403")
    practice.appointment("apt-2403", "p-22", CONSULT, TAPE)
    shown = practice.invoice("apt-2403")
    if shown["difference"]:
        expect(shown["difference"]["proposal"] == "update", f"proposed was {shown['difference']}")
        practice.act("apt-2403", "update")
    practice.until("it is updated", lambda: not practice.invoice("apt-2403")["difference"])
    practice.reception.call("POST", "/xero/invoices/apt-2403/note/", json={"text": "Tape was added"})


def a_number_is_never_used_again(practice: Practice) -> None:
    """Voided and invoiced again: another number, for Xero keeps the old one."""
    practice.appointment("apt-2404", "p-22", LONG)
    mine = lambda: [i for i in practice.books() if i.get("Reference") == "apt-2404"]  # noqa: E731
    if len(mine()) < 2:
        practice.invoiced("apt-2404")
        if all(i["Status"] not in ENDED for i in mine()):
            practice.act("apt-2404", "void")
            practice.until("it is void", lambda: mine()[0]["Status"] in ENDED)
        practice.invoiced("apt-2404")
    numbers = [i["InvoiceNumber"] for i in mine()]
    expect(len(numbers) == len(set(numbers)) == 2, f"the numbers are {numbers}")


def numbered_by_xero(practice: Practice) -> None:
    """Numbering left to Xero, if the practice wants it: the invoice takes Xero's next number."""
    practice.bookkeeper.call("PUT", "/xero/settings/", json={"numbering": "xero"})
    practice.appointment("apt-2405", "p-22", CONSULT)
    made = practice.invoiced("apt-2405")
    practice.bookkeeper.call("PUT", "/xero/settings/", json={"numbering": "ours"})
    expect(not made["invoice_number"].startswith("CL-"), f"its number is {made['invoice_number']}")


def _status(practice: Practice, appointment_id: str) -> str:
    return str(practice.invoice(appointment_id)["status"])


SITUATIONS = (
    approved_by_rule_or_by_person,
    emailed_once_with_its_link,
    changed_while_nothing_is_paid,
    a_number_is_never_used_again,
    numbered_by_xero,
)
