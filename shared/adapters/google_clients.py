"""Google's clients, made on first use and kept for the process, never at import: a gRPC client made before the web
server forks may hang afterwards.

``endpoint`` is empty for Google itself. Anything else is a stand-in on this machine: the connection to it is not
encrypted, and what goes over it are tokens, so no other host is taken.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import grpc
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient
    from google.cloud.tasks_v2 import CloudTasksClient

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@cache
def secret_manager_client(endpoint: str) -> SecretManagerServiceClient:
    """ValueError for an endpoint elsewhere than on this machine."""
    from google.cloud.secretmanager_v1 import SecretManagerServiceClient
    from google.cloud.secretmanager_v1.services.secret_manager_service.transports import (
        SecretManagerServiceGrpcTransport,
    )

    if not endpoint:
        return SecretManagerServiceClient()
    return SecretManagerServiceClient(transport=SecretManagerServiceGrpcTransport(channel=_plain(endpoint)))


@cache
def cloud_tasks_client(endpoint: str) -> CloudTasksClient:
    """ValueError for an endpoint elsewhere than on this machine."""
    from google.cloud.tasks_v2 import CloudTasksClient
    from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

    if not endpoint:
        return CloudTasksClient()
    return CloudTasksClient(transport=CloudTasksGrpcTransport(channel=_plain(endpoint)))


def _plain(endpoint: str) -> grpc.Channel:
    import grpc

    if endpoint.rpartition(":")[0] not in LOOPBACK:
        raise ValueError(f"{endpoint} is not on this machine; leave the variable empty to use Google's own")
    return grpc.insecure_channel(endpoint)
