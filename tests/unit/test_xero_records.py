"""Xero's JSON, odd as it comes, to snapshots: dates, amounts, unknown words, and records that are set aside."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.adapters.xero import fields, reading, records, settings_records
from shared.adapters.xero.transport import Answer
from shared.adapters.xero.writes import outcome
from shared.domain import wire
from shared.domain.errors import AnswerLost, Rejected
from shared.ports.accounting import WriteRequest

#: A busy machine is no failure, and no test leaves files behind.
QUIET = settings(deadline=None, database=None)

INVOICE: dict[str, Any] = {
    "Type": "ACCREC",
    "InvoiceID": "i-1",
    "InvoiceNumber": "CLN-1",
    "Reference": "apt-1",
    "Contact": {"ContactID": "c-1", "Name": "Anna Lee"},
    "Status": "AUTHORISED",
    "CurrencyCode": "AUD",
    "SubTotal": Decimal("100.00"),
    "TotalTax": Decimal("10.00"),
    "Total": Decimal("110.00"),
    "AmountDue": Decimal("60.00"),
    "AmountPaid": Decimal("40.00"),
    "AmountCredited": Decimal("10.00"),
    "DateString": "2026-11-24T00:00:00",
    "Date": "/Date(1795478400000+0000)/",
    "DueDate": "/Date(1796688000000+0000)/",
    "UpdatedDateUTC": "/Date(1518685950940+0000)/",
    "LineItems": [{"UnitAmount": Decimal("33.3333")}],
    "Payments": [
        {"PaymentID": "p-1", "Amount": Decimal("40.00"), "Date": "/Date(1518652800000+0000)/"},
        {"PaymentID": "p-2", "Amount": 5, "Status": "DELETED"},
        {"PaymentID": "p-3"},
        None,
    ],
}


def without(*names: str, **changed: Any) -> dict[str, Any]:
    return {name: value for name, value in INVOICE.items() if name not in names} | changed


def test_an_invoice_is_read_whole() -> None:
    """Every field of a full invoice arrives, amounts as Xero computed them."""
    read = records.invoice(INVOICE)
    assert read.date == date(2026, 11, 24)
    assert read.due_date == date(2026, 12, 8)
    assert read.updated_at == datetime(2018, 2, 15, 9, 12, 30, 940000, tzinfo=UTC)
    assert (read.sub_total, read.total_tax, read.total) == (Decimal("100"), Decimal("10"), Decimal("110"))
    assert (read.amount_due, read.amount_paid, read.amount_credited) == (60, 40, 10)
    assert (read.contact_id, read.reference, read.invoice_number) == ("c-1", "apt-1", "CLN-1")
    assert [each.payment_id for each in read.payments] == ["p-1"]
    assert read.payments[0].date == date(2018, 2, 15)
    assert read.line_items == ({"UnitAmount": Decimal("33.3333")},)


@pytest.mark.parametrize(
    "odd",
    [
        {"Status": "HIBERNATING", "CurrencyCode": "XXX", "Type": "ACCNEW"},
        {"Date": None, "DateString": None, "DueDate": None, "LineAmountTypes": None},
        {"Contact": None, "LineItems": None, "Payments": None, "Reference": None, "InvoiceNumber": None},
        {"Reference": "x" * 10_000, "Unheard": {"Of": [1]}},
        {"Date": "yesterday", "DateString": 5, "UpdatedDateUTC": "/Date(oops)/", "FullyPaidOnDate": ""},
    ],
)
def test_oddities_do_not_hide_an_invoice(odd: dict[str, Any]) -> None:
    """Unknown words are kept; nulls, unknown fields and nonsense dates are no reason to lose the record."""
    read = records.invoice(INVOICE | odd)
    assert read.invoice_id == "i-1"
    assert read.status == odd.get("Status", "AUTHORISED")


@pytest.mark.parametrize("name", ["InvoiceID", "Status", "Type", "Total"])
@pytest.mark.parametrize("value", [None, "", {"a": 1}])
def test_identity_status_and_total_are_needed(name: str, value: Any) -> None:
    """Without them there is nothing to believe; the reason names the field only."""
    with pytest.raises(fields.Unreadable, match=name):
        records.invoice(INVOICE | {name: value})


def test_missing_amounts_follow_from_the_others() -> None:
    """What is due is the total less paid and credited; net and tax complete each other."""
    read = records.invoice(without("AmountDue", "SubTotal"))
    assert (read.amount_due, read.sub_total) == (Decimal("60"), Decimal("100"))
    assert records.invoice(without("TotalTax")).total_tax == Decimal("10")
    assert records.invoice(without("AmountDue", "AmountPaid", "AmountCredited")).amount_due == Decimal("110")
    with pytest.raises(fields.Unreadable):
        records.invoice(without("TotalTax", "SubTotal"))


@pytest.mark.parametrize("value", [True, "ten", "NaN", "Infinity", "1e99", Decimal("1e-99"), [1]])
def test_an_amount_that_is_none_is_no_amount(value: Any) -> None:
    """Neither guesses nor infinities get into anybody's books."""
    with pytest.raises(fields.Unreadable):
        fields.amount({"Total": value}, "Total")


