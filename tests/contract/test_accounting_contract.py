"""Every method of the port ``Accounting``, against the simulator."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from shared.domain.errors import AnswerLost, ConnectionLost, Missing, Paused, Rejected
from shared.domain.xero_records import (
    ContactSnapshot,
    CreditNoteSnapshot,
    InvoiceSnapshot,
    PaymentSnapshot,
)
from shared.ports.accounting import WriteRequest
from tests.contract.xero_world import XeroWorld, invoice, write, xero_world
from tests.xero_simulator.accounting.demo import KAURI_PHYSIO


@pytest.fixture(scope="module")
def world() -> Iterator[XeroWorld]:
    """One simulator for the whole file; every test makes its own documents."""
    with xero_world() as running:
        yield running


@pytest.fixture(autouse=True)
def fresh_minute(world: XeroWorld) -> None:
    """No test meets the minute limit because of another."""
    world.simulator.advance(60)
    world.tokens = world.consent()


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def contact_id(world: XeroWorld) -> str:
    return str(world.create_contact(unique("Anna"), unique("P")).contact_id)


def test_a_contact_is_created_found_and_updated(world: XeroWorld) -> None:
    """By ContactID and by our own number; letters of any script come back as they went."""
    name, number = unique("Zoë 山田 O'Neil"), unique("P")
    made = world.create_contact(name, number)
    assert isinstance(made, ContactSnapshot)
    assert (made.name, made.contact_number, made.status) == (name, number, "ACTIVE")
    assert world.books.contact(number) == world.books.contact(made.contact_id)
    body = {"Contacts": [{"EmailAddress": "zoe@example.com"}]}
    updated = world.books.send(write("contact_update", body, made.contact_id))
    assert (updated.email, updated.name) == ("zoe@example.com", name)
    assert world.books.contact(unique("P")) is None


def test_taken_names_and_numbers_are_told_apart_without_the_name(world: XeroWorld) -> None:
    """The two refusals that the services act on, with nobody's name in them."""
    name, number = unique("Anna Lee"), unique("P")
    world.create_contact(name, number)
    with pytest.raises(Rejected) as taken:
        world.create_contact(name, unique("P"))
    assert taken.value.code == "contact_name_taken"
    assert name not in str(taken.value)
    with pytest.raises(Rejected) as number_taken:
        world.create_contact(unique("Anna"), number)
    assert number_taken.value.code == "contact_number_taken"
    assert number not in str(number_taken.value)


def test_an_invoice_lives_through_its_states(world: XeroWorld) -> None:
    """Draft, approved, e-mailed, noted, partly paid; amounts and dates as Xero has them."""
    who = str(world.create_contact(unique("Anna"), unique("P")).contact_id)
    body = {"Contacts": [{"EmailAddress": "anna@example.com"}]}
    world.books.send(write("contact_update", body, who))
    number, reference = unique("CLN"), unique("apt")
    made = world.create_invoice(who, Status="DRAFT", InvoiceNumber=number, Reference=reference)
    assert isinstance(made, InvoiceSnapshot)
    assert (made.status, made.contact_id, made.currency) == ("DRAFT", who, "AUD")
    assert (made.sub_total, made.total_tax, made.total) == (Decimal(100), Decimal(10), Decimal(110))
    assert (made.date, made.due_date) == (date(2026, 11, 24), date(2026, 12, 8))
    approve = {"Invoices": [{"InvoiceID": made.invoice_id, "Status": "AUTHORISED"}]}
    assert world.books.send(write("invoice_update", approve, made.invoice_id)).status == "AUTHORISED"
    assert world.books.send(write("invoice_email", "", made.invoice_id)) is None
    note = {"HistoryRecords": [{"Details": "Created from the clinic's app"}]}
    assert world.books.send(write("invoice_note", note, made.invoice_id)) is None
    pay = {
        "Invoice": {"InvoiceID": made.invoice_id},
        "Account": {"Code": "880"},
        "Date": "2026-11-24",
        "Amount": Decimal("40.50"),
        "Reference": "desk",
    }
    paid = world.books.send(write("payment_create", {"Payments": [pay]}))
    assert isinstance(paid, PaymentSnapshot)
    assert (paid.amount, paid.date, paid.reference) == (Decimal("40.50"), date(2026, 11, 24), "desk")
    found = world.books.invoice(number)
    assert found is not None
    assert (found.amount_due, found.amount_paid) == (Decimal("69.50"), Decimal("40.50"))
    assert [each.payment_id for each in found.payments] == [paid.payment_id]
    assert found.line_items[0]["AccountCode"] == "200"
    assert [each.invoice_id for each in world.books.invoices_found(reference)] == [made.invoice_id]


