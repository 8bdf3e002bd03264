"""Which function answers which paths. The cloud's URL map is made from the same table."""

from __future__ import annotations

PREFIXES: dict[str, tuple[str, ...]] = {
    "oauth": ("/xero/oauth", "/xero/connections"),
    "contacts": ("/xero/contacts",),
    "invoices": ("/xero/invoices", "/xero/appointments"),
    "settings": (
        "/xero/settings",
        "/xero/items",
        "/xero/tracking",
        "/xero/suggestions",
        "/xero/accounts",
        "/xero/tax_rates",
        "/xero/products",
        "/xero/branding_themes",
        "/xero/currencies",
    ),
    "records": ("/clinic",),
    "activity": (
        "/xero/logs",
        "/xero/attention",
        "/xero/jobs",
        "/xero/completeness",
        "/xero/operations",
        "/xero/overview",
        "/xero/admin",
    ),
    "webhook": ("/xero/webhook",),
    "reconcile": ("/tasks/reconcile",),
    "worker": ("/tasks",),
    "console": ("/",),
}

#: Called by events, not by requests: no path leads to them, neither here nor through the load balancer.
EVENT_FUNCTIONS = frozenset({"appointment_completed"})


def function_for(path: str, prefixes: dict[str, tuple[str, ...]] = PREFIXES) -> str | None:
    """The function with the longest prefix of whole path segments: /tasks/reconcile/ is not the worker's."""
    found, longest = None, -1
    for name, starts in prefixes.items():
        for start in starts:
            stem = start.rstrip("/")
            if len(stem) > longest and (path == stem or path.startswith(stem + "/")):
                found, longest = name, len(stem)
    return found
