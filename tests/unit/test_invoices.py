"""What an appointment's invoice says, the rule behind each field, and every reason why there is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.domain.errors import FieldError
from shared.domain.invoices import InvoiceDocument, Mappings, build_invoice, invoice_number
from shared.domain.records import Appointment, LineItem
from shared.domain.settings import ItemMapping, PracticeSettings, TrackingMapping

SETTINGS = PracticeSettings(time_zone="Australia/Sydney", default_account_code="200")
CITY = TrackingMapping("c-1", "clinic", "cat-clinic", "opt-city", "Clinic", "City")
DR_GREY = TrackingMapping("d-1", "practitioner", "cat-doctor", "opt-grey", "Practitioner", "Grey")
PLACES = {("clinic", "c-1"): CITY, ("practitioner", "d-1"): DR_GREY}


def line(**fields: Any) -> LineItem:
    return LineItem(
        **{"description": "Consultation", "quantity": Decimal(1), "unit_amount": Decimal("100.00"), **fields}
    )


def appointment(**fields: Any) -> Appointment:
    starts = fields.pop("starts_at", "2026-11-24T08:00:00+11:00")
    given = {"id": "a-1", "patient_id": "p-1", "line_items": (line(),), **fields}
    return Appointment(starts_at=datetime.fromisoformat(starts), **given)


def build(a: Appointment | None = None, **options: Any) -> tuple[InvoiceDocument | None, list[FieldError]]:
    given: dict[str, Any] = {
        "lines": None,
        "settings": SETTINGS,
        "mappings": Mappings(),
        "use_clinic_tracking": False,
    }
    return build_invoice(a or appointment(), **{**given, **options})


def document(a: Appointment | None = None, **options: Any) -> InvoiceDocument:
    built, errors = build(a, **options)
    assert built is not None, errors
    return built


def only_line(built: InvoiceDocument) -> dict[str, Any]:
    (found,) = built.body("contact-1")["LineItems"]
    return dict(found)


def wrong_fields(*args: Any, **options: Any) -> list[str]:
    built, errors = build(*args, **options)
    assert built is None
    assert all(error.message for error in errors)
    return [error.field for error in errors]


def test_contact_has_exactly_one_key() -> None:
    """Any other field of the contact would change it in Xero, or drop its contact persons."""
    assert document().body("contact-1")["Contact"] == {"ContactID": "contact-1"}


def test_the_plain_document() -> None:
    """The fields that every invoice has, and none that were not asked for."""
    assert document().body("contact-1") == {
        "Type": "ACCREC",
        "Contact": {"ContactID": "contact-1"},
        "InvoiceNumber": "CL-a-1",
        "Reference": "a-1",
        "Date": "2026-11-24",
        "DueDate": "2026-12-08",
        "LineAmountTypes": "Exclusive",
        "Status": "DRAFT",
        "LineItems": [
            {
                "Description": "Consultation",
                "Quantity": Decimal(1),
                "UnitAmount": Decimal("100.00"),
                "AccountCode": "200",
            }
        ],
    }


@pytest.mark.parametrize(
    ("starts", "zone", "expected"),
    [
        ("2026-11-24T08:00:00+11:00", "Australia/Sydney", "2026-11-24"),
        ("2026-11-24T23:30:00+11:00", "Australia/Sydney", "2026-11-24"),
        ("2026-11-23T21:00:00+00:00", "Australia/Sydney", "2026-11-24"),  # the first of these, told in UTC
        ("2026-10-04T00:30:00+10:00", "Australia/Sydney", "2026-10-04"),  # the night the clocks go forward
        ("2026-10-04T03:30:00+11:00", "Australia/Sydney", "2026-10-04"),
        ("2026-04-04T23:30:00+11:00", "Australia/Sydney", "2026-04-04"),  # and the night they go back
        ("2026-04-05T02:30:00+10:00", "Australia/Sydney", "2026-04-05"),
        ("2026-11-24T00:15:00+13:45", "Pacific/Chatham", "2026-11-24"),
        ("2026-11-24T23:30:00+11:00", "UTC", "2026-11-24"),
        ("2026-11-24T08:00:00+11:00", "UTC", "2026-11-23"),
    ],
)
def test_date_is_the_day_in_the_clinics_zone(starts: str, zone: str, expected: str) -> None:
    """Invoice dated the previous day: 08:00 and 23:30 in Sydney are both 24 November, whatever day UTC has."""
    built = document(
        appointment(starts_at=starts), settings=PracticeSettings(time_zone=zone, default_account_code="200")
    )
    assert built.body("c")["Date"] == expected
    assert zone in built.rules["date"]


def test_a_clinic_with_a_zone_of_its_own() -> None:
    """The clinic's zone comes first, then the practice's, then the organisation's."""
    perth = PracticeSettings(
        time_zone="Australia/Sydney", clinic_time_zones={"c-9": "Australia/Perth"}, default_account_code="200"
    )
    starts = "2026-11-24T00:30:00+11:00"  # 21:30 of the day before in Perth
    in_perth = document(appointment(starts_at=starts, clinic_id="c-9"), settings=perth)
    elsewhere = document(appointment(starts_at=starts, clinic_id="c-1"), settings=perth)
    unset = document(
        appointment(starts_at=starts),
        settings=PracticeSettings(default_account_code="200"),
        default_zone="Pacific/Auckland",
    )
    assert (in_perth.date, elsewhere.date, unset.date) == (
        date(2026, 11, 23),
        date(2026, 11, 24),
        date(2026, 11, 24),
    )
    assert "zone of the clinic" in in_perth.rules["date"]
    assert "zone of the practice" in elsewhere.rules["date"]
    assert "zone of the organisation" in unset.rules["date"]


