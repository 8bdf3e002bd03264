"""Choosing from Xero's lists, mapping, what is missing, suggestions, and taking over another practice's settings."""

from __future__ import annotations

from typing import Any

import pytest

from tests.functions.edges import check_problem, logged, wrong
from tests.functions.test_settings import ITEMS, SETTINGS, TRACKING, entries, option, put
from tests.product import Product

MISSING, SUGGESTIONS, CLONE = "/xero/settings/missing/", "/xero/suggestions/", "/xero/settings/clone/"


def service(code: str, **fields: Any) -> dict[str, Any]:
    return {"description": f"Visit {code}", "unit_amount": "100.00", "service_code": code, **fields}


def soon(product: Product, appointment_id: str, *codes: str, **fields: Any) -> None:
    """An appointment of yesterday with a line for each service."""
    yesterday = f"{product.clock.now():%Y-%m-%dT00:00:00+00:00}"
    lines = [service(code) for code in codes]
    product.appointment(appointment_id, starts_at=yesterday, line_items=lines, **fields)


def map_items(product: Product, *items: dict[str, Any], practice: str = "demo", query: str = "") -> Any:
    return product.ok("PUT", ITEMS + query, "bookkeeper", practice, json={"items": list(items)})


# -- lists ------------------------------------------------------------------------------------------------------------


def test_accounts_by_use(product: Product) -> None:
    """Income accounts for lines, clearing and bank accounts for payments; a bank account may have a live feed."""
    product.ready()
    everything = {a["code"]: a for a in product.ok("GET", "/xero/accounts/")["items"]}
    revenue = {a["code"] for a in product.ok("GET", "/xero/accounts/?usable_for=revenue")["items"]}
    payments = {a["code"]: a for a in product.ok("GET", "/xero/accounts/?usable_for=payments")["items"]}
    assert revenue == {"200", "201", "202", "260"}
    assert set(payments) == {"090", "880", "881"}
    assert (payments["090"]["may_have_feed"], payments["880"]["may_have_feed"]) == (True, False)
    assert everything["299"]["usable_for"] == []
    assert everything["200"]["usable_for"] == ["revenue"]
    assert set(wrong(product.call("GET", "/xero/accounts/?usable_for=everything"))) == {"usable_for"}


def test_tax_rates_by_use(product: Product) -> None:
    """Only rates that Xero takes on income."""
    product.ready()
    usable = {r["tax_type"] for r in product.ok("GET", "/xero/tax_rates/?usable_for=revenue")["items"]}
    assert usable == {"OUTPUT", "EXEMPTOUTPUT", "BASEXCLUDED"}


@pytest.mark.parametrize(
    ("path", "endpoint", "key", "expected"),
    [
        ("products", "Items", "code", {"CONSULT", "CONSULT-LONG", "ORTHOTIC", "TAPE"}),
        ("branding_themes", "BrandingThemes", "name", {"Standard", "Very orange invoice!"}),
        ("currencies", "Currencies", "code", {"AUD"}),
    ],
)
def test_the_other_lists(product: Product, path: str, endpoint: str, key: str, expected: set[str]) -> None:
    """Fetched once, kept with their age, read again on request."""
    product.ready()
    first = product.ok("GET", f"/xero/{path}/", "reception")
    assert {item[key] for item in first["items"]} == expected
    assert product.ok("GET", f"/xero/{path}/", "reception") == first
    assert product.ok("GET", f"/xero/{path}/?refresh=1", "reception")["fetched_at"] > first["fetched_at"]
    assert len(product.xero_calls("GET", f"/api.xro/2.0/{endpoint}")) == 2


# -- choosing ---------------------------------------------------------------------------------------------------------

