"""Where a drill plays: sessions of the people in it, the cell under test and, in the sandbox, the recorder of calls."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from handlers.domain.cell import Cell

Place = tuple[str, str]  # account, region
POLL_SECONDS = 0.2  # the watcher's only: what is watched goes by events


class Person(Protocol):
    """Somebody with an assumed role in one account and region."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 gives its clients no type
        """Answer a boto3 client that acts as this person."""


class SeenCall(Protocol):
    """One API call as the recorder keeps it."""

    @property
    def number(self) -> int: ...
    @property
    def at(self) -> float: ...
    @property
    def account(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def caller_arn(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def resource(self) -> str: ...
    @property
    def parameters(self) -> Mapping[str, Any]: ...
    @property
    def error(self) -> str | None: ...
    @property
    def consumed(self) -> float | None: ...


class Stage(Protocol):
    """What only a sandbox can do for a drill: see every call, and lose an event on purpose."""

    def calls(self, since: int = 0) -> Sequence[SeenCall]:
        """Answer the recorded calls from number *since* on, oldest first."""

    def suppress_status_events(self, account: str, region: str, stack_name: str) -> None:
        """Drop the stack's status events before they reach EventBridge."""

    def restore_status_events(self, account: str, region: str, stack_name: str) -> None:
        """Let the stack's status events through again."""

    def follow(self, subject: str) -> None:
        """Note from now on every call of a function that concerns a stack."""

    def followed(self, subject: str) -> Sequence[Mapping[str, Any]]:
        """What was noted, in order: `function`, `action`, and `killed` (before, after or None)."""

    def kill_function(self, function: str, *, action: str, subject: str, number: int, moment: str) -> None:
        """Kill the function's process once, `before` or `after` its *number*-th such call that concerns the stack."""


class NoSuchCellError(Exception):
    """The drill's environment has no cell in this account and region."""


class DrillTimeoutError(Exception):
    """What a drill waited for did not come within its time."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One cell, the people around it, and the stage; nothing in it is a session of an account's root.

    `cells` holds the field of every cell of the environment, this one among them; all share one mapping.
    """

    cell: Cell
    team: Person
    operator: Person
    hub_operator: Person
    on_call: Person
    """Whoever operates Stackmend, in the role that is shipped for that; `operator` and `hub_operator` only look."""
    stage: Stage
    say: Callable[[str], None]
    memory: dict[str, str] = field(default_factory=dict)
    cells: "Mapping[Place, Field]" = field(default_factory=dict, repr=False, compare=False)

    def at(self, account: str, region: str) -> "Field":
        """The same drill, seen from another cell; raises NoSuchCellError with the cells that there are."""
        try:
            return self.cells[account, region]
        except KeyError:
            there = ", ".join(f"{one}/{other}" for one, other in self.cells) or "none"
            raise NoSuchCellError(f"{account}/{region}: no cell stands there; there are {there}") from None

    def wait(self, what: str, look: Callable[[], bool], *, seconds: float, or_go_on: bool = False) -> None:
        """Look until *look* is true; raises DrillTimeoutError after *seconds*, unless the caller asks afterwards what is missing.

        A drill watches from outside and must not lean on the events whose loss it rehearses: so it looks, as a person would.
        """
        deadline = time.monotonic() + seconds
        self.say(what)
        while not look():
            if time.monotonic() > deadline:
                if or_go_on:
                    return
                raise DrillTimeoutError(f"waited {seconds:.0f} s for: {what}")
            time.sleep(POLL_SECONDS)


@contextmanager
def every_undo(undos: list[Callable[[], None]], problems: list[str]) -> Iterator[None]:
    """Run every undo, last first, whatever happened, also after Ctrl-C; what an undo raises is kept in *problems*."""
    try:
        yield
    finally:
        while undos:
            undo = undos.pop()
            try:
                undo()
            except Exception as problem:  # noqa: BLE001 - the other undos must run; the journal reports this one
                problems.append(f"{type(problem).__name__}: {problem}")
