"""Which lines keep their id in Xero, and when an invoice says already what we would send."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.edited_lines import says, with_ids
from shared.domain.xero_records import InvoiceSnapshot

OURS: dict[str, Any] = {
    "Description": "Consultation",
    "Quantity": Decimal(1),
    "UnitAmount": Decimal("100.00"),
    "AccountCode": "200",
    "Tracking": [{"TrackingCategoryID": "c", "TrackingOptionID": "o"}],
}
#: The same line as Xero shows it: more fields, other notations.
THEIRS: dict[str, Any] = OURS | {
    "LineItemID": "l-1",
    "Quantity": Decimal("1.0000"),
    "UnitAmount": Decimal(100),
    "TaxType": "OUTPUT",
    "TaxAmount": Decimal("10.00"),
    "LineAmount": Decimal("100.00"),
    "ItemCode": None,
    "Tracking": [{"Name": "Clinic", "Option": "City", "TrackingCategoryID": "c", "TrackingOptionID": "o"}],
}
BODY: dict[str, Any] = {
    "Contact": {"ContactID": "c-1"},
    "Date": "2026-11-24",
    "DueDate": "2026-12-08",
    "LineAmountTypes": "Exclusive",
    "LineItems": [OURS],
}


def invoice(**fields: Any) -> InvoiceSnapshot:
    found = InvoiceSnapshot(
        invoice_id="i-1",
        type="ACCREC",
        invoice_number="CL-a-1",
        reference="a-1",
        contact_id="c-1",
        status="DRAFT",
        currency="AUD",
        sub_total=Decimal(100),
        total_tax=Decimal(10),
        total=Decimal(110),
        amount_due=Decimal(110),
        amount_paid=Decimal(0),
        amount_credited=Decimal(0),
        date=date(2026, 11, 24),
        due_date=date(2026, 12, 8),
        fully_paid_on=None,
        updated_at=None,
        line_amount_types="Exclusive",
        line_items=(THEIRS,),
    )
    return replace(found, **fields)


def test_a_line_that_is_the_same_keeps_its_id() -> None:
    """However Xero writes amounts, and with its own fields."""
    assert with_ids([OURS], [THEIRS]) == [{"LineItemID": "l-1"} | OURS]


@pytest.mark.parametrize(
    "change",
    [
        {"Description": "Other"},
        {"Quantity": Decimal(2)},
        {"UnitAmount": Decimal("100.0001")},
        {"AccountCode": "201"},
        {"ItemCode": "PHYS"},
        {"TaxType": "EXEMPTOUTPUT"},
        {"DiscountRate": Decimal(10)},
        {"Tracking": []},
    ],
)
def test_a_changed_line_is_made_anew(change: dict[str, Any]) -> None:
    """With its id, a field that we leave out would keep its old value in Xero."""
    assert with_ids([OURS | change], [THEIRS]) == [OURS | change]
    assert not says(invoice(), BODY | {"LineItems": [OURS | change]})


def test_an_id_is_used_once() -> None:
    """Two equal lines where Xero has one: the second is new."""
    assert [line.get("LineItemID") for line in with_ids([OURS, OURS], [THEIRS])] == ["l-1", None]


@pytest.mark.parametrize(
    ("body", "there", "same"),
    [
        ({}, {}, True),
        ({"CurrencyCode": "AUD"}, {}, True),
        ({"CurrencyCode": "NZD"}, {}, False),
        ({"Date": "2026-11-25"}, {}, False),
        ({"DueDate": "2026-12-09"}, {}, False),
        ({"LineAmountTypes": "Inclusive"}, {}, False),
        ({"Contact": {"ContactID": "c-2"}}, {}, False),
        ({"LineItems": [OURS, OURS]}, {}, False),
        ({}, {"line_items": ()}, False),
        ({}, {"date": None}, False),
    ],
)
def test_whether_the_invoice_says_it(body: dict[str, Any], there: dict[str, Any], same: bool) -> None:
    """Contact, dates, kind of amounts, currency where given, and every line in its order."""
    assert says(invoice(**there), BODY | body) is same
