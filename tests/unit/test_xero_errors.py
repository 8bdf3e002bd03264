"""Xero's refusals as our errors: the class, the code, the messages, and nobody's name in any of them."""

from __future__ import annotations

import json
import ssl
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import urllib3
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from shared.adapters.xero import rejections
from shared.adapters.xero.errors import check, error_of, json_of
from shared.adapters.xero.limits import retry_after, usage_of
from shared.adapters.xero.network import problem_of
from shared.adapters.xero.rejections import code_of, rejection
from shared.adapters.xero.scrubbing import scrub
from shared.adapters.xero.transport import Answer
from shared.domain.errors import (
    AnswerLost,
    ConnectionLost,
    Missing,
    NotSent,
    Paused,
    Rejected,
    XeroError,
)

#: A busy machine is no failure, and no test leaves files behind.
QUIET = settings(deadline=None, database=None)

JSON = {"Content-Type": "application/json; charset=utf-8"}


def answer(status: int, body: Any = b"", **headers: str) -> Answer:
    named: CaseInsensitiveDict[str] = CaseInsensitiveDict(
        {k.replace("_", "-"): v for k, v in headers.items()}
    )
    if isinstance(body, dict | list):
        named.setdefault("Content-Type", JSON["Content-Type"])
        body = json.dumps(body).encode()
    return Answer(status, named, body)


def refusal(*messages: str, **echo: Any) -> dict[str, Any]:
    return {
        "ErrorNumber": 10,
        "Type": "ValidationException",
        "Message": "A validation exception occurred",
        "Elements": [{**echo, "ValidationErrors": [{"Message": each} for each in messages]}],
    }


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (
            "The contact name Anna Lee is already assigned to another contact. "
            "The contact name must be unique across all active contacts.",
            "contact_name_taken",
        ),
        ("The contact number 22 is already assigned to another contact", "contact_number_taken"),
        (
            "The Account Number already exists. Please enter a different Account Number.",
            "account_number_taken",
        ),
        ("Invoice # must be unique.", "invoice_number_taken"),
        ("Invoice not of valid status for modification", "invoice_not_modifiable"),
        (
            "This document cannot be edited as it has a payment or credit note allocated to it.",
            "has_payments",
        ),
        ("Invoice cannot be voided as it has payments allocated to it", "has_payments"),
        (
            "The document date cannot be before the period lock date, currently set at 30-Jun-2026",
            "locked_period",
        ),
        (
            "The document date cannot be before the end of year lock date, currently set at 31-Jul-2013",
            "locked_period",
        ),
        ("Account code '999' is not a valid code for this document.", "account_invalid"),
        (
            "Account code '200' has been archived, or has been deleted. Each line item must reference a valid "
            "account.",
            "account_invalid",
        ),
        ("Account code '476' has been removed as it does not match a recognised account.", "account_invalid"),
        ("Account code must be specified.", "account_invalid"),
        ("Account must be valid.", "account_invalid"),
        (
            "The TaxType code 'GST on Income' does not exist or cannot be used for this type of transaction.",
            "tax_type_invalid",
        ),
        ("The TaxType code 'OUTPUT2' cannot be used with account code '200'.", "tax_type_invalid"),
        ("The TaxType field is mandatory", "tax_type_invalid"),
        ("Tax rate must be valid.", "tax_type_invalid"),
        ("The Tracking Category Option 'North' does not exist", "tracking_invalid"),
        (
            "The contact with the specified contact details has been archived. The contact must be un-archived "
            "before creating new invoices or credit notes.",
            "contact_archived",
        ),
        ("The contact Anna Lee is ARCHIVED and cannot be used on a new document.", "contact_archived"),
        ("You have reached the limit of invoices you can approve", "plan_limit"),
        ("Payment amount exceeds the amount outstanding on this document", "payment_exceeds_due"),
        ("Payments can only be made against Authorised documents", "payment_needs_authorised"),
        ("Organisation is not subscribed to currency USD", "currency_not_enabled"),
        ("Due date cannot be empty.", "due_date_missing"),
        ("The idempotency key 'abc' is used with a different request", "key_reused"),
        ("One or more line items must be specified.", "xero_rejected"),
        ("A sentence that Xero never said before", "xero_rejected"),
    ],
)
def test_each_known_message_has_its_code(message: str, code: str) -> None:
    """The wordings that Xero and its users have published give the codes that programs rely on."""
    assert code_of(message) == code
    assert rejection(refusal(message), 400).code == code


