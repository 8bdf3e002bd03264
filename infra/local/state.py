"""STATE_DIR: made private, held by one running stack at a time, its key changed, cleared by ``make reset``."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.config import Config

LOCK_FILE = "stack.lock"
LOG_FILE = "stack.log"
DATABASE_FILE = "ledger.sqlite"


class StateInUse(Exception):
    """Another running stack works in this folder."""


def prepare(state_dir: Path) -> Path:
    """The folder, made when it is new, for this user only; the lock file in it marks it as ours."""
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    (state_dir / LOCK_FILE).touch(mode=0o600)
    return state_dir


@contextmanager
def held(state_dir: Path) -> Iterator[None]:
    """Holds the folder. The lock goes with the process, however that ends. Raises StateInUse."""
    with (prepare(state_dir) / LOCK_FILE).open("r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateInUse(
                f"Another stack (process {file.read().strip() or '?'}) is running with the state in {state_dir}. "
                "Stop it first, or set STATE_DIR to another folder."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def empty(state_dir: Path) -> None:
    """All of a held folder but the lock: for a stack that keeps the rest in memory, so that the folder would be half a
    state. StateInUse for the folder of an embedded stack, which is a whole one."""
    if (state_dir / DATABASE_FILE).exists():
        raise StateInUse(f"{state_dir} holds the data of BACKEND=embedded; set STATE_DIR to another folder.")
    for path in state_dir.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in (LOCK_FILE, LOG_FILE):
            path.unlink()


def rotate_key(state_dir: Path) -> str:
    """Encrypts the token sets with a new key and says so; a running stack goes on. ValueError where no data is."""
    from shared.adapters.embedded.secrets import SqliteSecrets  # here: no other command needs cryptography

    database = state_dir / DATABASE_FILE
    if not database.exists():
        raise ValueError(f"There is no {database}; set STATE_DIR to the folder of the stack.")
    key_file = Config.from_environment({**os.environ, "STATE_DIR": str(state_dir)}).secrets_key_file
    count = SqliteSecrets(database, key_file).rotate_key()
    return f"{count} token sets are encrypted with a new key ({key_file}); copies of the old key are worth nothing now."


def reset(state_dir: Path) -> str:
    """Deletes the folder and says so. Raises StateInUse, or ValueError for a folder that is not a stack's."""
    if not state_dir.exists():
        return f"Nothing to clear: {state_dir} does not exist."
    if not (state_dir / LOCK_FILE).exists():
        raise ValueError(f"{state_dir} was not made by this stack; delete it yourself if you mean to.")
    with held(state_dir):
        shutil.rmtree(state_dir)
    return f"Cleared {state_dir}."
