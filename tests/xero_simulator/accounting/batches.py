"""Writing many elements in one request.

With summarizeErrors left out or true, one broken element refuses the whole batch: 400, the failing elements
echoed, nothing stored. With ``summarizeErrors=false`` the answer is 200 and each element stands alone, with
StatusAttributeString OK or ERROR and its own ValidationErrors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ..interface import Reply
from .echoes import echo
from .ledger import Work
from .listing import Query
from .replies import NO_ID, Invalid, Refused, envelope, validation

R = TypeVar("R")
Raw = dict[str, Any]


@dataclass(frozen=True)
class Batch(Generic[R]):
    plural: str  # Invoices
    id_key: str  # InvoiceID
    error_flag: str  # HasErrors, for contacts and payments HasValidationErrors
    write: Callable[[Work, Raw], R]
    view: Callable[[R], Raw]
    known_id: str = NO_ID  # the id in the path, when there is one

    def reply(self, work: Work, raws: list[Raw], query: Query) -> Reply:
        if query.flag("summarizeErrors", default=True):
            return self._together(work, raws, query)
        return self._each(work, raws, query)

    def _together(self, work: Work, raws: list[Raw], query: Query) -> Reply:
        written: list[R] = []
        broken: list[Raw] = []
        try:
            with work.step():
                for index, raw in enumerate(raws):
                    try:
                        with work.step():
                            written.append(self._write(work, raw, query.refusal(index)))
                    except Invalid as problem:
                        broken.append(self._echo(raw, problem))
                if broken:
                    raise Invalid("the batch fails as a whole")
        except Invalid:
            raise Refused(validation(broken)) from None
        return envelope(self.plural, [self.view(one) for one in written], work.now)

    def _each(self, work: Work, raws: list[Raw], query: Query) -> Reply:
        answers: list[Raw] = []
        for index, raw in enumerate(raws):
            try:
                with work.step():
                    written = self._write(work, raw, query.refusal(index))
                answers.append(self.view(written) | {"StatusAttributeString": "OK"})
            except Invalid as problem:
                answers.append(self._echo(raw, problem) | {"StatusAttributeString": "ERROR"})
        return envelope(self.plural, answers, work.now)

    def _write(self, work: Work, raw: Raw, refusal: str | None) -> R:
        if refusal is not None:
            raise Invalid(refusal)
        return self.write(work, raw)

    def _echo(self, raw: Raw, problem: Invalid) -> Raw:
        return echo(raw, self.id_key, self.known_id, self.error_flag, problem)
