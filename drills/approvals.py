"""A person's word before a step: given, refused, not given, forged, and given to what has changed since.

One drill for all five, because the one that nobody answers lasts longest, and the others are over by then.
"""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.exceptions import ClientError

from drills import actions, alerts
from drills.deploying import GROUND, HEARTBEAT_SECONDS, HOLDS_LEASE, NOTHING_ELSE, absent, await_end, deploy, proven
from drills.field import Field
from drills.model import Drill, Expectation, Probe, Standing, Step
from drills.probes import nobody_of_ours_changed, one_mutation_per_attempt, stack_rests_in
from drills.recoveries import records, recoveries
from handlers.aws.approval_url import Told
from handlers.domain.approval import Said, Word
from handlers.domain.errors import TransientError
from handlers.domain.outcome import ApproveOutcome, Escalation, Settlement

GRANTED, REFUSED, IGNORED, FORGED, CHANGED = "ask-granted", "ask-refused", "ask-ignored", "ask-forged", "ask-changed"
STACKS = (GRANTED, REFUSED, IGNORED, FORGED, CHANGED)
UNCHANGED = (REFUSED, IGNORED, FORGED, CHANGED)
ALICE, BOB = "alice", "bob"
CALLS = 3  # the first, the one for a second approver, the escalation
HEALED = "UPDATE_ROLLBACK_COMPLETE"
ENDS = {
    GRANTED: Settlement.RECOVERED,
    REFUSED: Escalation.APPROVAL_REJECTED,
    IGNORED: Escalation.APPROVAL_EXPIRED,
    FORGED: Escalation.APPROVAL_VOID,
    CHANGED: Escalation.APPROVAL_VOID,
}


def asked(field: Field, stack: str) -> str | None:
    """The id of the request that the stack's recovery waits for."""
    waiting = [one["asks"] for one in records(field, stack, "FAILURE#") if one.get("asks")]
    return str(waiting[0]["approval_id"]) if waiting else None


def await_request(field: Field, stack: str) -> str:
    """Wait until a person is asked about *stack*."""
    field.wait(f"somebody is asked about {stack}", lambda: asked(field, stack) is not None, seconds=HEARTBEAT_SECONDS)
    return str(asked(field, stack))


def answer(field: Field, stack: str, name: str, word: Word, *, digest: str = "") -> Told:
    """Read what is asked and answer it, as one of the approvers; *digest* where it is not the plan's that was read."""
    approval_id, url = await_request(field, stack), field.approver(name)
    read = _persist(field, f"{name} reads {approval_id}", partial(url.show, approval_id)).request or {}
    said = Said(approval_id=approval_id, word=word, reason="a drill", plan_digest=digest or str(read["plan_digest"]))
    return _persist(field, f"{approval_id} is {word.value}", partial(url.say, said))


def _persist(field: Field, what: str, call: Callable[[], Told]) -> Told:
    """Ask once more where nobody answers: to say the same again is harmless, and that is what an approver does."""
    told: list[Told] = []

    def is_told() -> bool:
        try:
            told.append(call())
        except TransientError:
            return False
        return True

    field.wait(what, is_told, seconds=HEARTBEAT_SECONDS)
    return told[0]


def _note(field: Field, key: str, told: Told) -> None:
    field.memory[key] = told.outcome.value


def _break(field: Field, stack: str) -> None:
    """And wait until a person is asked; what is asked stands in the failure for as long as it waits."""
    actions.break_stack(field, stack, rollback_failures=1 if stack == GRANTED else actions.MANY)
    field.memory[f"request of {stack}"] = await_request(field, stack)


def _break_and_answer(field: Field) -> None:
    for stack, name, word in ((GRANTED, ALICE, Word.APPROVED), (REFUSED, BOB, Word.REJECTED)):
        _break(field, stack)
        answer(field, stack, name, word)