@pytest.mark.parametrize(("terms", "due"), [(0, "2026-11-24"), (7, "2026-12-01"), (365, "2027-11-24")])
def test_due_date_follows_the_terms(terms: int, due: str) -> None:
    """Calendar days after the invoice's date."""
    settings = PracticeSettings(
        time_zone="Australia/Sydney", default_account_code="200", payment_terms_days=terms
    )
    assert document(settings=settings).body("c")["DueDate"] == due


def test_precedence_of_account_and_tax() -> None:
    """What the line says comes before the service's mapping, that before the practice's default."""
    mappings = Mappings(
        items={"PHYSIO": ItemMapping("PHYSIO", "201", "EXEMPTOUTPUT", "CONSULT", "Physiotherapy")}
    )
    settings = PracticeSettings(default_account_code="200", default_tax_type="OUTPUT")
    lines = (
        line(service_code="PHYSIO", account_code="260", tax_type="BASEXCLUDED"),
        line(service_code="PHYSIO"),
        line(service_code="UNKNOWN"),
    )
    built = document(lines=lines, settings=settings, mappings=mappings)
    sent = built.body("c")["LineItems"]
    assert [(s["AccountCode"], s["TaxType"]) for s in sent] == [
        ("260", "BASEXCLUDED"),
        ("201", "EXEMPTOUTPUT"),
        ("200", "OUTPUT"),
    ]
    assert [part.rules["account_code"] for part in built.lines] == [
        "the request",
        "service 'PHYSIO'",
        "the practice's default account",
    ]
    assert [part.rules["tax_type"] for part in built.lines] == [
        "the request",
        "service 'PHYSIO'",
        "the practice's default tax",
    ]
    assert [s.get("ItemCode") for s in sent] == ["CONSULT", "CONSULT", None]
    assert [s["Description"] for s in sent] == ["Physiotherapy", "Physiotherapy", "Consultation"]


def test_precedence_of_practitioner_and_clinic() -> None:
    """Line, service, practitioner, clinic, default: for each the next when those before say nothing."""
    clinic = replace(CITY, account_code="230")
    doctor = replace(DR_GREY, account_code="240")
    items = {"PHYSIO": ItemMapping("PHYSIO", "201")}
    lines = (line(account_code="260"), line(service_code="PHYSIO"), line(service_code="X"))
    a = appointment(clinic_id="c-1", practitioner_id="d-1", line_items=lines)
    cases = {
        "240": {("clinic", "c-1"): clinic, ("practitioner", "d-1"): doctor},
        "230": {("clinic", "c-1"): clinic, ("practitioner", "d-1"): DR_GREY},
        "200": PLACES,
    }
    rules = {"240": "practitioner 'd-1'", "230": "clinic 'c-1'", "200": "the practice's default account"}
    for account, places in cases.items():
        built = document(a, mappings=Mappings(items=items, tracking=places))
        sent = built.body("c")["LineItems"]
        assert [s["AccountCode"] for s in sent] == ["260", "201", account]
        assert [part.rules["account_code"] for part in built.lines] == [
            "the appointment",
            "service 'PHYSIO'",
            rules[account],
        ]


