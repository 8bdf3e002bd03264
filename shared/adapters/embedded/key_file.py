"""The key that encrypts the secrets at rest, in a file beside the data."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from shared.domain.errors import StoreUnavailable

KEY_BYTES = 32


def load_key(path: Path) -> bytes:
    """The key in the file, made first when there is none. StoreUnavailable when it cannot be read or is no key.

    Several processes starting at once end up with one key; a crash leaves no half-written one.
    """
    try:
        if not path.exists():
            _make(path)
        key = path.read_bytes()
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        raise StoreUnavailable from error
    if len(key) != KEY_BYTES:
        raise StoreUnavailable("The key file beside our storage is damaged; put back the right one")
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename, never replaces a key that another process just made
    except FileExistsError:
        pass
    finally:
        draft.unlink()
