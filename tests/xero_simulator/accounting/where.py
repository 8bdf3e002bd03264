"""Xero's where and order clauses: a small language of comparisons, read once and then asked of each record.

Comparisons are typed as they are at Xero, which answers ``Operator '==' incompatible with operand types ...``
to a text where an identifier, a date or a boolean is meant.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Generic, TypeVar

from .bodies import is_guid
from .dates import read_date
from .replies import bad_query
from .where_tokens import Token, tokens

R = TypeVar("R")


@dataclass(frozen=True)
class Field(Generic[R]):
    kind: str  # String, Guid, Decimal, DateTime, Boolean
    get: Callable[[R], Any]


Fields = Mapping[str, Field[R]]  # by lower-case name, dots included: "contact.contactid"
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ORDERED = ("Decimal", "DateTime")
_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


_CHANGES: dict[str, Callable[[str], str]] = {
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": str.strip,
    "tostring": str,
}


def where(clause: str, fields: Fields[R], type_name: str) -> Callable[[R], bool]:
    reader = _Reader(tokens(clause), fields, type_name)
    condition = reader.either()
    reader.expect("end", "")
    if condition.kind != "Boolean":
        raise bad_query("Expression of type 'Boolean' expected")
    return lambda row: condition.get(row) is True


def ordering(clause: str, fields: Fields[R], type_name: str) -> Callable[[list[R]], list[R]]:
    """``Name ASC, Date DESC``: nothing sorts before something."""
    steps: list[tuple[Field[R], bool]] = []
    for part in clause.split(","):
        words = part.split()
        if not words or len(words) > 2 or (len(words) == 2 and words[1].upper() not in ("ASC", "DESC")):
            raise bad_query("Syntax error")
        field = _field(fields, words[0], type_name)
        steps.append((field, len(words) == 2 and words[1].upper() == "DESC"))

    def sort(rows: list[R]) -> list[R]:
        for field, descending in reversed(steps):
            rows = sorted(rows, key=lambda row: _sortable(field.get(row)), reverse=descending)
        return rows

    return sort


def _sortable(value: Any) -> tuple[bool, Any]:
    value = _plain(value)
    return (value is not None, value if value is not None else 0)


def _plain(value: Any) -> Any:
    """Dates compare as moments without a zone; an empty text counts as null."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return datetime.combine(value, time.min)
    return None if value == "" else value


def _field(fields: Fields[R], name: str, type_name: str) -> Field[R]:
    found = fields.get(name.lower())
    if found is None:
        raise bad_query(f"No property or field '{name}' exists in type '{type_name}'")
    return found


