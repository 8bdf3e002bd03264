"""Line items: defaults from item and account, what each field may be, and the arithmetic of a line.

LineAmount = Quantity x UnitAmount x (100 - DiscountRate) / 100, to the cent (Xero's line item reference);
without ``unitdp=4`` unit prices are rounded to two places first.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from .bodies import given, guid, text
from .ledger import Work, new_id
from .money import LARGEST, ZERO, amount, rounded, tax_on
from .records import Line
from .replies import Invalid
from .settings import Account
from .tracking import tracking_of

LONGEST_DESCRIPTION = 4000


def lines_of(
    work: Work, raws: Any, kind: str, types: str, approving: bool, old: tuple[Line, ...]
) -> tuple[Line, ...]:
    """A document's lines as sent: known LineItemIDs stay, others are new, lines not sent are gone."""
    if not isinstance(raws, list) or not all(isinstance(raw, dict) for raw in raws):
        raise Invalid("LineItems must be a list")
    known = {line.id for line in old}
    lines: list[Line] = []
    broken: dict[int, list[str]] = {}
    for place, raw in enumerate(raws):
        problems: list[str] = []
        line = _line(work, given(raw), kind, types, approving, problems)
        line_id = guid(raw, "LineItemID")
        lines.append(replace(line, id=line_id) if line_id in known else line)
        if problems:
            broken[place] = problems
    if broken:
        every = [message for messages in broken.values() for message in messages]
        raise Invalid(*dict.fromkeys(every), lines=broken)
    return tuple(lines)


def _line(
    work: Work, raw: dict[str, Any], kind: str, types: str, approving: bool, problems: list[str]
) -> Line:
    raw = _with_item(work, raw, problems)
    line = Line(
        id=new_id(),
        description=text(raw, "Description", LONGEST_DESCRIPTION, problems),
        item_code=text(raw, "ItemCode", 30, problems),
    )
    if not line.description.strip():
        problems.append("Description must be at least 1 character long.")
    line = replace(line, tracking=tracking_of(work.settings, raw.get("Tracking") or [], problems))
    account = _account(work, raw, problems)
    if not any(field in raw for field in ("UnitAmount", "LineAmount", "Quantity")):
        return replace(line, account_id=account.id if account else "")  # words only
    if account is None and approving and not problems:
        problems.append("Account code must be specified.")
    line = _priced(work, line, raw, kind, problems)
    if account is not None:
        line = replace(line, account_id=account.id)
    line = replace(line, tax_type=_tax_type(work, raw, kind, account, problems))
    return _taxed(work, line, raw, types, problems)


def _with_item(work: Work, raw: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    """An item fills in what the line leaves out: description, price, account, tax."""
    code = raw.get("ItemCode")
    if not code:
        return raw
    item = work.settings.item(str(code))
    if item is None:
        problems.append(f"Item code '{code}' is not valid")
        return raw
    defaults = {
        "Description": item.description or item.name,
        "AccountCode": item.account_code,
        "TaxType": item.tax_type,
        "UnitAmount": None if "LineAmount" in raw else item.unit_price,
    }
    return {key: value for key, value in defaults.items() if value} | raw


def _account(work: Work, raw: dict[str, Any], problems: list[str]) -> Account | None:
    code, account_id = str(raw.get("AccountCode") or ""), guid(raw, "AccountID")
    if not code and not account_id:
        return None
    account = work.settings.account(code=code, account_id="" if code else account_id)
    if account is None or account.type == "BANK" or account.system in ("DEBTORS", "CREDITORS"):
        problems.append(f"Account code '{code or account_id}' is not a valid code for this document.")
        return None
    if account.status != "ACTIVE":
        problems.append(
            f"Account code '{code or account.code}' has been archived, or has been deleted. "
            "Each line item must reference a valid account."
        )
    return account


def _priced(work: Work, line: Line, raw: dict[str, Any], kind: str, problems: list[str]) -> Line:
    numbers: dict[str, Decimal | None] = {}
    for field in ("Quantity", "UnitAmount", "LineAmount", "DiscountRate", "DiscountAmount"):
        numbers[field] = amount(raw.get(field))
        if field in raw and numbers[field] is None:
            problems.append(f"{field} must be a number")
    quantity, unit, stated = numbers["Quantity"], numbers["UnitAmount"], numbers["LineAmount"]
    rate, off = numbers["DiscountRate"], numbers["DiscountAmount"]
    if (rate or off) and kind != "ACCREC":
        problems.append("Discounts are not supported on this type of document.")
        rate = off = None
    if rate is not None and not 0 <= rate <= 100:
        problems.append("DiscountRate must be between 0 and 100.")
    quantity = rounded(Decimal(1) if quantity is None else quantity, 4)
    if unit is None:
        unit = stated / quantity if stated is not None and quantity else Decimal(0)
        # a price worked back from the line's total keeps four places so that the total comes out again
        unit = rounded(unit, 4)
    else:
        unit = rounded(unit, work.unitdp)
    before = quantity * unit
    if stated is not None and "UnitAmount" not in raw and not rate and not off:
        before = stated
    discounted = before * (100 - rate) / 100 if rate is not None else before - (off or 0)
    line_amount = rounded(discounted)
    if stated is not None and "UnitAmount" in raw and rounded(stated) != line_amount:
        problems.append(
            f"The line total {rounded(stated)} does not match the expected line total {line_amount}"
        )
    if abs(line_amount) > LARGEST:
        problems.append(f"LineAmount must not exceed {LARGEST}")
    return replace(
        line,
        quantity=quantity,
        unit_amount=unit,
        line_amount=line_amount,
        discount_rate=rate,
        discount_amount=rounded(off) if off is not None and rate is None else None,
        discount=rounded(before) - line_amount,
    )


def _tax_type(
    work: Work, raw: dict[str, Any], kind: str, account: Account | None, problems: list[str]
) -> str:
    """The code sent, or else the account's own; it must be active and apply to that class of account."""
    code = str(raw.get("TaxType") or (account.tax_type if account else ""))
    if not code:
        return ""
    rate = work.settings.tax_rate(code)
    if rate is None or rate.status != "ACTIVE":
        problems.append(
            f"The TaxType code {code} does not exist or cannot be used for this type of transaction."
        )
        return code
    expected = "REVENUE" if kind in ("ACCREC", "ACCRECCREDIT") else "EXPENSE"
    if not rate.applies_to(account.account_class if account else expected):
        named = account.code if account else ""
        problems.append(f"The TaxType code '{code}' cannot be used with account code '{named}'.")
    return code


def _taxed(work: Work, line: Line, raw: dict[str, Any], types: str, problems: list[str]) -> Line:
    """Xero works the tax out itself; a TaxAmount that is sent overrides it."""
    rate = work.settings.tax_rate(line.tax_type)
    rounding = work.settings.organisation.tax_rounding
    tax = tax_on(line.line_amount, rate.rate, types, rounding) if rate else ZERO
    if "TaxAmount" in raw and types != "NoTax":
        stated = amount(raw["TaxAmount"])
        if stated is None:
            problems.append("TaxAmount must be a number")
        else:
            tax = rounded(stated)
    return replace(line, tax_amount=tax)
