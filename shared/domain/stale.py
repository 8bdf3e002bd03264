"""What a document, or the practice's settings and mappings, name that is archived or gone in Xero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain.errors import FieldError
from shared.domain.invoices import ACCOUNTS_OWN_TAX, DocumentLine, InvoiceDocument
from shared.domain.organisation_lists import THINGS, OrganisationLists
from shared.domain.settings import ItemMapping, PracticeSettings, TrackingMapping

#: A thing that is named: field, kind of thing, its code or id, the rule that chose it.
Named = tuple[str, str, str | None, str]
#: How a rule begins, and where a person changes what it chose.
CHANGED_AT = {
    "service": "at /xero/items/",
    "practitioner": "at /xero/tracking/",
    "clinic": "at /xero/tracking/",
    "payment method": "at /xero/settings/",
    "the practice's": "at /xero/settings/",
    "account": "for the account in Xero",
    "item": "for the item in Xero",
}


@dataclass(frozen=True)
class Stale:
    """Something named that is no longer usable. ``where`` None: the request's or the appointment's own line."""

    field: str  # of the document or of the settings
    kind: str  # a key of THINGS
    code: str
    name: str | None
    fault: str  # archived | gone
    used_by: str  # the rule that chose it
    where: str | None

    @property
    def thing(self) -> str:
        """As people know it: options and themes by name alone, their ids say nothing."""
        what = THINGS[self.kind][1]
        if self.kind in ("tracking_option", "branding_theme"):
            return f"{what} {self.name or self.code!r}"
        return f"{what} {self.code}" + (f" ({self.name})" if self.name else "")

    @property
    def sentence(self) -> str:
        archived = self.fault == "archived"
        state = "is archived in Xero" if archived else "is not in Xero any more"
        remedy = ("restore it there, or " if archived else "") + "choose another"
        return f"{self.thing} {state}, and {self.used_by} needs it: {remedy} {self.where or 'with the line'}"

    def problem(self) -> FieldError:
        return FieldError(self.field, self.sentence)


def stale_in_document(document: InvoiceDocument, lists: OrganisationLists) -> list[Stale]:
    """What Xero would refuse.

    What the caller itself gave and the list does not have may have been made in Xero just now: that is for Xero to
    say.
    """
    named = [each for index, line in enumerate(document.lines) for each in _of_line(index, line, lists)]
    named.append(
        ("branding_theme_id", "branding_theme", document.branding_theme_id, "the practice's setting")
    )
    return [stale for stale in _stale(named, lists) if stale.where or stale.fault == "archived"]


def _of_line(index: int, line: DocumentLine, lists: OrganisationLists) -> list[Named]:
    start, item, rules = f"line_items[{index}]", line.item, line.rules
    tax, tax_rule = item.tax_type, rules["tax_type"]
    if tax_rule == ACCOUNTS_OWN_TAX:
        product = lists.find("item", line.item_code or "")
        account = lists.find("account", item.account_code or "")
        own = product if product and product.tax_type else account
        tax = own.tax_type if own else None
        tax_rule = f"item {line.item_code}" if own is product else f"account {item.account_code}"
    return [
        (f"{start}.account_code", "account", item.account_code, rules["account_code"]),
        (f"{start}.tax_type", "tax_type", tax, tax_rule),
        (f"{start}.item_code", "item", line.item_code, rules.get("item_code", "")),
        *((f"{start}.tracking", "tracking_option", p.tracking_option_id, p.rule) for p in line.tracking),
    ]


def stale_in_setup(
    settings: PracticeSettings,
    items: Sequence[ItemMapping],
    places: Sequence[TrackingMapping],
    lists: OrganisationLists,
) -> list[Stale]:
    """What the settings and mappings name that can no longer be used, whether or not anything needs it yet."""
    named: list[Named] = [
        ("default_account_code", "account", settings.default_account_code, "the practice's default account"),
        ("default_tax_type", "tax_type", settings.default_tax_type, "the practice's default tax"),
        ("branding_theme_id", "branding_theme", settings.branding_theme_id, "the practice's setting"),
    ]
    named += [_of_method(method, code) for method, code in sorted(settings.payment_accounts.items())]
    for item in items:
        rule = f"service {item.service_code!r}"
        named += [
            ("account_code", "account", item.account_code, rule),
            ("tax_type", "tax_type", item.tax_type, rule),
            ("item_code", "item", item.item_code, rule),
        ]
    for place in places:
        named.append(("account_code", "account", place.account_code, place.rule))
        named.append(("tracking_option_id", "tracking_option", place.tracking_option_id, place.rule))
    return _stale(named, lists)


def stale_payment_account(method: str, code: str, lists: OrganisationLists) -> list[Stale]:
    return _stale([_of_method(method, code)], lists)


def _of_method(method: str, code: str) -> Named:
    return f"payment_accounts.{method}", "account", code, f"payment method {method!r}"


def _stale(named: Sequence[Named], lists: OrganisationLists) -> list[Stale]:
    found = []
    for field, kind, code, rule in named:
        fault = lists.fault(kind, code) if code else None
        if code and fault:
            entry = lists.find(kind, code)
            where = next((at for start, at in CHANGED_AT.items() if rule.startswith(f"{start} ")), None)
            found.append(Stale(field, kind, code, entry.name if entry else None, fault, rule, where))
    return found
