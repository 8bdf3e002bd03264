"""A clinic's day, played through the public interface and held against the simulator's books.

Connects both practices through the consent page, syncs the patients, invoices the day, pays some invoices in the
simulator as a bookkeeper would, waits for the webhooks, and compares: appointment by appointment, to the cent.
Playing it again on the same state creates nothing twice.
"""

from __future__ import annotations

import sys
import time
from decimal import Decimal
from typing import Any

import requests

from infra.local import sample_day
from infra.local.client import CallFailed, Client
from infra.local.settings import Settings

#: How long the webhooks and the deferred work may take; far more than they do.
PATIENCE_SECONDS = 240
ORGANISATIONS = {"demo": "Harbour Street Clinic", "other": "Kauri Physio"}
#: Appointment -> what is paid of it in the simulator: everything, or this amount.
PAID: dict[str, dict[str, str | None]] = {
    "demo": {"apt-1001": None, "apt-1002": "50.00", "apt-1004": None, "apt-1006": None, "apt-1012": None},
    "other": {"apt-1002": None},
}


def main(argv: list[str]) -> int:
    """0 only when every appointment has exactly one invoice and both sides agree."""
    if argv:
        print(f"demo takes no arguments, not {' '.join(argv)}", file=sys.stderr)
        return 2
    settings = Settings.from_environment()
    if not settings.simulated:
        print("The demo pays invoices in the simulator; unset XERO_CLIENT_ID to play it", file=sys.stderr)
        return 2
    sample_day.load(settings.base_url, settings.state_dir)
    try:
        days = [_Day(settings, practice) for practice in ORGANISATIONS]
        for day in days:
            day.connect()
            day.prepare()
        for day in days:
            day.sync_patients()
            day.invoice_all()
        for day in days:
            day.pay_some()
        agreed = [day.compare() for day in days]
    except (CallFailed, requests.RequestException, TimeoutError) as failure:
        print(f"\nThe day did not get through: {failure}", file=sys.stderr)
        return 1
    print("\nBoth sides agree." if all(agreed) else "\nTHE BOOKS DO NOT AGREE.")
    return 0 if all(agreed) else 1


