"""A mapped account, tax rate, option, item or theme that was archived.

What names it waits, in one entry for the practice, and goes on by itself, once, when the mapping is changed or the
thing restored. Xero is not asked about it again and again.
"""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.operations import Operation
from shared.ports.store import Where
from shared.services import drain as drain_module
from shared.services import paths
from shared.services.writes import mapped
from tests.product import Product

LISTS = ("Accounts", "TaxRates", "TrackingCategories", "Items", "BrandingThemes")
SERVICE_LINE = {"description": "Consultation", "unit_amount": "100.00", "service_code": "S"}


def map_service(product: Product, **fields: str) -> None:
    product.ok("PUT", "/xero/items/", "bookkeeper", json={"items": [{"service_code": "S", **fields}]})


def mapped_practice(product: Product, count: int = 3) -> list[str]:
    """``count`` appointments of a service that is mapped to account 202."""
    product.ready()
    map_service(product, account_code="202")
    refresh(product, "tax_rates")
    names = [f"s-{number}" for number in range(count)]
    for name in names:
        product.appointment(name, line_items=[SERVICE_LINE])
    return names


def archive(product: Product, status: str = "ARCHIVED", code: str = "202") -> None:
    product.by_hand("organisation", account={"Code": code, "Status": status})


def entry(product: Product) -> dict[str, Any] | None:
    items = product.ok("GET", "/xero/attention/", "reception")["items"]
    return next((item for item in items if item["cause"] == "mapping_archived"), None)


def living(product: Product) -> list[str]:
    return sorted(i["Reference"] for i in product.invoices() if i["Status"] not in ("VOIDED", "DELETED"))


def refresh(product: Product, path: str = "accounts") -> None:
    product.ok("GET", f"/xero/{path}/?refresh=1", "bookkeeper")


def list_calls(product: Product) -> int:
    return sum(call["path"].endswith(LISTS) for call in product.xero_calls("GET"))


def writes(product: Product) -> int:
    return len(product.xero_calls("PUT", "/api.xro/2.0/Invoices"))


def test_known_as_archived_nothing_is_sent(product: Product) -> None:
    """By the cached list: no request to Xero for any of them, one entry with what, how many, who uses it and where."""
    names = mapped_practice(product)
    archive(product)
    refresh(product)
    before = writes(product)
    for name in names:
        answer = product.invoice(name)
        assert answer.status_code == 202
        assert answer.json["status"] == "pending"
        assert "account 202 (Products) is archived in Xero" in answer.json["reason"]
        assert "service 'S'" in answer.json["reason"]
        assert "/xero/items/" in answer.json["reason"]
    assert writes(product) == before
    found = entry(product)
    assert found is not None
    assert found["count"] == 3
    (thing,) = found["archived"]
    assert (thing["code"], thing["used_by"], thing["where"]) == ("202", ["service 'S'"], ["at /xero/items/"])


def test_it_is_named_before_anything_waits(product: Product) -> None:
    """The nightly renewal alone is enough for the entry; the lists cost no more calls than there are lists in use."""
    mapped_practice(product, 0)
    archive(product)
    assert entry(product) is None
    product.advance(21 * 3600)
    before = list_calls(product)
    product.reconcile()
    product.advance(3600)
    product.reconcile()
    assert list_calls(product) - before <= len(LISTS)
    found = entry(product)
    assert found is not None
    assert (found["count"], [thing["code"] for thing in found["archived"]]) == (0, ["202"])


def test_another_mapping_sets_them_free(product: Product) -> None:
    """The mapping is changed: everything that waited goes on by itself, once each; the entry is gone."""
    names = mapped_practice(product)
    archive(product)
    refresh(product)
    for name in names:
        product.invoice(name)
    map_service(product, account_code="201")
    product.settle(30)
    assert living(product) == names
    assert {i["LineItems"][0]["AccountCode"] for i in product.invoices()} == {"201"}
    assert entry(product) is None
    product.settle(600, 60)
    assert living(product) == names


