"""The organisations' set-up, lock dates, switches by hand, and keeping everything over a restart."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import simplejson

from tests.simulator.desk import START, Desk, line, sale
from tests.xero_simulator.accounting.demo import (
    HARBOUR_STREET,
    KAURI_PHYSIO,
    THAMES_OSTEOPATHY,
    demo_books,
)


def test_three_clinics_with_fixed_ids() -> None:
    """Australia, New Zealand, United Kingdom."""
    books = demo_books(START)
    assert [(one.tenant_id, one.name) for one in books] == [
        (HARBOUR_STREET, "Harbour Street Clinic"),
        (KAURI_PHYSIO, "Kauri Physio"),
        (THAMES_OSTEOPATHY, "Thames Osteopathy"),
    ]
    assert all(uuid.UUID(one.tenant_id).version == 4 for one in books)


@pytest.mark.parametrize(
    ("organisation", "currency", "country", "zone", "rates"),
    [
        (0, "AUD", "AU", "AUSEASTERNSTANDARDTIME", {"OUTPUT": 10, "EXEMPTOUTPUT": 0, "BASEXCLUDED": 0}),
        (1, "NZD", "NZ", "NEWZEALANDSTANDARDTIME", {"OUTPUT2": 15, "ZERORATED": 0, "NONE": 0}),
        (
            2,
            "GBP",
            "GB",
            "GMTSTANDARDTIME",
            {"OUTPUT2": 20, "RROUTPUT": 5, "ZERORATEDOUTPUT": 0, "EXEMPTOUTPUT": 0, "NONE": 0},
        ),
    ],
)
def test_each_country_has_its_taxes(
    organisation: int, currency: str, country: str, zone: str, rates: dict[str, int]
) -> None:
    """Currency, country, zone in Xero's spelling, and the tax types that apply to revenue."""
    desk = Desk(organisation)
    one = desk.one("GET", "Organisation")
    assert (one["BaseCurrency"], one["CountryCode"], one["Timezone"]) == (currency, country, zone)
    assert one["ShortCode"].startswith("!")
    shown = desk.many("GET", "TaxRates", where='Status=="ACTIVE" AND CanApplyToRevenue==true')
    assert {rate["TaxType"]: rate["EffectiveRate"] for rate in shown} == rates
    assert [one["Code"] for one in desk.many("GET", "Currencies")] == [currency]


def test_accounts_can_be_told_apart() -> None:
    """System accounts, the archived one, the bank and those that take payments are marked."""
    desk = Desk()
    accounts = {one["Code"]: one for one in desk.many("GET", "Accounts")}
    assert accounts["610"]["SystemAccount"] == "DEBTORS"
    assert accounts["299"]["Status"] == "ARCHIVED"
    assert (accounts["090"]["Type"], accounts["090"]["CurrencyCode"]) == ("BANK", "AUD")
    assert [code for code, one in accounts.items() if one["EnablePaymentsToAccount"]] == ["880", "881"]
    found = desk.many("GET", "Accounts", where='Status=="ACTIVE" AND Class=="REVENUE"')
    assert {one["Code"] for one in found} == {"200", "201", "202", "260"}
    assert desk.one("GET", f"Accounts/{accounts['200']['AccountID']}")["Name"] == "Sales"


def test_archived_tracking_is_shown_only_when_asked_for() -> None:
    """Two categories; the old clinic hides."""
    desk = Desk()
    clinic, practitioner = desk.many("GET", "TrackingCategories")
    assert [one["Name"] for one in clinic["Options"]] == ["Harbour Street", "North Shore"]
    assert len(practitioner["Options"]) == 4
    everything = desk.many("GET", "TrackingCategories", includeArchived="true")
    assert [one["Status"] for one in everything[0]["Options"]] == ["ACTIVE", "ACTIVE", "ARCHIVED"]
    path = f"TrackingCategories/{clinic['TrackingCategoryID']}"
    assert desk.one("GET", path)["Name"] == "Clinic"


def test_items_themes_and_rates_are_read_one_by_one() -> None:
    """Items by code or id, themes by id, rates by type."""
    desk = Desk()
    items = {one["Code"]: one for one in desk.many("GET", "Items")}
    assert set(items) == {"CONSULT", "CONSULT-LONG", "ORTHOTIC", "TAPE"}
    assert desk.one("GET", "Items/consult")["ItemID"] == items["CONSULT"]["ItemID"]
    assert str(desk.one("GET", "Items/CONSULT", unitdp="4")["SalesDetails"]["UnitPrice"]) == "95.0000"
    theme = desk.many("GET", "BrandingThemes")[0]
    assert desk.one("GET", f"BrandingThemes/{theme['BrandingThemeID']}")["Name"] == "Standard"
    assert desk.one("GET", "TaxRates/OUTPUT")["Name"] == "GST on Income"
    assert desk.ask("GET", "TaxRates/OUTPUT9").status == 404


