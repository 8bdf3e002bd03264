"""What may go wrong with one thing that somebody does: a fault on its way to Xero, or the process dies over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

#: The client gives up after this while an answer is slow in coming; the simulator takes longer.
IMPATIENT, SLOW = 0.1, 0.2
API = "/api.xro/2.0/"
REFUSED = {"Type": None, "Title": "Unauthorized", "Status": 401, "Detail": "AuthenticationUnsuccessful"}
FAULTS: dict[str, dict[str, Any]] = {
    "drop_before": {"kind": "drop_before"},
    "drop_after_commit": {"kind": "drop_after_commit"},
    "500": {"kind": "status", "status": 500},
    "503": {"kind": "status", "status": 503, "body": "Service Unavailable"},
    "500_after_commit": {"kind": "status_after_commit", "status": 500},
    "truncated": {"kind": "garbage", "variant": "truncated"},
    "html": {"kind": "garbage", "variant": "html"},
    "wrong_content_type": {"kind": "garbage", "variant": "wrong_content_type"},
    "slow_to_arrive": {"kind": "delay", "seconds": SLOW, "when": "before"},
    "slow_to_answer": {"kind": "delay", "seconds": SLOW, "when": "after"},
    "429_minute": {"kind": "rate_limit", "problem": "minute", "retry_after": 41},
    "429_day": {"kind": "rate_limit", "problem": "day", "retry_after": 9000},
    "429_concurrent": {"kind": "rate_limit", "problem": "concurrent"},
    "429_appminute": {"kind": "rate_limit", "problem": "appminute", "retry_after": 9},
    "429_unknown": {"kind": "rate_limit", "problem": "somethingnew"},
    "503_offline": {"kind": "offline"},
    "401": {"kind": "status", "status": 401, "body": REFUSED},
    "403": {"kind": "status", "status": 403, "body": REFUSED | {"Status": 403, "Title": "Forbidden"}},
}
#: These change Xero's books although no good answer comes back.
LOSING = ("drop_after_commit", "500_after_commit", "truncated", "slow_to_answer", "slow_to_arrive")
PLACES: dict[str, dict[str, str]] = {
    "identity": {"path": "/connect"},
    "any_call": {"path": API},
    "any_create": {"path": API, "method": "PUT"},
    "any_change": {"path": API, "method": "POST"},
    "any_question": {"path": API, "method": "GET"},
    "contacts": {"path": f"{API}Contacts", "method": "PUT"},
    "invoices": {"path": f"{API}Invoices", "method": "PUT"},
    "payments": {"path": f"{API}Payments", "method": "PUT"},
    "credits": {"path": f"{API}CreditNotes", "method": "PUT"},
    "token": {"path": "/connect/token"},
}


@dataclass(frozen=True)
class Trouble:
    """``place`` "own" is where the deed's own write goes. ``dies_at``: the moment of the process's life."""

    fault: str | None = None
    place: str = "own"
    skip: int = 0
    dies_at: int | None = None


NONE = Trouble()
_faults = st.sampled_from(sorted(FAULTS))
own_faults = st.builds(Trouble, fault=st.sampled_from(LOSING) | _faults)
other_faults = st.builds(
    Trouble, fault=_faults, place=st.sampled_from(sorted(PLACES)), skip=st.integers(0, 2)
)
deaths = st.builds(Trouble, dies_at=st.integers(1, 140))
#: Half of what people do meets nothing.
troubles = st.one_of(st.just(NONE), st.just(NONE), st.just(NONE), own_faults, other_faults, deaths)


def plan(trouble: Trouble, own: dict[str, str]) -> dict[str, Any]:
    """For ``Simulator.fault``; ``own`` is the place of the deed's write."""
    place = own if trouble.place == "own" else PLACES[trouble.place]
    return FAULTS[str(trouble.fault)] | place | {"skip": trouble.skip}
