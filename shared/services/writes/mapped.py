"""What a document names must be usable in Xero: checked against the organisation's lists before it is sent.

A document that names something archived or gone waits with a reason, and goes on by itself once the mapping is changed
or the thing is restored (``setup_state``). The check costs no call: the lists are those of at most a day ago. They are
read again when Xero refuses what they call usable, and when a person asks again for what they call archived, but never
twice within a moment.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from shared.domain.errors import Rejected
from shared.domain.invoices import InvoiceDocument
from shared.domain.operations import Operation
from shared.domain.organisation_lists import THINGS, OrganisationLists
from shared.domain.stale import Stale, stale_payment_account
from shared.ports import Ports
from shared.ports.accounting import Accounting
from shared.services.build_invoice import Built, build, read_settings
from shared.services.setup_state import CHECKED, MAPPING_ARCHIVED, revision
from shared.services.writes.kinds import Fail, Hold, Refuse, WaitFor
from shared.services.xero_lists import MAX_AGE, cached_lists, young_lists

#: Without these no document's total can be foretold, so they are always known.
ALWAYS_KNOWN = ("accounts", "tax_rates")
#: A list this young is not read again: many documents that are refused together share one reading.
A_MOMENT = timedelta(seconds=15)
#: Xero's refusal -> the list that may explain it.
EXPLAINED_BY = {
    "account_invalid": "accounts",
    "tax_type_invalid": "tax_rates",
    "tracking_invalid": "tracking",
    "item_invalid": "items",
    "theme_invalid": "branding_themes",
}


def build_usable(ports: Ports, operation: Operation, accounting: Accounting) -> tuple[Built, InvoiceDocument]:
    """The document of the operation's request. Raises Refuse when something is missing, WaitFor while something that
    it names is archived or gone, and the XeroError when the lists are not known and cannot be had."""
    _renew(ports, operation, accounting, ALWAYS_KNOWN, MAX_AGE)
    built = _build(ports, operation)
    if built.stale and _asked_again(operation):
        _renew(ports, operation, accounting, {THINGS[each.kind][0] for each in built.stale}, A_MOMENT)
        built = _build(ports, operation)
    if built.document is None:
        raise Refuse("invalid_input", "; ".join(f"{e.field}: {e.message}" for e in built.errors))
    if built.stale:
        raise WaitFor(MAPPING_ARCHIVED, _held(operation, built.stale, built.revision), None)
    return built, built.document


def document_refused(
    ports: Ports, operation: Operation, accounting: Accounting, error: Rejected
) -> Fail | Hold:
    """What Xero's refusal means by its own list as it now is: a document that names something archived waits."""
    if not _can_explain(ports, operation, accounting, error):
        return Fail(error.code, error.detail)
    built = _build(ports, operation)
    return _verdict(operation, error, built.stale, built.revision)


def payment_account(ports: Ports, operation: Operation, accounting: Accounting) -> str:
    """The account of a payment (``request``: {"account_code", "method"}): as asked for, or, once that is archived,
    the one that the method has by now. Raises WaitFor while neither is usable."""
    method, asked = operation.request["method"], str(operation.request["account_code"])
    stale, setup = _stale_payment(ports, operation, asked)
    if stale and _asked_again(operation):
        _renew(ports, operation, accounting, ("accounts",), A_MOMENT)
        stale, setup = _stale_payment(ports, operation, asked)
    if not stale:
        return asked
    present = read_settings(ports, operation.practice_id).payment_accounts.get(method)
    if present and not _stale_payment(ports, operation, present)[0]:
        return present
    raise WaitFor(MAPPING_ARCHIVED, _held(operation, stale, setup), None)


def payment_refused(
    ports: Ports, operation: Operation, accounting: Accounting, error: Rejected, account: str
) -> Fail | Hold:
    """The same as ``document_refused`` for a payment that was sent to this account."""
    if not _can_explain(ports, operation, accounting, error):
        return Fail(error.code, error.detail)
    return _verdict(operation, error, *_stale_payment(ports, operation, account))


def _build(ports: Ports, operation: Operation) -> Built:
    return build(ports, operation.practice_id, operation.subject["appointment_id"], operation.request)


def _stale_payment(ports: Ports, operation: Operation, account: str) -> tuple[list[Stale], str | None]:
    setup = revision(ports, operation.practice_id)
    found = cached_lists(ports, operation.practice_id, operation.tenant_id, ("accounts",))
    lists = OrganisationLists.from_stored(found)
    return stale_payment_account(operation.request["method"], account, lists), setup


def _asked_again(operation: Operation) -> bool:
    """A person asks, who has perhaps just restored it in Xero."""
    return operation.reason_code == "asked_again"


def _can_explain(ports: Ports, operation: Operation, accounting: Accounting, error: Rejected) -> bool:
    """Whether a list could explain the refusal; it is then as fresh as a moment."""
    name = EXPLAINED_BY.get(error.code)
    if name:
        _renew(ports, operation, accounting, (name,), A_MOMENT)
    return name is not None


def _renew(
    ports: Ports, operation: Operation, accounting: Accounting, names: Iterable[str], max_age: timedelta
) -> None:
    young_lists(ports, operation.practice_id, operation.tenant_id, names, accounting, max_age)


def _verdict(operation: Operation, error: Rejected, stale: list[Stale], setup: str | None) -> Fail | Hold:
    if not stale:
        return Fail(error.code, error.detail)
    return Hold(MAPPING_ARCHIVED, _held(operation, stale, setup))


def _held(operation: Operation, stale: list[Stale], setup: str | None) -> str:
    """The operation remembers what it was checked against; why it waits, for a person."""
    operation.prepared = {CHECKED: setup}
    return "; ".join(dict.fromkeys(each.sentence for each in stale))
