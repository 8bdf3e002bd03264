"""Connections, and whom a token lets in."""

from __future__ import annotations

import pytest
import requests

from tests.simulator.tiny_books import FIRST, SECOND
from tests.xero_simulator.server import Simulator
from tests.xero_simulator.visitor import Visitor


def delete(visitor: Visitor, connection_id: str) -> int:
    url = f"{visitor.url}/connections/{connection_id}"
    return requests.delete(url, headers=visitor.bearer(), timeout=10).status_code


def test_allow_without_a_list_connects_the_first_organisation(visitor: Visitor) -> None:
    """A connection has Xero's fields, its own id, and the consent's authEventId."""
    (only,) = visitor.connections().json()
    assert only["tenantId"] == FIRST
    assert only["tenantName"] == "First Organisation"
    assert only["tenantType"] == "ORGANISATION"
    assert only["id"] != FIRST
    assert only["createdDateUtc"] == only["updatedDateUtc"]
    assert len(only["createdDateUtc"]) == len("2019-12-07T18:46:19.5165400")


def test_one_consent_can_connect_several_organisations(simulator: Simulator) -> None:
    """They share the authEventId and the tokens."""
    someone = Visitor(simulator.url)
    someone.connect(tenants=[FIRST, SECOND])
    connections = someone.connections().json()
    assert {each["tenantId"] for each in connections} == {FIRST, SECOND}
    assert len({each["authEventId"] for each in connections}) == 1
    assert someone.call("GET", "Invoices", tenant=SECOND).ok


def test_a_consent_may_choose_no_organisation(simulator: Simulator) -> None:
    """Unlikely but real: a working token that covers nothing."""
    someone = Visitor(simulator.url)
    someone.connect(tenants=[])
    assert someone.connections().json() == []
    assert someone.call("GET", "Invoices", tenant=FIRST).status_code == 403


def test_an_unknown_organisation_cannot_be_chosen(simulator: Simulator) -> None:
    """The page says so; nothing is connected."""
    answer = Visitor(simulator.url).authorize(simulator_decision="allow", simulator_tenants="nobody")
    assert answer.status_code == 400


def test_connections_of_earlier_consents_are_listed_and_can_be_filtered(simulator: Simulator) -> None:
    """All of the person's connections, each with its own consent's id."""
    someone = Visitor(simulator.url)
    someone.connect(tenants=[FIRST])
    someone.connect(tenants=[SECOND])
    first, second = someone.connections().json()
    assert first["authEventId"] != second["authEventId"]
    assert someone.connections(authEventId=second["authEventId"]).json() == [second]


def test_connecting_again_moves_the_connection_to_the_new_consent(simulator: Simulator) -> None:
    """The same connection, with another authEventId and a later updatedDateUtc."""
    someone = Visitor(simulator.url)
    someone.connect()
    (before,) = someone.connections().json()
    simulator.advance(60)
    someone.connect()
    (after,) = someone.connections().json()
    assert after["id"] == before["id"]
    assert after["authEventId"] != before["authEventId"]
    assert after["createdDateUtc"] == before["createdDateUtc"]
    assert after["updatedDateUtc"] > before["updatedDateUtc"]


def test_deleting_a_connection_takes_the_organisation_from_the_token(visitor: Visitor) -> None:
    """204, then it is no longer listed nor covered, and a second delete is 404."""
    (only,) = visitor.connections().json()
    assert delete(visitor, only["id"]) == 204
    assert visitor.connections().json() == []
    assert visitor.call("GET", "Invoices").status_code == 403
    assert delete(visitor, only["id"]) == 404


def test_reconnecting_after_a_disconnect_keeps_the_first_date(visitor: Visitor) -> None:
    """createdDateUtc and updatedDateUtc then differ, as Xero's description says."""
    (before,) = visitor.connections().json()
    delete(visitor, before["id"])
    visitor.connect()
    (after,) = visitor.connections().json()
    assert after["createdDateUtc"] == before["createdDateUtc"] != after["updatedDateUtc"]


