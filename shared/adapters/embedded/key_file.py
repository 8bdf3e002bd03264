"""The keys that encrypt the secrets at rest, in a file of their own.

Keys stand one after the other, 32 bytes each. The first encrypts; the others are there while a rotation is under way.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.domain.errors import StoreUnavailable

KEY_BYTES = 32


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def load_keys(path: Path) -> list[bytes]:
    """The keys in the file; the first one is made when there is none. StoreUnavailable when it cannot be read or holds
    something else.

    Several processes starting at once end up with one key; a crash leaves no half-written one.
    """
    try:
        if not path.exists():
            _make(path)
        content = path.read_bytes()
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise StoreUnavailable from error
    if not content or len(content) % KEY_BYTES:
        raise StoreUnavailable("The key file beside our storage is damaged; put back the right one")
    return [content[at : at + KEY_BYTES] for at in range(0, len(content), KEY_BYTES)]


def replace_keys(path: Path, keys: list[bytes]) -> None:
    """At once for whoever reads, and for good: never half a file, whatever dies."""
    with _draft(path, b"".join(keys)) as draft:
        draft.replace(path)


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _draft(path, new_key()) as draft:
        try:
            os.link(draft, path)  # unlike a rename, never replaces a key that another process just made
        except FileExistsError:
            pass


@contextmanager
def _draft(path: Path, content: bytes) -> Iterator[Path]:
    """The content on disk in a file beside, which is gone afterwards."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)
