"""What callers send and get back about a practice's set-up; see ``models`` and ``schemas``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, SecretStr, StringConstraints

from shared.http.models import RefreshQuery, Request

PracticeId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]


class DryRunQuery(Request):
    """``dry_run=1`` shows what would change and saves nothing."""

    dry_run: Literal["0", "1"] = "0"


class AccountsQuery(RefreshQuery):
    """``revenue``: accounts for the lines of an invoice; ``payments``: accounts that money received can go to."""

    usable_for: Literal["revenue", "payments"] | None = None


class TaxRatesQuery(RefreshQuery):
    usable_for: Literal["revenue"] | None = None


class DaysQuery(Request):
    """How many days back the appointments are looked through."""

    days: Annotated[int, Field(ge=1, le=366)] = 60


class CloneIn(Request):
    """``from_token``: a bearer token of an owner of the practice taken from, as proof; it is checked and forgotten."""

    from_practice_id: PracticeId
    from_token: Annotated[SecretStr, Field(min_length=1, max_length=16_384)]


class ChangeShown(BaseModel):
    """``before`` and ``after`` are None where there was or is nothing."""

    field: str
    before: Any = None
    after: Any = None


class NotTaken(BaseModel):
    field: str
    reason: str


class Cloned(BaseModel):
    """``saved`` False: only shown, by ``dry_run=1``. ``not_copied`` says why for each."""

    changes: list[ChangeShown]
    not_copied: list[NotTaken]
    saved: bool


class MissingMapping(BaseModel):
    """``kind``: service, practitioner, clinic, payment_method; ``id`` None: lines without a service code.
    ``appointments`` still to be invoiced name it, ``waiting`` of them cannot be sent before ``where`` has it."""

    kind: str
    id: str | None
    appointments: int
    waiting: int
    message: str
    where: str


class MissingMappings(BaseModel):
    items: list[MissingMapping]


class Suggested(BaseModel):
    """``suggestions``: likeness in percent, a name, and the fields to map; nothing is mapped by itself."""

    kind: str
    id: str
    suggestions: list[dict[str, Any]]


class Suggestions(BaseModel):
    items: list[Suggested]
