"""So many costly requests a minute and person: bulk work, renewals, whole periods, the log's verification and export.

``practices/{p}/rate_limits/{person}``: for each kind of request the instant at which the allowance will be whole again
(the generic cell rate algorithm): a minute's worth may come at once, after that one for each share of a minute. One
small document per person, written with a precondition; nobody waits for anybody else's.
"""

from __future__ import annotations

import hashlib
import math
from datetime import timedelta

from shared.domain.errors import TooMany
from shared.domain.people import Person
from shared.domain.times import instant, parse_instant
from shared.ports import Ports
from shared.ports.store import Data
from shared.services import paths
from shared.services.documents import modify

MINUTE = timedelta(minutes=1)


def spend(ports: Ports, person: Person, what: str) -> None:
    """One request of the kind ``what``; raises TooMany, with the seconds to wait, when the minute's are used up."""
    allowed = int(ports.config["RATE_LIMIT"])
    if allowed <= 0:
        return
    now, share = ports.clock.now(), MINUTE / allowed

    def take(data: Data) -> Data:
        whole_at = max(parse_instant(data[what]), now) if what in data else now
        too_early = whole_at + share - now - MINUTE
        if too_early > timedelta():
            raise TooMany(allowed, math.ceil(too_early.total_seconds()))
        return data | {what: instant(whole_at + share)}

    who = hashlib.sha256(person.subject.encode("utf-8", "replace")).hexdigest()[:32]
    modify(ports.store, paths.rate_limit(person.practice_id, who), take)
