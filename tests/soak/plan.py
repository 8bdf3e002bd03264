"""What one soak does, worked out from its seed: who there is, who presses what in which order, what goes wrong."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

#: Practice -> the name of its organisation and the share of the work it gets.
ORGANISATIONS = {"demo": "Harbour Street Clinic", "other": "Kauri Physio"}
SHARES = {"demo": 70, "other": 30}
#: Service -> its rate of tax in either practice; prices are chosen so that no tax needs rounding.
RATES = {
    "demo": {"consult": Decimal(0), "orthotic": Decimal("0.10"), "tape": Decimal("0.10")},
    "other": {"consult": Decimal("0.15"), "orthotic": Decimal("0.15"), "tape": Decimal("0.15")},
}
#: How many clicks later something may follow on an invoice's first request.
SOON, LATER = 30, 200


@dataclass(frozen=True)
class Plan:
    """``minutes`` bounds the time in which people work; the check at the end comes on top."""

    seed: int
    minutes: float = 10.0
    appointments: int = 1500
    faults: float = 0.2
    clients: int = 6
    kill_every: tuple[float, float] = (7.0, 14.0)
    clicks_between_kills: int = 40
    tries: int = 100  # how often one click is made before its person gives up
    first_kills: tuple[str, ...] = ()
    ending_patience: float = 60.0

    @classmethod
    def short(cls, seed: int, faults: float = 0.2) -> Plan:
        """A minute in all on a quiet machine, the same work on a slow one; a kill of each kind, as a rule."""
        return cls(
            seed,
            minutes=2.0,
            appointments=90,
            faults=faults,
            kill_every=(2.0, 4.0),
            clicks_between_kills=60,
            tries=10,
            first_kills=("gateway", "machinery", "simulator", "stack"),
            ending_patience=20.0,
        )


@dataclass
class Appointment:
    id: str
    practice: str
    patient_id: str
    lines: list[dict[str, Any]]
    total: Decimal


@dataclass
class Click:
    """One thing that one person wants; pressed again when no answer came."""

    deed: str
    practice: str
    subject: str
    details: dict[str, Any] = field(default_factory=dict)
    tries: int = 0


@dataclass
class Script:
    patients: dict[str, list[dict[str, Any]]]
    appointments: dict[str, Appointment]  # by id: the two practices' ids differ
    clicks: list[Click]


def script(plan: Plan) -> Script:
    """The same for the same seed and sizes."""
    dice = random.Random(plan.seed)
    patients: dict[str, list[dict[str, Any]]] = {practice: [] for practice in ORGANISATIONS}
    for practice, share in SHARES.items():
        for number in range(max(4, plan.appointments * share // 400)):
            patients[practice].append(_patient(dice, practice, number))
    appointments: dict[str, Appointment] = {}
    ordered: list[tuple[int, Click]] = []
    for number in range(plan.appointments):
        practice = dice.choices(list(SHARES), list(SHARES.values()))[0]
        one = _appointment(dice, practice, number, dice.choice(patients[practice])["id"])
        appointments[one.id] = one
        ordered += _clicks(dice, one, at=number * 4)
    ordered.sort(key=lambda pair: pair[0])
    return Script(patients, appointments, [click for _, click in ordered])


def _patient(dice: random.Random, practice: str, number: int) -> dict[str, Any]:
    """A fifth of them share a name with somebody."""
    name = "Smith" if dice.random() < 0.2 else f"Walker-{number}"
    return {
        "id": f"{practice[0]}-p{number}",
        "first_name": dice.choice(["John", "Mia", "Zoë"]),
        "last_name": name,
        "email": f"p{number}@example.com",
        "phone": "0400 000 000",
    }


def _appointment(dice: random.Random, practice: str, number: int, patient_id: str) -> Appointment:
    lines, total = [], Decimal(0)
    for service in dice.sample(list(RATES[practice]), dice.choice([1, 1, 2])):
        price = Decimal(dice.randrange(100, 900)) * Decimal("0.20")
        quantity = dice.choice([1, 1, 1, 2, 3])
        line = {"service_code": service, "description": service.title(), "unit_amount": f"{price:.2f}"}
        lines.append(line | {"quantity": str(quantity)})
        total += price * quantity * (1 + RATES[practice][service])
    return Appointment(
        f"{practice[0]}-a{number}", practice, patient_id, lines, total.quantize(Decimal("0.01"))
    )


def _clicks(dice: random.Random, one: Appointment, at: int) -> list[tuple[int, Click]]:
    """The requests about one appointment, each with its place in the day."""
    found: list[tuple[int, Click]] = []

    def add(deed: str, place: int, subject: str = one.id, **details: Any) -> None:
        found.append((place, Click(deed, one.practice, subject, details)))

    for _ in range(dice.choices([1, 2, 3], [50, 35, 15])[0]):  # next to each other: several threads at once
        add("create", at + dice.randrange(3))
    if dice.random() < 0.15:
        add("create", at + dice.randrange(SOON, LATER))
    if dice.random() < 0.30:
        add("edit", at + dice.randrange(LATER), one.patient_id, phone=f"0400 {dice.randrange(10**6):06}")
    if one.practice == "other" and dice.random() < 0.85:  # that practice sends drafts
        add("approve", at + dice.randrange(4, SOON))
    if dice.random() < 0.08:
        place = at + dice.randrange(SOON, LATER)
        add("void", place)
        add("create", place + dice.randrange(4, SOON))
    for till in range(dice.choices([0, 1, 2], [62, 28, 10])[0]):
        for _ in range(dice.choice([1, 1, 2])):
            add(
                "pay",
                at + dice.randrange(SOON, LATER),
                reference=f"till-{one.id}-{till}",
                part=dice.random() < 0.6,
            )
    for _ in range(dice.choices([0, 1, 2], [70, 20, 10])[0]):
        add("email", at + dice.randrange(SOON, LATER))
    if dice.random() < 0.25:
        add("xero_pay", at + dice.randrange(SOON, LATER), part=dice.random() < 0.5)
    if dice.random() < 0.06:
        add("xero_edit_contact", at + dice.randrange(LATER), one.patient_id, tax=str(dice.randrange(10**9)))
    if dice.random() < 0.03:
        place = at + dice.randrange(LATER)
        add("xero_archive", place, one.patient_id)
        add("xero_restore", place + LATER, one.patient_id)
    if dice.random() < 0.05:
        add("retry", at + dice.randrange(LATER))
    return found
