"""The activity log of a practice held against its seals, from a terminal with the deployment's own settings.

    python -m infra.verify_log --practice demo
    python -m infra.verify_log --practice demo --expect 812:5f0c...   a block as the deployment's log noted it

Every entry that was changed, removed or slipped in after it was sealed is named with its block. What each block's hash
was stands in the deployment's log ("log sealed"), where whoever can change the store need not be able to change it.
"""

from __future__ import annotations

import argparse
import sys

from shared.bootstrap import get_ports
from shared.domain.errors import LedgerError
from shared.http.log_models import EXPECT, expected_block
from shared.ports import Ports
from shared.services.verify_log import Problem, verify_log


def verify(ports: Ports, practice_id: str, expect: str | None) -> int:
    """Prints what is found; 0 when nothing is wrong, else 1."""
    block: int | None = None
    blocks = entries = late = 0
    problems: list[Problem] = []
    while True:
        part = verify_log(ports, practice_id, block, expected_block(expect))
        blocks, entries, late = blocks + part.blocks, entries + part.entries, late + len(part.late)
        problems += part.problems
        for problem in part.problems:
            print(problem.sentence)
        block = part.next_block
        if block is None:
            break
    head = f"block {part.chain.number}, {part.chain.hash}" if part.chain else "no block yet"
    print(
        f"{entries} entries in {blocks} blocks, {late} came late; {len(problems)} problems. The chain ends in {head}."
    )
    return 1 if problems else 0


def main(arguments: list[str]) -> int:
    """0 all is as it was sealed, 1 something is not, 2 called or configured wrongly."""
    parser = argparse.ArgumentParser(prog="python -m infra.verify_log", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--practice", required=True)
    parser.add_argument("--expect", metavar="NUMBER:HASH")
    given = parser.parse_args(arguments)
    if given.expect and not EXPECT.fullmatch(given.expect):
        parser.error("--expect takes a block's number and hash, as in 812:5f0c...")
    try:
        return verify(get_ports(), given.practice, given.expect)
    except RuntimeError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except LedgerError as failure:
        print(failure.detail, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
