"""The staff page's files as ``npm run build`` leaves them in ``static/``, with the headers a browser needs.

``index.html`` is new on every visit and carries a fresh nonce; the files it names have a hash in their names and are
kept for a year.
"""

from __future__ import annotations

import re
import secrets
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Request, Response

from shared.domain.errors import NotFound

STATIC = Path(__file__).with_name("static")
UNBUILT = Path(__file__).with_name("unbuilt.html")
#: What the build writes in place of the nonce (``html.cspNonce`` in ``vite.config.ts``).
NONCE_PLACE = "__CSP_NONCE__"
#: No path can be made of this: it has no slash and does not begin with a dot.
ASSET_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
A_YEAR = "public, max-age=31536000, immutable"


def index(sign_in_origins: list[str]) -> Response:
    """The page; a plain one that says what is missing, as 503, where it was never built."""
    try:
        html = (STATIC / "index.html").read_text(encoding="utf-8")
    except FileNotFoundError:
        return _html(UNBUILT.read_text(encoding="utf-8"), "style-src 'unsafe-inline'", 503)
    nonce = secrets.token_urlsafe(16)
    # Mantine and the scroll lock under its dialogs write style elements; the nonce admits theirs and nobody else's.
    allowed = (
        f"script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
        f"connect-src 'self' {' '.join(sign_in_origins)}"
    )
    return _html(html.replace(NONCE_PLACE, nonce), allowed)


def asset(request: Request, name: str) -> Response:
    """One hashed file, compressed for who can read that. Raises NotFound."""
    kind = TYPES.get(Path(name).suffix)
    if kind is None or not ASSET_NAME.fullmatch(name):
        raise NotFound("There is nothing at this address")
    packed = request.accept_encodings.quality("gzip") > 0
    try:
        body = _read(STATIC / "assets" / (f"{name}.gz" if packed else name))
    except FileNotFoundError:
        raise NotFound("There is nothing at this address; the page may be newer, load it again") from None
    headers = {"Content-Type": kind, "Cache-Control": A_YEAR, "Vary": "Accept-Encoding"}
    return Response(body, 200, headers | ({"Content-Encoding": "gzip"} if packed else {}))


def origin(url: str) -> str:
    """Scheme and host of a URL, as a Content-Security-Policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@lru_cache(maxsize=64)
def _read(path: Path) -> bytes:
    """Hashed files never change under their names, so one read each is enough."""
    return path.read_bytes()


def _html(html: str, allowed: str, status: int = 200) -> Response:
    nothing_else = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": f"default-src 'none'; {allowed}; {nothing_else}",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    return Response(html, status, headers)
