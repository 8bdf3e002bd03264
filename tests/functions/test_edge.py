"""What holds for every route of every function, whoever wrote it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from shared.http.app import PUBLIC, TASKS
from tests.functions.edges import ROLES, address, bearer, check_problem, logged, routes
from tests.product import Product, running_product

WITH_JSON_BODY = [r for r in routes() if isinstance(r.body, type)]
DEEP = '{"a":' + "[" * 50 + "]" * 50 + "}"


def test_there_are_routes_of_every_kind() -> None:
    """The walks below walk something."""
    assert len(routes()) > 30
    assert {r.access == PUBLIC for r in routes()} == {True, False}
    assert any(r.access == TASKS for r in routes())
    assert len(WITH_JSON_BODY) > 15


def test_no_token(product: Product) -> None:
    """Without a bearer, or with one that is none, every signed route answers 401 and says how to sign in."""
    tried = 0
    for route in routes():
        if route.access == PUBLIC:
            continue
        tried += 3
        for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}):
            response = product.raw(route.method, address(route), headers=headers)
            check_problem(response, 401, "not_signed_in")
            assert response.headers["WWW-Authenticate"] == "Bearer"
    print(f"{tried} requests without a sign-in")  # pytest -rP


def test_wrong_role(product: Product) -> None:
    """Every role that a route does not name gets 403 there, and a person's token never runs a task."""
    tried = 0
    for route in routes():
        for role in ROLES:
            if route.access == PUBLIC or role in route.access:
                continue
            response = product.call(route.method, address(route), role)
            check_problem(response, 401 if route.access == TASKS else 403)
            tried += 1
    assert tried > 40


def test_the_task_account_is_no_person(product: Product) -> None:
    """The tasks' token opens no route for people."""
    headers = {"Authorization": f"Bearer {product.task_token()}"}
    for route in routes():
        if route.access not in (PUBLIC, TASKS):
            check_problem(product.raw(route.method, address(route), headers=headers), 401)


def test_with_and_without_the_last_slash(product: Product) -> None:
    """Both forms reach the same handler: same status, and never a redirect, which would lose a body."""
    for route in routes():
        if route.access == TASKS:
            continue
        path = address(route).rstrip("/")
        answers = [
            product.raw(route.method, p, headers=bearer(product, route), json={}) for p in (path, path + "/")
        ]
        assert answers[0].status_code == answers[1].status_code, path
        assert answers[0].status_code not in (301, 307, 308, 405), path


def test_wrong_method(product: Product) -> None:
    """405 in the same shape as every other problem, with the methods that would do."""
    for route in routes():
        response = product.raw("DELETE", address(route), headers=bearer(product, route))
        body = check_problem(response, 405, "method_not_allowed")
        assert route.method in response.headers["Allow"]
        assert route.method in body["detail"]


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"\xff\xfe{}",
        b"{'a': 1}",
        b'{"a": 1} x',
        b"[" * 100_000,
        DEEP.encode(),
        b'{"a": 01}',
    ],
    ids=["cut", "nan", "infinity", "not-utf8", "quotes", "trailing", "hopeless", "deep", "octal"],
)
def test_bad_json(product: Product, raw: bytes) -> None:
    """Every route with a body refuses what is no JSON, or too deep, with 400."""
    for route in WITH_JSON_BODY:
        response = product.raw(route.method, address(route), headers=bearer(product, route), data=raw)
        check_problem(response, 400, "bad_json")


@pytest.mark.parametrize("value", [[], "text", 7, None, True])
def test_json_that_is_no_object(product: Product, value: Any) -> None:
    """Valid JSON of the wrong kind is 422 for the body as a whole."""
    for route in WITH_JSON_BODY:
        response = product.raw(
            route.method, address(route), headers=bearer(product, route), data=json.dumps(value)
        )
        body = check_problem(response, 422, "invalid_input")
        assert [e["field"] for e in body["errors"]] == ["(body)"]


def test_unknown_fields_are_named(product: Product) -> None:
    """A misspelt field is refused by name wherever it is sent, and never ignored."""
    for route in WITH_JSON_BODY:
        response = product.raw(
            route.method, address(route), headers=bearer(product, route), json={"unit_amuont": 1}
        )
        body = check_problem(response, 422, "invalid_input")
        named = {e["field"]: e["message"] for e in body["errors"]}
        assert named["unit_amuont"] == "there is no such field here; check its spelling"


def test_unknown_query_fields_are_named(product: Product) -> None:
    """The same for the query."""
    for route in routes():
        if route.query is None:
            continue
        response = product.raw(route.method, address(route) + "?limti=3", headers=bearer(product, route))
        body = check_problem(response, 422, "invalid_input")
        assert "limti" in [e["field"] for e in body["errors"]]


