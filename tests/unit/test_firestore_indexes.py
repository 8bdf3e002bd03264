"""Every query that the product makes has the composite index that Firestore demands for it.

The emulator answers any query without one, so only this test, or the first call in the cloud, can notice.
"""

from __future__ import annotations

import ast
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from infra.local.settings import ROOT
from shared.adapters.embedded.store import SqliteStore
from shared.adapters.queried_fields import QUERIED
from shared.http.models import LogsQuery
from shared.ports.store import Page, Store, Where
from shared.services import paths
from shared.services.seal_log import seal
from shared.services.stored_documents import KINDS
from shared.services.token_moves import move_all
from tests.product import Product, running_product

DECLARED = ROOT / "infra" / "firestore.indexes.json"
LOG_FILTERS = sorted(set(LogsQuery.model_fields) - {"since", "until", "limit", "cursor"})


@dataclass(frozen=True)
class Shape:
    """Of a query, or of an index: where, the fields that are compared by equality, and the order."""

    collection: str
    equal: frozenset[str]
    order: tuple[str, str]


#: These ask a store for others, page by page: whoever calls them makes the query.
WALKS = ("each_document", "find_by", "make_due")


def callers(frame: FrameType | None) -> Iterator[str]:
    """The function that made the query, and through which walks."""
    while frame is not None:
        code = frame.f_code
        name = code.co_qualname.split(".")[-1]
        if not name.startswith("<"):  # a comprehension belongs to the function around it
            yield f"{Path(code.co_filename).relative_to(ROOT)}:{name}"
            if name not in WALKS:
                return
        frame = frame.f_back


