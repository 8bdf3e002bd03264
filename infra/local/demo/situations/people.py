"""Contacts: who pays, merged, archived."""

from __future__ import annotations

from infra.local.demo.practice import Practice, expect
from infra.local.sample_day import CONSULT


def somebody_else_pays(practice: Practice) -> None:
    """An insurer pays: the invoice goes to it and names the patient by code only."""
    payer = {"name": "Harbour Health Fund", "email": "claims@example.com"}
    practice.appointment("apt-2101", "p-33", CONSULT, payer=payer)
    made = practice.invoiced("apt-2101")
    there = practice.in_books(made["invoice_id"])
    expect(there["Contact"]["Name"] == payer["name"], f"the invoice went to {there['Contact']['Name']}")
    words = there["LineItems"][0]["Description"]
    expect("AB1" in words and "Adam" not in words, f"the line says {words!r}")


def merged_is_followed(practice: Practice) -> None:
    """Two contacts merged in Xero: the next invoice goes to the one that is left."""
    practice.patient("p-71", "Mary", "Jones-Lee", reference="MJ1")
    practice.appointment("apt-2102", "p-71", CONSULT)
    practice.appointment("apt-2103", "p-71", CONSULT)
    first = practice.invoiced("apt-2102")
    left = next(c["ContactID"] for c in practice.books("contacts") if c["Name"] == "Mary Jones")
    if not practice.invoice("apt-2103"):
        if practice.in_books(first["invoice_id"])["Contact"]["ContactID"] != left:
            practice.by_hand(f"contacts/{first['contact_id']}/merge", into=left)
        second = practice.invoiced("apt-2103")
        expect(second["contact_id"] == left, "the second invoice did not follow the merge")


def archived_is_explained(practice: Practice) -> None:
    """A contact archived in Xero: the invoice says how to restore it; restored, one press sends it."""
    practice.patient("p-72", "Sam", "Reed", reference="SR1")
    practice.appointment("apt-2104", "p-72", CONSULT)
    practice.appointment("apt-2105", "p-72", CONSULT)
    contact_id = practice.invoiced("apt-2104")["contact_id"]
    if not practice.invoice("apt-2105"):
        if "contact_archived" not in practice.attention():
            practice.by_hand(f"contacts/{contact_id}/archive")
            refused = practice.refusal(practice.create("apt-2105"), "contact_archived")
            expect("Restore" in str(refused), f"the refusal does not say how to restore it: {refused}")
        practice.by_hand(f"contacts/{contact_id}/restore")
        practice.reception.call("POST", "/xero/attention/contact_archived/retry/", json={})
        practice.until("the restored contact's invoice is sent", lambda: practice.invoice("apt-2105"))


def no_more_than_wanted(practice: Practice) -> None:
    """By the privacy setting a contact carries the clinic's code only: no name, no e-mail, no phone."""
    practice.patient("p-74", "Nora", "Quill", reference="NQ1", email="nora@example.com", phone="0400 000 074")
    practice.bookkeeper.call("PUT", "/xero/settings/", json={"privacy_mode": "code"})
    practice.reception.call("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-74"})
    mine = lambda: [c for c in practice.books("contacts") if c.get("ContactNumber") == "p-74"]  # noqa: E731
    practice.until("the contact is there", mine)
    practice.bookkeeper.call("PUT", "/xero/settings/", json={"privacy_mode": "full"})
    (contact,) = mine()
    expect(contact["Name"] == "Patient NQ1", f"the contact is called {contact['Name']}")
    expect(
        "nora@" not in str(contact) and "0400" not in str(contact), "the contact carries more than its code"
    )


def another_currency(practice: Practice) -> None:
    """A visitor pays in US dollars: a clear answer while Xero does not use them, an invoice once it does."""
    practice.patient("p-73", "Grace", "Miller", reference="GM1")
    practice.appointment("apt-2106", "p-73", CONSULT, currency="USD")
    if not practice.invoice("apt-2106"):
        currencies = practice.bookkeeper.call("GET", "/xero/currencies/", params={"refresh": "1"})["items"]
        if "USD" not in str(currencies):
            refused = practice.refusal(practice.create("apt-2106"), "currency_not_enabled")
            expect("USD" in refused["detail"], f"the refusal does not name the currency: {refused['detail']}")
        practice.by_hand("organisation", multicurrency=True)
        practice.bookkeeper.call("GET", "/xero/currencies/", params={"refresh": "1"})
    made = practice.invoiced("apt-2106")
    expect(made["currency"] == "USD", f"the invoice is in {made['currency']}")


SITUATIONS = (
    somebody_else_pays,
    merged_is_followed,
    archived_is_explained,
    no_more_than_wanted,
    another_currency,
)
