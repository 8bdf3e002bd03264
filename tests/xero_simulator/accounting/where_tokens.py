"""The words of a where clause: names, numbers, quoted texts, operators and brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from .replies import bad_query

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.|"")*")
    | (?P<number>\d+(?:\.\d+)?)[mMdDfF]?(?![\w.])
    | (?P<name>[A-Za-z_]\w*)
    | (?P<sign>==|!=|<>|>=|<=|&&|\|\||[=<>!().,])
    )""",
    re.VERBOSE,
)
_WORDS = {"and": "&&", "or": "||", "not": "!"}
_SIGNS = {"=": "==", "<>": "!="}


@dataclass(frozen=True)
class Token:
    kind: str  # text, number, name, sign, end
    value: str

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.value)


def tokens(clause: str) -> list[Token]:
    found, position = [], 0
    clause = clause.rstrip()
    while position < len(clause):
        match = _TOKEN.match(clause, position)
        if match is None:
            raise _unreadable(clause[position:].lstrip())
        position = match.end()
        kind = match.lastgroup or ""
        value = match.group(kind)
        if kind == "text":
            value = re.sub(r'\\(.)|""', lambda escaped: escaped.group(1) or '"', value[1:-1])
        elif kind == "name" and value.lower() in _WORDS:
            kind, value = "sign", _WORDS[value.lower()]
        elif kind == "sign":
            value = _SIGNS.get(value, value)
        found.append(Token(kind, value))
    return [*found, Token("end", "")]


def _unreadable(rest: str) -> Exception:
    if rest.startswith("'"):
        return bad_query("Character literal must contain exactly one character")
    if rest.startswith('"'):
        return bad_query("Unterminated string literal")
    return bad_query(f"Syntax error '{rest[0]}'")
