"""The owner's view of what is stored: every kind, page by page, searched, and nobody's secrets in it."""

from __future__ import annotations

from typing import Any

import pytest

from shared.services import stored_documents
from shared.services.stored_documents import KINDS, WITHHELD
from tests.functions.edges import check_problem, wrong
from tests.functions.test_nothing_leaks import tokens_of
from tests.product import Product


def stored(product: Product, kind: str, practice: str = "demo", **query: Any) -> dict[str, Any]:
    return dict(product.ok("GET", f"/xero/admin/{kind}/", "owner", practice, query_string=query))


def ids(product: Product, kind: str, **query: Any) -> list[str]:
    return [item["id"] for item in stored(product, kind, **query)["items"]]


def lived_in(product: Product) -> None:
    """One of everything."""
    product.ready()
    product.invoice()
    product.appointment("a-2")
    product.invoice("a-2")
    product.ok(
        "PUT", "/xero/items/", "bookkeeper", json={"items": [{"service_code": "S", "account_code": "200"}]}
    )
    place = {"id": "c-1", "kind": "clinic", "account_code": "200"}
    product.ok("PUT", "/xero/tracking/", "bookkeeper", json={"items": [place]})
    product.ok("POST", "/xero/contacts/sync_all/", json={})
    product.settle(60)


def test_every_kind_is_shown_without_secrets(product: Product) -> None:
    """As stored, the latest first; no token, no grant, no text that was sent."""
    lived_in(product)
    tokens = tokens_of(product)
    assert tokens
    for kind in KINDS:
        page = stored(product, kind)
        assert page["items"], kind
        text = str(page)
        assert not [name for name in WITHHELD if f"'{name}'" in text], kind
        assert not [token for token in tokens if token in text], kind
    assert {"connection", "settings"} <= set(ids(product, "connection"))
    assert ids(product, "invoice_links") == ["a-2", "a-1"]
    assert ids(product, "tracking") == ["clinic:c-1"]
    assert {one["data"]["kind"] for one in stored(product, "operations")["items"]} == {
        "contact_create",
        "invoice_create",
    }


def test_pages_join(product: Product) -> None:
    """Every document once, whatever the size of a page."""
    lived_in(product)
    everything = ids(product, "log", limit=200)
    seen, cursor = [], None
    while True:
        page = stored(product, "log", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == everything
    assert set(wrong(product.call("GET", "/xero/admin/log/?cursor=x"))) == {"cursor"}


def test_search(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """By id, by content in any case of letters, on through the pages; never by what is withheld."""
    lived_in(product)
    assert ids(product, "invoice_links", search="a-1")[0] == "a-1"
    assert ids(product, "invoice_links", search="cl-A-1") == ["a-1"]
    assert set(ids(product, "invoice_links", search="cl-A")) == {"a-1", "a-2"}
    assert ids(product, "operations", search="Idempot") == []
    assert ids(product, "contact_links", search="../a") == []
    grant = product.ports.store.get("practices/demo/config/connection")
    assert grant is not None
    assert ids(product, "connection", search=grant.data["grant_id"]) == []
    monkeypatch.setattr(stored_documents, "LOOKED_THROUGH", 2)
    found, cursor, calls = [], None, 0
    while True:
        page = stored(product, "log", limit=1, search="CL-a-1", **({"cursor": cursor} if cursor else {}))
        found += [item["id"] for item in page["items"]]
        cursor, calls = page["next_cursor"], calls + 1
        if cursor is None:
            break
    assert found == ids(product, "log", limit=200, search="CL-a-1")
    assert found
    assert calls > 3


def test_owners_of_this_practice_only(product: Product) -> None:
    """Neither the other roles nor the other practice; an unknown kind is named with those that there are."""
    lived_in(product)
    for role in ("reception", "bookkeeper", "app"):
        check_problem(product.call("GET", "/xero/admin/log/", role), 403, "not_allowed")
    for kind in KINDS:
        assert stored(product, kind, "other")["items"] == []
        assert stored(product, kind, "other", search="a-1")["items"] == []
    for kind in ("grants", "patients", "secrets"):
        problem = check_problem(product.call("GET", f"/xero/admin/{kind}/"), 404, "not_found")
        assert "invoice_links" in problem["detail"]
