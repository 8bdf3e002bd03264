"""Who did what, what waits, what needs a person."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from shared.domain.times import instant
from shared.http import schemas, shapes
from shared.http.answers import Answer
from shared.http.app import ANYONE_SIGNED_IN, RECEPTION, App, Call, Route
from shared.http.models import LogsQuery, Nothing, OperationsQuery, PeriodQuery
from shared.services import operations
from shared.services.activity_log import Entry, actor_of, record
from shared.services.attention import attention as find_attention
from shared.services.attention import retry_cause
from shared.services.completeness import completeness as compare_period
from shared.services.create_invoice import advance
from shared.services.jobs import read_job
from shared.services.listings import list_operations, read_log

FILTERS = ("action", "outcome", "appointment_id", "patient_id", "operation_id", "actor_subject")


def logs(call: Call) -> Answer:
    query: LogsQuery = call.query
    filters = {name: getattr(query, name) for name in FILTERS if getattr(query, name)}
    since = instant(query.since) if query.since else None
    page = read_log(
        call.ports, call.practice_id, filters=filters, since=since, limit=query.limit, cursor=query.cursor
    )
    items = [{"id": document.id} | document.data for document in page.items]
    return Answer(schemas.Listing(items=items, next_cursor=page.next_cursor))


def attention(call: Call) -> Answer:
    items = [schemas.Cause(**cause) for cause in find_attention(call.ports, call.practice_id)]
    return Answer(schemas.Attention(items=items))


def retry_attention(call: Call) -> Answer:
    count = retry_cause(call.ports, call.practice_id, call.arguments["cause"])
    sentence = f"Asked to try {count} again: {call.arguments['cause']}"
    record(call.ports, call.practice_id, Entry("attention.retry", sentence, actor_of(call.person)))
    return Answer(schemas.Retried(count=count), 202)


def job(call: Call) -> Answer:
    return Answer(schemas.Job(**read_job(call.ports, call.practice_id, call.arguments["id"])))


def completeness(call: Call) -> Answer:
    query: PeriodQuery = call.query
    return Answer(
        schemas.Completeness(**compare_period(call.ports, call.practice_id, query.first, query.last))
    )


def operation_listing(call: Call) -> Answer:
    query: OperationsQuery = call.query
    found, cursor = list_operations(
        call.ports, call.practice_id, state=query.status, limit=query.limit, cursor=query.cursor
    )
    return Answer(schemas.OperationListing(items=[shapes.operation(o) for o in found], next_cursor=cursor))


def operation(call: Call) -> Answer:
    return Answer(shapes.operation(operations.read(call.ports, call.practice_id, call.arguments["id"])))


def retry(call: Call) -> Answer:
    operations.ask_again(call.ports, call.practice_id, call.arguments["id"])
    _record(call, "operation.retry", "Asked to try again")
    return Answer(shapes.operation(advance(call.ports, call.practice_id, call.arguments["id"])))


def cancel(call: Call) -> Answer:
    cancelled = operations.cancel(call.ports, call.practice_id, call.arguments["id"])
    _record(call, "operation.cancel", "Cancelled")
    return Answer(shapes.operation(cancelled))


def _record(call: Call, action: str, sentence: str) -> None:
    entry = Entry(action, sentence, actor_of(call.person), operation_id=call.arguments["id"])
    record(call.ports, call.practice_id, entry)


OPERATION = {200: schemas.Operation}

APP = App(
    "activity",
    [
        Route("GET", "/xero/logs/", logs, ANYONE_SIGNED_IN, "The activity log, newest first",
              query=LogsQuery, answers={200: schemas.Listing}),
        Route("GET", "/xero/attention/", attention, ANYONE_SIGNED_IN, "What needs a person, by cause",
              answers={200: schemas.Attention}),
        Route("POST", "/xero/attention/<cause>/retry/", retry_attention, RECEPTION,
              "The cause is mended: try all of it again", body=Nothing, answers={202: schemas.Retried}),
        Route("GET", "/xero/jobs/<id>/", job, ANYONE_SIGNED_IN, "How a bulk job is getting on",
              answers={200: schemas.Job}),
        Route("GET", "/xero/completeness/", completeness, ANYONE_SIGNED_IN, "A period on both sides, and what differs",
              query=PeriodQuery, answers={200: schemas.Completeness}),
        Route("GET", "/xero/operations/", operation_listing, ANYONE_SIGNED_IN, "Writes to Xero, latest first",
              query=OperationsQuery, answers={200: schemas.OperationListing}),
        Route("GET", "/xero/operations/<id>/", operation, ANYONE_SIGNED_IN, "One write to Xero", answers=OPERATION),
        Route("POST", "/xero/operations/<id>/retry/", retry, RECEPTION, "Try again now", body=Nothing,
              answers=OPERATION),
        Route("POST", "/xero/operations/<id>/cancel/", cancel, RECEPTION, "Do not send it", body=Nothing,
              answers=OPERATION),
    ],
)  # fmt: skip


@functions_framework.http
def activity(request: Request) -> Response:
    return APP.handle(request)
