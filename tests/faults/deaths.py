"""What a process is doing when it dies, and what must be so when it has been started again and time has passed.

``test_crash_points`` lets it die of an exception, ``test_sigkill`` of SIGKILL, at every moment of each case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.domain.times import instant
from shared.ports.store import Where
from shared.services import paths
from shared.services.listings import read_log
from shared.services.tokens import read_grant
from tests.consents import decide, start, status
from tests.faults import actions
from tests.faults.clinic import PRACTICE, TENANT, Clinic
from tests.hints import event, hint, waiting

#: Longer than any lease of the queue and of ours.
LEASES_OVER = 700
ENDINGS = ("ok", "failed")


@dataclass(frozen=True)
class Case:
    """``scene`` before, then ``action`` (its name) in the process that dies. ``outcome`` lets time pass, checks
    everything, and says in a word how it ended; ``ends``: the words that are seen when death comes at each moment
    once."""

    action: str
    scene: Callable[[Clinic], Any]
    outcome: Callable[[Clinic], str]
    ends: set[str]


def written(
    name: str, scene: Callable[[Clinic], Any], action: actions.Action, count: Callable[[Clinic], int]
) -> Case:
    """Time alone ends what was kept; whoever had no answer asks again, and finds it done exactly once."""

    def outcome(clinic: Clinic) -> str:
        clinic.let_time_pass()
        clinic.assert_nothing_waits()
        by_itself = count(clinic) == 1
        action(clinic, clinic.ports)
        clinic.let_time_pass()
        clinic.assert_nothing_waits()
        clinic.assert_linked()
        assert_log_tells_the_end(clinic)
        assert count(clinic) == 1
        return "by itself" if by_itself else "asked again"

    return Case(name, scene, outcome, {"by itself", "asked again"})


def begin(clinic: Clinic, case: Case) -> None:
    """The scene, on a patient nobody has seen; nothing that another case left is due."""
    if status(clinic.product)["status"] != "connected":
        clinic.product.connect()  # a case before failed
    clinic.case()
    clinic.product.run_tasks()
    case.scene(clinic)


@contextmanager
def told(what: str) -> Iterator[None]:
    """What fails says this too."""
    try:
        yield
    except AssertionError as error:
        error.add_note(what)
        raise


def assert_log_tells_the_end(clinic: Clinic) -> None:
    """Each operation's end is in the log, once, as the last that is told of it."""
    for operation in clinic.operations():
        told = clinic.log(operation)
        assert [outcome for outcome in told if outcome in ENDINGS] == told[-1:], (operation.kind, told)
        assert told[-1:] == ["ok" if operation.state == "done" else "failed"], (operation.kind, told)


def logged(clinic: Clinic, action: str, **filters: str) -> int:
    page = read_log(
        clinic.ports,
        PRACTICE,
        filters={"action": action} | filters,
        since=clinic.began,
        limit=50,
        cursor=None,
    )
    return len(page.items)


def after_the_leases(clinic: Clinic) -> None:
    """The queue delivers again what a dead process had leased, and what follows from that."""
    clinic.product.run_tasks()
    clinic.product.advance(LEASES_OVER)
    clinic.product.run_tasks()
    clinic.let_time_pass()


# -- contacts and e-mails ------------------------------------------------------------------------------------


def changed(clinic: Clinic) -> None:
    clinic.sync()
    clinic.put_patient(phone="0400 111 222")


def phone_numbers(clinic: Clinic) -> list[str]:
    return [phone["PhoneNumber"] for contact in clinic.contacts() for phone in contact.phones]


def last_change_sent(clinic: Clinic) -> str:
    """The second change was told "waiting" because the first was under way: it is sent although its sender died."""
    clinic.let_time_pass()
    clinic.assert_nothing_waits()
    assert_log_tells_the_end(clinic)
    if not clinic.operations("contact_update"):
        return "nothing kept"
    asked_for = clinic.ports.records.patient(PRACTICE, clinic.patient_id)
    assert asked_for is not None
    assert phone_numbers(clinic) == [asked_for.phone]
    return "sent"


