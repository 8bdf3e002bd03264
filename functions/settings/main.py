"""What a practice's documents look like: settings, mappings, and the lists of Xero's they are chosen from."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from shared.http import schemas
from shared.http.answers import Answer
from shared.http.app import ANYONE_SIGNED_IN, BOOKKEEPING, App, Call, Route
from shared.http.models import ItemMappingsIn, RefreshQuery, SettingsIn, TrackingMappingsIn
from shared.services import practice_settings as practice
from shared.services.build_invoice import read_settings
from shared.services.xero_lists import xero_list


def get_settings(call: Call) -> Answer:
    return Answer(schemas.Settings(settings=read_settings(call.ports, call.practice_id).to_data()))


def put_settings(call: Call) -> Answer:
    changes = call.body.model_dump(exclude_unset=True)
    changed = practice.change_settings(call.ports, call.person, changes)
    warnings = []
    if "payment_accounts" in changes:
        warnings = [
            schemas.FieldProblem(field=warning.field, message=warning.message)
            for warning in practice.payment_account_warnings(call.ports, call.practice_id, changed)
        ]
    return Answer(schemas.Settings(settings=changed.to_data(), warnings=warnings))


def get_items(call: Call) -> Answer:
    return Answer(schemas.Mapped(items=practice.item_mappings(call.ports, call.practice_id)))


def put_items(call: Call) -> Answer:
    items = [item.model_dump() for item in call.body.items]
    return Answer(schemas.Mapped(items=practice.map_items(call.ports, call.person, items)))


def get_tracking(call: Call) -> Answer:
    mapped = practice.tracking_mappings(call.ports, call.practice_id)
    available = xero_list(call.ports, call.practice_id, "tracking", refresh=call.query.refresh == "1")
    return Answer(
        schemas.Tracking(items=mapped, available=available["items"], fetched_at=available["fetched_at"])
    )


def put_tracking(call: Call) -> Answer:
    items = [item.model_dump() for item in call.body.items]
    return Answer(schemas.Mapped(items=practice.map_tracking(call.ports, call.person, items)))


def accounts(call: Call) -> Answer:
    return _list(call, "accounts")


def tax_rates(call: Call) -> Answer:
    return _list(call, "tax_rates")


def _list(call: Call, kind: str) -> Answer:
    return Answer(
        schemas.XeroList(**xero_list(call.ports, call.practice_id, kind, refresh=call.query.refresh == "1"))
    )


APP = App(
    "settings",
    [
        Route("GET", "/xero/settings/", get_settings, ANYONE_SIGNED_IN, "The practice's settings",
              answers={200: schemas.Settings}),
        Route("PUT", "/xero/settings/", put_settings, BOOKKEEPING, "Change settings; fields left out stay",
              body=SettingsIn, answers={200: schemas.Settings}),
        Route("GET", "/xero/items/", get_items, ANYONE_SIGNED_IN, "Services and what they are in the books",
              answers={200: schemas.Mapped}),
        Route("PUT", "/xero/items/", put_items, BOOKKEEPING, "Map services to account, tax and item",
              body=ItemMappingsIn, answers={200: schemas.Mapped}),
        Route("GET", "/xero/tracking/", get_tracking, ANYONE_SIGNED_IN, "Clinics, practitioners and tracking options",
              query=RefreshQuery, answers={200: schemas.Tracking}),
        Route("PUT", "/xero/tracking/", put_tracking, BOOKKEEPING, "Map clinics and practitioners to options",
              body=TrackingMappingsIn, answers={200: schemas.Mapped}),
        Route("GET", "/xero/accounts/", accounts, ANYONE_SIGNED_IN, "The organisation's accounts",
              query=RefreshQuery, answers={200: schemas.XeroList}),
        Route("GET", "/xero/tax_rates/", tax_rates, ANYONE_SIGNED_IN, "The organisation's tax rates",
              query=RefreshQuery, answers={200: schemas.XeroList}),
    ],
)  # fmt: skip


@functions_framework.http
def settings(request: Request) -> Response:
    return APP.handle(request)
