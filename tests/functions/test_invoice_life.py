"""The life of an invoice after it was made: changed, corrected, cancelled, noted, shown online."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.functions.edges import check_problem, wrong
from tests.product import TENANTS, Product

MORE = [{"description": "Consultation", "unit_amount": "150.00", "account_code": "200"}]


def act(product: Product, what: str, role: str = "bookkeeper", invoice: str = "a-1", **body: Any) -> Any:
    return product.ok("POST", f"/xero/invoices/{invoice}/{what}/", role, json=body)


def shown(product: Product, invoice: str = "a-1") -> dict[str, Any]:
    return dict(product.ok("GET", f"/xero/invoices/{invoice}/", "reception"))


def proposal(product: Product) -> str | None:
    difference = shown(product)["difference"]
    return difference["proposal"] if difference else None


def writes(product: Product, method: str = "POST", path: str = "Invoices") -> list[dict[str, Any]]:
    return product.xero_calls(method, f"/api.xro/2.0/{path}")


def notes(product: Product) -> list[str]:
    """What we wrote into the histories of all invoices."""
    books = product.simulator.world.organisations[TENANTS["demo"]].books
    return [note.details for i in books.ledger.invoices for note in i.history if note.changes == "Note"]  # type: ignore[attr-defined]


def soon(product: Product) -> None:
    product.advance(5)
    product.run_tasks()


# -- changing it while nothing is applied --------------------------------------------------------------------


@pytest.mark.parametrize("status", ["DRAFT", "SUBMITTED", "AUTHORISED"])
def test_changed_amount_is_sent_to_the_open_invoice(product: Product, status: str) -> None:
    """The change shows as a difference, Update sends it, the status stays, and then nothing differs."""
    product.ready()
    product.settings(invoice_status=status)
    made = product.invoice().json
    assert shown(product)["difference"] is None
    product.appointment("a-1", line_items=MORE)
    assert proposal(product) == "update"
    changed = act(product, "update")
    assert (changed["total"], changed["status"], changed["difference"]) == ("165.00", status, None)
    assert (changed["invoice_id"], changed["invoice_number"]) == (made["invoice_id"], made["invoice_number"])
    (there,) = product.invoices()
    assert (f"{there['Total']:.2f}", there["Status"], there["Reference"]) == ("165.00", status, "a-1")


def test_lines_that_stay_keep_their_ids(product: Product) -> None:
    """A line added: the old one is sent with its LineItemID, so it is the same line in Xero."""
    product.ready()
    product.invoice()
    (before,) = product.invoices()
    product.appointment("a-1", line_items=[
        {"description": "Consultation", "unit_amount": "100.00", "account_code": "200"},
        {"description": "Insole", "unit_amount": "50.00", "account_code": "200"},
    ])  # fmt: skip
    act(product, "update")
    (after,) = product.invoices()
    assert after["LineItems"][0]["LineItemID"] == before["LineItems"][0]["LineItemID"]
    assert len(after["LineItems"]) == 2


def test_another_payer_and_another_day(product: Product) -> None:
    """Payer and day of the appointment changed: the invoice goes to the new contact, dated anew."""
    product.ready()
    product.invoice()
    product.patient("p-2", first_name="Mia")
    product.appointment("a-1", payer="p-2", starts_at="2026-11-26T08:00:00+11:00")
    assert shown(product)["difference"]["kind"] == "several"
    changed = act(product, "update")
    contact = product.ok("GET", "/xero/contacts/p-2/")["contact_id"]
    assert (changed["contact_id"], changed["date"], changed["due_date"]) == (
        contact,
        "2026-11-26",
        "2026-12-10",
    )


def test_update_twice_and_back_again(product: Product) -> None:
    """A, B, A within the key's life ends at A; asked for again it writes nothing."""
    product.ready()
    product.invoice()
    for lines, total in ((MORE, "165.00"), (None, "110.00"), (MORE, "165.00")):
        product.appointment("a-1", **({"line_items": lines} if lines else {}))
        assert act(product, "update")["total"] == total
    before = len(writes(product))
    assert act(product, "update")["total"] == "165.00"
    assert len(writes(product)) == before == 3