WRONG_CHOICES: list[tuple[str, dict[str, Any], str, str]] = [
    (ITEMS, {"service_code": "A", "account_code": "nope"}, "account_code", "has no account 'nope'"),
    (ITEMS, {"service_code": "A", "account_code": "299"}, "account_code", "archived"),
    (ITEMS, {"service_code": "A", "account_code": "090"}, "account_code", "bank or control account"),
    (ITEMS, {"service_code": "A", "account_code": "610"}, "account_code", "bank or control account"),
    (ITEMS, {"service_code": "A", "tax_type": "GST on Income"}, "tax_type", "GET /xero/tax_rates/"),
    (ITEMS, {"service_code": "A", "tax_type": "INPUT"}, "tax_type", "not for income"),
    (ITEMS, {"service_code": "A", "item_code": "NONE"}, "item_code", "GET /xero/products/"),
    (TRACKING, {"id": "c", "kind": "clinic", "account_code": "299"}, "account_code", "archived"),
]


@pytest.mark.parametrize(("path", "item", "field", "message"), WRONG_CHOICES)
def test_what_xero_would_refuse(
    product: Product, path: str, item: dict[str, Any], field: str, message: str
) -> None:
    """Refused by its place with the remedy; nothing of the request is kept, neither the good nor the bad."""
    product.ready()
    good = {"service_code": "B", "account_code": "200"} if path == ITEMS else {"id": "d", "kind": "clinic"}
    errors = wrong(put(product, path, {"items": [good, item]}))
    assert set(errors) == {f"items[1].{field}"}
    assert message in errors[f"items[1].{field}"]
    assert product.ok("GET", path)["items"] == []


def test_settings_that_xero_would_refuse(product: Product) -> None:
    """All of them named at once."""
    product.ready()
    before = product.ok("GET", SETTINGS)["settings"]
    body = {
        "default_account_code": "299",
        "default_tax_type": "INPUT",
        "branding_theme_id": "none",
        "payment_accounts": {"card": "200", "cash": "090"},
    }
    assert set(wrong(put(product, SETTINGS, body))) == {
        "default_account_code",
        "default_tax_type",
        "branding_theme_id",
        "payment_accounts.card",
        "payment_accounts.cash",
    }
    assert product.ok("GET", SETTINGS)["settings"] == before


def test_made_in_xero_just_now(product: Product) -> None:
    """An account that the kept list does not have yet is found by reading the list again, once."""
    product.ready()
    product.ok("GET", "/xero/accounts/")
    product.by_hand("organisation", account={"Code": "205", "Name": "Telehealth", "Type": "REVENUE"})
    map_items(product, {"service_code": "T", "account_code": "205"})
    assert len(product.xero_calls("GET", "/api.xro/2.0/Accounts")) == 2


def test_no_income_account_is_a_warning(product: Product) -> None:
    """Fees held for a practitioner go to a liability account: unusual, but not ours to forbid."""
    product.ready()
    product.by_hand("organisation", account={"Code": "820x", "Name": "Held", "Type": "CURRLIAB"})
    answer = map_items(product, {"service_code": "F", "account_code": "820x"})
    (warning,) = answer["warnings"]
    assert warning["field"] == "items[0].account_code"
    assert "no income account" in warning["message"]


def test_without_xero_it_is_taken_unchecked(product: Product) -> None:
    """Before connecting, or while Xero is away, a mapping is taken, and the answer says that it was not checked."""
    answer = map_items(product, {"service_code": "A", "account_code": "nope"})
    assert [w["field"] for w in answer["warnings"]] == ["items[0].account_code"]
    product.ready()
    product.simulator.fault("offline", path="/api.xro/", count=3)
    answer = product.ok("PUT", SETTINGS, "bookkeeper", json={"default_account_code": "nope"})
    assert "could not be checked" in answer["warnings"][0]["message"]


def test_a_mapping_is_taken_away(product: Product) -> None:
    """An empty one removes it, with its entry in the log; an unmapped service falls back to the default."""
    product.ready(default_account_code="200")
    map_items(product, {"service_code": "A", "account_code": "202"})
    product.ok(
        "PUT", TRACKING, "bookkeeper", json={"items": [{"id": "c", "kind": "clinic", **option(product)}]}
    )
    assert map_items(product, {"service_code": "A"})["items"] == []
    empty = {"items": [{"id": "c", "kind": "clinic"}]}
    assert product.ok("PUT", TRACKING, "bookkeeper", json=empty)["items"] == []
    newest = entries(product, "items.map")[0]
    assert (newest["before"], newest.get("after")) == ({"account_code": "202"}, None)
    product.appointment("a-2", line_items=[service("A")])
    assert product.invoice("a-2").status_code == 201
    assert product.invoices()[-1]["LineItems"][0]["AccountCode"] == "200"


