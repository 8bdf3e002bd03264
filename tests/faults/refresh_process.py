"""Another worker process that wants the access token: ``python -m tests.faults.refresh_process FOLDER URL GRANT OFFSET
HOW [THREADS]``. It says ``ready``, waits for a line, then every thread asks at once; the answers are printed as JSON.

HOW  together             ask, in so many threads
     dies_before_keeping  the process is killed when Xero has answered and nothing is kept yet
     dies_before_pointing killed when the new version is kept and the grant does not point at it yet
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from shared.domain.errors import LedgerError
from shared.services.tokens import access_token, read_grant
from tests.product import Product


def die(*_: Any, **__: Any) -> Any:
    os._exit(9)


def main(folder: str, url: str, grant_id: str, offset: str, how: str, threads: str = "1") -> None:
    product = Product(Path(folder), SimpleNamespace(url=url))  # type: ignore[arg-type]
    product.clock.offset = timedelta(seconds=float(offset))
    ports: Any = product.ports
    if how == "dies_before_keeping":
        ports.secrets.add = die
    if how == "dies_before_pointing":
        update = ports.store.update

        def unless_pointing(path: str, data: dict[str, Any], **named: Any) -> Any:
            if path.startswith("grants/") and data["version"] != read_grant(ports, grant_id).version:
                die()
            return update(path, data, **named)

        ports.store.update = unless_pointing

    def ask(_: int) -> str:
        try:
            return access_token(ports, grant_id)
        except LedgerError as error:
            return error.code

    print("ready", flush=True)
    sys.stdin.readline()
    with ThreadPoolExecutor(int(threads)) as pool:
        print(json.dumps(list(pool.map(ask, range(int(threads))))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
