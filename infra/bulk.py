"""Bulk work from a terminal, with a progress bar.

    python -m infra.bulk create_all --from 2026-11-01 --to 2026-11-30 --zone Australia/Sydney
    python -m infra.bulk sync_all

    create_all   invoices for a period's appointments (``--dry-run`` sends nothing and names what is missing)
    sync_all     contacts for all patients
    watch ID     a job that was started elsewhere;  cancel ID, resume ID  turn it round

Talks to the public interface, here or in the cloud: ``--url``, and a bearer token of reception or above in
``CLINIC_LEDGER_TOKEN`` (on the local stack: ``export CLINIC_LEDGER_TOKEN=$(python -m infra.local token)``). Ctrl-C
stops watching, not the job. Exit status: 0 all done, 1 something needs a person or did not work, 2 called wrongly.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import requests

BAR = 30
LOOK_EVERY_SECONDS = 1.0
TIMEOUT_SECONDS = 60


class Failed(Exception):
    """The interface said no; the sentence is its own."""


class Ledger:
    def __init__(self, url: str, token: str) -> None:
        self._url, self._session = url.rstrip("/"), requests.Session()
        self._session.trust_env = False  # a line in .netrc would replace the bearer
        self._session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        try:
            answer = self._session.request(method, self._url + path, json=body, timeout=TIMEOUT_SECONDS)
            document: dict[str, Any] = answer.json()
        except requests.RequestException as error:
            raise Failed(f"{self._url} does not answer as expected ({type(error).__name__})") from None
        if not answer.ok:
            raise Failed(str(document.get("detail") or f"{method} {path}: {answer.status_code}"))
        return document


def bar(job: dict[str, Any]) -> str:
    """``[##########--------------------] 34 of 100 done, about 2 min 5 s left``."""
    ended = job["done"] + job["failed"] + job["cancelled"]
    filled = BAR * ended // max(ended + job["waiting"], 1)
    line = f"[{'#' * filled}{'-' * (BAR - filled)}] {job['sentence']}"
    if job["estimated_end"]:
        left = datetime.fromisoformat(job["estimated_end"]) - datetime.fromisoformat(job["updated_at"])
        minutes, seconds = divmod(int(left.total_seconds()), 60)
        line += f", about {minutes} min {seconds} s left"
    return line


def watch(ledger: Ledger, job_id: str) -> int:
    """Until it has ended: one line that changes on a terminal, a new line for each change elsewhere."""
    print(f"job {job_id}")
    start, end = ("\r", "") if sys.stdout.isatty() else ("", "\n")
    shown = ""
    while True:
        job = ledger.ask("GET", f"/xero/jobs/{job_id}/")
        line = bar(job)
        if line != shown:
            print(start + line.ljust(len(shown) if start else 0), end=end, flush=True)
            shown = line
        if job["status"] not in ("running", "cancelling"):
            break
        time.sleep(LOOK_EVERY_SECONDS)
    print(end="\n" if start else "")
    for problem in job["problems"]:
        print(f"  {problem['id']}: {problem['reason']}")
    return 0 if job["status"] == "done" and not job["failed"] + job["waiting"] else 1


def main(argv: list[str]) -> int:
    options = _parser().parse_args(argv)
    token = os.environ.get("CLINIC_LEDGER_TOKEN", "")
    if not token:
        print("Set CLINIC_LEDGER_TOKEN to a bearer token of reception or above", file=sys.stderr)
        return 2
    ledger = Ledger(options.url, token)
    try:
        return watch(ledger, _job(ledger, options))
    except Failed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped watching; the job goes on")
        return 130


def _job(ledger: Ledger, options: argparse.Namespace) -> str:
    """Start or turn the job that is asked for; gives its id."""
    if options.command == "create_all":
        first, after = (
            datetime(day.year, day.month, day.day, tzinfo=options.zone).isoformat()
            for day in (options.first, options.last + timedelta(days=1))
        )
        body = {"starts_from": first, "starts_before": after, "dry_run": options.dry_run}
        if options.clinic:
            body["clinic_id"] = options.clinic
        return str(ledger.ask("POST", "/xero/invoices/create_all/", body)["job_id"])
    if options.command == "sync_all":
        return str(ledger.ask("POST", "/xero/contacts/sync_all/", {"force_update": options.force})["job_id"])
    if options.command != "watch":
        ledger.ask("POST", f"/xero/jobs/{options.job}/{options.command}/", {})
    return str(options.job)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise argparse.ArgumentTypeError(
            f"{name!r} is no time zone; give one such as Australia/Sydney"
        ) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.bulk",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--url", default="http://localhost:8080")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    create = commands.add_parser("create_all", help="invoices for a period")
    day = date.fromisoformat
    create.add_argument("--from", dest="first", type=day, required=True, help="first day, YYYY-MM-DD")
    create.add_argument("--to", dest="last", type=day, required=True, help="last day, included")
    create.add_argument(
        "--zone", type=_zone, default=ZoneInfo("UTC"), help="the clinic's, as Australia/Sydney"
    )
    create.add_argument("--clinic", help="one clinic's appointments only")
    create.add_argument("--dry-run", action="store_true", help="send nothing; name what is missing")
    sync = commands.add_parser("sync_all", help="contacts for all patients")
    sync.add_argument("--force", action="store_true", help="also those that did not change")
    for name in ("watch", "cancel", "resume"):
        commands.add_parser(name).add_argument("job", help="the job's id")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
