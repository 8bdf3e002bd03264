"""The scheduled sweep; only the tasks' service account may call it."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from shared.http import schemas
from shared.http.answers import Answer
from shared.http.app import TASKS, App, Call, Route
from shared.http.models import Nothing
from shared.services.reconcile import reconcile as sweep


def run(call: Call) -> Answer:
    return Answer(schemas.Done(result={"organisations": sweep(call.ports)}))


APP = App(
    "reconcile",
    [
        Route("POST", "/tasks/reconcile", run, TASKS, "A pull and a drain for every organisation", body=Nothing,
              answers={200: schemas.Done}),
    ],
)  # fmt: skip


@functions_framework.http
def reconcile(request: Request) -> Response:
    return APP.handle(request)
