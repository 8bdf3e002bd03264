"""Request bodies: one object, a list, or the list under its plural name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import simplejson

from .replies import NO_ID, Invalid, bad_post_data

# The official SDK adds these to every object it writes; Xero takes no notice of them.
NOISE = frozenset({"HasAttachments", "HasErrors", "HasValidationErrors", "HasAccount", "ValidationErrors"})


def elements(body: bytes, plural: str) -> list[dict[str, Any]]:
    data = parsed(body)
    if isinstance(data, dict) and plural in data:
        data = data[plural]
    found = data if isinstance(data, list) else [data]
    if not found or not all(isinstance(one, dict) for one in found):
        raise bad_post_data(f"JSON for post data was invalid, {plural} expected")
    return found


def parsed(body: bytes) -> Any:
    try:
        return simplejson.loads(body.decode("utf-8"), use_decimal=True)
    except (UnicodeDecodeError, ValueError) as error:
        raise bad_post_data(f"JSON for post data was invalid, {error.__class__.__name__}") from error


def given(raw: dict[str, Any]) -> dict[str, Any]:
    """What the caller means: null counts as left out, and so does the SDK's noise."""
    return {key: value for key, value in raw.items() if value is not None and key not in NOISE}


def guid(raw: dict[str, Any], key: str) -> str:
    """An identifier out of a body, in lower case; "" when left out or all zeros."""
    value = raw.get(key)
    if value in (None, "", NO_ID):
        return ""
    try:
        return str(UUID(str(value)))
    except ValueError as error:
        raise bad_post_data(f"JSON for post data was invalid, Could not convert {key} to a GUID") from error


def is_guid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def text(raw: dict[str, Any], key: str, limit: int, problems: list[str]) -> str:
    value = raw.get(key)
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        problems.append(f"{key} must be text")
        return ""
    result = format(value, "f") if isinstance(value, Decimal) else str(value)
    if len(result) > limit:
        problems.append(f"The field {key} must be a string with a maximum length of {limit}.")
    return result


def flag(raw: dict[str, Any], key: str) -> bool | None:
    value = raw.get(key)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if value is not None and not isinstance(value, bool):
        raise Invalid(f"{key} must be true or false")
    return value