@pytest.mark.parametrize("value", [Decimal("12.50"), "12.50", 12, 0, "-3.1"])
def test_amounts_keep_their_digits(value: Any) -> None:
    """Numbers and numbers in quotes are the same decimal."""
    assert fields.amount({"Total": value}, "Total") == Decimal(str(value))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("/Date(1518685950940+0000)/", datetime(2018, 2, 15, 9, 12, 30, 940000, tzinfo=UTC)),
        ("/Date(1518685950940)/", datetime(2018, 2, 15, 9, 12, 30, 940000, tzinfo=UTC)),
        ("/Date(1518685950940+1300)/", datetime(2018, 2, 15, 9, 12, 30, 940000, tzinfo=UTC)),
        ("/Date(-2208988800000+0000)/", datetime(1900, 1, 1, tzinfo=UTC)),
        ("/Date(-1)/", datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)),
        ("2026-11-24T08:00:00.123", datetime(2026, 11, 24, 8, 0, 0, 123000, tzinfo=UTC)),
        ("2026-11-24T08:00:00Z", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("2026-11-24T19:00:00+11:00", datetime(2026, 11, 24, 8, tzinfo=UTC)),
        ("/Date(99999999999999999)/", None),
        ("/Date(1+9999)/", None),
        ("", None),
        (None, None),
        (1518685950940, None),
    ],
)
def test_instants_in_all_their_forms(text: Any, at: datetime | None) -> None:
    """With offset, without, before 1970, as ISO text with and without a zone; nonsense is unknown."""
    assert fields.instant({"UpdatedDateUTC": text}, "UpdatedDateUTC") == at


def test_calendar_dates_are_those_that_xero_names() -> None:
    """DateString comes first; a date with an offset is the date in that offset, not the day before."""
    both = {"DateString": "2026-11-24T00:00:00", "Date": "/Date(0)/"}
    assert fields.calendar_date(both, "DateString", "Date") == date(2026, 11, 24)
    assert fields.calendar_date({"Date": "/Date(1795478400000+0000)/"}, "Date") == date(2026, 11, 24)
    assert fields.calendar_date({"Date": "2026-11-24"}, "Date") == date(2026, 11, 24)
    midnight_in_sydney = {"Date": "/Date(1795438800000+1100)/"}
    assert fields.calendar_date(midnight_in_sydney, "Date") == date(2026, 11, 24)


