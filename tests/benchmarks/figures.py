"""A figure of the benchmarks, and how the ratio of two things measured in turn is told."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """``value`` as it is shown; ``ok``: the target is reached; ``detail``: the spread and what was counted."""

    figure: str
    value: str
    target: str
    ok: bool
    detail: str = ""

    def to_data(self) -> dict[str, Any]:
        return dict(vars(self))


def at_most(name: str, value: float, most: float, shown: str = "{:g}", detail: str = "") -> Figure:
    return Figure(name, shown.format(value), f"≤ {shown.format(most)}", value <= most, detail)


def at_least(name: str, value: float, least: float, shown: str = "{:g}", detail: str = "") -> Figure:
    return Figure(name, shown.format(value), f"≥ {shown.format(least)}", value >= least, detail)


def in_turn(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int) -> list[tuple[Any, Any]]:
    """Round by round, the one that goes first changing, so that whatever else the machine does meets both."""
    measured = []
    for number in range(rounds):
        if number % 2:
            second = theirs()
            measured.append((ours(), second))
        else:
            measured.append((ours(), theirs()))
    return measured


def ratio(pairs: Sequence[tuple[float, float]]) -> tuple[float, str]:
    """The median of the rounds' ratios, and a sentence with the spread."""
    ratios = sorted(ours / theirs for ours, theirs in pairs)
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    spread = (
        f"{ratios[0]:.2f} to {ratios[-1]:.2f} in {len(ratios)} rounds; medians {ours:.4g} and {theirs:.4g}"
    )
    return statistics.median(ratios), spread