@pytest.mark.parametrize(
    ("lock", "name"),
    [("period_lock_date", "period lock date"), ("end_of_year_lock_date", "end of year lock date")],
)
def test_nothing_moves_in_a_locked_period(lock: str, name: str) -> None:
    """Posting, approving, editing, voiding, paying and un-paying on or before the lock date are refused."""
    desk = Desk()
    contact = desk.contact()
    old = desk.invoice(contact, Date="2026-10-31")
    draft = desk.invoice(contact, Date="2026-10-31", Status="DRAFT")
    paid = desk.pay(desk.invoice(contact, Date="2026-10-31"), 100, Date="2026-10-31")
    desk.organisation(**{lock: "2026-10-31"})
    message = f"The document date cannot be before the {name}, currently set at 31-Oct-2026"
    path = f"Invoices/{old['InvoiceID']}"
    assert desk.refusal("PUT", "Invoices", sale(contact, Date="2026-10-31")) == [message]
    assert desk.refusal("POST", path, {"Date": "2026-11-20"}) == [message]
    assert desk.refusal("POST", path, {"Status": "VOIDED"}) == [message]
    assert desk.refusal("POST", f"Invoices/{draft['InvoiceID']}", {"Status": "AUTHORISED"}) == [message]
    about_payment = message.replace("document", "payment")
    pay = {"Invoice": {"InvoiceID": old["InvoiceID"]}, "Account": {"Code": "880"}, "Amount": 1}
    assert desk.refusal("PUT", "Payments", pay | {"Date": "2026-10-30"}) == [about_payment]
    assert desk.refusal("POST", f"Payments/{paid['PaymentID']}", {"Status": "DELETED"}) == [about_payment]
    assert desk.invoice(contact, Date="2026-11-01")["Status"] == "AUTHORISED"
    assert desk.invoice(contact, Date="2026-10-01", Status="DRAFT")["Status"] == "DRAFT"
    desk.one("PUT", "Payments", pay | {"Date": "2026-11-01"})
    shown = "PeriodLockDate" if lock == "period_lock_date" else "EndOfYearLockDate"
    assert desk.one("GET", "Organisation")[shown] == "/Date(1793404800000+0000)/"
    desk.organisation(**{lock: None})
    assert shown not in desk.one("GET", "Organisation")


def test_switches_by_hand() -> None:
    """Plan, zone, offline, currencies, accounts, tracking and tax rates."""
    desk = Desk()
    desk.organisation(plan="EARLY", time_zone="WAUSTRALIASTANDARDTIME", offline=True)
    one = desk.one("GET", "Organisation")
    assert (one["Class"], one["Timezone"], desk.books.offline) == ("STARTER", "WAUSTRALIASTANDARDTIME", True)
    desk.organisation(
        account={"Code": "270", "Name": "Classes", "TaxType": "OUTPUT"},
        tracking_option={"Category": "Clinic", "Option": "North Shore", "Status": "ARCHIVED"},
    )
    desk.organisation(tracking_option={"Category": "Clinic", "Option": "East Side"})
    assert desk.invoice(LineItems=[line("10", AccountCode="270")])["TotalTax"] == 1
    names = [one["Name"] for one in desk.many("GET", "TrackingCategories")[0]["Options"]]
    assert names == ["Harbour Street", "East Side"]
    desk.organisation(
        tax_rate={"TaxType": "OUTPUT", "Status": "DELETED"},
        tracking_category={"Name": "Practitioner", "Status": "ARCHIVED"},
    )
    assert len(desk.many("GET", "TrackingCategories")) == 1
    assert (
        "TaxType code OUTPUT does not exist"
        in desk.refusal("PUT", "Invoices", sale(desk.contact("Bo"), LineItems=[line(AccountCode="200")]))[0]
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"colour": "red"},
        {"period_lock_date": "soon"},
        {"time_zone": "Sydney"},
        {"offline": "yes"},
        {"account": {"Code": "200", "Status": "GONE"}},
        {"account": {"Name": "no code"}},
        {"tracking_option": {"Option": "Nowhere"}},
        {"tax_rate": {"TaxType": "NOPE"}},
    ],
)
def test_unknown_switches_are_refused(fields: dict[str, Any]) -> None:
    """400 with a message for a person."""
    reply = Desk().hand("organisation", "", "set", **fields)
    assert reply.status == 400
    assert reply.body["Message"]


