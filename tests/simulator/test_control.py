"""The control API and the recorder."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests

from tests.simulator.tiny_books import FIRST, SECOND
from tests.xero_simulator.messages import Request, Response
from tests.xero_simulator.recorder import Recorder
from tests.xero_simulator.server import Simulator
from tests.xero_simulator.visitor import Visitor


def test_health(simulator: Simulator) -> None:
    """It answers as soon as the server listens."""
    assert Visitor(simulator.url).control("GET", "health").json()["status"] == "ok"


def test_it_listens_on_loopback_only(simulator: Simulator) -> None:
    """The control API has no sign-in, so nobody else may reach it."""
    assert simulator.url.startswith("http://127.0.0.1:")


def test_the_clock_moves_forward_only(simulator: Simulator) -> None:
    """It tells the new time; going back is refused."""
    visitor = Visitor(simulator.url)
    before = datetime.fromisoformat(visitor.control("GET", "clock").json()["now"])
    after = datetime.fromisoformat(visitor.control("POST", "clock", {"advance_seconds": 3600}).json()["now"])
    assert 3600 <= (after - before).total_seconds() < 3660
    assert visitor.control("POST", "clock", {"advance_seconds": -1}).status_code == 400


def test_requests_are_recorded_with_their_answers(visitor: Visitor) -> None:
    """Token and connections too; the bearer as sent; ``after`` gives only what is new."""
    seen = visitor.control("GET", "requests").json()["requests"]
    assert [each["path"] for each in seen] == [
        "/identity/connect/authorize",
        "/connect/token",
        "/connections",
    ]
    visitor.call("PUT", "Invoices?unitdp=4", json={"n": 1})
    (call,) = visitor.control("GET", f"requests?after={seen[-1]['n']}").json()["requests"]
    assert call["n"] == seen[-1]["n"] + 1
    assert (call["method"], call["path"], call["query"]) == (
        "PUT",
        "/api.xro/2.0/Invoices",
        {"unitdp": "4"},
    )
    assert call["headers"]["Authorization"] == visitor.bearer()["Authorization"]
    (brief,) = visitor.control("GET", f"requests?after={seen[-1]['n']}&brief=1").json()["requests"]
    assert brief == {name: call[name] for name in ("n", "at", "method", "path", "status", "fault")}
    assert call["headers"]["xero-tenant-id"] == FIRST
    assert call["body"] == '{"n": 1}'
    assert call["status"] == 200
    assert "InvoiceID" in call["response"]
    assert datetime.fromisoformat(call["at"]).tzinfo is not None


def test_dropped_requests_are_recorded_without_an_answer(visitor: Visitor) -> None:
    """Status and response are null, and the fault is named."""
    visitor.control("POST", "faults", {"kind": "drop_before"})
    with pytest.raises(requests.ConnectionError):
        visitor.call("GET", "Invoices")
    last = visitor.control("GET", "requests").json()["requests"][-1]
    assert (last["status"], last["response"], last["fault"]) == (None, None, "drop_before")


def test_the_recorder_drops_the_oldest() -> None:
    """Its memory is bounded by number and by size; numbers go on."""
    recorder = Recorder(most_requests=3, most_bytes=10_000)
    request = Request("GET", "/connections", "", {}, b"")
    for _ in range(5):
        recorder.add(datetime.now(UTC), request, Response(200), None)
    assert [each["n"] for each in recorder.after(0)] == [3, 4, 5]
    assert [each["n"] for each in recorder.after(4)] == [5]
    recorder.add(datetime.now(UTC), request, Response(200, b"x" * 8_500), None)
    assert [each["n"] for each in recorder.after(0)] == [6]
    assert recorder.after(6) == []


def test_tenants_are_listed(visitor: Visitor) -> None:
    """With id, name and whether anybody connected them."""
    tenants = visitor.control("GET", "tenants").json()["tenants"]
    assert [(each["tenantId"], each["tenantName"], each["connected"]) for each in tenants] == [
        (FIRST, "First Organisation", True),
        (SECOND, "Second Organisation", False),
    ]


def test_books_can_be_looked_at_and_changed_by_hand(visitor: Visitor) -> None:
    """The four lists; an action answers what the books answer."""
    created = visitor.call("PUT", "Invoices", json={"n": 1}).json()["Invoices"][0]
    path = f"tenants/{FIRST}/invoices/{created['InvoiceID']}"
    assert visitor.control("POST", f"{path}/pay", {"amount": "1.00"}).json()["done"] == "pay"
    books = visitor.control("GET", f"tenants/{FIRST}/books").json()
    assert books.keys() == {"contacts", "invoices", "payments", "credit_notes"}
    assert books["invoices"][0]["amount"] == "1.00"
    assert visitor.control("POST", f"tenants/{FIRST}/invoices/none/pay").status_code == 404


def test_an_organisation_can_go_offline(visitor: Visitor) -> None:
    """Its calls are 503 until it is back."""
    visitor.control("POST", f"tenants/{FIRST}/organisation", {"offline": True})
    assert visitor.call("GET", "Invoices").status_code == 503
    visitor.control("POST", f"tenants/{FIRST}/organisation", {"offline": False})
    assert visitor.call("GET", "Invoices").ok


def test_reset_forgets_everything(simulator: Simulator, visitor: Visitor) -> None:
    """Documents, tokens, connections, faults, keys, clock and records are as new."""
    visitor.call("PUT", "Invoices", json={"n": 1}, key="k")
    visitor.control("POST", "faults", {"kind": "offline", "count": 100})
    visitor.control("POST", "clock", {"advance_seconds": 60})
    assert visitor.control("POST", "reset").ok
    assert visitor.control("GET", "requests").json() == {"requests": []}
    assert visitor.control("GET", "clock").json()["offset_seconds"] == 0
    assert visitor.connections().status_code == 401
    assert visitor.refresh().json() == {"error": "invalid_grant"}
    visitor.connect()
    assert visitor.call("GET", "Invoices").json()["Invoices"] == []
    assert visitor.call("PUT", "Invoices", json={"n": 1}, key="k").headers["X-MinLimit-Remaining"] == "58"


def test_revoke_of_one_organisation_leaves_the_others(simulator: Simulator) -> None:
    """As if a person removed the app from one organisation: the token goes on for the rest."""
    someone = Visitor(simulator.url)
    someone.connect(tenants=[FIRST, SECOND])
    assert someone.control("POST", "revoke", {"tenantId": FIRST}).json()["connections"] == 1
    assert someone.call("GET", "Invoices", tenant=FIRST).status_code == 403
    assert someone.call("GET", "Invoices", tenant=SECOND).ok
    assert someone.refresh().ok
    someone.control("POST", "revoke", {"tenantId": SECOND})
    assert someone.refresh().json() == {"error": "invalid_grant"}


def test_revoke_of_all(visitor: Visitor) -> None:
    """Connections and tokens are gone; consenting again works."""
    visitor.control("POST", "revoke")
    assert visitor.call("GET", "Invoices").status_code == 401
    assert visitor.refresh().json() == {"error": "invalid_grant"}
    visitor.connect()
    assert visitor.call("GET", "Invoices").ok


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing", 404),
        ("DELETE", "reset", 404),
        ("GET", "tenants/unknown/books", 404),
        ("POST", f"tenants/{FIRST}/books", 404),
        ("GET", "requests?after=x", 400),
    ],
)
def test_mistakes_are_told(simulator: Simulator, method: str, path: str, status: int) -> None:
    """404 for what is not there, 400 for what makes no sense, both with an error text."""
    answer = Visitor(simulator.url).control(method, path)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_a_body_that_is_not_json_is_refused(simulator: Simulator) -> None:
    """400, for an array too."""
    for body in ("{", "[]"):
        answer = requests.post(f"{simulator.url}/_simulator/faults", data=body, timeout=10)
        assert answer.status_code == 400


def test_unknown_pages_are_404(simulator: Simulator) -> None:
    """Outside the API, the edge answers itself."""
    assert requests.get(f"{simulator.url}/favicon.ico", timeout=10).status_code == 404
