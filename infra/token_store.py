"""The token sets of a deployment on Google Cloud, from a terminal with the deployment's own settings.

    python -m infra.token_store new-key      a new key for TOKEN_STORE=firestore; the first makes the key ring
    python -m infra.token_store move         every token set to where TOKEN_STORE says, while everything runs
    python -m infra.token_store reseal       sealed token sets anew, with the newest key
    python -m infra.token_store forget-keys  reseal, then only the newest key stays

Needs BACKEND=gcp and the variables of the README. To change over: set TOKEN_STORE on every function first (new
consents go there at once), then ``move``, again until nothing is busy. Each command may be run again.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from shared.adapters.sealed.secrets import SealedSecrets
from shared.bootstrap import get_config, get_key_ring, get_ports
from shared.domain.errors import Busy, LedgerError
from shared.ports import Ports
from shared.ports.secrets import TOKEN_STORES
from shared.services.leases import lease
from shared.services.token_moves import move_all

LEASE_SECONDS = 600


def new_key(ports: Ports) -> str:
    key_id = get_key_ring().add_key(ports.clock.now())
    return f"The key {key_id} seals what is new from now on, everywhere within ten minutes."


def move(ports: Ports) -> str:
    counts = move_all(ports)
    if counts["busy"]:
        raise Busy(f"{counts['busy']} are being renewed right now; run this again ({counts['moved']} moved)")
    return ", ".join(f"{count} {what}" for what, count in counts.items())


def reseal(ports: Ports) -> str:
    sealed = SealedSecrets(ports.store, get_key_ring())
    names = sealed.names(TOKEN_STORES["firestore"])
    return f"{sum(sealed.reseal(name) for name in names)} of {len(names)} sealed with the newest key."


def forget_keys(ports: Ports) -> str:
    """In this order: once the newest key is old enough for every instance to know it, resealing leaves out nothing."""
    get_key_ring().demand_settled(ports.clock.now())
    said = reseal(ports)
    return f"{said} {get_key_ring().forget_old_keys(ports.clock.now())} old keys are gone."


COMMANDS: dict[str, Callable[[Ports], str]] = {
    "new-key": new_key,
    "move": move,
    "reseal": reseal,
    "forget-keys": forget_keys,
}


def main(arguments: list[str]) -> int:
    """0 done, 1 not (yet), 2 called or configured wrongly."""
    parser = argparse.ArgumentParser(prog="python -m infra.token_store", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("command", choices=sorted(COMMANDS))
    command = parser.parse_args(arguments).command
    if get_config()["BACKEND"] != "gcp":
        print("Token sets are kept otherwise here; this is for BACKEND=gcp", file=sys.stderr)
        return 2
    try:
        ports = get_ports()
        with lease(ports, "token-store", LEASE_SECONDS) as held:
            if not held:
                raise Busy("Somebody else runs such a command right now")
            print(COMMANDS[command](ports))
    except RuntimeError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except LedgerError as failure:
        print(failure.detail, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