class _Day:
    """One practice's day."""

    def __init__(self, settings: Settings, practice: str) -> None:
        self.settings, self.practice = settings, practice
        self.reception, self.bookkeeper, self.owner = (
            Client(settings, practice, role) for role in ("reception", "bookkeeper", "owner")
        )
        tenants = self._simulator("GET", "tenants")["tenants"]
        self.tenant_id = next(t["tenantId"] for t in tenants if t["tenantName"] == ORGANISATIONS[practice])
        self.appointments = [row for row in sample_day.DAY[practice] if row[5] != "cancelled"]

    def connect(self) -> None:
        status = self.owner.call("GET", "/xero/connections/status/")
        if status["status"] != "connected":
            page = self.owner.connect([self.tenant_id], user=f"{self.practice}-owner")
            if ORGANISATIONS[self.practice] not in page.text:
                raise CallFailed(f"connecting ended at {page.url} with status {page.status_code}")
            status = self.owner.call("GET", "/xero/connections/status/")
        print(f"{self.practice}: {status['status']} to {status['tenant_name']}, by {status['connected_by']}")

    def prepare(self) -> None:
        """The bookkeeper's part: approved invoices, and in Australia the clinics' tracking options."""
        self.bookkeeper.call("PUT", "/xero/settings/", json={"invoice_status": "AUTHORISED"})
        if self.practice != "demo":
            return
        tracking = self.bookkeeper.call("GET", "/xero/tracking/")
        category = next(c for c in tracking["available"] if c["name"] == "Clinic")
        options = {option["name"]: option["option_id"] for option in category["options"]}
        items = [
            {"id": clinic, "kind": "clinic", "tracking_category_id": category["category_id"],
             "tracking_option_id": options[name]}
            for clinic, name in (("harbour", "Harbour Street"), ("north", "North Shore"))
        ]  # fmt: skip
        self.bookkeeper.call("PUT", "/xero/tracking/", json={"items": items})

    def sync_patients(self) -> None:
        patients = sample_day.PATIENTS[self.practice]
        for patient in patients:
            self.reception.call("POST", "/xero/contacts/sync_patient/", json={"patient_id": patient["id"]})
        self._until(
            "all contacts are there",
            lambda: all(
                self.reception.call("GET", f"/xero/contacts/{p['id']}/")["state"] == "linked"
                for p in patients
            ),
        )
        print(f"{self.practice}: {len(patients)} patients are contacts")

    def invoice_all(self) -> None:
        tracking = self.practice == "demo"
        for appointment_id, *_ in self.appointments:
            body = {"appointment_id": appointment_id, "use_clinic_tracking": tracking}
            self.reception.call("POST", "/xero/invoices/create_invoice/", json=body)
        self._until("all invoices are there", lambda: all(self._invoice(row[0]) for row in self.appointments))
        print(f"{self.practice}: {len(self.appointments)} appointments are invoices")

    def pay_some(self) -> None:
        expected: dict[str, Decimal] = {}
        for appointment_id, amount in PAID[self.practice].items():
            invoice = self._invoice(appointment_id) or {}
            expected[appointment_id] = Decimal(amount or invoice["total"])
            if not self._in_books(invoice["invoice_id"])["AmountPaid"]:
                path = f"tenants/{self.tenant_id}/invoices/{invoice['invoice_id']}/pay"
                self._simulator("POST", path, {"amount": amount} if amount else {})
        self._until(
            "the payments came back",
            lambda: all(
                Decimal((self._invoice(appointment_id) or {"amount_paid": "-1"})["amount_paid"]) == paid
                for appointment_id, paid in expected.items()
            ),
        )
        print(f"{self.practice}: {len(expected)} payments entered in Xero came back")

    def compare(self) -> bool:
        """Prints the table; True when every appointment has one invoice of ours and all figures agree."""
        books = self._simulator("GET", f"tenants/{self.tenant_id}/books")["invoices"]
        print(f"\n{self.practice}, {ORGANISATIONS[self.practice]}")
        print(
            f"{'appointment':<12} {'invoice':<14} {'status':<11} {'total':>9} {'paid':>9} {'due':>9}  books"
        )
        good = True
        for appointment_id, *_ in self.appointments:
            ours = self._invoice(appointment_id) or {}
            theirs = [
                i
                for i in books
                if i.get("Reference") == appointment_id and i["Status"] not in ("VOIDED", "DELETED")
            ]
            verdict = _verdict(ours, theirs)
            good &= verdict == "agree"
            print(
                f"{appointment_id:<12} {ours['invoice_number']:<14} {ours['status']:<11} {ours['total']:>9} "
                f"{ours['amount_paid']:>9} {ours['amount_due']:>9}  {verdict}"
            )
        strangers = len([i for i in books if i["Type"] == "ACCREC"]) - len(self.appointments)
        print(f"{'':<12} invoices in the books beyond these: {strangers}")
        return good and strangers == 0

    def _invoice(self, appointment_id: str) -> dict[str, Any] | None:
        response = self.reception.raw("GET", f"/xero/invoices/{appointment_id}/")
        return response.json() if response.status_code == 200 else None

    def _in_books(self, invoice_id: str) -> dict[str, Any]:
        books = self._simulator("GET", f"tenants/{self.tenant_id}/books")["invoices"]
        return {**next(i for i in books if i["InvoiceID"] == invoice_id)}

    def _simulator(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        url = f"{self.settings.simulator_url}/_simulator/{path}"
        response = requests.request(method, url, json=body, timeout=30)
        response.raise_for_status()
        return dict(response.json(parse_float=Decimal))

    def _until(self, what: str, happened: Any) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not happened():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.practice}: waited {PATIENCE_SECONDS} s, but not {what}")
            time.sleep(0.3)


def _verdict(ours: dict[str, Any], theirs: list[dict[str, Any]]) -> str:
    if len(theirs) != 1:
        return f"{len(theirs)} INVOICES"
    one = theirs[0]
    pairs = {
        "status": (ours["status"], one["Status"]),
        "number": (ours["invoice_number"], one["InvoiceNumber"]),
        "total": (Decimal(ours["total"]), Decimal(one["Total"])),
        "paid": (Decimal(ours["amount_paid"]), Decimal(one["AmountPaid"])),
        "due": (Decimal(ours["amount_due"]), Decimal(one["AmountDue"])),
    }
    wrong = [name for name, (here, there) in pairs.items() if here != there]
    return f"DIFFER in {', '.join(wrong)}" if wrong else "agree"
