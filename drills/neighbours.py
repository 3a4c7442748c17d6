"""Two stacks of one cell and one of another account fail at the same moment: each is repaired once, by its own cell alone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from drills import actions, measure
from drills.field import Field, Place, SeenCall
from drills.model import Drill, Expectation, Probe, Step
from drills.probes import (
    CHANGES,
    attempts_are_between,
    cell_holds_its_lease,
    recovery_is_proven,
    stack_is_absent,
    stack_rests_in,
)
from drills.recoveries import ended, recoveries

HERE: Place = ("222222222222", "us-east-1")
THERE: Place = ("333333333333", "us-east-1")  # the same region, so that only the account tells the two apart
ONE, TWO = "app-twin-one", "app-twin-two"
STACKS = ((HERE, ONE), (HERE, TWO), (THERE, ONE))
"""The other account's stack bears the name of one here: keys must hold account, region and name."""


def one_mutation_by_its_own_cell(field: Field, stack: str) -> str | None:
    """Exactly one change of the stack was accepted in its account and region, and the cell of that place made it."""
    changes = [one for one in _ours_at(field) if one.action in CHANGES and measure.names(one, stack) and one.error is None]
    strangers = [one.caller_arn for one in changes if not measure.is_of_cell(field, one)]
    if strangers:
        return f"{stack} was changed by {', '.join(strangers)}"
    return None if len(changes) == 1 else f"{stack} was changed {len(changes)} times, not once"


def no_other_cell_was_here(field: Field) -> str | None:
    """No role of another cell's made a call in this account and region, granted or not."""
    strangers = {f"{one.caller_arn} {one.action}" for one in _ours_at(field) if not measure.is_of_cell(field, one)}
    return f"others called here: {', '.join(sorted(strangers))}" if strangers else None


def _ours_at(field: Field) -> list[SeenCall]:
    here = (field.cell.account, field.cell.region)
    return [one for one in field.stage.calls() if measure.is_ours(field, one) and (one.account, one.region) == here]


def _at(place: Place, do: Callable[[Field], None]) -> Callable[[Field], None]:
    """Do it where *place* is, whichever cell the drill is seen from."""
    return lambda field: do(field.at(*place))


def _asked_at(place: Place, title: str, fails: Callable[[Field], str | None]) -> Probe:
    return Probe(title=f"{title} ({'/'.join(place)})", fails=lambda field: fails(field.at(*place)))


def _break_together(field: Field) -> None:
    with ThreadPoolExecutor(len(STACKS)) as together:
        breaking = [together.submit(actions.break_stack, field.at(*place), stack, rollback_failures=1) for place, stack in STACKS]
    for one in breaking:
        one.result()


def _all_ended(field: Field) -> bool:
    return all(any(ended(one) for one in recoveries(field.at(*place), stack)) for place, stack in STACKS)


def _await_the_end(field: Field) -> None:
    field.wait("all three recoveries have ended", partial(_all_ended, field), seconds=150)


def _deploy(place: Place, stack: str) -> Step:
    return Step(
        title=f"deploy {stack} in {'/'.join(place)}",
        do=_at(place, partial(actions.deploy_fragile, stack=stack)),
        undo=_at(place, partial(actions.delete_stack, stack=stack)),
    )


def _of(place: Place, stack: str) -> tuple[Probe, ...]:
    healthy, proven = (
        partial(stack_rests_in, stack=stack, status="UPDATE_ROLLBACK_COMPLETE"),
        partial(recovery_is_proven, stack=stack),
    )
    once, alone = partial(attempts_are_between, stack=stack, least=1, most=1), partial(one_mutation_by_its_own_cell, stack=stack)
    return (
        _asked_at(place, f"{stack} rests healthy", healthy),
        _asked_at(place, f"the recovery of {stack} is settled and its criteria hold", proven),
        _asked_at(place, f"{stack} was repaired at the first attempt", once),
        _asked_at(place, f"{stack} was changed once, by its own cell", alone),
    )


DRILL = Drill(
    name="neighbours",
    title="Stacks of one cell and of another account fail at the same moment",
    stacks=(ONE, TWO),
    steady_state=(
        *(_asked_at(place, "the cell holds its lease", cell_holds_its_lease) for place in (HERE, THERE)),
        *(_asked_at(place, f"{stack} does not exist yet", partial(stack_is_absent, stack=stack)) for place, stack in STACKS),
    ),
    method=(
        *(
            Step(
                title=f"deploy the function that fails on demand in {'/'.join(place)}",
                do=_at(place, actions.lay_ground),
                undo=_at(place, actions.clear_ground),
            )
            for place in (HERE, THERE)
        ),
        *(_deploy(place, stack) for place, stack in STACKS),
        Step(title="break all three at once; each cause passes with the failure of its rollback", do=_break_together),
        Step(title="wait for the recoveries", do=_await_the_end),
    ),
    expectations=(
        *(Expectation(probe=probe) for place, stack in STACKS for probe in _of(place, stack)),
        *(Expectation(probe=_asked_at(place, "no other cell was here", no_other_cell_was_here)) for place in (HERE, THERE)),
    ),
    not_proven=("that two accounts of one region share no limit of AWS's: the emulator has none",),
)