def test_half_an_option(product: Product) -> None:
    """Category and option go together."""
    product.ready()
    half = {"id": "c", "kind": "clinic", "tracking_category_id": option(product)["tracking_category_id"]}
    assert set(wrong(put(product, TRACKING, {"items": [half]}))) == {"items[0]"}


# -- precedence, end to end -------------------------------------------------------------------------------------------


def test_each_rule_is_sent_previewed_and_kept(product: Product) -> None:
    """Line, service, practitioner, clinic, default: each line goes where its rule says, the preview says why, and the
    invoice remembers it."""
    product.ready(default_account_code="260", use_clinic_tracking=True)
    map_items(product, {"service_code": "S", "account_code": "202"})
    clinic = {"id": "c-1", "kind": "clinic", "account_code": "200", **option(product, 0)}
    doctor = {"id": "d-1", "kind": "practitioner", "account_code": "201", **option(product, 1)}
    product.ok("PUT", TRACKING, "bookkeeper", json={"items": [clinic, doctor]})
    lines = [service("S", account_code="260"), service("S"), service("X")]
    cases = [
        ("a-2", {"clinic_id": "c-1", "practitioner_id": "d-1"}, ["260", "202", "201"], "practitioner 'd-1'"),
        ("a-3", {"clinic_id": "c-1"}, ["260", "202", "200"], "clinic 'c-1'"),
        ("a-4", {"clinic_id": "c-9"}, ["260", "202", "260"], "the practice's default account"),
    ]
    for name, places, accounts, rule in cases:
        product.appointment(name, line_items=lines, **places)
        shown = product.ok("POST", "/xero/invoices/preview/", "reception", json={"appointment_id": name})
        assert [line["AccountCode"] for line in shown["document"]["LineItems"]] == accounts
        rules = [line["account_code"] for line in shown["rules"]["lines"]]
        assert rules == ["the appointment", "service 'S'", rule]
        kept = product.invoice(name).json
        assert [line["account_code"] for line in kept["rules"]["lines"]] == rules
        sent = next(i for i in product.invoices() if i["Reference"] == name)
        assert [line["AccountCode"] for line in sent["LineItems"]] == accounts
        assert [len(line["Tracking"]) for line in sent["LineItems"]] == [
            len(places) if name != "a-4" else 0
        ] * 3


def test_tracking_that_the_practice_requires(product: Product) -> None:
    """Unmapped places are fine, unless the practice requires tracking; then all that lacks is named before sending."""
    product.ready(use_clinic_tracking=True)
    product.appointment("a-2", clinic_id="c-1", practitioner_id="d-1")
    assert product.invoice("a-2").status_code == 201
    product.settings(tracking_required=True)
    product.appointment("a-3", clinic_id="c-1", practitioner_id="d-1")
    errors = wrong(product.invoice("a-3"))
    assert set(errors) == {"clinic_id", "practitioner_id"}
    assert all("/xero/tracking/" in message for message in errors.values())
    assert set(wrong(product.invoice("a-1", use_clinic_tracking=False))) == {"clinic_id"}


# -- before and after -------------------------------------------------------------------------------------------------


def test_saving_shows_what_will_change(product: Product) -> None:
    """``dry_run=1`` answers before and after of each field, warns and refuses as saving would, and keeps nothing."""
    product.ready()
    product.settings(payment_terms_days=7)
    body = {"payment_terms_days": 30, "amounts": "exclusive", "invoice_prefix": "HS-"}
    dry = product.ok("PUT", f"{SETTINGS}?dry_run=1", "bookkeeper", json=body)
    assert dry["changes"] == [
        {"field": "invoice_prefix", "before": "CL-", "after": "HS-"},
        {"field": "payment_terms_days", "before": 7, "after": 30},
    ]
    assert (dry["saved"], dry["settings"]["invoice_prefix"]) == (False, "HS-")
    assert product.ok("GET", SETTINGS)["settings"]["invoice_prefix"] == "CL-"
    assert set(wrong(put(product, f"{SETTINGS}?dry_run=1", {"default_account_code": "299"})))
    saved = product.ok("PUT", SETTINGS, "bookkeeper", json=body)
    assert (saved["saved"], saved["changes"]) == (True, dry["changes"])


