"""The description of the interface is true: made from the routes, valid, and what is answered conforms to it."""

from __future__ import annotations

import json
import re
from typing import Any

from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from functions.console.describe import FILE, text
from shared.http.app import PUBLIC, TASKS
from tests.functions.edges import PROBLEM, routes
from tests.product import Product


def described() -> dict[str, Any]:
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def test_committed_is_what_the_routes_say() -> None:
    """Run ``python -m functions.console.describe`` after changing a route or a model."""
    assert FILE.read_text(encoding="utf-8") == text()


def test_it_is_valid() -> None:
    """OpenAPI 3.1, every reference resolved."""
    OpenAPIV31SpecValidator(described()).validate()


def test_every_route_is_described() -> None:
    """Method, path and sign-in of each; nothing described that is not there; operation ids differ."""
    seen = set()
    paths = described()["paths"]
    for route in routes():
        operation = paths[re.sub(r"<(\w+)>", r"{\1}", route.path)][route.method.lower()]
        assert operation["summary"]
        assert ("security" in operation) == (route.access != PUBLIC)
        seen.add(operation["operationId"])
    assert len(seen) == len(routes()) == sum(len(methods) for methods in paths.values())


def test_amounts_are_described_as_text() -> None:
    """A generated client must not read an amount into a float."""
    schemas = described()["components"]["schemas"]
    for name in ("total", "amount_due", "amount_paid", "amount_credited"):
        assert schemas["Invoice"]["properties"][name] == {
            "title": schemas["Invoice"]["properties"][name]["title"],
            "type": "string",
        }


class Judge:
    """Asks through the public interface and holds each answer against what is described for it."""

    def __init__(self, product: Product) -> None:
        self._product, self._document = product, described()
        self.judged: set[tuple[str, str, int]] = set()

    def __call__(self, method: str, path: str, role: str = "owner", **options: Any) -> TestResponse:
        response = self._product.call(method, path, role, **options)
        template, operation = self._operation(method, path)
        answer = operation["responses"].get(str(response.status_code))
        assert answer is not None, f"{method} {path} answered {response.status_code}, which is not described"
        content_type = response.headers["Content-Type"]
        assert content_type in answer["content"], (path, content_type)
        schema = answer["content"][content_type]["schema"]
        whole = {"$ref": schema["$ref"], "components": self._document["components"]}
        problems = [e.message for e in OAS31Validator(whole).iter_errors(json.loads(response.get_data()))]
        assert problems == [], (method, path, response.status_code)
        if content_type != PROBLEM:
            self._complete(schema, json.loads(response.get_data()), path)
        self.judged.add((method, template, response.status_code))
        return response

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        bare = path.split("?")[0]
        exact = self._document["paths"].get(bare)
        candidates = [(bare, exact)] if exact and method.lower() in exact else [
            (template, methods)
            for template, methods in self._document["paths"].items()
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), bare)
        ]  # fmt: skip
        template, methods = next((t, m) for t, m in candidates if method.lower() in m)
        return template, methods[method.lower()]

    def _complete(self, schema: dict[str, Any], body: dict[str, Any], path: str) -> None:
        """Nothing is answered that the description does not name."""
        model = self._document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        assert set(body) <= set(model["properties"]), path