def emailed_once(clinic: Clinic) -> str:
    """One e-mail at most, and a person is told when it is not known whether there was one."""
    clinic.let_time_pass()
    clinic.assert_nothing_waits()
    assert_log_tells_the_end(clinic)
    found = clinic.operations("invoice_email")
    if not found:
        assert clinic.emails() == 0
        return "nothing kept"
    end = (found[0].state, found[0].reason_code, clinic.emails())
    assert end in [("done", None, 1), ("failed", "maybe_done", 0)]
    return found[0].state


# -- tasks ---------------------------------------------------------------------------------------------------


def held_up(clinic: Clinic) -> None:
    """An invoice and its contact wait for a limit that is over now; the task that sends them is due."""
    clinic.product.simulator.fault(
        "rate_limit", problem="concurrent", method="PUT", path="/api.xro/2.0/Contacts", retry_after=9
    )
    assert clinic.create().link is None
    clinic.product.advance(12)


def sent_once(clinic: Clinic) -> str:
    after_the_leases(clinic)
    clinic.assert_nothing_waits()
    clinic.assert_linked()
    assert_log_tells_the_end(clinic)
    assert (len(clinic.contacts()), len(clinic.invoices())) == (1, 1)
    return "sent"


def paid_in_xero(clinic: Clinic) -> None:
    clinic.invoiced()
    clinic.product.by_hand(f"invoices/{clinic.invoice_link.invoice_id}/pay")


def hinted(clinic: Clinic) -> None:
    """The webhook has come and was answered; its pull is due. Nothing else is."""
    clinic.product.advance(61)
    clinic.product.run_tasks()
    paid_in_xero(clinic)
    hint(clinic.product, event(clinic.invoice_link.invoice_id))
    clinic.product.advance(3)


def shows_paid(clinic: Clinic) -> str:
    """No sweep comes to help: what was accepted brings the payment by itself, and it is told once."""
    after_the_leases(clinic)
    link = clinic.invoice_link
    assert (link.status, link.amount_due) == ("PAID", "0.00")
    assert logged(clinic, "invoice.paid", appointment_id=clinic.appointment_id) == 1
    return "paid"


def shows_paid_after_webhook(clinic: Clinic) -> str:
    """Xero sends again what was not answered."""
    kept = bool(waiting(clinic.product))
    if not kept:
        actions.webhook(clinic, clinic.ports)
    shows_paid(clinic)
    return "kept" if kept else "sent again"


def shows_paid_after_sweep(clinic: Clinic) -> str:
    clinic.product.reconcile()
    return shows_paid(clinic)


# -- jobs ----------------------------------------------------------------------------------------------------


def two_appointments(clinic: Clinic) -> None:
    """In a minute of their own: one that can be invoiced, one that cannot."""
    first = datetime(2026, 12, 1, tzinfo=UTC) + timedelta(
        minutes=int(clinic.appointment_id.removeprefix("a-"))
    )
    clinic.notes["job"] = {
        "starts_from": instant(first),
        "starts_before": instant(first + timedelta(minutes=1)),
    }
    clinic.put_appointment(starts_at=instant(first))
    clinic.product.appointment(
        f"{clinic.appointment_id}-empty", clinic.patient_id, starts_at=instant(first), line_items=[]
    )


def job_started(clinic: Clinic) -> None:
    two_appointments(clinic)
    clinic.product.run_tasks()
    clinic.notes["job_id"] = actions.start_job(clinic, clinic.ports)


def jobs_of(clinic: Clinic) -> list[dict[str, Any]]:
    page = clinic.ports.store.query(
        paths.jobs(PRACTICE), where=[Where("updated_at", ">=", clinic.began)], order_by="updated_at"
    )
    return sorted((document.data for document in page.items), key=lambda job: str(job["created_at"]))


def job_done(clinic: Clinic) -> str:
    """No job is left running; the one good record is invoiced once and the bad one is told."""
    after_the_leases(clinic)
    for _ in range(20):  # a job looks again and again until what it asked for has ended
        if {job["status"] for job in jobs_of(clinic)} <= {"done"}:
            break
        clinic.product.advance(60)
        clinic.product.run_tasks()
    jobs = jobs_of(clinic)
    assert [job for job in jobs if job["status"] != "done"] == []
    if not jobs:
        actions.start_job(clinic, clinic.ports)
        assert job_done(clinic) == "done"
        return "asked again"
    clinic.assert_nothing_waits()
    clinic.assert_linked()
    assert len(clinic.invoices()) == 1
    assert {problem["id"] for problem in jobs[-1]["problems"]} == {f"{clinic.appointment_id}-empty"}
    return "done"


