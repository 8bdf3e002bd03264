"""The webhook function under load, against an empty one on the same server, in turn."""

from __future__ import annotations

import json
import tempfile
import uuid
from pathlib import Path

from tests.benchmarks import hello
from tests.benchmarks.figures import Figure, at_least, at_most, in_turn, ratio
from tests.benchmarks.load import Load, load, request
from tests.deployed import deployed
from tests.hints import sign

CONNECTIONS = 8  # as many as the server has threads here
BODY_BYTES = 2048
TENANTS = 20
KEY = "a-key"


def body_of(tenant_id: str) -> bytes:
    """Events of one organisation, as Xero writes them, as many as make 2 KB."""
    event = {
        "resourceUrl": f"https://api.xero.com/api.xro/2.0/Invoices/{uuid.uuid4()}",
        "resourceId": str(uuid.uuid4()),
        "eventDateUtc": "2026-11-24T01:15:39.902",
        "eventType": "UPDATE",
        "eventCategory": "INVOICE",
        "tenantId": tenant_id,
        "tenantType": "ORGANISATION",
    }
    payload = {"events": [event] * 5, "firstEventSequence": 1, "lastEventSequence": 5, "entropy": ""}
    payload["entropy"] = "X" * (BODY_BYTES - len(json.dumps(payload).encode()))
    return json.dumps(payload).encode()


def signed_requests() -> list[bytes]:
    bodies = [body_of(str(uuid.uuid4())) for _ in range(TENANTS)]
    assert {len(body) for body in bodies} == {BODY_BYTES}
    return [request("/xero/webhook/", body, x_xero_signature=sign(body, KEY)) for body in bodies]


def run(quick: bool) -> list[Figure]:
    seconds, rounds = (1.0, 3) if quick else (3.0, 9)
    messages = signed_requests()
    with (
        tempfile.TemporaryDirectory() as folder,
        deployed("webhook", Path(folder) / "webhook") as ours,
        deployed("hello", Path(folder) / "hello", source=Path(hello.__file__)) as empty,
    ):

        def under_load(port: int) -> Load:
            return load(port, messages, connections=CONNECTIONS, seconds=seconds)

        for port in (ours.port, empty.port):  # warm
            under_load(port)
        rounds_of = in_turn(lambda: under_load(ours.port), lambda: under_load(empty.port), rounds)
    statuses = set.union(*(side.statuses for pair in rounds_of for side in pair))
    assert statuses == {200}, statuses
    rate, rate_spread = ratio([(a.rate, b.rate) for a, b in rounds_of])
    wait, wait_spread = ratio([(1000 * a.p99, 1000 * b.p99) for a, b in rounds_of])
    return [
        at_least("webhook against an empty function: requests a second", rate, 0.8, "{:.2f}", rate_spread),
        at_most("webhook against an empty function: p99", wait, 2, "{:.2f}", f"{wait_spread} ms"),
    ]
