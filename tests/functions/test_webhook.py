"""The webhook's edge: exact bytes, exact answers, one pull per organisation, and nothing slow."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import functions_framework
import pytest
from werkzeug.serving import make_server

from infra.local.settings import ROOT
from shared.domain.errors import StoreUnavailable
from shared.services.receive_webhook import BODY_LIMIT, is_signed
from tests.hints import deliver, event, hint, payload, sign, waiting
from tests.product import TENANTS, Product, running_product
from tests.xero_simulator.applications import WEBHOOK_KEY


def spoiled(signature: str) -> str:
    return signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]


def is_bare(response: Any) -> bool:
    """What Xero asks of every answer: no body and no cookie."""
    return response.get_data() == b"" and "Set-Cookie" not in response.headers


# -- the signature -------------------------------------------------------------------------------------------


def test_signature_is_over_the_exact_bytes(product: Product) -> None:
    """Odd spaces, odd order and non-ASCII are accepted as they came; the same JSON written again is another body."""
    product.connect()
    raw = b' {"events" :[ ] ,\n"lastEventSequence":0,  "firstEventSequence" : 0,"entropy": "\xc3\xa9"} '
    response = deliver(product, raw)
    assert response.status_code == 200
    assert is_bare(response)
    assert deliver(product, json.dumps(json.loads(raw)).encode(), sign(raw)).status_code == 401


@pytest.mark.parametrize(
    "signature",
    [
        "",
        spoiled(sign(payload())),
        sign(payload())[:-1],
        sign(payload(), "another-key"),
        "é" * 44,
        "=" * 9999,
    ],
    ids=["missing", "one character", "shorter", "other key", "not ascii", "long"],
)
def test_wrong_signature_is_401_and_nothing_happens(product: Product, signature: str) -> None:
    """Xero sends wrong signatures on purpose: 401, no body, no cookie, no task."""
    product.connect()
    product.run_tasks()
    before = waiting(product)
    response = deliver(product, payload(event()), signature)
    assert response.status_code == 401
    assert is_bare(response)
    assert waiting(product) == before


def test_any_flipped_byte(product: Product) -> None:
    """Of a signed body, or of its signature: 401, wherever it is."""
    raw = payload(event())
    signature = sign(raw)
    assert deliver(product, raw, signature).status_code == 200
    before = waiting(product)
    for at in range(len(raw)):
        changed = bytes([*raw[:at], raw[at] ^ 1, *raw[at + 1 :]])
        assert deliver(product, changed, signature).status_code == 401, at
    for at, letter in enumerate(signature.rstrip("=")[:-1]):  # the last one has bits that mean nothing
        other = "A" if letter != "A" else "B"
        assert deliver(product, raw, signature[:at] + other + signature[at + 1 :]).status_code == 401, at
    assert waiting(product) == before


@pytest.mark.parametrize("keys", ["", " , ,"])
def test_without_a_key_everything_is_refused(tmp_path: Path, keys: str) -> None:
    """An empty key would accept whatever anybody signs with nothing: it accepts nothing instead."""
    with running_product(tmp_path, XERO_WEBHOOK_KEY=keys) as product:
        raw = payload(event())
        assert deliver(product, raw, sign(raw, "")).status_code == 401
        assert deliver(product, raw, "").status_code == 401
    assert not is_signed(b"", sign(b"", ""), [])


def test_both_keys_count_while_rotating(tmp_path: Path) -> None:
    """Old and new key are accepted side by side, a third is not."""
    with running_product(tmp_path, XERO_WEBHOOK_KEY="old-key, new-key") as product:
        raw = payload()
        answers = [
            deliver(product, raw, sign(raw, key)).status_code for key in ("old-key", "new-key", "third")
        ]
        assert answers == [200, 200, 401]


# -- a listening function ------------------------------------------------------------------------------------


@contextmanager
def listening(product: Product) -> Iterator[str]:
    """The function as functions-framework serves it when deployed, on a free port; its URL."""
    app = functions_framework.create_app("webhook", str(ROOT / "functions/webhook/main.py"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/xero/webhook/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_intent_to_receive(product: Product) -> None:
    """Xero's round of good and deliberately wrong signatures over real HTTP: 200 to the good, 401 to the others,
    never a body or a cookie. With another key the round fails, so it is a real one."""
    with listening(product) as url:
        product._control("POST", "webhooks", {"url": url, "mode": "on"})
        outcome = product._control("POST", "webhooks/intent_to_receive", {})
        assert outcome["ok"], outcome
        assert {each["status"] for each in outcome["results"]} == {200, 401}
        product._control("POST", "webhooks", {"key": "not-ours"})
        assert not product._control("POST", "webhooks/intent_to_receive", {})["ok"]


def test_real_delivery_ends_in_paid(product: Product) -> None:
    """A payment in Xero, its real delivery, the pull: the invoice shows as paid and the status when Xero last spoke."""
    product.ready()
    invoice_id = product.invoice().json["invoice_id"]
    product.settle(10)
    with listening(product) as url:
        product._control("POST", "webhooks", {"url": url, "mode": "duplicate"})
        product.by_hand(f"invoices/{invoice_id}/pay")
        for _ in range(100):
            if product._control("GET", "webhooks")["delivered"]:
                break
            threading.Event().wait(0.05)
        else:
            pytest.fail("the simulator delivered nothing")
    product.advance(3)
    product.run_tasks()
    assert product.ok("GET", "/xero/invoices/a-1/", "reception")["status"] == "PAID"
    assert product.ok("GET", "/xero/connections/status/")["last_webhook_at"]


# -- what is in it -------------------------------------------------------------------------------------------


def pulls(product: Product, *events: Any) -> list[dict[str, Any]]:
    """Deliver, and what was put into the queue for it."""
    before = len(waiting(product))
    response = deliver(product, payload(*events))
    assert (response.status_code, is_bare(response)) == (200, True)
    return waiting(product)[before:]


def test_tenants_and_categories_are_told_apart(product: Product) -> None:
    """One payload with two organisations: a pull for each, contacts only where they were named."""
    found = pulls(
        product,
        event(),
        event(eventCategory="CREDITNOTE"),
        event(tenant_id=TENANTS["other"], eventCategory="CONTACT"),
    )
    assert [(each["tenant_id"], each["categories"], each["hinted"]) for each in found] == [
        (TENANTS["demo"], ["INVOICE"], True),
        (TENANTS["other"], ["CONTACT"], True),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"eventType": "Update", "eventCategory": "Invoice"},
        {"eventType": "create", "eventCategory": "invoice"},
        {"eventType": "SOMETHING_NEW"},
        {"resourceUrl": None, "resourceId": None},
        {"eventCategory": "PREPAYMENT", "data": {"Type": "X", "Status": "PAID"}},
        {"eventCategory": "OVERPAYMENT"},
        {"eventCategory": "CREDITNOTE"},
    ],
)
def test_words_count_in_any_case(product: Product, fields: dict[str, Any]) -> None:
    """Xero's examples and its schema disagree about case, types come and go: each of these is a hint to pull."""
    (found,) = pulls(product, event(**fields))
    assert found["categories"] == ["INVOICE"]


