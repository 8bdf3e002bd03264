"""The emulator's keeper: shared by a run's processes, ended with the last of them, loud when it is missing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.settings import ROOT
from tests import emulators

USE = "import sys; from tests.emulators import emulator; print(emulator(), flush=True); sys.stdin.read()"


@pytest.fixture
def unlooked() -> Iterator[None]:
    """What was found on this machine is forgotten before and after."""
    emulators.find_program.cache_clear()
    yield
    emulators.find_program.cache_clear()


def answers(address: str) -> bool:
    host, port = address.split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def test_one_emulator_that_ends_with_its_last_user(tmp_path: Path) -> None:
    """Two processes that begin at once share one; it outlives the one that is killed, not the second."""
    emulators.emulator()  # skips where there is none
    settings = {**os.environ, "EMULATOR_RUN": uuid.uuid4().hex, "TMPDIR": str(tmp_path)}
    users = [
        subprocess.Popen(
            [sys.executable, "-c", USE],
            cwd=ROOT,
            env=settings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    try:
        addresses = {user.stdout.readline().strip() for user in users if user.stdout}
        assert len(addresses) == 1
        (address,) = addresses
        users[0].kill()
        users[0].wait()
        time.sleep(0.5)  # longer than the keeper takes to look again
        assert answers(address)
    finally:
        for user in users:
            user.kill()
            user.wait()
    deadline = time.monotonic() + 10
    while answers(address) or list(tmp_path.iterdir()):
        assert time.monotonic() < deadline, "the emulator or its folder is still there"
        time.sleep(0.05)


@pytest.mark.usefixtures("unlooked")
def test_without_the_emulator_the_reason_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without it skips; one that must have it fails; both say what is missing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("REQUIRE_EMULATOR", raising=False)
    with pytest.raises(pytest.skip.Exception, match="needs java"):
        emulators.emulator()
    monkeypatch.setenv("REQUIRE_EMULATOR", "1")
    with pytest.raises(pytest.fail.Exception, match="needs java"):
        emulators.emulator()


@pytest.mark.usefixtures("unlooked")
def test_the_emulator_is_found_in_the_sdk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Beside the gcloud on the PATH, links followed; or where gcloud says that the SDK is."""
    sdk, programs = tmp_path / "sdk", tmp_path / "programs"
    (sdk / "bin").mkdir(parents=True)
    programs.mkdir()
    for program in (sdk / "bin" / "gcloud", programs / "java"):
        program.write_text(f"#!/bin/sh\necho {tmp_path / 'elsewhere'}\n")
        program.chmod(0o755)
    (programs / "gcloud").symlink_to(sdk / "bin" / "gcloud")
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    said = emulators.find_program()
    assert "gcloud components install" in said
    for root in (tmp_path / "elsewhere", sdk):
        emulators.find_program.cache_clear()
        (root / emulators.JAR).parent.mkdir(parents=True)
        (root / emulators.JAR).touch()
        assert str(root / emulators.JAR) in emulators.find_program()
