"""A process that dies at a chosen moment: before or after the n-th thing it asks of the world outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from shared.ports import Ports

#: The ports whose calls are moments.
OUTSIDE = ("store", "tasks", "secrets", "xero", "records")


class Killed(BaseException):
    """The process is gone. No ``except Exception`` sees it, and no clean-up of its gets through."""


def raise_killed() -> None:
    raise Killed


class Life:
    """Notes its moments (two per call, "before store.get" and "after store.get") and ends at the given one: the n-th,
    or the first of that name."""

    def __init__(self, death: int | str, die: Callable[[], None] = raise_killed) -> None:
        self.trace: list[str] = []
        self._death, self._die = death, die
        self._over = False

    def moment(self, name: str) -> None:
        self.trace.append(name)
        death = self._death
        self._over = self._over or (len(self.trace) >= death if isinstance(death, int) else name == death)
        if self._over:
            self._die()


class Mortal:
    """Passes every call on, as long as there is life; the clients it hands out are mortal too."""

    def __init__(self, inner: Any, life: Life, path: str = "port") -> None:
        self._inner, self._life, self._path = inner, life, path

    def __getattr__(self, name: str) -> Any:
        value, path = getattr(self._inner, name), f"{self._path}.{name}"
        if name == "identity":
            return Mortal(value, self._life, path)
        if not callable(value):
            return value

        def call(*positional: Any, **named: Any) -> Any:
            self._life.moment(f"before {path}")
            try:
                result = value(*positional, **named)
            finally:
                self._life.moment(f"after {path}")
            return Mortal(result, self._life, path) if name == "accounting" else result

        return call


def mortal(ports: Ports, death: int | str | Life) -> Ports:
    """The same world, seen by a process that lives that long."""
    life = death if isinstance(death, Life) else Life(death)
    return replace(ports, **{name: Mortal(getattr(ports, name), life, name) for name in OUTSIDE})
