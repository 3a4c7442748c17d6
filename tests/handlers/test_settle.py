"""Settle closes failure, recovery and claim at once."""

import pytest

from handlers import diagnose
from handlers.domain.decision import Decision
from handlers.domain.outcome import CloseOutcome
from handlers.domain.payload import Payload
from handlers.domain.records import ClaimState, FailureState
from handlers.settle import NotASettlementError, handle
from tests.handlers.bench import BenchRuntime
from tests.handlers.journey import broken, claimed, decided


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
    assert bench.ledger.unresolved() == ((), ())


def test_an_observed_stack_stays_on_the_list_while_it_is_broken(bench: BenchRuntime) -> None:
    """Or every heartbeat would find it anew."""
    state = claimed(bench, broken(bench, "shadow-one"))
    handle(decided(state, diagnose.handle(Payload.model_validate(state), bench)), bench)

    assert [failure.outcome for failure in bench.ledger.unresolved()[0]] == ["observed"]


@pytest.mark.parametrize("reason", ["", "attempts_spent: 3 of 3", "well"])
def test_what_names_no_settlement_goes_to_a_person(bench: BenchRuntime, reason: str) -> None:
    """The machine's Catch takes it to Escalate."""
    payload = decided(claimed(bench, broken(bench)), Decision(route="settle", reason=reason))

    with pytest.raises(NotASettlementError):
        handle(payload, bench)
    assert bench.failures()[0].state is FailureState.OPEN