def test_an_account_alone_is_no_tracking() -> None:
    """A practitioner with an account but no option tracks nothing, and the account holds without any tracking."""
    only_account = TrackingMapping("d-1", "practitioner", account_code="240")
    mappings = Mappings(tracking={("practitioner", "d-1"): only_account})
    a = appointment(practitioner_id="d-1")
    built = document(
        a, mappings=mappings, settings=replace(SETTINGS, use_clinic_tracking=True), use_clinic_tracking=None
    )
    assert only_line(built)["AccountCode"] == "240"
    assert "Tracking" not in only_line(built)


def test_the_setting_tracks_what_is_mapped() -> None:
    """Without a word in the request: mapped places are tracked, unmapped ones are no error."""
    tracked = replace(SETTINGS, use_clinic_tracking=True)
    mappings = Mappings(tracking=PLACES)
    a = appointment(clinic_id="c-9", practitioner_id="d-1")
    built = document(a, mappings=mappings, settings=tracked, use_clinic_tracking=None)
    assert [t["TrackingOptionID"] for t in only_line(built)["Tracking"]] == ["opt-grey"]
    assert "Tracking" not in only_line(document(settings=tracked, use_clinic_tracking=None))
    assert "Tracking" not in only_line(
        document(a, mappings=mappings, settings=tracked, use_clinic_tracking=False)
    )


@pytest.mark.parametrize("asked", [None, True, False])
def test_required_tracking(asked: bool | None) -> None:
    """Whatever the request says, each place that the appointment names must be mapped, and it must name one."""
    required = replace(SETTINGS, tracking_required=True)
    mappings = Mappings(tracking=PLACES)

    def wrong(**fields: Any) -> list[str]:
        return wrong_fields(
            appointment(**fields), settings=required, mappings=mappings, use_clinic_tracking=asked
        )

    assert wrong() == ["clinic_id"]
    assert wrong(clinic_id="c-9", practitioner_id="d-9") == ["clinic_id", "practitioner_id"]
    assert wrong(clinic_id="c-1", practitioner_id="d-9") == ["practitioner_id"]
    for fields in ({"clinic_id": "c-1"}, {"practitioner_id": "d-1"}):
        a = appointment(**fields)
        built = document(a, settings=required, mappings=mappings, use_clinic_tracking=asked)
        assert len(only_line(built)["Tracking"]) == 1


def test_mixed_tax_free_and_taxed_lines_stay_apart() -> None:
    """A GST-free consultation and a taxable product are two lines with their own tax types."""
    mappings = Mappings(
        items={
            "CONSULT": ItemMapping("CONSULT", "201", "EXEMPTOUTPUT"),
            "ORTHOTIC": ItemMapping("ORTHOTIC", "202", "OUTPUT"),
        }
    )
    sent = document(
        lines=(line(service_code="CONSULT"), line(service_code="ORTHOTIC")), mappings=mappings
    ).body("c")["LineItems"]
    assert [(s["AccountCode"], s["TaxType"]) for s in sent] == [("201", "EXEMPTOUTPUT"), ("202", "OUTPUT")]


def test_without_any_tax_the_accounts_own_holds() -> None:
    """No tax type is sent, and the rule says whose it will be."""
    built = document()
    assert "TaxType" not in only_line(built)
    assert built.lines[0].rules["tax_type"] == "the account's default in Xero"


def test_lines_of_the_request_come_before_the_appointments() -> None:
    """Given lines are used as they are; left out, the appointment's are."""
    given = document(lines=(line(description="Given"),))
    assert (only_line(given)["Description"], given.lines[0].rules["amounts"]) == ("Given", "the request")
    assert document().lines[0].rules["amounts"] == "the appointment"


