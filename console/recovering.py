"""What a person's word on a recovery leads to: whether a cell would take it up, the word itself, and what came of it."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from console.holding import Candidate, held_back, lease_problem
from console.plainly import NotSoError, UnusableError, asking
from console.target import Target
from handlers.aws.ledger import Unresolved
from handlers.aws.mail import Mail
from handlers.aws.people import CellPeople
from handlers.aws.stacks import StackNow
from handlers.domain.cell import Cell, Mode
from handlers.domain.events import WantedRecovery
from handlers.domain.identity import StackKey
from handlers.domain.outcome import Settlement
from handlers.domain.patterns import match
from handlers.domain.records import Failure, FailureState, Recovery
from handlers.domain.situation import Step
from handlers.domain.status import Kind

SIMULATED = Settlement.SIMULATED.value
REFUSED, UNDER_WAY, NOT_TAKEN_UP = "refused", "under_way", "not_taken_up"
TAKEN_UP_SECONDS = 120
"""A word that a cell has not taken up by then waits in its queue, or lies in the dead letters."""
LOOK_SECONDS = 1.0
"""Between two looks into the ledger: nothing tells a terminal that a record has changed."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A word that was sent."""

    cell: Cell
    key: StackKey
    wanted: WantedRecovery


@dataclass(frozen=True, kw_only=True)
class End:
    """What came of it; the outcome is the recovery's own, or one of ours where there is none yet."""

    stack: str
    outcome: str
    reason: str
    recovery_id: str | None = None
    plan_digest: str | None = None
    steps: tuple[Step, ...] = ()

    @classmethod
    def of(cls, key: StackKey, recovery: Recovery) -> "End":
        """A recovery as it stands."""
        return cls(
            stack=str(key),
            outcome=recovery.outcome or UNDER_WAY,
            reason=recovery.reason or "it goes on: `stackmend status` shows how far it is",
            recovery_id=recovery.recovery_id,
            plan_digest=recovery.plan_digest,
            steps=recovery.plan.steps if recovery.plan else (),
        )


def failed_in(target: Target) -> list[tuple[Cell, StackKey]]:
    """Every stack that the chosen cells list as broken, and that nobody is repairing."""
    found: dict[tuple[str, StackKey], tuple[Cell, StackKey]] = {}
    for plan in target.chosen:
        for failure in _unresolved(target, plan.cell).failures:
            if failure.state not in {FailureState.OPEN, FailureState.PARKED}:
                found[plan.cell.key, failure.stack] = (plan.cell, failure.stack)
    return list(found.values())


def look(target: Target, cell: Cell, key: StackKey, *, simulate: bool) -> StackNow:
    """The broken stack, where the cell would take a word on it up; raises NotSoError with what is against it."""
    now = target.root_stack(key)
    if now.status.kind is not Kind.FAILED:
        raise NotSoError(f"{key} is {now.status}: there is nothing to recover" + _in_progress(now))
    against = _mode(cell, key, simulate=simulate) or _against(target, cell, key, simulate=simulate)
    if against:
        raise NotSoError(f"{key}: {against}")
    return now


def _in_progress(now: StackNow) -> str:
    return ", an operation is under way" if now.status.kind is Kind.IN_PROGRESS else ""


def _unresolved(target: Target, cell: Cell) -> Unresolved:
    with asking(f"reading {cell.ledger_table}"):
        return target.ledger(cell).unresolved()


def _mode(cell: Cell, key: StackKey, *, simulate: bool) -> str | None:
    pattern = match(key.name, cell.patterns)
    mode = pattern.mode if pattern else Mode.OFF
    if mode is Mode.OFF:
        return "its pattern's mode is off: the cell does not even look at it"
    if mode is Mode.OBSERVE and not simulate:
        return "its pattern's mode is observe: nothing would be changed; ask with --simulate, or let the mode be act"
    return None


def _against(target: Target, cell: Cell, key: StackKey, *, simulate: bool) -> str | None:
    """What the cell's lease and ledger have against it; a simulation needs the lease alone."""
    unresolved, authority, at = _unresolved(target, cell), target.hub(cell).read(), datetime.now(UTC)
    problem = lease_problem(cell, authority, at)
    if problem:
        return f"the cell may not act: {problem}"
    if simulate:
        return None
    failure = next((each for each in unresolved.failures if each.stack == key), None)
    candidate = Candidate(cell=cell, stack=key, failure=failure, unresolved=unresolved)
    held = held_back(candidate, authority.environment_switch, at)
    return _under_repair(failure) or (f"{held.sentence}; `stackmend status` says what ends it" if held else None)


def _under_repair(failure: Failure | None) -> str | None:
    if failure is not None and failure.state is FailureState.PARKED:
        return "it waits for stacks that it needs and that are broken too: recover those, and it follows"
    if failure is not None and failure.state is FailureState.OPEN:
        return f"it is being recovered already, by {failure.recovery_id}"
    return None


def ask(target: Target, cell: Cell, now: StackNow, *, simulate: bool) -> Asked:
    """Send the word into the cell's intake queue; SQS tells the cell which session sent it."""
    by = target.by(cell.account)
    if ":assumed-role/" not in by:
        raise UnusableError(
            f"{by} is no session of a role, and SQS would not say your name: name operator_role in the settings"
            " (bootstrap/stackmend-operator.yaml)"
        )
    wanted = WantedRecovery(
        stack_id=now.stack_id, request_id=uuid.uuid4().hex, by=by, wanted_at=datetime.now(UTC), simulate=simulate
    )
    with asking(f"asking {cell.intake_queue}"):
        Mail(target.client(cell.account, cell.region, "sqs"), cell.account).send(cell.intake_queue, wanted)
    return Asked(cell=cell, key=StackKey.of(now.stack_id), wanted=wanted)


def await_end(target: Target, asked: Asked, say: Callable[[str], None], *, seconds: float) -> End:
    """Look until it has ended, or for *seconds*; one that is not taken up in time is not waited for."""
    people = CellPeople(target.table(asked.cell), asked.cell.key)
    began = time.monotonic()
    while True:
        with asking(f"reading {asked.cell.ledger_table}"):
            found = people.came_of(asked.key, asked.wanted)
        waited = time.monotonic() - began
        say(f"{asked.key.name}: {_stage(found)}")
        if found is not None and (found.outcome or waited >= seconds):
            return End.of(asked.key, found)
        if found is None and waited >= min(TAKEN_UP_SECONDS, seconds):
            return _not_taken_up(asked)
        time.sleep(LOOK_SECONDS)


def _stage(found: Recovery | None) -> str:
    if found is None:
        return "asked"
    if found.diagnosed_at is None:
        return "taken up"
    return f"diagnosed; {found.attempts} attempts have ended" if found.attempts else "diagnosed and planned"


def _not_taken_up(asked: Asked) -> End:
    reason = f"{asked.cell.intake_queue} has the word and no recovery has come of it: see `stackmend status` and the dead letters"
    return End(stack=str(asked.key), outcome=NOT_TAKEN_UP, reason=reason)
