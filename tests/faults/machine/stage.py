"""A clinic as new for each example of the state machine, cheaply: one simulator and its server serve them all."""

from __future__ import annotations

import itertools
import shutil
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from infra.local.signing_key import KEY_FILE
from shared import bootstrap
from shared.services.connections import paused_until
from tests.faults.clinic import TENANT, Clinic, ready
from tests.product import MovedClock, Product
from tests.xero_simulator.server import Simulator

START = datetime(2031, 3, 4, 1, 0, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
#: Never asked: what waits for this address is delivered by ``delivery.Post``.
HELD = "http://webhook.invalid/"


class SteppingClock(MovedClock):
    """Both sides' clock. It moves when somebody reads it, or moves it, and never by itself: an example that failed
    fails again."""

    def __init__(self) -> None:
        super().__init__()
        self._lock, self._read = threading.Lock(), 0

    def now(self) -> datetime:
        with self._lock:
            self._read += 1
            return START + self._read * TICK + self.offset

    def time(self) -> float:
        """For the simulator, in place of its own."""
        return self.now().timestamp()


class Watched:
    """The way to Xero, watched: a call that leaves while our own record says that the organisation rests is noted."""

    def __init__(self, inner: Any, rests: Any, seen: list[str]) -> None:
        self._inner, self._rests, self._seen = inner, rests, seen

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if not callable(value):
            return value

        def call(*positional: Any, **named: Any) -> Any:
            if name == "accounting":
                return Watched(value(*positional, **named), self._rests, self._seen)
            until = self._rests()
            if until:
                self._seen.append(f"{name} was sent although {TENANT} rests until {until.isoformat()}")
            return value(*positional, **named)

        return call


@dataclass
class Set:
    """What one example plays on."""

    clinic: Clinic
    clock: SteppingClock
    calls_while_paused: list[str] = field(default_factory=list)

    @property
    def product(self) -> Product:
        return self.clinic.product


class Stage:
    def __init__(self, folder: Path, simulator: Simulator, key: Path) -> None:
        self._folder, self._simulator, self._key = folder, simulator, key
        self._numbers = itertools.count(1)

    def new_set(self) -> Set:
        """Everything as new: books, documents, tokens, tasks, clock; connected, with an account for card payments."""
        folder = self._folder / f"example-{next(self._numbers)}"
        folder.mkdir()
        shutil.copy(self._key, folder / KEY_FILE)  # making one takes longer than many an example
        clock = SteppingClock()
        self._simulator.reset()
        world = self._simulator.world
        world.clock.time = clock.time  # type: ignore[method-assign]
        work = world.work()
        world.webhooks.configure("hold", HELD, None, work)
        work.commit()
        product = Product(folder, self._simulator, clock=clock)
        seen: list[str] = []
        bare = product.ports
        product.ports = replace(bare, xero=Watched(bare.xero, lambda: paused_until(bare, TENANT), seen))
        bootstrap.install(product.ports, product.sign_in)
        return Set(ready(product), clock, seen)

    def strike(self, played: Set) -> None:
        """The example is over."""
        played.product.ports.xero.close()  # type: ignore[attr-defined]
        played.product.database.close()
        shutil.rmtree(played.product.database.path.parent)  # type: ignore[union-attr]
