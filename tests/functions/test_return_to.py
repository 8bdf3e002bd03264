"""Where ``return_to`` may lead after connecting: home, or to a configured prefix, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.consents import come_back, decide, start, status
from tests.product import TENANTS, Product, running_product

REFUSED = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example/",
    "https://clinic.example.evil.example/",
    "https://clinic.example@evil.example/app",
    "https://clinic.example:444/app",
    "http://clinic.example/app",
    "https://clinic.example/other",
    "https://clinic.example/apple",
    "https://clinic.example/app/../other",
    "https://clinic.example/app/%2e%2e/other",
    "https://clinic.example\\@evil.example/app",
    "HTTPS://EVIL.example",
    "https://[evil",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "evil.example",
    " /padded",
    "",
    "/%2Fevil.example",
    "/%5Cevil.example",
    "/%252Fevil.example",
    "%2F%2Fevil.example",
    "/a\r\nSet-Cookie: x=1",
    "/a%0d%0aSet-Cookie: x=1",
    "/\t/evil.example",
    "/a\x00b",
    "/\u2028evil",
    "/\uff0fevil.example",
    "/" + "a" * 600,
]
ALLOWED = [
    "/",
    "/settings?tab=xero&x=1#top",
    "https://clinic.example/app",
    "https://clinic.example/app/deep?q=caf%C3%A9",
]


def test_return_to_leads_nowhere_else(tmp_path: Path) -> None:
    """Every way to point the browser elsewhere is refused with 422 naming the field, before anything is kept."""
    with running_product(tmp_path, RETURN_URLS="https://clinic.example/app") as product:
        for target in REFUSED:
            answer = product.call("GET", "/xero/oauth/connect/", query_string={"return_to": target})
            assert answer.status_code == 422, target
            assert [error["field"] for error in answer.json["errors"]] == ["return_to"], target
        assert product.ports.store.query("oauth_states").items == []


def test_return_to_leads_home(tmp_path: Path) -> None:
    """Our own paths and the configured prefix are where the browser ends after connecting."""
    with running_product(tmp_path, RETURN_URLS="https://clinic.example/app") as product:
        for target in ALLOWED:
            attempt = start(product, return_to=target)
            answer = come_back(product, decide(attempt), attempt.cookie)
            assert (answer.status_code, answer.headers["Location"]) == (302, target)


BACK = [  # simulator's decision, its fault -> the word in the address
    ({"simulator_decision": "deny"}, None, "cancelled"),
    ({"tenants": []}, None, "none"),
    ({"tenants": [TENANTS["demo"], TENANTS["other"]]}, None, "choose"),
    ({"tenants": [TENANTS["other"]]}, None, "organisation_taken"),
    ({}, {"path": "/connect/token", "kind": "status", "status": 500}, "failed"),
    ({}, {"path": "/connections", "kind": "drop_before"}, "failed"),
]


@pytest.mark.parametrize(("decision", "fault", "word"), BACK, ids=[word for _, _, word in BACK])
def test_whatever_happens_leads_back(
    product: Product, decision: dict[str, Any], fault: dict[str, Any] | None, word: str
) -> None:
    """Refused, failed or to be chosen: back where the person came from, with one word of it and nothing else new."""
    product.connect("other")
    attempt = start(product, return_to="/?xero=old&tab=x#top")
    if fault:
        product.simulator.fault(**fault)
    answer = come_back(product, decide(attempt, **decision), attempt.cookie)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/?tab=x&xero={word}#top")
    assert status(product)["status"] == ("needs_attention" if word == "choose" else "disconnected")
    again = come_back(product, decide(attempt), attempt.cookie)
    assert again.status_code == 400, "a state is used once, however it ended"


def test_without_configuration_only_own_paths(product: Product) -> None:
    """With no RETURN_URLS set, no other origin is allowed at all."""
    answer = product.call("GET", "/xero/oauth/connect/?return_to=https://clinic.example/app")
    assert answer.status_code == 422