def test_answers_conform(product: Product) -> None:
    """A representative walk: every answer, good or bad, fits its described schema and names no other field."""
    ask = Judge(product)
    ask("GET", "/xero/connections/status/")
    ask("GET", "/xero/accounts/")  # 409
    ask("GET", "/xero/oauth/connect/")
    product.ready(payment_accounts={"card": "880"})
    for path in (
        "connections/status/", "settings/", "items/", "tracking/", "accounts/", "tax_rates/", "invoices/",
        "operations/", "logs/", "attention/", "completeness/?first=2026-11-01&last=2026-11-30",
    ):  # fmt: skip
        assert ask("GET", f"/xero/{path}").status_code == 200
    assert (
        ask("PUT", "/clinic/patients/p-1", "app", json={"first_name": "A", "last_name": "B"}).status_code
        == 200
    )
    ask("PUT", "/clinic/patients/p-1", "app", json={})
    ask("PUT", "/clinic/appointments/a-1", "app", json={})
    ask(
        "POST",
        "/clinic/import",
        "app",
        data=b'{"kind":"patient","id":"p-2","first_name":"A","last_name":"C"}',
    )
    ask("POST", "/clinic/import", "app", data=b"x")
    ask("PUT", "/xero/settings/", json={"payment_terms_days": 7})
    ask("PUT", "/xero/settings/", json={"payment_terms_days": -7})
    ask("PUT", "/xero/items/", json={"items": [{"service_code": "S", "account_code": "200"}]})
    ask("PUT", "/xero/tracking/", json={"items": []})
    ask("PUT", "/xero/items/?dry_run=1", json={"items": [{"service_code": "S"}]})
    for path in (
        "settings/missing/?days=366",
        "suggestions/?days=366",
        "products/",
        "branding_themes/",
        "currencies/",
    ):
        assert ask("GET", f"/xero/{path}").status_code == 200
    both = {"from_practice_id": "other", "from_token": product.token("owner", "other")}
    assert ask("POST", "/xero/settings/clone/", json=both).status_code == 200
    ask("POST", "/xero/settings/clone/", json=both | {"from_token": "x"})
    assert ask("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-2"}).status_code == 201
    assert ask("POST", "/xero/contacts/sync_patient/", json={"patient_id": "p-2"}).status_code == 200
    ask("POST", "/xero/contacts/sync_patient/", json={"patient_id": "nobody"})
    ask("POST", "/xero/contacts/sync_patient/", data=b"{")
    ask("GET", "/xero/contacts/p-2/")
    ask("POST", "/xero/invoices/preview/", json={"appointment_id": "a-1"})
    period = {"first": "2026-11-01", "last": "2026-11-30"}
    assert ask("POST", "/xero/invoices/preview_all/", json=period).json["items"]
    ask("POST", "/xero/invoices/preview_all/", json={"first": "2026-11-01"})
    ask("POST", "/xero/completeness/repair/", "reception", json=period)
    assert ask("POST", "/xero/completeness/repair/", json=period | {"kinds": ["status"]}).status_code == 200
    assert ask("POST", "/xero/invoices/create_invoice/", json={"appointment_id": "a-1"}).status_code == 201
    assert ask("POST", "/xero/invoices/create_invoice/", json={"appointment_id": "a-1"}).status_code == 200
    ask("POST", "/xero/invoices/create_invoice/", "reception", json={"appointment_id": "nobody"})
    ask("GET", "/xero/invoices/a-1/")
    ask("GET", "/xero/invoices/nobody/")
    ask("POST", "/xero/invoices/a-1/sync_status/", json={})
    ask("POST", "/xero/invoices/a-1/approve/", "reception", json={})
    ask("POST", "/xero/invoices/a-1/payments/", json={"method": "card", "reference": "r", "amount": "1.00"})
    ask("POST", "/xero/invoices/a-1/refund/", json={"method": "card", "reference": "r", "amount": "0.50"})
    ask("POST", "/xero/invoices/a-1/accept_total/", json={})  # 409
    ask("POST", "/xero/invoices/a-1/credit/", json={})
    for number, kind in enumerate(("drop_after_commit", "rate_limit"), start=2):
        product.appointment(f"a-{number}")
        product.simulator.fault(
            kind, path="/api.xro/2.0/Invoices", method="PUT", problem="minute", retry_after=5
        )
        assert (
            ask("POST", "/xero/invoices/create_invoice/", json={"appointment_id": f"a-{number}"}).status_code
            == 202
        )
    product.advance(60)
    product.simulator.fault("rate_limit", path="/api.xro/", problem="minute", retry_after=5)
    ask("POST", "/xero/invoices/a-1/sync_status/", json={})  # 503
    product.advance(60)
    for kind in ("status", "drop_before"):
        product.simulator.fault(kind, path="/api.xro/", status=500)
        assert ask("POST", "/xero/invoices/a-1/sync_status/", json={}).status_code >= 500
    line = {"description": "x", "unit_amount": 1, "account_code": "nope"}
    product.appointment("a-8")
    assert (
        ask(
            "POST", "/xero/invoices/create_invoice/", json={"appointment_id": "a-8", "line_items": [line]}
        ).status_code
        == 422
    )
    job = ask("POST", "/xero/contacts/sync_all/", json={})
    for turn in ("cancel", "resume", "resume"):  # the last one 409
        ask("POST", f"/xero/jobs/{job.json['job_id']}/{turn}/", json={})
    period = {"starts_from": "2026-11-24T00:00:00Z", "starts_before": "2026-11-25T00:00:00Z", "dry_run": True}
    ask("POST", "/xero/invoices/create_all/", json=period)
    product.run_tasks()
    ask("GET", f"/xero/jobs/{job.json['job_id']}/")
    failed = ask("GET", "/xero/operations/?status=failed").json["items"][0]["operation_id"]
    ask("GET", f"/xero/operations/{failed}/")
    ask("POST", f"/xero/operations/{failed}/retry/", json={})
    ask("POST", f"/xero/operations/{failed}/cancel/", json={})
    ask("POST", f"/xero/operations/{failed}/retry/", json={})  # 409
    ask("GET", "/xero/attention/")
    ask("POST", "/xero/attention/account_invalid/retry/", json={})
    assert ask("GET", "/xero/logs/?limit=200").json["items"]
    ask("GET", "/xero/logs/?cursor=x")
    for_people = {
        (r.method, re.sub(r"<(\w+)>", r"{\1}", r.path)) for r in routes() if r.access not in (PUBLIC, TASKS)
    }
    last = {"/xero/invoices/{id}/email/", "/xero/invoices/{id}/void/", "/xero/oauth/disconnect/"}
    asked = {(method, template) for method, template, _ in ask.judged}
    for method, template in sorted(for_people - asked):
        if template not in last:  # with nothing in it: whatever that comes to is described
            address = re.sub(r"\{\w+\}", "a-1", template)
            ask(method, address, **({} if method == "GET" else {"json": {}}))
    ask("POST", "/xero/oauth/refresh/", json={})
    ask("POST", "/xero/connections/select/", json={"tenant_id": "x"})
    ask("POST", "/xero/oauth/disconnect/", json={})
    statuses = {status for _, _, status in ask.judged}
    assert {200, 201, 202, 400, 403, 404, 409, 422, 503} <= statuses
    left = for_people - {(method, template) for method, template, _ in ask.judged}
    assert left == {("POST", "/xero/invoices/{id}/email/"), ("POST", "/xero/invoices/{id}/void/")}
