"""The console function: the page and the description of the interface, for everybody, from its own files."""

from __future__ import annotations

import json

import pytest

from infra.local.settings import ROOT
from shared import bootstrap
from tests.functions.edges import check_problem
from tests.product import Product


def test_the_page(product: Product) -> None:
    """HTML that may not be framed, may send no form elsewhere and is not kept by caches."""
    response = product.raw("GET", "/")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/html")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "<title>" in response.get_data(as_text=True)


def test_the_description(product: Product) -> None:
    """JSON with every path of the interface, without sign-in."""
    response = product.raw("GET", "/openapi.json")
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")
    described = json.loads(response.get_data())
    assert described["openapi"].startswith("3.1")
    assert "/xero/invoices/create_invoice/" in described["paths"]


def test_needs_nothing_but_its_files(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither store nor Xero is asked for the page or the description."""

    def refuse() -> None:
        raise AssertionError("the console asked for the ports")

    monkeypatch.setattr(bootstrap, "_ports", refuse)
    monkeypatch.setattr(bootstrap, "_sign_in", refuse)
    bootstrap.install(None, None)
    try:
        for path in ("/", "/openapi.json"):
            assert product.raw("GET", path).status_code == 200
    finally:
        bootstrap.install(product.ports, product.sign_in)


def test_no_secrets_in_what_everybody_may_read(product: Product) -> None:
    """Neither keys nor local paths nor addresses of the issuer stand in the public files."""
    for path in ("/", "/openapi.json"):
        text = product.raw("GET", path).get_data(as_text=True)
        for secret in ("client_secret", "-----BEGIN", "/home/", str(ROOT), "XERO_WEBHOOK_KEY="):
            assert secret not in text


def test_other_methods_and_paths(product: Product) -> None:
    """Only GET, and only these addresses."""
    check_problem(product.raw("POST", "/"), 405, "method_not_allowed")
    for path in ("/openapi.yaml", "/main.py", "/../main.py", "/%2e%2e/%2e%2e/etc/passwd", "/describe.py"):
        assert product.raw("GET", path).status_code == 404
