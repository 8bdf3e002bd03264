"""Builds the staff page when its sources changed: ``python3 infra/local/build_page.py``; also ``check`` and ``test``.

Needs Node.js with npm. Where they are missing the build is left out with a sentence, since everything but the page
works without it; ``check`` and ``test`` then do nothing either, unless REQUIRE_BROWSER=1 demands them. Standard library
only, like ``setup_venv``: it runs before anything is installed.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONSOLE = ROOT / "functions" / "console"
PAGE = CONSOLE / "page"
STATIC = CONSOLE / "static"
INSTALLED = PAGE / "node_modules" / ".stamp"
BUILT = STATIC / ".stamp"
#: Made from the sources, or not part of the page.
NOT_SOURCES = {PAGE / "node_modules", PAGE / "src" / "api" / "schema.d.ts"}
LEAST_NODE = (20, 19)


def main(arguments: list) -> int:
    wanted = arguments[0] if arguments else "build"
    missing = what_is_missing()
    if missing:
        demanded = os.environ.get("REQUIRE_BROWSER") == "1"
        say(missing if demanded else f"{missing} The staff page is left out; everything else works.")
        return 1 if demanded else 0
    with alone():
        return build() if wanted == "build" else install() or npm("run", wanted)


@contextlib.contextmanager
def alone() -> "Iterator[None]":
    """Two terminals, or two workers of a test run, do not install or build into each other's files."""
    name = hashlib.sha256(str(ROOT).encode()).hexdigest()[:16]
    lock = Path(tempfile.gettempdir()) / f"clinic-ledger-page-{os.getuid()}-{name}.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build() -> int:
    """0 when the built page belongs to the sources as they are."""
    sources = digest(sorted(source_files()))
    if BUILT.exists() and BUILT.read_text() == sources:
        return 0
    failed = install()
    if failed:
        return failed
    say("Building the staff page ...")
    if npm("run", "build", "--silent") != 0:
        say("The staff page could not be built, see above.")
        return 1
    BUILT.write_text(sources)
    return 0


def install() -> int:
    lock = digest([PAGE / "package.json", PAGE / "package-lock.json"])
    if INSTALLED.exists() and INSTALLED.read_text() == lock:
        return 0
    say("Installing what the staff page is built with; the first time takes a minute ...")
    if npm("ci", "--no-audit", "--no-fund", "--loglevel=error") != 0:
        say("The installation failed, see above. When that is mended, run the same command again.")
        return 1
    INSTALLED.write_text(lock)
    return 0


def source_files() -> "list[Path]":
    """What the built page is made of: the page's folder, and the description its client is generated from."""
    found = [CONSOLE / "openapi.json"]
    for folder, folders, names in os.walk(PAGE):
        here = Path(folder)
        folders[:] = [name for name in folders if here / name not in NOT_SOURCES]
        found += [here / name for name in names if here / name not in NOT_SOURCES]
    return found


def digest(files: "list[Path]") -> str:
    content = hashlib.sha256()
    for path in files:
        content.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return content.hexdigest()


def what_is_missing() -> str:
    """A sentence, empty when nothing is."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        return "Node.js and npm are not installed."
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    version = tuple(int(part) for part in told.lstrip("v").split(".")[:2] if part.isdigit())
    if version < LEAST_NODE:
        return f"The staff page needs Node.js 20.19 or newer, but this is {told or 'none'}."
    return ""


def npm(*arguments: str) -> int:
    return subprocess.call(["npm", *arguments], cwd=PAGE, stdout=sys.stderr)


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
