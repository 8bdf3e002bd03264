"""The gRPC server: generic handlers made from the messages of Google's own client libraries."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Self

import grpc

from tests.google_stand_in.queues import Queues
from tests.google_stand_in.refusals import Fault, Refused
from tests.google_stand_in.secret_versions import SecretVersions

#: method -> handler, request from bytes, answer to bytes
Methods = dict[str, tuple[Callable[[Any], Any], Callable[[bytes], Any], Callable[[Any], bytes]]]


class StandIn:
    """``address`` is what the clients connect to. ``faults`` are used up in order; ``calls`` counts by method."""

    def __init__(self, secrets: SecretVersions, queues: Queues, port: int = 0) -> None:
        self.secrets, self.queues = secrets, queues
        self.faults: list[Fault] = []
        self.calls: Counter[str] = Counter()
        self.without_deadline: list[str] = []
        self._lock = threading.RLock()
        self._server = grpc.server(
            ThreadPoolExecutor(16, thread_name_prefix="stand-in"), options=[("grpc.so_reuseport", 0)]
        )
        for service, methods in (
            ("google.cloud.secretmanager.v1.SecretManagerService", secrets.methods()),
            ("google.cloud.tasks.v2.CloudTasks", queues.methods()),
        ):
            handlers = {name: self._handler(name, *parts) for name, parts in methods.items()}
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
        self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        self.address = f"127.0.0.1:{self.port}"

    @contextmanager
    def running(self) -> Iterator[Self]:
        self._server.start()
        try:
            yield self
        finally:
            self._server.stop(None).wait()

    def _handler(self, name: str, method: Any, read: Any, write: Any) -> grpc.RpcMethodHandler:
        def answer(request: Any, context: grpc.ServicerContext) -> Any:
            self.calls[name] += 1
            remaining = context.time_remaining()
            if remaining is None or remaining > 86_400:
                self.without_deadline.append(name)
            fault = self._fault(name)
            if fault is None or fault.after:
                try:
                    done = method(request)
                except Refused as refused:
                    context.abort(refused.code, refused.details)
                if fault is None:
                    return done
            return context.abort(fault.code, "a fault that the test asked for")

        return grpc.unary_unary_rpc_method_handler(answer, read, write)

    def _fault(self, name: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.method == name and fault.count > 0:
                    fault.count -= 1
                    return fault
        return None
