"""The official SDK against the running simulator: its strict models accept everything we answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from xero_python.accounting import (
    Account,
    AccountingApi,
    Allocation,
    Allocations,
    Contact,
    Contacts,
    CreditNote,
    CreditNotes,
    HistoryRecord,
    HistoryRecords,
    Invoice,
    Invoices,
    LineAmountTypes,
    LineItem,
    LineItemTracking,
    Payment,
    PaymentDelete,
    Payments,
    Phone,
    RequestEmpty,
)
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token
from xero_python.exceptions import AccountingBadRequestException, NotFoundException

from tests.xero_simulator.accounting.demo import HARBOUR_STREET, KAURI_PHYSIO, THAMES_OSTEOPATHY
from tests.xero_simulator.server import Simulator
from tests.xero_simulator.visitor import Visitor

NOTE = HistoryRecords(history_records=[HistoryRecord(details="A note")])


class Sdk:
    """``AccountingApi`` with the tenant filled in."""

    def __init__(self, api: AccountingApi, tenant: str) -> None:
        self.api, self.tenant = api, tenant

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.api, name)
        return lambda *arguments, **options: method(self.tenant, *arguments, **options)


def connected(url: str, tenant: str) -> Sdk:
    visitor = Visitor(url)
    visitor.connect(tenants=[tenant])
    kept = {**visitor.tokens, "scope": visitor.tokens["scope"].split()}
    # Configuration hands every caller the first token object ever made; a fresh one keeps tests apart
    client = ApiClient(Configuration(), pool_threads=1)
    client.configuration.oauth2_token = OAuth2Token(visitor.client_id, visitor.client_secret)
    client.rest_client.pool_manager.connection_pool_kw["retries"] = False

    @client.oauth2_token_getter
    def token() -> dict[str, Any]:
        return kept

    @client.oauth2_token_saver
    def save(new: dict[str, Any]) -> None:
        kept.update(new)

    return Sdk(AccountingApi(client, f"{url}/api.xro/2.0"), tenant)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """One that answers as often as it is asked."""
    with Simulator().running() as running:
        yield running


@pytest.fixture
def sdk(simulator: Simulator) -> Sdk:
    return connected(simulator.url, HARBOUR_STREET)


def sold(amount: str = "100.00", **fields: Any) -> LineItem:
    given = {"description": "Consultation", "quantity": 1, "account_code": "201", **fields}
    return LineItem(unit_amount=Decimal(amount), **given)


def new_invoice(sdk: Sdk, **fields: Any) -> Any:
    (contact,) = sdk.update_or_create_contacts(Contacts(contacts=[Contact(name="Sam Patient")])).contacts
    given = {
        "type": "ACCREC",
        "contact": Contact(contact_id=contact.contact_id),
        "status": "AUTHORISED",
        "date": date(2026, 11, 25),
        "due_date": date(2030, 12, 9),
        "line_items": [sold()],
        **fields,
    }
    return sdk.create_invoices(Invoices(invoices=[Invoice(**given)])).invoices[0]


@pytest.mark.parametrize("tenant", [HARBOUR_STREET, KAURI_PHYSIO, THAMES_OSTEOPATHY])
def test_settings_of_every_organisation(simulator: Simulator, tenant: str) -> None:
    """Organisation, actions, accounts, rates, tracking, items, themes and currencies deserialise."""
    sdk = connected(simulator.url, tenant)
    assert sdk.get_organisations().organisations[0].organisation_id == tenant
    assert {one.status for one in sdk.get_organisation_actions().actions} <= {"ALLOWED", "NOT-ALLOWED"}
    accounts = sdk.get_accounts(where='Status=="ACTIVE"').accounts
    assert sdk.get_account(accounts[0].account_id).accounts[0].code == accounts[0].code
    rate = sdk.get_tax_rates(order="Name ASC").tax_rates[0]
    assert sdk.get_tax_rate_by_tax_type(rate.tax_type).tax_rates[0].name == rate.name
    category = sdk.get_tracking_categories(include_archived=True).tracking_categories[0]
    found = sdk.get_tracking_category(category.tracking_category_id).tracking_categories[0]
    assert (found.name, len(category.options), len(found.options)) == ("Clinic", 3, 2)
    item = sdk.get_items(unitdp=4).items[0]
    assert sdk.get_item(item.item_id).items[0].sales_details.unit_price == item.sales_details.unit_price
    theme = sdk.get_branding_themes().branding_themes[0]
    assert sdk.get_branding_theme(theme.branding_theme_id).branding_themes[0].name == "Standard"
    assert len(sdk.get_currencies().currencies) == 1


def test_lock_dates_are_dates(simulator: Simulator, sdk: Sdk) -> None:
    """Set by hand, read as a calendar date."""
    visitor = Visitor(simulator.url)
    visitor.control("POST", f"tenants/{HARBOUR_STREET}/organisation", {"period_lock_date": "2026-10-31"})
    assert sdk.get_organisations().organisations[0].period_lock_date == date(2026, 10, 31)


def test_contacts(sdk: Sdk) -> None:
    """Create, read in four ways, update, archive, note."""
    whole = Contact(
        name="Ann Lee",
        first_name="Ann",
        contact_number="p-1",
        email_address="ann@example.com",
        phones=[Phone(phone_type="MOBILE", phone_number="555")],
    )
    (made,) = sdk.create_contacts(Contacts(contacts=[whole]), summarize_errors=False).contacts
    assert (made.contact_status, made.name) == ("ACTIVE", "Ann Lee")
    assert sdk.get_contact(made.contact_id).contacts[0].phones[3].phone_number == "555"
    assert sdk.get_contact_by_contact_number("p-1").contacts[0].contact_id == made.contact_id
    page = sdk.get_contacts(page=1, page_size=2, search_term="ann", include_archived=True)
    assert (page.pagination.item_count, page.contacts[0].contact_id) == (1, made.contact_id)
    assert len(sdk.get_contacts(i_ds=[made.contact_id], summary_only=True).contacts) == 1
    since = datetime(2020, 1, 1, tzinfo=UTC)
    assert len(sdk.get_contacts(if_modified_since=since, where='Name=="Ann Lee"').contacts) == 1
    gone = Contacts(contacts=[Contact(contact_status="ARCHIVED")])
    assert sdk.update_contact(made.contact_id, gone).contacts[0].contact_status == "ARCHIVED"
    sdk.create_contact_history(made.contact_id, NOTE)
    assert sdk.get_contact_history(made.contact_id).history_records[0].details == "A note"


def test_a_taken_name_raises_with_xeros_message(sdk: Sdk) -> None:
    """400 envelope; with summarizeErrors=false the element tells."""
    taken = Contacts(contacts=[Contact(name="Adam Brown")])
    with pytest.raises(AccountingBadRequestException) as caught:
        sdk.create_contacts(taken)
    assert "must be unique across all active contacts" in caught.value.reason
    (one,) = sdk.create_contacts(taken, summarize_errors=False).contacts
    assert (one.status_attribute_string, one.has_validation_errors) == ("ERROR", True)
    assert "already assigned" in one.validation_errors[0].message


def test_invoices(sdk: Sdk) -> None:
    """Create with tracking, read, list in every way, change, email, note, void."""
    sdk.update_or_create_contacts(
        Contacts(contacts=[Contact(name="Sam Patient", email_address="sam@example.com")])
    )
    tracking = [LineItemTracking(name="Clinic", option="North Shore")]
    lines = [sold("0.1255", quantity=100, tracking=tracking), sold("19.99", quantity=3, discount_rate=10)]
    made = new_invoice(
        sdk,
        line_items=lines,
        line_amount_types=LineAmountTypes.INCLUSIVE,
        reference="apt-1",
        url="https://clinic.example/1",
    )
    assert (made.date, made.due_date, made.sub_total) == (
        date(2026, 11, 25),
        date(2030, 12, 9),
        Decimal("66.97"),
    )
    read = sdk.get_invoice(made.invoice_id, unitdp=4).invoices[0]
    assert read.line_items[0].tracking[0].option == "North Shore"
    found = sdk.get_invoices(
        invoice_numbers=[made.invoice_number],
        contact_i_ds=[made.contact.contact_id],
        statuses=["AUTHORISED", "PAID"],
        i_ds=[made.invoice_id],
        created_by_my_app=True,
        page=1,
        page_size=10,
        order="UpdatedDateUTC DESC",
        where="AmountDue>0",
        if_modified_since=datetime(2020, 1, 1, tzinfo=UTC),
    )
    assert (found.pagination.page_count, found.invoices[0].invoice_id) == (1, made.invoice_id)
    assert sdk.get_invoices(search_term="APT-1", summary_only=True).invoices[0].total == made.total
    assert sdk.get_invoices().invoices[0].line_items == []
    draft = Invoices(invoices=[Invoice(reference="apt-2")])
    assert sdk.update_invoice(made.invoice_id, draft).invoices[0].reference == "apt-2"
    again = Invoice(invoice_number=made.invoice_number, reference="apt-3")
    assert sdk.update_or_create_invoices(Invoices(invoices=[again])).invoices[0].reference == "apt-3"
    sdk.email_invoice(made.invoice_id, RequestEmpty())
    assert sdk.get_invoice(made.invoice_id).invoices[0].sent_to_contact is True
    assert (
        sdk.get_online_invoice(made.invoice_id).online_invoices[0].online_invoice_url.startswith("https://")
    )
    sdk.create_invoice_history(made.invoice_id, NOTE)
    assert len(sdk.get_invoice_history(made.invoice_id).history_records) >= 3
    void = Invoices(invoices=[Invoice(invoice_id=made.invoice_id, status="VOIDED")])
    assert sdk.update_invoice(made.invoice_id, void).invoices[0].status == "VOIDED"


def test_a_batch_with_errors_deserialises(sdk: Sdk) -> None:
    """One good and one broken element, each with its status."""
    contact = Contact(contact_id=new_invoice(sdk).contact.contact_id)
    broken = Invoice(
        type="ACCREC", contact=contact, status="AUTHORISED", line_items=[sold(account_code="999")]
    )
    good = Invoice(type="ACCREC", contact=contact, line_items=[sold()])
    found = sdk.create_invoices(Invoices(invoices=[broken, good]), summarize_errors=False).invoices
    assert [one.status_attribute_string for one in found] == ["ERROR", "OK"]
    assert "Account code '999'" in found[0].validation_errors[0].message
    assert found[0].has_errors is True


def test_a_partly_failed_batch_deserialises(simulator: Simulator, sdk: Sdk) -> None:
    """A fault refuses some of the elements; under the same key the same is answered again, and nothing is added."""
    simulator.fault("partly_failed", path="/api.xro/2.0/Contacts", index=[0, 2], message="Full moon")
    people = Contacts(contacts=[Contact(name=f"Moon {n}") for n in range(3)])
    for _ in range(2):
        found = sdk.create_contacts(people, summarize_errors=False, idempotency_key="moon").contacts
        assert [one.status_attribute_string for one in found] == ["ERROR", "OK", "ERROR"]
        assert found[0].validation_errors[0].message == "Full moon"
        assert found[1].contact_id
    names = {one.name for one in sdk.get_contacts(search_term="Moon").contacts}
    assert names == {"Moon 1"}
    simulator.fault("partly_failed", path="/api.xro/2.0/Contacts", every=1)
    with pytest.raises(AccountingBadRequestException, match="could not be saved"):
        sdk.create_contacts(Contacts(contacts=[Contact(name="Sun")]), summarize_errors=True)


def test_payments(sdk: Sdk) -> None:
    """Pay in two parts, read, list, note, delete."""
    invoice = new_invoice(sdk)
    target = {"invoice": Invoice(invoice_id=invoice.invoice_id), "account": Account(code="880")}
    one = sdk.create_payment(Payment(**target, amount=Decimal("40"), date=date(2026, 11, 26))).payments[0]
    rest = Payments(payments=[Payment(**target, amount=Decimal("60"), date=date(2026, 11, 27))])
    assert sdk.create_payments(rest, summarize_errors=False).payments[0].amount == 60
    paid = sdk.get_invoice(invoice.invoice_id).invoices[0]
    assert (paid.status, paid.fully_paid_on_date, len(paid.payments)) == ("PAID", date(2026, 11, 27), 2)
    assert sdk.get_payment(one.payment_id).payments[0].invoice.invoice_id == invoice.invoice_id
    assert len(sdk.get_payments(page=1, where='Status=="AUTHORISED"', order="Amount ASC").payments) == 2
    sdk.create_payment_history(one.payment_id, NOTE)
    assert sdk.get_payment_history(one.payment_id).history_records
    deleted = sdk.delete_payment(one.payment_id, PaymentDelete(status="DELETED")).payments[0]
    assert deleted.status == "DELETED"
    assert sdk.get_invoice(invoice.invoice_id).invoices[0].amount_due == 40


def test_credit_notes(sdk: Sdk) -> None:
    """Create, allocate, read, list, note, take the allocation away, void."""
    invoice = new_invoice(sdk)
    contact = Contact(contact_id=invoice.contact.contact_id)
    whole = CreditNote(type="ACCRECCREDIT", contact=contact, status="AUTHORISED", line_items=[sold("30")])
    note = sdk.create_credit_notes(CreditNotes(credit_notes=[whole])).credit_notes[0]
    part = Allocation(
        invoice=Invoice(invoice_id=invoice.invoice_id), amount=Decimal("30"), date=date(2026, 11, 26)
    )
    made = sdk.create_credit_note_allocation(
        note.credit_note_id, Allocations(allocations=[part])
    ).allocations[0]
    assert sdk.get_invoice(invoice.invoice_id).invoices[0].amount_credited == 30
    assert sdk.get_credit_note(note.credit_note_id).credit_notes[0].status == "PAID"
    assert sdk.get_credit_notes(page=1).credit_notes[0].allocations[0].amount == 30
    sdk.create_credit_note_history(note.credit_note_id, NOTE)
    assert sdk.get_credit_note_history(note.credit_note_id).history_records
    assert sdk.delete_credit_note_allocations(note.credit_note_id, made.allocation_id).is_deleted is True
    again = CreditNotes(credit_notes=[CreditNote(credit_note_number=note.credit_note_number, reference="x")])
    assert sdk.update_or_create_credit_notes(again).credit_notes[0].reference == "x"
    void = CreditNotes(credit_notes=[CreditNote(status="VOIDED")])
    assert sdk.update_credit_note(note.credit_note_id, void).credit_notes[0].status == "VOIDED"


def test_a_merged_contact_deserialises(simulator: Simulator, sdk: Sdk) -> None:
    """MergedToContactID and balances come with the single contact."""
    invoice = new_invoice(sdk)
    source = invoice.contact.contact_id
    target = sdk.get_contacts(where='Name=="Adam Brown"').contacts[0].contact_id
    path = f"tenants/{HARBOUR_STREET}/contacts/{source}/merge"
    assert Visitor(simulator.url).control("POST", path, {"into": target}).ok
    assert sdk.get_contact(source).contacts[0].merged_to_contact_id == target
    assert sdk.get_contact(target).contacts[0].balances.accounts_receivable.outstanding == 100


def test_the_unknown_is_not_found(sdk: Sdk) -> None:
    """404 raises NotFoundException."""
    with pytest.raises(NotFoundException):
        sdk.get_invoice("11111111-1111-4111-8111-111111111111")