def test_an_invoice_paid_by_hand_comes_back_as_paid(world: XeroWorld) -> None:
    """The last cent makes it PAID, with the day it was."""
    made = world.create_invoice(contact_id(world))
    world.by_hand(f"invoices/{made.invoice_id}/pay", date="2026-11-25")
    found = world.books.invoice(made.invoice_id)
    assert found is not None
    assert (found.status, found.amount_due, found.fully_paid_on) == ("PAID", Decimal(0), date(2026, 11, 25))


def test_a_credit_note_is_created_and_allocated(world: XeroWorld) -> None:
    """Two calls; the invoice then is credited and the note used up by as much."""
    who = contact_id(world)
    made = world.create_invoice(who)
    body = invoice(who, Type="ACCRECCREDIT", CreditNoteNumber=unique("CN"))
    del body["DueDate"]
    note = world.books.send(write("credit_note_create", {"CreditNotes": [body]}))
    assert isinstance(note, CreditNoteSnapshot)
    assert (note.total, note.remaining_credit, note.status) == (Decimal(110), Decimal(110), "AUTHORISED")
    allocation = {
        "Amount": Decimal("30.00"),
        "Invoice": {"InvoiceID": made.invoice_id},
        "Date": "2026-11-24",
    }
    sent = write("credit_note_allocate", {"Allocations": [allocation]}, note.credit_note_id)
    assert world.books.send(sent) is None
    found = world.books.invoice(made.invoice_id)
    assert found is not None
    assert found.amount_credited == Decimal(30)
    again = world.books.credit_note(str(note.number))
    assert again is not None
    assert (again.credit_note_id, again.remaining_credit) == (note.credit_note_id, Decimal(80))
    assert world.books.credit_note(str(uuid.uuid4())) is None


def test_the_same_key_makes_one_invoice(world: XeroWorld) -> None:
    """Sent again unchanged it is the same invoice; with another body it is refused as a reused key."""
    who = contact_id(world)
    first = write("invoice_create", {"Invoices": [invoice(who)]})
    made = world.books.send(first)
    assert world.books.send(first).invoice_id == made.invoice_id
    other = write("invoice_create", {"Invoices": [invoice(who, Reference="other")]})
    with pytest.raises(Rejected) as reused:
        world.books.send(WriteRequest(other.kind, other.body, first.key))
    assert reused.value.code == "key_reused"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"CurrencyCode": "USD"}, "currency_not_enabled"),
        ({"DueDate": None}, "due_date_missing"),
        ({"line": {"AccountCode": "299"}}, "account_invalid"),
        ({"line": {"AccountCode": "7777"}}, "account_invalid"),
        ({"line": {"TaxType": "GST on Income"}}, "tax_type_invalid"),
        ({"line": {"Tracking": [{"Name": "Clinic", "Option": "Nowhere"}]}}, "tracking_invalid"),
        ({"line": {"ItemCode": "NOWHERE"}}, "item_invalid"),
        ({"BrandingThemeID": "11111111-1111-4111-8111-111111111111"}, "theme_invalid"),
    ],
)
def test_refusals_have_codes(world: XeroWorld, fields: dict[str, object], code: str) -> None:
    """What a bookkeeper has to mend is told by a code and by Xero's own words."""
    body = invoice(contact_id(world), **{name: value for name, value in fields.items() if name != "line"})
    line = fields.get("line", {})
    assert isinstance(line, dict)
    body["LineItems"][0] |= line
    with pytest.raises(Rejected) as refused:
        world.books.send(
            write("invoice_create", {"Invoices": [{k: v for k, v in body.items() if v is not None}]})
        )
    assert (refused.value.code, refused.value.http_status) == (code, 400)
    assert refused.value.messages


