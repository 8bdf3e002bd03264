"""What a person gets on the way back from Xero: the page they came from, or a plain one without scripts."""

from __future__ import annotations

from html import escape
from urllib.parse import urlsplit

from shared.domain.errors import LedgerError, XeroError
from shared.services.connect import Outcome

#: The error of which the person should hear more than that it failed: another practice has the organisation.
TAKEN = "organisation_taken"
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title} · Clinic Ledger</title>
<style>
body {{ font: 1.05rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 12vh auto; padding: 0 1.5rem }}
h1 {{ font-size: 1.9rem; line-height: 1.2 }} code {{ background: #eef2f6; padding: .1em .35em; border-radius: .25em }}
</style></head><body><main><h1>{title}</h1>{body}<p><a href="/">Back to Clinic Ledger</a></p></main></body></html>
"""


def outcome_page(outcome: Outcome) -> str:
    if outcome.kind == "connected":
        name = escape(outcome.tenant_name or "the organisation")
        return _page(
            f"Connected to {name}",
            "<p>If this is not the organisation you meant, disconnect and connect again before sending anything.</p>",
        )
    if outcome.kind == "choose":
        rows = "".join(
            f"<li><strong>{escape(c['tenant_name'])}</strong> <code>{escape(c['tenant_id'])}</code></li>"
            for c in outcome.choices
        )
        return _page(
            "Choose the organisation",
            f"<p>You gave access to:</p><ul>{rows}</ul><p>Nothing has changed yet. Choose one in Clinic Ledger, or "
            'send its id to <code>POST /xero/connections/select/</code> as <code>{"tenant_id": "…"}</code>.</p>',
        )
    if outcome.kind == "none":
        return _page(
            "No organisation", "<p>Xero gave access to no organisation. Connect again and tick one.</p>"
        )
    if outcome.error:
        return problem_page(outcome.error)
    return _page("Not connected", "<p>Access was not granted in Xero, so nothing was connected.</p>")


def problem_page(error: LedgerError) -> str:
    failed = "Xero did not complete the connection. Start again in a minute."
    return _page(
        "Not connected", f"<p>{escape(failed if isinstance(error, XeroError) else error.detail)}</p>"
    )


def status_of(outcome: Outcome) -> int:
    if outcome.error:
        return 502 if isinstance(outcome.error, XeroError) else outcome.error.status
    return {"connected": 200, "choose": 200, "none": 409, "denied": 403}[outcome.kind]


def way_back(return_to: str, outcome: Outcome) -> str:
    """``return_to`` as it was asked for when connected; else with one word of what happened in its query, ``xero``."""
    if outcome.kind == "connected":
        return return_to
    words = {"denied": "cancelled", "refused": "failed"}
    word = words.get(outcome.kind, outcome.kind)
    if outcome.error and outcome.error.code == TAKEN:
        word = TAKEN
    there = urlsplit(return_to)
    others = [pair for pair in there.query.split("&") if pair and not pair.startswith("xero=")]
    return there._replace(query="&".join([*others, f"xero={word}"])).geturl()


def _page(title: str, body: str) -> str:
    return PAGE.format(title=title, body=body)
