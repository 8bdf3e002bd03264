"""How a method says no, as Google does: a status and a sentence."""

from __future__ import annotations

from dataclasses import dataclass

import grpc


class Refused(Exception):
    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.code, self.details = code, details


def not_found(what: str) -> Refused:
    return Refused(grpc.StatusCode.NOT_FOUND, f"{what} not found.")


def invalid(details: str) -> Refused:
    return Refused(grpc.StatusCode.INVALID_ARGUMENT, details)


@dataclass
class Fault:
    """The next ``count`` calls of the method fail with the code; ``after``: when all was done, as a lost answer."""

    method: str
    code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE
    count: int = 1
    after: bool = False
