"""Who did what, what waits, what needs a person."""

from __future__ import annotations

import functions_framework
from flask import Request, Response

from shared.domain.times import instant
from shared.http import schemas, shapes
from shared.http.accountant_csv import csv_response
from shared.http.answers import Answer
from shared.http.app import ANYONE_SIGNED_IN, BOOKKEEPING, OWNERS, RECEPTION, App, Call, Route
from shared.http.completeness_models import Completeness, CompletenessQuery, Repaired, RepairIn
from shared.http.log_export import export_response
from shared.http.log_models import ExportQuery, VerifiedLog, VerifyQuery, expected_block
from shared.http.models import LogsQuery, Nothing, OperationsQuery, StoredQuery
from shared.services import operations
from shared.services.accountant_rows import DOCUMENT_COLUMNS, TOTAL_COLUMNS, document_rows, total_rows
from shared.services.activity_log import Entry, actor_of, record
from shared.services.attention import attention as find_attention
from shared.services.attention import retry_cause
from shared.services.completeness import completeness as compare_period
from shared.services.create_invoice import advance
from shared.services.drain_tasks import wake_seal
from shared.services.jobs import cancel_job, read_job, resume_job
from shared.services.listings import entries_of_days, list_operations, read_log
from shared.services.overview import overview as figures
from shared.services.repair import repair as repair_period
from shared.services.stored_documents import stored_documents
from shared.services.verify_log import verify_log

TABLES = {"documents": (DOCUMENT_COLUMNS, document_rows), "totals": (TOTAL_COLUMNS, total_rows)}
FILTERS = ("action", "outcome", "appointment_id", "patient_id", "operation_id", "actor_subject")


def logs(call: Call) -> Answer:
    query: LogsQuery = call.query
    filters = {name: getattr(query, name) for name in FILTERS if getattr(query, name)}
    page = read_log(
        call.ports,
        call.practice_id,
        filters=filters,
        since=instant(query.since) if query.since else None,
        until=instant(query.until) if query.until else None,
        limit=query.limit,
        cursor=query.cursor,
    )
    items = [{"id": document.id} | document.data for document in page.items]
    return Answer(schemas.Listing(items=items, next_cursor=page.next_cursor))


def verify(call: Call) -> Answer:
    query: VerifyQuery = call.query
    verified = verify_log(call.ports, call.practice_id, query.from_block, expected_block(query.expect))
    if verified.is_overdue:  # the sweep does not come by a practice that is not connected
        wake_seal(call.ports.tasks, call.practice_id, call.ports.clock.now(), "overdue")
    return Answer(VerifiedLog.of(verified))


def export(call: Call) -> Response:
    query: ExportQuery = call.query
    name = f"log-{query.first}-{query.last}"
    entry = Entry("log.export", f"The log of {query.first} to {query.last} exported", actor_of(call.person))
    record(call.ports, call.practice_id, entry)
    entries = entries_of_days(call.ports, call.practice_id, query.first, query.last)
    return export_response(name, query.format, entries)


def attention(call: Call) -> Answer:
    items = [schemas.Cause(**cause) for cause in find_attention(call.ports, call.practice_id)]
    return Answer(schemas.Attention(items=items))


def retry_attention(call: Call) -> Answer:
    count = retry_cause(call.ports, call.practice_id, call.arguments["cause"])
    sentence = f"Asked to try {count} again: {call.arguments['cause']}"
    record(call.ports, call.practice_id, Entry("attention.retry", sentence, actor_of(call.person)))
    return Answer(schemas.Retried(count=count), 202)


def overview(call: Call) -> Answer:
    return Answer(schemas.Overview(**figures(call.ports, call.practice_id)))


def job(call: Call) -> Answer:
    return Answer(schemas.Job(**read_job(call.ports, call.practice_id, call.arguments["id"])))


def job_cancel(call: Call) -> Answer:
    cancelled = cancel_job(call.ports, call.practice_id, call.arguments["id"])
    record(call.ports, call.practice_id, Entry("job.cancel", "Bulk job cancelled", actor_of(call.person)))
    return Answer(schemas.Job(**cancelled), 202)


def job_resume(call: Call) -> Answer:
    resumed = resume_job(call.ports, call.practice_id, call.arguments["id"])
    record(call.ports, call.practice_id, Entry("job.resume", "Bulk job resumed", actor_of(call.person)))
    return Answer(schemas.Job(**resumed), 202)


