"""The Idempotency-Key header."""

from __future__ import annotations

import threading

import requests

from tests.simulator.tiny_books import FIRST, SECOND, TinyBooks
from tests.xero_simulator.server import Simulator
from tests.xero_simulator.visitor import Visitor


def invoice_id(answer: requests.Response) -> str:
    return str(answer.json()["Invoices"][0]["InvoiceID"])


def count(visitor: Visitor, tenant: str = FIRST) -> int:
    books = visitor.control("GET", f"tenants/{tenant}/books").json()
    return len(books["invoices"])


def test_the_same_request_gets_the_first_answer(visitor: Visitor) -> None:
    """Nothing is done twice, and the replay still counts against the limits."""
    first = visitor.call("PUT", "Invoices", json={"n": 1}, key="k")
    second = visitor.call("PUT", "Invoices", json={"n": 1}, key="k")
    assert invoice_id(first) == invoice_id(second)
    assert count(visitor) == 1
    assert second.headers["Content-Type"] == first.headers["Content-Type"]
    assert second.headers["X-MinLimit-Remaining"] == "58"


def test_without_a_key_or_with_an_empty_one_each_call_is_new(visitor: Visitor) -> None:
    """An empty key counts as none."""
    for key in ({}, {"key": ""}, {"key": ""}):
        visitor.call("PUT", "Invoices", json={"n": 1}, **key)
    assert count(visitor) == 3


def test_another_method_url_or_body_is_refused(visitor: Visitor) -> None:
    """400 that names the reason; the first answer stays kept."""
    first = visitor.call("PUT", "Invoices", json={"n": 1}, key="k")
    for method, path, body in (
        ("POST", "Invoices", {"n": 1}),
        ("PUT", "Invoices?unitdp=4", {"n": 1}),
        ("PUT", "Invoices", {"n": 2}),
    ):
        answer = visitor.call(method, path, json=body, key="k")
        assert answer.status_code == 400
        assert "is used with a different request" in answer.json()["Message"]
    assert invoice_id(visitor.call("PUT", "Invoices", json={"n": 1}, key="k")) == invoice_id(first)
    assert count(visitor) == 1


def test_a_key_is_kept_six_minutes_from_the_first_call(simulator: Simulator, visitor: Visitor) -> None:
    """A replay does not prolong it; afterwards the request is new."""
    first = visitor.call("PUT", "Invoices", json={"n": 1}, key="k")
    simulator.advance(355)
    assert invoice_id(visitor.call("PUT", "Invoices", json={"n": 1}, key="k")) == invoice_id(first)
    simulator.advance(6)
    assert invoice_id(visitor.call("PUT", "Invoices", json={"n": 1}, key="k")) != invoice_id(first)
    assert count(visitor) == 2


def test_errors_are_kept_too(visitor: Visitor) -> None:
    """A validation error is replayed."""
    first = visitor.call("PUT", "Invoices", json={"invalid": 1}, key="k")
    second = visitor.call("PUT", "Invoices", json={"invalid": 1}, key="k")
    assert first.status_code == second.status_code == 400
    assert first.content == second.content


def test_keys_belong_to_the_app_not_to_the_organisation(simulator: Simulator) -> None:
    """The same key and request in another organisation gets the first one's answer: a trap to test for."""
    someone = Visitor(simulator.url)
    someone.connect(tenants=[FIRST, SECOND])
    first = someone.call("PUT", "Invoices", json={"n": 1}, key="k", tenant=FIRST)
    second = someone.call("PUT", "Invoices", json={"n": 1}, key="k", tenant=SECOND)
    assert invoice_id(first) == invoice_id(second)
    assert (count(someone), count(someone, SECOND)) == (1, 0)


def test_a_key_has_at_most_128_characters(visitor: Visitor) -> None:
    """128 are fine, 129 are 400."""
    assert visitor.call("PUT", "Invoices", json={}, key="k" * 128).ok
    assert visitor.call("PUT", "Invoices", json={}, key="k" * 129).status_code == 400


def test_get_ignores_the_key(visitor: Visitor) -> None:
    """Only PUT and POST keep answers."""
    visitor.call("GET", "Invoices", key="k")
    assert visitor.call("PUT", "Invoices", json={}, key="k").ok
    assert len(visitor.call("GET", "Invoices", key="k").json()["Invoices"]) == 1


def test_two_calls_at_once_with_one_key_do_the_work_once(visitor: Visitor) -> None:
    """They wait for each other; both get the one answer."""
    answers: list[requests.Response] = []

    def put() -> None:
        answers.append(visitor.call("PUT", "Invoices", json={"n": 1}, key="k"))

    threads = [threading.Thread(target=put) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({invoice_id(answer) for answer in answers}) == 1
    assert count(visitor) == 1


def test_an_offline_organisation_is_503_and_not_kept(simulator: Simulator, visitor: Visitor) -> None:
    """Plain text, as Xero answers; once back online the same key does the work."""
    visitor.control("POST", f"tenants/{FIRST}/organisation", {"offline": True})
    answer = visitor.call("PUT", "Invoices", json={"n": 1}, key="k")
    assert (answer.status_code, answer.text) == (503, "The Organisation is offline")
    assert answer.headers["Content-Type"].startswith("text/plain")
    visitor.control("POST", f"tenants/{FIRST}/organisation", {"offline": False})
    assert visitor.call("PUT", "Invoices", json={"n": 1}, key="k").ok
    assert isinstance(simulator.world.organisations[FIRST].books, TinyBooks)
