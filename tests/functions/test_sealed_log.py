"""The activity log shows tampering: any change, removal, insertion or reordering after sealing is found and named."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra import verify_log as command
from shared.adapters.embedded.store import SqliteStore
from shared.domain.log_blocks import CLOSED_AFTER, block_hash
from shared.domain.times import instant
from shared.services import paths, seal_log, verify_log
from shared.services.seal_log import seal
from tests.faults.dying import Killed, Life, Mortal
from tests.functions.edges import check_problem, wrong
from tests.product import Product

START = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Clock:
    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at


class Log:
    """A practice's log in a store of its own, with a clock that stands still unless moved."""

    def __init__(self, folder: str | Path) -> None:
        self.store, self.clock = SqliteStore(Path(folder) / "log.sqlite"), Clock()
        self.ports: Any = SimpleNamespace(store=self.store, clock=self.clock)
        self.count = 0

    def add(self, ago: timedelta = timedelta(), **fields: Any) -> str:
        self.count += 1
        entry_id = f"e{self.count:04d}"
        data = {"action": "invoice.create", "n": self.count, "at": instant(self.clock.at - ago), **fields}
        self.store.create(f"{paths.log('demo')}/{entry_id}", data)
        return entry_id

    def fill(self, blocks: int, each: int) -> None:
        """So many blocks of so many entries, half an hour each, the last one sealed."""
        for _ in range(blocks):
            for _ in range(each):
                self.add()
                self.clock.at += timedelta(seconds=1)
            self.clock.at += CLOSED_AFTER + timedelta(minutes=15)
            assert seal(self.ports, "demo")["blocks"] == 1

    def read(self, path: str) -> dict[str, Any]:
        document = self.store.get(path)
        assert document
        return dict(document.data)

    def verify(self, **options: Any) -> verify_log.Verified:
        """All parts together."""
        whole = verify_log.verify_log(self.ports, "demo", **options)
        while whole.next_block:
            part = verify_log.verify_log(self.ports, "demo", whole.next_block)
            part.problems[:0], part.late[:0] = whole.problems, whole.late
            part.blocks, part.entries = part.blocks + whole.blocks, part.entries + whole.entries
            whole = part
        return whole

    def kinds(self) -> list[tuple[str, int | None, str | None]]:
        return [(p.kind, p.block, p.entry) for p in self.verify().problems]


@contextmanager
def a_log(blocks: int = 0, each: int = 3) -> Iterator[Log]:
    with tempfile.TemporaryDirectory() as folder:
        log = Log(folder)
        log.fill(blocks, each)
        yield log


def entry(number: int) -> str:
    return f"{paths.log('demo')}/e{number:04d}"


def block(number: int) -> str:
    return paths.log_block("demo", number)


def test_what_nobody_touched_is_whole() -> None:
    """Every entry is in exactly one block; the chain starts at the practice's own beginning."""
    with a_log(4) as log:
        found = log.verify()
        assert (found.problems, found.late, found.blocks, found.entries) == ([], [], 4, 12)
        assert log.read(block(1))["since"] == ""
        assert log.read(block(2))["previous"] == log.read(block(1))["hash"]


BLOCKS, EACH = 4, 3
NUMBERS = st.integers(1, BLOCKS)
INTEGERS = st.integers(-(2**63), 2**63 - 1)  # what a store takes
ENTRIES = st.integers(1, BLOCKS * EACH)


