"""Which fields the product asks for, collection by collection: only these need an index.

The last part of a collection's path names it; one that is not listed here has an index for every field. Held against
the queries that are really made by ``tests/unit/test_firestore_indexes.py``. Most fields of a document are never asked
for, and each index is another write.
"""

from __future__ import annotations

QUERIED: dict[str, frozenset[str]] = {
    "appointments": frozenset({"starts_at"}),
    "batches": frozenset({"created_at"}),
    "config": frozenset(),
    "contact_links": frozenset({"contact_id", "name_sent", "updated_at"}),
    "former_invoices": frozenset({"appointment_id", "invoice_number"}),
    "grants": frozenset({"refreshed_at"}),
    "invoice_links": frozenset(
        {
            "date",
            "differs",
            "draft_since",
            "invoice_id",
            "invoice_number",
            "status",
            "total_differs",
            "updated_at",
        }
    ),
    "item_mappings": frozenset(),
    "jobs": frozenset({"updated_at"}),
    "log": frozenset(
        {"action", "actor_subject", "appointment_id", "at", "operation_id", "outcome", "patient_id"}
    ),
    "log_blocks": frozenset({"number"}),
    "operations": frozenset({"kind", "next_attempt_at", "reason_code", "state", "updated_at"}),
    "patients": frozenset(),
    "tenants": frozenset({"grant_id"}),
    "tracking_mappings": frozenset(),
}


def queried(collection: str) -> frozenset[str] | None:
    """None for a collection that is not listed: all of its fields."""
    return QUERIED.get(collection.rpartition("/")[2])
