"""A recovery told in sentences: each of the five questions has an answer, and none says more than the ledger."""

from dataclasses import replace

import pytest

from drills.story import Stage
from tests.drills.told import PERSON, approval, story


def test_a_good_end_says_how_we_know() -> None:
    """The criteria that held are counted, and what nobody looked at is said."""
    told = story()

    assert told.broke == "UPDATE_ROLLBACK_FAILED, seen by its event"
    assert told.why.startswith("transient: Config (Custom::Fragile). Received response status [FAILED]")
    assert told.done == "ContinueUpdateRollback → UPDATE_ROLLBACK_FAILED; ContinueUpdateRollback → UPDATE_ROLLBACK_COMPLETE"
    assert told.health == "yes: UPDATE_ROLLBACK_COMPLETE, 2 criteria hold, 1 not looked at"
    assert told.next == "nothing for the stack; find out why Config failed before the change is deployed again"
    assert told.decided == ("the cell itself: mode act, and no step that was taken needs a person's word",)


@pytest.mark.parametrize(
    ("outcome", "then"),
    [
        ("attempts_spent", "follow https://runbooks.example.com/stackmend#attempts-spent"),
        ("paused", "nothing: it is taken up when what holds it ends (`stackmend status` says what)"),
        ("observed", "repair it by hand, or let its pattern's mode be act"),
    ],
)
def test_what_is_not_proven_healthy_is_never_called_so(outcome: str, then: str) -> None:
    """It says where the stack was last seen, and what to do."""
    told = story(outcome)

    assert told.health == "not proven: it was last seen in UPDATE_ROLLBACK_FAILED"
    assert told.next == then


def test_who_decided_is_who_started_and_who_answered() -> None:
    """By the names that IAM gave."""
    told = story(answers=(approval(),), started_by=PERSON)

    assert told.decided == (f"started by {PERSON}", f"approved by {PERSON}: seen with the team")


def test_an_open_recovery_is_not_called_ended() -> None:
    """A drill that gave up waiting shows it so."""
    told = story(outcome=None, settled_at=None)  # type: ignore[arg-type]

    assert told.next == "look at `stackmend status`: it had not ended when this was written"


def test_the_stretches_follow_one_another() -> None:
    """Each begins where something ended, or after a wait; an attempt that failed is told from one that did not."""
    told = story().stretches

    assert [one.stage for one in told] == [
        Stage.FOUND, Stage.DIAGNOSED, Stage.FAILED, Stage.ACTED, Stage.PROVEN, Stage.SETTLED,
    ]  # fmt: skip
    assert [(one.begins, one.ends) for one in told] == [(0, 0.4), (0.4, 1.9), (3, 12), (32.5, 41), (41, 43), (43, 44.2)]


def test_an_end_told_in_whole_seconds_makes_no_negative_time() -> None:
    """EventBridge cuts the fraction off, and the bar would begin after its end."""
    told = story()
    quick = replace(told, attempts=(told.attempts[0].model_copy(update={"ended_at": told.attempts[0].claimed_at}),))

    assert [one.seconds for one in quick.stretches if one.stage is Stage.FAILED] == [0]