def test_documents_in_the_way_of_each_other_are_refused(world: XeroWorld) -> None:
    """Taken number, archived contact, too large a payment, payment of a draft, edit and void after payment."""
    who, number = contact_id(world), unique("CLN")
    made = world.create_invoice(who, InvoiceNumber=number)
    draft = world.create_invoice(who, Status="DRAFT")

    def refused(request: WriteRequest) -> str:
        with pytest.raises(Rejected) as caught:
            world.books.send(request)
        return caught.value.code

    def payment(invoice_id: str, amount: str) -> WriteRequest:
        body = {"Invoice": {"InvoiceID": invoice_id}, "Account": {"Code": "880"}, "Date": "2026-11-24"}
        return write("payment_create", {"Payments": [body | {"Amount": Decimal(amount)}]})

    again = invoice(who, InvoiceNumber=number)
    assert refused(write("invoice_create", {"Invoices": [again]})) == "invoice_number_taken"
    assert refused(payment(made.invoice_id, "110.01")) == "payment_exceeds_due"
    assert refused(payment(draft.invoice_id, "1.00")) == "payment_needs_authorised"
    world.books.send(payment(made.invoice_id, "10.00"))
    void = {"Invoices": [{"InvoiceID": made.invoice_id, "Status": "VOIDED"}]}
    assert refused(write("invoice_update", void, made.invoice_id)) == "has_payments"
    world.by_hand(f"invoices/{made.invoice_id}/pay")
    edit = {"Invoices": [invoice(who)]}
    assert refused(write("invoice_update", edit, made.invoice_id)) in (
        "has_payments",
        "invoice_not_modifiable",
    )
    world.by_hand(f"contacts/{who}/archive")
    assert refused(write("invoice_create", {"Invoices": [invoice(who)]})) == "contact_archived"


def test_a_locked_period_is_told(world: XeroWorld) -> None:
    """Before the lock date nothing is posted; the organisation shows the date."""
    who = contact_id(world)
    world.by_hand("organisation", period_lock_date="2020-06-30")
    try:
        assert world.books.organisation().period_lock_date == date(2020, 6, 30)
        with pytest.raises(Rejected) as locked:
            world.create_invoice(who, Date="2020-06-30", DueDate="2020-07-30")
        assert locked.value.code == "locked_period"
    finally:
        world.by_hand("organisation", period_lock_date=None)


def test_changed_invoices_come_in_pages(world: XeroWorld) -> None:
    """Every document since the cursor exactly once over the pages, with lines and Xero's clock."""
    who = contact_id(world)
    since = world.books.invoices_changed(None).as_of
    made = {world.create_invoice(who).invoice_id for _ in range(5)}
    books, found, page = world.books, [], 1
    while True:
        got = books.invoices_changed(since - timedelta(seconds=1), page=page, page_size=2)
        assert (got.problems, got.page) == ([], page)
        assert got.as_of >= since
        found += got.records
        if page >= got.page_count:
            break
        page += 1
    assert {each.invoice_id for each in found} >= made
    assert len(found) == len({each.invoice_id for each in found})
    assert all(each.line_items for each in found)
    assert books.invoices_changed(since + timedelta(days=1)).records == []


def test_changed_contacts_include_archived_and_merged_ones(world: XeroWorld) -> None:
    """An archived contact is seen as archived, a merged one names where it went."""
    since = world.books.contacts_changed(None).as_of - timedelta(seconds=1)
    kept, gone, merged = (contact_id(world) for _ in range(3))
    world.by_hand(f"contacts/{gone}/archive")
    world.by_hand(f"contacts/{merged}/merge", into=kept)
    seen = {each.contact_id: each for each in world.books.contacts_changed(since, page_size=1000).records}
    assert seen[gone].status == "ARCHIVED"
    assert seen[merged].merged_to == kept


