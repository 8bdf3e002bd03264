"""What one function has loaded, as a program: ``python -m tests.functions.loaded_modules NAME METHOD PATH KEY_FOLDER``.

Prints lists as JSON: after its import, after a request that is refused, and, unless BACKEND is gcp, after one that is
served. Libraries by their first name (Google's clients by their own), without the standard library and what
functions_framework itself loads; of ours every module.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import sys
from pathlib import Path

import functions_framework

BEFORE = set(sys.modules)
ISSUER = "http://localhost:1"
AUDIENCE = "https://worker.example"
OURS = ("shared.", "functions.")
LIBRARY = re.compile(r"google\.(?:cloud\.\w+|\w+)|\w+")
#: Not libraries: the standard library's own name for this machine, what compiled modules share.
NO_LIBRARIES = {*sys.stdlib_module_names, "main", "tests", "infra", "cython_runtime"}


def loaded() -> list[str]:
    names = set(sys.modules) - BEFORE
    ours = {name for name in names if name.startswith(OURS)}
    libraries = {found[0] for name in names - ours if (found := LIBRARY.match(name))}
    named = {each for each in libraries if each.split(".")[0] not in NO_LIBRARIES | {"shared", "functions"}}
    return sorted(ours | {each for each in named if not each.startswith("_")})


def main(name: str, method: str, path: str, folder: str) -> None:
    app = functions_framework.create_app(name, f"functions/{name}/main.py")
    at_import = loaded()
    from werkzeug.test import Client

    client = Client(app)
    refused = client.open(path, method=method, json={} if method != "GET" else None)
    assert refused.status_code in (400, 401), refused.status_code
    after_refusal = loaded()
    if os.environ["BACKEND"] == "gcp":
        print(json.dumps([at_import, after_refusal]))
        return
    served = client.open(path, method=method, **_signed(name, Path(folder)))
    assert served.status_code < 400, (served.status_code, served.get_data(as_text=True))
    print(json.dumps([at_import, after_refusal, loaded()]))


def _signed(name: str, folder: Path) -> dict[str, object]:
    """The options of a request that this function serves; the sign-in's keys are those of ``folder``."""
    if name == "webhook":
        raw = json.dumps({"events": [{"tenantId": "t-1", "eventCategory": "INVOICE"}]}).encode()
        signature = base64.b64encode(hmac.new(b"a-key", raw, hashlib.sha256).digest()).decode()
        return {"data": raw, "headers": {"x-xero-signature": signature}}
    from infra.local.signing_key import load_or_create
    from infra.local.staff import BY_ROLE
    from infra.local.tokens import mint, mint_for
    from shared import bootstrap
    from shared.http.sign_in import SignIn

    key, account = load_or_create(folder), "tasks@example.com"

    def published(url: str) -> object:
        return (
            {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}
            if "known" in url
            else {"keys": [key.public_jwk()]}
        )

    bootstrap.install(None, SignIn(ISSUER, "clinic-ledger", ISSUER, AUDIENCE, account, fetch=published))
    role = {"records": "app"}.get(name, "owner")
    token = mint_for(key, ISSUER, "demo", BY_ROLE[role])
    if name in ("worker", "reconcile"):
        token = mint(key, ISSUER, AUDIENCE, "tasks", email=account, email_verified=True)
    body = {"worker": {"practice_id": "demo"}, "records": {"first_name": "Anna", "last_name": "Lee"}}
    options: dict[str, object] = {"headers": {"Authorization": f"Bearer {token}"}}
    return options | ({"json": body[name]} if name in body else {})


if __name__ == "__main__":
    main(*sys.argv[1:])
