"""A practice's settings: changed by a person, checked against the organisation's lists, each change in the log with its
before and after. ``dry_run`` shows all of it and saves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from shared.domain.choices import Choice
from shared.domain.errors import FieldError, InvalidInput, StoreUnavailable
from shared.domain.people import Person
from shared.domain.settings import PracticeSettings
from shared.ports import Ports
from shared.ports.store import AlreadyExists, Create, Update, VersionChanged, Write
from shared.services import paths
from shared.services.activity_log import Entry, actor_of, entry_write
from shared.services.checked_choices import check
from shared.services.connections import read_connection
from shared.services.desk_accounts import refuse_unconfirmed
from shared.services.documents import ATTEMPTS
from shared.services.drain_tasks import wake_drain
from shared.services.privacy import country_of
from shared.services.setup_state import changed

#: Fields that are chosen from the organisation's lists, and for which use.
SETTING_USES = {"default_account_code": "revenue", "default_tax_type": "tax", "branding_theme_id": "theme"}


@dataclass(frozen=True)
class SettingsChange:
    """``settings`` as they are afterwards; ``changes``: [{"field", "before", "after"}] of what differs."""

    settings: PracticeSettings
    changes: list[dict[str, Any]]
    warnings: list[FieldError]


def change_settings(
    ports: Ports, person: Person, changes: dict[str, Any], *, dry_run: bool = False
) -> SettingsChange:
    """The change and its entry in the log stand or fall together; what is already so makes no entry.

    Raises InvalidInput, naming every field that Xero would not take.
    """
    path = paths.settings(person.practice_id)
    for _ in range(ATTEMPTS):
        document = ports.store.get(path)
        stored = document.data if document else {}
        wanted = {name: value for name, value in (stored | changes).items() if value is not None}
        country = country_of(read_connection(ports, person.practice_id).data)
        after = PracticeSettings.from_data(wanted, country)
        warnings = _check(ports, person.practice_id, changes, after)
        shown = _differences(PracticeSettings.from_data(stored, country), after, changes)
        change = SettingsChange(after, shown, warnings)
        if dry_run or not shown:
            return change
        write = Update(path, wanted, document.version) if document else Create(path, wanted)
        writes: list[Write] = [write, _entry(ports, person, shown), changed(person.practice_id)]
        try:
            ports.store.batch(writes)
        except (AlreadyExists, VersionChanged):
            continue  # somebody else changed something at the same moment: theirs stays, ours goes on top
        wake_drain(ports.tasks, person.practice_id, ports.clock.now())
        return change
    raise StoreUnavailable("the settings kept changing while they were being written")


def _check(
    ports: Ports, practice_id: str, changes: dict[str, Any], after: PracticeSettings
) -> list[FieldError]:
    """Warnings. Raises InvalidInput with everything that is wrong, whichever rule says so."""
    warnings, errors = [], []
    try:
        warnings = check(ports, practice_id, _choices(changes))
    except InvalidInput as refused:
        errors += refused.errors
    if {"payment_accounts", "confirmed_bank_accounts"} & set(changes):
        try:
            refuse_unconfirmed(ports, practice_id, after)
        except InvalidInput as refused:
            errors += refused.errors
    if errors:
        raise InvalidInput(errors)
    return warnings


def _choices(changes: dict[str, Any]) -> list[Choice]:
    """What of the given fields is chosen from the organisation's lists."""
    single = [Choice(name, use, changes[name]) for name, use in SETTING_USES.items() if changes.get(name)]
    methods = sorted((changes.get("payment_accounts") or {}).items())
    return single + [Choice(f"payment_accounts.{method}", "payments", code) for method, code in methods]


def _differences(
    before: PracticeSettings, after: PracticeSettings, given: dict[str, Any]
) -> list[dict[str, Any]]:
    old, new = before.to_data(), after.to_data()
    names = sorted(name for name in given if old[name] != new[name])
    return [{"field": name, "before": old[name], "after": new[name]} for name in names]


def _entry(ports: Ports, person: Person, shown: list[dict[str, Any]]) -> Create:
    entry = Entry(
        "settings.change",
        f"Settings changed: {', '.join(each['field'] for each in shown)}",
        actor_of(person),
        before={each["field"]: each["before"] for each in shown},
        after={each["field"]: each["after"] for each in shown},
    )
    return entry_write(ports, person.practice_id, entry)
