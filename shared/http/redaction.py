"""The last net under the rule that nothing confidential is logged: what looks like a token, secret or address goes.

Names cannot be told from other words, so no pattern finds them; that they are never handed to a logger is what
``tests/property/test_leaks.py`` is for.
"""

from __future__ import annotations

import re
from typing import Any

HIDDEN = "[hidden]"
_CONFIDENTIAL = re.compile(
    r"""
      eyJ[\w-]{8,}(?:\.[\w-]*){1,4}                        # a JSON Web Token, whole or without its signature
    | (?i:\b(?:bearer|basic)\s+[\w.~+/=-]{8,})             # an Authorization header
    | (?i:\b(?:access_token|refresh_token|id_token|client_secret|code|code_verifier|state)["']?\s*[=:]\s*
        ["']?[^\s&"',}]+)                                # a field of a form, of a query or of JSON
    | [\w.%+'-]+@[\w-]+(?:\.[\w-]+)+                       # an e-mail address
    """,
    re.VERBOSE,
)


def redacted(value: Any) -> Any:
    """The same, with each confidential piece of a text replaced; in lists and dicts, each text."""
    if isinstance(value, str):
        return _CONFIDENTIAL.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {name: redacted(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(each) for each in value]
    return value
