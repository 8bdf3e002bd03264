"""Secret Manager: secrets with numbered versions; lists and ``latest`` that may lag behind."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.cloud.secretmanager_v1 import types
from google.protobuf.empty_pb2 import Empty

from tests.google_stand_in.refusals import Refused, invalid, not_found

ENABLED, DISABLED, DESTROYED = (types.SecretVersion.State[s] for s in ("ENABLED", "DISABLED", "DESTROYED"))
MAX_PAYLOAD_BYTES = 65_536
PROJECT_NUMBER = "projects/100000000001"  # answers name the project by its number, whatever the request did
_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_SECRET = re.compile(r"projects/[^/]+/secrets/([^/]+)")
_VERSION = re.compile(r"projects/[^/]+/secrets/([^/]+)/versions/(\d+|latest)")


@dataclass
class _Version:
    payload: bytes
    state: types.SecretVersion.State = ENABLED


@dataclass
class SecretVersions:
    """``lag``: so many of the newest versions are unknown yet to lists and to ``latest``."""

    lag: int = 0
    _secrets: dict[str, list[_Version]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def methods(self) -> dict[str, Any]:
        t = types
        table = {
            "CreateSecret": (self.create, t.CreateSecretRequest, t.Secret),
            "AddSecretVersion": (self.add, t.AddSecretVersionRequest, t.SecretVersion),
            "AccessSecretVersion": (self.access, t.AccessSecretVersionRequest, t.AccessSecretVersionResponse),
            "GetSecretVersion": (self.look, t.GetSecretVersionRequest, t.SecretVersion),
            "ListSecretVersions": (self.versions, t.ListSecretVersionsRequest, t.ListSecretVersionsResponse),
            "DestroySecretVersion": (self.destroy, t.DestroySecretVersionRequest, t.SecretVersion),
            "DisableSecretVersion": (self.disable, t.DisableSecretVersionRequest, t.SecretVersion),
            "EnableSecretVersion": (self.enable, t.EnableSecretVersionRequest, t.SecretVersion),
            "ListSecrets": (self.secrets, t.ListSecretsRequest, t.ListSecretsResponse),
        }
        methods = {
            name: (self._locked(method), asked.deserialize, given.serialize)
            for name, (method, asked, given) in table.items()
        }
        delete = (self._locked(self.delete), t.DeleteSecretRequest.deserialize, Empty.SerializeToString)
        return {**methods, "DeleteSecret": delete}

    def create(self, request: types.CreateSecretRequest) -> types.Secret:
        if not _ID.fullmatch(request.secret_id):
            raise invalid("The secret id does not match the expected format.")
        if types.Replication.pb(request.secret.replication).WhichOneof("replication") is None:
            raise invalid("Replication must be set.")
        if request.secret_id in self._secrets:
            raise Refused(grpc.StatusCode.ALREADY_EXISTS, f"Secret [{request.secret_id}] already exists.")
        self._secrets[request.secret_id] = []
        return types.Secret(name=f"{PROJECT_NUMBER}/secrets/{request.secret_id}")

    def add(self, request: types.AddSecretVersionRequest) -> types.SecretVersion:
        name, payload = _match(_SECRET, request.parent)[1], request.payload.data
        if not 1 <= len(payload) <= MAX_PAYLOAD_BYTES:
            raise invalid("The payload is empty or exceeds 64 KiB.")
        versions = self._of(name)
        versions.append(_Version(payload))
        return self._shown(name, len(versions))

    def access(self, request: types.AccessSecretVersionRequest) -> types.AccessSecretVersionResponse:
        name, number, version = self._find(request.name)
        if version.state != ENABLED:
            raise self._wrong_state(name, number, version)
        return types.AccessSecretVersionResponse(
            name=f"{PROJECT_NUMBER}/secrets/{name}/versions/{number}", payload={"data": version.payload}
        )

    def look(self, request: types.GetSecretVersionRequest) -> types.SecretVersion:
        name, number, _ = self._find(request.name)
        return self._shown(name, number)

    def versions(self, request: types.ListSecretVersionsRequest) -> types.ListSecretVersionsResponse:
        name = _match(_SECRET, request.parent)[1]
        known = len(self._of(name)) - self.lag
        shown = [self._shown(name, number) for number in range(known, 0, -1)]  # the newest first
        if request.filter == "state:ENABLED":
            shown = [version for version in shown if version.state == ENABLED]
        elif request.filter:
            raise invalid(f"The filter {request.filter!r} is not known here.")
        page, token = _page(shown, request)
        return types.ListSecretVersionsResponse(versions=page, next_page_token=token)

    def destroy(self, request: types.DestroySecretVersionRequest) -> types.SecretVersion:
        name, number, version = self._find(request.name)
        if version.state == DESTROYED:
            raise self._wrong_state(name, number, version)
        version.state, version.payload = DESTROYED, b""
        return self._shown(name, number)

    def disable(self, request: types.DisableSecretVersionRequest) -> types.SecretVersion:
        return self._turn(request.name, DISABLED)

    def enable(self, request: types.EnableSecretVersionRequest) -> types.SecretVersion:
        return self._turn(request.name, ENABLED)

    def secrets(self, request: types.ListSecretsRequest) -> types.ListSecretsResponse:
        shown = [types.Secret(name=f"{PROJECT_NUMBER}/secrets/{name}") for name in self._secrets]
        page, token = _page(shown, request)
        return types.ListSecretsResponse(secrets=page, next_page_token=token)

    def delete(self, request: types.DeleteSecretRequest) -> Empty:
        name = _match(_SECRET, request.name)[1]
        self._of(name)
        del self._secrets[name]
        return Empty()

    def _turn(self, path: str, state: types.SecretVersion.State) -> types.SecretVersion:
        name, number, version = self._find(path)
        if version.state == DESTROYED:
            raise self._wrong_state(name, number, version)
        version.state = state
        return self._shown(name, number)

    def _find(self, path: str) -> tuple[str, int, _Version]:
        name, number = _match(_VERSION, path).groups()
        versions = self._of(name)
        position = len(versions) - self.lag if number == "latest" else int(number)
        if not 1 <= position <= len(versions):
            raise not_found(f"Secret Version [{path}]")
        return name, position, versions[position - 1]

    def _of(self, name: str) -> list[_Version]:
        if name not in self._secrets:
            raise not_found(f"Secret [{PROJECT_NUMBER}/secrets/{name}]")
        return self._secrets[name]

    def _shown(self, name: str, number: int) -> types.SecretVersion:
        state = self._secrets[name][number - 1].state
        return types.SecretVersion(name=f"{PROJECT_NUMBER}/secrets/{name}/versions/{number}", state=state)

    def _wrong_state(self, name: str, number: int, version: _Version) -> Refused:
        said = f"Secret Version [{name}/versions/{number}] is in {version.state.name} state."
        return Refused(grpc.StatusCode.FAILED_PRECONDITION, said)

    def _locked(self, method: Any) -> Any:
        def call(request: Any) -> Any:
            with self._lock:
                return method(request)

        return call


def _match(pattern: re.Pattern[str], path: str) -> re.Match[str]:
    match = pattern.fullmatch(path)
    if match is None:
        raise invalid(f"The name {path!r} does not match the expected format.")
    return match


def _page(items: list[Any], request: Any) -> tuple[list[Any], str]:
    start = int(request.page_token or 0)
    end = start + (request.page_size or 25)
    return items[start:end], str(end) if end < len(items) else ""
