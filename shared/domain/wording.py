"""What a line says to whoever reads the invoice: the payer, the bookkeeper, an auditor.

The clinic's own wording may say more of a patient than the practice wants in its books, and a payer who is not the
patient has to see for whom it pays. The patient is named by code only, on the lines: the document's Reference is the
appointment's id and nothing else, because that is how Xero's document is found again.
"""

from __future__ import annotations

from dataclasses import replace

from shared.domain.records import LineItem

#: Xero: Description <= 4,000.
DESCRIPTION_LIMIT = 4000


def worded(
    line: LineItem, rule: str, *, has_label: bool, privacy_mode: str, patient_code: str | None
) -> tuple[LineItem, str]:
    """The line as it is sent, and the rule behind its description.

    ``has_label``: the description is the service's billing label, which the bookkeeper wrote. ``patient_code``: of
    the patient when somebody else pays, else None.
    """
    text = line.description
    if privacy_mode != "full" and not has_label:
        text = f"Service {line.service_code}" if line.service_code else "Service"
        rule = f"privacy mode {privacy_mode!r}: without a billing label the clinic's own wording is not sent"
    if patient_code:
        tail = f" (patient {patient_code})"
        text = text[: DESCRIPTION_LIMIT - len(tail)] + tail
        rule += ", with the patient's code because somebody else pays"
    return replace(line, description=text), rule