@pytest.mark.parametrize("raw", [b'{"\\ud800": 1}', b'{"a": "\\udfff"}', b'{"\\u0000": "\\u0000"}'])
def test_half_characters(product: Product, raw: bytes) -> None:
    """Lone surrogates and NUL as names or values are wrong fields, never a crash or a broken answer."""
    for route in WITH_JSON_BODY:
        response = product.raw(route.method, address(route), headers=bearer(product, route), data=raw)
        check_problem(response, 422, "invalid_input")


def test_many_wrong_fields_make_a_short_answer(product: Product) -> None:
    """A hundred are named, with names cut to size: an answer is never many times its request."""
    body = {f"{'x' * 500}{n}": n for n in range(1000)}
    response = product.call("POST", "/xero/contacts/sync_patient/", json=body)
    errors = check_problem(response, 422)["errors"]
    assert len(errors) == 100
    assert len(response.get_data()) < 50_000


def test_oversized_body(product: Product) -> None:
    """Beyond the limit is 413, before anything of it is read into fields."""
    for route in WITH_JSON_BODY:
        assert isinstance(route.body_limit, int)
        raw = b'{"a":"' + b"x" * route.body_limit + b'"}'
        response = product.raw(route.method, address(route), headers=bearer(product, route), data=raw)
        check_problem(response, 413, "too_large")


def test_an_unwanted_body_is_not_kept_in_memory(product: Product) -> None:
    """A caller without sign-in who sends 64 MB gets the 401, and nothing of it stays in memory."""

    class Endless(io.RawIOBase):
        largest = 0

        def readinto(self, buffer: Any) -> int:
            Endless.largest = max(Endless.largest, len(buffer))
            return len(buffer)

    announced = {"CONTENT_LENGTH": str(10**12), "wsgi.input": Endless()}
    response = product.raw("POST", "/xero/contacts/sync_patient/", environ_overrides=announced)
    check_problem(response, 401)
    assert 0 < Endless.largest <= 65_536


def test_a_body_that_breaks_off(product: Product) -> None:
    """Less than the Content-Length is a bad request, not a crash."""
    announced = {"CONTENT_LENGTH": "1000"}
    for route in WITH_JSON_BODY:
        response = product.raw(
            route.method,
            address(route),
            headers=bearer(product, route),
            data=b"{}",
            environ_overrides=announced,
        )
        assert "Content-Length" in check_problem(response, 400, "bad_json")["detail"]


@pytest.mark.parametrize(
    "path", ["/xero/nothing/", "/xero/contacts/a/b/c", "/xero/invoices/a/b/c/d", "/clinic/doctors/x"]
)
def test_unknown_paths(product: Product, path: str) -> None:
    """404 in the shape of a problem."""
    check_problem(product.call("GET", path), 404, "not_found")


@pytest.mark.parametrize(
    "odd", ["..", ".", "a b", "%2e%2e", "a%00b", "_x", "__x__", "x" * 200, "é", "%ff", "a;b", "a'b"]
)
def test_odd_ids_in_paths(product: Product, odd: str) -> None:
    """An id that no record can have is 404, whatever it would do to a path or a query."""
    for path in (
        f"/xero/contacts/{odd}/",
        f"/xero/invoices/{odd}/",
        f"/xero/operations/{odd}/",
        f"/xero/jobs/{odd}/",
    ):
        check_problem(product.call("GET", path), 404, "not_found")


def test_request_id_is_echoed(product: Product) -> None:
    """The caller's id stands on the answer, in the problem and on the log line; a strange one is replaced."""
    with logged() as lines:
        given = product.call("GET", "/xero/contacts/nobody/", headers={"X-Request-Id": "req-1.a_B"})
    assert check_problem(given, 404)["request_id"] == "req-1.a_B"
    assert {json.loads(line)["request_id"] for line in lines} == {"req-1.a_B"}
    for strange in ("", "x" * 65, 'a"b', "a b", "é"):
        other = product.call("GET", "/xero/contacts/nobody/", headers={"X-Request-Id": strange})
        assert check_problem(other, 404)["request_id"] not in ("", strange)