def test_every_message_is_found_once_and_in_order() -> None:
    """Messages of the document, its lines and its contact, by either field name, in the document's order."""
    payload = {
        "Elements": [
            {
                "Contact": {"ValidationErrors": [{"Message": "first"}]},
                "ValidationErrors": [{"Message": "second"}, {"Description": "third"}, {"Message": "first"}],
                "LineItems": [{"ValidationErrors": [{"Message": "fourth"}]}, {"ValidationErrors": []}],
                "Warnings": [{"Message": "a warning"}],
            },
            {"ValidationErrors": [{"Message": ""}, {}, None, {"Message": "fifth"}]},
        ]
    }
    assert rejection(payload, 400).messages == ["first", "second", "third", "fourth", "fifth"]


def test_without_elements_the_envelope_speaks() -> None:
    """A malformed query or body is told in the envelope's own Message, or a problem's Detail."""
    assert rejection({"Type": "QueryParseException", "Message": "No property"}, 400).messages == [
        "No property"
    ]
    assert rejection({"Title": "Bad Request", "Detail": "No body"}, 400).messages == ["No body"]
    assert rejection(None, 400).messages == []
    assert str(rejection(None, 400)) == Rejected.title


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            "The contact name Anna O'Neil is already assigned to another contact. The contact name must be unique.",
            "The contact name … is already assigned to another contact. The contact name must be unique.",
        ),
        (
            "The contact number P-22 is already assigned to another contact",
            "The contact number … is already assigned to another contact",
        ),
        (
            "The contact Anna Lee is ARCHIVED and cannot be used.",
            "The contact … is ARCHIVED and cannot be used.",
        ),
        ("Contact 'Anna O'Neil' is odd", "Contact … is odd"),
        ('Value "Anna" is odd', "Value … is odd"),
        ("The e-mail anna.lee@example.com is odd", "The e-mail … is odd"),
        (
            "The contact name must not contain angle brackets.",
            "The contact name must not contain angle brackets.",
        ),
        ("Account code '999' is not a valid code.", "Account code '999' is not a valid code."),
        ("It's the customer's fault", "It's the customer's fault"),
    ],
)
def test_quoted_people_are_taken_out(message: str, shown: str) -> None:
    """What known wordings quote of a person is replaced, an account's code stays for the bookkeeper."""
    assert rejection(refusal(message), 400).messages == [shown]


def test_what_the_echo_holds_is_taken_out_wherever_it_appears() -> None:
    """An unknown wording cannot leak what the answer's echo names as personal."""
    payload = refusal(
        "Lee, Anna of 1 High Street: Anna is unknown at +61 400 000 000 (ANNA LEE, annabel)",
        Contact={
            "Name": "Anna Lee",
            "FirstName": "Anna",
            "LastName": "Lee",
            "Addresses": [{"AddressLine1": "1 High Street"}],
            "Phones": [{"PhoneNumber": "+61 400 000 000"}],
        },
        LineItems=[{"Description": "Physiotherapy", "Tracking": [{"Name": "Clinic"}]}],
    )
    payload["Elements"][0]["ValidationErrors"].append({"Message": "Physiotherapy needs a Tracking Clinic"})
    assert rejection(payload, 400).messages == [
        "…, … of …: … is unknown at … (…, annabel)",
        "… needs a Tracking Clinic",
    ]


def test_a_flood_of_messages_stays_readable() -> None:
    """A batch repeats itself: twenty messages of 300 characters are the most a person gets."""
    told = rejection(refusal(*(f"message {n} " + "x" * 900 for n in range(100))), 400).messages
    assert len(told) == rejections.MOST_MESSAGES
    assert max(map(len, told)) == 300


