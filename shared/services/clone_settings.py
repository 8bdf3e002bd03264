"""Settings and mappings of one practice taken over by another of the same owner.

Whoever asks has proved to be an owner of both. Only what the target's organisation knows is taken over, each mapping
whole or not at all: an account without its tax rate would be another tax. What the target has set itself stays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shared.domain.choices import BANK_FEED, LISTS, Choice, judge
from shared.domain.errors import Conflict
from shared.domain.people import Person
from shared.ports import Ports
from shared.services import paths
from shared.services.activity_log import Entry, actor_of, record
from shared.services.connections import known_tenant, read_connection
from shared.services.mappings import (
    ITEM_USES,
    Mapping,
    item_mappings,
    map_items,
    map_tracking,
    tracking_mappings,
)
from shared.services.practice_settings import SETTING_USES, change_settings
from shared.services.xero_lists import cached_lists, xero_list

#: What no two practices share.
OWN = (
    "time_zone",
    "clinic_time_zones",
    "appointment_url",
    "confirmed_bank_accounts",
    "invoice_on_completed",
)


@dataclass
class Cloned:
    """``changes``: [{"field", "before", "after"}]; ``left``: [{"field", "reason"}]. Fields are named
    ``settings.<name>``, ``items.<service>`` and ``tracking.<kind>:<id>``."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    left: list[dict[str, str]] = field(default_factory=list)

    def leave(self, name: str, reason: str) -> None:
        self.left.append({"field": name, "reason": reason})

    def take(self, kind: str, changes: list[dict[str, Any]]) -> None:
        self.changes += [change | {"field": f"{kind}.{change['field']}"} for change in changes]


def clone_settings(ports: Ports, person: Person, source: Person, *, dry_run: bool) -> Cloned:
    """``person`` of the target, ``source`` of the practice taken from, both owners. Repeating it changes nothing more.

    Raises NotConnected, and the XeroError when the target's lists are needed and cannot be had.
    """
    if source.practice_id == person.practice_id:
        raise Conflict("This is the practice itself; name another one to take settings from")
    known_tenant(ports, person.practice_id)
    cloned, target = Cloned(), _Target(ports, person.practice_id)
    changes = _settings(ports, source.practice_id, target, cloned)
    items = _items(ports, source.practice_id, target, cloned)
    tracking = _tracking(ports, source.practice_id, target, cloned)
    if changes:
        cloned.take("settings", change_settings(ports, person, changes, dry_run=dry_run).changes)
    if items:
        cloned.take("items", map_items(ports, person, items, dry_run=dry_run).changes)
    if tracking:
        cloned.take("tracking", map_tracking(ports, person, tracking, dry_run=dry_run).changes)
    if cloned.changes and not dry_run:
        _log(ports, person, "settings.clone", f"Took over settings of {source.practice_id}")
        _log(ports, source, "settings.cloned", f"Settings were taken over by {person.practice_id}")
    return cloned


class _Target:
    """What the practice that takes over has, and what its organisation knows."""

    def __init__(self, ports: Ports, practice_id: str) -> None:
        self.ports, self.practice_id = ports, practice_id
        self.items = {mapping["service_code"] for mapping in item_mappings(ports, practice_id)}
        self.places = {(m["kind"], m["id"]) for m in tracking_mappings(ports, practice_id)}
        stored = ports.store.get(paths.settings(practice_id))
        self.settings = set(stored.data) if stored else set()
        self._rows: dict[str, list[dict[str, Any]]] = {}

    def rows(self, name: str) -> list[dict[str, Any]]:
        if name not in self._rows:
            self._rows[name] = xero_list(self.ports, self.practice_id, name)["items"]
        return self._rows[name]

    def refusal(self, use: str, code: str | None) -> str | None:
        """Why the target's organisation would not take this code; None when it would."""
        if not code:
            return None
        verdict = judge(Choice("", use, code), self.rows(LISTS[use]))
        return verdict.error or (verdict.warning if verdict.warning == BANK_FEED else None)

    def options(self) -> dict[tuple[str, str], dict[str, str]]:
        """The ids of the active options, by the names of category and option."""
        return {
            (category["name"].casefold(), option["name"].casefold()): {
                "tracking_category_id": category["category_id"],
                "tracking_option_id": option["option_id"],
            }
            for category in self.rows("tracking")
            for option in category["options"]
            if category["status"] == "ACTIVE" and option["status"] == "ACTIVE"
        }


