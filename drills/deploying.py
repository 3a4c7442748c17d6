"""Steps and probes that every drill begins with."""

from functools import partial

from drills import actions
from drills.field import Field
from drills.model import Expectation, Probe, Standing, Step
from drills.probes import cell_holds_its_lease, every_change_is_an_attempt, stack_is_absent
from drills.recoveries import ended, recoveries

HOLDS_LEASE = Probe(title="the cell holds its lease", fails=cell_holds_its_lease)
GROUND = Step(title="deploy the function that fails on demand", do=actions.lay_ground, undo=actions.clear_ground)
NOTHING_ELSE = Probe(
    title="the recorder saw no change of a stack by us that is not an attempt in its ledger", fails=every_change_is_an_attempt
)
RECOVERY_SECONDS = 180  # by an event, on a very busy machine; a quiet one needs a few
HEARTBEAT_SECONDS = 150  # two heartbeats and a half


def absent(*stacks: str) -> tuple[Probe, ...]:
    """None of these is there yet."""
    return tuple(Probe(title=f"{one} does not exist yet", fails=partial(stack_is_absent, stack=one)) for one in stacks)


def deploy(stack: str) -> Step:
    """A healthy stack that can be broken."""
    return Step(
        title=f"deploy {stack}",
        do=lambda field: actions.deploy_fragile(field, stack),
        undo=lambda field: actions.delete_stack(field, stack),
    )


def await_end(*stacks: str, seconds: float = RECOVERY_SECONDS) -> Step:
    """Every recovery of these stacks has ended, and each has one."""

    def all_ended(field: Field) -> bool:
        found = [recoveries(field, stack) for stack in stacks]
        return all(each and all(ended(one) for one in each) for each in found)

    return Step(
        title="wait for the recoveries",
        do=lambda field: field.wait("every recovery has ended", partial(all_ended, field), seconds=seconds),
    )


def proven(*probes: Probe) -> tuple[Expectation, ...]:
    """What these probes answer is proven where they are asked."""
    return tuple(Expectation(probe=probe, standing=Standing.PROVEN) for probe in probes)
