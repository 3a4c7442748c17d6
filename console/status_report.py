"""What `stackmend status` knows: every cell, what holds it back, and each unresolved failure with what to do next. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from console.holding import Candidate, held_back, lease_problem
from handlers.aws.lease import Authority
from handlers.aws.ledger import Unresolved
from handlers.domain.breaker import why_open
from handlers.domain.cell import Cell
from handlers.domain.freeze import frozen_until
from handlers.domain.moment import iso
from handlers.domain.outcome import Reason, Restraint
from handlers.domain.records import Attempt, Failure, FailureState, Pause, Switch

SCHEMA_VERSION = 1


class Group(StrEnum):
    """What a failure asks of whoever reads; the groups in the order in which they are shown."""

    NEEDS_A_PERSON = "needs_a_person"
    WAITS = "waits"
    UNDER_REPAIR = "under_repair"
    OBSERVED = "observed"


class CellState(StrEnum):
    """Whether a cell would act on a stack that fails now."""

    ACTS = "acts"
    STOPPED = "stopped"
    NO_LEASE = "no_lease"
    NOT_READ = "not_read"


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One cell as it was read; *problem* says why nothing was."""

    account_name: str
    cell: Cell
    authority: Authority
    unresolved: Unresolved = field(default_factory=Unresolved)
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class CellRow:
    """A cell, and why it does not act."""

    account: str
    account_name: str
    region: str
    state: CellState
    why: str
    lease_holder: str | None
    lease_epoch: int | None
    lease_until: str | None


@dataclass(frozen=True, kw_only=True)
class FailureRow:
    """A broken stack."""

    group: Group
    account: str
    account_name: str
    region: str
    stack: str
    status: str
    failed_at: str
    code: str
    why: str
    next: str
    recovery_id: str


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A pause, a freeze or an open breaker that holds now."""

    kind: str
    what: str
    why: str
    until: str | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """The whole environment at one moment."""

    environment: str
    at: str
    switch: Switch
    cells: tuple[CellRow, ...]
    failures: tuple[FailureRow, ...]
    holds: tuple[Hold, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every cell could be read."""
        return all(row.state is not CellState.NOT_READ for row in self.cells)

    def as_data(self) -> dict[str, Any]:
        """The report for a program."""
        plain = asdict(self) | {"switch": self.switch.model_dump(mode="json")}
        return {"schema_version": SCHEMA_VERSION, **plain, "is_whole": self.is_whole}


def report(environment: str, sights: Sequence[Sight], now: datetime) -> Report:
    """Put together what was read."""
    switch = next((each.authority.environment_switch for each in sights if not each.authority.errors), Switch())
    failures = [row for sight in sights for row in _failures(sight, switch, now)]
    order = list(Group)
    return Report(
        environment=environment,
        at=iso(now),
        switch=switch,
        cells=tuple(_cell(sight, switch, now) for sight in sights),
        failures=tuple(sorted(failures, key=lambda row: (order.index(row.group), row.failed_at))),
        holds=tuple(_holds(sights, now)),
    )


def _cell(sight: Sight, switch: Switch, now: datetime) -> CellRow:
    cell, lease = sight.cell, sight.authority.lease
    state, why = _state(sight, switch, now)
    return CellRow(
        account=cell.account,
        account_name=sight.account_name,
        region=cell.region,
        state=state,
        why=why,
        lease_holder=lease.holder if lease else None,
        lease_epoch=lease.epoch if lease else None,
        lease_until=iso(datetime.fromtimestamp(lease.expires_at_ms / 1000, now.tzinfo)) if lease else None,
    )


def _state(sight: Sight, switch: Switch, now: datetime) -> tuple[CellState, str]:
    cell = sight.cell
    if sight.problem:
        return CellState.NOT_READ, sight.problem
    thrown = switch.why("environment") or sight.unresolved.switch.why("cell")
    if thrown:
        return CellState.STOPPED, thrown
    problem = lease_problem(cell, sight.authority, now)
    if problem:
        return CellState.NO_LEASE, problem
    return CellState.ACTS, ""


