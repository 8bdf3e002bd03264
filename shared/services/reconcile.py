"""The scheduled sweep: whatever a webhook or a task may have lost is found here."""

from __future__ import annotations

from datetime import timedelta

from shared.domain.errors import ConnectionLost, LedgerError
from shared.domain.times import instant
from shared.ports import Ports
from shared.ports.store import Where
from shared.services.connections import lose_connection, read_connection
from shared.services.documents import each_document, foreign_cursor
from shared.services.drain import requeue_waiting
from shared.services.drain_tasks import wake_pull, wake_seal, wake_sweep
from shared.services.list_renewal import renew_lists_at_night
from shared.services.night_check import check_at_night
from shared.services.token_moves import sweep_secrets
from shared.services.tokens import access_token, drop_unused, is_used

#: Xero forgets a refresh token after 60 quiet days; a week leaves room for many failures.
QUIET = timedelta(days=6)


#: One request looks after so many organisations and hands the others on: thousands would outlast it.
PAGE = 100


def reconcile(ports: Ports) -> int:
    """A pull and a drain for every connected organisation, as tasks; gives how many of them this request looked after,
    the others follow page by page.

    What waits for a connection although there is one (somebody connected in the very moment it began to wait) is
    due again. Once a day token sets that nobody uses are looked for.
    """
    count = sweep_page(ports, None, instant(ports.clock.now()))
    sweep_secrets(ports)
    return count


def sweep_page(ports: Ports, cursor: str | None, began: str) -> int:
    """One page of the sweep that began then; InvalidInput for a foreign cursor. The next page is a task before this one
    is worked on: an organisation that makes trouble keeps only its own page waiting for another try."""
    where = [Where("grant_id", ">", "")]
    try:
        page = ports.store.query("tenants", where=where, order_by="grant_id", limit=PAGE, cursor=cursor)
    except ValueError:
        raise foreign_cursor() from None
    if page.next_cursor:
        wake_sweep(ports.tasks, page.next_cursor, began)
    with_practice = [tenant for tenant in page.items if tenant.data.get("practice_id")]
    for tenant in with_practice:
        _look_after(ports, tenant.id, tenant.data["practice_id"])
    return len(with_practice)


def _look_after(ports: Ports, tenant_id: str, practice_id: str) -> None:
    wake_pull(ports.tasks, tenant_id, ports.clock.now())
    if read_connection(ports, practice_id).status == "connected":
        requeue_waiting(ports, practice_id)
        renew_lists_at_night(ports, practice_id)
        check_at_night(ports, practice_id)
    wake_seal(ports.tasks, practice_id, ports.clock.now())


def keep_alive(ports: Ports) -> dict[str, int]:
    """Refresh every grant that was not refreshed for a week, so that a quiet clinic stays connected.

    One that no organisation lives on is destroyed instead: a choice left open, or what a crash left behind.
    """
    counts = {"refreshed": 0, "lost": 0, "later": 0, "dropped": 0}
    where = [Where("refreshed_at", "<", instant(ports.clock.now() - QUIET))]
    for document in each_document(ports.store, "grants", where=where, order_by="refreshed_at"):
        if not is_used(ports, document.id):
            drop_unused(ports, document.id)
            counts["dropped"] += 1
        elif document.data["status"] == "active":
            counts[_refreshed(ports, document.id)] += 1
    return counts


def _refreshed(ports: Ports, grant_id: str) -> str:
    try:
        access_token(ports, grant_id, force=True)
    except ConnectionLost as lost:
        for tenant in ports.store.query("tenants", where=[Where("grant_id", "==", grant_id)]).items:
            lose_connection(ports, tenant.data["practice_id"], lost.reason)
        return "lost"
    except LedgerError:
        # Xero may have renewed it all the same, and lets us ask again for half an hour: the next pull may be later.
        for tenant in ports.store.query("tenants", where=[Where("grant_id", "==", grant_id)]).items:
            wake_pull(ports.tasks, tenant.id, ports.clock.now())
        return "later"
    return "refreshed"