def test_hopeless_nesting_is_walked_all_the_same() -> None:
    """Depth costs nothing: the walk does not call itself."""
    payload: Any = {"ValidationErrors": [{"Message": "deep"}]}
    for _ in range(5000):
        payload = [payload]
    assert rejection(payload, 400).messages == ["deep"]


@QUIET
@given(st.text(), st.lists(st.text(min_size=2), max_size=3))
def test_scrubbing_never_fails_and_leaves_one_line(message: str, words: list[str]) -> None:
    """Whatever Xero says and whoever is named, one printable line comes out."""
    shown = scrub(message, [word for word in words if word.strip()])
    assert shown.isprintable()
    assert len(shown) <= 300


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (answer(401, {"Title": "Unauthorized", "Detail": "TokenExpired: token expired"}), "expired_token"),
        (answer(401, {"Title": "Unauthorized", "Detail": "AuthenticationUnsuccessful"}), "expired_token"),
        (answer(401, b""), "expired_token"),
        (answer(403, {"Title": "Forbidden", "Detail": "AuthenticationUnsuccessful"}), "wrong_organisation"),
        (answer(401, {"Detail": "AuthorizationUnsuccessful"}), "insufficient_scope"),
        (answer(401, b"", WWW_Authenticate='Bearer error="insufficient_scope"'), "insufficient_scope"),
        (answer(403, b"", WWW_Authenticate='Bearer error="insufficent_scope"'), "insufficient_scope"),
        (answer(403, {"Detail": "insufficent_scope"}), "insufficient_scope"),
    ],
)
def test_refused_connections_have_a_reason(reply: Answer, reason: str) -> None:
    """Expired token, missing scope (Xero's misspelling too) and the wrong organisation are told apart."""
    error = error_of(reply)
    assert isinstance(error, ConnectionLost)
    assert (error.reason, error.http_status) == (reason, reply.status)


@pytest.mark.parametrize(
    ("reply", "problem", "seconds"),
    [
        (answer(429, b"", X_Rate_Limit_Problem="day", Retry_After="73451"), "day", 73451),
        (answer(429, b"", X_Rate_Limit_Problem="Concurrent"), "concurrent", None),
        (answer(429, b"", X_Rate_Limit_Problem="AppMinute", Retry_After="x"), "appminute", None),
        (answer(429, b"<html>", X_Rate_Limit_Problem="<script>"), "unknown", None),
        (answer(429, b""), "unknown", None),
        (answer(503, b"The Organisation is offline", Content_Type="text/plain"), "offline", None),
        (answer(503, b"The Organisation is OFFLINE", Retry_After="5"), "offline", 5),
    ],
)
def test_limits_and_offline_organisations_pause(reply: Answer, problem: str, seconds: int | None) -> None:
    """A limit is known by its headers, never by its body; an unknown word still means to wait."""
    error = error_of(reply)
    assert isinstance(error, Paused)
    assert (error.problem, error.retry_after) == (problem, seconds)


def test_retry_after_may_be_a_date() -> None:
    """An HTTP date counts from now, a past one is no wait, and nonsense is no answer."""
    now = datetime(2026, 11, 24, 8, 0, 0, tzinfo=UTC)
    assert retry_after({"Retry-After": "Tue, 24 Nov 2026 08:01:30 GMT"}, now) == 90
    assert retry_after({"Retry-After": "Tue, 24 Nov 2026 07:00:00 GMT"}, now) == 0
    assert retry_after({"Retry-After": "soon"}, now) is None
    assert retry_after({"Retry-After": "-5"}, now) is None
    assert retry_after({"Retry-After": "9999999"}, now) == 26 * 3600
    assert retry_after({}, now) is None


def test_calls_left_are_none_where_xero_says_nothing() -> None:
    """A missing or odd header is unknown, not zero."""
    usage = usage_of({"X-MinLimit-Remaining": "59", "X-DayLimit-Remaining": "many"})
    assert (usage.minute, usage.day, usage.app_minute) == (59, None, None)


