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
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(column, row[column]) for column in columns])
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}.csv"',
    }
    return Response((BOM + text.getvalue()).encode(), 200, headers)


def _cell(column: str, value: Any) -> str:
    text = "" if value is None else str(value)
    if column.endswith(NUMBERS) or not text.startswith(FORMULA_STARTS):
        return text
    return f"'{text}"
