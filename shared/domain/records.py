"""The clinic's own records: what its app tells us of patients and appointments.

``to_data`` and ``from_data`` are the stored shape: JSON-ready, amounts as decimal strings. An appointment keeps
the start as the clinic's app sent it (with its offset) and, for queries, as a UTC instant.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from shared.domain.plain import plain
from shared.domain.times import instant

STATUSES = ("booked", "arrived", "completed", "cancelled", "no_show")
AMOUNTS = ("exclusive", "inclusive", "no_tax")


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class Address:
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


@dataclass(frozen=True)
class Payer:
    """Who pays when it is not the patient: another patient of the practice, or a person or body by name."""

    patient_id: str | None = None
    name: str | None = None
    email: str | None = None

    @classmethod
    def from_data(cls, data: Any) -> Payer | None:
        return cls(**data) if data else None


@dataclass(frozen=True)
class Patient:
    id: str
    first_name: str
    last_name: str
    email: str | None = None
    phone: str | None = None
    address: Address | None = None
    reference: str | None = None  # the clinic's own short code
    payer: Payer | None = None
    erased: bool = False

    def without_details(self) -> Patient:
        """What is left of an erased patient: id and code, so that documents can still be told apart."""
        return Patient(self.id, "Erased", self.reference or self.id, reference=self.reference, erased=True)

    def to_data(self) -> dict[str, Any]:
        data = _present(asdict(self))
        for nested in ("address", "payer"):
            if nested in data:
                data[nested] = _present(data[nested])
        return {name: value for name, value in data.items() if name != "id"}

    @classmethod
    def from_data(cls, patient_id: str, data: dict[str, Any]) -> Patient:
        plain = {
            k: v for k, v in data.items() if k in cls.__dataclass_fields__ and k not in ("address", "payer")
        }
        address = Address(**data["address"]) if data.get("address") else None
        return cls(
            **{**plain, "id": patient_id, "address": address, "payer": Payer.from_data(data.get("payer"))}
        )


@dataclass(frozen=True)
class LineItem:
    """``unit_amount`` in the appointment's currency, up to 4 decimals; ``discount_rate`` in percent."""

    description: str
    quantity: Decimal
    unit_amount: Decimal
    service_code: str | None = None
    account_code: str | None = None
    tax_type: str | None = None
    discount_rate: Decimal | None = None
    discount_amount: Decimal | None = None

    def to_data(self) -> dict[str, Any]:
        return {k: plain(v) for k, v in _present(vars(self)).items()}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> LineItem:
        money = ("quantity", "unit_amount", "discount_rate", "discount_amount")
        values: dict[str, Any] = {
            k: Decimal(v) if k in money and v is not None else v for k, v in data.items()
        }
        return cls(**values)


@dataclass(frozen=True)
class Appointment:
    id: str
    patient_id: str
    starts_at: datetime  # aware, with the offset the clinic's app sent
    clinic_id: str | None = None
    practitioner_id: str | None = None
    status: str = "booked"
    reference: str | None = None
    currency: str | None = None
    amounts: str | None = None
    line_items: tuple[LineItem, ...] = ()
    payer: Payer | None = None

    def to_data(self) -> dict[str, Any]:
        """``starts_at`` is the UTC instant to query by; ``starts_at_local`` what was sent."""
        return _present(
            {
                "patient_id": self.patient_id,
                "starts_at": instant(self.starts_at),
                "starts_at_local": self.starts_at.isoformat(),
                "clinic_id": self.clinic_id,
                "practitioner_id": self.practitioner_id,
                "status": self.status,
                "reference": self.reference,
                "currency": self.currency,
                "amounts": self.amounts,
                "line_items": [line.to_data() for line in self.line_items],
                "payer": _present(asdict(self.payer)) if self.payer else None,
            }
        )

    @classmethod
    def from_data(cls, appointment_id: str, data: dict[str, Any]) -> Appointment:
        plain = ("patient_id", "clinic_id", "practitioner_id", "status", "reference", "currency", "amounts")
        return cls(
            id=appointment_id,
            starts_at=datetime.fromisoformat(data["starts_at_local"]),
            line_items=tuple(LineItem.from_data(line) for line in data.get("line_items", [])),
            payer=Payer.from_data(data.get("payer")),
            **{name: data[name] for name in plain if name in data},
        )
