"""The last look at a body before it is kept and sent."""

from __future__ import annotations

import re

from shared.domain import wire
from shared.domain.health_identifiers import identifiers_in, told
from shared.services.writes.kinds import Refuse

#: One document in its list, as every body of a single operation has it.
WRAPPED = re.compile(r"^\w+\[0\]\.")


def refuse_identifiers(body: str) -> None:
    """Refuse, naming the fields as Xero calls them, when a health identifier stands in the body; never the number."""
    found = list(identifiers_in(wire.loads(body))) if body else []
    if found:
        reason = "; ".join(f"{WRAPPED.sub('', field)} {told(kind)}" for field, kind in found)
        raise Refuse("health_identifier", reason)