def test_numbers_and_issuing_again() -> None:
    """Prefix and reference, else the id; after a void the next number, because Xero never frees one."""
    assert invoice_number("CL-", appointment(), 1) == "CL-a-1"
    assert invoice_number("CL-", appointment(reference="1042"), 1) == "CL-1042"
    assert invoice_number("CL-", appointment(reference="1042"), 2) == "CL-1042-2"
    again = document(generation=3)
    assert again.number == "CL-a-1-3"
    assert "issued again as number 3" in again.rules["number"]


def test_currency_url_and_theme_only_when_set() -> None:
    """Currency comes from the appointment; the link back names it; the theme is the practice's."""
    settings = PracticeSettings(
        default_account_code="200",
        appointment_url="https://app.clinic.example/a/{appointment_id}/view",
        branding_theme_id="theme-1",
    )
    body = document(appointment(currency="NZD"), settings=settings).body("c")
    assert (body["CurrencyCode"], body["BrandingThemeID"]) == ("NZD", "theme-1")
    assert body["Url"] == "https://app.clinic.example/a/a-1/view"
    assert {"CurrencyCode", "BrandingThemeID", "Url"} & set(document().body("c")) == set()


def test_a_link_that_contains_xeros_name_is_left_out() -> None:
    """Xero refuses such an address; an id that happens to contain it must not cost the invoice."""
    settings = PracticeSettings(
        default_account_code="200", appointment_url="https://a.example/{appointment_id}"
    )
    assert "Url" not in document(appointment(id="xero-7"), settings=settings).body("c")


@pytest.mark.parametrize(
    ("own", "practice", "expected"),
    [("inclusive", "exclusive", "Inclusive"), (None, "no_tax", "NoTax"), (None, "exclusive", "Exclusive")],
)
def test_how_amounts_are_stated(own: str | None, practice: str, expected: str) -> None:
    """The appointment's word comes before the practice's."""
    settings = PracticeSettings(default_account_code="200", amounts=practice)
    assert document(appointment(amounts=own), settings=settings).body("c")["LineAmountTypes"] == expected


def test_tracking_of_clinic_and_practitioner() -> None:
    """Both options on every line, at most Xero's two, by id."""
    a = appointment(clinic_id="c-1", practitioner_id="d-1", line_items=(line(), line()))
    built = document(a, mappings=Mappings(tracking=PLACES), use_clinic_tracking=True)
    for sent in built.body("c")["LineItems"]:
        assert sent["Tracking"] == [
            {"TrackingCategoryID": "cat-clinic", "TrackingOptionID": "opt-city"},
            {"TrackingCategoryID": "cat-doctor", "TrackingOptionID": "opt-grey"},
        ]
    assert built.lines[0].rules["tracking"] == "clinic 'c-1' and practitioner 'd-1'"


def test_one_option_per_category() -> None:
    """When clinic and practitioner map to the same category, the practitioner's option is sent and only that."""
    same = TrackingMapping("d-1", "practitioner", "cat-clinic", "opt-other")
    mappings = Mappings(tracking={**PLACES, ("practitioner", "d-1"): same})
    a = appointment(clinic_id="c-1", practitioner_id="d-1")
    built = document(a, mappings=mappings, use_clinic_tracking=True)
    assert only_line(built)["Tracking"] == [
        {"TrackingCategoryID": "cat-clinic", "TrackingOptionID": "opt-other"}
    ]
    assert built.lines[0].rules["tracking"] == "practitioner 'd-1'"


def test_a_clinic_and_a_practitioner_of_the_same_id() -> None:
    """Many apps count both from 1: clinic 1 and practitioner 1 keep their own options."""
    mappings = Mappings(tracking={("clinic", "1"): CITY, ("practitioner", "1"): DR_GREY})
    a = appointment(clinic_id="1", practitioner_id="1")
    sent = only_line(document(a, mappings=mappings, use_clinic_tracking=True))["Tracking"]
    assert [t["TrackingOptionID"] for t in sent] == ["opt-city", "opt-grey"]


def test_an_unmapped_practitioner_is_no_error() -> None:
    """The clinic's option alone is sent."""
    a = appointment(clinic_id="c-1", practitioner_id="d-9")
    built = document(a, mappings=Mappings(tracking=PLACES), use_clinic_tracking=True)
    assert len(only_line(built)["Tracking"]) == 1


