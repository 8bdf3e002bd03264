"""Bulk jobs: they keep intents, the drain sends them together, and the job says what became of them."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.operations import Operation
from shared.services import jobs, paths
from tests.faults.clinic import PRACTICE, TENANT, Clinic
from tests.product import Product

PERIOD = {"starts_from": "2026-11-24T00:00:00+11:00", "starts_before": "2026-11-25T00:00:00+11:00"}


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a few records are several pages."""
    monkeypatch.setattr(jobs, "PAGE", 4)
    monkeypatch.setattr(jobs, "PAGES_A_STEP", 2)


def day_of(product: Product, appointments: int) -> None:
    """So many patients with an appointment each."""
    product.ready()
    for number in range(2, appointments + 1):
        product.patient(f"p-{number}")
        product.appointment(f"a-{number}", f"p-{number}")


def start(product: Product, **body: Any) -> str:
    return str(product.ok("POST", "/xero/invoices/create_all/", "reception", json=PERIOD | body)["job_id"])


def shown(product: Product, job: str) -> dict[str, Any]:
    return dict(product.ok("GET", f"/xero/jobs/{job}/", "reception"))


def counts(product: Product, job: str) -> dict[str, Any]:
    names = ("status", "seen", "kept", "done", "waiting", "skipped", "failed", "cancelled")
    return {name: shown(product, job)[name] for name in names}


def rest(product: Product, seconds: int = 3600) -> None:
    """The organisation rests: what is asked for waits."""
    from shared.services.connections import pause

    pause(product.ports, TENANT, "day", seconds)


def states(product: Product) -> dict[str, str]:
    found = product.ports.store.query(paths.operations(PRACTICE), limit=500).items
    return {
        o.subject["appointment_id"]: o.state
        for d in found
        if (o := Operation.from_data(d.data)).kind == "invoice_create"
    }


def test_a_job_keeps_and_the_drain_sends(product: Product) -> None:
    """Ten new patients in pages of four: every invoice made, in a few calls, and the counts say so."""
    day_of(product, 10)
    job = start(product)
    assert shown(product, job)["sentence"] == "Looking through the records: 0 so far, 0 done"
    before = len(product.xero_calls("PUT"))
    product.settle(60)
    assert counts(product, job) == {
        "status": "done", "seen": 10, "kept": 10, "done": 10, "waiting": 0, "skipped": 0, "failed": 0, "cancelled": 0,
    }  # fmt: skip
    assert shown(product, job)["sentence"] == "10 of 10 done"
    assert len(product.invoices()) == 10
    assert len(product.xero_calls("PUT")) - before <= 6  # two for each page
    again = start(product)
    product.settle(60)
    assert counts(product, again)["skipped"] == 10
    assert len(product.invoices()) == 10


def test_progress_while_it_waits(product: Product) -> None:
    """While the organisation rests the job says how many wait; it ends by itself afterwards."""
    day_of(product, 6)
    rest(product, 300)
    job = start(product)
    product.settle(60)
    assert counts(product, job) == {
        "status": "running", "seen": 6, "kept": 6, "done": 0, "waiting": 6, "skipped": 0, "failed": 0, "cancelled": 0,
    }  # fmt: skip
    product.settle(900)
    assert counts(product, job)["status"] == "done"
    assert len(product.invoices()) == 6


def test_an_estimated_end(product: Product) -> None:
    """Half of it done after a minute: the other half is expected in another."""
    day_of(product, 8)
    job = start(product)
    document = product.ports.store.get(paths.job(PRACTICE, job))
    assert document is not None
    data = document.data | {
        "phase": "sending",
        "listed": True,
        "created_at": "2026-11-24T08:00:00.000000Z",
        "updated_at": "2026-11-24T08:01:00.000000Z",
        "pages": {"0": {"done": 4}, "1": {"open": 3, "waiting": 1}},
    }
    product.ports.store.update(document.path, data, version=document.version)
    assert shown(product, job)["estimated_end"] == "2026-11-24T08:02:00.000000Z"


def test_it_ends_when_the_rest_needs_a_person(product: Product) -> None:
    """What failed, and what waits without a time, does not keep a job open; both are told with their reasons."""
    day_of(product, 5)
    archived = product.ok("POST", "/xero/contacts/sync_patient/", "reception", json={"patient_id": "p-2"})
    product.by_hand(f"contacts/{archived['contact_id']}/archive")
    product.appointment("a-9", "p-3", line_items=[{"description": "x", "unit_amount": 1}])  # no account
    job = start(product)
    product.settle(120)
    found = shown(product, job)
    assert (found["status"], found["done"], found["failed"], found["waiting"]) == ("done", 4, 2, 0)
    assert found["sentence"] == "4 of 6 done; 2 need a person"
    reasons = {problem["id"]: problem["reason"] for problem in found["problems"]}
    assert set(reasons) == {"a-2", "a-9"}
    assert "archived" in reasons["a-2"]


def test_waiting_for_the_connection_ends_the_job(product: Product) -> None:
    """The connection is lost on the way: the job is done as far as it goes and says how many wait."""
    day_of(product, 3)
    job = start(product)
    product._control("POST", "revoke", {"tenantId": TENANT})
    product.settle(120)
    found = shown(product, job)
    assert (found["status"], found["waiting"]) == ("done", 3)
    assert "3 need a person" in found["sentence"]
    product.connect()
    product.settle(60)
    assert len(product.invoices()) == 3


