"""The whole product in one process, against the simulator, with one clock that a test moves.

Real: the functions under functions-framework, sign-in with signed tokens, the embedded store (or another of
``tests.stores``), secrets and queue, the Xero client over HTTP. In place of time passing: ``advance``. In place of
the dispatcher's thread: ``run_tasks``.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import requests
from werkzeug.test import Client, TestResponse

from infra.local.gateway import Gateway, load_functions
from infra.local.settings import ROOT
from infra.local.signing_key import KEY_FILE, SigningKey, load_or_create
from infra.local.staff import BY_ROLE
from infra.local.tokens import mint, mint_for
from shared import bootstrap
from shared.adapters.embedded.database import Database
from shared.adapters.embedded.delivery import Answer
from shared.adapters.embedded.dispatcher import Dispatcher
from shared.adapters.embedded.secrets import SqliteSecrets
from shared.adapters.embedded.task_queue import LeasedTask
from shared.adapters.embedded.tasks import SqliteTasks
from shared.adapters.store_records import StoreClinicRecords
from shared.adapters.xero.client import XeroClient
from shared.config import Config
from shared.domain.people import Person
from shared.http.sign_in import SignIn
from shared.ports import Ports
from tests.stores import MakeStore, chosen_store
from tests.xero_simulator.accounting.demo import HARBOUR_STREET, KAURI_PHYSIO
from tests.xero_simulator.applications import CLIENT_ID, CLIENT_SECRET, WEBHOOK_KEY
from tests.xero_simulator.server import Simulator

ISSUER = "http://localhost:1"
PUBLIC_URL = "http://localhost:2"
TASKS_ACCOUNT = "tasks@clinic-ledger.local"
REDIRECT_URI = f"{PUBLIC_URL}/xero/oauth/callback/"
#: practice -> the organisation it connects to
TENANTS = {"demo": HARBOUR_STREET, "other": KAURI_PHYSIO}


class MovedClock:
    """The real clock plus what the test added; the simulator's clock moves along."""

    def __init__(self) -> None:
        self.offset = timedelta()
        self._stands_at: datetime | None = None

    def now(self) -> datetime:
        return (self._stands_at or datetime.now(UTC)) + self.offset

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """However slow the machine is, nothing comes due meanwhile but by ``advance``."""
        self._stands_at = datetime.now(UTC)
        try:
            yield
        finally:
            self._stands_at = None


@cache
def _functions() -> Gateway:
    """Loading ten functions takes a second; they keep no state, so all tests of a process share them."""
    return Gateway(load_functions(ROOT / "functions"))


@cache
def _key_file() -> bytes:
    """The issuer's key: to make one takes longer than the rest of a product, so those of a process share it."""
    with tempfile.TemporaryDirectory() as folder:
        load_or_create(Path(folder))
        return (Path(folder) / KEY_FILE).read_bytes()


def _signing_key(folder: Path) -> SigningKey:
    """That of the product in this folder, also when another process began it."""
    if not (folder / KEY_FILE).exists():
        (folder / KEY_FILE).write_bytes(_key_file())
    return load_or_create(folder)