@pytest.mark.parametrize("how", ["refresh", "night"])
def test_restored_and_read_again_sets_them_free(product: Product, how: str) -> None:
    """The account is restored in Xero, and somebody refreshes the list, or the night does."""
    names = mapped_practice(product)
    archive(product)
    refresh(product)
    for name in names:
        product.invoice(name)
    archive(product, "ACTIVE")
    product.settle(120)  # no drain is under way any more that would find it by itself
    assert living(product) == []
    if how == "refresh":
        refresh(product)
    else:
        product.advance(21 * 3600)
        product.reconcile()
    product.settle(10)
    assert living(product) == names
    assert entry(product) is None


def test_restored_before_anything_waited(product: Product) -> None:
    """The press on the entry reads the lists again; with nothing to send, the entry goes."""
    mapped_practice(product, 0)
    archive(product)
    refresh(product)
    assert entry(product)
    archive(product, "ACTIVE")
    product.advance(60)
    answer = product.ok("POST", "/xero/attention/mapping_archived/retry/", "reception", json={})
    assert answer == {"count": 0}
    assert entry(product) is None


def test_lists_too_old_to_say_anything(product: Product) -> None:
    """More than a day without Xero: the old lists hold nothing up and name nothing, the next reading does."""
    mapped_practice(product, 0)
    archive(product)
    refresh(product)
    product.advance(25 * 3600)
    product.settings(payment_terms_days=9)  # worked out anew, from nothing
    assert entry(product) is None
    refresh(product)
    assert entry(product)


def test_xeros_refusal_is_understood_once(product: Product) -> None:
    """Archived since the list was read: Xero refuses one, the list is read again, and the others are not even sent."""
    names = mapped_practice(product, 5)
    product.advance(60)
    archive(product)
    before, reads = writes(product), list_calls(product)
    for name in names:
        assert product.invoice(name).status_code == 202
    assert (writes(product) - before, list_calls(product) - reads) == (1, 1)
    found = entry(product)
    assert found is not None
    assert found["count"] == 5
    product.settle(3 * 3600, 300)
    for _ in range(3):
        product.advance(3600)
        product.reconcile()
    assert (writes(product) - before, list_calls(product) - reads) == (1, 1)


def test_restored_within_the_keys_life(product: Product) -> None:
    """Xero keeps its refusal under the key for six minutes; what was refused goes out under another one."""
    (name,) = mapped_practice(product, 1)
    product.advance(60)
    archive(product)
    assert product.invoice(name).status_code == 202
    archive(product, "ACTIVE")
    product.advance(20)
    refresh(product)
    product.settle(30)
    assert living(product) == [name]


def test_a_drain_of_many(product: Product) -> None:
    """Sent together in the dark: one batch is refused, one list is read, all wait; mapped anew, each is made once."""
    names = mapped_practice(product, 12)
    product.ok("POST", "/xero/contacts/sync_patient/", "reception", json={"patient_id": "p-1"})
    product.by_hand("organisation", offline=True)
    for name in names:
        assert product.invoice(name).status_code == 202
    archive(product)
    product.by_hand("organisation", offline=False)
    reads = list_calls(product)
    product.settle(900, 30)
    found = entry(product)
    assert found is not None
    assert (found["count"], list_calls(product) - reads) == (12, 1)
    map_service(product, account_code="201")
    product.settle(60)
    assert living(product) == sorted(names)


def test_asked_again_after_restoring(product: Product) -> None:
    """Who presses "try again" on one of them, having restored the account, need not refresh any list."""
    (name,) = mapped_practice(product, 1)
    archive(product)
    refresh(product)
    operation = product.invoice(name).json["operation_id"]
    archive(product, "ACTIVE")
    product.advance(60)
    answer = product.ok("POST", f"/xero/operations/{operation}/retry/", "reception", json={})
    assert answer["status"] == "done"
    assert living(product) == [name]


def test_asking_again_does_not_hammer(product: Product) -> None:
    """Twenty impatient clicks on what is still archived read the list once."""
    (name,) = mapped_practice(product, 1)
    archive(product)
    product.advance(60)
    product.invoice(name)
    reads = list_calls(product)
    for _ in range(20):
        assert product.invoice(name).status_code == 202
    assert list_calls(product) - reads <= 1


