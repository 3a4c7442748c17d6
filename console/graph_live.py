"""The facts of an environment's stacks as its ledgers hold them, each in the state that it is in now."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from components.blueprint import Blueprint
from console.plainly import asking
from console.target import Target
from handlers.aws.graph_store import GraphStore
from handlers.domain.graph_facts import Facts, StackFacts, StackState
from handlers.domain.records import Failure, FailureState

AT_ONCE = 8
"""Cells read at the same time."""

_STATES = {
    FailureState.OPEN: StackState.RECOVERING,
    FailureState.WAITING: StackState.HELD,
    FailureState.PARKED: StackState.PARKED,
    FailureState.ESCALATED: StackState.ESCALATED,
    FailureState.SETTLED: StackState.FAILED,  # on the list all the same: it was only observed
}


def live(target: Target) -> Facts | None:
    """Read the chosen cells; None where they hold no stack yet."""
    plans = target.chosen
    _ = target.sessions.person  # without credentials nothing is read, and that is said once
    with ThreadPoolExecutor(AT_ONCE) as together:
        stacks = tuple(one for found in together.map(partial(_cell, target), plans) for one in found)
    return Facts(partition=target.settings.partition, stacks=stacks) if stacks else None


def _cell(target: Target, plan: Blueprint) -> tuple[StackFacts, ...]:
    cell = plan.cell
    with asking(f"reading {cell.ledger_table}"):
        store = GraphStore(target.table(cell), days=cell.ledger_days)
        known = tuple(store.all(cell.account, cell.region))
        return coloured(known, target.ledger(cell).unresolved().failures)


def coloured(known: Iterable[StackFacts], failures: Iterable[Failure]) -> tuple[StackFacts, ...]:
    """The facts with the state of the newest failure that is on the list; a stack that only failed is shown, too."""
    states = {each.stack: _STATES[each.state] for each in sorted(failures, key=lambda each: each.failed_at)}
    found = {each.stack: each.model_copy(update={"state": states.get(each.stack, each.state)}) for each in known}
    unknown = (StackFacts(stack=key, state=state) for key, state in states.items() if key not in found)
    return (*found.values(), *unknown)
