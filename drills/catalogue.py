"""Every drill that there is, by name."""

from drills import self_repair
from drills.model import Drill

DRILLS: dict[str, Drill] = {drill.name: drill for drill in (self_repair.DRILL,)}