def test_what_was_given_with_the_request_stays(product: Product) -> None:
    """Invoiced with lines of the request, the day moved: the lines stay, only the date is new."""
    product.ready()
    product.invoice(line_items=MORE)
    product.appointment("a-1", starts_at="2026-11-26T08:00:00+11:00")
    changed = act(product, "update")
    assert (changed["total"], changed["date"]) == ("165.00", "2026-11-26")


@pytest.mark.parametrize("deed", ["pay", "credit"])
def test_a_paid_or_credited_invoice_is_not_edited(product: Product, deed: str) -> None:
    """Also when we do not know yet: Xero is asked right before, and nothing is written."""
    product.ready()
    made = product.invoice().json
    if deed == "pay":
        product.by_hand(f"invoices/{made['invoice_id']}/pay", amount=10)
    else:
        act(product, "credit")
    product.appointment("a-1", line_items=MORE)
    refused = product.call("POST", "/xero/invoices/a-1/update/", "bookkeeper", json={})
    check_problem(refused, 422, "has_payments")
    assert "credit note" in refused.json["detail"]
    assert writes(product) == []


def test_an_invoice_of_a_cancelled_appointment_is_not_updated(product: Product) -> None:
    """The refusal names the field; the proposal is to void."""
    product.ready()
    product.invoice()
    product.appointment("a-1", status="cancelled")
    assert (proposal(product), shown(product)["difference"]["kind"]) == ("void", "cancelled")
    refused = product.call("POST", "/xero/invoices/a-1/update/", "bookkeeper", json={})
    assert set(wrong(refused)) == {"appointment_id"}
    act(product, "void")
    assert shown(product)["difference"] is None


# -- correcting what is paid ---------------------------------------------------------------------------------


def test_a_paid_invoice_is_corrected(product: Product) -> None:
    """A credit note over the whole, a new invoice with a new number, and a plain word about the money."""
    product.ready(payment_accounts={"card": "880"})
    first = product.invoice().json
    act(product, "payments", method="card", reference="till-1")
    product.appointment("a-1", line_items=MORE)
    assert proposal(product) == "correct"
    corrected = act(product, "correct")
    assert (corrected["total"], corrected["amount_due"], corrected["difference"]) == (
        "165.00",
        "165.00",
        None,
    )
    assert corrected["invoice_number"] == f"{first['invoice_number']}-2"
    assert "110.00 that was paid stays as credit" in corrected["sentence"]
    (note,) = product.books()["credit_notes"]
    assert (note["CreditNoteNumber"], f"{note['RemainingCredit']:.2f}") == (
        f"{first['invoice_number']}-CN",
        "110.00",
    )
    assert sorted(i["Status"] for i in product.invoices()) == ["AUTHORISED", "PAID"]


def test_the_money_on_a_replaced_invoice_can_be_given_back(product: Product) -> None:
    """By the replaced invoice's own id: its credit note pays out what had been paid on it, and no more."""
    product.ready(payment_accounts={"card": "880"})
    first = product.invoice().json["invoice_id"]
    act(product, "payments", method="card", reference="till-1")
    product.appointment("a-1", line_items=MORE)
    second = act(product, "correct")["invoice_id"]
    act(product, "refund", invoice=first, method="card", reference="back-1")
    (note,) = product.books()["credit_notes"]
    assert f"{note['RemainingCredit']:.2f}" == "0.00"
    assert shown(product)["invoice_id"] == second
    assert shown(product, first)["difference"] is None
    refused = product.call("POST", f"/xero/invoices/{first}/update/", "bookkeeper", json={})
    check_problem(refused, 409, "replaced")