def _settings(ports: Ports, source: str, target: _Target, cloned: Cloned) -> dict[str, Any]:
    document = ports.store.get(paths.settings(source))
    given: dict[str, Any] = {}
    for name, value in sorted(document.data.items() if document else ()):
        if name in OWN:
            cloned.leave(f"settings.{name}", "this belongs to each practice itself")
        elif name in target.settings:
            cloned.leave(f"settings.{name}", "this practice has set it itself")
        elif name == "payment_accounts":
            given[name] = _methods(value, target, cloned)
        elif name == "branding_theme_id":
            given[name] = _theme(ports, source, value, target, cloned)
        elif reason := target.refusal(SETTING_USES[name], value) if name in SETTING_USES else None:
            cloned.leave(f"settings.{name}", reason)
        else:
            given[name] = value
    return {name: value for name, value in given.items() if value not in (None, {})}


def _methods(accounts: dict[str, str], target: _Target, cloned: Cloned) -> dict[str, str]:
    refused = {method: target.refusal("payments", code) for method, code in sorted(accounts.items())}
    for method, reason in refused.items():
        if reason:
            cloned.leave(f"settings.payment_accounts.{method}", reason)
    return {method: code for method, code in accounts.items() if not refused[method]}


def _theme(ports: Ports, source: str, theme_id: str, target: _Target, cloned: Cloned) -> str | None:
    """Another organisation has other ids: the theme of the same name."""
    known = cached_lists(ports, source, read_connection(ports, source).tenant_id, ("branding_themes",))
    rows = known.get("branding_themes", {"items": []})["items"]
    name = next((row["name"] for row in rows if row["theme_id"] == theme_id), None)
    for row in target.rows("branding_themes") if name else ():
        if row["name"].casefold() == str(name).casefold():
            return str(row["theme_id"])
    cloned.leave("settings.branding_theme_id", f"the organisation has no branding theme {name or theme_id!r}")
    return None


def _items(ports: Ports, source: str, target: _Target, cloned: Cloned) -> list[Mapping]:
    def refusal(mapping: Mapping) -> str | None:
        reasons = (target.refusal(use, mapping.get(name)) for name, use in ITEM_USES.items())
        return next((reason for reason in reasons if reason), None)

    return _fitting(
        [(f"items.{m['service_code']}", m) for m in item_mappings(ports, source)],
        lambda mapping: mapping["service_code"] in target.items,
        refusal,
        cloned,
    )


def _tracking(ports: Ports, source: str, target: _Target, cloned: Cloned) -> list[Mapping]:
    """Options by name, since another organisation has other ids."""
    mappings = tracking_mappings(ports, source)
    options = target.options() if mappings else {}

    def names(mapping: Mapping) -> tuple[str, str]:
        return str(mapping.get("category_name")).casefold(), str(mapping.get("option_name")).casefold()

    def refusal(mapping: Mapping) -> str | None:
        if "tracking_option_id" in mapping and names(mapping) not in options:
            shown = f"{mapping.get('category_name')}: {mapping.get('option_name')}"
            return f"the organisation has no active tracking option {shown!r}; GET /xero/tracking/ lists those it has"
        return target.refusal("revenue", mapping.get("account_code"))

    fitting = _fitting(
        [(f"tracking.{paths.tracking_mapping_name(m['kind'], m['id'])}", m) for m in mappings],
        lambda mapping: (mapping["kind"], mapping["id"]) in target.places,
        refusal,
        cloned,
    )
    return [mapping | options.get(names(mapping), {}) for mapping in fitting]


def _fitting(
    named: list[tuple[str, Mapping]],
    has_own: Callable[[Mapping], bool],
    refusal: Callable[[Mapping], str | None],
    cloned: Cloned,
) -> list[Mapping]:
    fitting = []
    for name, mapping in named:
        reason = "this practice has mapped it itself" if has_own(mapping) else refusal(mapping)
        if reason:
            cloned.leave(name, reason)
        else:
            fitting.append(mapping)
    return fitting


def _log(ports: Ports, person: Person, action: str, sentence: str) -> None:
    record(ports, person.practice_id, Entry(action, sentence, actor_of(person)))
