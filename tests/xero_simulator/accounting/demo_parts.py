"""Pieces that every demo organisation is made of. Their ids never change, so that a restart finds them again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import NAMESPACE_DNS, uuid5

from .books import OrganisationBooks
from .dates import to_milliseconds
from .records import Contact
from .settings import Account, BrandingTheme, Item, Settings, TaxRate, TrackingCategory, TrackingOption


class Parts:
    """Makes the pieces of one organisation, dated to the moment the demo begins."""

    def __init__(self, tenant_id: str, now: datetime) -> None:
        self.tenant_id, self.now = tenant_id, to_milliseconds(now)

    def id(self, *names: str) -> str:
        return str(uuid5(NAMESPACE_DNS, "/".join((self.tenant_id, *names))))

    def account(self, code: str, name: str, kind: str, tax: str, system: str = "") -> Account:
        return Account(self.id("account", code), code, name, kind, tax, self.now, system=system)

    def bank(self, code: str, name: str, number: str, currency: str, tax: str) -> Account:
        account = self.account(code, name, "BANK", tax)
        account.bank_account_number, account.bank_account_type = number, "BANK"
        account.currency = currency
        return account

    def clearing(self, code: str, name: str, tax: str) -> Account:
        account = self.account(code, name, "CURRENT", tax)
        account.takes_payments = True
        account.description = "Takes payments until the bank shows them"
        return account

    def tracking(self, name: str, options: list[str], archived: tuple[str, ...] = ()) -> TrackingCategory:
        return TrackingCategory(
            self.id("tracking", name),
            name,
            [
                TrackingOption(
                    self.id("option", name, option), option, "ARCHIVED" if option in archived else "ACTIVE"
                )
                for option in (*options, *archived)
            ],
        )

    def item(self, code: str, name: str, price: str, account: str, tax: str) -> Item:
        return Item(self.id("item", code), code, name, name, self.now, Decimal(price), account, tax)

    def themes(self) -> list[BrandingTheme]:
        names = ("Standard", "Very orange invoice!")
        return [BrandingTheme(self.id("theme", name), name, n, self.now) for n, name in enumerate(names)]

    def contact(self, name: str, **more: object) -> Contact:
        """Somebody entered by hand: no ContactNumber."""
        first, _, last = name.partition(" ")
        texts = {"FirstName": first, "LastName": last} if more.get("is_customer", True) else {}
        email = str(more.get("email") or "")
        contact = Contact(self.id("contact", name), name, self.now, texts=texts | {"EmailAddress": email})
        return replace(contact, is_supplier=bool(more.get("is_supplier")))

    def books(self, settings: Settings, contacts: list[Contact]) -> OrganisationBooks:
        books = OrganisationBooks(self.tenant_id, settings)
        for contact in contacts:
            books.ledger.contacts.put(contact)
        for table in books.ledger.tables:
            table.forget_undo()
        books.ledger.settings_changed = books.ledger.counters_changed = True
        return books


def sales_tax(name: str, code: str, rate: str, report: str, component: str = "Tax") -> TaxRate:
    return TaxRate(name, code, Decimal(rate), report, component, revenue=True, expenses=False)


def purchase_tax(name: str, code: str, rate: str, report: str, component: str = "Tax") -> TaxRate:
    return TaxRate(name, code, Decimal(rate), report, component, revenue=False, expenses=True)


def both_tax(name: str, code: str, report: str, component: str = "Tax") -> TaxRate:
    return TaxRate(name, code, Decimal(0), report, component, revenue=True, expenses=True)