class Recorder:
    """A store that notes the shape of every query and the function that made it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.shapes: set[Shape] = set()
        self.callers: set[str] = set()
        self.fields: dict[str, set[str]] = defaultdict(set)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def query(
        self,
        collection: str,
        *,
        where: Iterable[Where] = (),
        order_by: str | None = None,
        descending: bool = False,
        **rest: Any,
    ) -> Page:
        self.callers |= set(callers(sys._getframe(1)))
        where = list(where)
        names = {one.field for one in where} | ({order_by} if order_by else set())
        self.fields[collection.rsplit("/", 1)[-1]] |= names
        equal = frozenset(one.field for one in where if one.op in ("==", "in")) - {order_by}
        if equal and order_by is not None:  # all else is answered by the indexes every field has by itself
            direction = "DESCENDING" if descending else "ASCENDING"
            self.shapes.add(Shape(collection.rsplit("/", 1)[-1], equal, (order_by, direction)))
        return self._store.query(collection, where=where, order_by=order_by, descending=descending, **rest)


def declared() -> list[Shape]:
    """The declared indexes, each of which must say no more than we understand."""
    content = json.loads(DECLARED.read_text())
    assert set(content) == {"indexes", "fieldOverrides"}
    found = []
    for one in content["indexes"]:
        assert set(one) == {"collectionGroup", "queryScope", "fields"}
        assert one["queryScope"] == "COLLECTION"
        *equal, last = [(field["fieldPath"], field["order"]) for field in one["fields"]]
        assert equal
        found.append(Shape(one["collectionGroup"], frozenset(name for name, _ in equal), last))
    return found


def used_for(shape: Shape, indexes: Iterable[Shape]) -> list[Shape] | None:
    """The indexes that answer it; Firestore merges those of the same order. None when a field has none."""
    fitting = [
        index
        for index in indexes
        if (index.collection, index.order) == (shape.collection, shape.order) and index.equal <= shape.equal
    ]
    covered = frozenset().union(*(index.equal for index in fitting))
    return fitting if covered == shape.equal else None


def queries_in_the_code() -> Iterator[str]:
    """``file:function`` of every place that asks a store."""
    for path in sorted((ROOT / "shared").rglob("*.py")) + sorted((ROOT / "functions").rglob("*.py")):
        relative = path.relative_to(ROOT)
        if relative.parts[:2] == ("shared", "adapters") and len(relative.parts) > 3:
            continue  # the stores themselves
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef):
                for node in inside(function):
                    if isinstance(node, ast.Call) and asks(node.func):
                        yield f"{relative}:{function.name}"


def inside(function: ast.AST) -> Iterator[ast.AST]:
    """What stands in it, but for functions within it, which are looked at by themselves."""
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, ast.FunctionDef):
            yield node
            yield from inside(node)


def asks(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute):
        return function.attr == "query" and ast.unparse(function.value).endswith("store")
    return isinstance(function, ast.Name) and function.id in WALKS


def play(product: Product) -> None:
    """A day with a bit of everything, then every list with every combination of its filters."""
    product.ready()
    product.settings("other")
    invoice = product.invoice().json
    product.by_hand(f"invoices/{invoice['invoice_id']}/pay")
    product.ok("POST", "/xero/contacts/sync_all/", json={})
    period = {"starts_from": "2026-11-24T00:00:00Z", "starts_before": "2026-11-25T00:00:00Z"}
    product.ok("POST", "/xero/invoices/create_all/", json=period)
    product.advance(120)
    product.run_tasks()
    product.reconcile()
    product.ok("GET", "/xero/completeness/?first=2026-11-01&last=2026-11-30", "bookkeeper")
    product.patient("p-new", last_name="New")
    product.appointment("a-later", "p-new")
    product.ok("POST", "/xero/invoices/preview/", json={"appointment_id": "a-later"})
    product.invoice("a-later")
    product.ports.store.delete(paths.invoice_link("demo", "a-later"))
    product.ok("GET", "/xero/completeness/?first=2026-11-01&last=2026-11-30", "bookkeeper")
    product.ok("GET", "/xero/overview/")
    product.settings(numbering="xero", auto_approve={"after_hours": 0})
    product.appointment("a-lost")
    product.simulator.fault("status_after_commit", status=500, method="PUT", path="/api.xro/2.0/Invoices")
    product.call("POST", "/xero/invoices/create_invoice/", "reception", json={"appointment_id": "a-lost"})
    product.settle(900)
    product.reconcile()
    product.ok("GET", "/xero/items/", "bookkeeper")
    product.ok("GET", "/xero/settings/missing/", "bookkeeper")
    product.ok("GET", f"/xero/invoices/{invoice['invoice_id']}/", "reception")
    product.ok("GET", "/xero/attention/")
    product.ok("POST", "/xero/attention/locked_period/retry/", json={})
    for query in ("", "?status=PAID"):
        product.ok("GET", f"/xero/invoices/{query}")
    for query in ("", "?status=done"):
        product.ok("GET", f"/xero/operations/{query}")
    product.ok("GET", "/xero/appointments/?first=2026-11-24&last=2026-11-24&search=a-1", "reception")
    for kind in KINDS:
        product.ok("GET", f"/xero/admin/{kind}/")
    for count in range(len(LOG_FILTERS) + 1):
        for names in combinations(LOG_FILTERS, count):
            filters = dict.fromkeys(names, "ok")
            product.ok("GET", "/xero/logs/", query_string=filters)
            product.ok("GET", "/xero/logs/", query_string=filters | {"since": "2026-11-24T00:00:00Z"})
    product.advance(8 * 86_400)
    product.simulator.fault("status", path="/connect/token", status=400, body={"error": "invalid_grant"})
    product.keep_alive()
    move_all(product.ports)
    seal(product.ports, "demo")
    product.ok("GET", "/xero/logs/verify/")
    assert product.call(
        "GET", "/xero/logs/export/?first=2026-11-01&last=2026-11-30"
    ).get_data()  # read as it is sent
    product.ports.store.put("practices/other/log/e", {"at": "2026-11-01T00:00:00.000000Z"})
    product.ok("GET", "/xero/logs/verify/", "owner", "other")
    product.ok("POST", "/xero/oauth/disconnect/", json={})


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    recorders: list[Recorder] = []

    def recording(_: Path, database: Any) -> Any:
        recorders.append(Recorder(SqliteStore(database)))
        return recorders[-1]

    with running_product(tmp_path_factory.mktemp("product"), make_store=recording) as product:
        play(product)
    return recorders[0]


def test_every_query_of_the_code_was_made(recorded: Recorder) -> None:
    """No place that asks the store is left out of what the other tests look at."""
    assert set(queries_in_the_code()) - recorded.callers == set()


def test_every_query_has_its_index(recorded: Recorder) -> None:
    """Each shape that needs a composite index finds it declared, if need be by merging several."""
    indexes = declared()
    assert recorded.shapes
    assert {shape for shape in recorded.shapes if used_for(shape, indexes) is None} == set()


def test_no_index_is_declared_in_vain(recorded: Recorder) -> None:
    """An index costs a write for every document: each declared one answers some query, and none comes twice."""
    indexes = declared()
    used = [index for shape in recorded.shapes for index in used_for(shape, indexes) or []]
    assert set(indexes) == set(used)
    assert len(set(indexes)) == len(indexes)


def test_a_missing_index_is_noticed(recorded: Recorder) -> None:
    """Without any one of the declared indexes, some query would be without."""
    indexes = declared()
    for index in indexes:
        rest = [other for other in indexes if other != index]
        assert any(used_for(shape, rest) is None for shape in recorded.shapes), index


def test_fields_that_are_asked_for(recorded: Recorder) -> None:
    """``QUERIED`` names exactly those that some query names: one more costs a write, one less refuses a query."""
    assert recorded.fields == QUERIED
