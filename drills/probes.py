"""Questions about the drill's world that change nothing; each answers None, or why the fact does not hold."""

import time

from botocore.exceptions import ClientError

from drills import alerts, measure
from drills.field import Field, SeenCall
from drills.recoveries import records, recoveries
from handlers.domain.criteria import Verdict
from handlers.domain.outcome import Escalation, Settlement
from handlers.domain.records import FailureState

CHANGES = frozenset(
    f"cloudformation:{operation}"
    for operation in (
        "CreateStack", "UpdateStack", "DeleteStack", "ContinueUpdateRollback", "RollbackStack", "CancelUpdateStack",
        "CreateChangeSet", "ExecuteChangeSet", "SetStackPolicy", "UpdateTerminationProtection",
    )
)  # fmt: skip
ACTS = {
    "act-roll": frozenset({"cloudformation:ContinueUpdateRollback", "cloudformation:RollbackStack"}),
    "act-change": frozenset({"cloudformation:UpdateStack"}),
}
"""The functions that may change a stack, and the calls of each one's group."""
ORDERS = frozenset[str]().union(*ACTS.values())


def stack_status(field: Field, stack: str) -> str | None:
    """The status that CloudFormation reports for *stack*, None when there is no such stack."""
    try:
        described = field.team.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except ClientError as problem:
        error = problem.response["Error"]
        if error["Code"] == "ValidationError" and "does not exist" in error["Message"]:
            return None
        raise
    return str(described[0]["StackStatus"])


def stack_is_absent(field: Field, stack: str) -> str | None:
    """There is no stack of this name."""
    status = stack_status(field, stack)
    return None if status is None else f"{stack} exists and rests in {status}: delete it, or drill elsewhere"


def stack_rests_in(field: Field, stack: str, status: str) -> str | None:
    """The stack rests in exactly this status."""
    found = stack_status(field, stack)
    return None if found == status else f"{stack} is in {found}, not in {status}"


def cell_holds_its_lease(field: Field) -> str | None:
    """The cell's lease names its own region and has not run out."""
    cell = field.cell
    key = f"LEASE#{cell.account}#{cell.region}"
    table = field.hub_operator.client("dynamodb")
    item = table.get_item(TableName=cell.lease.table, Key={"pk": {"S": key}}, ConsistentRead=True).get("Item")
    if item is None:
        return f"{key} is not in {cell.lease.table}: has the heartbeat run?"
    if item["holder"]["S"] != cell.region:
        return f"{key} is held by {item['holder']['S']}"
    return None if int(item["expires_at_ms"]["N"]) > time.time() * 1000 else f"{key} has run out"


def recovery_is_proven(field: Field, stack: str) -> str | None:
    """The one recovery of the stack ended as recovered, and none of its criteria failed while at least one held."""
    found = recoveries(field, stack)
    if len(found) != 1:
        return f"{stack} has {len(found)} recoveries, not one"
    (recovery,) = found
    if recovery.get("outcome") != Settlement.RECOVERED:
        return f"the recovery of {stack} ended as {recovery.get('outcome')}: {recovery.get('reason')}"
    verdicts = [one["verdict"] for one in recovery.get("criteria", [])]
    if Verdict.HOLDS not in verdicts or Verdict.FAILS in verdicts:
        return f"the criteria of {stack} say {verdicts or 'nothing'}"
    return None


def is_found_by(field: Field, stack: str, door: str) -> str | None:
    """The stack's first failure came in by this door: `event` or `heartbeat`."""
    doors = [one.get("seen_by") for one in records(field, stack, "FAILURE#")]
    return None if doors == [door] else f"{stack} was found by {doors}, not by {door} alone"


def attempts_are_between(field: Field, stack: str, least: int, most: int) -> str | None:
    """The stack was healed in so many attempts."""
    made = measure.attempts(field, stack)
    return None if least <= made <= most else f"{stack} took {made} attempts, expected {least} to {most}"


def one_mutation_per_attempt(field: Field, stack: str) -> str | None:
    """The recorder saw as many accepted calls of the act functions for the stack as the ledger has attempts."""
    made = measure.attempts(field, stack)
    accepted = [one for one in _touching(field, stack) if one.action in ORDERS and one.error is None]
    return None if len(accepted) == made else f"{stack}: {made} attempts in the ledger, {len(accepted)} accepted calls"