def test_an_open_invoice_is_corrected_too(product: Product) -> None:
    """What is due is credited, so nobody is asked to pay twice."""
    product.ready()
    product.invoice()
    product.appointment("a-1", line_items=MORE)
    corrected = act(product, "correct")
    assert "nothing had been paid" in corrected["sentence"]
    due = {i["InvoiceNumber"]: f"{i['AmountDue']:.2f}" for i in product.invoices()}
    assert due == {"CL-a-1": "0.00", "CL-a-1-2": "165.00"}


@pytest.mark.parametrize("by", ["appointment", "first invoice", "new invoice"])
def test_corrected_once_however_often_asked(product: Product, by: str) -> None:
    """The caller had no answer and asks again, by whichever id: nothing is corrected a second time."""
    product.ready()
    first = product.invoice().json["invoice_id"]
    product.appointment("a-1", line_items=MORE)
    second = act(product, "correct")["invoice_id"]
    again = {"appointment": "a-1", "first invoice": first, "new invoice": second}[by]
    assert act(product, "correct", invoice=again)["invoice_id"] == second
    assert (len(product.books()["credit_notes"]), len(product.invoices())) == (1, 2)


def test_what_was_corrected_can_be_corrected_again(product: Product) -> None:
    """Each correction is its own: numbers go on, none is used twice."""
    product.ready()
    product.invoice()
    for amount in ("150.00", "170.00"):
        product.appointment("a-1", line_items=[MORE[0] | {"unit_amount": amount}])
        act(product, "correct")
    assert [i["InvoiceNumber"] for i in product.invoices()] == ["CL-a-1", "CL-a-1-2", "CL-a-1-3"]
    assert {f"{i['AmountDue']:.2f}" for i in product.invoices()[:2]} == {"0.00"}


def test_credited_first_then_corrected(product: Product) -> None:
    """Somebody credited it already: the correction goes on from there with the one credit note."""
    product.ready()
    product.invoice()
    act(product, "credit")
    product.appointment("a-1", line_items=MORE)
    assert act(product, "correct")["invoice_number"] == "CL-a-1-2"
    assert len(product.books()["credit_notes"]) == 1


def test_a_draft_is_not_corrected(product: Product) -> None:
    """It is updated instead; nothing is kept."""
    product.ready()
    product.settings(invoice_status="DRAFT")
    product.invoice()
    product.appointment("a-1", line_items=MORE)
    refused = product.call("POST", "/xero/invoices/a-1/correct/", "bookkeeper", json={})
    check_problem(refused, 409, "wrong_status")
    assert product.books()["credit_notes"] == []


def test_a_correction_that_cannot_be_made_credits_nothing(product: Product) -> None:
    """What the new invoice lacks is told before the old one is touched."""
    product.ready()
    product.invoice()
    product.appointment("a-1", line_items=[{"description": "Other", "unit_amount": "10"}])
    refused = product.call("POST", "/xero/invoices/a-1/correct/", "bookkeeper", json={})
    assert set(wrong(refused)) == {"line_items[0].account_code"}
    assert product.books()["credit_notes"] == []


def test_the_correction_waits_and_finishes_by_itself(product: Product) -> None:
    """A limit in the middle of the chain: 202, and time alone makes the new invoice."""
    product.ready()
    product.invoice()
    product.appointment("a-1", line_items=MORE)
    path = "/api.xro/2.0/CreditNotes/*/Allocations"
    product.simulator.fault("rate_limit", method="PUT", path=path, problem="minute", retry_after=30)
    waits = product.call("POST", "/xero/invoices/a-1/correct/", "bookkeeper", json={})
    assert waits.status_code == 202
    product.settle(120)
    assert (shown(product)["invoice_number"], shown(product)["difference"]) == ("CL-a-1-2", None)
    assert len(product.invoices()) == 2


# -- what differs, for people --------------------------------------------------------------------------------