def _failures(sight: Sight, switch: Switch, now: datetime) -> Iterable[FailureRow]:
    attempts = {each.recovery_id: each for each in sorted(sight.unresolved.attempts, key=lambda each: each.attempt)}
    for failure in sight.unresolved.failures:
        group = _group(failure)
        why, then = _said(group, failure, attempts, _restraint(failure, sight, switch, now), sight)
        yield FailureRow(
            group=group,
            account=failure.stack.account,
            account_name=sight.account_name,
            region=failure.stack.region,
            stack=failure.stack.name,
            status=failure.status,
            failed_at=iso(failure.failed_at),
            code=failure.outcome or failure.state.value,
            why=why,
            next=then,
            recovery_id=failure.recovery_id,
        )


def _group(failure: Failure) -> Group:
    return {
        FailureState.ESCALATED: Group.NEEDS_A_PERSON,
        FailureState.WAITING: Group.WAITS,
        FailureState.PARKED: Group.WAITS,
        FailureState.OPEN: Group.UNDER_REPAIR,
        FailureState.SETTLED: Group.OBSERVED,
    }[failure.state]


def _restraint(failure: Failure, sight: Sight, switch: Switch, now: datetime) -> tuple[Reason | None, bool]:
    """What holds the stack back now, and whether it is the environment's switch."""
    found = held_back(Candidate(cell=sight.cell, stack=failure.stack, failure=failure, unresolved=sight.unresolved), switch, now)
    return found, not sight.unresolved.switch.stopped


def _said(
    group: Group, failure: Failure, attempts: Mapping[str, Attempt], held: tuple[Reason | None, bool], sight: Sight
) -> tuple[str, str]:
    """Why it is where it is, and what to do next."""
    where = f"--account {sight.account_name} --region {sight.cell.region}"
    if group is Group.NEEDS_A_PERSON:
        heading = (failure.outcome or "").replace("_", "-")
        explain = f"stackmend explain {failure.stack.name} --region {sight.cell.region}"
        return failure.reason, f"{sight.cell.runbook_url}#{heading}; {explain}"
    if group is Group.WAITS:
        return _waits(failure, *held, where)
    if group is Group.OBSERVED:
        return failure.reason, "nothing was changed, as the mode says: repair it by hand, or let the pattern's mode be act"
    return _doing(attempts.get(failure.recovery_id)), f"nothing: it is being repaired, since {iso(failure.begun_at)}"


def _doing(attempt: Attempt | None) -> str:
    if attempt is None:
        return "no attempt under way"
    return f"attempt {attempt.attempt}: {attempt.operation} since {iso(attempt.ordered_at)}"


def _waits(failure: Failure, held: Reason | None, is_everywhere: bool, where: str) -> tuple[str, str]:
    if failure.state is FailureState.PARKED and held is None and not failure.waits_for:
        return "its cell has as many recoveries as it may", "nothing: it is taken up when one of those ends"
    if failure.waits_for:
        behind = ", ".join(each.rpartition("/")[2] for each in failure.waits_for)
        return f"parked behind {behind}, which it needs", "nothing: it is taken up when those are healthy"
    if held is None:
        return "nothing holds it any more", "nothing: the next heartbeat takes it up, within a minute"
    undo = {
        Restraint.STOPPED: f"stackmend start --reason WHY {'--everywhere' if is_everywhere else where}",
        Restraint.PAUSED: f"stackmend resume {failure.stack.name} --reason WHY {where}",
        Restraint.FROZEN: "nothing: it is taken up when the freeze ends",
        Restraint.BREAKER_OPEN: f"stackmend breaker show {where}",
    }
    return held.sentence, undo[Restraint(held.code)]


def _holds(sights: Sequence[Sight], now: datetime) -> Iterable[Hold]:
    for sight in sights:
        for pause in sight.unresolved.pauses:
            if pause.holds(now):
                yield _pause(pause)
        for breaker in sight.unresolved.breakers:
            yield Hold(
                kind="breaker",
                what=f"{sight.cell.account}/{sight.cell.region} {breaker.name}",
                why=why_open(breaker, now),
                until=iso(breaker.retry_at) if breaker.retry_at else None,
            )
    freezes = {freeze.name: freeze for sight in sights for freeze in sight.cell.freezes}
    for freeze in freezes.values():
        found = frozen_until((freeze,), freeze.tiers[0] if freeze.tiers else "", now)
        if found:
            tiers = ", ".join(freeze.tiers) or "all"
            yield Hold(kind="freeze", what=freeze.name, why=f"by the settings, for tiers: {tiers}", until=iso(found[1]))


def _pause(pause: Pause) -> Hold:
    return Hold(kind="pause", what=str(pause.stack), why=pause.why(), until=iso(pause.until) if pause.until else None)