def test_mapping_shows_what_will_change(product: Product) -> None:
    """The same for services and for tracking; what is already so is no change."""
    product.ready()
    map_items(product, {"service_code": "A", "account_code": "200"})
    logged_before = len(entries(product, "items.map"))
    dry = map_items(
        product,
        {"service_code": "A", "account_code": "201"},
        {"service_code": "B", "account_code": "202"},
        query="?dry_run=1",
    )
    assert dry["changes"] == [
        {"field": "A", "before": {"account_code": "200"}, "after": {"account_code": "201"}},
        {"field": "B", "before": None, "after": {"account_code": "202"}},
    ]
    assert ({i["service_code"] for i in dry["items"]}, dry["saved"]) == ({"A", "B"}, False)
    body = {"items": [{"id": "c", "kind": "clinic", **option(product)}]}
    shown = product.ok("PUT", f"{TRACKING}?dry_run=1", "bookkeeper", json=body)
    assert [change["field"] for change in shown["changes"]] == ["clinic:c"]
    assert product.ok("GET", ITEMS)["items"] == [{"service_code": "A", "account_code": "200"}]
    assert product.ok("GET", TRACKING)["items"] == []
    assert len(entries(product, "items.map")) == logged_before
    assert map_items(product, {"service_code": "A", "account_code": "200"})["changes"] == []


# -- missing and suggested --------------------------------------------------------------------------------------------


def missing(product: Product, query: str = "") -> dict[tuple[str, str | None], dict[str, Any]]:
    items = product.ok("GET", MISSING + query, "reception")["items"]
    return {(item["kind"], item["id"]): item for item in items}


def test_what_is_missing(product: Product) -> None:
    """Services, clinics and practitioners of appointments not invoiced yet, with how many wait; mapped ones not."""
    product.ready()
    soon(product, "m-1", "S", "T", clinic_id="c-1", practitioner_id="d-1")
    soon(product, "m-2", "S", clinic_id="c-1")
    soon(product, "m-3", "S", status="cancelled", clinic_id="c-2")
    found = missing(product)
    counts = {thing: (item["appointments"], item["waiting"]) for thing, item in found.items()}
    assert counts == {
        ("service", "S"): (2, 2),
        ("service", "T"): (1, 1),
        ("clinic", "c-1"): (2, 0),
        ("practitioner", "d-1"): (1, 0),
    }
    assert found["service", "S"]["where"] == "/xero/items/"
    map_items(product, {"service_code": "S", "account_code": "201"})
    assert ("service", "S") not in missing(product)
    product.settings(default_account_code="200")
    assert missing(product)["service", "T"]["waiting"] == 0
    product.settings(tracking_required=True)
    assert missing(product)["clinic", "c-1"]["waiting"] == 2
    body = {"items": [{"id": "c-1", "kind": "clinic", **option(product)}]}
    product.ok("PUT", TRACKING, "bookkeeper", json=body)
    assert ("clinic", "c-1") not in missing(product)
    body = {"items": [{"id": "d-1", "kind": "practitioner", **option(product, 1)}]}
    product.ok("PUT", TRACKING, "bookkeeper", json=body)
    assert product.invoice("m-1").status_code == 201
    assert set(missing(product)) == set()  # T too: its only appointment is invoiced


def test_lines_without_a_service(product: Product) -> None:
    """They can only take the default account, and the entry says so."""
    product.ready()
    yesterday = f"{product.clock.now():%Y-%m-%dT00:00:00+00:00}"
    product.appointment("m-1", starts_at=yesterday, line_items=[{"description": "x", "unit_amount": 1}])
    assert "default_account_code" in missing(product)["service", None]["message"]
    product.settings(default_account_code="200")
    assert missing(product) == {}


