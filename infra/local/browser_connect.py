"""Connecting with a real browser before there is a staff page: ``GET /connect?practice=demo``.

Signs in as the practice's owner, asks our own interface for Xero's consent page, and sends the browser there with the
cookie that ties it to this attempt. The cookie reaches our callback because cookies belong to a host, not to a port.
Local stack only: whoever can reach it can read the signing key anyway.
"""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from infra.local.client import Client
from infra.local.settings import Settings
from infra.local.staff import PRACTICES


def add_browser_connect(app: Flask, settings: Settings) -> None:
    @app.get("/connect")
    def connect() -> AnyResponse:
        practice = request.args.get("practice", "demo")
        if practice not in PRACTICES:
            return Response(f"practice is one of: {', '.join(PRACTICES)}", 400, mimetype="text/plain")
        started = Client(settings, practice, "owner").raw("GET", "/xero/oauth/connect/")
        if not started.ok:
            return Response(started.text, started.status_code, mimetype="application/problem+json")
        answer = redirect(started.json()["authorize_url"])
        answer.headers["Set-Cookie"] = started.headers["Set-Cookie"]
        return answer
