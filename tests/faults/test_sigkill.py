"""A process killed with SIGKILL before or after any of its calls to the outside, and started again on what is on disk.

By default a third of all moments, the first of each kind of call to Xero, the queue and the secrets, and every one
between a commit here or in Xero and what must follow it; ``SIGKILL_MOMENTS=all`` for all of them. ``pytest -rP`` shows
how many there were.
"""

from __future__ import annotations

import os
import signal

import pytest

from tests.faults.clinic import Clinic
from tests.faults.deaths import begin, told
from tests.faults.fork_server import ForkServer, Report, Task, case_of
from tests.faults.share import SHARE
from tests.faults.test_crash_points import ALL as CASES
from tests.faults.test_crash_points import CASES as WRITES

EVERY = 1 if os.environ.get("SIGKILL_MOMENTS") == "all" else 3 * SHARE
COMMITS = ("create", "put", "update", "delete", "batch")
#: Xero has done something that it would do again if it were asked again.
XERO_COMMITS = tuple(
    f"after xero.{call}"
    for call in ("accounting.send", "identity.refresh", "identity.exchange", "identity.revoke")
)
#: Each kind of these is met in every case that makes such a call.
ALWAYS_ONCE = ("after xero.", "after tasks.", "after secrets.")


def is_gap(trace: list[str], number: int) -> bool:
    """Xero has committed and we have kept nothing of it, or our store has and the task is not in the queue yet."""
    here, following = trace[number - 1], trace[number : number + 1]
    stored = here in {f"after store.{commit}" for commit in COMMITS}
    return here in XERO_COMMITS or (stored and following == ["before tasks.enqueue"])


def chosen(trace: list[str], first: int) -> list[int]:
    """The numbers of the moments to die at."""
    once = {trace.index(name) + 1 for name in trace if name.startswith(ALWAYS_ONCE)}
    numbers = range(1, len(trace) + 1)
    return [n for n in numbers if n % EVERY == first % EVERY or n in once or is_gap(trace, n)]


def play(clinic: Clinic, forks: ForkServer, name: str, death: int | str | None, without: str = "") -> Report:
    """The case's scene, then its action in a process that dies at that moment, if it lives that long."""
    begin(clinic, CASES[name])
    return act(clinic, forks, name, death, without)


def act(clinic: Clinic, forks: ForkServer, name: str, death: int | str | None, without: str = "") -> Report:
    """The case's action alone, its scene being set."""
    task = Task(CASES[name].action, death=death, without=without, case=case_of(clinic))
    (report,) = forks.run(clinic.product, task)
    assert report.signal == (signal.SIGKILL if death in (len(report.trace), report.trace[-1]) else 0)
    return report


@pytest.mark.parametrize("name", CASES)
def test_killed_at_any_moment(shared_clinic: Clinic, forks: ForkServer, name: str) -> None:
    """Started again, time passes: nothing is done twice, nothing is lost, the log tells it, nothing waits for ever."""
    case, clinic = CASES[name], shared_clinic
    for _warming_up in range(2):  # the first of all also fetches what the later ones find kept
        trace = play(clinic, forks, name, None).trace
        case.outcome(clinic)
    assert name not in WRITES or "after xero.accounting.send" in trace
    kills, ends, moments = 0, set(), len(trace)
    for number in chosen(trace, sorted(CASES).index(name)):
        report = play(clinic, forks, name, number)
        if report.signal == signal.SIGKILL:
            kills += 1
        else:  # it lived: two tasks that became one made its trace shorter
            moments = min(moments, len(report.trace))
        with told(f"killed at moment {number} of {len(trace)}, {report.trace[-1]}"):
            ends.add(case.outcome(clinic))
    print(f"{name}: killed at {kills} of {moments} moments")
    assert kills >= moments // EVERY * 0.9
    assert ends == case.ends if EVERY == 1 else ends <= case.ends


def test_gaps_are_never_left_out() -> None:
    """What lies between a commit and what must follow it is among the chosen moments, whatever a third holds, and so
    is the first of each kind of call."""
    trace = [
        "before xero.accounting.send",
        "after xero.accounting.send",
        "before store.batch",
        "after store.batch",
    ]
    trace += ["before tasks.enqueue", "after tasks.enqueue", "before secrets.access", "after secrets.access"]
    for first in range(EVERY):
        assert {2, 4, 6, 8} <= set(chosen(trace, first))
