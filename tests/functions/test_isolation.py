"""Two practices in one deployment: whatever one asks for, it neither sees nor touches anything of the other's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from shared import bootstrap
from shared.adapters.store_records import StoreClinicRecords
from shared.http.app import PUBLIC, TASKS, Route
from shared.ports.store import Document, Page, Store, Write
from tests.functions.edges import address, check_problem, routes
from tests.product import TENANTS, Product

#: Stands in every record of the other practice and in nothing of ours.
MARK = "Secretia"
COLLECTIONS = (
    "config patients appointments payers contact_links invoice_links item_mappings tracking_mappings "
    "operations jobs log xero_lists attention"
).split()


class Trespass(BaseException):
    """Not an Exception: nothing between the store and the test may swallow it."""


class Fenced:
    """A store that lets through only the paths of one practice and what belongs to its own connection."""

    def __init__(self, store: Store, practice_id: str, own: set[str]) -> None:
        self._store, self._practice_id, self._own = store, practice_id, own
        self.asked: list[str] = []

    def _check(self, *paths: str) -> None:
        for path in paths:
            self.asked.append(path)
            first, _, rest = path.partition("/")
            ours = first == "practices" and f"{rest}/".startswith(f"{self._practice_id}/")
            if first in ("tenants", "grants", "leases"):
                ours = any(name in rest for name in self._own)
            if not ours and first != "oauth_states":
                raise Trespass(path)

    def get(self, path: str) -> Document | None:
        self._check(path)
        return self._store.get(path)

    def get_many(self, paths: Sequence[str]) -> dict[str, Document]:
        self._check(*paths)
        return self._store.get_many(paths)

    def create(self, path: str, data: Any) -> Document:
        self._check(path)
        return self._store.create(path, data)

    def put(self, path: str, data: Any) -> Document:
        self._check(path)
        return self._store.put(path, data)

    def update(self, path: str, data: Any, *, version: str) -> Document:
        self._check(path)
        return self._store.update(path, data, version=version)

    def delete(self, path: str, *, version: str | None = None) -> None:
        self._check(path)
        self._store.delete(path, version=version)

    def batch(self, writes: Sequence[Write]) -> list[Document]:
        self._check(*(write.path for write in writes))
        return self._store.batch(writes)

    def query(self, collection: str, **options: Any) -> Page:
        # Who else shares our own grant may be asked; nothing else of the shared collections.
        own = any(w.op == "==" and w.value in self._own for w in options.get("where", ()))
        if not (own and collection in ("tenants", "grants")):
            self._check(collection)
        return self._store.query(collection, **options)


@contextmanager
def fence(product: Product, practice_id: str) -> Iterator[Fenced]:
    connection = product.ports.store.get(f"practices/{practice_id}/config/connection")
    grant = str(connection.data["grant_id"]) if connection else practice_id
    fenced = Fenced(product.ports.store, practice_id, {practice_id, TENANTS[practice_id], grant})
    ports = replace(product.ports, store=fenced, records=StoreClinicRecords(fenced))
    bootstrap.install(ports, product.sign_in)
    try:
        yield fenced
    finally:
        bootstrap.install(product.ports, product.sign_in)


def everything_of(product: Product, practice_id: str) -> dict[str, Any]:
    """Every document of a practice."""
    return {
        document.path: json.dumps(document.data, sort_keys=True)
        for collection in COLLECTIONS
        for document in product.ports.store.query(f"practices/{practice_id}/{collection}", limit=500).items
    }


def lived_in(product: Product, practice: str) -> list[str]:
    """A practice with one of everything; gives the ids that exist there and nowhere else."""
    product.ready(practice)
    product.patient(f"{practice}-patient", practice, first_name=MARK, email=f"{MARK}@example.com")
    product.appointment(f"{practice}-a", f"{practice}-patient", practice, payer={"name": f"{MARK} Fund"})
    invoice = product.invoice(f"{practice}-a", practice)
    assert invoice.status_code == 201
    product.appointment(f"{practice}-b", f"{practice}-patient", practice)
    line = {"description": MARK, "unit_amount": 1, "account_code": "nope"}
    assert product.invoice(f"{practice}-b", practice, line_items=[line]).status_code == 422
    mapping = {"service_code": f"{practice}-S", "account_code": "200", "description": MARK}
    product.ok("PUT", "/xero/items/", "bookkeeper", practice, json={"items": [mapping]})
    product.settings(practice, appointment_url=f"https://{MARK}.example/")
    job = product.ok("POST", "/xero/contacts/sync_all/", "reception", practice, json={})
    operations = product.ok("GET", "/xero/operations/", "reception", practice)["items"]
    payer = product.ports.store.query(f"practices/{practice}/payers").items[0].id
    return [
        f"{practice}-patient", f"{practice}-a", f"{practice}-b", payer, job["job_id"], invoice.json["invoice_id"],
        invoice.json["contact_id"], TENANTS[practice], *(o["operation_id"] for o in operations),
    ]  # fmt: skip


def bodies(route: Route, stranger: str) -> Any:
    """A body in which every id is the other practice's."""
    names = getattr(route.body, "model_fields", {})
    full = {
        "patient_id": stranger,
        "appointment_id": stranger,
        "tenant_id": stranger,
        "clinic_id": stranger,
        "practitioner_id": stranger,
        "payer": stranger,
        "method": "card",
        "reference": "r-1",
        "first_name": "Our",
        "last_name": "Own",
        "text": "A note",
        "starts_at": "2026-11-24T08:00:00+11:00",
        "starts_from": "2026-11-24T00:00:00+11:00",
        "starts_before": "2026-11-25T00:00:00+11:00",
        "first": "2026-11-24",
        "last": "2026-11-24",
        "items": [stranger if "kinds" in names else {"service_code": stranger, "account_code": "200"}],
    }
    return {name: value for name, value in full.items() if name in names}


