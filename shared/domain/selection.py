"""Which appointments are to be invoiced: the one rule that bulk invoicing and completeness share."""

from __future__ import annotations

from shared.domain.records import Appointment


def is_to_be_invoiced(appointment: Appointment, *, invoice_no_shows: bool) -> bool:
    """Everything that was not cancelled; a patient who did not come is charged only where the practice does so.

    A person may still invoice a single ``no_show`` by hand (a fee, say); a cancelled appointment never.
    """
    if appointment.status == "no_show":
        return invoice_no_shows
    return appointment.status != "cancelled"
