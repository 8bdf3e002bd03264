"""The whole stack on one machine: ``python -m infra.local run | demo | token | rotate-key | reset``."""

from __future__ import annotations

import argparse
import sys

from infra.local import stack, state
from infra.local.parent_watch import end_with_parent
from infra.local.settings import Settings
from infra.local.staff import BY_ROLE, PRACTICES
from infra.local.supervisor import StackFailed
from infra.local.tokens import person_token


def main(argv: list[str]) -> int:
    """0 done, 1 it did not work, 2 it was called or configured wrongly."""
    options, rest = _parser().parse_known_args(argv)
    if rest and options.command != "demo":
        _parser().error(f"unknown: {' '.join(rest)}")
    try:
        settings = Settings.from_environment()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    if getattr(options, "parent_pid", None):
        end_with_parent(options.parent_pid)
    try:
        if options.command == "run":
            return stack.run(settings, load_sample_day=not options.empty)
        if options.command == "demo":
            return _demo(settings, rest)
        if options.command == "token":
            state.prepare(settings.state_dir)
            print(person_token(settings, options.practice, options.role))
        elif options.command == "rotate-key":
            print(state.rotate_key(settings.state_dir))
        else:
            print(state.reset(settings.state_dir))
    except (StackFailed, state.StateInUse, ValueError) as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _demo(settings: Settings, rest: list[str]) -> int:
    if not settings.simulated:
        raise ValueError(
            "The demo plays against the simulator, never against Xero: unset XERO_CLIENT_ID first"
        )
    from infra.local import demo  # only here: the other commands should not pay for it

    with stack.running(settings):
        return demo.main(rest)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    run = commands.add_parser("run", help="start everything; Ctrl-C stops it")
    run.add_argument("--empty", action="store_true", help="without the day of sample appointments")
    token = commands.add_parser("token", help="print a bearer token of the local issuer")
    token.add_argument("--practice", choices=sorted(PRACTICES), default="demo")
    token.add_argument("--role", choices=list(BY_ROLE), default="owner")
    demo = commands.add_parser(
        "demo", help="start everything, play a day, check it, stop; 0 only if all agrees"
    )
    for command in (run, demo):
        command.add_argument(
            "--parent-pid", type=int, help="end, with all that was started, when this process does"
        )
    commands.add_parser("rotate-key", help="encrypt the token sets with a new key, while everything goes on")
    commands.add_parser("reset", help="delete all state (STATE_DIR)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
