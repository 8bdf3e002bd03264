"""What of an appointment changed after invoicing, and which correction Xero allows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.corrections import PARTS, difference_of, differs, is_as_it_was, record_of
from shared.domain.links import InvoiceLink, link_from
from shared.domain.records import Appointment, LineItem, Payer
from shared.domain.xero_records import InvoiceSnapshot

DAY = date(2026, 11, 24)
AT = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
LINE = LineItem("Consultation", Decimal(1), Decimal("100.00"))


def appointment(**fields: Any) -> Appointment:
    base = Appointment("a-1", "p-1", AT, clinic_id="c-1", status="completed", line_items=(LINE,))
    return replace(base, **fields)


def linked(status: str = "AUTHORISED", paid: str = "0", credited: str = "0", **fields: Any) -> InvoiceLink:
    total = Decimal("110.00")
    snapshot = InvoiceSnapshot(
        invoice_id="i-1",
        type="ACCREC",
        invoice_number="CL-a-1",
        reference="a-1",
        contact_id="c-1",
        status=status,
        currency="AUD",
        sub_total=Decimal(100),
        total_tax=Decimal(10),
        total=total,
        amount_due=total - Decimal(paid) - Decimal(credited),
        amount_paid=Decimal(paid),
        amount_credited=Decimal(credited),
        date=DAY,
        due_date=DAY,
        fully_paid_on=None,
        updated_at=None,
    )
    link = link_from(
        snapshot, appointment_id="a-1", tenant_id="t-1", generation=1, now="2026-11-24T00:00:00Z", rules={}
    )
    return replace(link, sent={"record": record_of(appointment(), DAY)}, **fields)


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("lines", {"line_items": (replace(LINE, unit_amount=Decimal("100.01")),)}),
    ("lines", {"line_items": (LINE, LINE)}),
    ("lines", {"amounts": "inclusive"}),
    ("lines", {"currency": "NZD"}),
    ("payer", {"patient_id": "p-2"}),
    ("payer", {"payer": Payer(name="Health Fund")}),
    ("place", {"clinic_id": "c-2"}),
    ("place", {"practitioner_id": "d-1"}),
    ("cancelled", {"status": "cancelled"}),
    ("lines,payer", {"line_items": (), "patient_id": "p-2"}),
]


@pytest.mark.parametrize(("kind", "fields"), CHANGES)
def test_each_change_is_named(kind: str, fields: dict[str, Any]) -> None:
    """Lines, amounts, payer, place and a cancellation; several at once are all named."""
    changed = appointment(**fields)
    assert differs(linked(), changed, DAY, places_matter=True) == kind
    assert not is_as_it_was(linked().sent["record"], changed)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"status": "no_show"},
        {"reference": "R-7"},
        {"line_items": (replace(LINE, unit_amount=Decimal("100.0")),)},
    ],
)
def test_what_changes_no_invoice_is_no_difference(fields: dict[str, Any]) -> None:
    """Status, the clinic's own code, and the same amount written otherwise."""
    assert differs(linked(), appointment(**fields), DAY, places_matter=True) is None
    assert is_as_it_was(linked().sent["record"], appointment(**fields))


def test_a_day_changes_with_the_start_alone() -> None:
    """Moved to another hour of the day: nothing. To another day: the date. A zone corrected in settings: nothing."""
    later = AT.replace(hour=22)
    assert differs(linked(), appointment(starts_at=later), DAY, places_matter=True) is None
    assert differs(linked(), appointment(starts_at=later), date(2026, 11, 25), places_matter=True) == "date"
    assert differs(linked(), appointment(), date(2026, 11, 23), places_matter=True) is None


def test_places_that_stand_for_nothing_do_not_matter() -> None:
    """Another practitioner changes no invoice while neither is mapped to anything."""
    assert differs(linked(), appointment(practitioner_id="d-2"), DAY, places_matter=False) is None


def test_an_invoice_of_an_earlier_version_shows_only_a_cancellation() -> None:
    """What its record was is not known."""
    old = replace(linked(), sent={})
    assert differs(old, appointment(line_items=()), DAY, places_matter=True) is None
    assert differs(old, appointment(status="cancelled"), DAY, places_matter=True) == "cancelled"


@pytest.mark.parametrize(
    ("link", "locked", "changed", "cancelled"),
    [
        (linked("DRAFT"), None, "update", "delete"),
        (linked("SUBMITTED"), None, "update", "delete"),
        (linked("DRAFT"), DAY, "update", "delete"),
        (linked(), None, "update", "void"),
        (linked(), date(2026, 11, 23), "update", "void"),
        (linked(), DAY, "correct", "credit"),
        (linked(paid="10"), None, "correct", "credit"),
        (linked(credited="10"), None, "correct", "credit"),
        (linked("PAID", paid="110"), None, "correct", "credit"),
        (linked("PAID", credited="110", credited_by="CL-a-1-CN"), None, "correct", None),
        (linked("VOIDED"), None, None, None),
        (linked("DELETED"), None, None, None),
    ],
)
def test_the_proposal_is_what_xero_allows(
    link: InvoiceLink, locked: date | None, changed: str | None, cancelled: str | None
) -> None:
    """Drafts are updated or deleted, open invoices updated or voided, all others corrected by a credit note."""
    for kind, expected in (("lines", changed), ("cancelled", cancelled)):
        found = difference_of(replace(link, differs=kind), locked)
        assert (found.proposal if found else None) == expected
        assert found is None or ("CL-a-1" in found.sentence and found.kind == kind)


def test_several_changes_are_one_sentence() -> None:
    """The kind is several, the sentence names each."""
    found = difference_of(replace(linked(), differs="lines,date"), None)
    assert found is not None
    assert found.kind == "several"
    assert PARTS["lines"] in found.sentence
    assert PARTS["date"] in found.sentence
    assert difference_of(linked(), None) is None