def test_settings_are_taken_together_or_not_at_all() -> None:
    """A wrong one undoes those before it."""
    desk = Desk()
    assert desk.hand("organisation", "", "set", plan="EARLY", account={"Name": "no code"}).status == 400
    assert desk.one("GET", "Organisation")["Class"] == "GROW"
    assert desk.books.take_dirty() == {}


def busy_desk() -> Desk:
    desk = Desk()
    ann = desk.contact("Ann", ContactNumber="p-1", Phones=[{"PhoneType": "MOBILE", "PhoneNumber": "1"}])
    tracking = [{"Name": "Clinic", "Option": "North Shore"}]
    lines = [line("19.99", Quantity="1.5", DiscountRate="10", Tracking=tracking), line("0.1255")]
    first = desk.one("PUT", "Invoices", sale(ann, LineItems=lines), unitdp="4")
    desk.invoice(ann)
    desk.later(seconds=1.2345)
    desk.pay(first, "5.05")
    note = {"Type": "ACCRECCREDIT", "Contact": ann, "Status": "AUTHORISED", "LineItems": [line("3")]}
    made = desk.one("PUT", "CreditNotes", note)
    part = {"Invoice": {"InvoiceID": first["InvoiceID"]}, "Amount": 2, "Date": "2026-11-25"}
    desk.one("PUT", f"CreditNotes/{made['CreditNoteID']}/Allocations", part)
    desk.organisation(period_lock_date="2026-01-31", plan="EARLY")
    desk.contact("Zoe")
    return desk


def test_everything_survives_a_restart() -> None:
    """What take_dirty gives, kept as JSON in any order, makes the same books again, to the millisecond."""
    desk = Desk()
    desk.books = demo_books(START)[0]
    kept = dict(desk.books.take_dirty())
    busy = busy_desk()
    kept |= busy.books.take_dirty()
    kept = json.loads(json.dumps(dict(reversed(kept.items()))))
    again = Desk()
    again.books.load(kept)
    again.now = busy.now
    for path in ("Invoices", "Contacts", "Payments", "CreditNotes", "Organisation"):
        one, other = (each.ask("GET", path, page="1", unitdp="4").body for each in (busy, again))
        assert simplejson.dumps(one | {"Id": ""}) == simplejson.dumps(other | {"Id": ""})
    assert again.books.snapshot() == busy.books.snapshot()
    contact = {"ContactID": busy.many("GET", "Contacts", searchTerm="zoe")[0]["ContactID"]}
    assert again.invoice(contact)["InvoiceNumber"] == busy.invoice(contact)["InvoiceNumber"] == "INV-0003"
    assert [one[1] for one in again.events()] == ["CREATE"]


def test_dirty_is_what_changed_since_last_asked() -> None:
    """Nothing after nothing, nothing after a refusal, the touched documents after a payment."""
    desk = Desk()
    invoice = desk.invoice()
    desk.books.take_dirty()
    assert desk.books.take_dirty() == {}
    desk.many("GET", "Invoices", page="1")
    desk.refusal("PUT", "Payments", {"Invoice": {"InvoiceID": invoice["InvoiceID"]}, "Amount": 1})
    assert desk.books.take_dirty() == {}
    made = desk.pay(invoice, 1)
    assert set(desk.books.take_dirty()) == {
        f"invoice:{invoice['InvoiceID']}",
        f"payment:{made['PaymentID']}",
    }


def test_the_demo_is_the_same_every_time() -> None:
    """Its ids do not change from start to start, so that a mapping made once stays right."""
    one, other = (books[0].snapshot() for books in (demo_books(START), demo_books(START)))
    assert one == other
    names = {contact["Name"] for contact in one["contacts"]}
    assert "Adam Brown" in names
    assert all("ContactNumber" not in contact for contact in one["contacts"])


def test_a_snapshot_is_in_xeros_shapes() -> None:
    """Four lists, everything in them."""
    found = busy_desk().books.snapshot()
    assert [len(found[key]) for key in ("contacts", "invoices", "payments", "credit_notes")] == [5, 2, 1, 1]
    assert found["invoices"][0]["AmountCredited"] == 2
    assert found["payments"][0]["Invoice"]["InvoiceID"] == found["invoices"][0]["InvoiceID"]