@pytest.mark.parametrize("status", [302, 408, 409, 425, 500, 502, 503, 504])
def test_answers_that_decide_nothing_are_lost(status: int) -> None:
    """5xx, redirects and "perhaps under way" leave open whether it was done."""
    error = error_of(answer(status, b"<html>offline</html>", Content_Type="text/html"))
    assert isinstance(error, AnswerLost)
    assert (error.answered, error.http_status) == (True, status)


@pytest.mark.parametrize("status", [400, 405, 412, 413, 415, 422])
def test_other_refusals_are_refusals(status: int) -> None:
    """A 4xx without Xero's envelope still says that nothing was done."""
    error = error_of(answer(status, b"<html>", Content_Type="text/html"))
    assert isinstance(error, Rejected)
    assert (error.code, error.messages, error.http_status) == ("xero_rejected", [], status)


def test_a_reused_key_is_known_in_any_dress() -> None:
    """Xero does not publish the shape of this refusal: plain text and problems count as well."""
    words = b"The idempotency key is used with a different request"
    for reply in (
        answer(400, words),
        answer(400, {"Detail": words.decode()}),
        answer(400, {"Odd": words.decode()}),
    ):
        error = error_of(reply)
        assert isinstance(error, Rejected)
        assert error.code == "key_reused"


def test_a_403_of_something_in_between_is_no_lost_connection() -> None:
    """A firewall's page does not send an owner to reconnect."""
    error = error_of(answer(403, b"<html>Access Denied</html>", Content_Type="text/html"))
    assert isinstance(error, AnswerLost)


def test_404_is_missing_and_2xx_is_fine() -> None:
    """The two plain cases."""
    assert isinstance(error_of(answer(404, b"The resource you're looking for cannot be found")), Missing)
    check(answer(200))
    check(answer(204))


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, b'{"Invoices": [', Content_Type="application/json"),
        answer(200, b"", Content_Type="application/json"),
        answer(200, b"\xff\xfe", Content_Type="application/json"),
        answer(200, b"[" * 200_000, Content_Type="application/json"),
        answer(200, b'{"Total": NaN}', Content_Type="application/json"),
        answer(200, b"<html></html>", Content_Type="text/html"),
        answer(200, b"{}", Content_Type="text/html"),
        answer(200, b"<html></html>"),
    ],
)
def test_an_unreadable_success_is_a_lost_answer(reply: Answer) -> None:
    """A success that cannot be read may have been done."""
    with pytest.raises(AnswerLost) as caught:
        json_of(reply)
    assert caught.value.answered is True
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.ConnectTimeout("x"), NotSent),
        (urllib3.exceptions.NameResolutionError("h", None, OSError()), NotSent),  # type: ignore[arg-type]
        (requests.ConnectionError(urllib3.exceptions.NewConnectionError(None, "x")), NotSent),  # type: ignore[arg-type]
        (requests.exceptions.SSLError(ssl.SSLCertVerificationError("x")), NotSent),
        (requests.exceptions.InvalidURL("x"), NotSent),
        (requests.exceptions.SSLError(ssl.SSLError("decryption failed")), AnswerLost),
        (requests.ReadTimeout("x"), AnswerLost),
        (requests.ConnectionError(urllib3.exceptions.ProtocolError("x", ConnectionResetError())), AnswerLost),
        (requests.exceptions.ChunkedEncodingError("x"), AnswerLost),
        (requests.exceptions.ContentDecodingError("x"), AnswerLost),
        (BrokenPipeError("x"), AnswerLost),
        (RuntimeError("never seen"), AnswerLost),
    ],
)
def test_network_failures_are_told_apart(error: Exception, kind: type[XeroError]) -> None:
    """Before the first byte: not sent. In any doubt: the answer is lost."""
    problem = problem_of(error)
    assert type(problem) is kind
    assert "x" not in str(problem).split()
    if isinstance(problem, AnswerLost):
        assert problem.answered is isinstance(error, requests.exceptions.ContentDecodingError)
