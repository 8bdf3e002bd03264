"""The main job from the outside: connect, send, pay in Xero, see it paid."""

from __future__ import annotations

from tests.hints import event, hint
from tests.product import Product


def test_payment_in_xero_shows_as_paid(product: Product) -> None:
    """Connect, create, pay by hand in Xero, webhook: the appointment's invoice says PAID with the amounts."""
    product.ready()
    created = product.invoice()
    assert created.status_code == 201, created.get_data(as_text=True)
    invoice = created.json
    assert (invoice["total"], invoice["amount_due"], invoice["status"]) == ("110.00", "110.00", "AUTHORISED")

    product.by_hand(f"invoices/{invoice['invoice_id']}/pay")
    hint(product, event(invoice["invoice_id"]))
    product.advance(3)
    product.run_tasks()

    seen = product.ok("GET", "/xero/invoices/a-1/", "reception")
    assert (seen["status"], seen["amount_paid"], seen["amount_due"]) == ("PAID", "110.00", "0.00")


def test_second_request_gives_the_same_invoice(product: Product) -> None:
    """Asking again answers 200 with the same invoice and makes no second one."""
    product.ready()
    first, second = product.invoice(), product.invoice()
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json["invoice_id"] == second.json["invoice_id"]
    assert len(product.invoices()) == 1