def test_differences_are_grouped_by_what_to_press(product: Product) -> None:
    """One entry per proposal, with its sentence and each invoice; gone once mended."""
    product.ready()
    for number in (1, 2, 3):
        product.appointment(f"a-{number}")
        product.invoice(f"a-{number}")
    product.appointment("a-1", line_items=MORE)
    product.appointment("a-2", line_items=MORE)
    product.appointment("a-3", status="cancelled")
    causes = {c["cause"]: c for c in product.ok("GET", "/xero/attention/")["items"]}
    assert {name: cause["count"] for name, cause in causes.items()} == {
        "changed.update": 2,
        "changed.void": 1,
    }
    assert {i["appointment_id"] for i in causes["changed.update"]["invoices"]} == {"a-1", "a-2"}
    assert causes["changed.void"]["remedy"]
    for number, what in ((1, "update"), (2, "update"), (3, "void")):
        act(product, what, invoice=f"a-{number}")
    assert product.ok("GET", "/xero/attention/")["items"] == []


def test_a_change_by_import_shows_as_well(product: Product) -> None:
    """The clinic's app sends many records at once."""
    product.ready()
    product.invoice()
    record = {
        "kind": "appointment", "id": "a-1", "patient_id": "p-1", "starts_at": "2026-11-24T08:00:00+11:00",
        "status": "cancelled", "line_items": MORE,
    }  # fmt: skip
    product.ok("POST", "/clinic/import", "app", data=json.dumps(record))
    (cause,) = product.ok("GET", "/xero/attention/")["items"]
    assert cause["cause"] == "changed.void"


def test_a_cancellation_after_payment_is_credited(product: Product) -> None:
    """Credit is the way once money moved; then nothing differs, although the invoice stays paid."""
    product.ready(payment_accounts={"card": "880"})
    product.invoice()
    act(product, "payments", method="card", reference="till-1")
    product.appointment("a-1", status="cancelled")
    assert proposal(product) == "credit"
    act(product, "credit")
    assert proposal(product) is None
    product.appointment("a-1")  # and yet it took place
    assert shown(product)["difference"] is None


def test_payment_changes_the_proposal(product: Product) -> None:
    """Update, until a payment comes back from Xero; then correct."""
    product.ready()
    made = product.invoice().json
    product.appointment("a-1", line_items=MORE)
    assert proposal(product) == "update"
    product.by_hand(f"invoices/{made['invoice_id']}/pay", amount=10)
    product.reconcile()
    assert proposal(product) == "correct"


def test_a_new_mapping_changes_no_invoice_of_the_past(product: Product) -> None:
    """Settings and mappings are for what comes; the record is what counts."""
    product.ready()
    product.invoice()
    product.settings(payment_terms_days=30, default_account_code="201", amounts="inclusive")
    assert shown(product)["difference"] is None


# -- notes and reasons ---------------------------------------------------------------------------------------


def test_a_note_is_in_the_history_once(product: Product) -> None:
    """The same text on the same invoice is the same note; another text is another."""
    product.ready()
    product.invoice()
    for text in ("Asked to pay in March", "Asked to pay in March", "Called"):
        act(product, "note", "reception", text=text)
    assert [note.rsplit(" [", 1)[0] for note in notes(product)] == ["Asked to pay in March", "Called"]


@pytest.mark.parametrize(("what", "begins"), [("void", "Cancelled: "), ("credit", "Credited by CL-a-1-CN: ")])
def test_the_reason_is_kept_with_the_deed(product: Product, what: str, begins: str) -> None:
    """A person's own sentence, in the invoice's history in Xero."""
    product.ready()
    product.invoice()
    act(product, what, reason="Booked twice")
    soon(product)
    (note,) = notes(product)
    assert note.startswith(f"{begins}Booked twice [")


@pytest.mark.parametrize(
    ("what", "begins"), [("update", "Changed: "), ("correct", "Corrected by CL-a-1-CN: ")]
)
def test_the_reason_of_a_change(product: Product, what: str, begins: str) -> None:
    """On the invoice that was changed or replaced."""
    product.ready()
    product.invoice()
    product.appointment("a-1", line_items=MORE)
    act(product, what, reason="Wrong fee")
    soon(product)
    (note,) = notes(product)
    assert note.startswith(f"{begins}Wrong fee [")


