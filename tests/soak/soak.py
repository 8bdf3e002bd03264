"""One soak from the first start to the accounts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from infra.local.client import Client
from infra.local.sample_day import SERVICES
from tests.soak import accounts
from tests.soak.ending import Ending
from tests.soak.evidence import gather
from tests.soak.outcome import Outcome
from tests.soak.plan import ORGANISATIONS, Plan, Script, script
from tests.soak.processes import SoakFailed, Stack
from tests.soak.staff import Desk, go_home, work
from tests.soak.trouble import Trouble
from tests.soak.xero import Xero

STARTS_AT = "2026-11-24T{hour:02}:{minute:02}:00+11:00"
#: The demo practice approves at once; the other sends drafts, so that there is something to approve.
STATUSES = {"demo": "AUTHORISED", "other": "DRAFT"}


def run(plan: Plan, folder: Path, say: Callable[[str], None]) -> Outcome:
    """Ends everything it started, whatever happens. Raises SoakFailed."""
    began = time.monotonic()
    story = script(plan)
    stack = Stack(folder)
    xero = Xero(stack.settings.simulator_url)
    trouble = Trouble(plan, stack, xero, say)
    try:
        stack.start()
        xero.start()
        for practice in ORGANISATIONS:
            _open(stack, xero, practice, story)
        desk = Desk(stack.settings, xero, story, plan.tries)
        clicks = len(desk.clicks)
        say(f"both practices are connected; {clicks} clicks to make, faults on")
        xero.throw_faults(plan.faults)
        _work(plan, desk, trouble)
        say(f"the day is over; {sum(trouble.kills.values())} kills, {len(desk.clicks)} clicks left")
        Ending(plan, stack, xero, trouble, say).settle()
        xero.collect()
        outcome = _account(plan, stack, xero, desk)
    finally:
        xero.stop()
        stack.stop()
    outcome.kills, outcome.modes, outcome.jumps = trouble.kills, trouble.modes, trouble.jumps
    outcome.starts, outcome.clicks = stack.starts, clicks
    outcome.seconds = time.monotonic() - began
    return outcome


def _open(stack: Stack, xero: Xero, practice: str, story: Script) -> None:
    """What the owner, the bookkeeper and the clinic's app do before the first day."""
    settings = stack.settings
    page = Client(settings, practice, "owner").connect([xero.tenants[practice]], user=f"{practice}-owner")
    if page.status_code != 200:
        raise SoakFailed(f"connecting {practice} ended with {page.status_code}")
    bookkeeper = Client(settings, practice, "bookkeeper")
    mappings = [
        {"service_code": code, "account_code": account, "tax_type": tax}
        for code, (account, tax) in SERVICES[practice].items()
    ]
    bookkeeper.call("PUT", "/xero/items/", json={"items": mappings})
    wanted = {"invoice_status": STATUSES[practice], "payment_accounts": {"card": _card_account(bookkeeper)}}
    bookkeeper.call("PUT", "/xero/settings/", json=wanted)
    records = [{"kind": "patient"} | patient for patient in story.patients[practice]]
    for number, one in enumerate(story.appointments.values()):
        if one.practice == practice:
            starts_at = STARTS_AT.format(hour=8 + number // 60 % 9, minute=number % 60)
            record = {
                "kind": "appointment",
                "id": one.id,
                "patient_id": one.patient_id,
                "status": "completed",
            }
            records.append(record | {"starts_at": starts_at, "line_items": one.lines})
    lines = "\n".join(json.dumps(record) for record in records)
    Client(settings, practice, "app").call("POST", "/clinic/import", data=lines.encode())


def _card_account(bookkeeper: Client) -> str:
    """The clearing account of cards, or else the bank."""
    accounts = bookkeeper.call("GET", "/xero/accounts/")["items"]
    codes = {str(one["code"]): one for one in accounts if one.get("code")}
    return "880" if "880" in codes else next(code for code, one in codes.items() if one.get("type") == "BANK")


def _work(plan: Plan, desk: Desk, trouble: Trouble) -> None:
    until = time.monotonic() + plan.minutes * 60
    workers = work(desk, plan.clients, plan.seed)
    try:
        trouble.until(
            lambda: time.monotonic() > until or not any(each.is_alive() for each in workers), desk.answered
        )
    finally:
        go_home(desk, workers)


def _account(plan: Plan, stack: Stack, xero: Xero, desk: Desk) -> Outcome:
    outcome = Outcome(plan, left=len(desk.clicks), given_up=desk.given_up, answers=desk.answers)
    outcome.requests, outcome.struck, outcome.exposed = xero.requests, xero.struck, xero.exposed
    for practice in ORGANISATIONS:
        side = gather(stack.settings, xero, practice)
        outcome.count(side)
        outcome.duplicates += accounts.duplicates(side, desk.script)
        outcome.lost += accounts.lost(side, desk)
        outcome.unexplained += accounts.unexplained(side)
        outcome.money += accounts.money(side, desk.script)
    outcome.unexplained += desk.strange
    return outcome
