"""Google's Firestore emulator as a process of the stack: ends with the process that started it."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time

from infra.local.parent_watch import POLL_SECONDS
from tests.emulators import find_program


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--parent-pid", type=int)
    options = parser.parse_args()
    program = find_program()
    if isinstance(program, str):
        print(program, file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    running = subprocess.Popen([*program, f"--port={options.port}"], stdin=subprocess.DEVNULL)
    try:
        while running.poll() is None and options.parent_pid in (None, os.getppid()):
            time.sleep(POLL_SECONDS)
    finally:
        running.kill()  # it keeps everything in memory; there is nothing to save
        running.wait()
    return 1


if __name__ == "__main__":
    sys.exit(main())
