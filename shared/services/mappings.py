"""What services, clinics and practitioners are in the books: mapped by a person, checked against the organisation's
lists, each mapping with its own entry in the log. ``dry_run`` shows all of it and saves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.domain.choices import Choice
from shared.domain.errors import FieldError, InvalidInput
from shared.domain.people import Person
from shared.ports import Ports
from shared.ports.store import Delete, Put, Write
from shared.services import paths
from shared.services.activity_log import Entry, actor_of, entry_write
from shared.services.checked_choices import check
from shared.services.documents import each_document
from shared.services.drain_tasks import wake_drain
from shared.services.setup_state import changed
from shared.services.xero_lists import xero_list

#: A batch of the store takes 500 writes; each mapping is two, itself and its entry in the log.
CHUNK = 200
#: Fields of a service's mapping that are chosen from the organisation's lists, and for which use.
ITEM_USES = {"account_code": "revenue", "tax_type": "tax", "item_code": "item"}
Mapping = dict[str, Any]


@dataclass(frozen=True)
class Mapped:
    """``items``: all mappings as they are afterwards; ``changes``: [{"field", "before", "after"}], None for none."""

    items: list[Mapping]
    changes: list[dict[str, Any]]
    warnings: list[FieldError]


def item_mappings(ports: Ports, practice_id: str) -> list[Mapping]:
    return _items(_all(ports, paths.item_mappings(practice_id)))


def tracking_mappings(ports: Ports, practice_id: str) -> list[Mapping]:
    return list(_all(ports, paths.tracking_mappings(practice_id)).values())


def map_items(ports: Ports, person: Person, items: list[Mapping], *, dry_run: bool = False) -> Mapped:
    """Each mapping replaces the one of its service; one that names nothing but the service takes it away."""
    choices = [
        Choice(f"items[{index}].{name}", use, item[name])
        for index, item in enumerate(items)
        for name, use in ITEM_USES.items()
        if item.get(name)
    ]
    warnings = check(ports, person.practice_id, choices)
    keyed = {
        item["service_code"]: {k: v for k, v in item.items() if k != "service_code" and v is not None}
        for item in items
    }
    collection = paths.item_mappings(person.practice_id)
    after, changes = _map(ports, person, collection, keyed, "items.map", "Service", dry_run)
    return Mapped(_items(after), changes, warnings)


def map_tracking(ports: Ports, person: Person, items: list[Mapping], *, dry_run: bool = False) -> Mapped:
    """Each mapping replaces the one of its clinic or practitioner; one without option and account takes it away.

    Options must be active ones of the connected organisation; their names are kept for people to read.
    """
    items = [{name: value for name, value in item.items() if value is not None} for item in items]
    _name_options(ports, person.practice_id, items)
    choices = [
        Choice(f"items[{index}].account_code", "revenue", item["account_code"])
        for index, item in enumerate(items)
        if "account_code" in item
    ]
    warnings = check(ports, person.practice_id, choices)
    keyed = {
        paths.tracking_mapping_name(item["kind"], item["id"]): item if len(item) > len(("kind", "id")) else {}
        for item in items
    }
    collection = paths.tracking_mappings(person.practice_id)
    after, changes = _map(ports, person, collection, keyed, "tracking.map", "Tracking of", dry_run)
    return Mapped(list(after.values()), changes, warnings)


def _name_options(ports: Ports, practice_id: str, items: list[Mapping]) -> None:
    """Fills in the names of category and option; InvalidInput for what is no active option."""
    wanted = [(item.get("tracking_category_id"), item.get("tracking_option_id")) for item in items]
    options: dict[tuple[Any, Any], tuple[str, str]] = {}
    for refresh in (False, True):
        if any(pair != (None, None) and pair not in options for pair in wanted):
            options = _active_options(ports, practice_id, refresh=refresh)
    errors = []
    for index, (item, pair) in enumerate(zip(items, wanted, strict=True)):
        if pair in options:
            item["category_name"], item["option_name"] = options[pair]
        elif pair != (None, None):
            message = "no active option of this organisation; GET /xero/tracking/ lists them under available"
            errors.append(FieldError(f"items[{index}].tracking_option_id", message))
    if errors:
        raise InvalidInput(errors)


def _active_options(
    ports: Ports, practice_id: str, *, refresh: bool
) -> dict[tuple[Any, Any], tuple[str, str]]:
    return {
        (category["category_id"], option["option_id"]): (category["name"], option["name"])
        for category in xero_list(ports, practice_id, "tracking", refresh=refresh)["items"]
        for option in category["options"]
        if category["status"] == "ACTIVE" and option["status"] == "ACTIVE"
    }


def _items(stored: dict[str, Mapping]) -> list[Mapping]:
    return [{"service_code": name} | data for name, data in stored.items()]


def _all(ports: Ports, collection: str) -> dict[str, Mapping]:
    return {document.id: document.data for document in each_document(ports.store, collection, page_size=500)}


def _map(
    ports: Ports,
    person: Person,
    collection: str,
    keyed: dict[str, Mapping],
    action: str,
    what: str,
    dry_run: bool,
) -> tuple[dict[str, Mapping], list[dict[str, Any]]]:
    """All mappings afterwards, and what changed. What is already so makes no entry; an empty one is taken away."""
    before = _all(ports, collection)
    changes, writes = [], list[Write]()
    for name, data in keyed.items():
        old = before.get(name)
        if (old or {}) == data:
            continue
        changes.append({"field": name, "before": old, "after": data or None})
        sentence = f"{what} {name} {'mapped' if data else 'no longer mapped'}"
        entry = Entry(action, sentence, actor_of(person), before=old, after=data or None)
        path = f"{collection}/{name}"
        writes += [Put(path, data) if data else Delete(path), entry_write(ports, person.practice_id, entry)]
    if not dry_run:
        for start in range(0, len(writes), 2 * CHUNK):
            ports.store.batch([*writes[start : start + 2 * CHUNK], changed(person.practice_id)])
        if writes:
            wake_drain(ports.tasks, person.practice_id, ports.clock.now())
    after = {name: data for name, data in sorted((before | keyed).items()) if data}
    return after, changes