def test_another_persons_connection_is_not_found(simulator: Simulator, visitor: Visitor) -> None:
    """Connections belong to the person who made them."""
    other = Visitor(simulator.url)
    other.connect(user="somebody else")
    (theirs,) = other.connections().json()
    (mine,) = visitor.connections().json()
    assert theirs["id"] != mine["id"]
    assert delete(visitor, theirs["id"]) == 404


def test_paths_are_not_case_sensitive(visitor: Visitor) -> None:
    """The official SDK asks for /Connections."""
    url = f"{visitor.url}/Connections"
    assert len(requests.get(url, headers=visitor.bearer(), timeout=10).json()) == 1


@pytest.mark.parametrize("bearer", ["", "Bearer ", "Bearer nonsense", "Basic abc"])
def test_an_unknown_bearer_is_401_with_xeros_problem(visitor: Visitor, bearer: str) -> None:
    """Both on the API and on the connections."""
    headers = {"Authorization": bearer, "xero-tenant-id": FIRST}
    for path in ("/connections", "/api.xro/2.0/Invoices"):
        answer = requests.get(visitor.url + path, headers=headers, timeout=10)
        assert answer.status_code == 401
        assert answer.json()["Title"] == "Unauthorized"
        assert answer.json()["Detail"] == "AuthenticationUnsuccessful"
        assert answer.json()["Status"] == 401


def test_an_expired_bearer_is_401(simulator: Simulator, visitor: Visitor) -> None:
    """After 30 minutes on the simulator's clock; a refreshed one works again."""
    simulator.advance(1795)
    assert visitor.call("GET", "Invoices").ok
    simulator.advance(6)
    answer = visitor.call("GET", "Invoices")
    assert (answer.status_code, answer.json()["Title"]) == (401, "Unauthorized")
    visitor.tokens = visitor.refresh().json()
    assert visitor.call("GET", "Invoices").ok


@pytest.mark.parametrize("tenant", ["", SECOND, "33333333-3333-4333-8333-333333333333"])
def test_an_organisation_that_is_not_covered_is_403(visitor: Visitor, tenant: str) -> None:
    """A missing tenant header, an organisation not connected, and one that does not exist."""
    answer = visitor.call("GET", "Invoices", tenant=tenant)
    assert answer.status_code == 403
    assert answer.json()["Detail"] == "AuthenticationUnsuccessful"


@pytest.mark.parametrize(
    ("scope", "method", "path", "allowed"),
    [
        ("accounting.invoices.read", "GET", "Invoices", True),
        ("accounting.invoices.read", "PUT", "Invoices", False),
        ("accounting.invoices.read", "GET", "invoices/x/History", True),
        ("accounting.invoices", "PUT", "Invoices", True),
        ("accounting.invoices", "GET", "CreditNotes", True),
        ("accounting.invoices", "GET", "Contacts", False),
        ("accounting.invoices", "GET", "Payments", False),
        ("accounting.payments.read", "GET", "Payments", True),
        ("accounting.contacts", "PUT", "Contacts", True),
        ("accounting.settings.read", "GET", "Organisation", True),
        ("accounting.settings.read", "GET", "Items", True),
        ("accounting.invoices.read", "GET", "Items", True),
        ("accounting.settings.read", "PUT", "TaxRates", False),
        ("accounting.invoices", "PUT", "Invoices/x/Attachments/a.pdf", False),
    ],
)
def test_granular_scopes(simulator: Simulator, scope: str, method: str, path: str, allowed: bool) -> None:
    """The .read scope is enough for GET only; a missing one is 403 insufficient_scope."""
    someone = Visitor(simulator.url)
    someone.connect(scope)
    answer = someone.call(method, path, json={} if method == "PUT" else None)
    assert answer.status_code == (200 if allowed else 403)
    assert ("insufficient_scope" in answer.headers.get("WWW-Authenticate", "")) is not allowed
