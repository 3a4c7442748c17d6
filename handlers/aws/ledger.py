"""The cell's ledger: every write is conditional, so that a repeat or a late comer finds what is, and changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from handlers.aws.ledger_items import (
    INDEX,
    INDEX_HASH,
    LISTING,
    SCHEMA_VERSION,
    cell_pk,
    expiry,
    item_of,
    listed,
    sk_of,
    stack_pk,
)
from handlers.aws.table import ALWAYS, Table, Write
from handlers.domain.breaker import Breaker, as_reset
from handlers.domain.identity import StackKey, key_of
from handlers.domain.moment import iso
from handlers.domain.outcome import Reason
from handlers.domain.records import (
    Attempt,
    AttemptState,
    Claim,
    ClaimState,
    End,
    Failure,
    FailureState,
    Pause,
    Recovery,
    Switch,
    Waiter,
)


class AlreadyClaimedError(Exception):
    """The failure is in the ledger already, or another recovery holds the stack's claim."""


class AttemptEndedError(Exception):
    """The attempt has ended: it can be neither ordered nor accepted again."""


class RecoveryUnknownError(Exception):
    """The ledger holds no such recovery, although its execution runs."""


class LedgerContradictsItselfError(Exception):
    """A failure is open and its claim is not its recovery's: no handler writes that; look at the stack's items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How a failure, its recovery and its claim are closed, all at once."""

    stack: StackKey
    failure_id: str
    recovery_id: str
    state: FailureState
    outcome: str
    reason: str
    at: datetime
    failure_class: str | None = None
    """Kept with a failure that waits for its class's breaker."""
    stays_listed: bool
    """Whether the stack is still broken, so that the heartbeat must go on looking at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """The list of what is unresolved; a hint, as an index may lag: whoever acts on it reads again."""

    failures: tuple[Failure, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    pauses: tuple[Pause, ...] = ()
    breakers: tuple[Breaker, ...] = ()
    """The open ones."""
    switch: Switch = field(default_factory=Switch)
    """The cell's own."""


def _slot(number: int) -> str:
    return f"SLOT#{number:04}"