# -- the connection ------------------------------------------------------------------------------------------


def token_renewed(clinic: Clinic) -> str:
    """The connection works, however the renewal ended; what a dead process still holds, ends."""
    clinic.product.advance(60)
    clinic.create()
    clinic.let_time_pass()
    clinic.assert_nothing_waits()
    assert len(clinic.invoices()) == 1
    assert status(clinic.product)["status"] == "connected"
    clinic.product.advance(LEASES_OVER)
    return "connected"


def coming_back(clinic: Clinic) -> None:
    """Xero withdrew the consent, an invoice waits for it, and the owner is on the way back from a new consent."""
    clinic.product._control("POST", "revoke", {})
    assert clinic.create().link is None
    attempt = start(clinic.product)
    clinic.notes |= {"path": decide(attempt), "cookie": attempt.cookie}


def connected_again(clinic: Clinic) -> str:
    """Whoever sees no "connected" starts again. What waited flows once, and no token set stays that nobody uses."""
    by_itself = status(clinic.product)["status"] == "connected"
    if not by_itself:
        clinic.product.connect()
    after_the_leases(clinic)
    clinic.product.reconcile()  # what a dead process did not wake waits for the sweep
    clinic.let_time_pass()
    clinic.assert_nothing_waits()
    clinic.assert_linked()
    assert len(clinic.invoices()) == 1
    assert status(clinic.product)["status"] == "connected"
    assert logged(clinic, "connection.connected") == 1
    assert grants_in_a_week(clinic) == [clinic.grant_id]
    return "connected" if by_itself else "started again"


def grants_in_a_week(clinic: Clinic) -> list[str]:
    clinic.product.advance(7 * 86_400)
    clinic.product.keep_alive()
    return [document.id for document in clinic.ports.store.query("grants").items]


def about_to_leave(clinic: Clinic) -> None:
    clinic.notes["secret"] = read_grant(clinic.ports, clinic.grant_id).secret_name


def disconnected(clinic: Clinic) -> str:
    """The page never says "connected" when Xero says otherwise. The owner presses again while it does not say
    "disconnected": then nothing of the connection is left, who ended it is told, and connecting again works."""
    product = clinic.product
    clinic.product.reconcile()
    after_the_leases(clinic)
    seen = status(product)["status"]
    assert (seen == "connected") == product.simulator.world.connections.is_connected(TENANT)
    if seen != "disconnected":
        product.ok("POST", "/xero/oauth/disconnect/")
    assert status(product)["status"] == "disconnected"
    assert not product.simulator.world.connections.is_connected(TENANT)
    assert logged(clinic, "connection.disconnected") == 1
    tenant = clinic.ports.store.get(paths.tenant(TENANT))
    assert tenant is not None
    assert not {"practice_id", "grant_id"} & set(tenant.data)
    assert grants_in_a_week(clinic) == []
    assert clinic.ports.secrets.versions(clinic.notes["secret"]) == []
    product.connect()
    after_the_leases(clinic)
    return seen


def nothing(_: Clinic) -> None:
    return


def invoiced(clinic: Clinic) -> None:
    clinic.invoiced()


CASES: dict[str, Case] = {
    "email": Case("email", invoiced, emailed_once, {"nothing kept", "done", "failed"}),
    "two_changes": Case("sync_while_it_changes", changed, last_change_sent, {"nothing kept", "sent"}),
    "drain": Case("run_tasks", held_up, sent_once, {"sent"}),
    "pull": Case("run_tasks", hinted, shows_paid, {"paid"}),
    "webhook": Case("webhook", paid_in_xero, shows_paid_after_webhook, {"kept", "sent again"}),
    "reconcile": Case("reconcile", paid_in_xero, shows_paid_after_sweep, {"paid"}),
    "start_job": Case("start_job", two_appointments, job_done, {"done", "asked again"}),
    "job": Case("run_job", job_started, job_done, {"done"}),
    "refresh": Case("refresh", nothing, token_renewed, {"connected"}),
    "connect": Case("callback", coming_back, connected_again, {"connected", "started again"}),
    "disconnect": Case(
        "disconnect", about_to_leave, disconnected, {"connected", "needs_attention", "disconnected"}
    ),
}
