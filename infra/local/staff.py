"""The made-up people of the three practices of the local stack."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """One account: ``id`` is what the sign-in page sends, ``role`` what the token will say."""

    id: str
    name: str
    role: str
    does: str


PRACTICES = {
    "demo": "Demo practice (Australia)",
    "other": "Other practice (New Zealand)",
    "thames": "Third practice (United Kingdom)",
}

PEOPLE = (
    Account("rosa", "Rosa Reception", "reception", "creates invoices, sees what was paid"),
    Account("ben", "Ben Bookkeeper", "bookkeeper", "maps services to accounts, approves and corrects"),
    Account("olivia", "Olivia Owner", "owner", "connects Xero, sees who did what"),
)

APP = Account("app", "The clinic's app", "app", "writes patients and appointments")

BY_ROLE = {account.role: account for account in (*PEOPLE, APP)}
BY_ID = {account.id: account for account in PEOPLE}
