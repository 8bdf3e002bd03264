"""Handing requests on to a function's own process: unchanged both ways."""

from __future__ import annotations

from urllib.parse import urlsplit

from werkzeug.test import Client

from infra.local.forward import Forward
from infra.local.ports import free_port
from tests.contract.loopback import Arrived, Reply, serving


def test_a_request_and_its_answer_pass_unchanged() -> None:
    """Method, escapes of the path, query, exact body, headers; status, cookie and body back."""
    seen: list[Arrived] = []

    def answer(request: Arrived) -> Reply:
        seen.append(request)
        return Reply(202, b"\x00ok", {"Set-Cookie": "a=b; Path=/", "Content-Type": "application/x"})

    with serving(answer) as server:
        forward = Forward(urlsplit(server.url).port or 0)
        raw = "/clinic/patients/a%2Fb%20c?x=1&x=%C3%BC"
        response = Client(forward).open(
            "/clinic/patients/a/b c",
            method="PUT",
            data=b"{ }\n",
            headers={"X-Xero-Signature": "s", "Content-Type": "application/json", "Connection": "close"},
            environ_overrides={"RAW_URI": raw},
        )
    (request,) = seen
    assert (request.method, request.path, request.query["x"]) == ("PUT", "/clinic/patients/a%2Fb%20c", "ü")
    assert (request.body, request.headers["x-xero-signature"]) == (b"{ }\n", "s")
    assert request.headers["content-type"] == "application/json"
    assert "connection" not in request.headers
    assert (response.status_code, response.data, response.headers["Set-Cookie"]) == (
        202,
        b"\x00ok",
        "a=b; Path=/",
    )


def test_a_function_that_is_down_is_a_503() -> None:
    """Everybody who calls tries again: people's clients, Cloud Tasks, Xero."""
    response = Client(Forward(free_port())).get("/xero/settings/")
    assert (response.status_code, response.content_type) == (503, "application/problem+json")


def test_a_function_that_dies_over_a_request_is_a_503() -> None:
    """Nobody knows whether it was done; every request may be repeated."""
    with serving(Reply(drop=True)) as server:
        response = Client(Forward(urlsplit(server.url).port or 0)).post("/tasks/drain", data=b"{}")
    assert response.status_code == 503