def test_how_far_back(product: Product) -> None:
    """Sixty days unless asked otherwise."""
    product.ready()
    product.appointment("old", starts_at="2026-01-05T08:00:00+11:00", line_items=[service("OLD")])
    assert missing(product) == {}
    assert ("service", "OLD") in missing(product, "?days=366")
    for days in ("0", "367", "x"):
        assert set(wrong(product.call("GET", f"{MISSING}?days={days}"))) == {"days"}


def test_a_method_that_lost_its_account(product: Product) -> None:
    """Payments were recorded with it, and the settings no longer say where they go."""
    product.ready(payment_accounts={"card": "880"})
    product.invoice()
    pay = {"method": "card", "reference": "till-1", "amount": "10.00"}
    product.ok("POST", "/xero/invoices/a-1/payments/", "reception", json=pay)
    assert missing(product) == {}
    product.settings(payment_accounts={})
    assert missing(product)["payment_method", "card"]["appointments"] == 1


def test_suggestions_by_name(product: Product) -> None:
    """The likeliest first; nothing is mapped by itself, and no wording of an appointment is shown."""
    product.ready()
    lines = [service("consult", description="Consultation of Wilhelmina")]
    soon(product, "m-1", "tape", "zzz", clinic_id="harbour", practitioner_id="dr-ruiz")
    yesterday = f"{product.clock.now():%Y-%m-%dT00:00:00+00:00}"
    product.appointment("m-2", starts_at=yesterday, line_items=lines, practitioner_id="b-okafor")
    answer = product.call("GET", SUGGESTIONS, "bookkeeper")
    assert "Wilhelmina" not in answer.get_data(as_text=True)
    found = {(s["kind"], s["id"]): s["suggestions"] for s in answer.json["items"]}
    assert found["service", "tape"][0]["item_code"] == "TAPE"
    assert found["service", "tape"][0]["likeness"] == 100
    assert {s["name"] for s in found["service", "consult"]} & {"Consultations", "Consultation"}
    assert found["clinic", "harbour"][0]["name"] == "Clinic: Harbour Street"
    assert found["practitioner", "dr-ruiz"][0]["name"] == "Practitioner: Dr Ana Ruiz"
    assert found["practitioner", "b-okafor"][0]["name"] == "Practitioner: Ben Okafor"
    assert found["service", "zzz"] == []
    assert all(60 <= s["likeness"] <= 100 for each in found.values() for s in each)
    assert product.ok("GET", ITEMS)["items"] == []
    taken = {k: found["clinic", "harbour"][0][k] for k in ("tracking_category_id", "tracking_option_id")}
    product.ok("PUT", TRACKING, "bookkeeper", json={"items": [{"id": "harbour", "kind": "clinic", **taken}]})


# -- clone ------------------------------------------------------------------------------------------------------------


def clone(product: Product, query: str = "", role: str = "owner", **body: Any) -> Any:
    """The owner of ``other`` takes over what ``demo`` has."""
    given = {"from_practice_id": "demo", "from_token": product.token("owner", "demo"), **body}
    return product.call("POST", CLONE + query, role, "other", json=given)


def two_practices(product: Product) -> None:
    product.connect("demo")
    product.connect("other")
    product.settings(
        invoice_status="AUTHORISED",
        invoice_prefix="HS-",
        time_zone="Australia/Sydney",
        default_account_code="200",
        default_tax_type="OUTPUT",
        payment_accounts={"card": "880", "cash": "090"},
        confirmed_bank_accounts=["090"],
        branding_theme_id=product.ok("GET", "/xero/branding_themes/")["items"][1]["theme_id"],
    )
    map_items(
        product,
        {"service_code": "CONSULT", "account_code": "201", "tax_type": "EXEMPTOUTPUT"},
        {"service_code": "TAPE", "account_code": "202", "item_code": "TAPE"},
        {"service_code": "OWN", "account_code": "202"},
    )
    clinics = product.ok("GET", TRACKING)["available"][0]
    options = {o["name"]: o["option_id"] for o in clinics["options"]}
    place = {"kind": "clinic", "tracking_category_id": clinics["category_id"]}
    body = {"items": [{"id": "c-1", **place, "tracking_option_id": options["North Shore"]}]}
    product.ok("PUT", TRACKING, "bookkeeper", json=body)
    map_items(product, {"service_code": "OWN", "account_code": "260"}, practice="other")


