"""``GET /desk``: stands in for Xero's own screen in a rehearsal, where a bookkeeper enters a payment.

Xero's web interface is not simulated; this lists what is due in the simulated organisations, each with a button that
enters the payment through the simulator's control interface. The payment then comes back to us as it would from Xero.
"""

from __future__ import annotations

from decimal import Decimal
from html import escape
from typing import Any

import requests
from flask import Flask, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from infra.local.issuer_pages import page
from infra.local.settings import Settings

TIMEOUT_SECONDS = 30
NOTE = (
    "<p>Xero is simulated here, so its screens are too: this is where a bookkeeper enters a payment that arrived. "
    "Watch the invoice turn to <em>Paid</em> in Clinic Ledger.</p>"
)


def add_desk(app: Flask, settings: Settings) -> None:
    def simulator(method: str, path: str) -> Any:
        with requests.Session() as session:
            session.trust_env = False  # a proxy has no business with loopback calls
            url = f"{settings.simulator_url}/_simulator/{path}"
            answer = session.request(
                method, url, json={} if method == "POST" else None, timeout=TIMEOUT_SECONDS
            )
        answer.raise_for_status()
        return answer.json(parse_float=Decimal)

    @app.get("/desk")
    def desk() -> Response:
        sections = [
            _section(tenant, simulator("GET", f"tenants/{tenant['tenantId']}/books")["invoices"])
            for tenant in simulator("GET", "tenants")["tenants"]
        ]
        return Response(page("Simulated Xero: invoices to be paid", NOTE + "".join(sections)))

    @app.post("/desk")
    def pay() -> AnyResponse:
        tenants = {tenant["tenantId"] for tenant in simulator("GET", "tenants")["tenants"]}
        tenant_id, invoice_id = request.form.get("tenant_id", ""), request.form.get("invoice_id", "")
        if tenant_id not in tenants or not invoice_id.replace("-", "").isalnum():
            return Response("there is no such invoice", 400, mimetype="text/plain")
        simulator("POST", f"tenants/{tenant_id}/invoices/{invoice_id}/pay")
        return redirect("/desk", 303)


def _section(tenant: dict[str, Any], invoices: list[dict[str, Any]]) -> str:
    due = [i for i in invoices if i["Type"] == "ACCREC" and i["Status"] == "AUTHORISED" and i["AmountDue"]]
    if not due:
        return ""
    rows = "".join(
        f"<tr><td>{escape(i.get('InvoiceNumber') or '')}</td><td>{escape(i.get('Reference') or '')}</td>"
        f'<td class="number">{Decimal(i["AmountDue"]):.2f} {escape(i["CurrencyCode"])}</td>'
        f'<td><form method="post" action="/desk"><input type="hidden" name="tenant_id" value="{tenant["tenantId"]}">'
        f'<input type="hidden" name="invoice_id" value="{escape(i["InvoiceID"])}">'
        f'<button aria-label="Enter the payment of {escape(i.get("InvoiceNumber") or "")}">Enter the payment</button>'
        "</form></td></tr>"
        for i in due
    )
    head = '<tr><th>Invoice</th><th>Appointment</th><th class="number">Due</th><th></th></tr>'
    return f"<h2>{escape(tenant['tenantName'])}</h2><table>{head}{rows}</table>"