def test_no_reason_in_logs_and_answers(product: Product, capsys: pytest.CaptureFixture[str]) -> None:
    """It may say more of a patient than its writer thought."""
    product.ready()
    product.invoice()
    act(product, "note", "reception", text="Secretsentence")
    act(product, "void", reason="Secretsentence two")
    soon(product)
    for path in ("/xero/logs/", "/xero/operations/", "/xero/attention/", "/xero/invoices/"):
        assert "Secretsentence" not in product.call("GET", path).get_data(as_text=True)
    assert "Secretsentence" not in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "   ", "x" * 201, 7, None])
def test_a_note_needs_a_sentence(product: Product, text: Any) -> None:
    """1 to 200 characters that can be read."""
    product.ready()
    product.invoice()
    refused = product.call("POST", "/xero/invoices/a-1/note/", "reception", json={"text": text})
    assert set(wrong(refused)) == {"text"}
    assert notes(product) == []


# -- approval and what follows -------------------------------------------------------------------------------


def test_the_online_invoice(product: Product) -> None:
    """Fetched with the approval and shown; before it there is none."""
    product.ready()
    product.settings(invoice_status="SUBMITTED")
    product.invoice()
    early = product.call("POST", "/xero/invoices/a-1/online/", "reception", json={})
    check_problem(early, 409, "wrong_status")
    url = act(product, "approve")["online_invoice_url"]
    assert url.startswith("https://")
    assert shown(product)["online_invoice_url"] == url


def test_the_online_invoice_when_asked_for(product: Product) -> None:
    """Approved at once, so nobody fetched it yet: one call, once."""
    product.ready()
    product.invoice()
    assert shown(product)["online_invoice_url"] is None
    before = len(product.xero_calls())
    urls = {act(product, "online", "reception")["online_invoice_url"] for _ in range(2)}
    assert len(product.xero_calls()) - before == 1
    assert len(urls) == 1


@pytest.mark.parametrize("approved_at_once", [True, False])
def test_email_after_approval(product: Product, approved_at_once: bool) -> None:
    """The setting has Xero e-mail each invoice once it is approved; nobody asks for it, and it goes out once."""
    product.ready()
    product.patient("p-1", email="anna@example.com")
    product.settings(email_after_approval=True, invoice_status="AUTHORISED" if approved_at_once else "DRAFT")
    product.invoice()
    if not approved_at_once:
        soon(product)
        assert shown(product)["emailed_at"] is None
        act(product, "approve")
    product.settle(90)
    act(product, "email", "reception")
    assert shown(product)["emailed_at"]
    assert len(writes(product, path="Invoices/" + shown(product)["invoice_id"] + "/Email")) == 1


def test_no_email_where_nobody_can_get_one(product: Product) -> None:
    """A payer without an address is no failure that somebody has to see to."""
    product.ready()
    product.settings(email_after_approval=True)
    product.invoice()
    product.settle(90)
    assert product.ok("GET", "/xero/attention/")["items"] == []
    assert "invoice_email" not in {o["kind"] for o in product.ok("GET", "/xero/operations/")["items"]}


# -- who may -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["approve", "void", "credit", "update", "correct"])
@pytest.mark.parametrize("role", ["reception", "app"])
def test_changing_the_books_needs_a_bookkeeper(product: Product, what: str, role: str) -> None:
    """Reception and the clinic's app are refused before anything is read."""
    product.ready()
    product.invoice()
    check_problem(product.call("POST", f"/xero/invoices/a-1/{what}/", role, json={}), 403, "not_allowed")


def test_another_practices_invoice_is_not_found(product: Product) -> None:
    """By the appointment's id and by Xero's."""
    product.ready()
    made = product.invoice().json
    product.ready("other")
    for invoice in ("a-1", made["invoice_id"]):
        for what in ("update", "correct", "note", "void", "online"):
            body = {"text": "x"} if what == "note" else {}
            answer = product.call("POST", f"/xero/invoices/{invoice}/{what}/", "owner", "other", json=body)
            assert answer.status_code == 404
    assert notes(product) == []