def test_xero_refuses_what_is_fine_by_its_list(product: Product) -> None:
    """Then it is no matter of archiving: it fails with Xero's reason, and the list is not read for every one."""
    names = mapped_practice(product, 4)
    product.advance(60)
    reads = list_calls(product)
    for name in names:
        product.simulator.fault(
            "status",
            method="PUT",
            path="/api.xro/2.0/Invoices",
            status=400,
            body={"Elements": [{"ValidationErrors": [{"Message": "Account code '202' is not valid"}]}]},
        )
        assert product.invoice(name).status_code == 422
    assert list_calls(product) - reads == 1
    assert entry(product) is None


def test_a_code_of_the_request_that_nobody_knows(product: Product) -> None:
    """It may have been made in Xero just now, so Xero decides; its refusal is the caller's to mend, not to wait for."""
    product.ready()
    refresh(product)
    line = {"description": "x", "unit_amount": 1, "account_code": "nope", "tax_type": "OUTPUT"}
    answer = product.invoice(line_items=[line])
    assert answer.status_code == 422
    assert answer.json["code"] == "account_invalid"
    assert entry(product) is None


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "tax rate": ({"tax_rate": {"TaxType": "OUTPUT", "Status": "ARCHIVED"}}, "tax_rates"),
    "option": ({"tracking_option": {"Option": "North Shore", "Status": "ARCHIVED"}}, "tracking"),
    "category": ({"tracking_category": {"Name": "Clinic", "Status": "ARCHIVED"}}, "tracking"),
}


@pytest.mark.parametrize("known", [True, False], ids=["known", "refused"])
@pytest.mark.parametrize("case", CASES)
def test_whatever_is_archived(product: Product, case: str, known: bool) -> None:
    """Tax rates and tracking options wait as accounts do, whether the list knows it or Xero's refusal tells."""
    change, path = CASES[case]
    product.ready(use_clinic_tracking=True)
    tracking = product.ok("GET", "/xero/tracking/")["available"]
    clinic = next(c for c in tracking if c["name"] == "Clinic")
    north = next(o for o in clinic["options"] if o["name"] == "North Shore")
    place = {"id": "c-1", "kind": "clinic", "tracking_category_id": clinic["category_id"]}
    body = {"items": [place | {"tracking_option_id": north["option_id"]}]}
    product.ok("PUT", "/xero/tracking/", "bookkeeper", json=body)
    map_service(product, account_code="202", tax_type="OUTPUT")
    product.appointment("a-1", line_items=[SERVICE_LINE], clinic_id="c-1")
    product.ok("GET", "/xero/tax_rates/")
    product.by_hand("organisation", **change)
    product.advance(60)
    if known:
        refresh(product, path)
    assert product.invoice().status_code == 202
    found = entry(product)
    assert found is not None
    assert found["count"] == 1
    key, fields = next(iter(change.items()))
    product.by_hand("organisation", **{key: fields | {"Status": "ACTIVE"}})
    product.advance(60)
    product.ok("POST", "/xero/attention/mapping_archived/retry/", "reception", json={})
    product.settle(30)
    assert living(product) == ["a-1"]
    assert entry(product) is None


def test_an_item_and_a_theme_that_are_gone(product: Product) -> None:
    """Neither can be archived in Xero, both can be deleted there: then another is chosen, or none."""
    product.ready()
    theme = product.ok("GET", "/xero/branding_themes/")["items"][1]["theme_id"]
    map_service(product, account_code="202", item_code="TAPE")
    product.settings(branding_theme_id=theme)
    product.appointment("a-1", line_items=[SERVICE_LINE])
    settings = product.simulator.world.organisations[_tenant(product)].books.ledger.settings  # type: ignore[attr-defined]
    settings.items = [item for item in settings.items if item.code != "TAPE"]
    settings.themes = settings.themes[:1]
    product.advance(60)
    answer = product.invoice()
    assert answer.status_code == 202, answer.json
    refresh(product, "branding_themes")
    refresh(product, "products")
    product.settle(30)
    found = entry(product)
    assert found is not None
    assert {thing["kind"] for thing in found["archived"]} == {"item", "branding_theme"}
    product.settings(branding_theme_id=None)
    map_service(product, account_code="202")
    product.settle(30)
    assert living(product) == ["a-1"]


