"""What the drill of people and the calendar asks: it finds a change while something holds, a lost wait, a repair done twice."""

from collections.abc import Callable
from typing import Any

import pytest

from drills import people_first
from drills.field import Field
from drills.people_first import FROZEN, OBSERVED, PAUSED, STOPPED
from handlers.domain.outcome import Restraint
from tests.drills.conftest import RememberedStage
from tests.drills.test_measure import CONTINUE, call, ledger_of

Make = Callable[..., Field]
EARLIER, LATER = "2026-03-04T11:59:59.000Z", "2026-03-04T12:00:01.000Z"
CHANGE, OTHER = call("act-roll", CONTINUE, STOPPED, StackName=STOPPED), call("act-roll", CONTINUE, PAUSED, StackName=PAUSED)
LOOK = call("diagnose", "cloudformation:DescribeStacks", STOPPED, StackName=STOPPED)


@pytest.mark.parametrize(
    ("seen", "holds"),
    [([CHANGE, LOOK, LOOK], True), ([LOOK, CHANGE, LOOK], False), ([LOOK, OTHER, LOOK], False), ([LOOK, LOOK, CHANGE], True)],
    ids=["before", "meanwhile", "another stack", "afterwards"],
)
def test_a_change_while_the_cell_is_stopped_is_found(make_field: Make, seen: list[Any], *, holds: bool) -> None:
    """Of any stack; what was done before the switch was thrown, and after it was turned back, is no offence."""
    field = make_field(stage=RememberedStage(seen=seen), memory={"stopped_at": "1", "released_at": "2"})

    assert (people_first._nothing_was_changed_while_stopped(field) is None) is holds


@pytest.mark.parametrize(("seen", "holds"), [([OTHER, LOOK], False), ([CHANGE, LOOK], True), ([LOOK, LOOK, OTHER], True)])
def test_a_change_of_the_paused_stack_is_found(make_field: Make, seen: list[Any], *, holds: bool) -> None:
    """Of that stack alone, until it is released."""
    field = make_field(stage=RememberedStage(seen=seen), memory={"released_at": "2"})

    assert (people_first._nothing_was_changed_while_paused(field) is None) is holds


@pytest.mark.parametrize(
    ("failures", "problem"),
    [
        ([("waiting", "frozen")], None),
        ([("waiting", "paused")], f"the failures of {FROZEN} are [('waiting', 'paused')]"),
        ([("escalated", "no_role")], f"the failures of {FROZEN} are [('escalated', 'no_role')]"),
        ([], f"the failures of {FROZEN} are []"),
    ],
)
def test_what_waits_must_wait_for_the_right_reason(
    make_field: Make, failures: list[tuple[str, str]], problem: str | None
) -> None:
    """A stack that nobody has noticed does not wait."""
    operator = ledger_of({"FAILURE#": [{"state": state, "outcome": outcome} for state, outcome in failures]})

    assert people_first._waits_for(make_field(operator=operator), FROZEN, Restraint.FROZEN) == problem


@pytest.mark.parametrize(
    ("ends", "holds"),
    [
        ([("", "stopped"), (LATER, "recovered")], True),
        ([(LATER, "recovered")], True),
        ([(EARLIER, "recovered")], False),
        ([(LATER, "recovered"), (LATER, "recovered")], False),
        ([(EARLIER, "stopped")], False),
        ([], False),
    ],
)
def test_a_repair_comes_once_and_after_the_release(make_field: Make, ends: list[tuple[str, str]], *, holds: bool) -> None:
    """Before it, it would have been made although something held."""
    operator = ledger_of({"RECOVERY#": [{"acted_at": acted, "outcome": outcome} for acted, outcome in ends]})
    field = make_field(operator=operator, memory={"released_on": "2026-03-04T12:00:00.000Z"})

    assert (people_first._is_repaired_after_its_release(field, STOPPED) is None) is holds


@pytest.mark.parametrize(
    ("recovery", "problem"),
    [
        ({"outcome": "observed", "diagnosis": "x", "plan": "y"}, None),
        ({"outcome": "observed"}, f"the ledger holds no diagnosis and no plan of {OBSERVED}"),
        ({"outcome": "recovered", "diagnosis": "x"}, f"the recovery of {OBSERVED} ended as recovered"),
    ],
)
def test_observed_means_diagnosed_and_planned(make_field: Make, recovery: dict[str, str], problem: str | None) -> None:
    """Nothing less, and nothing more."""
    assert people_first._is_diagnosed_and_planned(make_field(operator=ledger_of({"RECOVERY#": [recovery]}))) == problem