@QUIET
@given(st.dates(min_value=date(1753, 1, 1), max_value=date(9998, 12, 31)))
def test_every_date_survives_as_milliseconds(day: date) -> None:
    """Midnight UTC in milliseconds is the same calendar date, in 1753 as in 9998."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    milliseconds = int((midnight - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1000
    assert fields.calendar_date({"Date": f"/Date({milliseconds}+0000)/"}, "Date") == day


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
KINDS = [
    reading.CONTACT,
    reading.INVOICE,
    reading.CREDIT_NOTE,
    reading.PAYMENT,
    reading.ORGANISATION,
    reading.ACCOUNT,
    reading.TAX_RATE,
    reading.TRACKING,
    reading.ITEM,
]
FIELDS = (
    "InvoiceID ContactID CreditNoteID PaymentID AccountID TaxType Code Type Status Total SubTotal TotalTax Amount "
    "RemainingCredit EffectiveRate BaseCurrency TrackingCategoryID Options SalesDetails Contact Payments LineItems "
    "Date DateString UpdatedDateUTC Name"
).split()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@QUIET
@given(raws=st.lists(ANYTHING | st.dictionaries(st.sampled_from(FIELDS), ANYTHING), max_size=5))
def test_of_n_records_n_are_read_or_reported(kind: reading.Kind[Any], raws: list[Any]) -> None:
    """Whatever the records hold, none is lost in silence and none stops the others."""
    found = reading.read_all(kind, {kind.list_field: raws})
    assert len(found.records) + len(found.problems) == len(raws) == found.count
    assert len(found.set_aside) == len(found.problems)


def test_one_odd_record_is_reported_and_the_rest_go_on() -> None:
    """The problem names kind, id and field, and nothing of the patient."""
    found = reading.read_all(reading.INVOICE, {"Invoices": [INVOICE, INVOICE | {"Total": "Anna"}, "Anna"]})
    assert [each.invoice_id for each in found.records] == ["i-1"]
    assert [(each.kind, each.record_id) for each in found.problems] == [("invoice", "i-1"), ("invoice", None)]
    assert "Anna" not in repr(found.problems)


@pytest.mark.parametrize(
    "document", [{}, [], None, "x", {"Invoices": None}, {"Invoices": {}}, {"Contacts": []}]
)
def test_an_envelope_without_its_list_is_a_lost_answer(document: Any) -> None:
    """ "Nothing changed" must have been said: no list is not an empty list."""
    with pytest.raises(AnswerLost):
        reading.read_all(reading.INVOICE, document)


def test_a_single_record_that_cannot_be_read_is_a_lost_answer() -> None:
    """An empty list is nobody; an unreadable record is not nobody."""
    assert reading.read_one(reading.INVOICE, {"Invoices": []}) is None
    with pytest.raises(AnswerLost):
        reading.read_one(reading.INVOICE, {"Invoices": [{"InvoiceID": "i-1"}]})


@pytest.mark.parametrize(
    ("document", "count", "last"),
    [
        ({"pagination": {"page": 1, "pageSize": 100, "pageCount": 7, "itemCount": 700}}, 100, 7),
        ({"pagination": {"pageCount": 0}}, 0, 0),
        ({"pagination": None}, 100, 3),
        ({"pagination": {"pageCount": "7"}}, 99, 2),
        ({}, 0, 2),
    ],
)
def test_pages_are_counted_with_and_without_xeros_help(document: Any, count: int, last: int) -> None:
    """Without pagination a full page may be followed by another; odd records count as records."""
    assert reading.page_count(document, count, 2, 100) == last


def test_xeros_clock_comes_from_the_envelope_or_the_header() -> None:
    """DateTimeUTC, else the Date header, else now; the cursor is never empty."""
    header = {"Date": "Tue, 24 Nov 2026 08:00:00 GMT"}
    at = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert reading.clock_of(Answer(200, header, b""), {"DateTimeUTC": "/Date(0)/"}) == datetime(
        1970, 1, 1, tzinfo=UTC
    )
    assert reading.clock_of(Answer(200, header, b""), {}) == at
    assert reading.clock_of(Answer(200, {}, b""), []).tzinfo is UTC


def test_contacts_and_settings_are_read() -> None:
    """Archived, merged and nameless contacts; new plans, unset lock dates and accounts without a code."""
    merged = records.contact(
        {"ContactID": "c-1", "ContactStatus": "GDPRREQUEST", "MergedToContactID": "c-2", "Name": None}
    )
    assert (merged.status, merged.merged_to, merged.name) == ("GDPRREQUEST", "c-2", "")
    organisation = settings_records.organisation(
        {
            "Name": "Demo",
            "BaseCurrency": "AUD",
            "Class": "GALACTIC",
            "PeriodLockDate": "/Date(1222732800000+0000)/",
            "IsDemoCompany": True,
            "Timezone": "AUSEASTERNSTANDARDTIME",
        }
    )
    assert (organisation.plan, organisation.is_demo) == ("GALACTIC", True)
    assert organisation.period_lock_date == date(2008, 9, 30)
    assert organisation.end_of_year_lock_date is None
    account = settings_records.account({"AccountID": "a-1", "Type": "BANK", "EnablePaymentsToAccount": False})
    assert (account.code, account.status, account.enable_payments) == (None, "ACTIVE", False)
    rate = settings_records.tax_rate({"TaxType": "OUTPUT", "EffectiveRate": 10, "CanApplyToRevenue": True})
    assert (rate.rate, rate.can_apply_to_revenue) == (Decimal(10), True)
    category = settings_records.tracking_category(
        {"TrackingCategoryID": "t-1", "Options": [{"TrackingOptionID": "o-1", "Name": "North"}]}
    )
    assert [option.option_id for option in category.options] == ["o-1"]
    item = settings_records.item({"Code": "PHYSIO", "SalesDetails": {"UnitPrice": Decimal("120.1234")}})
    assert (item.unit_price, item.account_code) == (Decimal("120.1234"), None)


def written(document: Any, kind: str = "invoice_create", target: str | None = None) -> Any:
    answer = Answer(200, {"Content-Type": "application/json"}, wire.dumps(document).encode())
    return outcome(WriteRequest(kind, "{}", "key", target), answer)


def test_an_error_inside_a_success_is_a_refusal() -> None:
    """summarizeErrors or not: an element marked ERROR was not made."""
    refused = {
        "StatusAttributeString": "ERROR",
        "ValidationErrors": [{"Message": "Invoice # must be unique."}],
    }
    with pytest.raises(Rejected) as caught:
        written({"Invoices": [INVOICE | refused]})
    assert caught.value.code == "invoice_number_taken"
    flagged = {"HasValidationErrors": True, "ValidationErrors": [{"Message": "no"}]}
    with pytest.raises(Rejected):
        written({"Allocations": [flagged]}, "credit_note_allocate", "n-1")


def test_a_success_that_names_nothing_is_a_lost_answer() -> None:
    """Something was made, but what? Never a silent None."""
    documents: list[Any] = [{"Invoices": []}, {}, {"Invoices": [{"Status": "OK"}]}]
    for document in documents:
        with pytest.raises(AnswerLost):
            written(document)


def test_a_success_gives_the_snapshot() -> None:
    """OK, WARNING and empty error lists are successes; kinds without a snapshot give None."""
    ok = {
        "StatusAttributeString": "WARNING",
        "HasErrors": False,
        "ValidationErrors": [],
        "Warnings": [{"Message": "x"}],
    }
    assert written({"Invoices": [INVOICE | ok]}).invoice_id == "i-1"
    assert written({"Allocations": [{"Amount": 1}]}, "credit_note_allocate", "n-1") is None
    assert written({"HistoryRecords": [{"Details": "x"}]}, "invoice_note", "i-1") is None
