"""Our adapter pointed at a scripted loopback server, and writes to try it with."""

from __future__ import annotations

from shared.adapters.xero.client import XeroClient
from shared.ports.accounting import Accounting, WriteRequest

INVOICE = {
    "InvoiceID": "i-1",
    "Type": "ACCREC",
    "Status": "DRAFT",
    "SubTotal": 10,
    "TotalTax": 1,
    "Total": 11,
}
BODY = '{"Invoices":[{"Type": "ACCREC",  "Reference":"ä—\\u00e9","LineItems":[{"UnitAmount":0.30}]}]}'
CREATE = WriteRequest("invoice_create", BODY, "tenant-1:op-1")
WRITES = [
    CREATE,
    WriteRequest("invoice_update", BODY, "k", "i-1"),
    WriteRequest("invoice_email", "", "k", "i-1"),
    WriteRequest("payment_create", BODY, "k"),
]


def client(url: str, **options: float) -> XeroClient:
    return XeroClient(
        client_id="id",
        client_secret="secret",
        redirect_uri="http://localhost/callback",
        login_url=url,
        identity_url=url,
        api_url=url,
        **options,  # type: ignore[arg-type]
    )


def accounting(url: str, **options: float) -> Accounting:
    return client(url, **options).accounting("tenant-1", "bearer-1")
