"""Cross-origin calls: configured origins only, never a wildcard, because the connect cookie goes with them."""

from __future__ import annotations

from flask import Request, Response

from shared.bootstrap import get_config

ALLOWED_HEADERS = "Authorization, Content-Type, X-Request-Id"
ALLOWED_METHODS = "GET, POST, PUT"


def _allowed(request: Request) -> str | None:
    origin = request.headers.get("Origin")
    return origin if origin and origin in get_config().list("CORS_ORIGINS") else None


def preflight(request: Request) -> Response | None:
    """The answer to a browser's preflight; None for any other request."""
    if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
        return None
    if not _allowed(request):
        return Response("", 403)
    headers = {
        "Access-Control-Allow-Methods": ALLOWED_METHODS,
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Max-Age": "600",
    }
    return Response("", 204, headers)


def add_cors(request: Request, response: Response) -> None:
    response.headers.add("Vary", "Origin")
    origin = _allowed(request)
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Access-Control-Expose-Headers"] = "X-Request-Id, Retry-After"
