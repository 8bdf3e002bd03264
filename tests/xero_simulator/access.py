"""Who may call the API: the bearer, the organisation it covers, its scopes.

Xero answers an expired or unknown bearer with 401, a token that does not cover the organisation with 403
``AuthenticationUnsuccessful``, both as a PascalCase problem; a missing scope is named in ``WWW-Authenticate``.
"""

from __future__ import annotations

from . import scopes
from .connections import Connections
from .messages import Request, Response, problem
from .tokens import BearerRefused, Grant, Tokens


class Refused(Exception):
    """The call ends here, with this answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def authenticate(request: Request, tokens: Tokens) -> Grant:
    """The consent behind the request's bearer."""
    kind, _, bearer = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not bearer:
        raise Refused(_unauthorized("AuthenticationUnsuccessful"))
    try:
        return tokens.verify(bearer.strip())
    except BearerRefused as reason:
        raise Refused(_unauthorized(str(reason))) from reason


def tenant(request: Request, grant: Grant, connections: Connections) -> str:
    """The organisation named by the ``xero-tenant-id`` header, if the consent's person has it connected."""
    tenant_id = request.headers.get("xero-tenant-id", "").strip().lower()
    if not tenant_id or not connections.covers(grant.client_id, grant.user_id, tenant_id):
        raise Refused(problem(403, "Forbidden", "AuthenticationUnsuccessful"))
    return tenant_id


def check_scope(method: str, path: tuple[str, ...], grant: Grant) -> None:
    if not scopes.enough(method, path, grant.scopes):
        header = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'}
        raise Refused(problem(403, "Forbidden", "AuthorizationUnsuccessful", header))


def _unauthorized(detail: str) -> Response:
    header = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return problem(401, "Unauthorized", detail, header)
