"""To the cent, in New Zealand: rounding, a total that differs, a locked period, what changes after it was paid."""

from __future__ import annotations

import re
from typing import Any

from infra.local.demo.practice import Practice, expect
from infra.local.sample_day import CONSULT, LONG


def rounded_as_xero_rounds(practice: Practice) -> None:
    """25.06, 25.61 and 25.63 at 15 % come to 87.74: tax is rounded on each line."""
    lines = [_line(amount) for amount in ("25.06", "25.61", "25.63")]
    practice.appointment("apt-2301", "p-11", *lines)
    made = practice.invoiced("apt-2301")
    expect(made["total"] == "87.74", f"the total is {made['total']}")


def a_total_that_differs_is_held(practice: Practice) -> None:
    """Xero comes to another total than foretold: held with the difference, then voided and made again."""
    practice.appointment("apt-2302", "p-11", _line("6.10"))  # 15 % are 0.915
    if practice.invoice("apt-2302").get("total") != "7.02":
        practice.by_hand("organisation", tax_rounding="down")
        held = practice.invoiced("apt-2302")
        practice.by_hand("organisation", tax_rounding="half_up")
        expect(held["total_differs"] == "-0.01", f"the difference is {held['total_differs']}")
        expect("total_differs" in practice.attention(), "nobody is told that the total differs")
        refused = practice.reception.raw("POST", "/xero/invoices/apt-2302/email/", json={})
        practice.refusal(refused, "total_held")
        practice.act("apt-2302", "void")
        practice.until("it is void", lambda: practice.invoice("apt-2302")["status"] == "VOIDED")
        practice.invoiced("apt-2302")
        remade = lambda: practice.invoice("apt-2302")["total"] == "7.02"  # noqa: E731
        practice.until("it is made again", remade)
    expect("total_differs" not in practice.attention(), "a total is still held")


def a_locked_period(practice: Practice) -> None:
    """A visit in a locked period: refused with the first open day, and dated so once a person accepts it."""
    practice.appointment("apt-2303", "p-22", CONSULT, days_ago=40)
    if not practice.invoice("apt-2303"):
        locked = practice.day - practice.LOOK_BACK // 2
        practice.by_hand("organisation", period_lock_date=locked.isoformat())
        refused = practice.refusal(practice.create("apt-2303"), "locked_period")
        proposed = _first_open_day(refused)
        practice.invoiced("apt-2303", date=proposed)


def changed_after_it_was_paid(practice: Practice) -> None:
    """Another service after it was paid: the difference is shown, then credited and invoiced anew."""
    if not practice.invoice("apt-2304"):
        practice.appointment("apt-2304", "p-22", CONSULT)
        made = practice.invoiced("apt-2304")
        practice.by_hand(f"invoices/{made['invoice_id']}/pay")
        practice.act("apt-2304", "sync_status")
    practice.appointment("apt-2304", "p-22", LONG)
    shown = practice.invoice("apt-2304")
    if shown["difference"]:
        expect(shown["difference"]["proposal"] == "correct", f"proposed was {shown['difference']}")
        practice.act("apt-2304", "correct")
    practice.until("it is corrected", lambda: not practice.invoice("apt-2304")["difference"])


def cancelled_after_invoicing(practice: Practice) -> None:
    """A visit cancelled after it was invoiced: shown as a difference, then the invoice is voided."""
    if not practice.invoice("apt-2305"):
        practice.appointment("apt-2305", "p-22", CONSULT)
        practice.invoiced("apt-2305")
    practice.appointment("apt-2305", "p-22", CONSULT, status="cancelled")
    shown = practice.invoice("apt-2305")
    if shown["status"] != "VOIDED":
        expect(shown["difference"]["proposal"] == "void", f"proposed was {shown['difference']}")
        practice.act("apt-2305", "void")
    practice.until("it is void", lambda: practice.invoice("apt-2305")["status"] == "VOIDED")


def _line(amount: str) -> dict[str, str]:
    return {"service_code": "consult", "description": "Consultation", "unit_amount": amount}


def _first_open_day(refused: dict[str, Any]) -> str:
    """The day that the refusal proposes: the last of those it names, after the visit's and the lock's own."""
    return str(max(re.findall(r"\d{4}-\d{2}-\d{2}", refused["detail"])))


SITUATIONS = (
    rounded_as_xero_rounds,
    a_total_that_differs_is_held,
    a_locked_period,
    changed_after_it_was_paid,
    cancelled_after_invoicing,
)