@settings(max_examples=60, deadline=None)
@given(
    number=ENTRIES,
    name=st.text(min_size=1, max_size=8),
    value=INTEGERS | st.text(max_size=5) | st.none(),
)
def test_any_change_of_an_entry_is_found(number: int, name: str, value: Any) -> None:
    """Whatever field, added or changed, the time among them; taken back, all is well again."""
    with a_log(BLOCKS, EACH) as log:
        before = log.read(entry(number))
        after = before | {name: value}
        log.store.put(entry(number), after)
        expected = [] if after == before else [("entry_changed", (number - 1) // EACH + 1, f"e{number:04d}")]
        assert log.kinds() == expected
        log.store.put(entry(number), before)
        assert log.kinds() == []


@settings(max_examples=25, deadline=None)
@given(number=ENTRIES, days=st.integers(-400, 0))
def test_an_entry_moved_in_time_is_found(number: int, days: int) -> None:
    """Also out of its block's window, or beyond all that is sealed."""
    with a_log(BLOCKS, EACH) as log:
        log.store.put(entry(number), log.read(entry(number)) | {"at": instant(log.clock.at + days * DAY)})
        assert ("entry_changed", (number - 1) // EACH + 1, f"e{number:04d}") in log.kinds()


@settings(max_examples=15, deadline=None)
@given(numbers=st.sets(ENTRIES, min_size=1, max_size=12))
def test_any_removal_is_found(numbers: set[int]) -> None:
    """One, several or all."""
    with a_log(BLOCKS, EACH) as log:
        for number in numbers:
            log.store.delete(entry(number))
        assert set(log.kinds()) == {
            ("entry_removed", (number - 1) // EACH + 1, f"e{number:04d}") for number in numbers
        }


@settings(max_examples=40, deadline=None)
@given(seconds=st.integers(0, 4 * 1803 + 500 * 86_400))
def test_any_insertion_into_sealed_time_is_found(seconds: int) -> None:
    """At whatever moment before the last seal's end, long before the first entry too."""
    with a_log(BLOCKS, EACH) as log:
        chain, _ = seal_log.read_chain(log.ports, "demo")
        assert chain
        ago = log.clock.at - datetime.fromisoformat(chain.until) + timedelta(seconds=seconds, microseconds=1)
        slipped_in = log.add(ago=ago)
        ((kind, _, which),) = log.kinds()
        assert (kind, which) == ("entry_inserted", slipped_in)


@settings(max_examples=60, deadline=None)
@given(number=NUMBERS, data=st.data())
def test_any_change_of_a_block_is_found(number: int, data: st.DataObject) -> None:
    """Any field, other leaves, leaves in another order; with its own hash made to fit, the next block or the end of
    the chain does not fit any more."""
    with a_log(BLOCKS, EACH) as log:
        stored = log.read(block(number))
        name = data.draw(st.sampled_from(sorted(stored)))
        lines = stored["leaves"].split("\n")
        other: st.SearchStrategy[Any] = INTEGERS | st.text(max_size=5) | st.none()
        if name == "leaves":
            other = st.permutations(lines).map("\n".join) | st.lists(st.sampled_from(lines)).map("\n".join)
        changed = stored | {name: data.draw(other.filter(lambda value: value != stored[name]))}
        if data.draw(st.booleans()):
            changed["hash"] = block_hash(changed)
        if changed == stored:
            return  # the hash was changed, and computed anew
        log.store.put(block(number), changed)
        assert {kind for kind, _, _ in log.kinds()} & {"block_changed", "chain_broken"}


@settings(max_examples=15, deadline=None)
@given(numbers=st.sets(NUMBERS, min_size=1))
def test_any_removal_of_blocks_is_found(numbers: set[int]) -> None:
    """From the beginning, the middle or the end."""
    with a_log(BLOCKS, EACH) as log:
        for number in numbers:
            log.store.delete(block(number))
        assert {b for kind, b, _ in log.kinds() if kind == "block_missing"} == numbers


def test_blocks_in_another_order_and_blocks_too_many() -> None:
    """Two blocks changed places; one is put behind the end."""
    with a_log(BLOCKS, EACH) as log:
        second, third = log.read(block(2)), log.read(block(3))
        log.store.put(block(2), third)
        log.store.put(block(3), second)
        assert {2, 3} <= {b for kind, b, _ in log.kinds() if kind == "block_changed"}
        log.store.put(block(2), second)
        log.store.put(block(3), third)
        assert log.kinds() == []
        log.store.put(block(5), third | {"number": 5})
        assert [kind for kind, _, _ in log.kinds()] == ["block_added"]


@pytest.mark.parametrize(
    "change", [{"number": 3}, {"hash": "x"}, {"until": 7}, {"first": 2}, {"number": None}, None]
)
def test_a_changed_end_of_the_chain_is_found(change: dict[str, Any] | None) -> None:
    """Where the chain begins and ends was changed or deleted."""
    with a_log(BLOCKS, EACH) as log:
        state = log.read(paths.log_seal("demo"))
        if change is None:
            log.store.delete(paths.log_seal("demo"))
        else:
            log.store.put(paths.log_seal("demo"), state | change)
        assert log.kinds()
        seal(log.ports, "demo")  # whatever it makes of that, it does not fall over


def test_a_chain_made_anew_is_found_by_a_hash_noted_elsewhere() -> None:
    """Who can write everything can seal another history; the deployment's log has the hashes of this one."""
    with a_log(2) as log:
        noted = (2, log.read(block(2))["hash"])
        assert log.verify(expected=noted).problems == []
        log.store.put(entry(1), log.read(entry(1)) | {"n": 99})
        for number in (1, 2):
            log.store.delete(block(number))
        log.store.delete(paths.log_seal("demo"))
        seal(log.ports, "demo")
        assert log.kinds() == []
        assert [p.kind for p in log.verify(expected=noted).problems] == ["chain_broken"]


# -- sealing -------------------------------------------------------------------------------------------------


def test_late_entries_are_in_the_next_block_and_named() -> None:
    """One that was written after its time had been sealed: found missing, then sealed as late."""
    with a_log(2) as log:
        late = log.add(ago=timedelta(minutes=40))
        log.add()
        assert [(kind, which) for kind, _, which in log.kinds()] == [("entry_inserted", late)]
        log.clock.at += timedelta(minutes=30)
        assert seal(log.ports, "demo")["blocks"] == 1
        found = log.verify()
        assert (found.problems, found.late) == ([], [{"block": 3, "entry": late}])
        seal(log.ports, "demo")
        log.fill(1, 2)
        assert log.verify().late == [{"block": 3, "entry": late}]


def test_the_last_quarter_of_an_hour_is_open() -> None:
    """What may still be joined by others is not sealed yet, and nothing is sealed twice."""
    with a_log() as log:
        log.add()
        assert seal(log.ports, "demo")["blocks"] == 0
        log.clock.at += CLOSED_AFTER + timedelta(seconds=1)
        assert seal(log.ports, "demo")["blocks"] == 1
        assert seal(log.ports, "demo")["blocks"] == 0


def test_a_quiet_week_is_sealed_too() -> None:
    """Once a day, so that nothing can be slipped into it afterwards."""
    with a_log(1) as log:
        for _ in range(7 * 24):
            log.clock.at += timedelta(hours=1)
            seal(log.ports, "demo")
        assert 6 <= log.verify().blocks - 1 <= 7
        log.add(ago=3 * DAY)
        assert [kind for kind, _, _ in log.kinds()] == ["entry_inserted"]


def test_a_job_that_does_not_run_is_noticed() -> None:
    """Entries older than a day that no seal covers."""
    with a_log() as log:
        log.add()
        log.clock.at += timedelta(hours=2)
        assert log.kinds() == []
        log.clock.at += 2 * DAY
        assert [kind for kind, _, _ in log.kinds()] == ["not_sealed"]
        assert seal(log.ports, "demo")["blocks"] == 1
        assert log.kinds() == []
        log.clock.at += 2 * DAY
        assert [kind for kind, _, _ in log.kinds()] == ["not_sealed"]


def test_a_great_many_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks have an end, entries of one instant stay together, a run has an end too, and so has a call of verify."""
    monkeypatch.setattr(seal_log, "BLOCK_SIZE", 5)
    monkeypatch.setattr(seal_log, "BLOCKS_A_RUN", 3)
    monkeypatch.setattr(verify_log, "BLOCKS", 2)
    with a_log() as log:
        for _ in range(9):
            for _ in range(4):
                log.add()
            log.clock.at += timedelta(seconds=1)
        log.clock.at += timedelta(hours=1)
        assert seal(log.ports, "demo") == {"blocks": 3, "more": True, "expired": 0}
        while seal(log.ports, "demo")["more"]:
            pass
        sizes = [d.data["entries"] for d in log.store.query(paths.log_blocks("demo")).items]
        assert sizes == [8, 8, 8, 8, 4]
        assert verify_log.verify_log(log.ports, "demo").next_block == 3
        found = log.verify()
        assert (found.problems, found.blocks, found.entries) == ([], 5, 36)


def test_two_jobs_at_once_seal_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one sealed between this one's reading and its writing."""
    with a_log(1) as log:
        log.add()
        log.clock.at += timedelta(hours=1)
        original, raced = log.store.batch, []

        def batch(writes: Any) -> Any:
            if not raced:
                raced.append(True)
                assert seal(log.ports, "demo")["blocks"] == 1
            return original(writes)

        monkeypatch.setattr(log.store, "batch", batch)
        assert seal(log.ports, "demo")["blocks"] == 0
        assert log.kinds() == []
        assert log.verify().blocks == 2


def test_a_job_that_dies_at_any_moment_leaves_no_gap() -> None:
    """Before and after each of its calls, while it seals and while it lets old blocks go; the next run ends it well."""
    deaths = 0
    for death in range(1, 200):
        with a_log(3) as log:
            log.store.put(paths.settings("demo"), {"log_retention_days": 365})
            log.clock.at += 400 * DAY
            log.add(ago=timedelta(hours=1))
            life = Life(death)
            mortal = SimpleNamespace(store=Mortal(log.store, life, "store"), clock=log.clock)
            try:
                seal(mortal, "demo")  # type: ignore[arg-type]
            except Killed:
                deaths += 1
            else:
                break
            assert [kind for kind, _, _ in log.kinds() if kind != "not_sealed"] == [], life.trace
            seal(log.ports, "demo")
            assert log.kinds() == [], life.trace
            found = log.verify()
            assert found.entries == 1
            assert len(log.store.query(paths.log("demo")).items) == 1
    assert deaths > 20


# -- retention -----------------------------------------------------------------------------------------------


def test_retention_deletes_whole_blocks_and_the_rest_is_whole() -> None:
    """The chain holds from the first block that is kept; what is slipped in before it is still found."""
    with a_log() as log:
        log.store.put(paths.settings("demo"), {"log_retention_days": 365})
        for _ in range(14):
            log.add()
            log.clock.at += 30 * DAY
            seal(log.ports, "demo")
        found = log.verify()
        assert found.problems == []
        assert found.chain
        assert found.chain.first > 1
        kept = [d.data["at"] for d in log.store.query(paths.log("demo"), order_by="at").items]
        assert kept[0] > instant(log.clock.at - 365 * DAY - 31 * DAY)
        assert kept[0] <= instant(log.clock.at - 330 * DAY)
        old = log.add(ago=500 * DAY)
        assert log.kinds() == [("entry_inserted", None, old)]
        log.store.delete(f"{paths.log('demo')}/{old}")
        log.store.delete(block(found.chain.first))
        assert [kind for kind, _, _ in log.kinds()] == ["block_missing"]


def test_a_changed_block_makes_retention_delete_nothing() -> None:
    """Otherwise whoever can write a block could have entries deleted."""
    with a_log(2) as log:
        log.store.put(paths.settings("demo"), {"log_retention_days": 365})
        new = log.add()
        first = log.read(block(1))
        changed = first | {"leaves": f"{new} x"}
        log.store.put(block(1), changed)
        log.clock.at += 400 * DAY
        seal(log.ports, "demo")
        assert log.store.get(f"{paths.log('demo')}/{new}")
        assert log.store.get(entry(1))


# -- through the product -------------------------------------------------------------------------------------


def test_the_hourly_sweep_seals_and_people_verify(product: Product) -> None:
    """All roles may look; what was tampered with is named; another practice's log is its own."""
    product.ready()
    product.invoice()
    product.advance(3600)
    product.reconcile()
    found = product.ok("GET", "/xero/logs/verify/", "reception")
    assert (found["whole"], found["problems"], found["next_block"]) == (True, [], None)
    assert found["entries"] >= 3
    assert found["last_block"] == 1
    expect = f"1:{found['last_hash']}"
    assert product.ok("GET", f"/xero/logs/verify/?expect={expect}")["whole"]
    assert not product.ok("GET", f"/xero/logs/verify/?expect=1:{'0' * 64}")["whole"]
    victim = product.ok("GET", "/xero/logs/?action=contact.create")["items"][0]["id"]
    path = f"{paths.log('demo')}/{victim}"
    document = product.ports.store.get(path)
    assert document
    product.ports.store.put(path, document.data | {"sentence": "Nothing happened"})
    (problem,) = product.ok("GET", "/xero/logs/verify/")["problems"]
    assert (problem["kind"], problem["block"], problem["entry"]) == ("entry_changed", 1, victim)
    other = product.ok("GET", "/xero/logs/verify/", "owner", "other")
    assert (other["whole"], other["blocks"]) == (True, 0)
    assert "from_block" in wrong(product.call("GET", "/xero/logs/verify/?from_block=0"))
    assert "expect" in wrong(product.call("GET", "/xero/logs/verify/?expect=x"))


def test_who_has_disconnected_has_its_log_sealed_too(product: Product) -> None:
    """The disconnecting itself, and what happens later at the latest when somebody looks."""
    product.ready()
    product.ok("POST", "/xero/oauth/disconnect/", json={})
    product.advance(3600)
    product.run_tasks()
    found = product.ok("GET", "/xero/logs/verify/")
    assert (found["whole"], found["blocks"]) == (True, 1)
    assert found["entries"] == len(product.ok("GET", "/xero/logs/?limit=200")["items"])
    product.settings(payment_terms_days=3)
    product.advance(2 * 86_400)
    assert [p["kind"] for p in product.ok("GET", "/xero/logs/verify/")["problems"]] == ["not_sealed"]
    product.run_tasks()
    found = product.ok("GET", "/xero/logs/verify/")
    assert (found["whole"], found["blocks"]) == (True, 2)


def test_the_command(product: Product, capsys: pytest.CaptureFixture[str]) -> None:
    """Says what it looked at, names what is wrong, and ends with 1 then."""
    product.ready()
    product.advance(3600)
    product.reconcile()
    capsys.readouterr()
    assert command.main(["--practice", "demo"]) == 0
    said = capsys.readouterr().out
    assert "0 problems" in said
    victim = product.ports.store.query(paths.log("demo"), order_by="at", limit=1).items[0]
    product.ports.store.delete(victim.path)
    assert command.main(["--practice", "demo"]) == 1
    assert victim.id in capsys.readouterr().out
    with pytest.raises(SystemExit):
        command.main(["--practice", "demo", "--expect", "x"])


def test_retention_is_a_setting_of_a_year_at_least(product: Product) -> None:
    """Less is refused, with the field."""
    assert "log_retention_days" in wrong(
        product.call("PUT", "/xero/settings/", "bookkeeper", json={"log_retention_days": 364})
    )
    product.settings(log_retention_days=365)


def test_export(product: Product) -> None:
    """Bookkeepers take the log of a period with them, as CSV or with every field; a formula is no formula any more."""
    product.ready()
    product.ok("PUT", "/xero/settings/", "bookkeeper", json={"invoice_prefix": "HS-"})
    today = product.clock.now().date()
    period = f"first={today - DAY}&last={today + DAY}"
    check_problem(product.call("GET", f"/xero/logs/export/?{period}", "reception"), 403)
    csv = product.call("GET", f"/xero/logs/export/?{period}", "bookkeeper")
    assert csv.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = csv.get_data(as_text=True).split("\r\n")
    assert lines[0].startswith("\ufeffat,action,outcome")
    assert any("settings.change" in line for line in lines)
    answer = product.call("GET", f"/xero/logs/export/?{period}&format=ndjson", "owner")
    rows = [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]
    shown = product.ok("GET", "/xero/logs/?limit=200")["items"]
    assert [row["id"] for row in rows] == [item["id"] for item in reversed(shown)]
    assert rows[0]["at"] < rows[-1]["at"]
    assert rows[-1]["action"] == "log.export"
    long_ago = product.call("GET", "/xero/logs/export/?first=2020-01-01&last=2020-01-02", "owner")
    assert long_ago.get_data(as_text=True).count("\r\n") == 1
    assert "(body)" in wrong(
        product.call("GET", "/xero/logs/export/?first=2020-01-01&last=2022-01-02", "owner")
    )


def test_the_command_runs_from_a_terminal(tmp_path: Path) -> None:
    """On a store where nothing happened yet."""
    run = subprocess.run(
        [sys.executable, "-m", "infra.verify_log", "--practice", "demo"],
        capture_output=True,
        text=True,
        timeout=60,
        env={"STATE_DIR": str(tmp_path), "PATH": ""},
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "no block yet" in run.stdout
