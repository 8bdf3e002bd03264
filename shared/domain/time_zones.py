"""Xero's time zone names (AUSEASTERNSTANDARDTIME) as IANA names (Australia/Sydney).

Xero uses Microsoft's names, in capitals and without spaces; tzlocal carries Unicode's table of them.
"""

from __future__ import annotations

import re
from functools import cache

from tzlocal.windows_tz import win_tz

#: Names that Microsoft retired and Xero still lists.
RETIRED = {"KAMCHATKASTANDARDTIME": "Asia/Kamchatka", "MIDATLANTICSTANDARDTIME": "Etc/GMT+2"}


@cache
def _table() -> dict[str, str]:
    return {_squeezed(name): iana for name, iana in win_tz.items()} | RETIRED


def _squeezed(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", name.upper())


def iana_name(xero_name: str | None) -> str | None:
    """The IANA name, or None for a name neither Microsoft nor we know."""
    return _table().get(_squeezed(xero_name)) if xero_name else None
