"""The settings function: what documents look like, and the organisation's own lists to choose from."""

from __future__ import annotations

import json
from typing import Any

from shared.domain.settings import PracticeSettings
from shared.services import practice_settings
from tests.functions.edges import check_problem, wrong
from tests.product import Product

SETTINGS, ITEMS, TRACKING = "/xero/settings/", "/xero/items/", "/xero/tracking/"


def put(product: Product, path: str, body: Any, role: str = "bookkeeper") -> Any:
    return product.call("PUT", path, role, json=body)


def entries(product: Product, action: str) -> list[dict[str, Any]]:
    return list(product.ok("GET", f"/xero/logs/?action={action}")["items"])


def option(product: Product, category: int = 0, place: int = 0) -> dict[str, str]:
    found = product.ok("GET", TRACKING, "bookkeeper")["available"][category]
    return {
        "tracking_category_id": found["category_id"],
        "tracking_option_id": found["options"][place]["option_id"],
    }


def test_defaults(product: Product) -> None:
    """A new practice sends drafts, due in 14 days, exclusive of tax, and takes no payments anywhere."""
    shown = product.ok("GET", SETTINGS, "reception")["settings"]
    assert shown == PracticeSettings().to_data()
    assert (shown["invoice_status"], shown["payment_accounts"]) == ("DRAFT", {})


def test_only_given_fields_change(product: Product) -> None:
    """The others stay; the answer and a later look show the same."""
    put(product, SETTINGS, {"payment_terms_days": 7, "invoice_prefix": "HS-"})
    answered = product.ok("PUT", SETTINGS, "bookkeeper", json={"time_zone": "Australia/Perth"})["settings"]
    assert (answered["payment_terms_days"], answered["invoice_prefix"]) == (7, "HS-")
    assert answered["time_zone"] == "Australia/Perth"
    assert product.ok("GET", SETTINGS)["settings"] == answered


def test_null_goes_back_to_the_default(product: Product) -> None:
    """And an invoice can still be made: null never reaches a document."""
    product.ready()
    names = sorted(PracticeSettings.__dataclass_fields__)
    product.ok("PUT", SETTINGS, "bookkeeper", json={"payment_terms_days": 7, "amounts": "no_tax"})
    answered = product.ok("PUT", SETTINGS, "bookkeeper", json=dict.fromkeys(names))["settings"]
    assert answered == PracticeSettings().to_data()
    assert product.invoice().status_code == 201


def test_a_change_is_logged_with_before_and_after(product: Product) -> None:
    """Who, what it was, what it is; nothing for what was already so."""
    put(product, SETTINGS, {"payment_terms_days": 7})
    put(product, SETTINGS, {"payment_terms_days": 7})
    put(product, SETTINGS, {"payment_terms_days": 21, "amounts": "exclusive"})
    newest, oldest = entries(product, "settings.change")
    assert (oldest["before"], oldest["after"]) == ({"payment_terms_days": 14}, {"payment_terms_days": 7})
    assert (newest["before"], newest["after"]) == ({"payment_terms_days": 7}, {"payment_terms_days": 21})
    assert newest["actor"]["role"] == "bookkeeper"
    assert newest["at"] > oldest["at"]


def test_two_people_at_once_lose_nothing(product: Product) -> None:
    """Both changes stand, whoever wrote between the other's reading and writing."""
    store, raced = product.ports.store, []
    original = store.batch

    def batch(writes: Any) -> Any:
        if not raced:
            raced.append(True)
            practice_settings.change_settings(
                product.ports, product.person("owner"), {"invoice_prefix": "X-"}
            )
        return original(writes)

    store.batch = batch  # type: ignore[method-assign]
    product.ok("PUT", SETTINGS, "bookkeeper", json={"payment_terms_days": 3})
    shown = product.ok("GET", SETTINGS)["settings"]
    assert (shown["invoice_prefix"], shown["payment_terms_days"]) == ("X-", 3)
    assert len(entries(product, "settings.change")) == 2


