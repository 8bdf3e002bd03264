"""What a person chooses is checked against the organisation's lists; what the lists show, with what it can be used for.

A list that does not have the choice is read again before anything is refused: it may have been made in Xero just now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.domain.choices import LISTS, Choice, account_uses, judge, not_checked, tax_uses
from shared.domain.errors import Busy, FieldError, InvalidInput, NotConnected, XeroError
from shared.ports import Ports
from shared.services.xero_lists import xero_list

Rows = list[dict[str, Any]]


def shown_list(
    ports: Ports, practice_id: str, kind: str, *, usable_for: str | None = None, refresh: bool = False
) -> dict[str, Any]:
    """``{"items", "fetched_at"}``; accounts and tax rates with ``usable_for``, by which they can be filtered, and an
    account with ``may_have_feed``. Raises what ``xero_list`` raises."""
    found = xero_list(ports, practice_id, kind, refresh=refresh)
    uses = {"accounts": account_uses, "tax_rates": tax_uses}.get(kind)
    items = found["items"]
    if uses:
        items = [row | {"usable_for": uses(row)} for row in items]
    if kind == "accounts":
        items = [row | {"may_have_feed": row["type"] == "BANK"} for row in items]
    if usable_for:
        items = [row for row in items if usable_for in row["usable_for"]]
    return {"items": items, "fetched_at": found["fetched_at"]}


def check(ports: Ports, practice_id: str, choices: Sequence[Choice]) -> list[FieldError]:
    """Warnings, among them that the organisation could not be asked. Raises InvalidInput, naming every wrong field."""
    errors, warnings = [], []
    for name in sorted({LISTS[choice.use] for choice in choices}):
        wanted = [choice for choice in choices if LISTS[choice.use] == name]
        rows = rows_of(ports, practice_id, name)
        if rows is not None and any(judge(choice, rows).error for choice in wanted):
            rows = rows_of(ports, practice_id, name, refresh=True)
        if rows is None:
            warnings += [not_checked(choice) for choice in wanted]
            continue
        for choice in wanted:
            verdict = judge(choice, rows)
            if verdict.error:
                errors.append(FieldError(choice.field, verdict.error))
            elif verdict.warning:
                warnings.append(FieldError(choice.field, verdict.warning))
    if errors:
        raise InvalidInput(errors)
    return warnings


def rows_of(ports: Ports, practice_id: str, name: str, *, refresh: bool = False) -> Rows | None:
    """None when the organisation cannot be asked; Xero itself refuses what is wrong when it is used."""
    try:
        rows: Rows = xero_list(ports, practice_id, name, refresh=refresh)["items"]
    except (XeroError, NotConnected, Busy):
        return None
    return rows
