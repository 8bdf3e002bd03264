"""Faults planned through the control API: the ways in which a network or Xero itself lets a client down.

======================  =====================================================================================
``drop_before``         the socket is closed with no answer, nothing was done
``drop_after_commit``   everything was done (and kept under the idempotency key), then the socket is closed
``status``              ``status``, ``body``, ``content_type``, ``headers``; nothing was done
``status_after_commit`` the same, after everything was done; under a key, the error is what is kept
``delay``               ``seconds`` before the work, inside the concurrency limit; ``"when": "after"`` after it
``garbage``             done, then a broken answer: ``variant`` truncated, html or wrong_content_type
``rate_limit``          429 with ``problem`` and ``retry_after``
``offline``             503 in plain text, "The Organisation is offline"
``partly_failed``       some elements of a batch are refused with a validation error (``message``) although they are
                        fine: those of ``index`` (a number or a list, from 0), or each ``every``-th
======================  =====================================================================================

``method``, ``path`` (a prefix, or a glob) and ``tenant`` narrow it; ``skip`` lets that many matching requests
pass first; ``count`` is how many are hit: one if not said, without end if only ``probability`` is said.
"""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from .limits import too_many
from .messages import HTML, JSON, TEXT, DropConnection, Request, Response, problem, text_response

KINDS = {
    "drop_before",
    "drop_after_commit",
    "status",
    "status_after_commit",
    "delay",
    "garbage",
    "rate_limit",
    "offline",
    "partly_failed",
}
_VARIANTS = {"truncated", "html", "wrong_content_type"}
REFUSAL = "The document could not be saved. Please try again."
_REMAINING = {
    "minute": "X-MinLimit-Remaining",
    "day": "X-DayLimit-Remaining",
    "appminute": "X-AppMinLimit-Remaining",
}


@dataclass
class Fault:
    """One planned fault and how often it is still to strike."""

    plan: dict[str, Any]
    left: int | None
    skip: int

    @property
    def kind(self) -> str:
        return str(self.plan["kind"])

    def concerns(self, request: Request) -> bool:
        method = str(self.plan.get("method") or request.method).upper()
        pattern = str(self.plan.get("path") or "").lower()
        path = request.path.lower()
        tenant = self.plan.get("tenant")
        return (
            method == request.method
            and (path.startswith(pattern) or fnmatchcase(path, pattern))
            and tenant in (None, request.headers.get("xero-tenant-id"))
        )

    def before(self) -> Response | None:
        """The answer of a fault that strikes before anything is done; DropConnection for a dropped one."""
        if self.kind == "drop_before":
            raise DropConnection
        if self.kind == "status":
            return self._status()
        if self.kind == "offline":
            return text_response(503, "The Organisation is offline")
        if self.kind == "rate_limit":
            which = str(self.plan.get("problem", "minute"))
            waits = self.plan.get("retry_after", None if which == "concurrent" else 60)
            remaining = {name: "0" for limit, name in _REMAINING.items() if limit == which}
            return too_many(which, waits, remaining)
        return None

    def hold(self, moment: str) -> None:
        """The delay, in real time, if it belongs to this moment: "before" or "after" the work."""
        if self.kind == "delay" and self.plan.get("when", "before") == moment:
            time.sleep(float(self.plan.get("seconds", 1)))

    def refusal(self, index: int) -> str | None:
        """The validation message that this element of the batch gets, None when it is treated as it deserves."""
        if self.kind != "partly_failed":
            return None
        which, every = self.plan.get("index"), self.plan.get("every")
        hit = index in which if isinstance(which, list) else index == which
        hit = hit or (every is not None and (index + 1) % int(every) == 0)
        return str(self.plan.get("message", REFUSAL)) if hit else None

    def outcome(self, response: Response) -> Response:
        """What Xero would keep as the answer to this request."""
        return self._status() if self.kind == "status_after_commit" else response

    def on_the_way_back(self, response: Response) -> Response:
        """What becomes of a finished answer."""
        if self.kind == "drop_after_commit":
            raise DropConnection
        if self.kind != "garbage":
            return response
        variant = self.plan.get("variant", "truncated")
        if variant == "html":
            page = "<html><head><title>Xero</title></head><body><h1>We'll be right back</h1></body></html>"
            return text_response(200, page, HTML)
        if variant == "wrong_content_type":
            return Response(response.status, response.body, {**response.headers, "Content-Type": HTML})
        return Response(response.status, response.body[: len(response.body) // 2], response.headers)

    def _status(self) -> Response:
        status, body = int(self.plan.get("status", 500)), self.plan.get("body")
        if body is None:
            response = problem(status, "An error occurred", "An error occurred in Xero. Please try again.")
        elif isinstance(body, str):
            response = text_response(status, body, TEXT)
        else:
            response = text_response(status, json.dumps(body), JSON)
        if "content_type" in self.plan:
            response.headers["Content-Type"] = str(self.plan["content_type"])
        response.headers |= {str(name): str(value) for name, value in self.plan.get("headers", {}).items()}
        return response


class Faults:
    """The planned faults; at most one strikes a request, the one planned first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []

    def plan(self, plan: dict[str, Any]) -> int:
        """Plan one; how many are planned now. ValueError for one that makes no sense."""
        if plan.get("kind") not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(sorted(KINDS))}")
        if plan["kind"] == "garbage" and plan.get("variant", "truncated") not in _VARIANTS:
            raise ValueError(f"variant must be one of {', '.join(sorted(_VARIANTS))}")
        if plan["kind"] == "partly_failed" and ("index" in plan) == ("every" in plan):
            raise ValueError("partly_failed takes either index (a number or a list) or every (a number)")
        count = plan.get("count", None if "probability" in plan else 1)
        with self._lock:
            left = None if count is None else int(count)
            self._planned.append(Fault(plan, left, int(plan.get("skip", 0))))
            return len(self._planned)

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()

    def pending(self) -> list[dict[str, Any]]:
        with self._lock:
            return [{**fault.plan, "left": fault.left} for fault in self._planned]

    def pick(self, request: Request) -> Fault | None:
        """The fault that strikes this request, if any."""
        with self._lock:
            for fault in self._planned:
                if not fault.concerns(request):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if random.random() >= float(fault.plan.get("probability", 1)):
                    continue
                if fault.left is not None:
                    fault.left -= 1
                    if fault.left <= 0:
                        self._planned.remove(fault)
                return fault
        return None
