"""Every drill that there is, by name, in the order in which they are played together.

self-repair comes first: it waits for a heartbeat, which those that began before the deployment wait for too.
"""

from drills import (
    asked,
    breaker,
    broken_before,
    chain,
    give_up,
    left_alone,
    neighbours,
    nested_stack,
    people_first,
    rollback_disabled,
    self_repair,
    stuck,
)
from drills.model import Drill

DRILLS: dict[str, Drill] = {
    one.DRILL.name: one.DRILL
    for one in (
        self_repair,
        rollback_disabled,
        give_up,
        left_alone,
        chain,
        nested_stack,
        neighbours,
        people_first,
        asked,
        broken_before,
        stuck,
        breaker,
    )
}