def completeness(call: Call) -> Answer | Response:
    query: CompletenessQuery = call.query
    period = (call.ports, call.practice_id, query.first, query.last)
    wants_csv = call.request.accept_mimetypes.best == "text/csv"
    if query.format != "csv" and (query.format or not wants_csv):
        return Answer(Completeness(**compare_period(*period)))
    columns, rows_of = TABLES[query.table]
    return csv_response(f"{query.table}-{query.first}-{query.last}", columns, rows_of(*period))


def repair(call: Call) -> Answer:
    body: RepairIn = call.body
    repaired = repair_period(
        call.ports,
        call.practice_id,
        body.first,
        body.last,
        kinds=body.kinds,
        items=body.items,
        actor=actor_of(call.person),
    )
    return Answer(Repaired(**repaired))


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


def stored(call: Call) -> Answer:
    query: StoredQuery = call.query
    page = stored_documents(
        call.ports,
        call.practice_id,
        call.arguments["kind"],
        search=query.search,
        limit=query.limit,
        cursor=query.cursor,
    )
    items = [schemas.StoredDocument(**each) for each in page.items]
    return Answer(schemas.StoredDocuments(items=items, next_cursor=page.next_cursor))


def _record(call: Call, action: str, sentence: str) -> None:
    entry = Entry(action, sentence, actor_of(call.person), operation_id=call.arguments["id"])
    record(call.ports, call.practice_id, entry)


OPERATION = {200: schemas.Operation}

APP = App(
    "activity",
    [
        Route("GET", "/xero/logs/", logs, ANYONE_SIGNED_IN, "The activity log, newest first",
              query=LogsQuery, answers={200: schemas.LogListing}),
        Route("GET", "/xero/logs/verify/", verify, ANYONE_SIGNED_IN,
              "The log held against its seals: what was changed, removed or slipped in", query=VerifyQuery,
              answers={200: VerifiedLog}, costly=True),
        Route("GET", "/xero/logs/export/", export, BOOKKEEPING, "The log of a period as CSV or NDJSON",
              query=ExportQuery, files=("text/csv", "application/x-ndjson"), costly=True),
        Route("GET", "/xero/attention/", attention, ANYONE_SIGNED_IN, "What needs a person, by cause",
              answers={200: schemas.Attention}),
        Route("POST", "/xero/attention/<cause>/retry/", retry_attention, RECEPTION,
              "The cause is mended: try all of it again", body=Nothing, answers={202: schemas.Retried}),
        Route("GET", "/xero/overview/", overview, ANYONE_SIGNED_IN, "Invoiced, paid, due: by week, clinic and age",
              answers={200: schemas.Overview}),
        Route("GET", "/xero/jobs/<id>/", job, ANYONE_SIGNED_IN, "How a bulk job is getting on",
              answers={200: schemas.Job}),
        Route("POST", "/xero/jobs/<id>/cancel/", job_cancel, RECEPTION,
              "Stop a bulk job: what has not left for Xero is cancelled", body=Nothing, answers={202: schemas.Job}),
        Route("POST", "/xero/jobs/<id>/resume/", job_resume, RECEPTION,
              "Go on with a cancelled job, what was cancelled included", body=Nothing, answers={202: schemas.Job}),
        Route("GET", "/xero/completeness/", completeness, ANYONE_SIGNED_IN, "A period on both sides, and what differs",
              query=CompletenessQuery, answers={200: Completeness}, files=("text/csv",), costly=True),
        Route("POST", "/xero/completeness/repair/", repair, BOOKKEEPING, "Mend what differs in a period",
              body=RepairIn, answers={200: Repaired}, costly=True),
        Route("GET", "/xero/operations/", operation_listing, ANYONE_SIGNED_IN, "Writes to Xero, latest first",
              query=OperationsQuery, answers={200: schemas.OperationListing}),
        Route("GET", "/xero/operations/<id>/", operation, ANYONE_SIGNED_IN, "One write to Xero", answers=OPERATION),
        Route("POST", "/xero/operations/<id>/retry/", retry, RECEPTION, "Try again now", body=Nothing,
              answers=OPERATION),
        Route("POST", "/xero/operations/<id>/cancel/", cancel, RECEPTION, "Do not send it", body=Nothing,
              answers=OPERATION),
        Route("GET", "/xero/admin/<kind>/", stored, OWNERS, "What is stored of the practice, kind by kind",
              query=StoredQuery, answers={200: schemas.StoredDocuments}),
    ],
)  # fmt: skip


@functions_framework.http
def activity(request: Request) -> Response:
    return APP.handle(request)
