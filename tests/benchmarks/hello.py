"""What everything is measured against: a function of functions-framework that answers nothing."""

from __future__ import annotations

import functions_framework
from flask import Request, Response


@functions_framework.http
def hello(request: Request) -> Response:
    return Response(b"", 200)
