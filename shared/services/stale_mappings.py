"""What the practice's settings and mappings name that is archived or gone, worked out once for each state of them."""

from __future__ import annotations

from typing import Any

from shared.domain.settings import ItemMapping, TrackingMapping
from shared.domain.stale import Stale, stale_in_setup
from shared.ports import Ports
from shared.services import paths
from shared.services.build_invoice import read_context
from shared.services.mappings import item_mappings, tracking_mappings
from shared.services.setup_state import keep_stale


def stale_mappings(ports: Ports, practice_id: str) -> list[dict[str, Any]]:
    """[{kind, code, thing, sentence, where, used_by: [...]}], one for each thing that is archived or gone."""
    setup = ports.store.get(paths.setup(practice_id))
    if setup is None:
        return []
    known = setup.data.get("stale")
    if known is None:
        known = _shown(_work_out(ports, practice_id))
        keep_stale(ports, practice_id, setup.data["revision"], known)
    return list(known)


def _work_out(ports: Ports, practice_id: str) -> list[Stale]:
    context = read_context(ports, practice_id)
    items = [ItemMapping.from_data(m["service_code"], m) for m in item_mappings(ports, practice_id)]
    places = [TrackingMapping.from_data(m) for m in tracking_mappings(ports, practice_id)]
    return stale_in_setup(context.settings, items, places, context.lists)


def _shown(found: list[Stale]) -> list[dict[str, Any]]:
    shown: dict[tuple[str, str], dict[str, Any]] = {}
    for stale in found:
        first = {
            "kind": stale.kind,
            "code": stale.code,
            "thing": stale.thing,
            "fault": stale.fault,
            "used_by": [],
            "where": [],
        }
        entry = shown.setdefault((stale.kind, stale.code), first)
        entry["used_by"].append(stale.used_by)
        if stale.where and stale.where not in entry["where"]:
            entry["where"].append(stale.where)
    return list(shown.values())
