"""What may be chosen for which use, and when something named counts as archived or gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.choices import BANK_FEED, Choice, Verdict, account_uses, judge, tax_uses
from shared.domain.invoices import ACCOUNTS_OWN_TAX, DocumentLine, InvoiceDocument
from shared.domain.likeness import ALIKE, alike
from shared.domain.organisation_lists import OrganisationLists
from shared.domain.records import LineItem
from shared.domain.settings import ItemMapping, PracticeSettings, TrackingMapping
from shared.domain.stale import stale_in_document, stale_in_setup


def account(code: str | None = "200", **fields: Any) -> dict[str, Any]:
    given = {"name": f"Account {code}", "type": "REVENUE", "account_class": "REVENUE", "status": "ACTIVE"}
    return {
        "code": code,
        "tax_type": "OUTPUT",
        "enable_payments": False,
        "system_account": None,
        **given,
        **fields,
    }


@pytest.mark.parametrize(
    ("row", "uses"),
    [
        (account(), ["revenue"]),
        (account(type="OTHERINCOME", account_class=None), ["revenue"]),
        (account(enable_payments=True), ["revenue", "payments"]),
        (account(type="BANK", account_class="ASSET"), ["payments"]),
        (account(type="CURRENT", account_class="ASSET", enable_payments=True), ["payments"]),
        (account(type="CURRENT", account_class="ASSET"), []),
        (account(status="ARCHIVED"), []),
        (account(None, type="BANK", account_class="ASSET"), []),  # Xero's bank accounts need no code
    ],
)
def test_uses_of_an_account(row: dict[str, Any], uses: list[str]) -> None:
    """Income accounts for lines; bank accounts and those that take payments for payments."""
    assert account_uses(row) == uses


def test_uses_of_a_tax_rate() -> None:
    """Active, and on income."""
    rate = {"tax_type": "OUTPUT", "status": "ACTIVE", "can_apply_to_revenue": True}
    assert tax_uses(rate) == ["revenue"]
    assert tax_uses(rate | {"status": "DELETED"}) == tax_uses(rate | {"can_apply_to_revenue": False}) == []


def test_judging() -> None:
    """Codes are compared as Xero does, whatever their case; a bank account is taken with a warning."""
    rows = [account("20a"), account("090", type="BANK", account_class="ASSET")]
    assert judge(Choice("f", "revenue", "20A"), rows) == Verdict()
    assert judge(Choice("f", "payments", "090"), rows) == Verdict(warning=BANK_FEED)
    assert "takes no payments" in str(judge(Choice("f", "payments", "20a"), rows).error)
    assert judge(Choice("f", "revenue", "201"), rows).error


def _option(name: str, status: str = "ACTIVE") -> dict[str, str]:
    return {"option_id": f"o-{name}", "name": name.title(), "status": status}


LISTS: dict[str, Any] = {
    "accounts": {
        "items": [account("200"), account("299", status="ARCHIVED"), account("300", tax_type="OLD")]
    },
    "tax_rates": {
        "items": [
            {"tax_type": "OUTPUT", "name": "GST", "status": "ACTIVE"},
            {"tax_type": "OLD", "name": "Old GST", "status": "DELETED"},
        ]
    },
    "tracking": {
        "items": [
            {
                "name": "Clinic",
                "status": "ACTIVE",
                "options": [_option("city"), _option("wharf", "ARCHIVED")],
            },
            {"name": "Room", "status": "ARCHIVED", "options": [_option("one")]},
        ]
    },
    "items": {"items": [{"code": "TAPE", "name": "Tape", "tax_type": None}]},
    "branding_themes": {"items": [{"theme_id": "t-1", "name": "Standard"}]},
}


def known(**changes: Any) -> OrganisationLists:
    return OrganisationLists.from_stored({**LISTS, **changes})


@pytest.mark.parametrize(
    ("kind", "code", "fault"),
    [
        ("account", "200", None),
        ("account", "299", "archived"),
        ("account", "777", "gone"),
        ("tax_type", "OUTPUT", None),
        ("tax_type", "OLD", "archived"),
        ("tracking_option", "o-city", None),
        ("tracking_option", "o-wharf", "archived"),
        ("tracking_option", "o-one", "archived"),  # its category is
        ("item", "tape", None),
        ("item", "BRACE", "gone"),
        ("branding_theme", "t-1", None),
        ("branding_theme", "t-2", "gone"),
    ],
)
def test_what_is_at_fault(kind: str, code: str, fault: str | None) -> None:
    """Archived, gone, or usable."""
    assert known().fault(kind, code) == fault


def test_nothing_is_known_of_a_list_that_was_not_read() -> None:
    """Nor does a list with records that could not be read say that anything is gone."""
    assert OrganisationLists.from_stored({}).fault("account", "299") is None
    partly = known(accounts=LISTS["accounts"] | {"complete": False})
    assert (partly.fault("account", "777"), partly.fault("account", "299")) == (None, "archived")


def line(account_code: str, rule: str, **fields: Any) -> DocumentLine:
    item = LineItem(
        "Visit", Decimal(1), Decimal(100), account_code=account_code, tax_type=fields.pop("tax", "OUTPUT")
    )
    rules = {"account_code": rule, "tax_type": fields.pop("tax_rule", rule), "item_code": "service 'S'"}
    return DocumentLine(item, fields.pop("item_code", None), fields.pop("tracking", ()), rules)


def document(*lines: DocumentLine, **fields: Any) -> InvoiceDocument:
    plain = InvoiceDocument(
        appointment_id="a-1",
        date=date(2026, 11, 24),
        due_date=date(2026, 12, 8),
        amounts="exclusive",
        status="DRAFT",
        number="CL-a-1",
        currency=None,
        url=None,
        branding_theme_id=None,
        lines=lines,
        rules={},
    )
    return replace(plain, **fields)


def test_a_document_names_what_is_stale() -> None:
    """Each with its place, the rule that chose it, and where that is changed."""
    place = TrackingMapping("c-1", "clinic", "cat", "o-wharf")
    found = stale_in_document(
        document(
            line("200", "service 'S'"),
            line("299", "service 'S'", tracking=(place,), item_code="BRACE"),
            branding_theme_id="t-9",
        ),
        known(),
    )
    assert [(s.field, s.code, s.fault, s.where) for s in found] == [
        ("line_items[1].account_code", "299", "archived", "at /xero/items/"),
        ("line_items[1].item_code", "BRACE", "gone", "at /xero/items/"),
        ("line_items[1].tracking", "o-wharf", "archived", "at /xero/tracking/"),
        ("branding_theme_id", "t-9", "gone", "at /xero/settings/"),
    ]
    assert "Clinic: Wharf" in found[2].sentence
    assert "restore it there" in found[0].sentence
    assert "restore" not in found[1].sentence


def test_the_accounts_own_tax_counts_too() -> None:
    """A line without a tax type gets the account's in Xero, which may be the archived one."""
    (found,) = stale_in_document(
        document(line("300", "service 'S'", tax=None, tax_rule=ACCOUNTS_OWN_TAX)), known()
    )
    assert (found.kind, found.code, found.used_by) == ("tax_type", "OLD", "account 300")
    assert stale_in_document(document(line("300", "service 'S'", tax="OUTPUT")), known()) == []


