"""The official SDK's ApiClient, on our transport.

The SDK builds paths, query and headers of each operation; everything it gets wrong on the wire is replaced
here. Measured on xero-python 15.2.0: its ``Configuration`` is a hidden singleton, so two clients share one
mutable token and threads send another clinic's bearer; it retries PUTs, sleeps on Retry-After and has no
timeout. Overriding ``update_params_for_auth`` and ``request`` keeps all of that out.

Bodies go in as ``bytes`` where a method asks for a model: the SDK's ``serialize`` hands bytes on untouched,
and so do we, so that the body on the wire is the very text that the operation recorded.
"""

from __future__ import annotations

from typing import Any, NoReturn

from xero_python.api_client import ApiClient

from shared.adapters.xero.errors import check
from shared.adapters.xero.limits import usage_of
from shared.adapters.xero.transport import USER_AGENT, Answer, Transport
from shared.domain.xero_records import Usage


class BearerApiClient(ApiClient):
    """One bearer's client; make one per use. ``usage`` tells the calls left as of the latest answer."""

    def __init__(self, transport: Transport, access_token: str) -> None:
        super().__init__()
        self._transport = transport
        self._access_token = access_token
        self.user_agent = USER_AGENT
        self.usage = Usage()

    @property
    def pool(self) -> NoReturn:
        """The SDK starts its thread pool when this is first read, for async_req; nothing here may."""
        raise RuntimeError("asynchronous requests are not used")

    def update_params_for_auth(self, headers: dict[str, Any], querys: Any, auth_settings: Any) -> None:
        """The bearer of this instance, never the one in the SDK's shared configuration."""
        headers["Authorization"] = f"Bearer {self._access_token}"

    def request(
        self,
        method: str,
        url: str,
        query_params: Any = None,
        headers: dict[str, Any] | None = None,
        post_params: Any = None,
        body: bytes | None = None,
        _preload_content: bool = True,
        _request_timeout: Any = None,
    ) -> Answer:
        """The one place where a request leaves; raises the errors of ``Accounting`` for anything but a
        success."""
        if body is not None and not isinstance(body, bytes):
            raise TypeError(
                "a body is the operation's text in bytes; the SDK's models would go out as floats"
            )
        answer = self._transport.send(
            method,
            url,
            headers={name: str(value) for name, value in (headers or {}).items()},
            query=[(name, query_text(value)) for name, value in query_params or ()],
            body=body,
        )
        self.usage = usage_of(answer.headers)
        check(answer)
        return answer


def query_text(value: Any) -> str:
    """Xero reads ``true`` and ``false``; Python's own ``True`` is silently taken for nothing."""
    return str(value).lower() if isinstance(value, bool) else str(value)
