"""Our interface's description (OpenAPI 3.1), made from the routes and the very models that check requests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.http.app import PUBLIC, TASKS, App, Route
from shared.http.reading import PATH_ID
from shared.http.schemas import Problem

VERSION = "0.1.0"
REFERENCE = "#/components/schemas/{model}"
PROBLEMS = {
    "400": "The body is no JSON",
    "401": "Not signed in",
    "403": "Not for this role",
    "404": "Not in this practice",
    "405": "Another method is needed here",
    "409": "Not possible as things are",
    "413": "Too large",
    "429": "Too many of these within a minute; try again after Retry-After",
    "422": "Fields need correcting, or Xero refused",
    "500": "Something went wrong here; the request id finds it in the log",
    "502": "Xero did not do what was asked",
    "503": "Try again after Retry-After; nothing was lost",
    "504": "Xero's answer was lost; whether it was done will be found out",
}
#: Problems that cannot come from a route which needs no sign-in.
SIGNED_IN_ONLY = ("401", "422", "502", "503", "504")


def describe(apps: Iterable[App]) -> dict[str, Any]:
    routes = [(app, route) for app in apps for route in app.routes]
    schemas = _schemas(route for _, route in routes)
    paths: dict[str, dict[str, Any]] = {}
    for app, route in routes:
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(app, route, path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Clinic Ledger",
            "version": VERSION,
            "description": "Patients become contacts and appointments invoices in Xero; payments come back. "
            "Every path answers with and without its last slash. Amounts are decimal strings.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _schemas(routes: Iterable[Route]) -> dict[str, Any]:
    request_models: set[type[BaseModel]] = set()
    answer_models: set[type[BaseModel]] = {Problem}
    for route in routes:
        if isinstance(route.body, type):
            request_models.add(route.body)
        answer_models.update(model for model in route.answers.values() if isinstance(model, type))
    models = sorted(request_models, key=lambda m: m.__name__), sorted(answer_models, key=lambda m: m.__name__)
    wanted: list[Any] = [(m, "validation") for m in models[0]] + [(m, "serialization") for m in models[1]]
    _, definitions = models_json_schema(wanted, ref_template=REFERENCE)
    return dict(sorted(definitions["$defs"].items()))


def _operation(app: App, route: Route, path: str) -> dict[str, Any]:
    who = "everybody" if route.access == PUBLIC else ", ".join(sorted(route.access))
    operation: dict[str, Any] = {
        "operationId": f"{app.name}_{route.handler.__name__}",
        "tags": [app.name],
        "summary": route.summary,
        "description": f"For: {who}.",
        "parameters": _parameters(route, path),
        "responses": _responses(route),
    }
    if route.access != PUBLIC:
        operation["security"] = [{"bearer": []}]
    if route.body == "raw":
        operation["requestBody"] = {
            "required": True,
            "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
        }
    elif route.body is not None:
        schema = {"$ref": REFERENCE.format(model=route.body.__name__)}
        needed = any(field.is_required() for field in route.body.model_fields.values())
        operation["requestBody"] = {"required": needed, "content": {"application/json": {"schema": schema}}}
    return operation


def _parameters(route: Route, path: str) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{PATH_ID.pattern}$"},
        }
        for name in re.findall(r"{(\w+)}", path)
    ]
    if route.query is not None:
        schema = route.query.model_json_schema()
        required = schema.get("required", [])
        for name, described in schema["properties"].items():
            parameters.append(
                {"name": name, "in": "query", "required": name in required, "schema": described}
            )
    return parameters


def _responses(route: Route) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, model in route.answers.items():
        if model is None:  # a redirect
            responses[str(status)] = {"description": "The browser goes on there"}
            continue
        schema = {"$ref": REFERENCE.format(model=model.__name__)}
        described = (model.__doc__ or route.summary).strip().split("\n")[0]
        responses[str(status)] = {
            "description": described,
            "content": {"application/json": {"schema": schema}},
        }
    for content_type in route.files:
        file = {"schema": {"type": "string"}}
        responses.setdefault("200", {"description": "A file", "content": {}})["content"][content_type] = file
    problem: dict[str, Any] = {
        "application/problem+json": {"schema": {"$ref": REFERENCE.format(model="Problem")}}
    }
    if not route.answers and not route.files:
        page = {"text/html": {"schema": {"type": "string"}}}
        responses["200"] = {"description": "A page for a person", "content": page}
        problem |= page
    for code, meaning in PROBLEMS.items():
        if route.access == PUBLIC and code in SIGNED_IN_ONLY:
            continue
        if route.access == TASKS and code == "409":
            continue
        if code == "429" and not route.costly:
            continue
        responses.setdefault(code, {"description": meaning, "content": problem})
    return responses