def test_what_a_clone_takes_and_leaves(product: Product) -> None:
    """What the other organisation knows is taken, by name where ids differ; the rest is named with the reason."""
    two_practices(product)
    dry = clone(product, "?dry_run=1").json
    assert dry["saved"] is False
    assert product.ok("GET", SETTINGS, practice="other")["settings"]["invoice_prefix"] == "CL-"
    answer = clone(product)
    assert answer.status_code == 200
    assert answer.json["changes"] == dry["changes"]
    left = {each["field"]: each["reason"] for each in answer.json["not_copied"]}
    assert set(left) == {
        "settings.default_tax_type",
        "settings.payment_accounts.cash",
        "settings.confirmed_bank_accounts",
        "settings.time_zone",
        "items.CONSULT",
        "items.OWN",
    }
    assert "OUTPUT" in left["settings.default_tax_type"]
    assert "EXEMPTOUTPUT" in left["items.CONSULT"]
    assert "itself" in left["items.OWN"]
    settings = product.ok("GET", SETTINGS, practice="other")["settings"]
    assert (settings["invoice_prefix"], settings["default_account_code"]) == ("HS-", "200")
    assert (settings["payment_accounts"], settings["time_zone"]) == ({"card": "880"}, None)
    themes = {
        t["theme_id"]: t["name"]
        for t in product.ok("GET", "/xero/branding_themes/", practice="other")["items"]
    }
    assert themes[settings["branding_theme_id"]] == "Very orange invoice!"
    items = {i["service_code"]: i for i in product.ok("GET", ITEMS, practice="other")["items"]}
    assert items["TAPE"]["item_code"] == "TAPE"
    assert items["OWN"]["account_code"] == "260"
    shown = product.ok("GET", TRACKING, practice="other")
    assert (shown["items"][0]["option_name"], shown["items"][0]["id"]) == ("North Shore", "c-1")
    theirs = {o["option_id"] for c in shown["available"] for o in c["options"]}
    assert shown["items"][0]["tracking_option_id"] in theirs


def test_a_clone_again_changes_nothing(product: Product) -> None:
    """And both practices' logs say who took what over."""
    two_practices(product)
    clone(product)
    again = clone(product).json
    assert again["changes"] == []
    actions = {
        practice: {
            e["action"] for e in product.ok("GET", "/xero/logs/?limit=200", practice=practice)["items"]
        }
        for practice in ("demo", "other")
    }
    assert "settings.clone" in actions["other"]
    assert "settings.cloned" in actions["demo"]


def test_only_the_owner_of_both(product: Product) -> None:
    """No token, another practice's, another role's: nothing is read or written, and no token is repeated anywhere."""
    two_practices(product)
    check_problem(clone(product, role="bookkeeper"), 403, "not_allowed")
    for token in (
        product.token("bookkeeper", "demo"),
        product.token("owner", "other"),
        product.token("app", "demo"),
    ):
        with logged() as lines:
            answer = clone(product, from_token=token)
        check_problem(answer, 403, "not_allowed")
        assert token not in answer.get_data(as_text=True) + "".join(lines)
    for token in ("x", "x.y.z", product.task_token()):
        assert set(wrong(clone(product, from_token=token))) <= {"from_token"}
    assert set(wrong(clone(product, from_token=None))) == {"from_token"}
    same = clone(product, from_practice_id="other", from_token=product.token("owner", "other"))
    check_problem(same, 409, "conflict")
    assert product.ok("GET", SETTINGS, practice="other")["settings"]["invoice_prefix"] == "CL-"


def test_clone_into_a_practice_without_xero(product: Product) -> None:
    """Nothing can be checked there, so nothing is taken over."""
    product.connect("demo")
    check_problem(clone(product), 409, "not_connected")
