"""Requests of every shape, made by Schemathesis from our own description, against the whole product in one process."""

from __future__ import annotations

from collections import Counter
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks

from shared.http.app import Route
from tests.functions.edges import bearer, routes
from tests.product import Product, _functions

load_all_checks()
#: The answer is one that the description names, with its content type and of its shape.
CONFORM = CHECKS.get_by_names(
    ["status_code_conformance", "content_type_conformance", "response_schema_conformance"]
)
#: Fields that name something of the practice: half of the time something that is there.
IDS = ("id", "patient_id", "appointment_id", "service_code", "cause")


@schemathesis.serializer("application/x-ndjson")
def ndjson(_: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


class Fuzz:
    """``outcomes`` counts the answers by status."""

    def __init__(self, product: Product) -> None:
        self.product, self.outcomes = product, Counter[int]()
        self.schema = schemathesis.openapi.from_wsgi("/openapi.json", app=_functions())
        self.by_operation = {f"{r.method} {r.path}".replace("<", "{").replace(">", "}"): r for r in routes()}
        self.known = ["p-1", "a-1", "a-2", "invalid_input"]

    def prepare(self) -> None:
        """A connected practice with something of each kind, and its machinery run."""
        self.product.ready(payment_accounts={"card": "880"})
        self.product.appointment("a-2", status="booked")
        invoice = self.product.invoice().json
        job = self.product.ok("POST", "/xero/contacts/sync_all/", "reception", json={})
        operations = self.product.ok("GET", "/xero/operations/")["items"]
        self.known += [invoice["invoice_id"], job["job_id"], operations[0]["operation_id"]]

    def route(self, operation: Any) -> Route:
        return self.by_operation[f"{operation.method.upper()} {operation.path}"]

    def ask(self, case: Any, pick: str | None = None) -> Any:
        """One request, and its answer held against the description."""
        if pick:
            _name(case.path_parameters, pick)
            _name(case.body, pick)
        headers = bearer(self.product, self.route(case.operation))
        response = case.call(headers=headers)
        self.outcomes[response.status_code] += 1
        assert response.status_code != 500, case.as_curl_command(headers={})
        case.validate_response(response, checks=list(CONFORM), headers=headers)
        return response

    def operations(self) -> list[Any]:
        return [found.ok() for found in self.schema.get_all_operations()]

    def each(self, operation: Any, examples: int, number: int) -> None:
        """``examples`` requests to one operation, the same ones every time for the same ``number``."""
        picks = st.none() | st.sampled_from(self.known)

        @seed(number)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
        )
        @hypothesis_given(case=operation.as_strategy(), pick=picks)
        def requests(case: Any, pick: str | None) -> None:
            self.ask(case, pick)

        requests()

    def in_sequence(self, sequences: int, steps: int) -> None:
        """Chains of requests in which what one answered goes into the next."""
        fuzz = self
        self.schema.apply_stateful_inference(None)  # which answers' ids are whose parameters

        class Machine(self.schema.as_state_machine()):  # type: ignore[misc]
            def before_call(self, case: Any) -> None:
                case.headers = {**(case.headers or {}), **bearer(fuzz.product, fuzz.route(case.operation))}

            def validate_response(self, response: Any, case: Any, **_: Any) -> None:
                fuzz.outcomes[response.status_code] += 1
                assert response.status_code != 500, case.as_curl_command(headers={})
                case.validate_response(response, checks=list(CONFORM))

        Machine.run(
            settings=settings(
                max_examples=sequences,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            )
        )


def _name(fields: Any, pick: str) -> None:
    if isinstance(fields, dict):
        for name in IDS:
            if name in fields:
                fields[name] = pick
