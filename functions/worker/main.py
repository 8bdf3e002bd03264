"""Deferred work, one task at a time; only the tasks' service account may call it.

A task that can never succeed is recorded where a person sees it and answered 2xx: trying again would not help.
"""

from __future__ import annotations

import gc

import functions_framework
from flask import Request, Response

from shared.domain.errors import NotFound
from shared.http import schemas
from shared.http.answers import Answer
from shared.http.app import TASKS, App, Call, Route
from shared.http.completeness_models import CompletenessTask
from shared.http.models import DrainTask, JobTask, ListsTask, Nothing, PullTask, SealTask, SweepTask
from shared.services.drain import drain as run_drain
from shared.services.drain_tasks import wake_pull, wake_seal
from shared.services.jobs import run_job
from shared.services.list_renewal import renew_lists
from shared.services.night_check import check
from shared.services.pull_changes import pull_changes
from shared.services.reconcile import keep_alive as keep_grants_alive
from shared.services.reconcile import sweep_page
from shared.services.seal_log import read_chain
from shared.services.seal_log import seal as seal_log


def pull(call: Call) -> Answer:
    task: PullTask = call.body
    pulled = pull_changes(call.ports, task.tenant_id, categories=tuple(task.categories), hinted=task.hinted)
    if pulled.retry_at:
        wake_pull(call.ports.tasks, task.tenant_id, pulled.retry_at, categories=tuple(task.categories))
    return _done(links_changed=pulled.links_changed, stopped=pulled.stopped)


def drain(call: Call) -> Answer:
    drained = run_drain(call.ports, call.body.practice_id)
    return _done(**vars(drained))


def job(call: Call) -> Answer:
    try:
        run_job(call.ports, call.body.practice_id, call.body.job_id, call.body.step)
    except NotFound:
        return _done(stopped="no such job")
    return _done()


def lists(call: Call) -> Answer:
    return _done(renewed=renew_lists(call.ports, call.body.practice_id))


def seal(call: Call) -> Answer:
    practice_id = call.body.practice_id
    sealed = seal_log(call.ports, practice_id)
    chain, _ = read_chain(call.ports, practice_id)
    if sealed["more"] and chain:
        wake_seal(call.ports.tasks, practice_id, call.ports.clock.now(), f"after-{chain.number}")
    return _done(**sealed)


def sweep(call: Call) -> Answer:
    return _done(organisations=sweep_page(call.ports, call.body.cursor, call.body.began))


def keep_alive(call: Call) -> Answer:
    return _done(**keep_grants_alive(call.ports))


def completeness(call: Call) -> Answer:
    return _done(**check(call.ports, call.body.practice_id))


def _done(**result: object) -> Answer:
    return Answer(schemas.Done(result=result))


DONE = {200: schemas.Done}

APP = App(
    "worker",
    [
        Route("POST", "/tasks/pull", pull, TASKS, "Bring back what changed in Xero", body=PullTask, answers=DONE),
        Route("POST", "/tasks/drain", drain, TASKS, "Send what waits", body=DrainTask, answers=DONE),
        Route("POST", "/tasks/job", job, TASKS, "One page of a bulk job", body=JobTask, answers=DONE),
        Route("POST", "/tasks/completeness", completeness, TASKS, "Hold the last weeks against Xero",
              body=CompletenessTask, answers=DONE),
        Route("POST", "/tasks/lists", lists, TASKS, "Read old lists of Xero again", body=ListsTask, answers=DONE),
        Route("POST", "/tasks/seal", seal, TASKS, "Seal what of the activity log is old enough", body=SealTask,
              answers=DONE),
        Route("POST", "/tasks/sweep", sweep, TASKS, "The next page of the scheduled sweep", body=SweepTask,
              answers=DONE),
        Route("POST", "/tasks/keep_alive", keep_alive, TASKS, "Renew quiet connections", body=Nothing, answers=DONE),
    ],
)  # fmt: skip


gc.freeze()  # what is loaded by now stays: it need not be looked through while documents come and go


@functions_framework.http
def worker(request: Request) -> Response:
    return APP.handle(request)
