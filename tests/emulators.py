"""Google's Firestore emulator, one for all workers of a test run, started when a test first asks for it.

Every process that uses it holds a shared lock on ``users``. The keeper, a process of its own that started the
emulator, waits for the moment when nobody holds that lock any more, and ends the emulator. The kernel gives locks
back when a process ends in whatever way, so nothing is left behind.
"""

from __future__ import annotations

import fcntl
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from unittest import mock

import pytest
from google.cloud.firestore import Client

from infra.local.ports import LOOPBACK, free_port
from shared.adapters.firestore.store import FirestoreStore

ROOT = Path(__file__).parents[1]
JAR = Path("platform/cloud-firestore-emulator/cloud-firestore-emulator.jar")
MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
# Starts in half the time of a JVM made for servers.
JVM = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx768m", "-Duser.language=en"]
READY_SECONDS = 90.0

_users: list[IO[str]] = []  # open for as long as this process may use the emulator


def emulated_store(project: str | None = None) -> FirestoreStore:
    """A store in that project, or in an empty one. Skips the test where the emulator is missing, or fails it with
    REQUIRE_EMULATOR=1."""
    host = emulator()
    # The client takes the address from the environment only, when it is made.
    with mock.patch.dict(os.environ, {"FIRESTORE_EMULATOR_HOST": host}):
        client = Client(project=project or f"test-{uuid.uuid4().hex[:20]}")
    return FirestoreStore(lambda: client)


def emulator() -> str:
    """Its host and port; started unless another worker of this run has."""
    return _started(tuple(demanded_program()))


def demanded_program() -> list[str]:
    """How to start it. Skips the test where it is missing, or fails it with REQUIRE_EMULATOR=1."""
    found = find_program()
    if isinstance(found, list):
        return found
    if os.environ.get("REQUIRE_EMULATOR") == "1":
        pytest.fail(f"REQUIRE_EMULATOR=1, but {found}")
    pytest.skip(found)


@functools.cache
def find_program() -> list[str] | str:
    """How to start the emulator; or a sentence saying what is missing on this machine."""
    java, gcloud = shutil.which("java"), shutil.which("gcloud")
    if java is None:
        return "Google's Firestore emulator needs java, which is not on the PATH"
    if gcloud is None:
        return "Google's Firestore emulator is part of the Google Cloud SDK, and gcloud is not on the PATH"
    jar = Path(gcloud).resolve().parents[1] / JAR
    if not jar.exists():
        command = [gcloud, "info", "--format=value(installation.sdk_root)"]
        told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False).stdout.strip()
        jar = Path(told) / JAR
    if not jar.exists():
        return "the Firestore emulator is missing: gcloud components install cloud-firestore-emulator"
    return [java, *JVM, "-cp", str(jar), MAIN, "start", f"--host={LOOPBACK}"]


@functools.cache
def _started(program: tuple[str, ...]) -> str:
    folder = _shared_folder()
    while True:
        with suppress(FileNotFoundError):  # the last keeper took the folder away under our hands
            folder.mkdir(mode=0o700, exist_ok=True)
            with _locked(folder / "starting"):
                users = (folder / "users").open("w")
                fcntl.flock(users, fcntl.LOCK_SH)
                if os.fstat(users.fileno()).st_ino == (folder / "users").stat().st_ino:
                    _users.append(users)
                    if not (folder / "address").exists():
                        _start_keeper(folder, program)
                    return (folder / "address").read_text()


def _shared_folder() -> Path:
    """One for all workers of this run and the processes they start."""
    run = os.environ.setdefault("EMULATOR_RUN", os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex)
    return Path(tempfile.gettempdir()) / f"clinic-ledger-emulator-{run}"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# -- the keeper ----------------------------------------------------------------------------------------------------


def _start_keeper(folder: Path, program: tuple[str, ...]) -> None:
    log = folder / "log"
    with log.open("w") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.emulators", str(folder), *program],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # an interrupt at the terminal is for the tests; the keeper follows them
        )
    until = time.monotonic() + READY_SECONDS
    while not (folder / "address").exists():
        if keeper.poll() is not None or time.monotonic() > until:
            keeper.kill()
            raise RuntimeError(f"the Firestore emulator did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def _keep(folder: Path, program: list[str]) -> None:
    """Runs the emulator for as long as somebody uses it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    port = free_port()
    running = subprocess.Popen([*program, f"--port={port}"])
    try:
        _wait_until_ready(running, port)
        _warm_up(port)
        unready = folder / "address.new"
        unready.write_text(f"{LOOPBACK}:{port}")
        unready.rename(folder / "address")
        _wait_until_unused(folder, running)
    finally:
        running.kill()  # it keeps everything in memory; there is nothing to save
        running.wait()


def _wait_until_ready(running: subprocess.Popen[bytes], port: int) -> None:
    while running.poll() is None:
        with suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"http://{LOOPBACK}:{port}/", timeout=5).close()
            return
        time.sleep(0.05)
    raise RuntimeError(f"the emulator ended with {running.returncode}")


def _warm_up(port: int) -> None:
    """The first write takes seconds on a cold machine; no test should have to wait for it."""
    os.environ["FIRESTORE_EMULATOR_HOST"] = f"{LOOPBACK}:{port}"
    Client(project="warm-up").document("warm/up").set({}, timeout=60)


def _wait_until_unused(folder: Path, running: subprocess.Popen[bytes]) -> None:
    with (folder / "users").open("w") as users:
        while running.poll() is None:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.2)
            else:
                # Who comes now waits for this lock, finds the folder gone, and starts anew.
                shutil.rmtree(folder, ignore_errors=True)
                return
    (folder / "address").unlink(missing_ok=True)


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), sys.argv[2:])
