"""The sealed activity log: what is asked of it, what is answered."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from shared.http.models import PeriodQuery, Request
from shared.services.verify_log import Verified

EXPECT = re.compile(r"([0-9]{1,9}):([0-9a-f]{64})")


def expected_block(text: str | None) -> tuple[int, str] | None:
    found = EXPECT.fullmatch(text or "")
    return (int(found[1]), found[2]) if found else None


class VerifyQuery(Request):
    """``from_block``: an earlier answer's ``next_block``. ``expect``: a block's number and hash as noted elsewhere."""

    from_block: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    expect: Annotated[str, StringConstraints(pattern=f"^{EXPECT.pattern}$")] | None = None


class ExportQuery(PeriodQuery):
    """Calendar days in the practice's zone, both included; at most a year."""

    format: Literal["csv", "ndjson"] = "csv"


class LogProblem(BaseModel):
    kind: str
    sentence: str
    block: int | None
    entry: str | None


class LateEntry(BaseModel):
    block: int
    entry: str


class VerifiedLog(BaseModel):
    """One part of the log held against its seals. ``whole``: nothing is wrong in this part; ``next_block``: where the
    next part begins, null when this was the last. ``sealed_until``, ``last_block``, ``last_hash``: the chain's end."""

    whole: bool
    blocks: int
    entries: int
    problems: list[LogProblem]
    late: list[LateEntry]
    first_block: int | None
    last_block: int | None
    last_hash: str | None
    sealed_until: str | None
    next_block: int | None

    @classmethod
    def of(cls, verified: Verified) -> VerifiedLog:
        chain = verified.chain
        return cls(
            whole=not verified.problems,
            blocks=verified.blocks,
            entries=verified.entries,
            problems=[LogProblem(**vars(problem)) for problem in verified.problems],
            late=[LateEntry(**late) for late in verified.late],
            first_block=chain.first if chain else None,
            last_block=chain.number if chain else None,
            last_hash=chain.hash if chain else None,
            sealed_until=chain.until if chain else None,
            next_block=verified.next_block,
        )
