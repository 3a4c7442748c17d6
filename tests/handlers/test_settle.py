"""Settle closes failure, recovery and claim at once."""

import pytest

from handlers import diagnose, intake
from handlers.aws.ledger import Unresolved
from handlers.domain.decision import Decision
from handlers.domain.outcome import CloseOutcome, IntakeOutcome
from handlers.domain.payload import Payload, SettlePayload
from handlers.domain.records import ClaimState, FailureState
from handlers.settle import NotASettlementError, handle
from tests.handlers.bench import BenchRuntime
from tests.handlers.journey import broken, claimed, decided, diagnosed


def test_a_recovery_is_closed_once(bench: BenchRuntime) -> None:
    """A repeat changes nothing."""
    payload = decided(claimed(bench, broken(bench)), Decision(route="settle", reason="recovered: it is well"))

    assert handle(payload, bench) is CloseOutcome.CLOSED
    bench.time.pass_seconds(60)
    assert handle(payload, bench) is CloseOutcome.ALREADY_CLOSED

    (failure,), (claim,) = bench.failures(), bench.claims()
    assert (failure.state, failure.outcome) == (FailureState.SETTLED, "recovered")
    assert claim.state is ClaimState.RELEASED
    recovery = bench.ledger.recovery(payload.stack, payload.recovery_id)
    assert recovery is not None
    assert (recovery.outcome, recovery.reason) == ("recovered", "it is well")
    assert bench.ledger.unresolved() == Unresolved()


def test_an_observed_stack_stays_on_the_list_while_it_is_broken(bench: BenchRuntime) -> None:
    """Or every heartbeat would find it anew."""
    state = claimed(bench, broken(bench, "shadow-one"))
    handle(decided(state, diagnose.handle(Payload.model_validate(state), bench)), bench)

    assert [failure.outcome for failure in bench.ledger.unresolved().failures] == ["observed"]


def test_what_has_to_wait_is_kept_and_its_claim_released(bench: BenchRuntime) -> None:
    """The failure waits on the list; a late repeat changes nothing once its next turn has begun."""
    stack = broken(bench)
    state = diagnosed(bench, stack)
    held = {"Error": "HeldError", "Cause": '{"errorMessage": "paused: by somebody", "errorType": "HeldError"}'}
    payload = SettlePayload.model_validate({**state, "error": held})

    assert handle(payload, bench) is CloseOutcome.CLOSED

    (failure,) = bench.ledger.unresolved().failures
    assert (failure.state, failure.outcome) == (FailureState.WAITING, "paused")
    assert bench.claims()[0].state is ClaimState.RELEASED
    assert intake.handle(bench.event_of(stack), bench) is IntakeOutcome.STARTED
    assert handle(payload, bench) is CloseOutcome.ALREADY_CLOSED
    assert [each.state for each in bench.failures()] == [FailureState.OPEN]


@pytest.mark.parametrize("cause", ["no_lease: not a restraint", "", "{}"])
def test_an_error_that_is_no_restraint_goes_to_a_person(bench: BenchRuntime, cause: str) -> None:
    """The machine sends only what is held here; anything else has lost its way."""
    state = diagnosed(bench, broken(bench))

    with pytest.raises(NotASettlementError):
        handle(SettlePayload.model_validate({**state, "error": {"Error": "HeldError", "Cause": cause}}), bench)


@pytest.mark.parametrize("reason", ["", "attempts_spent: 3 of 3", "well"])
def test_what_names_no_settlement_goes_to_a_person(bench: BenchRuntime, reason: str) -> None:
    """The machine's Catch takes it to Escalate."""
    payload = decided(claimed(bench, broken(bench)), Decision(route="settle", reason=reason))

    with pytest.raises(NotASettlementError):
        handle(payload, bench)
    assert bench.failures()[0].state is FailureState.OPEN
