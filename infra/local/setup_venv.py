"""Installs a hashed requirements file into an environment: ``python3 infra/local/setup_venv.py WHICH``

Runs before anything is installed, so it uses the standard library only, and syntax that an older Python reads too:
it must get as far as saying that it is too old. A stamp in the environment remembers the content of what was
installed, so that a second call takes no time. It speaks on stderr, so that ``TOKEN=$(make token)`` gets the token
alone. WHICH is run, test, terraform or supply-chain.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "run": ROOT / "requirements.txt",
    "test": ROOT / "tests" / "requirements.txt",
    "terraform": ROOT / "infra" / "terraform" / "requirements.txt",
    "supply-chain": ROOT / "infra" / "supply_chain" / "requirements.txt",
}
#: Whose environment is not .venv: what speaks Terraform's protocol needs an older protobuf than Google's clients, and
#: what audits the packages must not be among them.
APART = {"terraform": ".venv-terraform", "supply-chain": ".venv-supply-chain"}
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


def main(wanted: str) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036  this is the file that says so
        return fail(
            f"Python 3.11 or newer is needed, but {sys.executable} is {VERSION}. "
            "Install a newer one, or name it, for example: make run PYTHON=python3.12"
        )
    venv = ROOT / APART.get(wanted, ".venv")
    python = venv / "bin" / "python"
    if not works(python):
        say(f"Making {venv.name} with Python {VERSION} ...")
        shutil.rmtree(venv, ignore_errors=True)
        if subprocess.call([sys.executable, "-m", "venv", str(venv)], stdout=sys.stderr) != 0:
            return fail(
                "Python's venv module does not work here; on Debian or Ubuntu: apt install python3-venv"
            )
    if stamp(venv, wanted).exists() and stamp(venv, wanted).read_text() == digest(wanted):
        return 0
    say(f"Installing {FILES[wanted].relative_to(ROOT)}; the first time takes a minute or two ...")
    for old in venv.glob(".stamp-*"):
        old.unlink()  # what was there before will no longer be exactly that
    install = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "-r"]
    if subprocess.call([*install, str(FILES[wanted])], stdout=sys.stderr) != 0:
        return fail("The installation failed, see above. When that is mended, run the same command again.")
    stamp(venv, wanted).write_text(digest(wanted))
    if wanted == "test":  # it contains the other list, being compiled against it
        stamp(venv, "run").write_text(digest("run"))
    return 0


def stamp(venv: Path, wanted: str) -> Path:
    return venv / f".stamp-{wanted}"


def digest(wanted: str) -> str:
    return hashlib.sha256(FILES[wanted].read_bytes()).hexdigest()


def works(python: Path) -> bool:
    """Whether the environment is there, whole, and new enough."""
    check = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    return python.exists() and subprocess.call([str(python), "-c", check], stderr=subprocess.DEVNULL) == 0


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def fail(sentence: str) -> int:
    say(sentence)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