def recovery_is_escalated(field: Field, stack: str, code: Escalation) -> str | None:
    """The stack's newest recovery ended with a person, for this reason, and its failure stays on the list."""
    found = recoveries(field, stack)
    if not found:
        return f"{stack} has no recovery"
    if found[-1].get("outcome") != code or not found[-1].get("reason"):
        return f"the recovery of {stack} ended as {found[-1].get('outcome')}: {found[-1].get('reason')}"
    failures = records(field, stack, "FAILURE#")
    states = [one["state"] for one in failures if one["recovery_id"] == str(found[-1]["sk"]).removeprefix("RECOVERY#")]
    return None if states == [FailureState.ESCALATED] else f"the failure of {stack} is {states}, not escalated"


def person_is_told(field: Field, stack: str, code: Escalation) -> str | None:
    """One message in the escalation queue, with the reason and the runbook's heading; one alert was published."""
    heading = f"#{code.value.replace('_', '-')}"
    told = [one for one in alerts.escalations(field, stack) if one["code"] == code]
    if len(told) != 1:
        return f"{len(told)} messages of {code} about {stack} are in the escalation queue, not one"
    if not told[0]["runbook_url"].endswith(heading) or not told[0]["sentence"]:
        return f"the message about {stack} leads to {told[0]['runbook_url']} and says {told[0]['sentence']!r}"
    count = alerts.published(field, stack)
    return None if count == 1 else f"{count} alerts about {stack} were published, not one"


def alert_names_its_heading(field: Field, stack: str, code: Escalation) -> str | None:
    """The alert reached a subscriber and names the runbook's heading."""
    text = alerts.delivered(field, stack)
    if text is None:
        return f"no alert about {stack} was delivered"
    heading = f"#{code.value.replace('_', '-')}"
    return None if heading in text else f"the alert about {stack} does not name {heading}: {text}"


def nobody_of_ours_changed(field: Field, stack: str) -> str | None:
    """No role of Stackmend's made, or tried, a call that changes this stack."""
    tried = [f"{one.caller_arn} {one.action}" for one in _touching(field, stack) if one.action in CHANGES]
    return f"{stack} was to be changed: {', '.join(tried)}" if tried else None


def every_change_is_an_attempt(field: Field) -> str | None:
    """Every change of a stack by our roles bears the token of an attempt that its ledger holds: nothing else was touched."""
    ours = [one for one in field.stage.calls() if measure.is_of_cell(field, one) and one.action in CHANGES]
    ordered: dict[str, set[str]] = {}
    strays = []
    for one in ours:
        stack = str(one.parameters.get("StackName", "")).partition(":stack/")[2].partition("/")[0] or one.resource
        tokens = ordered.setdefault(stack, {str(each["token"]) for each in records(field, stack, "ATTEMPT#")})
        if one.parameters.get("ClientRequestToken") not in tokens:
            strays.append(f"{one.action} {stack}")
    return f"changes without an attempt: {', '.join(strays)}" if strays else None


def nobody_of_ours_touched(field: Field, stack: str) -> str | None:
    """No role of Stackmend's named this stack in any call, and its ledger does not know it."""
    touched = [f"{one.caller_arn} {one.action}" for one in _touching(field, stack)]
    if touched:
        return f"{stack} was touched: {', '.join(touched)}"
    known = [kind for kind in ("FAILURE#", "CLAIM", "RECOVERY#") if records(field, stack, kind)]
    return f"{stack} stands in the ledger: {known}" if known else None


def only_act_roles_changed_stacks(field: Field) -> str | None:
    """Of all calls by Stackmend's roles that could change a stack, every one was an act function's, and of its own group."""
    ours = [one for one in field.stage.calls() if measure.is_ours(field, one) and one.action in CHANGES]
    strays = [
        f"{one.caller_arn} {one.action}"
        for one in ours
        if one.action not in ACTS.get(measure.function_of(field, one), frozenset())
    ]
    if not ours:
        return "the recorder saw no change by our roles at all"
    return f"others changed stacks: {', '.join(strays)}" if strays else None


def takes_transitions_at_most(field: Field, stack: str, most: int) -> str | None:
    """The stack's recovery stayed within so many state transitions, by its own execution history."""
    counted = measure.transitions(field, stack)
    return None if counted <= most else f"{stack}: {counted} transitions, at most {most} were promised"


def costs_at_most(field: Field, stack: str, dollars: float) -> str | None:
    """Transitions, requests and ledger of the stack's recovery cost at most so much, at list price.

    The functions' seconds are left out: they are the machine's, and belong into the table and the benchmark, not into a verdict.
    """
    cost = measure.cost(field, stack).fixed
    return None if cost <= dollars else f"{stack}: ${cost:.6f}, at most ${dollars:.6f} was promised"


def _touching(field: Field, stack: str) -> list[SeenCall]:
    """Calls by our roles that name the stack, by name or by id, wherever in the parameters."""
    return [one for one in field.stage.calls() if measure.is_ours(field, one) and measure.names(one, stack)]
