"""A process that dies at a chosen moment: before or after the n-th thing it asks of the world outside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shared.ports import Ports


class Killed(BaseException):
    """The process is gone. No ``except Exception`` sees it, and no clean-up of its gets through."""


class Life:
    """Counts moments (two per call: before and after it) and ends at the given one."""

    def __init__(self, moments: int) -> None:
        self.left = moments

    def moment(self) -> None:
        self.left -= 1
        if self.left <= 0:
            raise Killed


class Mortal:
    """Passes every call on, as long as there is life; the clients it hands out are mortal too."""

    def __init__(self, inner: Any, life: Life) -> None:
        self._inner, self._life = inner, life

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if name == "identity":
            return Mortal(value, self._life)
        if not callable(value):
            return value

        def call(*positional: Any, **named: Any) -> Any:
            self._life.moment()
            result = value(*positional, **named)
            self._life.moment()
            return Mortal(result, self._life) if name == "accounting" else result

        return call


def mortal(ports: Ports, moments: int) -> Ports:
    """The same world, seen by a process that lives that long."""
    life = Life(moments)
    wrapped = {name: Mortal(getattr(ports, name), life) for name in ("store", "tasks", "secrets", "xero")}
    return replace(ports, **wrapped)