def test_cancel_and_resume(product: Product) -> None:
    """Cancelled: what has not left is cancelled, what a person has asked for since is not. Resumed: it goes on."""
    day_of(product, 10)
    rest(product)
    job = start(product)
    product.settle(30)
    assert product.invoice("a-3").status_code == 202  # a person wants this one, job or not
    answer = product.call("POST", f"/xero/jobs/{job}/cancel/", "reception", json={})
    assert (answer.status_code, answer.json["status"]) == (202, "cancelling")
    product.settle(30)
    found = counts(product, job)
    assert (found["status"], found["cancelled"], found["waiting"]) == ("cancelled", 9, 1)
    assert {about for about, state in states(product).items() if state == "pending"} == {"a-3"}
    product.settle(3600, step=60)
    assert [invoice["Reference"] for invoice in product.invoices()] == ["a-3"]
    assert product.call("POST", f"/xero/jobs/{job}/cancel/", "reception", json={}).status_code == 409

    assert product.call("POST", f"/xero/jobs/{job}/resume/", "reception", json={}).status_code == 202
    product.settle(120)
    found = counts(product, job)
    assert (found["status"], found["done"], found["cancelled"]) == ("done", 10, 0)
    assert len(product.invoices()) == 10
    assert product.call("POST", f"/xero/jobs/{job}/resume/", "reception", json={}).status_code == 409
    log = [entry["action"] for entry in product.ok("GET", "/xero/logs/?limit=200")["items"]]
    assert {"job.cancel", "job.resume"} <= set(log)


def test_cancelled_while_it_lists(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled after its first page: it looks no further; resumed, it goes on with the second."""
    day_of(product, 10)
    rest(product)
    job = start(product)
    jobs.run_job(product.ports, PRACTICE, job, 0)
    product.ok("POST", f"/xero/jobs/{job}/cancel/", "reception", json={})
    product.settle(30)
    found = counts(product, job)
    assert (found["status"], found["seen"], found["cancelled"]) == ("cancelled", 4, 4)
    product.ok("POST", f"/xero/jobs/{job}/resume/", "reception", json={})
    product.settle(3900, step=60)
    found = counts(product, job)
    assert (found["status"], found["seen"], found["done"]) == ("done", 10, 10)


def test_a_step_that_runs_twice(product: Product) -> None:
    """Tasks come twice, late, and out of order: one intent each, and every step is counted once."""
    day_of(product, 10)
    rest(product, 60)
    job = start(product)
    for step in (0, 0, None, 1, 0, 2, 1):
        jobs.run_job(product.ports, PRACTICE, job, step)
    product.settle(300)
    found = counts(product, job)
    assert (found["status"], found["seen"], found["kept"], found["done"]) == ("done", 10, 10, 10)
    assert len(product.invoices()) == 10


def test_a_record_that_cannot_be_read(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something unforeseen about one record is told with it; the others are made."""
    from shared.services import job_pages

    day_of(product, 3)
    wanted = job_pages.wanted_invoice

    def odd(ports: Any, practice_id: str, appointment_id: str, *rest: Any) -> Any:
        if appointment_id == "a-2":
            raise ZeroDivisionError
        return wanted(ports, practice_id, appointment_id, *rest)

    monkeypatch.setattr(job_pages, "wanted_invoice", odd)
    job = start(product)
    product.settle(60)
    found = shown(product, job)
    assert (found["status"], found["done"], found["failed"]) == ("done", 2, 1)
    assert [problem["id"] for problem in found["problems"]] == ["a-2"]


def test_a_job_of_an_earlier_version(product: Product) -> None:
    """One that was kept before jobs had pages goes on from its cursor and ends."""
    day_of(product, 3)
    job = start(product)
    document = product.ports.store.get(paths.job(PRACTICE, job))
    assert document is not None
    old = {k: v for k, v in document.data.items() if k not in ("phase", "listed", "pages", "looks", "walked")}
    product.ports.store.update(document.path, old | {"offset": 0, "waiting": 0}, version=document.version)
    product.settle(60)
    assert counts(product, job)["done"] == 3


def test_the_other_practice_s_job(product: Product) -> None:
    """404, whatever is asked of it."""
    day_of(product, 1)
    job = start(product)
    for method, path in (("GET", ""), ("POST", "cancel/"), ("POST", "resume/")):
        assert product.call(method, f"/xero/jobs/{job}/{path}", "owner", "other", json={}).status_code == 404


def test_dying_in_a_step(clinic: Clinic) -> None:
    """A step that dies anywhere is delivered again: one intent each, and the job ends."""
    from tests.faults.dying import Killed, mortal

    product = clinic.product
    moment, died = 1, 0
    while True:
        clinic.case()
        product.appointment(f"{clinic.appointment_id}-b", clinic.patient_id)
        job = start(product)
        try:
            for _ in range(4):
                jobs.run_job(mortal(product.ports, moment), PRACTICE, job)
        except Killed:
            died += 1
        else:
            break
        product.settle(400, step=10)
        assert shown(product, job)["status"] == "done", f"died at moment {moment}"
        mine = [i for i in product.invoices() if i["Reference"].startswith(clinic.appointment_id)]
        assert (
            len([i for i in mine if i["Reference"] in (clinic.appointment_id, f"{clinic.appointment_id}-b")])
            == 2
        )
        moment += 4
    assert died > 5
