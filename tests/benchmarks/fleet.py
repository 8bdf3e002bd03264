"""Many practices that wait at once, copied from one: documents and the index rows that the drain's queries read."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

from shared.services.drain_tasks import wake_drain
from tests.benchmarks.bulk import PERIOD
from tests.product import TENANTS, Product

#: The fields of documents by which deferred work looks for them.
LOOKED_FOR = ("next_attempt_at", "state", "reason_code", "created_at")
LEASE = timedelta(hours=1)
COPY_DOCUMENTS = """
INSERT INTO documents (path, collection, id, data, version)
SELECT replace(path, :old_place, :place), replace(collection, :old_place, :place), id,
       replace(replace(data, :old_name, :name), :old_tenant, :tenant), version
FROM documents WHERE path LIKE :old_place || '%'
"""
COPY_FIELDS = f"""
INSERT INTO fields (collection, field, type_rank, value, id)
SELECT replace(collection, :old_place, :place), field, type_rank, value, id
FROM fields WHERE collection LIKE :old_place || '%' AND field IN {LOOKED_FOR}
"""
COPY_TENANT = """
INSERT INTO documents (path, collection, id, data, version)
SELECT 'tenants/' || :tenant, 'tenants', :tenant, replace(data, :old_name, :name), version
FROM documents WHERE path = 'tenants/' || :old_tenant
"""


def keep_intents(product: Product, practice: str) -> None:
    """A bulk job over all appointments, as far as it keeps intents; nothing is sent."""
    body = {"starts_from": PERIOD["starts_from"], "starts_before": PERIOD["starts_before"]}
    product.ok("POST", "/xero/invoices/create_all/", "reception", practice, json=body)
    forget_tasks(product, but="job")
    while True:
        tasks = product.dispatcher.queue.lease(1, LEASE)
        if not tasks:
            break
        deliver(product, tasks[0])
        forget_tasks(product, but="job")
    forget_tasks(product)


def deliver(product: Product, task: Any) -> None:
    headers = {"Authorization": f"Bearer {product.task_token()}"}
    answer = product.raw("POST", f"/tasks/{task.kind}", json=task.body, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    product.dispatcher.queue.end(task)


def forget_tasks(product: Product, but: str = "") -> None:
    with product.database.writing() as connection:
        connection.execute("DELETE FROM tasks WHERE kind != ?", (but,))


def copy(product: Product, practices: int) -> list[str]:
    """So many more practices like ``demo``, each with a tenant of its own; gives the tenants."""
    tenants = [str(uuid.uuid4()) for _ in range(practices)]
    with product.database.writing() as connection:
        for number, tenant in enumerate(tenants):
            names = {"old_name": json.dumps("demo"), "name": json.dumps(f"fleet-{number}")}
            places = {"old_place": "practices/demo/", "place": f"practices/fleet-{number}/"}
            values = names | places | {"old_tenant": TENANTS["demo"], "tenant": tenant}
            for statement in (COPY_DOCUMENTS, COPY_FIELDS, COPY_TENANT):
                connection.execute(statement, values)
    return tenants


def wake(product: Product, practices: list[str]) -> None:
    for practice in practices:
        wake_drain(product.ports.tasks, practice, product.clock.now())