WRONG: list[tuple[Any, str]] = [
    ({"time_zone": "Sydney"}, "time_zone"),
    ({"time_zone": "../../etc/passwd"}, "time_zone"),
    ({"time_zone": 10}, "time_zone"),
    ({"clinic_time_zones": {"c-1": "Mars/Base"}}, "clinic_time_zones.c-1"),
    ({"clinic_time_zones": {"c 1": "UTC"}}, "clinic_time_zones.c 1"),
    ({"clinic_time_zones": ["UTC"]}, "clinic_time_zones"),
    ({"invoice_status": "PAID"}, "invoice_status"),
    ({"payment_terms_days": -1}, "payment_terms_days"),
    ({"payment_terms_days": 366}, "payment_terms_days"),
    ({"payment_terms_days": 1.5}, "payment_terms_days"),
    ({"payment_terms_days": True}, "payment_terms_days"),
    ({"payment_terms_days": "14"}, "payment_terms_days"),
    ({"amounts": "gross"}, "amounts"),
    ({"default_account_code": "12345678901"}, "default_account_code"),
    ({"invoice_prefix": ""}, "invoice_prefix"),
    ({"invoice_prefix": "a b"}, "invoice_prefix"),
    ({"appointment_url": "http://app.example/{appointment_id}"}, "appointment_url"),
    ({"appointment_url": "https://"}, "appointment_url"),
    ({"appointment_url": "https://a b.example"}, "appointment_url"),
    ({"appointment_url": "https://my-xero.example/{appointment_id}"}, "appointment_url"),
    ({"appointment_url": "javascript:alert(1)"}, "appointment_url"),
    ({"use_clinic_tracking": 2}, "use_clinic_tracking"),
    ({"payment_accounts": {"card": ""}}, "payment_accounts.card"),
    ({"payment_accounts": {"card": 880}}, "payment_accounts.card"),
    ({"invoice_statuss": "DRAFT"}, "invoice_statuss"),
]


def test_wrong_settings_are_named(product: Product) -> None:
    """Each field by its name, with nothing changed."""
    for body, field in WRONG:
        assert set(wrong(put(product, SETTINGS, body))) == {field}, body
    half = product.call("PUT", SETTINGS, "bookkeeper", data='{"clinic_time_zones": {"\\ud800": "UTC"}}')
    assert wrong(half)
    assert product.ok("GET", SETTINGS)["settings"] == PracticeSettings().to_data()


def test_reception_reads_and_bookkeepers_write(product: Product) -> None:
    """The books' rules are not reception's to change, nor the app's."""
    for path in (SETTINGS, ITEMS, TRACKING):
        for role in ("reception", "app"):
            check_problem(put(product, path, {}, role), 403, "not_allowed")
    for role in ("reception", "bookkeeper", "owner", "app"):
        product.ok("GET", SETTINGS, role)
        product.ok("GET", ITEMS, role)


def test_items_are_mapped_and_replaced(product: Product) -> None:
    """A mapping replaces the one of its service and leaves the others; each change has its own log entry."""
    first = [{"service_code": "A", "account_code": "200"}, {"service_code": "B", "account_code": "201"}]
    product.ok("PUT", ITEMS, "bookkeeper", json={"items": first})
    changed = {"service_code": "A", "account_code": "202", "tax_type": "OUTPUT", "item_code": "TAPE"}
    answered = product.ok("PUT", ITEMS, "bookkeeper", json={"items": [changed, first[1]]})
    assert answered["items"] == [changed, first[1]] == product.ok("GET", ITEMS, "reception")["items"]
    logged = entries(product, "items.map")
    assert len(logged) == 3  # A, B, and A again; B the second time was no change
    (newest,) = (entry for entry in logged if entry.get("before"))
    assert newest["before"] == {"account_code": "200"}
    assert newest["after"] == {k: v for k, v in changed.items() if k != "service_code"}


def test_many_long_mappings(product: Product) -> None:
    """Four hundred mappings with long labels are kept and changed: no document grows with their number."""
    for label in ("first ", "second "):
        items = [{"service_code": f"S-{n}", "description": (label * 400)[:2000]} for n in range(400)]
        assert put(product, ITEMS, {"items": items}).status_code == 200
    shown = product.ok("GET", ITEMS)["items"]
    assert len(shown) == 400
    assert all(item["description"].startswith("second") for item in shown)


WRONG_ITEMS: list[tuple[Any, str]] = [
    ({}, "items"),
    ({"items": []}, "items"),
    ({"items": [{}]}, "items[0].service_code"),
    ({"items": [{"service_code": "a b"}]}, "items[0].service_code"),
    ({"items": [{"service_code": "A"}, {"service_code": "B", "account_code": ""}]}, "items[1].account_code"),
    ({"items": [{"service_code": "A", "item_code": "x" * 31}]}, "items[0].item_code"),
    ({"items": [{"service_code": "A", "description": " "}]}, "items[0].description"),
    ({"items": [{"service_code": "A"}] * 401}, "items"),
]


def test_wrong_items_are_named(product: Product) -> None:
    """By their place in the request, with nothing kept."""
    for body, field in WRONG_ITEMS:
        assert set(wrong(put(product, ITEMS, body))) == {field}, str(body)[:80]
    assert product.ok("GET", ITEMS)["items"] == []


def test_tracking_is_chosen_from_the_organisations_options(product: Product) -> None:
    """Mapped by id with the names kept for people; a clinic and a practitioner of one id are two mappings."""
    product.ready()
    clinic = {"id": "1", "kind": "clinic", **option(product)}
    doctor = {"id": "1", "kind": "practitioner", **option(product, 1)}
    answered = product.ok("PUT", TRACKING, "bookkeeper", json={"items": [clinic, doctor]})["items"]
    assert [{k: v for k, v in item.items() if not k.endswith("_name")} for item in answered] == [
        clinic,
        doctor,
    ]
    assert all(item["category_name"] and item["option_name"] for item in answered)
    shown = product.ok("GET", TRACKING, "reception")
    assert shown["items"] == answered
    assert {c["name"] for c in shown["available"]} == {"Clinic", "Practitioner"}