class Product:
    """Made by the ``product`` fixture. ``ports`` for services, ``call`` for the public interface."""

    def __init__(
        self,
        folder: Path,
        simulator: Simulator,
        *,
        make_store: MakeStore = chosen_store,
        clock: MovedClock | None = None,
        **settings: str,
    ) -> None:
        self.simulator, self.clock = simulator, clock or MovedClock()
        self.database = Database(folder / "ledger.sqlite")
        self.key = _signing_key(folder)
        config = Config.from_environment(
            {
                "PUBLIC_URL": PUBLIC_URL,
                "XERO_REDIRECT_URI": REDIRECT_URI,
                "XERO_WEBHOOK_KEY": WEBHOOK_KEY,
                "AUTH_ISSUER": ISSUER,
                "TASKS_SERVICE_ACCOUNT": TASKS_ACCOUNT,
                **settings,
            }
        )
        store = make_store(folder, self.database)
        self.ports = Ports(
            store=store,
            secrets=SqliteSecrets(self.database, folder / "secrets.key"),
            tasks=SqliteTasks(self.database, self.clock),
            xero=XeroClient(
                client_id=CLIENT_ID,
                client_secret=CLIENT_SECRET,
                redirect_uri=REDIRECT_URI,
                scopes=config.scopes,
                login_url=simulator.url,
                identity_url=simulator.url,
                api_url=simulator.url,
                now=self.clock.now,
            ),
            records=StoreClinicRecords(store),
            clock=self.clock,
            config=config,
        )
        self.sign_in = SignIn(
            ISSUER, "clinic-ledger", ISSUER, PUBLIC_URL, TASKS_ACCOUNT, fetch=self._published_keys
        )
        self.dispatcher = Dispatcher(
            self.database, PUBLIC_URL, lambda _: "", self.clock, deliver=self._deliver, lease_seconds=600
        )
        self._tokens: dict[str, str] = {}

    # -- calling the interface -------------------------------------------------------------------------------

    def call(
        self, method: str, path: str, role: str = "owner", practice: str = "demo", **options: Any
    ) -> TestResponse:
        """One request through the gateway as that person; ``json``, ``data``, ``headers`` as werkzeug takes them."""
        headers = {"Authorization": f"Bearer {self.token(role, practice)}", **options.pop("headers", {})}
        return self.raw(method, path, headers=headers, **options)

    def ok(self, method: str, path: str, role: str = "owner", practice: str = "demo", **options: Any) -> Any:
        """The JSON of an answer that must be a success."""
        response = self.call(method, path, role, practice, **options)
        assert response.status_code < 300, (response.status_code, response.get_data(as_text=True))
        return response.json

    def raw(self, method: str, path: str, **options: Any) -> TestResponse:
        return Client(_functions(), use_cookies=False).open(path, method=method, **options)

    def token(self, role: str, practice: str = "demo") -> str:
        """Good for an hour and kept, because to sign one takes a tenth of a call's time."""
        who = f"{practice}/{role}"
        if who not in self._tokens:
            self._tokens[who] = mint_for(self.key, ISSUER, practice, BY_ROLE[role])
        return self._tokens[who]

    def task_token(self) -> str:
        if "tasks" not in self._tokens:
            self._tokens["tasks"] = mint(
                self.key, ISSUER, PUBLIC_URL, "tasks", email=TASKS_ACCOUNT, email_verified=True
            )
        return self._tokens["tasks"]

    def person(self, role: str = "owner", practice: str = "demo") -> Person:
        return Person(f"{practice}-{role}", f"A {role}", practice, role)

    # -- setting the scene -----------------------------------------------------------------------------------

    def consent(
        self, practice: str = "demo", tenants: list[str] | None = None, user: str | None = None, **query: str
    ) -> TestResponse:
        """From Connect through the consent page back to our callback, cookie and all; the callback's answer."""
        started = self.call("GET", "/xero/oauth/connect/", practice=practice)
        cookie = started.headers["Set-Cookie"].split(";")[0]
        decision = {
            "simulator_decision": "allow",
            "simulator_tenants": ",".join([TENANTS[practice]] if tenants is None else tenants),
            "simulator_user": user or f"{practice}-owner",
            **query,
        }
        back = requests.get(started.json["authorize_url"], params=decision, allow_redirects=False, timeout=10)
        path = back.headers["Location"].removeprefix(PUBLIC_URL)
        return self.raw("GET", path, headers={"Cookie": cookie})

    def connect(self, practice: str = "demo", **options: Any) -> None:
        response = self.consent(practice, **options)
        assert response.status_code == 200, response.get_data(as_text=True)

    def settings(self, practice: str = "demo", **changes: Any) -> None:
        self.ok("PUT", "/xero/settings/", "bookkeeper", practice, json=changes)

    def patient(self, patient_id: str = "p-1", practice: str = "demo", **fields: Any) -> str:
        body = {"first_name": "Anna", "last_name": f"Lee {patient_id}", **fields}
        self.ok("PUT", f"/clinic/patients/{patient_id}", "app", practice, json=body)
        return patient_id

    def appointment(
        self, appointment_id: str = "a-1", patient_id: str = "p-1", practice: str = "demo", **fields: Any
    ) -> str:
        """One consultation at 100.00 on account 200, completed, unless ``fields`` say otherwise."""
        line = {"description": "Consultation", "unit_amount": "100.00", "account_code": "200"}
        body = {
            "patient_id": patient_id,
            "starts_at": "2026-11-24T08:00:00+11:00",
            "status": "completed",
            "line_items": [line],
            **fields,
        }
        self.ok("PUT", f"/clinic/appointments/{appointment_id}", "app", practice, json=body)
        return appointment_id

    def invoice(self, appointment_id: str = "a-1", practice: str = "demo", **fields: Any) -> TestResponse:
        """``create_invoice`` as reception; the raw answer."""
        body = {"appointment_id": appointment_id, **fields}
        return self.call("POST", "/xero/invoices/create_invoice/", "reception", practice, json=body)

    def ready(self, practice: str = "demo", **settings: Any) -> None:
        """Connected, invoices approved at once, patient p-1 with appointment a-1."""
        self.connect(practice)
        self.settings(practice, invoice_status="AUTHORISED", **settings)
        self.patient(practice=practice)
        self.appointment(practice=practice)

    # -- time and deferred work ------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        self.clock.offset += timedelta(seconds=seconds)
        self.simulator.advance(seconds)

    def run_tasks(self) -> int:
        """Everything that is due, as the dispatcher would; gives how many tasks were delivered."""
        return self.dispatcher.run_until_idle()

    def run_next(self) -> bool:
        """On to the moment at which the next task is due, and all that is due then; False when none waits."""
        due = self.dispatcher.queue.next_at()
        if due is None:
            return False
        self.advance(max(0.0, (due - self.clock.now()).total_seconds()))
        self.run_tasks()
        return True

    def run_all(self, seconds: float) -> None:
        """All that comes due within so many seconds, each thing at its moment."""
        end = self.clock.now() + timedelta(seconds=seconds)
        while self.clock.now() < end and self.run_next():
            pass

    def settle(self, seconds: float = 900, step: float = 5) -> None:
        """Let time pass in steps, running what comes due: retries, pulls, drains."""
        for _ in range(int(seconds / step)):
            self.advance(step)
            self.run_tasks()

    def reconcile(self) -> None:
        """What the scheduler does hourly, and the tasks that follow from it."""
        headers = {"Authorization": f"Bearer {self.task_token()}"}
        assert self.raw("POST", "/tasks/reconcile", headers=headers).status_code == 200
        self.advance(5)
        self.run_tasks()

    def keep_alive(self) -> dict[str, int]:
        """What the scheduler does weekly; how many grants came to what."""
        headers = {"Authorization": f"Bearer {self.task_token()}"}
        answer = self.raw("POST", "/tasks/keep_alive", headers=headers)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.json["result"]

    def _deliver(self, task: LeasedTask) -> Answer:
        headers = {"Authorization": f"Bearer {self.task_token()}"}
        response = self.raw("POST", f"/tasks/{task.kind}", json=task.body, headers=headers)
        return Answer(response.status_code)

    # -- looking at the simulator ----------------------------------------------------------------------------

    def books(self, practice: str = "demo") -> dict[str, list[dict[str, Any]]]:
        return self._control("GET", f"tenants/{TENANTS[practice]}/books")

    def invoices(self, practice: str = "demo") -> list[dict[str, Any]]:
        return self.books(practice)["invoices"]

    def by_hand(self, path: str, practice: str = "demo", **fields: Any) -> Any:
        """What a person does in Xero: ``invoices/<id>/pay``, ``contacts/<id>/archive``, ``organisation`` ..."""
        return self._control("POST", f"tenants/{TENANTS[practice]}/{path}", fields)

    def xero_calls(self, method: str | None = None, path: str = "/api.xro/") -> list[dict[str, Any]]:
        """What the simulator was asked so far."""
        return [
            r
            for r in self.simulator.requests()
            if r["path"].startswith(path) and method in (None, r["method"])
        ]

    def _control(self, method: str, path: str, body: Any = None) -> Any:
        response = requests.request(method, f"{self.simulator.url}/_simulator/{path}", json=body, timeout=60)
        assert response.ok, response.text
        return response.json()

    def _published_keys(self, url: str) -> Any:
        if url.endswith("/.well-known/openid-configuration"):
            return {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}
        return {"keys": [self.key.public_jwk()]}