def _remove_causes(field: Field) -> None:
    for stack in STACKS:
        actions.remove_cause(field, f"{stack}/Config/1")


def _forge(field: Field) -> None:
    """All that somebody may try who holds no right to answer; each attempt's own refusal is remembered."""
    _break(field, FORGED)
    approval_id = field.memory[f"request of {FORGED}"]
    field.memory["other session"] = _refusal(lambda: field.approver(ALICE, session_name=BOB).show(approval_id))
    field.memory["direct"] = _refusal(lambda: _invoke_directly(field, approval_id))
    _note(field, "stale digest", answer(field, FORGED, ALICE, Word.APPROVED, digest="0" * 16))
    _wake(field, approval_id)


def _refusal(tried: Callable[[], object]) -> str:
    try:
        tried()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "let in"


def _invoke_directly(field: Field, approval_id: str) -> None:
    """Whoever could do this could claim to be anybody."""
    claimed = {"authorizer": {"iam": {"userArn": f"arn:aws:sts::{field.cell.account}:assumed-role/stackmend-approver/{BOB}"}}}
    said = {"approval_id": approval_id, "word": "approved", "reason": "a forgery", "plan_digest": "x"}
    function = field.approver(ALICE).function
    payload = json.dumps({"requestContext": claimed, "body": json.dumps(said)})
    field.operator.client("lambda").invoke(FunctionName=function, Payload=payload)


def _wake(field: Field, approval_id: str) -> None:
    """Hold the task token, and use it as the approve function would; each call to people comes with a new one."""
    key = {"pk": {"S": f"APPROVAL#{approval_id}"}, "sk": {"S": "REQUEST"}}
    output = json.dumps({"approval_id": approval_id})

    def is_woken() -> bool:
        item = field.operator.client("dynamodb").get_item(TableName=field.cell.ledger_table, Key=key, ConsistentRead=True)["Item"]
        client = field.operator.client("stepfunctions")
        try:
            client.send_task_success(taskToken=TypeDeserializer().deserialize(item["task_token"]), output=output)
        except client.exceptions.TaskTimedOut:
            return False
        return True

    field.wait("the token's holder wakes the recovery", is_woken, seconds=HEARTBEAT_SECONDS)


def _change_and_approve(field: Field) -> None:
    """Somebody tries by hand before the answer comes, and the stack fails again, for a reason that does not pass."""
    _break(field, CHANGED)
    actions.put_cause(field, f"{CHANGED}/Config/1", left=actions.MANY, reason=actions.DENIED)
    actions.continue_by_hand(field, CHANGED)
    answer(field, CHANGED, BOB, Word.APPROVED)


def _ended_as(field: Field, stack: str) -> str | None:
    """By its first recovery: what a person tries by hand is a failure of its own, and a heartbeat may have found it by now."""
    outcomes = [one.get("outcome") for one in recoveries(field, stack)]
    return None if outcomes[:1] == [ENDS[stack]] else f"the recoveries of {stack} ended as {outcomes}"


def _answered_by(field: Field, stack: str, name: str, word: Word) -> str | None:
    """The approvals table holds the answer, under the session's ARN, and the failure's record says when."""
    item = _answer_of(field, stack)
    expected = f"arn:aws:sts::{field.cell.account}:assumed-role/stackmend-approver/{name}"
    if item is None or (item["by"], item["word"]) != (expected, word.value):
        return f"the answer about {stack} is {item}, not {word.value} by {expected}"
    answered_at = [one.get("answered_at") for one in records(field, stack, "FAILURE#")]
    return None if answered_at[0] else f"the ledger does not say when {stack} was answered"


def _answer_of(field: Field, stack: str) -> dict[str, Any] | None:
    found = field.cell.asked.table
    key = {"pk": {"S": f"APPROVAL#{field.memory[f'request of {stack}']}"}, "sk": {"S": "ANSWER"}}
    item = field.operator.client("dynamodb").get_item(TableName=found, Key=key, ConsistentRead=True).get("Item")
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items()} if item else None


