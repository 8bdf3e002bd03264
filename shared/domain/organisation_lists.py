"""The organisation's own lists, as far as they tell whether a code that is named is still usable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: kind of thing -> (its list, what people call it)
THINGS = {
    "account": ("accounts", "account"),
    "tax_type": ("tax_rates", "tax rate"),
    "tracking_option": ("tracking", "tracking option"),
    "item": ("items", "item"),
    "branding_theme": ("branding_themes", "branding theme"),
}


@dataclass(frozen=True)
class Entry:
    name: str
    active: bool
    tax_type: str | None = None  # of an account or item: what Xero takes when a line says none


@dataclass(frozen=True)
class OrganisationLists:
    """``entries``: kind of thing -> its code or id -> entry, of those lists that are known; ``partial``: kinds with
    records that could not be read, so that what is not there may be all the same."""

    entries: Mapping[str, Mapping[str, Entry]] = field(default_factory=dict)
    partial: frozenset[str] = frozenset()

    @classmethod
    def from_stored(cls, lists: Mapping[str, Mapping[str, Any]]) -> OrganisationLists:
        """``lists``: name of a list -> {"items": [...], "complete"?: bool}, those that are known."""
        known = {kind: lists[name] for kind, (name, _) in THINGS.items() if name in lists}
        entries = {kind: dict(_entries(kind, stored["items"])) for kind, stored in known.items()}
        partial = frozenset(kind for kind, stored in known.items() if not stored.get("complete", True))
        return cls(entries, partial)

    def find(self, kind: str, code: str) -> Entry | None:
        return self.entries.get(kind, {}).get(_key(kind, code))

    def fault(self, kind: str, code: str) -> str | None:
        """``archived``, ``gone``, or None: usable, or not known to be anything else."""
        entry = self.find(kind, code)
        if entry is not None:
            return None if entry.active else "archived"
        return "gone" if kind in self.entries and kind not in self.partial else None


def _key(kind: str, code: str) -> str:
    return code.casefold() if kind in ("account", "item") else code


def _entries(kind: str, items: list[dict[str, Any]]) -> Iterator[tuple[str, Entry]]:
    for item in items:
        active = item.get("status", "ACTIVE") == "ACTIVE"
        if kind == "account" and item["code"]:
            yield _key(kind, item["code"]), Entry(item["name"], active, item["tax_type"])
        elif kind == "tax_type":
            yield item["tax_type"], Entry(item["name"], active)
        elif kind == "item":
            yield _key(kind, item["code"]), Entry(item["name"], True, item["tax_type"])
        elif kind == "branding_theme":
            yield item["theme_id"], Entry(item["name"], True)
        elif kind == "tracking_option":
            for option in item["options"]:
                name = f"{item['name']}: {option['name']}"
                yield option["option_id"], Entry(name, active and option["status"] == "ACTIVE")