@pytest.mark.parametrize(
    "odd",
    [
        event(eventCategory="SUBSCRIPTION", tenantType="APPLICATION"),
        event(eventCategory="HOLOGRAM"),
        event(eventCategory=None),
        event(eventCategory=["INVOICE"]),
        event(tenantId=None),
        event(tenantId=""),
        event(tenantId=7),
        event(tenantId="../../practices/demo"),
        event(tenantId="a" * 65),
        event(tenantId="a\nb"),
        {},
        [],
        None,
        "INVOICE",
        17,
    ],
)
def test_bad_event_is_passed_over_among_good_ones(product: Product, odd: Any) -> None:
    """Unknown categories and broken events are answered 200 and ignored; the good ones beside them count."""
    assert pulls(product, odd) == []
    product.advance(5)
    (found,) = pulls(product, odd, event(), odd)
    assert found["tenant_id"] == TENANTS["demo"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\x00\xff\xfe",
        b'{"events": {}}',
        b'{"events": "INVOICE"}',
        b'{"events": null}',
        b'{"events": [' + b"[" * 50_000 + b"]" * 50_000 + b"]}",
        b'{"events": [' + b"9" * 5000 + b"]}",
        b'{"events": [NaN, Infinity]}',
        b'{"events": [{"tenantId": "\\ud800", "eventCategory": "\\udfff"}]}',
    ],
    ids=lambda raw: raw[:16].decode("latin-1"),
)
def test_hostile_body_is_harmless(product: Product, raw: bytes) -> None:
    """Whatever is signed but cannot be read is answered 200 (the sweep misses nothing), and nothing is enqueued."""
    response = deliver(product, raw)
    assert (response.status_code, is_bare(response)) == (200, True)
    assert waiting(product) == []


