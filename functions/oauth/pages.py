"""The pages a person sees on the way back from Xero: plain, without scripts."""

from __future__ import annotations

from html import escape

from shared.services.connect import Outcome

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
    return _page("Not connected", "<p>Access was not granted in Xero, so nothing was connected.</p>")


def problem_page(detail: str) -> str:
    return _page("Not connected", f"<p>{escape(detail)}</p>")


def _page(title: str, body: str) -> str:
    return PAGE.format(title=title, body=body)
