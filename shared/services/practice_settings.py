"""A practice's settings and mappings: read, changed by a person, each change in the log with its before and after."""

from __future__ import annotations

from typing import Any

from shared.domain.errors import FieldError, InvalidInput
from shared.domain.people import Person
from shared.domain.settings import PracticeSettings
from shared.ports import Ports
from shared.ports.store import Put
from shared.services import paths
from shared.services.activity_log import Entry, actor_of, entry_write
from shared.services.build_invoice import read_settings
from shared.services.documents import modify
from shared.services.xero_lists import xero_list


def change_settings(ports: Ports, person: Person, changes: dict[str, Any]) -> PracticeSettings:
    practice_id = person.practice_id
    before = read_settings(ports, practice_id).to_data()
    modify(ports.store, paths.settings(practice_id), lambda data: data | changes)
    after = read_settings(ports, practice_id)
    changed = {name for name in changes if before.get(name) != changes[name]}
    if changed:
        entry = Entry(
            "settings.change",
            f"Settings changed: {', '.join(sorted(changed))}",
            actor_of(person),
            before={name: before.get(name) for name in sorted(changed)},
            after={name: changes[name] for name in sorted(changed)},
        )
        ports.store.batch([entry_write(ports, practice_id, entry)])
    return after


def item_mappings(ports: Ports, practice_id: str) -> list[dict[str, Any]]:
    return _all(ports, paths.item_mappings(practice_id), "service_code")


def tracking_mappings(ports: Ports, practice_id: str) -> list[dict[str, Any]]:
    return _all(ports, paths.tracking_mappings(practice_id), "id")


def map_items(ports: Ports, person: Person, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return _map(ports, person, paths.item_mappings(person.practice_id), items, "service_code", "items.map")


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
    return _map(ports, person, paths.tracking_mappings(person.practice_id), items, "id", "tracking.map")


def _all(ports: Ports, collection: str, key: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = ports.store.query(collection, limit=500, cursor=cursor)
        items += [{key: document.id} | document.data for document in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return items


def _map(
    ports: Ports, person: Person, collection: str, items: list[dict[str, Any]], key: str, action: str
) -> list[dict[str, Any]]:
    keyed = {item[key]: {k: v for k, v in item.items() if k != key and v is not None} for item in items}
    before = {
        document.id: document.data
        for document in ports.store.get_many([f"{collection}/{name}" for name in keyed]).values()
    }
    entry = Entry(action, f"{len(keyed)} mapped", actor_of(person), before=before, after=keyed)
    writes = [Put(f"{collection}/{name}", data) for name, data in keyed.items()]
    ports.store.batch([*writes, entry_write(ports, person.practice_id, entry)])
    return _all(ports, collection, key)
