"""Two clinics at work at once: no request ever carries the other's token."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.product import TENANTS, Product
from tests.xero_simulator.consent import user_id


def bearers(product: Product) -> dict[str, str]:
    """Every access token given out -> the practice whose owner consented."""
    owners = {user_id(f"{practice}-owner"): practice for practice in TENANTS}
    given = [
        json.loads(call["response"])["access_token"] for call in product.xero_calls("POST", "/connect/token")
    ]
    return {bearer: owners[product.simulator.world.tokens.verify(bearer).user_id] for bearer in given}


def test_fifty_concurrent_requests_each_with_its_own_token(product: Product) -> None:
    """Fifty invoices of two clinics asked for at once while both tokens fall due: every request that Xero saw has its
    organisation's own bearer, and each clinic gets its own 25 invoices."""
    work = []
    for practice in ("demo", "other"):
        product.ready(practice)
        limits = {"minute": 5000, "day": 5000, "concurrent": 100}
        product._control("POST", f"tenants/{TENANTS[practice]}/limits", limits)
        for n in range(25):
            product.patient(f"{practice}-{n}", practice)
            product.appointment(f"{practice}-{n}", f"{practice}-{n}", practice)
            work.append((f"{practice}-{n}", practice))
    product.advance(1600)

    def create(job: tuple[str, str]) -> int:
        return product.invoice(*job).status_code

    mixed = sorted(work, key=lambda job: job[0].split("-")[1])
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(create, mixed))
    assert set(answers) <= {201, 202}
    product.settle(60)

    known = bearers(product)
    assert len(known) == 4  # one consent and one renewal each
    seen = 0
    for call in product.xero_calls():
        headers: dict[str, Any] = {name.lower(): value for name, value in call["headers"].items()}
        practice = known[headers["authorization"].removeprefix("Bearer ")]
        assert headers["xero-tenant-id"] == TENANTS[practice], call["path"]
        seen += 1
    assert seen > 50  # of a hundred documents some go in batches
    for practice in ("demo", "other"):
        names = [invoice["Contact"]["Name"] for invoice in product.invoices(practice)]
        assert len(names) == 25
        assert all(practice in name for name in names)