class _Reader(Generic[R]):
    def __init__(self, words: list[Token], fields: Fields[R], type_name: str) -> None:
        self.words, self.fields, self.type_name = words, fields, type_name
        self.at = 0

    def either(self) -> Field[R]:
        return self._joined("||", self._both, any)

    def _both(self) -> Field[R]:
        return self._joined("&&", self._negated, all)

    def _joined(self, sign: str, part: Callable[[], Field[R]], how: Callable[[Any], bool]) -> Field[R]:
        parts = [part()]
        while self._take("sign", sign):
            parts.append(part())
        if len(parts) == 1:
            return parts[0]
        for one in parts:
            if one.kind != "Boolean":
                raise bad_query(f"Operator '{sign}' incompatible with operand types")
        return Field("Boolean", lambda row: how(one.get(row) is True for one in parts))

    def _negated(self) -> Field[R]:
        if self._take("sign", "!"):
            inner = self._negated()
            return Field("Boolean", lambda row: inner.get(row) is not True)
        return self._comparison()

    def _comparison(self) -> Field[R]:
        left = self._operand()
        if self.words[self.at].value not in _COMPARE or self.words[self.at].kind != "sign":
            return left
        sign = self._next().value
        right = self._operand()
        kinds = {left.kind, right.kind} - {"Null"}
        if len(kinds) > 1 or (sign not in ("==", "!=") and not kinds <= set(_ORDERED)):
            raise bad_query(
                f"Operator '{sign}' incompatible with operand types '{left.kind}' and '{right.kind}'"
            )
        compare = _COMPARE[sign]
        if sign in ("==", "!="):
            return Field("Boolean", lambda row: compare(_plain(left.get(row)), _plain(right.get(row))))

        def ordered(row: R) -> bool:
            one, other = _plain(left.get(row)), _plain(right.get(row))
            return one is not None and other is not None and bool(compare(one, other))

        return Field("Boolean", ordered)

    def _operand(self) -> Field[R]:
        word = self._next()
        if word.kind == "text":
            return self._constant("String", word.value)
        if word.kind == "number":
            return self._constant("Decimal", word.decimal)
        if word.kind == "sign" and word.value == "(":
            inner = self.either()
            self.expect("sign", ")")
            return inner
        if word.kind != "name":
            raise bad_query("Expression expected")
        literal = {"true": ("Boolean", True), "false": ("Boolean", False), "null": ("Null", None)}
        if word.value.lower() in literal:
            return self._constant(*literal[word.value.lower()])
        if word.value == "Guid":
            return self._guid()
        if word.value == "DateTime":
            return self._moment()
        return self._path(word.value)

    def _path(self, name: str) -> Field[R]:
        while self._take("sign", "."):
            step = self._next().value
            if self.words[self.at] == Token("sign", "("):
                return self._methods(_field(self.fields, name, self.type_name), step)
            name = f"{name}.{step}"
        return _field(self.fields, name, self.type_name)

    def _methods(self, target: Field[R], method: str) -> Field[R]:
        while True:
            target = self._call(target, method.lower(), method)
            if not self._take("sign", "."):
                return target
            method = self._next().value

    def _call(self, target: Field[R], method: str, name: str) -> Field[R]:
        arguments = self._arguments()
        if method in _CHANGES and not arguments:
            change = _CHANGES[method]
            return Field("String", lambda row: change(str(target.get(row) or "")))
        if method not in _TEXT_TESTS or len(arguments) != 1 or target.kind != "String":
            raise bad_query(f"No applicable method '{name}' exists in type '{target.kind}'")
        test, part = _TEXT_TESTS[method], arguments[0].value
        return Field("Boolean", lambda row: test(target.get(row) or "", part))

    def _arguments(self) -> list[Token]:
        self.expect("sign", "(")
        found: list[Token] = []
        while not self._take("sign", ")"):
            if found:
                self.expect("sign", ",")
            word = self._next()
            if word.kind not in ("text", "number"):
                raise bad_query("Expression expected")
            found.append(word)
        return found

    def _guid(self) -> Field[R]:
        arguments = self._arguments()
        if len(arguments) != 1 or not is_guid(arguments[0].value):
            raise bad_query("Guid should contain 32 digits with 4 dashes")
        return self._constant("Guid", arguments[0].value.lower())

    def _moment(self) -> Field[R]:
        if self._take("sign", "."):
            if self._next().value != "Parse":
                raise bad_query("No applicable method exists in type 'DateTime'")
            text = self._arguments()[0].value
            day = read_date(text)
            try:
                value = datetime.fromisoformat(text) if day else None
            except ValueError:
                value = None
            if value is None:
                raise bad_query("String was not recognized as a valid DateTime")
            return self._constant("DateTime", value.replace(tzinfo=None))
        try:
            numbers = [int(one.decimal) for one in self._arguments() if one.kind == "number"]
            return self._constant("DateTime", _moment_of(*numbers))
        except (TypeError, ValueError):
            raise bad_query("No applicable constructor exists in type 'DateTime'") from None

    def _constant(self, kind: str, value: Any) -> Field[R]:
        return Field(kind, lambda row: value)

    def _next(self) -> Token:
        word = self.words[self.at]
        if word.kind == "end":
            raise bad_query("Expression expected")
        self.at += 1
        return word

    def _take(self, kind: str, value: str) -> bool:
        if self.words[self.at] == Token(kind, value):
            self.at += 1
            return True
        return False

    def expect(self, kind: str, value: str) -> None:
        if self.words[self.at] != Token(kind, value):
            raise bad_query(f"'{value}' expected" if value else "Syntax error")
        if kind != "end":
            self.at += 1


def _moment_of(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC).replace(tzinfo=None)


def text_of(get: Callable[[R], str]) -> Field[R]:
    return Field("String", get)


def number_of(get: Callable[[R], Decimal | None]) -> Field[R]:
    return Field("Decimal", get)


def guid_of(get: Callable[[R], str]) -> Field[R]:
    return Field("Guid", get)


def moment_of(get: Callable[[R], date | None]) -> Field[R]:
    return Field("DateTime", get)


def switch_of(get: Callable[[R], bool]) -> Field[R]:
    return Field("Boolean", get)