def test_searching_finds_by_number_and_reference(world: XeroWorld) -> None:
    """Part of a number or reference is enough; the caller compares exactly."""
    who, stem = contact_id(world), unique("CLN")
    by_number = world.create_invoice(who, InvoiceNumber=f"{stem}-1")
    by_reference = world.create_invoice(who, Reference=f"for {stem.lower()}")
    found = {each.invoice_id for each in world.books.invoices_found(stem)}
    assert found == {by_number.invoice_id, by_reference.invoice_id}
    assert world.books.invoices_found(unique("nothing")) == []


def test_settings_are_read(world: XeroWorld) -> None:
    """Organisation, accounts, tax rates, tracking and items of the demo clinic."""
    books = world.books
    organisation = books.organisation()
    assert (organisation.base_currency, organisation.country_code) == ("AUD", "AU")
    accounts = {each.code: each for each in books.accounts()}
    assert (accounts["299"].status, accounts["880"].enable_payments) == ("ARCHIVED", True)
    assert accounts["610"].system_account == "DEBTORS"
    rates = {each.tax_type: each for each in books.tax_rates()}
    assert (rates["OUTPUT"].rate, rates["OUTPUT"].can_apply_to_revenue) == (Decimal(10), True)
    assert rates["INPUT"].can_apply_to_revenue is False
    options = {o.name: o.status for each in books.tracking_categories() for o in each.options}
    assert (options["Harbour Street"], options["Old Wharf"]) == ("ACTIVE", "ARCHIVED")
    items = {each.code: each for each in books.items()}
    assert (items["TAPE"].unit_price, items["TAPE"].account_code) == (Decimal("12.50"), "202")
    assert [theme.name for theme in books.branding_themes()] == ["Standard", "Very orange invoice!"]
    assert [currency.code for currency in books.currencies()] == ["AUD"]
    assert books.problems == []
    assert books.usage.minute is not None
    assert books.usage.day is not None


def test_an_approved_invoice_has_a_page_for_the_patient(world: XeroWorld) -> None:
    """Its address, and None where there is no such invoice."""
    made = world.create_invoice(contact_id(world))
    url = world.books.online_invoice_url(made.invoice_id)
    assert url is not None
    assert url.startswith("http")
    assert world.books.online_invoice_url(str(uuid.uuid4())) is None


def test_writing_to_what_is_not_there_is_missing_or_refused(world: XeroWorld) -> None:
    """Certainly not done, either way."""
    with pytest.raises((Missing, Rejected)):
        world.books.send(write("invoice_update", {"Invoices": [{"Status": "VOIDED"}]}, str(uuid.uuid4())))


def test_four_decimals_of_a_unit_price_survive(world: XeroWorld) -> None:
    """unitdp=4 on writes and reads: 33.3333 stays 33.3333, and 0.30 is no 0.30000000000000004."""
    body = invoice(contact_id(world))
    body["LineItems"][0] |= {"UnitAmount": Decimal("33.3333"), "Quantity": Decimal("3")}
    made = world.books.send(write("invoice_create", {"Invoices": [body]}))
    found = world.books.invoice(made.invoice_id)
    assert found is not None
    assert found.line_items[0]["UnitAmount"] == Decimal("33.3333")
    assert found.sub_total == Decimal("100.00")


