"""Both stores of token sets at once: a secret's name says which one has it (``shared.ports.secrets.TOKEN_STORES``)."""

from __future__ import annotations

from shared.ports.secrets import TOKEN_STORES, Secrets


class TokenStores:
    """Implements ``shared.ports.secrets.Secrets``. Everything that is not sealed is Secret Manager's."""

    def __init__(self, secret_manager: Secrets, sealed: Secrets) -> None:
        self._secret_manager, self._sealed = secret_manager, sealed

    def add(self, name: str, payload: bytes) -> int:
        return self._of(name).add(name, payload)

    def access(self, name: str, version: int) -> bytes:
        return self._of(name).access(name, version)

    def versions(self, name: str) -> list[int]:
        return self._of(name).versions(name)

    def destroy(self, name: str, version: int) -> None:
        self._of(name).destroy(name, version)

    def delete(self, name: str) -> None:
        self._of(name).delete(name)

    def names(self, prefix: str) -> list[str]:
        return self._of(prefix).names(prefix)

    def _of(self, name: str) -> Secrets:
        return self._sealed if name.startswith(TOKEN_STORES["firestore"]) else self._secret_manager
