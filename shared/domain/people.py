"""Who is asking: a person of one practice in one role, or the clinic's own app."""

from __future__ import annotations

from dataclasses import dataclass

RECEPTION = "reception"
BOOKKEEPER = "bookkeeper"
OWNER = "owner"
APP = "app"

STAFF_ROLES = (RECEPTION, BOOKKEEPER, OWNER)
"""Ascending: each may do what those before it may do."""

ROLES = (*STAFF_ROLES, APP)


@dataclass(frozen=True)
class Person:
    """``subject`` is the issuer's id of the account; ``name`` is for the log and the page, never for a decision."""

    subject: str
    name: str
    practice_id: str
    role: str

    def at_least(self, role: str) -> bool:
        """Whether this is staff of that role or a higher one. The app is not staff: it has its own routes."""
        if self.role not in STAFF_ROLES:
            return False
        return STAFF_ROLES.index(self.role) >= STAFF_ROLES.index(role)

    @property
    def is_app(self) -> bool:
        return self.role == APP
