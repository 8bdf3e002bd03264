"""Whether this machine's clock agrees with those whose tokens are checked here and who check ours."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from infra.doctor_rules import Environment, Problem

#: Sign-in lets clocks differ by so much (shared/http/sign_in.py); half of it is warned of.
STOPS, REMARK = 30, 15
WAIT_SECONDS = 5


def clock_problems(given: Mapping[str, str]) -> list[Problem]:
    """Asks the sign-in provider and Xero for the time, by the Date of any answer (RFC 9110, whole seconds)."""
    env = Environment(given)
    found = []
    for name in ("AUTH_ISSUER", "XERO_IDENTITY_URL"):
        if name == "XERO_IDENTITY_URL" and not env.real_xero:
            continue
        found += _of(name, env[name])
    return found


def _of(name: str, address: str) -> list[Problem]:
    try:
        asked = datetime.now(UTC)
        answer = requests.head(address, timeout=WAIT_SECONDS, allow_redirects=False)
        answered = datetime.now(UTC)
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError):
        return [
            Problem(name, f"nobody at {address} tells the time: is it right, is it running?", stops=False)
        ]
    # Their instant is somewhere between asking and being answered, cut to whole seconds.
    ours = asked + (answered - asked) / 2
    ahead = round((ours - theirs).total_seconds())
    if abs(ahead) < REMARK:
        return []
    side = "ahead of" if ahead > 0 else "behind"
    message = f"this machine's clock is {abs(ahead)} s {side} {address}: tokens are refused; set it by NTP"
    return [Problem(name, message, stops=abs(ahead) >= STOPS)]
