"""The stack that the browser tests share: one for each worker of a run, with a fresh clinic for each test."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from infra.local import build_page, stack, state
from infra.local.child import python
from infra.local.ports import free_port, is_free
from infra.local.settings import ROOT, Settings
from infra.local.supervisor import StackFailed, Supervisor
from tests.browser import programs
from tests.browser.clinic import Clinic

#: Never what the developer's own shell points the stack at.
NOT_OURS = ("XERO_", "AUTH_", "TASKS_", "BACKEND", "PUBLIC_URL", "CLOCK_")

#: Of each organisation; a test about the limit sets its own.
CALLS_A_MINUTE = 1_000


class BrowserStack:
    def __init__(self, settings: Settings, supervisor: Supervisor) -> None:
        self.settings, self.supervisor = settings, supervisor
        self._numbers = itertools.count()

    def new_clinic(self) -> Clinic:
        """A practice of its own with an organisation of its own; nothing in either, not connected.

        Xero allows it so many calls a minute that no test waits for one because the machine is fast.
        """
        number = next(self._numbers)
        assert number < programs.CLINICS, "more clinics than tests/browser/programs.py has"
        clinic = Clinic(
            self.settings,
            programs.practice_id(number),
            programs.organisation_name(number),
            programs.tenant_id(number),
        )
        clinic.by_hand("limits", minute=CALLS_A_MINUTE)
        return clinic


@contextmanager
def running_stack(folder: Path, port: int | None = None) -> Iterator[BrowserStack]:
    """Builds the page when its sources changed. The processes' output is in ``folder``/stack.log. ``port`` if free."""
    assert build_page.main(["build"]) == 0, "the staff page could not be built"
    page = folder / "page"
    shutil.copytree(build_page.STATIC, page)
    ports = {name: str(free_port()) for name in ("PORT", "SIMULATOR_PORT", "ISSUER_PORT")}
    if port and is_free(port):
        ports["PORT"] = str(port)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
    environment = {**kept, **ports, "STATE_DIR": str(folder / "state"), programs.PAGE_COPY: str(page)}
    settings = Settings.from_environment(environment)
    services = [
        replace(
            service, command=(*python("-m", "tests.browser.programs", service.name), *service.command[3:])
        )
        for service in stack.services(settings)
    ]
    with state.held(settings.state_dir), (folder / "stack.log").open("w", buffering=1) as log:
        supervisor = Supervisor(
            services, settings.for_processes(environment), ROOT, lambda line: print(line, file=log)
        )
        try:
            try:
                supervisor.start()
            except StackFailed as failure:
                lines = Path(log.name).read_text().splitlines()
                raise AssertionError("\n".join([*lines[-30:], str(failure)])) from None
            yield BrowserStack(settings, supervisor)
        finally:
            supervisor.stop()
