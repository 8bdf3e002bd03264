"""Mappings: what is missing, which rule wins, what is archived in Xero."""

from __future__ import annotations

from infra.local.demo.practice import Practice, expect
from infra.local.sample_day import CONSULT, TAPE

NEEDLING = {"service_code": "needling", "description": "Dry needling", "unit_amount": "88.00"}
VOUCHER = {"service_code": "voucher", "description": "Gift voucher", "unit_amount": "50.00"}


def nothing_goes_unmapped(practice: Practice) -> None:
    """A service that nobody mapped is named, not guessed; shown first, then mapped, it is sent."""
    practice.appointment("apt-2001", "p-33", NEEDLING)
    mapping = {"service_code": "needling", "account_code": "201", "tax_type": "EXEMPTOUTPUT"}
    if _account_of(practice, "needling") is None:
        refused = practice.refusal(practice.create("apt-2001"), "invalid_input")
        expect("needling" in refused["detail"], f"the refusal does not name the service: {refused['detail']}")
        missing = practice.reception.call("GET", "/xero/settings/missing/")["items"]
        expect("needling" in [item["id"] for item in missing], "the service is not listed as missing")
        practice.reception.call("GET", "/xero/suggestions/")
        body = {"items": [mapping]}
        practice.bookkeeper.call("PUT", "/xero/items/", params={"dry_run": "1"}, json=body)
        expect(_account_of(practice, "needling") is None, "showing what would change has changed it")
        practice.bookkeeper.call("PUT", "/xero/items/", json=body)
    practice.invoiced("apt-2001")


def the_nearest_rule_wins(practice: Practice) -> None:
    """The preview shows each field with its rule: the service's account, clinic's and practitioner's tracking."""
    tracking = practice.bookkeeper.call("GET", "/xero/tracking/")["available"]
    category = next(each for each in tracking if each["name"] == "Practitioner")
    option = next(each for each in category["options"] if each["name"] == "Dev Patel")
    patel = {"id": "d-patel", "kind": "practitioner", "tracking_category_id": category["category_id"],
             "tracking_option_id": option["option_id"], "account_code": "260"}  # fmt: skip
    practice.bookkeeper.call("PUT", "/xero/tracking/", json={"items": [patel]})
    practice.bookkeeper.call("PUT", "/xero/settings/", json={"use_clinic_tracking": True})
    extra = {"description": "Report for the insurer", "unit_amount": "40.00"}
    practice.appointment("apt-2002", "p-33", CONSULT, extra, clinic_id="harbour", practitioner_id="d-patel")
    if not practice.invoice("apt-2002"):
        shown = practice.preview("apt-2002")
        rules = [line["account_code"] for line in shown["rules"]["lines"]]
        expect(rules == ["service 'consult'", "practitioner 'd-patel'"], f"the rules were {rules}")
        expect(not shown["problems"], f"the preview has problems: {shown['problems']}")
    made = practice.invoiced("apt-2002")
    for line in practice.in_books(made["invoice_id"])["LineItems"]:
        expect(len(line["Tracking"]) == 2, "a line lacks its two tracking options")


def archived_waits_in_one_entry(practice: Practice) -> None:
    """An account archived in Xero: what needs it waits under one entry, and goes on once when it is restored."""
    voucher = {"Code": "265", "Name": "Gift vouchers", "Type": "REVENUE", "TaxType": "OUTPUT"}
    wanted = ("apt-2003", "apt-2004")
    for appointment_id in wanted:
        practice.appointment(appointment_id, "p-33", VOUCHER)
    if not all(practice.invoice(each) for each in wanted):
        practice.by_hand("organisation", account=voucher | {"Status": "ACTIVE"})
        practice.bookkeeper.call("GET", "/xero/accounts/", params={"refresh": "1"})
        mapping = {"service_code": "voucher", "account_code": "265", "tax_type": "OUTPUT"}
        practice.bookkeeper.call("PUT", "/xero/items/", json={"items": [mapping]})
        practice.by_hand("organisation", account=voucher | {"Status": "ARCHIVED"})
        practice.bookkeeper.call("GET", "/xero/accounts/", params={"refresh": "1"})
        for appointment_id in wanted:
            practice.create(appointment_id)
        entry = practice.attention().get("mapping_archived")
        expect(entry and entry["count"] == len(wanted), f"what needs a person: {list(practice.attention())}")
        practice.by_hand("organisation", account=voucher | {"Status": "ACTIVE"})
        practice.bookkeeper.call("GET", "/xero/accounts/", params={"refresh": "1"})
        practice.until("what waited for the account is sent", lambda: all(map(practice.invoice, wanted)))


def mixed_lines(practice: Practice) -> None:
    """GST-free and taxable lines, a percentage and an amount off, four decimals: to the cent as Xero reckons."""
    lines = (
        CONSULT,
        TAPE,
        {"service_code": "tape", "description": "Tape, by the metre", "unit_amount": "87.4501", "quantity": "1.333"},
        {"service_code": "orthotic", "description": "Insole", "unit_amount": "220.00", "discount_amount": "20.00"},
    )  # fmt: skip
    for appointment_id, amounts in (
        ("apt-2005", "exclusive"),
        ("apt-2006", "inclusive"),
        ("apt-2007", "no_tax"),
    ):
        practice.appointment(appointment_id, "p-33", *lines, amounts=amounts)
        foretold = practice.preview(appointment_id)["totals"]["total"]
        made = practice.invoiced(appointment_id)
        there = practice.in_books(made["invoice_id"])
        expect(
            f"{there['Total']:.2f}" == foretold, f"{appointment_id}: {foretold} foretold, {there['Total']}"
        )


def _account_of(practice: Practice, service: str) -> str | None:
    items = practice.bookkeeper.call("GET", "/xero/items/")["items"]
    return next((item["account_code"] for item in items if item["service_code"] == service), None)


SITUATIONS = (nothing_goes_unmapped, the_nearest_rule_wins, archived_waits_in_one_entry, mixed_lines)
