"""A patient's new details reach Xero, whatever else touches the link to the contact at that moment or did before."""

from __future__ import annotations

from typing import Any

import pytest

from shared.services.writes import document_contact
from tests.product import TENANTS, Product


def sync(product: Product, phone: str) -> None:
    product.patient(phone=phone)
    product.ok("POST", "/xero/contacts/sync_patient/", "reception", json={"patient_id": "p-1"})


def phones(product: Product, practice: str = "demo") -> list[str]:
    (contact,) = [c for c in product.books(practice)["contacts"] if c.get("ContactNumber") == "p-1"]
    return [phone["PhoneNumber"] for phone in contact["Phones"] if phone["PhoneNumber"]]


def test_synced_while_an_invoice_asks_whether_the_contact_is_back(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Archived and restored in Xero, then an invoice looks at the contact while reception syncs a new number: what the
    sync noted on the link stays, so the number after it is sent too."""
    product.ready()
    product.invoice()
    contact_id = next(c["ContactID"] for c in product.books()["contacts"] if c.get("ContactNumber") == "p-1")
    product.by_hand(f"contacts/{contact_id}/archive")
    product.appointment("a-2")
    assert product.invoice("a-2").status_code == 422
    product.by_hand(f"contacts/{contact_id}/restore")
    look, looked = document_contact.follow_merges, []

    def while_looking(*arguments: Any) -> Any:
        if not looked:
            looked.append(True)
            sync(product, "0400 1")
        return look(*arguments)

    monkeypatch.setattr(document_contact, "follow_merges", while_looking)
    assert product.invoice("a-2").status_code == 201
    assert looked
    sync(product, "0400 2")
    assert phones(product) == ["0400 2"]


def test_changes_made_after_coming_back_from_another_organisation(product: Product) -> None:
    """Synced here, in another organisation, and here again: each new number is sent, none is taken for one of those
    sent the first time."""
    product.ready()
    sync(product, "0400 1")
    sync(product, "0400 2")
    for tenant in (TENANTS["other"], TENANTS["demo"]):
        product.ok("POST", "/xero/oauth/disconnect/")
        product.connect(tenants=[tenant])
        product.ok("POST", "/xero/connections/select/", json={"tenant_id": tenant})
        sync(product, "0400 3")
    sync(product, "0400 4")
    assert phones(product) == ["0400 4"]
