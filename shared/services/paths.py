"""Where each document is. A practice's documents are all below ``practices/{practice_id}/``."""

from __future__ import annotations


def config(practice_id: str) -> str:
    """What there is one of: settings, connection, and what was last computed."""
    return f"practices/{practice_id}/config"


def settings(practice_id: str) -> str:
    return f"practices/{practice_id}/config/settings"


def setup(practice_id: str) -> str:
    """The mark that changes with every change of settings, mappings or lists; see ``setup_state``."""
    return f"practices/{practice_id}/config/setup"


def connection(practice_id: str) -> str:
    return f"practices/{practice_id}/config/connection"


def overview(practice_id: str) -> str:
    """The overview's figures as last computed."""
    return f"practices/{practice_id}/config/overview"


def completeness(practice_id: str) -> str:
    """What the last nightly check found; see ``night_check``."""
    return f"practices/{practice_id}/config/completeness"


def patient(practice_id: str, patient_id: str) -> str:
    return f"practices/{practice_id}/patients/{patient_id}"


def payer(practice_id: str, person_id: str) -> str:
    """A payer who is none of the patients."""
    return f"practices/{practice_id}/payers/{person_id}"


def appointment(practice_id: str, appointment_id: str) -> str:
    return f"practices/{practice_id}/appointments/{appointment_id}"


def contact_links(practice_id: str) -> str:
    return f"practices/{practice_id}/contact_links"


def contact_link(practice_id: str, person_id: str) -> str:
    return f"{contact_links(practice_id)}/{person_id}"


def invoice_links(practice_id: str) -> str:
    return f"practices/{practice_id}/invoice_links"


def invoice_link(practice_id: str, appointment_id: str) -> str:
    return f"{invoice_links(practice_id)}/{appointment_id}"


def former_invoices(practice_id: str) -> str:
    """Links of invoices that another one has replaced, by InvoiceID."""
    return f"practices/{practice_id}/former_invoices"


def former_invoice(practice_id: str, invoice_id: str) -> str:
    return f"{former_invoices(practice_id)}/{invoice_id}"


def item_mappings(practice_id: str) -> str:
    return f"practices/{practice_id}/item_mappings"


def tracking_mappings(practice_id: str) -> str:
    return f"practices/{practice_id}/tracking_mappings"


def tracking_mapping(practice_id: str, kind: str, place_id: str) -> str:
    return f"{tracking_mappings(practice_id)}/{tracking_mapping_name(kind, place_id)}"


def tracking_mapping_name(kind: str, place_id: str) -> str:
    """By kind and id: many clinics' apps count their clinics and their practitioners from 1."""
    return f"{kind}:{place_id}"


def operations(practice_id: str) -> str:
    return f"practices/{practice_id}/operations"


def operation(practice_id: str, operation_id: str) -> str:
    return f"{operations(practice_id)}/{operation_id}"


def jobs(practice_id: str) -> str:
    return f"practices/{practice_id}/jobs"


def job(practice_id: str, job_id: str) -> str:
    return f"{jobs(practice_id)}/{job_id}"


def job_page(practice_id: str, job_id: str, number: int) -> str:
    """Which operations one page of a job's records came to."""
    return f"{job(practice_id, job_id)}/pages/{number}"


def batches(practice_id: str) -> str:
    """Batches whose answer is still out."""
    return f"practices/{practice_id}/batches"


def batch(practice_id: str, batch_id: str) -> str:
    return f"{batches(practice_id)}/{batch_id}"


def log(practice_id: str) -> str:
    return f"practices/{practice_id}/log"


def log_blocks(practice_id: str) -> str:
    """The log's seals."""
    return f"practices/{practice_id}/log_blocks"


def log_block(practice_id: str, number: int) -> str:
    """Of fixed width, so that the order of ids is the order of blocks."""
    return f"{log_blocks(practice_id)}/{number:010d}"


def log_seal(practice_id: str) -> str:
    """Where the chain of the log's seals begins and ends."""
    return f"practices/{practice_id}/config/log_seal"


def rate_limit(practice_id: str, who: str) -> str:
    return f"practices/{practice_id}/rate_limits/{who}"


def xero_list(practice_id: str, kind: str) -> str:
    """A cached list of the organisation's: accounts, tax_rates, tracking ..."""
    return f"practices/{practice_id}/xero_lists/{kind}"


def grant(grant_id: str) -> str:
    return f"grants/{grant_id}"


def tenant(tenant_id: str) -> str:
    return f"tenants/{tenant_id}"


def oauth_state(state_hash: str) -> str:
    return f"oauth_states/{state_hash}"


def lease(name: str) -> str:
    return f"leases/{name}"