@pytest.fixture
def neighbours(product: Product) -> tuple[Product, list[str]]:
    """``demo`` with a connection and nothing else, ``other`` with one of everything and the ids of it."""
    product.connect()
    return product, lived_in(product, "other")


def signed(everything: list[Route]) -> list[Route]:
    """The routes of people and the app; what only looks comes first, what ends the connection last."""
    people = [r for r in everything if r.access not in (PUBLIC, TASKS)]
    return sorted(people, key=lambda route: (route.path.startswith("/xero/oauth/"), route.method != "GET"))


def test_every_route_with_the_other_practices_ids(neighbours: tuple[Product, list[str]]) -> None:
    """404, 422 or empty everywhere; not a byte of theirs in any answer, not a document read or changed."""
    product, strangers = neighbours
    before = everything_of(product, "other")
    calls = len(product.xero_calls())
    walked = 0
    with fence(product, "demo") as fenced:
        for route in signed(routes()):
            role = next(r for r in ("owner", "app") if r in route.access)
            for stranger in strangers if "<" in route.path or bodies(route, "x") else strangers[:1]:
                path = address(route, id=stranger, patient_id=stranger, cause=stranger)
                response = product.call(route.method, path, role, json=bodies(route, stranger))
                walked += 1
                text = response.get_data(as_text=True)
                assert MARK not in text, path
                if "<cause>" in route.path:
                    assert response.json == {"count": 0}
                elif "<" in route.path and not route.path.startswith("/clinic/"):
                    check_problem(response, 404, "not_found")
                elif route.method == "GET" and response.status_code < 300:
                    assert not [found for found in strangers if found in text], path
    print(
        f"{walked} requests to {len(list(signed(routes())))} routes with the other practice's ids"
    )  # pytest -rP
    assert walked > 150
    assert fenced.asked
    assert everything_of(product, "other") == before
    asked = {r["headers"].get("xero-tenant-id") for r in product.xero_calls()[calls:]}
    assert asked == {TENANTS["demo"]}


def test_filters_find_nothing_of_the_others(neighbours: tuple[Product, list[str]]) -> None:
    """Ids in the query: empty lists."""
    product, strangers = neighbours
    with fence(product, "demo"):
        for stranger in strangers:
            for name in ("appointment_id", "patient_id", "operation_id", "actor_subject"):
                found = product.call("GET", f"/xero/logs/?{name}={stranger}", "owner")
                if found.status_code == 200:
                    assert found.json["items"] == []
        for path in ("/xero/invoices/", "/xero/operations/", "/xero/attention/", "/xero/items/"):
            assert product.ok("GET", path)["items"] == []
        assert MARK not in str(product.ok("GET", "/xero/logs/?limit=200"))


def test_a_cursor_of_the_other_practice(neighbours: tuple[Product, list[str]]) -> None:
    """It is a place in an order, not a key: used here it pages through one's own."""
    product, _ = neighbours
    cursor = product.ok("GET", "/xero/logs/?limit=1", "owner", "other")["next_cursor"]
    assert cursor
    with fence(product, "demo"):
        answer = product.call("GET", f"/xero/logs/?limit=200&cursor={cursor}", "owner")
        assert MARK not in answer.get_data(as_text=True)


def test_choosing_the_other_practices_organisation(neighbours: tuple[Product, list[str]]) -> None:
    """An organisation that was not consented to here cannot be chosen here."""
    product, _ = neighbours
    with fence(product, "demo"):
        answer = product.call(
            "POST", "/xero/connections/select/", "owner", json={"tenant_id": TENANTS["other"]}
        )
        assert 400 <= answer.status_code < 500
    assert product.ok("GET", "/xero/connections/status/")["tenant_id"] == TENANTS["demo"]


def test_a_day_stays_within_the_fence(product: Product) -> None:
    """The whole main job touches no document outside of the practice and its own connection."""
    product.ready("other")
    product.ready()
    with fence(product, "demo") as fenced:
        product.patient("p-1", email="anna@example.com")
        assert product.invoice().status_code == 201
        invoice_id = product.ok("GET", "/xero/invoices/a-1/")["invoice_id"]
        product.by_hand(f"invoices/{invoice_id}/pay")
        assert product.ok("POST", "/xero/invoices/a-1/sync_status/", json={})["status"] == "PAID"
        product.ok("GET", "/xero/attention/")
        product.ok("GET", "/xero/accounts/?refresh=1")
        product.ok("POST", "/xero/oauth/refresh/", json={})
    assert len(fenced.asked) > 50


def test_the_fence_holds(product: Product) -> None:
    """The fence itself notices a path of the other practice, also one whose name merely begins alike."""
    fenced = Fenced(product.ports.store, "demo", {"demo", TENANTS["demo"]})
    for path in (
        "practices/other/patients/p",
        "practices/demo2/patients/p",
        f"tenants/{TENANTS['other']}",
        "grants/x",
    ):
        with pytest.raises(Trespass):
            fenced.get(path)
    assert fenced.get("practices/demo/patients/p") is None
