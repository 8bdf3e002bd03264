"""What goes wrong: processes are killed at random moments, clocks jump, webhooks fail in every way they can."""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter, deque
from collections.abc import Callable

import requests

from tests.soak.plan import ORGANISATIONS, Plan
from tests.soak.processes import Stack
from tests.soak.xero import Xero

#: Longer than Xero remembers an idempotency key, and than we wait until it surely does not.
JUMP_SECONDS = 480.0
TARGETS, WEIGHTS = ("gateway", "machinery", "simulator", "stack"), (4, 3, 3, 2)
MODES = ("on", "on", "hold", "duplicate", "reverse", "off")
#: The supervisor gives up on a process that ends more often than this within a minute.
OFTEN, WITHIN = 3, 60.0
#: A slow machine gets that much longer to come back to work before the next kill.
LONGEST_LULL = 20.0


class Trouble:
    def __init__(self, plan: Plan, stack: Stack, xero: Xero, say: Callable[[str], None]) -> None:
        self._plan, self._stack, self._xero, self._say = plan, stack, xero, say
        self._dice = random.Random(plan.seed + 1)
        self._first = deque(plan.first_kills)
        self._killed_at: dict[str, deque[float]] = {target: deque() for target in TARGETS}
        self.kills: Counter[str] = Counter()
        self.modes: Counter[str] = Counter()
        self.jumps = self.gave_up = 0

    def until(self, over: Callable[[], bool], progress: Callable[[], int]) -> None:
        """Strikes again and again until it is over; in between people get something done (``progress`` counts)."""
        while not over():
            before = progress()
            self._pause(self._dice.uniform(*self._plan.kill_every), over)
            self._lull(before + self._plan.clicks_between_kills, progress, over)
            if over():
                return
            if not self._stack.is_up():
                self.gave_up += 1
                self._say("the supervisor gave up; the stack is started again")
                self._restart(jump=False)
                continue
            mode = self._dice.choice(MODES)
            with contextlib.suppress(requests.RequestException):
                self._xero.webhooks(mode)
                self.modes[mode] += 1
            self._strike(self._first.popleft() if self._first else self._target())

    def jump(self) -> None:
        """The stack is stopped as a person would, and started when both clocks are further on."""
        self._collect()
        self._stack.stop()
        self._start_further_on()

    def _target(self) -> str:
        now = time.monotonic()
        for times in self._killed_at.values():
            while times and now - times[0] > WITHIN:
                times.popleft()
        weights = [
            0 if target != "stack" and len(self._killed_at[target]) >= OFTEN else weight
            for target, weight in zip(TARGETS, WEIGHTS, strict=True)
        ]
        return self._dice.choices(TARGETS, weights)[0]

    def _strike(self, target: str) -> None:
        self._collect()
        if target == "stack":
            self._restart(jump=self._dice.random() < 0.75 or not self.jumps)
        elif not self._stack.kill_part(target):
            return  # it is just being started again
        self._killed_at[target].append(time.monotonic())
        self.kills[target] += 1

    def _restart(self, *, jump: bool) -> None:
        if jump:  # only now, because it makes us rest for five minutes
            with contextlib.suppress(requests.RequestException):
                self._xero.offline_once(self._dice.choice(list(ORGANISATIONS)))
            self._pause(0.5, lambda: False)
        self._stack.kill()
        for times in self._killed_at.values():
            times.clear()
        if jump:
            self._start_further_on()
        else:
            self._stack.start()

    def _start_further_on(self) -> None:
        self._stack.jump(JUMP_SECONDS)
        self.jumps += 1
        self._stack.start()

    def _collect(self) -> None:
        with contextlib.suppress(requests.RequestException):
            self._xero.collect()

    def _lull(self, goal: int, progress: Callable[[], int], over: Callable[[], bool]) -> None:
        self._pause(LONGEST_LULL, lambda: over() or progress() >= goal)

    def _pause(self, seconds: float, over: Callable[[], bool]) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not over():
            time.sleep(0.1)