def test_unknown_tenant_is_harmless(product: Product) -> None:
    """A webhook for an organisation that nobody here has connected ends without a call to Xero and without a fuss."""
    hint(product, event(tenant_id="00000000-0000-0000-0000-000000000000"))
    product.advance(5)
    product.run_tasks()
    assert waiting(product) == []
    assert product.xero_calls(path="/") == []


def test_storm_is_one_pull_per_tenant_and_bucket(product: Product) -> None:
    """Three hundred deliveries in a few seconds, all kinds mixed, for two organisations: each list of either
    organisation is asked for at most once a bucket."""
    product.connect("demo")
    product.connect("other")
    product.settle(10)
    before = len(product.xero_calls("GET"))
    kinds = ["INVOICE", "CONTACT", "CREDITNOTE", "Invoice", "PREPAYMENT", "OVERPAYMENT"]
    started = product.clock.now()
    for n in range(150):
        hint(product, event(f"r-{n}", eventCategory=kinds[n % 6]))
        hint(
            product,
            event(f"r-{n}", TENANTS["other"], eventCategory=kinds[n % 6]),
            event(eventCategory="CONTACT"),
        )
    buckets = (product.clock.now() - started).total_seconds() // 2 + 2
    names = [(each["tenant_id"], tuple(each["categories"])) for each in waiting(product)]
    assert {categories for _, categories in names} == {("INVOICE",), ("CONTACT",)}
    assert all(names.count(name) <= buckets for name in names)
    product.settle(10)
    assert len(product.xero_calls("GET")) - before == len(names) <= 4 * buckets


# -- the edge ------------------------------------------------------------------------------------------------


def test_storage_failing_asks_xero_to_send_again(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hint that could not be kept is answered 503, without a body: Xero repeats it."""

    def fail(*_: Any, **__: Any) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(product.ports.tasks, "enqueue", fail)
    response = deliver(product, payload(event()))
    assert (response.status_code, is_bare(response)) == (503, True)


def test_too_large_is_413(product: Product) -> None:
    """A body over the limit is refused however it is sent; one at the limit is read."""
    raw = b" " * (BODY_LIMIT + 1)
    response = deliver(product, raw)
    assert (response.status_code, is_bare(response)) == (413, True)
    assert deliver(product, raw[:BODY_LIMIT]).status_code == 200
    options = {"environ_overrides": {"wsgi.input_terminated": True, "CONTENT_LENGTH": ""}}
    headers = {"x-xero-signature": sign(raw), "Transfer-Encoding": "chunked"}
    chunked = product.raw("POST", "/xero/webhook/", data=raw, headers=headers, **options)
    assert chunked.status_code == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_only_post(product: Product, method: str) -> None:
    """Any other method is 405 naming the right one."""
    response = deliver(product, payload(), method=method)
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    assert is_bare(response)


def test_with_and_without_the_last_slash(product: Product) -> None:
    """Both forms of the address answer; anything below it does not."""
    raw = payload()
    for path, expected in (("/xero/webhook", 200), ("/xero/webhook/", 200), ("/xero/webhook/x", 404)):
        response = product.raw("POST", path, data=raw, headers={"x-xero-signature": sign(raw)})
        assert response.status_code == expected


IMPORTS = """
import json, sys
import functions_framework
app = functions_framework.create_app("webhook", sys.argv[1])
at_import = sorted(sys.modules)
from werkzeug.test import Client
answer = Client(app).post("/xero/webhook/", data=sys.argv[2], headers={"x-xero-signature": sys.argv[3]})
print(json.dumps([answer.status_code, at_import, sorted(sys.modules)]))
"""
HEAVY = (
    "pydantic xero_python requests urllib3 cryptography jwt google.cloud.firestore google.cloud.tasks_v2"
    " google.cloud.secretmanager google.auth grpc shared.http shared.adapters.xero"
).split()


def test_starts_fast_because_it_imports_little(tmp_path: Path) -> None:
    """Loading the function, and answering a first good webhook with the embedded queue, brings in none of the heavy
    libraries: Xero waits five seconds, a cold start included."""
    raw = payload(event())
    environment = {
        "STATE_DIR": str(tmp_path),
        "XERO_WEBHOOK_KEY": WEBHOOK_KEY,
        "PYTHONPATH": str(ROOT),
        "PATH": "",
    }
    command = [
        sys.executable,
        "-c",
        IMPORTS,
        str(ROOT / "functions/webhook/main.py"),
        raw.decode(),
        sign(raw),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    status, at_import, afterwards = json.loads(done.stdout)
    assert status == 200
    assert "shared.services.receive_webhook" in at_import
    assert [name for name in HEAVY if name in at_import] == []
    assert [name for name in HEAVY if name in afterwards] == []