@pytest.mark.parametrize("rule", ["the request", "the appointment"])
def test_what_the_caller_gave(rule: str) -> None:
    """Archived: it waits like anything else. Not known: it may be new in Xero, so Xero is asked."""
    assert [s.fault for s in stale_in_document(document(line("299", rule)), known())] == ["archived"]
    assert stale_in_document(document(line("777", rule)), known()) == []


def test_the_whole_setup() -> None:
    """Settings, services, clinics and practitioners, whether or not a document needs them yet."""
    settings = PracticeSettings(default_account_code="299", payment_accounts={"card": "299", "cash": "200"})
    found = stale_in_setup(
        settings,
        [ItemMapping("S", "299", "OLD"), ItemMapping("T", "200")],
        [
            TrackingMapping("d-1", "practitioner", account_code="299"),
            TrackingMapping("c", "clinic", "cat", "o-one"),
        ],
        known(),
    )
    assert [(s.used_by, s.code) for s in found] == [
        ("the practice's default account", "299"),
        ("payment method 'card'", "299"),
        ("service 'S'", "299"),
        ("service 'S'", "OLD"),
        ("practitioner 'd-1'", "299"),
        ("clinic 'c'", "o-one"),
    ]


@pytest.mark.parametrize(
    ("name", "other", "is_alike"),
    [
        ("dr-ruiz", "Dr Ana Ruiz", True),
        ("b-okafor", "Ben Okafor", True),
        ("harbour", "Harbour Street", True),
        ("consult", "Consultations", True),
        ("TAPE", "tape", True),
        ("Zoë", "ZOE", True),
        ("consult", "Orthotic insole", False),
        ("tape", "Rent", False),
        ("", "Rent", False),
        ("---", "...", False),
    ],
)
def test_likeness(name: str, other: str, is_alike: bool) -> None:
    """Case, accents and punctuation make no difference; unlike names are not suggested."""
    assert (alike([name], [other]) >= ALIKE) == is_alike
    assert alike([name], [other]) in range(101)
