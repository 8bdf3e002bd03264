"""The local stack's processes for the browser tests: with a practice and an organisation for every test.

``python -m tests.browser.programs simulator | gateway | machinery ...``: the very programs of ``make run``, which know
two practices only; here they know sixty, so that no test meets what another one left.
"""

from __future__ import annotations

import os
import sys
import uuid
from datetime import datetime
from pathlib import Path

from functions.console import built_page
from infra.local import gateway_server, machinery
from infra.local.staff import PRACTICES
from tests.xero_simulator import __main__ as simulator_program
from tests.xero_simulator import server
from tests.xero_simulator.accounting.demo import australia
from tests.xero_simulator.interface import Books

CLINICS = 60
#: Where the built page was copied to, so that a build meanwhile takes no file from under a browser.
PAGE_COPY = "BROWSER_TEST_PAGE"


def practice_id(number: int) -> str:
    """The first is called as in ``make run``: it is the one whose pictures are taken."""
    return f"clinic-{number:02}" if number else "demo"


def organisation_name(number: int) -> str:
    return f"Harbour Street Clinic {number:02}" if number else "Harbour Street Clinic"


def tenant_id(number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, practice_id(number)))


def books(now: datetime) -> list[Books]:
    return [australia(now, tenant_id(number), organisation_name(number)) for number in range(CLINICS)]


def main(program: str) -> int | None:
    if program == "simulator":
        server.demo_books = books
        return simulator_program.main()
    if program == "gateway":
        built_page.STATIC = Path(os.environ[PAGE_COPY])
        return gateway_server.main()
    PRACTICES.update({practice_id(number): organisation_name(number) for number in range(CLINICS)})
    return machinery.main()


if __name__ == "__main__":
    sys.exit(main(sys.argv.pop(1)))
