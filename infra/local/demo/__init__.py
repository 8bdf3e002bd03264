"""A clinic's day in three countries, played through the public interface and held against the simulator's books.

First the ordinary day: connected through the consent page, patients synced, appointments invoiced, some paid in the
simulator as a bookkeeper would, the webhooks awaited. Then, one by one, the situations that a bookkeeper meets. In the
end both sides are compared to the cent. Playing it again on the same state creates nothing twice.
"""

from __future__ import annotations

import sys

import requests

from infra.local import sample_day
from infra.local.client import CallFailed
from infra.local.demo import agreement, ordinary_day, situations
from infra.local.demo.practice import ORGANISATIONS, Practice
from infra.local.settings import Settings


def main(argv: list[str]) -> int:
    """0 only when every situation came out as it should and both sides agree."""
    if argv:
        print(f"demo takes no arguments, not {' '.join(argv)}", file=sys.stderr)
        return 2
    settings = Settings.from_environment()
    if not settings.simulated:
        print("The demo pays invoices in the simulator; unset XERO_CLIENT_ID to play it", file=sys.stderr)
        return 2
    day = sample_day.load(settings.base_url, settings.state_dir)
    try:
        practices = {name: Practice(settings, name, day) for name in ORGANISATIONS}
        for practice in practices.values():
            ordinary_day.connect(practice)
            ordinary_day.prepare(practice)
        for practice in practices.values():
            ordinary_day.sync_patients(practice)
            ordinary_day.invoice_all(practice)
        for practice in practices.values():
            ordinary_day.pay_some(practice)
        situations.play_all(practices)
        agreed = [agreement.invoices_agree(practice) for practice in practices.values()]
        print()
        agreed += [agreement.is_complete(practice) for practice in practices.values()]
    except (CallFailed, requests.RequestException, TimeoutError) as failure:
        print(f"\nThe day did not get through: {failure}", file=sys.stderr)
        return 1
    print("\nBoth sides agree." if all(agreed) else "\nTHE BOOKS DO NOT AGREE.")
    return 0 if all(agreed) else 1
