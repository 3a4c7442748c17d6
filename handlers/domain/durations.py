"""How long a recovery will last, learnt from those that have ended, by the types of resources that their stacks hold.

A recovery lasts as long as its slowest resource, so a stack is expected to last as the slowest of its types does on average.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from handlers.domain.recovery_order import DEFAULT_SECONDS


@dataclass(frozen=True, slots=True)
class Seen:
    """How often a type was the slowest of a recovered stack, and how long that took in all."""

    count: int = 0
    seconds: float = 0.0

    @property
    def mean(self) -> float:
        """Seconds of one."""
        return self.seconds / self.count


History = Mapping[str, Seen]
"""Resource type -> what was seen of it."""


def expected(history: History, resource_types: Iterable[str], default: float = DEFAULT_SECONDS) -> float:
    """Seconds that a recovery will last; *default* while none of its types was ever seen."""
    return max((history[each].mean for each in resource_types if each in history), default=default)


def learnt(history: History, resource_types: Iterable[str], seconds: float) -> History:
    """*history* after one more recovery: what it took is put down to the type that was expected to be its slowest.

    A type of which nothing is known may have been the slowest: it is believed so, until it is seen to be quick elsewhere.
    """
    types = sorted(set(resource_types))
    unseen = [each for each in types if each not in history]
    slowest = unseen or ([max(types, key=lambda each: history[each].mean)] if types else [])
    before = {each: history.get(each, Seen()) for each in slowest}
    return {**history, **{each: Seen(seen.count + 1, seen.seconds + seconds) for each, seen in before.items()}}
