"""Whoever the patient is and whatever goes wrong: their details and our tokens stay where they belong.

Hypothesis makes up the details; they go into every field of every route, into what Xero says when it fails, and into
the text of a crash. Nothing of them may be in a log line, a problem, a task, or the activity log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from shared import bootstrap
from shared.http.app import PUBLIC, Route
from tests.functions.edges import address, bearer, logged, routes
from tests.product import Product, running_product
from tests.xero_simulator.applications import CLIENT_SECRET, WEBHOOK_KEY

QUIET = settings(
    max_examples=8,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],  # a smaller failing example says no more, and each takes seconds
    suppress_health_check=list(HealthCheck),
)
LETTERS = st.characters(categories=("Lu", "Ll", "Lo"))


@dataclass(frozen=True)
class Details:
    """Each begins alike and is long, so that finding one by chance is out of the question."""

    first_name: str
    last_name: str
    email: str
    phone: str
    address: str
    what: str


def words(least: int = 5) -> st.SearchStrategy[str]:
    return st.text(LETTERS, min_size=least, max_size=20)


@st.composite
def details(draw: st.DrawFn) -> Details:
    number = draw(st.integers(10**8, 10**9 - 1))
    return Details(
        first_name=f"Qz{draw(words())}{number}",
        last_name=draw(st.sampled_from(["Qz{}'{}", "qz-{}-{}", "QZ {} {}"])).format(draw(words()), number),
        email=f"qz.{number}@{draw(st.from_regex('[a-z]{3,12}', fullmatch=True))}.example",
        phone=f"+61 {number}",
        address=f"{number} Qz{draw(words())} Lane",
        what=f"Qz{draw(words())} of the {number}",
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running_product(tmp_path_factory.mktemp("leaks")) as product:
        product.ready()
        yield product


def found(whose: Details, *texts: str) -> list[str]:
    """Which of the details stand in a text, however JSON writes them."""
    forms = [form for each in astuple(whose) for form in (each, json.dumps(each)[1:-1])]
    return [form for form in forms if any(form in text for text in texts)]


def tasks(product: Product) -> str:
    with product.database.reading() as connection:
        return " ".join(row[0] for row in connection.execute("SELECT body FROM tasks"))


def kept(product: Product) -> str:
    """What people read of what happened."""
    paths = ("/xero/logs/?limit=200", "/xero/operations/?limit=200", "/xero/attention/")
    return json.dumps([product.ok("GET", path) for path in paths], ensure_ascii=False)


def bodies(route: Route, whose: Details) -> Iterator[dict[str, Any]]:
    """Every field of the request with each of the details in it, alone and all at once."""
    names = list(getattr(route.body, "model_fields", {}))
    for text in (whose.last_name, whose.email):
        yield dict.fromkeys(names, text)
    yield {name: {"line1": whose.address, name: [whose.what]} for name in names}


@QUIET
@given(whose=details())
def test_every_field_of_every_route(world: Product, whose: Details) -> None:
    """Wrong values, unknown fields and odd ids: refused without repeating them."""
    answers: list[TestResponse] = []
    with logged() as lines:
        for route in routes():
            headers = bearer(world, route)
            path = address(route)
            if route.body:
                answers += [
                    world.raw(route.method, path, json=body, headers=headers) for body in bodies(route, whose)
                ]
            query = dict.fromkeys(route.query.model_fields if route.query else {}, whose.email) or {
                "q": whose.what
            }
            if route.access != PUBLIC:
                answers.append(world.raw(route.method, path, query_string=query, headers=headers))
    print(f"{len(answers)} requests full of one patient")  # pytest -rP
    assert len(answers) > 100
    refused = [answer.get_data(as_text=True) for answer in answers if answer.status_code >= 400]
    assert len(refused) > 100
    assert max(answer.status_code for answer in answers) < 500
    assert found(whose, *lines, *refused, tasks(world)) == []


FAULTS: list[dict[str, Any]] = [
    {"kind": "drop_before"},
    {"kind": "drop_after_commit"},
    {"kind": "garbage", "variant": "html"},
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 400},
    {"kind": "status", "status": 403},
    {"kind": "status", "status": 404},
    {"kind": "status", "status": 418},
    {"kind": "status_after_commit", "status": 500},
    {"kind": "rate_limit", "problem": "minute", "retry_after": 5},
]


def echo(whose: Details) -> dict[str, Any]:
    """Xero's refusal repeats the document, and its messages the names."""
    message = (
        f"The contact name {whose.first_name} {whose.last_name} is taken by {whose.email}, {whose.phone}."
    )
    return {
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": message,
        "Detail": message,
        "Elements": [{"Name": whose.last_name, "ValidationErrors": [{"Message": message}]}],
    }


@QUIET
@given(whose=details(), fault=st.sampled_from(FAULTS), contact=st.booleans())
def test_whatever_xero_says(world: Product, whose: Details, fault: dict[str, Any], contact: bool) -> None:
    """Each kind of failure while the contact or the invoice is sent, its text full of the patient."""
    spoken = fault if "status" not in fault else {**fault, "body": echo(whose)}
    number = whose.phone[-9:]
    body = {"first_name": whose.first_name, "last_name": whose.last_name, "email": whose.email}
    line = {"description": whose.what, "unit_amount": "100.00", "account_code": "200"}
    world.patient(f"p-{number}", **body, phone=whose.phone, address={"line1": whose.address})
    world.appointment(f"a-{number}", f"p-{number}", line_items=[line])
    world.simulator.fault(
        **spoken, method="PUT", path=f"/api.xro/2.0/{'Contacts' if contact else 'Invoices'}"
    )
    with logged() as lines:
        answer = world.invoice(f"a-{number}")
        waiting = tasks(world)
        world.settle(60)
    assert lines
    assert found(whose, *lines, answer.get_data(as_text=True), waiting, kept(world)) == []


@QUIET
@given(whose=details(), where=st.sampled_from(["store", "xero", "tasks", "records"]))
def test_whatever_crashes(world: Product, whose: Details, where: str) -> None:
    """An exception that nobody foresaw, its text full of the patient and of tokens, in whatever is beneath."""
    secrets = (CLIENT_SECRET, WEBHOOK_KEY, world.token("owner"))

    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(f"{name}: {astuple(whose)} {secrets}")

    number = whose.phone[-9:]
    world.patient(f"p-{number}", first_name=whose.first_name, last_name=whose.last_name)
    world.appointment(f"a-{number}", f"p-{number}")
    with pytest.MonkeyPatch.context() as patch, logged() as lines:
        patch.setattr(bootstrap._Installed, "ports", replace(world.ports, **{where: Broken()}))
        answers = [world.invoice(f"a-{number}"), world.call("GET", "/xero/connections/status/")]
    text = [*lines, *(answer.get_data(as_text=True) for answer in answers)]
    # What breaks beneath an operation is kept with it, and tried again; what breaks elsewhere is a plain 500.
    assert max(answer.status_code for answer in answers) >= (500 if where in ("store", "records") else 201)
    text.append(kept(world))
    assert found(whose, *text) == []
    assert [secret for secret in secrets if any(secret in each for each in text)] == []


@QUIET
@given(whose=details())
def test_it_would_be_seen(whose: Details) -> None:
    """Written as it is or as JSON writes it, each of the details is found again."""
    for each in astuple(whose):
        assert found(whose, f"before {each} after")
        assert found(whose, json.dumps({"x": each}))
