"""What a bookkeeper meets, one situation after the other: each is a function that a practice plays.

The first line of its docstring is printed. Played again on the same state, or after being cut off in the middle, a
situation goes on where it was and does nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable

from infra.local.demo.practice import Practice
from infra.local.demo.situations import desk, differences, life, mapped, people, totals

Situation = Callable[[Practice], None]

SITUATIONS: dict[str, tuple[Situation, ...]] = {
    "demo": (*mapped.SITUATIONS, *people.SITUATIONS, *desk.SITUATIONS),
    "other": totals.SITUATIONS,
    "thames": life.SITUATIONS,
}


def play_all(practices: dict[str, Practice]) -> None:
    for name, situations in SITUATIONS.items():
        print(f"\n{name}: what a bookkeeper meets")
        for situation in (*situations, *differences.SITUATIONS):
            situation(practices[name])
            print(f"  {(situation.__doc__ or '').splitlines()[0]}")
