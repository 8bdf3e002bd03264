"""Something is changed in the books by hand: one difference, and one press mends it."""

from __future__ import annotations

from infra.local.demo.practice import Practice, expect
from infra.local.sample_day import CONSULT

BROKEN = "apt-2999"


def one_thing_broken_is_one_difference(practice: Practice) -> None:
    """Completeness is whole; an amount changed in Xero by hand is one difference, and its repair mends it once."""
    practice.appointment(BROKEN, "p-22", CONSULT)
    made = practice.invoiced(BROKEN)
    _mend(practice)  # what a demo that was cut off here has left
    practice.until("completeness is whole", lambda: not practice.completeness()["items"])
    line = {"Description": "By hand", "Quantity": "1", "UnitAmount": "120.00", "AccountCode": "200"}
    practice.by_hand(f"invoices/{made['invoice_id']}/edit", LineItems=[line])
    kinds = [(item["kind"], item["appointment_id"]) for item in practice.completeness()["items"]]
    expect(kinds == [("amount", BROKEN)], f"the differences are {kinds}")
    _mend(practice)
    practice.until("it is mended", lambda: not practice.completeness()["items"])
    expect(_mend(practice) == 0, "there was something left to mend")


def _mend(practice: Practice) -> int:
    """How many differences were taken up."""
    body = practice.period | {"kinds": ["amount"]}
    return len(practice.bookkeeper.call("POST", "/xero/completeness/repair/", json=body)["items"])


SITUATIONS = (one_thing_broken_is_one_difference,)