def test_tracking_that_is_not_the_organisations(product: Product) -> None:
    """An unknown or archived option is refused by its place; nothing of the request is kept."""
    product.ready()
    good = {"id": "c-1", "kind": "clinic", **option(product)}
    made_up = {"id": "c-2", "kind": "clinic", "tracking_category_id": "x", "tracking_option_id": "y"}
    assert set(wrong(put(product, TRACKING, {"items": [good, made_up]}))) == {"items[1].tracking_option_id"}
    archived = [
        {"tracking_category_id": category["category_id"], "tracking_option_id": found["option_id"]}
        for category in product.ok("GET", TRACKING)["available"]
        for found in category["options"]
        if found["status"] != "ACTIVE"
    ]
    for gone in archived:
        found = wrong(put(product, TRACKING, {"items": [{"id": "c-1", "kind": "clinic", **gone}]}))
        assert set(found) == {"items[0].tracking_option_id"}
    assert product.ok("GET", TRACKING)["items"] == []


def test_lists_are_kept_a_day_and_fetched_on_request(product: Product) -> None:
    """One call for many looks; ``refresh=1`` and a day's age fetch anew; the answer tells its age."""
    product.ready()
    for path, xero in (("/xero/accounts/", "Accounts"), ("/xero/tax_rates/", "TaxRates")):

        def calls(of: str = xero) -> int:
            return len(product.xero_calls("GET", f"/api.xro/2.0/{of}"))

        first = product.ok("GET", path, "reception")
        assert first["items"]
        assert product.ok("GET", path, "reception") == first
        assert calls() == 1
        refreshed = product.ok("GET", path + "?refresh=1", "reception")
        assert (calls(), refreshed["fetched_at"] > first["fetched_at"]) == (2, True)
        product.advance(25 * 3600)
        product.ok("GET", path, "reception")
        assert calls() == 3


def test_amounts_in_lists_are_strings(product: Product) -> None:
    """Rates and prices are decimal strings, never floats."""
    product.ready()
    rates = {r["tax_type"]: r["rate"] for r in product.ok("GET", "/xero/tax_rates/")["items"]}
    assert all(isinstance(rate, str) for rate in rates.values())
    assert float(rates["OUTPUT"]) == 10
    assert "E" not in json.dumps(list(rates.values()))


def test_lists_without_a_connection(product: Product) -> None:
    """409 with what an owner has to do."""
    for path in ("/xero/accounts/", "/xero/tax_rates/", TRACKING):
        check_problem(product.call("GET", path), 409, "not_connected")


def test_xero_is_down(product: Product) -> None:
    """A list that has to be fetched and cannot be is a problem that may pass; one that is kept is still shown."""
    product.ready()
    product.ok("GET", "/xero/accounts/")
    product.simulator.fault("offline", path="/api.xro/", count=5)
    response = product.call("GET", "/xero/tax_rates/")
    check_problem(response, 503)
    assert int(response.headers["Retry-After"]) >= 1
    assert product.ok("GET", "/xero/accounts/")["items"]


def test_wrong_refresh(product: Product) -> None:
    """Only 0 and 1 are meant."""
    for path in ("/xero/accounts/", "/xero/tax_rates/", TRACKING):
        assert set(wrong(product.call("GET", path + "?refresh=yes"))) == {"refresh"}


def test_income_is_not_counted_twice_unawares(product: Product) -> None:
    """Payments go nowhere by default; to a bank account only once a person confirmed it, and with a warning."""
    product.ready()
    codes = {a["type"]: a["code"] for a in product.ok("GET", "/xero/accounts/")["items"]}
    accounts = {"card": "880", "cash": codes["BANK"], "other": "nope"}
    refused = product.call("PUT", SETTINGS, "bookkeeper", json={"payment_accounts": accounts})
    assert "counted twice" in wrong(refused)["payment_accounts.cash"]
    assert "GET /xero/accounts/" in wrong(refused)["payment_accounts.other"]
    assert product.ok("GET", SETTINGS)["settings"]["payment_accounts"] == {}
    del accounts["other"]
    confirmed = {"payment_accounts": accounts, "confirmed_bank_accounts": [codes["BANK"]]}
    answered = product.ok("PUT", SETTINGS, "bookkeeper", json=confirmed)
    warnings = {w["field"]: w["message"] for w in answered["warnings"]}
    assert set(warnings) == {"payment_accounts.cash"}
    assert "counted twice" in warnings["payment_accounts.cash"]
    assert product.ok("PUT", SETTINGS, "bookkeeper", json={"payment_terms_days": 7})["warnings"] == []