def test_tracking_only_when_wanted() -> None:
    """Mappings alone send nothing."""
    a = appointment(clinic_id="c-1", practitioner_id="d-1")
    assert "Tracking" not in only_line(document(a, mappings=Mappings(tracking=PLACES)))


def test_discounts_are_sent_as_given() -> None:
    """Rate or amount, never a LineAmount: Xero computes that itself."""
    rate = only_line(document(lines=(line(discount_rate=Decimal("10")),)))
    off = only_line(document(lines=(line(discount_amount=Decimal("5.00")),)))
    assert (rate["DiscountRate"], off["DiscountAmount"]) == (Decimal("10"), Decimal("5.00"))
    assert "LineAmount" not in rate
    assert "DiscountAmount" not in rate


def test_control_characters_do_not_reach_xero() -> None:
    """Text pasted from elsewhere loses what no XML could carry, and keeps its line breaks."""
    sent = only_line(document(lines=(line(description="Knee\x0b\x00 review\r\nleft\x85"),)))
    assert sent["Description"] == "Knee   review\nleft"


@pytest.mark.parametrize("status", ["booked", "arrived", "completed", "no_show"])
def test_every_status_but_cancelled_can_be_invoiced(status: str) -> None:
    """A no-show is billed too."""
    assert document(appointment(status=status)).number == "CL-a-1"


def test_cancelled_appointment_is_named() -> None:
    """A cancelled appointment gets no invoice, and the answer says what to change."""
    assert wrong_fields(appointment(status="cancelled")) == ["appointment_id"]


@pytest.mark.parametrize("lines", [None, ()])
def test_without_lines_there_is_no_invoice(lines: tuple[LineItem, ...] | None) -> None:
    """Neither an appointment without lines nor an empty list in the request makes an empty invoice."""
    assert wrong_fields(appointment(line_items=() if lines is None else (line(),)), lines=lines) == [
        "line_items"
    ]


def test_missing_account_names_the_service_to_map() -> None:
    """Each line without an account is named, with the service to map."""
    lines = (line(service_code="PHYSIO"), line(account_code="200"), line())
    built, errors = build(lines=lines, settings=PracticeSettings())
    assert built is None
    assert [e.field for e in errors] == ["line_items[0].account_code", "line_items[2].account_code"]
    assert "map service 'PHYSIO' at /xero/items/" in errors[0].message


def test_tracking_wanted_without_clinic_or_mapping() -> None:
    """Asked for and impossible: the answer names which of the two is missing."""
    _, no_clinic = build(appointment(), use_clinic_tracking=True)
    _, no_mapping = build(appointment(clinic_id="c-7"), use_clinic_tracking=True)
    assert [e.field for e in no_clinic + no_mapping] == ["use_clinic_tracking"] * 2
    assert "clinic_id" in no_clinic[0].message
    assert "'c-7'" in no_mapping[0].message
    assert "/xero/tracking/" in no_mapping[0].message


def test_an_amount_beyond_xeros_largest() -> None:
    """Refused before it is sent, by the line's place; the largest itself is taken."""
    too_large = line(unit_amount=Decimal("9999999999"), quantity=Decimal("2"))
    assert wrong_fields(lines=(line(), too_large)) == ["line_items[1]"]
    assert wrong_fields(lines=(line(unit_amount=Decimal("-9999999999"), quantity=Decimal("2")),)) == [
        "line_items[0]"
    ]
    assert document(lines=(line(unit_amount=Decimal("9999999999")),)).lines


def test_all_errors_come_at_once() -> None:
    """One round is enough to learn everything that is missing."""
    a = appointment(status="cancelled", line_items=(line(), line()))
    assert wrong_fields(a, settings=PracticeSettings(), use_clinic_tracking=True) == [
        "appointment_id",
        "use_clinic_tracking",
        "line_items[0].account_code",
        "line_items[1].account_code",
    ]


def test_every_field_has_its_rule() -> None:
    """The preview and the log can explain each field of the document and of its lines."""
    built = document()
    assert set(built.rules) == {"date", "due_date", "amounts", "status", "number", "reference", "currency"}
    assert set(built.lines[0].rules) == {"account_code", "tax_type", "description", "amounts"}
