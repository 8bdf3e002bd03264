"""What is still to be mapped, found by looking through the appointments that are to be invoiced; and what it may be,
by the names in the organisation's lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from shared.domain.choices import account_uses
from shared.domain.likeness import ALIKE, alike
from shared.domain.links import InvoiceLink
from shared.domain.missing import Missing, Tally, Thing, missing_method, missing_of
from shared.domain.operations import ENDED, Operation
from shared.domain.records import Appointment
from shared.domain.selection import is_to_be_invoiced
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import Where
from shared.services import paths
from shared.services.build_invoice import document_of, read_context, read_settings
from shared.services.connections import read_connection
from shared.services.mappings import item_mappings, tracking_mappings
from shared.services.xero_lists import xero_list

PAGE = 200
#: How many suggestions a person wants to choose from.
BEST = 3
#: Appointments of tomorrow are known today, and their services too.
AHEAD = timedelta(days=1)


def missing_mappings(ports: Ports, practice_id: str, days: int) -> list[dict[str, Any]]:
    """[{kind, id, appointments, waiting, message, where}]: services, practitioners and clinics of the appointments of
    the last ``days`` days that are to be invoiced and are not yet, and methods of payments that lost their account."""
    found = missing_of(_tally(ports, practice_id, days), _mapped(ports, practice_id))
    return [asdict(each) for each in found + _methods(ports, practice_id)]


def suggestions(ports: Ports, practice_id: str, days: int) -> list[dict[str, Any]]:
    """[{kind, id, suggestions: [{"likeness" in percent, "name", and the fields to map}]}], the likeliest first, for all
    that is missing. Raises what ``xero_list`` raises."""
    tally = _tally(ports, practice_id, days)
    places, services = _places(ports, practice_id), _services(ports, practice_id)
    shown = []
    for missing in missing_of(tally, _mapped(ports, practice_id)):
        if missing.id is None:
            continue
        names = [missing.id, tally.wording.get((missing.kind, missing.id), "")]
        offers = services if missing.kind == "service" else places
        rated = [(alike(names, known_as), offer) for known_as, offer in offers]
        best = sorted((r for r in rated if r[0] >= ALIKE), key=lambda r: (-r[0], r[1]["name"]))[:BEST]
        fitting = [{"likeness": likeness} | offer for likeness, offer in best]
        shown.append({"kind": missing.kind, "id": missing.id, "suggestions": fitting})
    return shown


def _tally(ports: Ports, practice_id: str, days: int) -> Tally:
    tally, context = Tally(), read_context(ports, practice_id)
    for appointment in _to_be_invoiced(ports, practice_id, days):
        _, errors = document_of(ports, practice_id, appointment, {}, context)
        tally.add(appointment, errors)
    return tally


def _to_be_invoiced(ports: Ports, practice_id: str, days: int) -> Iterator[Appointment]:
    now, cursor = ports.clock.now(), None
    tenant_id = read_connection(ports, practice_id).tenant_id
    no_shows = read_settings(ports, practice_id).invoice_no_shows
    while True:
        found, cursor = ports.records.appointments(
            practice_id,
            starts_from=instant(now - timedelta(days=days)),
            starts_before=instant(now + AHEAD),
            limit=PAGE,
            cursor=cursor,
        )
        by_path = {paths.invoice_link(practice_id, a.id): a for a in found}
        links = {
            path: InvoiceLink.from_data(d.data) for path, d in ports.store.get_many(list(by_path)).items()
        }
        for path, appointment in by_path.items():
            link = links.get(path)
            invoiced = link is not None and link.tenant_id == tenant_id and not link.is_over
            if not invoiced and is_to_be_invoiced(appointment, invoice_no_shows=no_shows):
                yield appointment
        if cursor is None:
            return


def _mapped(ports: Ports, practice_id: str) -> set[Thing]:
    items = {
        ("service", m["service_code"]) for m in item_mappings(ports, practice_id) if m.get("account_code")
    }
    places = tracking_mappings(ports, practice_id)
    return items | {(m["kind"], m["id"]) for m in places if m.get("tracking_option_id")}


def _methods(ports: Ports, practice_id: str) -> list[Missing]:
    """Methods of payments asked for in the past whose account was taken out of the settings since."""
    accounts = read_settings(ports, practice_id).payment_accounts
    page = ports.store.query(
        paths.operations(practice_id), where=[Where("kind", "==", "payment_create")], limit=500
    )
    payments = [Operation.from_data(document.data) for document in page.items]
    seen = Counter(p.request["method"] for p in payments if p.request["method"] not in accounts)
    waiting = Counter(p.request["method"] for p in payments if p.state not in ENDED)
    return [missing_method(method, count, waiting[method]) for method, count in sorted(seen.items())]


Offers = list[tuple[list[str], dict[str, Any]]]


def _services(ports: Ports, practice_id: str) -> Offers:
    """What a service can be, each with the names it is known by: an income account, or an item with its own account."""
    offers: Offers = []
    for row in xero_list(ports, practice_id, "accounts")["items"]:
        if "revenue" in account_uses(row):
            offer = {"name": row["name"], "account_code": row["code"], "tax_type": row["tax_type"]}
            offers.append(([row["name"]], offer))
    for row in xero_list(ports, practice_id, "items")["items"]:
        offer = {name: row[name] for name in ("name", "account_code", "tax_type")} | {
            "item_code": row["code"]
        }
        offers.append(([row["name"], row["code"]], offer))
    return offers


def _places(ports: Ports, practice_id: str) -> Offers:
    return [
        (
            [option["name"]],
            {
                "name": f"{category['name']}: {option['name']}",
                "tracking_category_id": category["category_id"],
                "tracking_option_id": option["option_id"],
            },
        )
        for category in xero_list(ports, practice_id, "tracking")["items"]
        for option in category["options"]
        if category["status"] == "ACTIVE" and option["status"] == "ACTIVE"
    ]
