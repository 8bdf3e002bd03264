"""What a practice's documents look like: settings, mappings, and the lists of Xero's they are chosen from."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from shared.domain.errors import FieldError
from shared.http import schemas
from shared.http import setup_models as models
from shared.http.answers import Answer
from shared.http.app import ANYONE_SIGNED_IN, BOOKKEEPING, OWNERS, App, Call, Route
from shared.http.models import ItemMappingsIn, RefreshQuery, SettingsIn, TrackingMappingsIn
from shared.http.second_token import owner_of
from shared.services import mappings
from shared.services.build_invoice import read_settings
from shared.services.checked_choices import shown_list
from shared.services.clone_settings import clone_settings
from shared.services.missing_mappings import missing_mappings, suggestions
from shared.services.practice_settings import change_settings
from shared.services.privacy import privacy_choice
from shared.services.rate_limit import spend


def get_settings(call: Call) -> Answer:
    settings = read_settings(call.ports, call.practice_id).to_data()
    return Answer(schemas.Settings(settings=settings, privacy=_privacy(call)))


def put_settings(call: Call) -> Answer:
    changes = call.body.model_dump(exclude_unset=True)
    change = change_settings(call.ports, call.person, changes, dry_run=_dry_run(call))
    return Answer(
        schemas.Settings(
            settings=change.settings.to_data(),
            privacy=_privacy(call),
            changes=change.changes,
            warnings=_warnings(change.warnings),
            saved=not _dry_run(call),
        )
    )


def missing(call: Call) -> Answer:
    found = missing_mappings(call.ports, call.practice_id, call.query.days)
    return Answer(models.MissingMappings(items=[models.MissingMapping(**each) for each in found]))


def suggested(call: Call) -> Answer:
    found = suggestions(call.ports, call.practice_id, call.query.days)
    return Answer(models.Suggestions(items=[models.Suggested(**each) for each in found]))


def clone(call: Call) -> Answer:
    source = owner_of(call.body.from_practice_id, call.body.from_token.get_secret_value())
    cloned = clone_settings(call.ports, call.person, source, dry_run=_dry_run(call))
    return Answer(
        models.Cloned(
            changes=[models.ChangeShown(**change) for change in cloned.changes],
            not_copied=[models.NotTaken(**left) for left in cloned.left],
            saved=not _dry_run(call),
        )
    )


def get_items(call: Call) -> Answer:
    return Answer(schemas.Mapped(items=mappings.item_mappings(call.ports, call.practice_id)))


def put_items(call: Call) -> Answer:
    items = [item.model_dump() for item in call.body.items]
    return _mapped(call, mappings.map_items(call.ports, call.person, items, dry_run=_dry_run(call)))


def get_tracking(call: Call) -> Answer:
    mapped = mappings.tracking_mappings(call.ports, call.practice_id)
    available = shown_list(call.ports, call.practice_id, "tracking", refresh=_refresh(call))
    return Answer(
        schemas.Tracking(items=mapped, available=available["items"], fetched_at=available["fetched_at"])
    )


def put_tracking(call: Call) -> Answer:
    items = [item.model_dump() for item in call.body.items]
    return _mapped(call, mappings.map_tracking(call.ports, call.person, items, dry_run=_dry_run(call)))


def accounts(call: Call) -> Answer:
    return _list(call, "accounts", call.query.usable_for)


def tax_rates(call: Call) -> Answer:
    return _list(call, "tax_rates", call.query.usable_for)


def products(call: Call) -> Answer:
    return _list(call, "items")


def branding_themes(call: Call) -> Answer:
    return _list(call, "branding_themes")


def currencies(call: Call) -> Answer:
    return _list(call, "currencies")


def _list(call: Call, kind: str, usable_for: str | None = None) -> Answer:
    refresh = _refresh(call)
    found = shown_list(call.ports, call.practice_id, kind, usable_for=usable_for, refresh=refresh)
    return Answer(schemas.XeroList(**found))


def _refresh(call: Call) -> bool:
    """Whether to ask Xero anew, which each person may only so often."""
    refresh = bool(call.query.refresh == "1")
    if refresh:
        spend(call.ports, call.person, "refresh_lists")
    return refresh


def _mapped(call: Call, mapped: mappings.Mapped) -> Answer:
    warnings = _warnings(mapped.warnings)
    return Answer(
        schemas.Mapped(
            items=mapped.items, changes=mapped.changes, warnings=warnings, saved=not _dry_run(call)
        )
    )


def _warnings(found: list[FieldError]) -> list[schemas.FieldProblem]:
    return [schemas.FieldProblem(field=warning.field, message=warning.message) for warning in found]


def _privacy(call: Call) -> schemas.PrivacyShown:
    choice = privacy_choice(call.ports, call.practice_id)
    return schemas.PrivacyShown(
        mode=choice.settings.privacy_mode,
        chosen=choice.chosen,
        default_mode=choice.default.mode,
        reason=choice.reason,
    )


def _dry_run(call: Call) -> bool:
    return bool(call.query.dry_run == "1")


LIST = {200: schemas.XeroList}

APP = App(
    "settings",
    [
        Route("GET", "/xero/settings/", get_settings, ANYONE_SIGNED_IN, "The practice's settings",
              answers={200: schemas.Settings}),
        Route("PUT", "/xero/settings/", put_settings, BOOKKEEPING, "Change settings; fields left out stay",
              body=SettingsIn, query=models.DryRunQuery, answers={200: schemas.Settings}),
        Route("GET", "/xero/settings/missing/", missing, ANYONE_SIGNED_IN, "What appointments name that is not mapped",
              query=models.DaysQuery, answers={200: models.MissingMappings}),
        Route("POST", "/xero/settings/clone/", clone, OWNERS, "Take over settings of another practice of the owner's",
              body=models.CloneIn, query=models.DryRunQuery, answers={200: models.Cloned}),
        Route("GET", "/xero/suggestions/", suggested, ANYONE_SIGNED_IN, "What the missing mappings may be, by name",
              query=models.DaysQuery, answers={200: models.Suggestions}),
        Route("GET", "/xero/items/", get_items, ANYONE_SIGNED_IN, "Services and what they are in the books",
              answers={200: schemas.Mapped}),
        Route("PUT", "/xero/items/", put_items, BOOKKEEPING, "Map services to account, tax and item",
              body=ItemMappingsIn, query=models.DryRunQuery, answers={200: schemas.Mapped}),
        Route("GET", "/xero/tracking/", get_tracking, ANYONE_SIGNED_IN, "Clinics, practitioners and tracking options",
              query=RefreshQuery, answers={200: schemas.Tracking}),
        Route("PUT", "/xero/tracking/", put_tracking, BOOKKEEPING, "Map clinics and practitioners to options, accounts",
              body=TrackingMappingsIn, query=models.DryRunQuery, answers={200: schemas.Mapped}),
        Route("GET", "/xero/accounts/", accounts, ANYONE_SIGNED_IN, "The organisation's accounts",
              query=models.AccountsQuery, answers=LIST),
        Route("GET", "/xero/tax_rates/", tax_rates, ANYONE_SIGNED_IN, "The organisation's tax rates",
              query=models.TaxRatesQuery, answers=LIST),
        Route("GET", "/xero/products/", products, ANYONE_SIGNED_IN, "The organisation's products and services (items)",
              query=RefreshQuery, answers=LIST),
        Route("GET", "/xero/branding_themes/", branding_themes, ANYONE_SIGNED_IN, "The organisation's branding themes",
              query=RefreshQuery, answers=LIST),
        Route("GET", "/xero/currencies/", currencies, ANYONE_SIGNED_IN, "The currencies that the organisation uses",
              query=RefreshQuery, answers=LIST),
    ],
)  # fmt: skip


@functions_framework.http
def settings(request: Request) -> Response:
    return APP.handle(request)