@pytest.mark.parametrize(
    ("fault", "answered"),
    [
        ({"kind": "drop_before"}, False),
        ({"kind": "drop_after_commit"}, False),
        ({"kind": "status", "status": 500}, True),
        ({"kind": "status_after_commit", "status": 502}, True),
        ({"kind": "garbage", "variant": "truncated"}, True),
        ({"kind": "garbage", "variant": "html"}, True),
        ({"kind": "garbage", "variant": "wrong_content_type"}, True),
    ],
)
def test_every_lost_answer_is_one_request(world: XeroWorld, fault: dict[str, object], answered: bool) -> None:
    """Whatever happens to the answer, the invoice was asked for exactly once."""
    who = contact_id(world)
    last = world.simulator.requests()[-1]["n"]
    world.simulator.fault(method="PUT", path="/api.xro/2.0/Invoices", **fault)  # type: ignore[arg-type]
    with pytest.raises(AnswerLost) as lost:
        world.create_invoice(who)
    assert lost.value.answered is answered
    assert len(world.simulator.requests(last)) == 1


def test_limits_and_offline_organisations_pause(world: XeroWorld) -> None:
    """The day limit tells its hours, concurrency tells none, and offline is a pause as well."""
    world.simulator.fault("rate_limit", problem="day", retry_after=73451)
    with pytest.raises(Paused) as day:
        world.books.organisation()
    assert (day.value.problem, day.value.retry_after) == ("day", 73451)
    world.simulator.fault("rate_limit", problem="concurrent")
    with pytest.raises(Paused) as concurrent:
        world.books.organisation()
    assert (concurrent.value.problem, concurrent.value.retry_after) == ("concurrent", None)
    world.simulator.fault("offline")
    with pytest.raises(Paused) as offline:
        world.books.organisation()
    assert offline.value.problem == "offline"


def test_lost_connections_have_a_reason(world: XeroWorld) -> None:
    """Wrong organisation, missing scope, expired token: three reasons, three remedies."""
    with pytest.raises(ConnectionLost) as wrong:
        world.xero.accounting(KAURI_PHYSIO, world.tokens.access_token).organisation()
    assert wrong.value.reason == "wrong_organisation"
    narrow = world.consent(scopes=("offline_access", "accounting.contacts"), user="somebody-else")
    with pytest.raises(ConnectionLost) as scope:
        world.xero.accounting(world.tenant_id, narrow.access_token).organisation()
    assert scope.value.reason == "insufficient_scope"
    world.simulator.advance(1801)
    with pytest.raises(ConnectionLost) as expired:
        world.books.organisation()
    assert expired.value.reason == "expired_token"


def test_invoices_of_a_period_are_those_dated_in_it(world: XeroWorld) -> None:
    """Both days count; what is dated outside stays out."""
    contact = world.create_contact("Period Person", "period-1")
    numbers = {"2031-05-23": "D-0", "2031-05-24": "D-1", "2031-05-25": "D-2", "2031-05-26": "D-3"}
    for day, number in numbers.items():
        world.create_invoice(contact.contact_id, Date=day, DueDate="2031-12-24", InvoiceNumber=number)
    page = world.books.invoices_dated(date(2031, 5, 24), date(2031, 5, 25))
    assert {invoice.invoice_number for invoice in page.records} == {"D-1", "D-2"}


def test_invoices_by_their_ids(world: XeroWorld) -> None:
    """Those that exist come with their lines, whatever their date and whoever made them; the others do not."""
    made = [world.create_invoice(contact_id(world), Date=day) for day in ("2019-01-31", "2026-11-24")]
    asked = [each.invoice_id for each in made]
    found = world.books.invoices_by_id([*asked, str(uuid.uuid4())])
    assert {each.invoice_id: each.date for each in found} == {each.invoice_id: each.date for each in made}
    assert all(each.line_items for each in found)
    assert world.books.invoices_by_id([str(uuid.uuid4())]) == []
    with pytest.raises(ValueError, match="40"):
        world.books.invoices_by_id(["x"] * 41)


def test_what_the_plan_allows(world: XeroWorld) -> None:
    """The legacy plan's limit of approvals and a currency of one's own, as Xero says it at this moment."""
    allowed = {each.name: each.allowed for each in world.books.actions()}
    assert allowed["CreateApprovedInvoice"] is True
    assert allowed["UseMulticurrency"] is False
