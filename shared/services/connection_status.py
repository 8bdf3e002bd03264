"""What a person needs to know of the connection, on one page."""

from __future__ import annotations

from typing import Any

from shared.domain.errors import NotConnected
from shared.ports import Ports
from shared.services.connections import paused_until, read_connection, read_tenant
from shared.services.tokens import read_grant

REASONS = {
    "choosing": "Choose the organisation to connect",
    "revoked": "Access was withdrawn in Xero; connect again",
    "tokens_missing": "The stored access to Xero is gone; connect again",
    "insufficient_scope": "Xero wants a permission that was not given; connect again",
    "wrong_organisation": "The organisation is no longer connected to us in Xero; connect again",
}


def connection_status(ports: Ports, practice_id: str) -> dict[str, Any]:
    """``status``: connected | needs_attention | disconnected; what is not known is None."""
    connection = read_connection(ports, practice_id)
    data, tenant = connection.data, {}
    if connection.tenant_id:
        tenant = read_tenant(ports, connection.tenant_id)
    status = connection.status if connection.status in ("connected", "disconnected") else "needs_attention"
    expires_at, scopes, reason = None, [], None
    if connection.status in ("choosing", "needs_reconnect"):
        reason = data.get("reason") if connection.status == "needs_reconnect" else "choosing"
    if connection.status in ("connected", "needs_reconnect") and connection.grant_id:
        try:
            grant = read_grant(ports, connection.grant_id)
            expires_at, scopes = grant.expires_at, grant.scopes
            if grant.status != "active":
                status, reason = "needs_attention", grant.reason
        except NotConnected:
            status, reason = "needs_attention", "revoked"
    until = paused_until(ports, connection.tenant_id) if connection.tenant_id else None
    return {
        "status": status,
        "reason": reason,
        "advice": REASONS.get(reason or ""),
        "tenant_id": connection.tenant_id,
        "tenant_name": data.get("tenant_name"),
        "choices": [
            {"tenant_id": c["tenant_id"], "tenant_name": c["tenant_name"]} for c in data.get("choices", [])
        ],
        "connected_by": (data.get("connected_by") or {}).get("name"),
        "connected_at": data.get("connected_at"),
        "token_expires_at": expires_at,
        "scopes": scopes,
        "last_webhook_at": tenant.get("last_webhook_at"),
        "webhook_missed_at": tenant.get("webhook_missed_at"),
        "last_pull_at": tenant.get("last_pull_at"),
        "paused_until": tenant.get("paused_until") if until else None,
        "pause_reason": tenant.get("pause_reason") if until else None,
        "calls_left_minute": tenant.get("calls_left_minute"),
        "calls_left_day": tenant.get("calls_left_day"),
    }
