"""Many workers that want one grant's access token at the same moment."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from signal import SIGKILL

from shared.domain.errors import LedgerError
from shared.services import paths
from shared.services.tokens import access_token
from tests.faults.fork_server import ForkServer, Report, Task
from tests.product import Product


def grant_of(product: Product, practice: str = "demo") -> str:
    connection = product.ports.store.get(paths.connection(practice))
    assert connection is not None
    return str(connection.data["grant_id"])


def threads_ask(product: Product, count: int) -> list[str]:
    """Each one's token, or the code of its error."""
    grant_id = grant_of(product)

    def ask(_: int) -> str:
        try:
            return access_token(product.ports, grant_id)
        except LedgerError as error:
            return error.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


def processes_ask(
    product: Product,
    forks: ForkServer,
    count: int = 1,
    *,
    death: str | None = None,
    ahead: Sequence[float] = (),
    patient: bool = False,
    without: str = "",
) -> list[Report]:
    """The same in so many processes of their own. ``patient`` ones ask again while they are told "busy"; ``ahead``:
    by how many seconds each one's clock is ahead."""
    case = {"notes": {"grant_id": grant_of(product), "patient": patient}}
    shifts = ahead or [0.0] * count
    return forks.run(product, *[Task("ask_for_token", death, by, without, case) for by in shifts])


def killed(product: Product, forks: ForkServer, death: str) -> None:
    """A process that renews the token is killed at that moment."""
    (report,) = processes_ask(product, forks, death=death)
    assert report.signal == SIGKILL
