"""Keeps what a stack could be made again from, while it can still be read; and, of a failure, the events that explain it.

What the stack needs of others, and others of it, is read at the same time and goes into the ledger's graph, so that a recovery
need not look for it. Reads stacks and writes vault and graph: it changes no stack, and so needs neither claim nor lease.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.aws.stack_reader import Reading, SeenStack
from handlers.aws.stacks import OwnEvent, StackNow
from handlers.aws.vault import Kept
from handlers.batch import by_body, take_batch
from handlers.domain.capture import Shows, shows, why_not_good
from handlers.domain.cell import Mode
from handlers.domain.criteria import broken
from handlers.domain.errors import TransientError
from handlers.domain.events import RecoveredStack, StackEvent, read_capture_event, status_of
from handlers.domain.identity import StackKey
from handlers.domain.outcome import CaptureOutcome, Settlement
from handlers.domain.patterns import match
from handlers.domain.records import ClaimState
from handlers.domain.secrecy import secret_places
from handlers.domain.signals import Metric
from handlers.domain.stack_facts import facts_of
from handlers.domain.status import Kind
from handlers.domain.version import StackVersion, Text
from handlers.runtime import Runtime, worker
from handlers.telemetry import about, count, introduce, logger, metrics


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take a batch from the capture queue."""
    runtime = worker()
    introduce(runtime.cell, "capture")
    return take_batch(event, context, runtime, by_body(handle), CaptureOutcome)


def handle(body: str, runtime: Runtime) -> CaptureOutcome:
    """Take one message; what it says is only a hint at a stack, which is read as it is now."""
    event = read_capture_event(body, account=runtime.cell.account, region=runtime.cell.region)
    key = StackKey.of(event.stack_id)
    about(stack=str(key))
    pattern = match(key.name, runtime.cell.patterns)
    if pattern is None:
        return CaptureOutcome.UNMANAGED
    if pattern.mode is Mode.OFF:
        return CaptureOutcome.MODE_OFF
    seen = runtime.stack_reader.look(event.stack_id)
    if seen is None or seen.status.kind is Kind.GONE:
        runtime.graph.forget(key, event.stack_id, runtime.clock())
        return CaptureOutcome.VANISHED
    if seen.is_nested:
        return CaptureOutcome.NESTED
    match event:
        case StackEvent():
            return _hear(key, event, seen, runtime)
        case RecoveredStack():
            return _believe(key, event, seen, runtime)


def _hear(key: StackKey, event: StackEvent, seen: SeenStack, runtime: Runtime) -> CaptureOutcome:
    has_failed = status_of(event).kind is Kind.FAILED
    if has_failed:
        _keep_evidence(key, event, runtime)
    if shows(seen.status) is Shows.NOTHING_NEW:
        return CaptureOutcome.EVIDENCE if has_failed else CaptureOutcome.MOVED_ON
    return _capture(key, seen, runtime)


def _keep_evidence(key: StackKey, event: StackEvent, runtime: Runtime) -> None:
    """Under the failure's own id, by which the ledger knows it, too."""
    then = StackNow(stack_id=event.stack_id, name=key.name, status=status_of(event))
    failure = _own(then, runtime)
    runtime.vault.put_evidence(key, failure.end.event_id, runtime.stacks.failing_operation(event.stack_id))


def _own(now: StackNow, runtime: Runtime) -> OwnEvent:
    found = runtime.stacks.came_to_rest(now)
    if found is None:
        raise TransientError(f"{now.stack_id} is {now.status}, and its events do not say so yet")
    return found


def _capture(key: StackKey, seen: SeenStack, runtime: Runtime) -> CaptureOutcome:
    own = _own(StackNow(stack_id=seen.stack_id, name=key.name, status=seen.status), runtime)
    reading = _read(seen, runtime)
    if reading is None:
        return CaptureOutcome.MOVED_ON
    version = _version(key, seen, own.token, reading, runtime)
    _tell(runtime.vault.put_candidate(version, reading.texts), version, reading, runtime)
    if shows(seen.status) is not Shows.DEPLOYED:
        return CaptureOutcome.CANDIDATE
    _refresh_graph(key, seen, reading, runtime)
    return _promote(version, reading, runtime, validated=False)