def _tenant(product: Product) -> str:
    return str(product.ok("GET", "/xero/connections/status/")["tenant_id"])


def test_a_payment_waits_for_its_account(product: Product) -> None:
    """The clearing account is archived: the payment waits, and goes to the account that the method has by then."""
    product.ready(payment_accounts={"card": "880"})
    product.invoice()
    archive(product, code="880")
    product.advance(60)
    pay = {"method": "card", "reference": "till-1"}
    answer = product.call("POST", "/xero/invoices/a-1/payments/", "reception", json=pay)
    assert answer.status_code == 202, answer.json
    found = entry(product)
    assert found is not None
    assert found["archived"][0]["where"] == ["at /xero/settings/"]
    product.settings(payment_accounts={"card": "881"})
    product.settle(30)
    (payment,) = product.books()["payments"]
    assert payment["Account"]["Code"] == "881"
    assert entry(product) is None


def test_the_account_of_the_default(product: Product) -> None:
    """A default that is archived is one entry that names all who use it."""
    product.ready(default_account_code="202")
    map_service(product, account_code="202")
    archive(product)
    refresh(product)
    found = entry(product)
    assert found is not None
    (thing,) = found["archived"]
    assert thing["used_by"] == ["the practice's default account", "service 'S'"]
    assert thing["where"] == ["at /xero/settings/", "at /xero/items/"]


def test_the_other_practice_sees_nothing_of_it(product: Product) -> None:
    """Neither its entry nor its waiting documents are anybody else's."""
    names = mapped_practice(product, 1)
    product.ready("other")
    archive(product)
    refresh(product)
    product.invoice(names[0])
    assert entry(product)
    assert product.ok("GET", "/xero/attention/", "reception", "other")["items"] == []


# -- guards -----------------------------------------------------------------------------------------------------------


def operation_of(product: Product, appointment_id: str) -> Operation:
    page = product.ports.store.query(
        paths.operations("demo"), where=[Where("kind", "==", "invoice_create")], limit=100
    )
    found = [Operation.from_data(document.data) for document in page.items]
    return next(o for o in found if o.subject["appointment_id"] == appointment_id)


def test_died_between_the_change_and_waking_the_drain(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mapping is saved, and the process dies before the drain is woken: the hourly sweep releases what waits."""
    (name,) = mapped_practice(product, 1)
    archive(product)
    refresh(product)
    product.invoice(name)
    product.settle(120)  # no drain is under way any more that would find the change by itself
    with monkeypatch.context() as patch:
        patch.setattr("shared.services.mappings.wake_drain", lambda *_: None)
        map_service(product, account_code="201")
    product.settle(120)
    assert living(product) == []
    product.reconcile()
    product.settle(30)
    assert living(product) == [name]


def test_changed_while_it_was_being_checked(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mapping changes, and the drain that this wakes runs, after the check and before the waiting is kept: the
    sweep sees that the operation was checked against an older state."""
    (name,) = mapped_practice(product, 1)
    archive(product)
    refresh(product)
    original, first = mapped._held, iter([True])

    def held(*arguments: Any) -> str:
        if next(first, False):
            map_service(product, account_code="201")
            product.advance(3)
            drain_module.release_held(product.ports, "demo")
        return original(*arguments)

    monkeypatch.setattr(mapped, "_held", held)
    product.invoice(name)
    product.reconcile()
    product.settle(30)
    assert living(product) == [name]


def test_without_the_revision_the_sweep_runs_them_every_hour(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With it, an operation that nothing was changed for is left alone."""
    (name,) = mapped_practice(product, 1)
    archive(product)
    refresh(product)
    product.invoice(name)

    def attempts_after_an_hour() -> int:
        before = operation_of(product, name).attempts
        product.advance(3600)
        product.reconcile()
        product.settle(30)
        return operation_of(product, name).attempts - before

    assert attempts_after_an_hour() == 0
    monkeypatch.setattr(drain_module, "is_held", lambda *_: False)
    assert attempts_after_an_hour() == 1
