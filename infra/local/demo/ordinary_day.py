"""The ordinary day of both practices: connected, patients synced, appointments invoiced, some of them paid in Xero."""

from __future__ import annotations

from decimal import Decimal

from infra.local import sample_day
from infra.local.client import CallFailed
from infra.local.demo.practice import ORGANISATIONS, Practice

#: Appointment -> what is paid of it in the simulator: everything, or this amount.
PAID: dict[str, dict[str, str | None]] = {
    "demo": {"apt-1001": None, "apt-1002": "50.00", "apt-1004": None, "apt-1006": None, "apt-1012": None},
    "other": {"apt-1002": None},
    "thames": {"apt-1001": None},
}
CALLS_A_MINUTE = 600


def appointments(practice: Practice) -> list[str]:
    """Those that are invoiced."""
    return [row[0] for row in sample_day.DAY[practice.name] if row[5] != "cancelled"]


def connect(practice: Practice) -> None:
    status = practice.owner.call("GET", "/xero/connections/status/")
    if status["status"] != "connected":
        page = practice.owner.connect([practice.tenant_id], user=f"{practice.name}-owner")
        if ORGANISATIONS[practice.name] not in page.text:
            raise CallFailed(f"connecting ended at {page.url} with status {page.status_code}")
        status = practice.owner.call("GET", "/xero/connections/status/")
    print(f"{practice.name}: {status['status']} to {status['tenant_name']}, by {status['connected_by']}")


def prepare(practice: Practice) -> None:
    """The bookkeeper's part: approved invoices, and in Australia the clinics' tracking options.

    A day's calls come in half a minute here, more than Xero allows in one; nobody wants to watch a demo wait.
    """
    practice.simulator("POST", f"tenants/{practice.tenant_id}/limits", {"minute": CALLS_A_MINUTE})
    choices = {"invoice_status": "AUTHORISED"}
    if (
        practice.name == "thames"
    ):  # where the country's default keeps back the addresses that Xero is to e-mail to
        choices["contact_details"] = "email"
    practice.bookkeeper.call("PUT", "/xero/settings/", json=choices)
    if practice.name != "demo":
        return
    tracking = practice.bookkeeper.call("GET", "/xero/tracking/")
    category = next(c for c in tracking["available"] if c["name"] == "Clinic")
    options = {option["name"]: option["option_id"] for option in category["options"]}
    items = [
        {"id": clinic, "kind": "clinic", "tracking_category_id": category["category_id"],
         "tracking_option_id": options[name]}
        for clinic, name in (("harbour", "Harbour Street"), ("north", "North Shore"))
    ]  # fmt: skip
    practice.bookkeeper.call("PUT", "/xero/tracking/", json={"items": items})


def sync_patients(practice: Practice) -> None:
    patients = [patient["id"] for patient in sample_day.PATIENTS[practice.name]]
    for patient in patients:
        practice.reception.call("POST", "/xero/contacts/sync_patient/", json={"patient_id": patient})
    practice.until(
        "all contacts are there",
        lambda: all(
            practice.reception.call("GET", f"/xero/contacts/{patient}/")["state"] == "linked"
            for patient in patients
        ),
    )
    print(f"{practice.name}: {len(patients)} patients are contacts")


def invoice_all(practice: Practice) -> None:
    wanted, tracking = appointments(practice), practice.name == "demo"
    for appointment_id in wanted:
        practice.create(appointment_id, use_clinic_tracking=tracking).raise_for_status()
    practice.until("all invoices are there", lambda: all(practice.invoice(each) for each in wanted))
    print(f"{practice.name}: {len(wanted)} appointments are invoices")


def pay_some(practice: Practice) -> None:
    """As a bookkeeper does in Xero; then the webhooks bring it back."""
    expected: dict[str, Decimal] = {}
    for appointment_id, amount in PAID[practice.name].items():
        invoice = practice.invoice(appointment_id)
        expected[appointment_id] = Decimal(amount or invoice["total"])
        if not practice.in_books(invoice["invoice_id"])["AmountPaid"]:
            practice.by_hand(
                f"invoices/{invoice['invoice_id']}/pay", **({"amount": amount} if amount else {})
            )

    def came_back(appointment_id: str) -> bool:
        shown = practice.invoice(appointment_id) or {"amount_paid": "-1"}
        return Decimal(shown["amount_paid"]) == expected[appointment_id]

    practice.until("the payments came back", lambda: all(map(came_back, expected)))
    print(f"{practice.name}: {len(expected)} payments entered in Xero came back")
