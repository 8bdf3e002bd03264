"""Tracking on a line: at most two, each an active option of an active category, by ids or by names."""

from __future__ import annotations

from typing import Any

from .bodies import given, guid
from .settings import Settings, TrackingCategory, TrackingOption


def tracking_of(settings: Settings, raws: Any, problems: list[str]) -> tuple[tuple[str, str], ...]:
    if not isinstance(raws, list) or not all(isinstance(raw, dict) for raw in raws):
        problems.append("Tracking must be a list")
        return ()
    if len(raws) > 2:
        problems.append("A line item can have a maximum of 2 tracking categories.")
    found: dict[str, str] = {}
    for raw in map(given, raws[:2]):
        category = _category(settings, raw)
        if category is None:
            problems.append(f"There is no ACTIVE tracking category with the name '{_said(raw, 'Name')}'")
            continue
        option = _option(category, raw)
        if option is None:
            problems.append(
                f"There is no ACTIVE tracking option '{_said(raw, 'Option')}' "
                f"in the tracking category '{category.name}'"
            )
        elif category.id in found:
            problems.append(f"The tracking category '{category.name}' can be used only once per line.")
        else:
            found[category.id] = option.id
    return tuple(found.items())


def _category(settings: Settings, raw: dict[str, Any]) -> TrackingCategory | None:
    wanted, name = guid(raw, "TrackingCategoryID"), str(raw.get("Name") or "").casefold()
    for one in settings.tracking:
        if one.status == "ACTIVE" and (one.id == wanted if wanted else one.name.casefold() == name):
            return one
    return None


def _option(category: TrackingCategory, raw: dict[str, Any]) -> TrackingOption | None:
    wanted, name = guid(raw, "TrackingOptionID"), str(raw.get("Option") or "").casefold()
    for one in category.options:
        if one.status == "ACTIVE" and (one.id == wanted if wanted else one.name.casefold() == name):
            return one
    return None


def _said(raw: dict[str, Any], name: str) -> str:
    return str(raw.get(name) or raw.get("TrackingCategoryID" if name == "Name" else "TrackingOptionID") or "")