@contextmanager
def _one_at_a_time(runs: threading.Lock = threading.Lock()) -> Iterator[None]:  # noqa: B008 - one for the process
    """A test that wants a second one, as by two fixtures, would wait for itself for ever."""
    if not runs.acquire(blocking=False):
        raise RuntimeError(
            "a product runs in this process already: a module's tests share one or have their own"
        )
    try:
        yield
    finally:
        runs.release()


def until_morning(now: datetime) -> float:
    """Seconds until it is nine o'clock in Sydney (but for its summer time), so that a test sees the same nights at
    whatever hour it runs."""
    morning = now.replace(hour=22, minute=0, second=0, microsecond=0)
    return ((morning - now) % timedelta(days=1)).total_seconds()


@contextmanager
def running_product(
    folder: Path, *, make_store: MakeStore = chosen_store, **settings: str
) -> Iterator[Product]:
    """A product with a simulator of its own; put in place of the environment's wiring while it lasts."""
    with _one_at_a_time(), Simulator(redirect_uris=(REDIRECT_URI,)).running() as simulator:
        product = Product(folder, simulator, make_store=make_store, **settings)
        product.advance(until_morning(product.clock.now()))
        bootstrap.install(product.ports, product.sign_in)
        try:
            yield product
        finally:
            bootstrap.install(None, None)