def test_security_headers(product: Product) -> None:
    """Nothing is cached, sniffed or referred, on answers, problems and pages alike."""
    for response in (
        product.call("GET", "/xero/settings/"),
        product.call("GET", "/xero/contacts/nobody/"),
        product.raw("GET", "/xero/settings/"),
        product.raw("GET", "/"),
        product.raw("GET", "/openapi.json"),
        product.raw("GET", "/xero/oauth/callback/"),
    ):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert (
            "no-store" in response.headers["Cache-Control"] or "no-cache" in response.headers["Cache-Control"]
        )
        assert response.headers["X-Request-Id"]
    for page in (product.raw("GET", "/"), product.raw("GET", "/xero/oauth/callback/")):
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_no_cookie_but_the_connecting_one(product: Product) -> None:
    """Sign-in is by bearer: no route sets a cookie except the one that starts connecting."""
    for route in routes():
        if route.access != TASKS and not route.path.endswith("/connect/"):
            response = product.raw(route.method, address(route), headers=bearer(product, route), json={})
            assert "Set-Cookie" not in response.headers, route.path


ORIGIN = "https://app.clinic.example"
PREFLIGHT = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}


def test_cross_origin_calls_of_configured_origins(tmp_path: Any) -> None:
    """The clinic's own front end may call, preflight included; the answer names it and never a wildcard."""
    with running_product(tmp_path, CORS_ORIGINS=f"https://other.example, {ORIGIN}") as product:
        asked = product.raw("OPTIONS", "/xero/settings/", headers={"Origin": ORIGIN, **PREFLIGHT})
        assert asked.status_code == 204
        assert "PUT" in asked.headers["Access-Control-Allow-Methods"]
        assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
        for response in (
            asked,
            product.call("GET", "/xero/settings/", headers={"Origin": ORIGIN}),
            product.call("GET", "/xero/contacts/nobody/", headers={"Origin": ORIGIN}),
            product.raw("GET", "/xero/settings/", headers={"Origin": ORIGIN}),
        ):
            assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
            assert response.headers["Access-Control-Allow-Credentials"] == "true"
            assert "Origin" in response.headers["Vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        ORIGIN + ".evil.example",
        "http://app.clinic.example",
        ORIGIN + ":8443",
        "",
    ],
)
def test_cross_origin_calls_of_others(tmp_path: Any, origin: str) -> None:
    """Nobody else gets a single permission, however alike the name."""
    with running_product(tmp_path, CORS_ORIGINS=ORIGIN) as product:
        asked = product.raw("OPTIONS", "/xero/settings/", headers={"Origin": origin, **PREFLIGHT})
        assert asked.status_code == 403
        called = product.call("GET", "/xero/settings/", headers={"Origin": origin})
        for response in (asked, called):
            assert not [name for name, _ in response.headers if name.startswith("Access-Control-")]
            assert "Origin" in response.headers["Vary"]


def test_no_origin_is_allowed_unless_configured(product: Product) -> None:
    """The default is none."""
    asked = product.raw("OPTIONS", "/xero/settings/", headers={"Origin": ORIGIN, **PREFLIGHT})
    assert (asked.status_code, asked.headers.get("Access-Control-Allow-Origin")) == (403, None)


def test_a_crash_tells_nothing(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception nobody foresaw is a plain 500; the log says type and place, and nothing of its text."""

    def explode(*_: Any, **__: Any) -> None:
        raise KeyError("Anna Lee anna@example.com Bearer eyJ")

    monkeypatch.setattr(product.ports.store, "get", explode)
    with logged() as lines:
        response = product.call("GET", "/xero/settings/")
    body = check_problem(response, 500, "error")
    crash = json.loads(lines[0])
    assert (crash["error"], crash["severity"]) == ("KeyError", "ERROR")
    assert any("practice_settings" in frame or "build_invoice" in frame for frame in crash["frames"])
    for text in (*lines, json.dumps(body)):
        assert "Anna" not in text
        assert "eyJ" not in text
    assert "KeyError" not in json.dumps(body)
    assert "Traceback" not in json.dumps(body)


def test_a_log_line_says_which_and_how_long(product: Product) -> None:
    """Function, route, status, practice and milliseconds; neither ids from the path nor the query."""
    with logged() as lines:
        product.call("GET", "/xero/contacts/Anna.Lee/?x=anna@example.com")
    (line,) = map(json.loads, lines)
    assert (line["function"], line["route"]) == ("contacts", "/xero/contacts/<patient_id>/")
    assert (line["method"], line["status"], line["practice_id"]) == ("GET", 404, "demo")
    assert line["ms"] >= 0
    assert "nna" not in lines[0]


def test_head_is_get_without_a_body(product: Product) -> None:
    """Health checks by HEAD work."""
    response = product.call("HEAD", "/xero/settings/")
    assert (response.status_code, response.get_data()) == (200, b"")
