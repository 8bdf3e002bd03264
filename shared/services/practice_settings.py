"""A practice's settings and mappings: read, changed by a person, each change in the log with its before and after."""

from __future__ import annotations

from typing import Any

from shared.domain.errors import Busy, FieldError, InvalidInput, NotConnected, StoreUnavailable, XeroError
from shared.domain.people import Person
from shared.domain.settings import PracticeSettings
from shared.ports import Ports
from shared.ports.store import AlreadyExists, Create, Put, Update, VersionChanged, Write
from shared.services import paths
from shared.services.activity_log import Entry, actor_of, entry_write
from shared.services.documents import ATTEMPTS
from shared.services.xero_lists import xero_list

#: A batch of the store takes 500 writes; each mapping is two, itself and its entry in the log.
CHUNK = 200


def change_settings(ports: Ports, person: Person, changes: dict[str, Any]) -> PracticeSettings:
    """The change and its entry in the log stand or fall together; what is already so makes no entry."""
    path = paths.settings(person.practice_id)
    for _ in range(ATTEMPTS):
        document = ports.store.get(path)
        stored = document.data if document else {}
        wanted = {name: value for name, value in (stored | changes).items() if value is not None}
        after = PracticeSettings.from_data(wanted)
        old, new = PracticeSettings.from_data(stored).to_data(), after.to_data()
        changed = sorted(name for name in changes if old[name] != new[name])
        if not changed:
            return after
        entry = Entry(
            "settings.change",
            f"Settings changed: {', '.join(changed)}",
            actor_of(person),
            before={name: old[name] for name in changed},
            after={name: new[name] for name in changed},
        )
        write = Update(path, wanted, document.version) if document else Create(path, wanted)
        try:
            ports.store.batch([write, entry_write(ports, person.practice_id, entry)])
            return after
        except (AlreadyExists, VersionChanged):
            continue  # somebody else changed something at the same moment: theirs stays, ours goes on top
    raise StoreUnavailable("the settings kept changing while they were being written")


def payment_account_warnings(ports: Ports, practice_id: str, settings: PracticeSettings) -> list[FieldError]:
    """What a person should think over, by field. Not refused: only the clinic knows whether a bank feed is on."""
    if not settings.payment_accounts:
        return []
    try:
        accounts = {a["code"]: a for a in xero_list(ports, practice_id, "accounts")["items"]}
    except (XeroError, NotConnected, Busy):
        return []  # the organisation cannot be asked; Xero itself refuses what is wrong when it is used
    warnings = []
    for method, code in sorted(settings.payment_accounts.items()):
        field, account = f"payment_accounts.{method}", accounts.get(code)
        if account is None or account["status"] != "ACTIVE":
            warnings.append(FieldError(field, f"{code!r} is no active account of the organisation"))
        elif account["type"] == "BANK":
            message = (
                "a bank account: with a bank feed its income is counted twice; a clearing account is safe"
            )
            warnings.append(FieldError(field, message))
        elif not account["enable_payments"]:
            warnings.append(FieldError(field, f"account {code!r} does not take payments in Xero yet"))
    return warnings


def item_mappings(ports: Ports, practice_id: str) -> list[dict[str, Any]]:
    return [
        {"service_code": name} | data for name, data in _all(ports, paths.item_mappings(practice_id)).items()
    ]


def tracking_mappings(ports: Ports, practice_id: str) -> list[dict[str, Any]]:
    return list(_all(ports, paths.tracking_mappings(practice_id)).values())


def map_items(ports: Ports, person: Person, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    keyed = {
        item["service_code"]: {k: v for k, v in item.items() if k != "service_code" and v is not None}
        for item in items
    }
    _map(ports, person, paths.item_mappings(person.practice_id), keyed, "items.map", "Service")
    return item_mappings(ports, person.practice_id)


def map_tracking(ports: Ports, person: Person, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each option must be an active one of the connected organisation; its names are kept for people to read."""
    categories = xero_list(ports, person.practice_id, "tracking", refresh=True)["items"]
    options = {
        (category["category_id"], option["option_id"]): (category, option)
        for category in categories
        for option in category["options"]
        if category["status"] == "ACTIVE" and option["status"] == "ACTIVE"
    }
    errors = []
    for index, item in enumerate(items):
        found = options.get((item["tracking_category_id"], item["tracking_option_id"]))
        if found is None:
            message = "no active option of this organisation; GET /xero/tracking/ lists them under available"
            errors.append(FieldError(f"items[{index}].tracking_option_id", message))
            continue
        item["category_name"], item["option_name"] = found[0]["name"], found[1]["name"]
    if errors:
        raise InvalidInput(errors)
    keyed = {paths.tracking_mapping_name(item["kind"], item["id"]): item for item in items}
    _map(ports, person, paths.tracking_mappings(person.practice_id), keyed, "tracking.map", "Tracking of")
    return tracking_mappings(ports, person.practice_id)


def _all(ports: Ports, collection: str) -> dict[str, dict[str, Any]]:
    items: dict[str, dict[str, Any]] = {}
    cursor = None
    while True:
        page = ports.store.query(collection, limit=500, cursor=cursor)
        items |= {document.id: document.data for document in page.items}
        cursor = page.next_cursor
        if cursor is None:
            return items


def _map(
    ports: Ports, person: Person, collection: str, keyed: dict[str, dict[str, Any]], action: str, what: str
) -> None:
    """Each mapping with its own entry in the log; what is already so makes none."""
    found = ports.store.get_many([f"{collection}/{name}" for name in keyed])
    before = {document.id: document.data for document in found.values()}
    writes: list[Write] = []
    for name, data in keyed.items():
        if before.get(name) == data:
            continue
        entry = Entry(action, f"{what} {name} mapped", actor_of(person), before=before.get(name), after=data)
        writes += [Put(f"{collection}/{name}", data), entry_write(ports, person.practice_id, entry)]
    for start in range(0, len(writes), 2 * CHUNK):
        ports.store.batch(writes[start : start + 2 * CHUNK])
