"""HTTP to Xero: one request, one answer, or one honest error. Nothing is retried, nothing sleeps.

The connections may be shared by a whole process: they carry no bearer, keep no cookies and take nothing
from the environment. Bearers travel with each request only.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy

import requests
import urllib3
from requests.adapters import HTTPAdapter

from shared.adapters.xero.network import problem_of
from shared.domain.errors import NotSent

#: Seconds to get a connection. Xero's hosts answer in milliseconds when they answer at all.
CONNECT_TIMEOUT = 5.0
#: Seconds of silence before an answer counts as lost. Large invoices take Xero many seconds.
READ_TIMEOUT = 25.0
#: Connections kept open to one host; more are made when needed and closed afterwards.
KEPT_CONNECTIONS = 20
#: Seconds after which unused connections are given up. A function is frozen between requests and networks
#: forget quiet connections without a word: the next request on one would wait for an answer that never comes.
LONGEST_IDLE = 30.0
USER_AGENT = "clinic-ledger"

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What came back, whatever the status. ``headers`` ignores case; repr() shows neither headers nor
    body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self.body)} bytes)"


class Transport:
    """Sends requests over a pool of connections; safe for threads."""

    def __init__(
        self,
        *,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        longest_idle: float = LONGEST_IDLE,
        session: requests.Session | None = None,
    ) -> None:
        self.connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self.longest_idle = longest_idle
        self._session = session or new_session()
        self._lock = threading.Lock()
        self._under_way = 0
        self._last_used = time.monotonic()

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        query: Query = (),
        body: bytes | None = None,
        least_read_timeout: float = 0.0,
    ) -> Answer:
        """One request. Raises NotSent (nothing reached Xero) or AnswerLost (it may have), and no other error.

        ``body`` is sent byte for byte. A redirect is an answer like any other: followed, a POST would
        become a GET and a bearer might leave for another host.
        """
        try:
            prepared = self._session.prepare_request(
                requests.Request(method, url, params=list(query), headers=dict(headers), data=body)
            )
        except ValueError:  # requests' own errors about URLs and headers are ValueErrors too
            prepared = None
        if prepared is None:
            raise NotSent("The request to Xero could not be put together")
        timeout = (self.connect_timeout, max(self.read_timeout, least_read_timeout))
        try:
            # The adapter itself, not Session.send: that would work out a redirect's target even when told
            # not to follow it, and may fail over the target after the request was done.
            adapter = self._session.get_adapter(url)
            with self._fresh_connections():
                reply = adapter.send(prepared, timeout=timeout, verify=True, proxies={})
                return Answer(reply.status_code, reply.headers, reply.content)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, UnicodeError) as error:
            problem = problem_of(error)
        # Outside of the handler on purpose: the library's error holds the request, bearer and all, and must
        # not hang on ours as its context.
        raise problem

    @contextmanager
    def _fresh_connections(self) -> Iterator[None]:
        """Closes what has lain idle too long, as long as nobody else is using the pool."""
        with self._lock:
            if self._under_way == 0 and time.monotonic() - self._last_used > self.longest_idle:
                self._session.close()
            self._under_way += 1
        try:
            yield
        finally:
            with self._lock:
                self._under_way -= 1
                self._last_used = time.monotonic()

    def close(self) -> None:
        """Closes the connections that are kept open; new ones are made when needed."""
        self._session.close()


def new_session() -> requests.Session:
    """A session that adds nothing of its own.

    ``trust_env`` off: a proxy variable or a line in .netrc would send the bearer elsewhere or replace it.
    No retries: urllib3's default would send a PUT again after a dropped connection, and sleep on Retry-After.
    """
    session = requests.Session()
    session.trust_env = False
    session.headers["User-Agent"] = USER_AGENT
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=KEPT_CONNECTIONS, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
