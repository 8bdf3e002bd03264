"""A period's completeness as a file for the accountant's spreadsheet.

RFC 4180: commas, quotes doubled, CRLF. UTF-8 with a byte order mark, because Excel takes a file without one for its
own old code page. A text that begins like a formula gets an apostrophe in front, so that no spreadsheet runs it;
amounts are ours and stay numbers. Codes only: nobody's name is in it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Response

BOM = "\ufeff"
#: What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection").
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
#: Columns whose values we compute: never anybody's text.
NUMBERS = ("_count", "_net", "_tax", "_total", "difference")


def csv_response(name: str, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Response:
    """``name`` without its ending; each row has the columns, None is an empty cell."""
    heading = csv_line(columns, dict(zip(columns, columns, strict=True)))
    text = heading + "".join(csv_line(columns, row) for row in rows)
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}.csv"',
    }
    return Response((BOM + text).encode(), 200, headers)


def csv_line(columns: Sequence[str], row: Mapping[str, Any]) -> str:
    """One row with its end of line."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow([_cell(column, row[column]) for column in columns])
    return text.getvalue()


def _cell(column: str, value: Any) -> str:
    text = "" if value is None else str(value)
    if column.endswith(NUMBERS) or not text.startswith(FORMULA_STARTS):
        return text
    return f"'{text}"
