"""Reading a request: its id, its path, its JSON body, its query. What is wrong is named, field by field."""

from __future__ import annotations

import io
import json
import re
import uuid
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, TypeVar

from flask import Request
from pydantic import BaseModel, TypeAdapter, ValidationError
from werkzeug.exceptions import ClientDisconnected

from shared.context import set_request_id
from shared.domain.errors import FieldError, InvalidInput, LedgerError, NotFound

#: Ids as they stand in paths: our own, the clinic's, Xero's. Nothing that a store path could trip over.
PATH_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
#: Deeper JSON than this is nobody's request.
DEPTH_LIMIT = 20
#: What is read of a body that nobody wants, so that the caller still gets the answer: 64 MiB.
PIECE, DISCARDED_PIECES = 65_536, 1_024
#: Wrong fields named in one answer; more of them are one mistake made many times.
ERRORS_SHOWN = 100
FIELD_NAME_LIMIT = 100
#: Words of our own where the library's do not say what to do.
REMEDIES = {
    "missing": "this field is needed",
    "extra_forbidden": "there is no such field here; check its spelling",
    "model_type": "give an object with named fields",
    "model_attributes_type": "give an object with named fields",
    "dict_type": "give an object with named fields",
    "string_unicode": "half of a surrogate pair is no text",
}

M = TypeVar("M", bound=BaseModel)


class TooLarge(LedgerError):
    code = "too_large"
    status = 413
    title = "The body is too large"


class BadJson(LedgerError):
    code = "bad_json"
    status = 400
    title = "The body is not valid JSON"


def take_request_id(request: Request) -> None:
    given = request.headers.get("X-Request-Id", "")
    set_request_id(given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex)


def check_path_arguments(arguments: dict[str, str]) -> None:
    for value in arguments.values():
        if not PATH_ID.fullmatch(value):
            raise NotFound("There is nothing at this address")


def read_body(request: Request, model: Any, limit: int) -> Any:
    """None without a model, the bytes for "raw", else the checked model. The raw bytes are read first: reading a
    form or JSON first would leave them empty."""
    if model is None:
        return None
    raw = read_bytes(request, limit)
    if model == "raw":
        return raw
    return parse(model, load_json(raw))


def read_bytes(request: Request, limit: int) -> bytes:
    if (request.content_length or 0) > limit:
        raise TooLarge(f"The body is larger than {limit:,} bytes")
    body = bytearray()
    try:
        # Until there is no more: one read may give a part only, and a part must not pass for the whole.
        while piece := request.stream.read(PIECE):
            body += piece
            if len(body) > limit:
                raise TooLarge(f"The body is larger than {limit:,} bytes")
    except ClientDisconnected:
        raise BadJson("The body ended before its Content-Length") from None
    return bytes(body)


def discard_rest(request: Request) -> None:
    """functions-framework reads what is left of a body into memory before it answers, even after a 401 or 413.
    So the rest is read here piece by piece and dropped; a caller who sends far too much is not heard out."""
    with suppress(ClientDisconnected):
        for _ in range(DISCARDED_PIECES):
            if not request.stream.read(PIECE):
                break
    request.stream = io.BytesIO()


def load_json(raw: bytes) -> Any:
    """Numbers become Decimal, so that an amount is never a float on its way in. An empty body is ``{}``."""
    if not raw.strip():
        return {}
    try:
        value = json.loads(
            raw.decode("utf-8-sig"), parse_float=_decimal, parse_int=_whole, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise BadJson(f"The body is not valid JSON: {type(error).__name__}") from None
    _check_depth(value, DEPTH_LIMIT)
    return value


def _decimal(text: str) -> Decimal:
    """A number beyond what Decimal can hold is out of every field's range; the field's own check says so."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("-Infinity" if text.startswith("-") else "Infinity")


def _whole(text: str) -> int | Decimal:
    return int(text) if len(text) < 40 else Decimal(text)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _check_depth(value: Any, left: int) -> None:
    if left == 0:
        raise BadJson(f"The body is nested deeper than {DEPTH_LIMIT} levels")
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        _check_depth(child, left - 1)


def parse(model: type[M], value: Any) -> M:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise InvalidInput(field_errors(error)) from None


def read_query(request: Request, model: Any) -> Any:
    if model is None:
        return None
    return parse(model, dict(request.args.items()))


def field_errors(error: ValidationError) -> list[FieldError]:
    """``("line_items", 0, "quantity")`` becomes ``line_items[0].quantity``; the value itself is not repeated."""
    found = error.errors(include_url=False, include_input=False, include_context=False)[:ERRORS_SHOWN]
    return [
        FieldError(field_name(e["loc"]), REMEDIES.get(e["type"], e["msg"].removeprefix("Value error, ")))
        for e in found
    ]


def field_name(location: tuple[str | int, ...]) -> str:
    name = ""
    for part in location:
        if part != "[key]":  # pydantic's word for "the name itself is wrong"
            name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else part
    return name[:FIELD_NAME_LIMIT] or "(body)"


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def parse_field(kind: Any, name: str, value: Any) -> Any:
    """One value against an annotated type; InvalidInput names it."""
    try:
        return _adapter(kind).validate_python(value)
    except ValidationError as error:
        raise InvalidInput([FieldError(name, e.message) for e in field_errors(error)]) from None