def _nobody_answered(field: Field, stack: str) -> str | None:
    item = _answer_of(field, stack)
    return f"{stack} was answered: {item}" if item else None


def _remembered(field: Field, what: str, expected: str) -> str | None:
    found = field.memory.get(what)
    return None if found == expected else f"{what}: {found}, not {expected}"


def _calls_went_out(field: Field) -> str | None:
    """Nobody's silence goes unheard."""
    count = alerts.published(field, IGNORED)
    return None if count == CALLS else f"{count} alerts about {IGNORED} were published, not {CALLS}"


def _only_approve_wrote_answers(field: Field) -> str | None:
    """The recorder saw nobody else write to the approvals' table, and nobody try."""
    table, writes = field.cell.asked.table, {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
    tried = [one.caller_arn for one in field.stage.calls() if one.action in writes and one.resource == table]
    strays = [one for one in tried if not one.endswith("-approve")]
    return f"the approvals were written by {strays or 'nobody'}" if strays or not tried else None


DRILL = Drill(
    name="approvals",
    title="A person's word before a step: given, refused, not given, forged, and given to what has changed",
    stacks=(GRANTED,),
    steady_state=(HOLDS_LEASE, *absent(*STACKS)),
    method=(
        GROUND,
        *map(deploy, STACKS),
        Step(title=f"break {IGNORED}, and answer nothing", do=lambda field: _break(field, IGNORED), undo=_remove_causes),
        Step(title=f"break {GRANTED} and approve it, break {REFUSED} and reject it", do=_break_and_answer),
        Step(title=f"break {FORGED}, and try to let it be done without an answer", do=_forge),
        Step(title=f"break {CHANGED}, let its plan change, and approve the one that was asked for", do=_change_and_approve),
        await_end(*STACKS, seconds=HEARTBEAT_SECONDS),
    ),
    expectations=(
        *proven(
            *(Probe(title=f"{stack} ended as {end.value}", fails=partial(_ended_as, stack=stack)) for stack, end in ENDS.items()),
            Probe(title=f"{GRANTED} rests healthy", fails=partial(stack_rests_in, stack=GRANTED, status=HEALED)),
            Probe(title=f"{GRANTED}: one mutation per attempt", fails=partial(one_mutation_per_attempt, stack=GRANTED)),
            *(
                Probe(title=f"nobody of ours tried to change {stack}", fails=partial(nobody_of_ours_changed, stack=stack))
                for stack in UNCHANGED
            ),
            *(
                Probe(title=f"nobody answered for {stack}", fails=partial(_nobody_answered, stack=stack))
                for stack in (IGNORED, FORGED)
            ),
            Probe(
                title="an approver's session under another name is refused",
                fails=partial(_remembered, what="other session", expected="AccessDenied"),
            ),
            Probe(
                title="the approve function is called by its URL only",
                fails=partial(_remembered, what="direct", expected="AccessDeniedException"),
            ),
            Probe(
                title="an answer to another plan is refused",
                fails=partial(_remembered, what="stale digest", expected=ApproveOutcome.OTHER_PLAN),
            ),
            Probe(title=f"nobody's silence is missed: {IGNORED} called two people, and then escalated", fails=_calls_went_out),
            Probe(title="only the approve function wrote an answer", fails=_only_approve_wrote_answers),
            NOTHING_ELSE,
        ),
        *(
            Expectation(
                probe=Probe(
                    title=f"the record says that {name} has {word.value} {stack}, and when",
                    fails=partial(_answered_by, stack=stack, name=name, word=word),
                ),
                standing=Standing.SIMULATED,
            )
            for stack, name, word in (
                (GRANTED, ALICE, Word.APPROVED),
                (REFUSED, BOB, Word.REJECTED),
                (CHANGED, BOB, Word.APPROVED),
            )
        ),
    ),
)
