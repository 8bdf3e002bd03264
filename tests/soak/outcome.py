"""What a soak found, as a table and as an exit status."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tests.soak.evidence import Side
from tests.soak.plan import Plan

MOST_SHOWN = 40


@dataclass
class Outcome:
    plan: Plan
    seconds: float = 0.0
    clicks: int = 0
    left: int = 0  # clicks that nobody got round to in the time
    given_up: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    operations: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)  # by cause
    requests: Counter[str] = field(default_factory=Counter)
    struck: Counter[str] = field(default_factory=Counter)
    exposed: int = 0  # requests that came while faults were thrown
    kills: Counter[str] = field(default_factory=Counter)
    modes: Counter[str] = field(default_factory=Counter)
    starts: int = 0
    jumps: int = 0
    books: Counter[str] = field(default_factory=Counter)
    duplicates: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)
    money: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        return [*self.duplicates, *self.lost, *self.unexplained, *self.money]

    def count(self, side: Side) -> None:
        self.operations.update((row["kind"], row["status"]) for row in side.operations)
        self.failed.update(
            {cause["cause"]: cause["count"] for cause in side.attention if cause["operations"]}
        )
        self.books["contacts of ours"] += sum(1 for row in side.contacts if row.get("ContactNumber"))
        self.books["invoices"] += sum(1 for row in side.invoices if row.get("Reference"))
        self.books["payments"] += len(side.payments)
        self.books["e-mails"] += sum(notes.count("Invoice sent") for notes in side.notes.values())

    def text(self) -> str:
        struck = sum(self.struck.values())
        share = f"{100 * struck / self.exposed:.1f} % of {self.exposed}" if self.exposed else "-"
        rows = [
            ("seed", str(self.plan.seed)),
            ("time", f"{self.seconds:.0f} s"),
            (
                "clicks",
                f"{sum(self.answers.values())} in {self.clicks} wishes, {self.left} left, {self.given_up} given up",
            ),
            ("answers", _listed(_statuses(self.answers))),
            ("operations", str(sum(self.operations.values()))),
            *((f"  {kind}", self._states(kind)) for kind in sorted({kind for kind, _ in self.operations})),
            ("failed, by cause", _listed(self.failed) or "none"),
            ("in the books", _listed(self.books)),
            ("requests to Xero", str(sum(self.requests.values()))),
            ("faults", f"{struck} ({share}): {_listed(self.struck)}"),
            ("kills", f"{sum(self.kills.values())}: {_listed(self.kills)}"),
            ("starts of the stack", str(self.starts)),
            ("clock jumps", str(self.jumps)),
            ("webhook modes", _listed(self.modes)),
            ("duplicates", str(len(self.duplicates))),
            ("lost", str(len(self.lost))),
            ("unexplained", str(len(self.unexplained))),
            ("money differences", str(len(self.money))),
        ]
        width = max(len(name) for name, _ in rows)
        lines = [f"{name:<{width}}  {value}" for name, value in rows]
        lines += [f"  ! {problem}" for problem in self.problems[:MOST_SHOWN]]
        return "\n".join(lines)

    def _states(self, kind: str) -> str:
        return _listed(Counter({state: n for (each, state), n in self.operations.items() if each == kind}))


def _statuses(answers: Counter[str]) -> Counter[str]:
    """By status alone: "create 201" and "pay 201" are one."""
    found: Counter[str] = Counter()
    for name, count in answers.items():
        found[name.partition(" ")[2]] += count
    return found


def _listed(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items()))