def _believe(key: StackKey, event: RecoveredStack, seen: SeenStack, runtime: Runtime) -> CaptureOutcome:
    """Promote what a recovery has proven; its word is looked up in the ledger, not taken from the message."""
    recovery = runtime.ledger.recovery(key, event.recovery_id)
    if recovery is None or recovery.outcome != Settlement.RECOVERED or broken(recovery.criteria):
        return _withheld(f"{event.recovery_id} has not proven the stack")
    if seen.status.kind is not Kind.HEALTHY:
        return CaptureOutcome.MOVED_ON
    reading = _read(seen, runtime)
    if reading is None:
        return CaptureOutcome.MOVED_ON
    _refresh_graph(key, seen, reading, runtime)
    return _promote(_version(key, seen, None, reading, runtime), reading, runtime, validated=True)


def _refresh_graph(key: StackKey, seen: SeenStack, reading: Reading, runtime: Runtime) -> None:
    """A value that may not be kept is none that an export's or a parameter's name is put together from."""
    facts = facts_of(
        key,
        partition=runtime.cell.partition,
        templates=reading.texts,
        parameters={each.name: each.value for each in reading.made.parameters if each.value is not None},
        tags=reading.made.tags,
        exports=seen.exports,
        resources=[(one.type, one.physical_id) for one in reading.owned],
    )
    refreshed = runtime.graph.refresh(facts, seen.stack_id, runtime.clock())
    logger.info("graph", extra={"graph": refreshed.value, "unresolved": facts.unresolved})


def _read(seen: SeenStack, runtime: Runtime) -> Reading | None:
    """Read the stack; None when it moved meanwhile, for then the parts may be of two versions."""
    reading = runtime.stack_reader.read(seen, at_rest=seen.status.kind is not Kind.IN_PROGRESS)
    return reading if seen.stands_still(runtime.stack_reader.look(seen.stack_id)) else None


def _version(key: StackKey, seen: SeenStack, token: str | None, reading: Reading, runtime: Runtime) -> StackVersion:
    return StackVersion.of(
        reading.made, stack=key, stack_id=seen.stack_id, status=seen.status.value, captured_at=runtime.clock(), token=token
    )


def _promote(version: StackVersion, reading: Reading, runtime: Runtime, *, validated: bool) -> CaptureOutcome:
    claim = runtime.ledger.claim(version.stack)
    why = why_not_good(
        token=version.token,
        is_claimed=claim is not None and claim.state is ClaimState.HELD,
        has_skipped=runtime.ledger.has_skipped(version.stack),
        resources=reading.resources,
        validated=validated,
    )
    if why:
        return _withheld(why)
    _tell(runtime.vault.promote(version, reading.texts), version, reading, runtime)
    return CaptureOutcome.GOOD


def _withheld(why: str) -> CaptureOutcome:
    about(reason=why)
    return CaptureOutcome.WITHHELD


def _tell(kept: Kept, version: StackVersion, reading: Reading, runtime: Runtime) -> None:
    """Say what was kept, what was left out of it, and what had been altered in the vault."""
    if kept is Kept.WRITTEN:
        hidden = {name: why.value for name, why in version.made.hidden.items()}
        bodies = {Text.of(body): body for body in reading.texts}
        looks_secret = secret_places({what: bodies[text] for what, text in version.texts.items()})
        logger.info("captured", extra={"digest": version.digest, "hidden": hidden, "secrets_in": looks_secret})
    for finding in runtime.vault.take_repaired():
        count(Metric.VAULT_FINDING)
        logger.error("finding", extra={"finding": finding.model_dump(mode="json")})
