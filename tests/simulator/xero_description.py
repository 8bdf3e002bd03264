"""Xero's published OpenAPI description as a judge of requests and answers.

The description is not part of the project. It is looked for in ``XERO_OPENAPI_DIR``, else in the folder
``../shared/xero-openapi`` beside the project; without it the tests that need it are skipped.
"""

from __future__ import annotations

import copy
import json
import os
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pytest
import simplejson
import yaml
from openapi_schema_validator import OAS30Validator, oas30_format_checker

FILE = "xero_accounting.yaml"

# What Xero sends although the schema does not name it; nearly all of it is in the description's own examples.
UNNAMED = {
    "every envelope": ("Id", "Status", "ProviderName", "DateTimeUTC"),
    "Invoice": ("DateString", "DueDateString"),
    "CreditNote": ("ID", "DateString", "DueDateString"),
    "LineItem": ("ValidationErrors",),
    "HistoryRecord": ("DateUTCString", "ValidationErrors"),
    "TrackingOption": ("HasValidationErrors", "IsDeleted", "IsArchived", "IsActive"),
    "Allocation": ("HasErrors",),  # on a refused element
}

# Where the description is silent or wrong, with the reason.
SILENT = {
    404: "unknown resources answer in plain text; the description names no 404 (Xero-OpenAPI issue 163)",
    405: "no page describes a method that does not exist",
}
WRONG = {
    "GET 400": "a where clause that cannot be read answers 400 with error 16; reads describe only 200",
    "DELETE 400": "deletions describe only their success",
    "request POST /Payments/{PaymentID}": "the schema wants {'Status'}, its example wraps it in 'Payments'",
}


def folder() -> Path:
    beside = Path(__file__).parents[3] / "shared" / "xero-openapi"
    return Path(os.environ.get("XERO_OPENAPI_DIR") or beside)


def description() -> Description:
    """The description, or a skipped test."""
    path = folder() / FILE
    if not path.is_file():
        pytest.skip(f"Xero's OpenAPI description is not here: set XERO_OPENAPI_DIR to the folder of {FILE}")
    return _read(path)


@cache
def _read(path: Path) -> Description:
    with path.open(encoding="utf-8") as file:
        return Description(yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))


@dataclass
class Description:
    document: dict[str, Any]

    def answer_problems(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """What the description has against an answer; empty when it is as described."""
        if status in SILENT or f"{method.upper()} {status}" in WRONG:
            return []
        _, operation = self._operation(method, path)
        if str(status) not in operation["responses"]:
            return [f"{method} {path} describes no status {status}"]
        described = self._resolved(operation["responses"][str(status)])
        content = described.get("content", {}).get("application/json")
        if content is None:
            return [] if body in (None, "") else [f"{method} {path} {status} describes no body"]
        return self._problems(content["schema"], body)

    def request_problems(self, method: str, path: str, body: Any) -> list[str]:
        """What the description has against a request's body."""
        template, operation = self._operation(method, path)
        if f"request {method.upper()} {template}" in WRONG and "Payments" in body:
            return []
        described = self._resolved(operation.get("requestBody", {}))
        content = described.get("content", {}).get("application/json")
        return (
            [f"{method} {path} takes no body"] if content is None else self._problems(content["schema"], body)
        )

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        segments = path.strip("/").split("/")
        for template, item in sorted(self.document["paths"].items(), key=lambda one: one[0].count("{")):
            parts = template.strip("/").split("/")
            fits = len(parts) == len(segments) and all(
                part.startswith("{") or part == segment for part, segment in zip(parts, segments, strict=True)
            )
            if fits and method.lower() in item:
                return template, dict(item[method.lower()])
        raise LookupError(f"the description knows no {method} {path}")

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self.document
            for key in node["$ref"].removeprefix("#/").split("/"):
                found = found[key]
            node = found
        return node

    def _problems(self, schema: dict[str, Any], body: Any) -> list[str]:
        on_the_wire = json.loads(simplejson.dumps(body))
        whole = {"allOf": [schema], "components": self._closed}
        validator = OAS30Validator(whole, format_checker=oas30_format_checker)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(on_the_wire)]

    @cached_property
    def _closed(self) -> dict[str, Any]:
        """The schemas with nothing allowed that they do not name: otherwise a misspelt field would pass."""
        copied = copy.deepcopy({"schemas": self.document["components"]["schemas"]})
        for name, schema in copied["schemas"].items():
            if "properties" not in schema or name in ("Error", "Element"):
                continue  # an error echoes whatever came
            extra = UNNAMED["every envelope"] if "x-objectArrayKey" in schema else UNNAMED.get(name, ())
            schema["properties"] |= {field: {} for field in extra}
            schema["additionalProperties"] = False
        return copied
