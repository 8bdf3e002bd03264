"""Secrets in Google Secret Manager: one secret per name, read by version number only.

Only "add, then access by number" is strongly consistent there; lists and the alias ``latest`` may lag for hours. So
``versions`` asks for the numbers after the last one that the list knows.
https://docs.cloud.google.com/secret-manager/docs/consistency
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from google.api_core import exceptions
from google.cloud.secretmanager_v1 import SecretManagerServiceClient, SecretVersion

from shared.adapters.google_rpc import ATTEMPT_SECONDS, ONCE, repeated, translated
from shared.adapters.secret_rules import check_name, check_payload
from shared.domain.errors import StoreUnavailable
from shared.ports.secrets import SecretMissing

#: So many numbers after the listed ones are tried; more than one is there only after several crashes in a row.
NUMBERS_TRIED = 10
_LIST_PAGE = 1000


class SecretManagerSecrets:
    """Implements ``shared.ports.secrets.Secrets``. ``make_client`` is called on first use.

    ValueError for an impossible name, an empty payload or one over 64 KiB. What is the deployment's mistake, a missing
    permission for instance, is passed on as Google says it.
    """

    def __init__(self, make_client: Callable[[], SecretManagerServiceClient], project: str) -> None:
        self._make_client = make_client
        self._project = f"projects/{project}"

    @cached_property
    def _client(self) -> SecretManagerServiceClient:
        return self._make_client()

    def add(self, name: str, payload: bytes) -> int:
        check_name(name)
        check_payload(payload)
        request = {"parent": self._secret(name), "payload": {"data": payload}}
        # Asked again also when an answer was lost: at worst the same payload has two numbers, and losing a token set
        # that Xero has just renewed is worse.
        try:
            added = self._ask("add_secret_version", request)
        except exceptions.NotFound:
            self._create(name)
            added = self._ask("add_secret_version", request)
        return int(added.name.rpartition("/")[2])

    def access(self, name: str, version: int) -> bytes:
        check_name(name)
        if version < 1:
            raise SecretMissing(f"{name} {version}")
        path = self._version(name, version)
        try:
            return bytes(self._ask("access_secret_version", {"name": path}).payload.data)
        except exceptions.NotFound:
            raise SecretMissing(f"{name} {version}") from None
        except exceptions.FailedPrecondition:
            if self._ask("get_secret_version", {"name": path}).state != SecretVersion.State.DISABLED:
                raise SecretMissing(f"{name} {version}") from None
        # Not SecretMissing: enabling it again brings it back, so nobody must reconnect because of it.
        raise StoreUnavailable(f"version {version} of the secret {name} is disabled; enable it again")

    def versions(self, name: str) -> list[int]:
        check_name(name)
        request = {"parent": self._secret(name), "filter": "state:ENABLED", "page_size": _LIST_PAGE}
        try:
            listed = {int(v.name.rpartition("/")[2]) for v in self._all("list_secret_versions", request)}
        except exceptions.NotFound:
            listed = set()
        return sorted(listed | self._unlisted(name, max(listed, default=0)))

    def destroy(self, name: str, version: int) -> None:
        check_name(name)
        try:
            self._ask("destroy_secret_version", {"name": self._version(name, max(version, 0))})
        except (exceptions.NotFound, exceptions.FailedPrecondition):
            return  # gone already

    def delete(self, name: str) -> None:
        check_name(name)
        try:
            self._ask("delete_secret", {"name": self._secret(name)})
        except exceptions.NotFound:
            return

    def names(self, prefix: str) -> list[str]:
        found = self._all("list_secrets", {"parent": self._project, "page_size": _LIST_PAGE})
        names = (secret.name.rpartition("/")[2] for secret in found)
        return sorted(name for name in names if name.startswith(prefix))

    def _unlisted(self, name: str, last: int) -> set[int]:
        """Those after ``last`` that a lagging list leaves out."""
        found: set[int] = set()
        for number in range(last + 1, last + 1 + NUMBERS_TRIED):
            try:
                self._ask("access_secret_version", {"name": self._version(name, number)})
            except exceptions.NotFound:
                break
            except exceptions.FailedPrecondition:
                continue  # destroyed
            found.add(number)
        return found

    def _create(self, name: str) -> None:
        request = {
            "parent": self._project,
            "secret_id": name,
            "secret": {"replication": {"automatic": {}}},
        }
        try:
            self._ask("create_secret", request)
        except exceptions.AlreadyExists:
            return  # somebody else was first, or our own first attempt

    def _ask(self, method: str, request: dict[str, Any]) -> Any:
        return self._call(method, request, lambda answer: answer)

    def _all(self, method: str, request: dict[str, Any]) -> list[Any]:
        """The items of every page; the pager asks for the further ones with the same limits."""
        return list(self._call(method, request, list))

    def _call(self, method: str, request: dict[str, Any], read: Callable[[Any], Any]) -> Any:
        call = getattr(self._client, method)
        with translated():
            return repeated(lambda: read(call(request=request, retry=ONCE, timeout=ATTEMPT_SECONDS)))

    def _secret(self, name: str) -> str:
        return f"{self._project}/secrets/{name}"

    def _version(self, name: str, version: int) -> str:
        return f"{self._secret(name)}/versions/{version}"