class Ledger:
    """What one cell writes about its stacks."""

    def __init__(self, table: Table, *, cell: str, days: int) -> None:
        self._table = table
        self._cell = cell
        self._days = days

    @property
    def consumed_units(self) -> float:
        """Capacity units consumed so far by this worker."""
        return self._table.consumed_units

    def claim(self, key: StackKey) -> Claim | None:
        """Read who holds a stack, consistently."""
        item = self._table.get(stack_pk(key), "CLAIM")
        return Claim.model_validate(item) if item else None

    def failure(self, key: StackKey, failure_id: str) -> Failure | None:
        """Read a failure, consistently."""
        item = self._table.get(stack_pk(key), f"FAILURE#{failure_id}")
        return Failure.model_validate(item) if item else None

    def recovery(self, key: StackKey, recovery_id: str) -> Recovery | None:
        """Read a recovery, consistently."""
        item = self._table.get(stack_pk(key), f"RECOVERY#{recovery_id}")
        return Recovery.model_validate(item) if item else None

    def attempt(self, key: StackKey, token: str) -> Attempt | None:
        """Read an attempt, consistently."""
        item = self._table.get(stack_pk(key), f"ATTEMPT#{token}")
        return Attempt.model_validate(item) if item else None

    def switch(self) -> Switch:
        """Read the cell's kill switch, consistently."""
        return Switch.model_validate(self._table.get(cell_pk(self._cell), "SWITCH") or {})

    def pause(self, key: StackKey) -> Pause | None:
        """Read what people said about a stack, consistently."""
        item = self._table.get(stack_pk(key), "PAUSE")
        return Pause.model_validate(item) if item else None

    def has_skipped(self, key: StackKey) -> bool:
        """Whether resources of the stack were skipped and are not reconciled yet; consistently."""
        return self._table.get(stack_pk(key), "SKIPPED") is not None

    def let_wait(self, failure: Failure) -> None:
        """Write a failure that may not be taken up yet; one that is known stays as it is."""
        self._table.do(self._table.put(item_of(failure, **listed(failure)), "attribute_not_exists(pk)"))

    def waiters(self, key: StackKey) -> tuple[Waiter, ...]:
        """Who was parked behind a stack and has not been told of its end; consistently."""
        items = self._table.under(stack_pk(key), "WAITER#")
        return tuple(Waiter.model_validate({**item, "behind": key}) for item in items if "told_at" not in item)

    def newest(self, key: StackKey, claim: Claim | None) -> Failure | None:
        """The newest failure of a stack that its *claim*, or what made it rest without one, tells of; consistently."""
        rest = self._table.get(stack_pk(key), "REST")
        ids = dict.fromkeys([*([claim.failure_id] if claim else []), *([rest["failure_id"]] if rest else [])])
        found = [failure for failure in (self.failure(key, each) for each in ids) if failure is not None]
        return max(found, key=lambda failure: failure.failed_at, default=None)

    def rest(self, failure: Failure) -> bool:
        """Write a failure that rests because of others, and with each of those that it waits for; False when it was taken up."""
        pk, at = stack_pk(failure.stack), failure.parked_at or failure.detected_at
        until = {"schema_version": SCHEMA_VERSION, "expires_at": expiry(at, self._days)}
        fresh = "attribute_not_exists(pk) OR (#state <> :open AND turn = :turn)"
        values = {":open": FailureState.OPEN.value, ":turn": failure.turn}
        word = {"sk": f"WAITER#{failure.stack.name}", "stack": failure.stack.model_dump(), **until}
        word["failure_id"] = failure.failure_id
        producers = failure.waits_for if failure.state is FailureState.PARKED else ()
        return self._table.do_all(
            self._table.put(item_of(failure, **listed(failure)), fresh, values),
            self._table.put({"pk": pk, "sk": "REST", "failure_id": failure.failure_id, **until}, ALWAYS),
            *(self._table.put({"pk": stack_pk(key_of(one)), **word}, ALWAYS) for one in producers),
        )

    def give_up(self, failure: Failure) -> None:
        """Write that a parked failure belongs to the incident that its root is; one that was taken up meanwhile goes on."""
        told = failure.model_dump(mode="json", include={"state", "outcome", "reason", "root", "closed_at"})
        values = {":parked": FailureState.PARKED.value, ":turn": failure.turn}
        key = (stack_pk(failure.stack), sk_of(failure))
        self._table.do(self._table.change(key, "#state = :parked AND turn = :turn", sets=told, values=values))

    def release(self, waiter: Waiter, producer: str) -> Failure | None:
        """Take *producer* out of the set of a parked stack; returns it as it waits then, None when it is parked no more."""
        while True:
            failure = self.failure(waiter.stack, waiter.failure_id)
            if failure is None or failure.state is not FailureState.PARKED or producer not in failure.waits_for:
                return failure if failure is not None and failure.state is FailureState.PARKED else None
            left = [each for each in failure.waits_for if each != producer]
            write = self._table.change(
                (stack_pk(failure.stack), sk_of(failure)),
                "#state = :parked AND waits_for = :before",
                sets={"waits_for": left},
                values={":parked": FailureState.PARKED.value, ":before": list(failure.waits_for)},
            )
            if self._table.do(write) is not None:
                return failure.model_copy(update={"waits_for": tuple(left)})

    def told(self, waiter: Waiter, at: datetime) -> None:
        """Note that a parked stack knows of the end of what it waited for."""
        key = (stack_pk(waiter.behind), f"WAITER#{waiter.stack.name}")
        same = self._table.change(key, "failure_id = :failure", sets={"told_at": iso(at)}, values={":failure": waiter.failure_id})
        self._table.do(same)

    def open(self, failure: Failure, claim: Claim, recovery: Recovery) -> None:
        """Write a failure, its claim and its recovery: all three or none.

        A failure that waited, or was left alone for its mode, is taken up in its next turn, and each turn once. A released claim
        may be taken over only under the same or a higher fence, so that a region that lost the lease and comes back cannot take a
        stack from its successor.
        """
        new = "attribute_not_exists(pk) OR (#state <> :open AND turn < :turn)"
        free = "attribute_not_exists(pk) OR (#state = :released AND fence <= :fence)"
        took_place = self._table.do_all(
            self._table.put(item_of(failure, **listed(failure)), new, {":open": FailureState.OPEN.value, ":turn": failure.turn}),
            self._table.put(item_of(claim), free, {":released": ClaimState.RELEASED.value, ":fence": claim.fence}),
            self._table.put(item_of(recovery), "attribute_not_exists(pk)"),
            *self._taking(claim),
        )
        if not took_place:
            raise AlreadyClaimedError(f"{failure.stack} is claimed, or {failure.failure_id} is known")

    def taken_slots(self) -> frozenset[int]:
        """The places of the recoveries that run, consistently."""
        items = self._table.under(cell_pk(self._cell), "SLOT#")
        return frozenset(int(item["slot"]) for item in items if item["recovery_id"])

    def _taking(self, claim: Claim) -> tuple[Write, ...]:
        if claim.slot is None:
            return ()
        item = {"pk": cell_pk(self._cell), "sk": _slot(claim.slot), "schema_version": SCHEMA_VERSION, "slot": claim.slot}
        is_free = "attribute_not_exists(pk) OR recovery_id = :nobody"
        return (self._table.put({**item, "recovery_id": claim.recovery_id}, is_free, {":nobody": ""}),)

    def _leaving(self, closing: Closing) -> tuple[Write, ...]:
        claim = self.claim(closing.stack)
        if claim is None or claim.slot is None or claim.recovery_id != closing.recovery_id:
            return ()
        key = (cell_pk(self._cell), _slot(claim.slot))
        own = {":recovery": closing.recovery_id}
        return (self._table.change(key, "recovery_id = :recovery", sets={"recovery_id": ""}, values=own),)

    def offer(self, failure: Failure) -> bool:
        """Offer room to a parked stack that waits for nothing else; False when another recovery has, or it is parked no more."""
        write = self._table.change(
            (stack_pk(failure.stack), sk_of(failure)),
            "#state = :parked AND offers = :offers",
            sets={"offers": failure.offers + 1},
            values={":parked": FailureState.PARKED.value, ":offers": failure.offers},
        )
        return self._table.do(write) is not None

    def note_simulation(self, recovery: Recovery) -> None:
        """Write what a simulation is about, beside the stack's other records; one that is there stays as it is."""
        item = item_of(recovery, expires_at=expiry(recovery.detected_at, self._days))
        self._table.do(self._table.put(item, "attribute_not_exists(pk)"))

    def end_simulation(self, key: StackKey, recovery_id: str, reason: Reason, at: datetime) -> None:
        """Write what a simulation came to; nothing else is closed by it, since it holds nothing."""
        self.amend(key, recovery_id, settled_at=iso(at), outcome=reason.code.value, reason=reason.sentence)

    def amend(self, key: StackKey, recovery_id: str, **fields: object) -> None:
        """Add *fields* to a recovery that exists."""
        write = self._table.change((stack_pk(key), f"RECOVERY#{recovery_id}"), "attribute_exists(pk)", sets=fields)
        if self._table.do(write) is None:
            raise RecoveryUnknownError(f"{key} has no recovery {recovery_id} in the ledger")

    def order(self, attempt: Attempt) -> None:
        """Keep an attempt with its task token before the call; a repeat overwrites the dead token of its forerunner."""
        item = item_of(attempt, **listed(attempt), expires_at=expiry(attempt.ordered_at, self._days))
        fresh = "attribute_not_exists(pk) OR (recovery_id = :recovery AND attempt = :attempt AND #state = :ordered)"
        values = {":recovery": attempt.recovery_id, ":attempt": attempt.attempt, ":ordered": AttemptState.ORDERED.value}
        if self._table.do(self._table.put(item, fresh, values)) is None:
            # CloudFormation had accepted the call: only the token changes. Or it has ended, and then this raises.
            self._move(attempt, AttemptState.ACCEPTED, {"task_token": attempt.task_token})

    def accept(self, attempt: Attempt, *, request_id: str, at: datetime) -> None:
        """Note that CloudFormation took the operation on."""
        fields = {"state": AttemptState.ACCEPTED.value, "request_id": request_id, "accepted_at": iso(at)}
        self._move(attempt, AttemptState.ORDERED, fields)

    def _move(self, attempt: Attempt, state: AttemptState, fields: Mapping[str, object]) -> None:
        key = (stack_pk(attempt.stack), sk_of(attempt))
        write = self._table.change(key, "#state = :expected", sets=dict(fields), values={":expected": state.value})
        if self._table.do(write) is None:
            raise AttemptEndedError(f"attempt {attempt.token} of {attempt.stack} is not {state.value} any more")

    def end(self, key: StackKey, token: str, end: End, *, stays_listed: bool = False) -> Attempt | None:
        """Note how an attempt ended, once; returns it as it then stands, None when there is no such attempt.

        It stays listed where somebody else waits for it and is yet to be woken: a death in between is seen by the next heartbeat.
        """
        write = self._table.change(
            (stack_pk(key), f"ATTEMPT#{token}"),
            "attribute_exists(pk) AND #state <> :ended",
            sets={"state": "ended", "end_status": end.status, "ended_at": iso(end.at), "end_event_id": end.event_id},
            removes=() if stays_listed else LISTING,
            values={":ended": AttemptState.ENDED.value},
        )
        after = self._table.do(write, returns="ALL_NEW")
        return self.attempt(key, token) if after is None else Attempt.model_validate(after)

    def heard(self, attempt: Attempt, at: datetime) -> None:
        """Take an attempt off the list: whoever waited for its end was told, or nobody waits any more."""
        key = (stack_pk(attempt.stack), sk_of(attempt))
        self._table.do(self._table.change(key, "attribute_exists(pk)", sets={"heard_at": iso(at)}, removes=LISTING))

    def close(self, closing: Closing) -> bool:
        """Close a failure with its recovery and its claim; False when it is closed already."""
        if self._table.do_all(*self._closing_writes(closing), *self._leaving(closing)):
            return True
        failure = self.failure(closing.stack, closing.failure_id)
        is_ours = failure is not None and failure.recovery_id == closing.recovery_id
        if failure is None or (is_ours and failure.state is FailureState.OPEN):
            raise LedgerContradictsItselfError(
                f"{closing.stack}: {closing.failure_id} is {failure.state.value if failure else 'missing'},"
                f" yet {closing.recovery_id} holds no claim for it"
            )
        return False

    def _closing_writes(self, closing: Closing) -> tuple[Write, Write, Write]:
        pk, at = stack_pk(closing.stack), iso(closing.at)
        expires: dict[str, object] = {"expires_at": expiry(closing.at, self._days)}
        said: dict[str, object] = {"outcome": closing.outcome, "reason": closing.reason}
        of_class: dict[str, object] = {"failure_class": closing.failure_class} if closing.failure_class else {}
        kept = of_class if closing.stays_listed else expires | of_class
        return (
            self._table.change(
                (pk, f"FAILURE#{closing.failure_id}"),
                "#state = :open AND recovery_id = :recovery",
                sets={"state": closing.state.value, "closed_at": at, **said, **kept},
                removes=() if closing.stays_listed else LISTING,
                values={":open": FailureState.OPEN.value, ":recovery": closing.recovery_id},
            ),
            self._table.change(
                (pk, f"RECOVERY#{closing.recovery_id}"), "attribute_exists(pk)", sets={"settled_at": at, **said, **expires}
            ),
            self._table.change(
                (pk, "CLAIM"),
                "recovery_id = :recovery AND #state = :held",
                sets={"state": ClaimState.RELEASED.value, **expires},
                values={":recovery": closing.recovery_id, ":held": ClaimState.HELD.value},
            ),
        )

    def unresolved(self) -> Unresolved:
        """All that is open, or closed and still broken, and what people have said: one query."""
        items = list(self._table.query(INDEX, INDEX_HASH, self._cell))
        return Unresolved(
            failures=tuple(Failure.model_validate(item) for item in items if item["sk"].startswith("FAILURE#")),
            attempts=tuple(Attempt.model_validate(item) for item in items if item["sk"].startswith("ATTEMPT#")),
            pauses=tuple(Pause.model_validate(item) for item in items if item["sk"] == "PAUSE"),
            breakers=tuple(as_reset(Breaker.model_validate(item)) for item in items if item["sk"].startswith("BREAKER")),
            switch=next((Switch.model_validate(item) for item in items if item["sk"] == "SWITCH"), Switch()),
        )

    def take_off(self, failure: Failure, at: datetime) -> None:
        """Take a closed failure off the list: its stack has left the failed status."""
        self._relist(failure, {"healthy_at": iso(at), "expires_at": expiry(at, self._days)}, LISTING)

    def put_back(self, failure: Failure) -> None:
        """Put a closed failure back on the list: its stack is still broken."""
        self._relist(failure, dict(listed(failure)), ("expires_at", "healthy_at"))

    def _relist(self, failure: Failure, sets: dict[str, object], removes: tuple[str, ...]) -> None:
        """An open failure is its recovery's: the condition leaves it alone, and that is no error."""
        key = (stack_pk(failure.stack), sk_of(failure))
        values = {":open": FailureState.OPEN.value}
        self._table.do(
            self._table.change(key, "attribute_exists(pk) AND #state <> :open", sets=sets, removes=removes, values=values)
        )
