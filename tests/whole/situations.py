"""Situations in which each permission of a cell's functions is needed: made on a deployed sandbox, as people and AWS make them."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from components.addresses import Role
from components.blueprint import Blueprint, blueprints
from console.rehearsal import HUB, WORKLOAD, Deployed
from drills import actions
from drills.field import Field
from drills.probes import stack_status
from drills.recoveries import records, recoveries
from sandbox.world import DEPLOY_ROLE

REGION = "us-east-1"
DENIED = frozenset({"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"})
TRANSACTION = "dynamodb:TransactWriteItems"


@dataclasses.dataclass
class Stage:
    """One cell of the sandbox, with the deployer's and the team's hands on it."""

    world: Deployed
    field: Field
    stacks: list[str] = dataclasses.field(default_factory=list)

    @property
    def blueprint(self) -> Blueprint:
        return next(one for one in blueprints(self.world.settings) if one.cell == self.field.cell)

    def deployer(self, account: str = WORKLOAD) -> Any:
        return self.world.world.session(account, REGION, DEPLOY_ROLE)

    def stack(self, *, has_role: bool = True, is_watched: bool = False) -> str:
        """A new healthy stack."""
        name = f"app-right-{len(self.stacks):03}"
        self.stacks.append(name)
        actions.deploy_fragile(self.field, name, has_role=has_role, is_watched=is_watched)
        return name

    def lose_events(self, stack: str) -> None:
        self.world.emulator.suppress_status_events(WORKLOAD, REGION, stack)

    def until(self, what: str, look: Callable[[], Any], seconds: float = 240) -> None:
        self.field.wait(what, lambda: bool(look()), seconds=seconds)

    def beat(self) -> None:
        """A heartbeat now, beside those of the schedule."""
        function = self.blueprint.addresses.function_name("heartbeat")
        client = self.field.operator.client("lambda")

        def has_beaten() -> bool:
            try:
                client.invoke(FunctionName=function, Payload=b"{}")
            except (
                client.exceptions.TooManyRequestsException
            ):  # one of the schedule's is under way, and there is only one at a time
                return False
            return True

        self.until("the heart beats", has_beaten)

    @contextmanager
    def may_beat(self) -> Iterator[None]:
        """Let the operator call the heartbeat, which otherwise only its schedule may; a minute for each case would be too long."""
        iam = self.world.emulator.session(WORKLOAD).client("iam")
        allowed = {
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": self.blueprint.addresses.function_arn("heartbeat"),
        }
        policy = {"RoleName": "operator", "PolicyName": "beat"}
        iam.put_role_policy(**policy, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}))
        try:
            yield
        finally:
            iam.delete_role_policy(**policy)

    def go_cold(self, role: Role) -> None:
        self.world.emulator.retire(self.blueprint.addresses.function_name(role))

    def role_name(self, role: str) -> tuple[str, str]:
        """Account and name of a function's role, or of one of the lease's doors."""
        cell = self.blueprint.addresses
        if role in {"lease-read", "lease-renew"}:
            return HUB, self.blueprint.lease.role_name(role, cell)  # type: ignore[arg-type]
        return WORKLOAD, cell.role_name(role)

    @contextmanager
    def without(self, role: str, *taken: str) -> Iterator[None]:
        """Take actions away from a role, and give them back whatever happens."""
        account, name = self.role_name(role)
        iam = self.deployer(account).client("iam")
        before = iam.get_role_policy(RoleName=name, PolicyName="calls")["PolicyDocument"]
        kept = [
            {**one, "Action": left}
            for one in before["Statement"]
            if (left := [action for action in one["Action"] if action not in taken])
        ]
        kept = kept or [{"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}]  # a policy may not be empty
        put = {"RoleName": name, "PolicyName": "calls"}
        iam.put_role_policy(**put, PolicyDocument=json.dumps({**before, "Statement": kept}))
        try:
            yield
        finally:
            iam.put_role_policy(**put, PolicyDocument=json.dumps(before))

    def refused(self, role: str, action: str, since: int) -> bool:
        """Was a call of this role refused for want of this action?"""
        name = self.role_name(role)[1]
        return any(
            one.error in DENIED and f":assumed-role/{name}/" in one.caller_arn and one.action in {action, TRANSACTION}
            for one in self.world.emulator.calls(since)
        )

    def clear(self) -> None:
        for stack in self.stacks:
            with suppress(ClientError):
                actions.delete_stack(self.field, stack)


def recover(stage: Stage) -> str:
    """A stack breaks, and what failed its rollback has passed."""
    stack = stage.stack()
    actions.break_stack(stage.field, stack, rollback_failures=1)
    return stack


def recover_watched(stage: Stage) -> str:
    """The same, of a stack that holds an alarm and exports a value."""
    stack = stage.stack(is_watched=True)
    actions.break_stack(stage.field, stack, rollback_failures=1, is_watched=True)
    return stack


def deploy(stage: Stage) -> str:
    """A stack is deployed, and nothing fails."""
    stage.stack()
    return ""


def recover_cold(stage: Stage) -> str:
    """The same, with functions that have no session in the hub yet."""
    stage.go_cold("intake")
    stage.go_cold("act-roll")
    return recover(stage)


def roll_back(stage: Stage) -> str:
    """An update fails for good on a stack whose rollback is disabled."""
    stack = stage.stack()
    actions.fail_update_and_stay(stage.field, stack, reason=actions.DENIED)
    return stack


def resume(stage: Stage, failures: int = 1) -> str:
    """An update fails on a stack whose rollback is disabled, and its cause passes."""
    stack = stage.stack()
    actions.fail_update_and_stay(stage.field, stack, failures=failures)
    return stack


def resume_cold(stage: Stage) -> str:
    """The same, with a function that has no session in the hub yet."""
    stage.go_cold("act-change")
    return resume(stage)


def die_resuming(stage: Stage) -> str:
    """Act dies right after its order: the next call reads the stack's events before it orders anything."""
    stack = stage.stack()
    _kill_after(stage, "act-change", "cloudformation:UpdateStack", stack)
    actions.fail_update_and_stay(stage.field, stack, failures=1)
    return stack


def resumed_between(stage: Stage) -> str:
    """A person is quicker than the second attempt: Act finds nothing to wait for."""
    stack = resume(stage, failures=2)
    stage.until(f"the first attempt on {stack} fails", lambda: _has_attempt(stage, stack, state="ended"))
    cloudformation = stage.field.team.client("cloudformation")
    cloudformation.update_stack(StackName=stack, UsePreviousTemplate=True, DisableRollback=True)
    return stack


def escalate(stage: Stage) -> str:
    """A stack without a service role breaks: a person must repair it."""
    stack = stage.stack(has_role=False)
    actions.break_stack(stage.field, stack, rollback_failures=1, has_role=False)
    return stack


def _escalated(stage: Stage) -> str:
    stack = escalate(stage)
    stage.until(f"{stack} is escalated", lambda: any(one.get("outcome") for one in recoveries(stage.field, stack)))
    return stack


def hear_nothing(stage: Stage) -> str:
    """A stack breaks and its events are lost: the heartbeat finds it."""
    stack = stage.stack()
    stage.lose_events(stack)
    actions.break_stack(stage.field, stack, rollback_failures=1)
    stage.beat()
    return stack


def beat(stage: Stage) -> str:
    """Nothing is wrong, and the heart beats."""
    stage.beat()
    return ""


def beat_cold(stage: Stage) -> str:
    """It beats in a new process, without a session in the hub."""
    stage.go_cold("heartbeat")
    return beat(stage)


def first_beat(stage: Stage) -> str:
    """There is no lease yet."""
    cell = stage.field.cell
    key = {"pk": {"S": f"LEASE#{cell.account}#{cell.region}"}}
    stage.deployer(HUB).client("dynamodb").delete_item(TableName=cell.lease.table, Key=key)
    return beat(stage)


def wait_in_vain(stage: Stage) -> str:
    """Our own operation's end is never told: after its grace the heartbeat asks."""
    stack = hear_nothing(stage)
    stage.until(f"{stack} waits", lambda: _has_attempt(stage, stack, state="accepted"))
    stage.until(f"the grace of {stack} is over", lambda: _is_past_grace(stage, stack), seconds=90)
    stage.beat()
    return stack


def _has_attempt(stage: Stage, stack: str, *, state: str) -> bool:
    return any(one["state"] == state for one in records(stage.field, stack, "ATTEMPT#"))


def _is_past_grace(stage: Stage, stack: str) -> bool:
    grace = timedelta(seconds=stage.field.cell.timings.overdue_grace_seconds)
    (attempt,) = records(stage.field, stack, "ATTEMPT#")
    return datetime.now(UTC) - datetime.fromisoformat(attempt["ordered_at"]) > grace


def heal(stage: Stage) -> str:
    """A person repairs what was escalated; the heartbeat takes it off the list."""
    stack = _escalated(stage)
    cloudformation = stage.field.team.client("cloudformation")
    cloudformation.continue_update_rollback(StackName=stack)
    stage.until(f"{stack} is healthy", lambda: stack_status(stage.field, stack) in actions.AT_REST)
    stage.beat()
    return stack


def forget(stage: Stage) -> str:
    """A broken stack has dropped off the list of what is unresolved; the heartbeat meets it as if it were new."""
    stack = _escalated(stage)
    (failure,) = records(stage.field, stack, "FAILURE#")
    stage.field.on_call.client("dynamodb").update_item(
        TableName=stage.field.cell.ledger_table,
        Key={"pk": {"S": failure["pk"]}, "sk": {"S": failure["sk"]}},
        UpdateExpression="REMOVE unresolved_cell, unresolved_key",
    )
    stage.beat()
    return stack


def strange_token(stage: Stage) -> str:
    """Somebody continues a rollback under a token that looks like ours: notice hands its end to intake."""
    stack = stage.stack(has_role=False)
    actions.break_stack(stage.field, stack, rollback_failures=2, has_role=False)
    stage.field.team.client("cloudformation").continue_update_rollback(StackName=stack, ClientRequestToken=f"sm-{stack}")
    return stack


def die_acting(stage: Stage) -> str:
    """Act dies right after its order: the next call reads the stack's events before it orders anything."""
    stack = stage.stack()
    _kill_after(stage, "act-roll", "cloudformation:ContinueUpdateRollback", stack)
    actions.break_stack(stage.field, stack, rollback_failures=1)
    return stack


def _kill_after(stage: Stage, role: Role, action: str, stack: str) -> None:
    function = stage.blueprint.addresses.function_name(role)
    stage.world.emulator.kill_function(function, action=action, subject=stack, number=1, moment="after")


def heal_between(stage: Stage) -> str:
    """A person is quicker than the second attempt: Act finds nothing to wait for."""
    stack = stage.stack()
    actions.break_stack(stage.field, stack, rollback_failures=2)
    stage.until(f"the first attempt on {stack} fails", lambda: _has_attempt(stage, stack, state="ended"))
    stage.field.team.client("cloudformation").continue_update_rollback(StackName=stack)
    return stack


def die_unheard(stage: Stage) -> str:
    """An execution is stopped, and the rule on its status could tell nobody: the heartbeat does."""
    stack = stage.stack()
    stage.lose_events(stack)
    actions.break_stack(stage.field, stack, rollback_failures=1)
    with stage.without("escalate", "dynamodb:GetItem"):
        since = len(stage.world.emulator.calls())
        stage.beat()
        stage.until(f"{stack} waits", lambda: _has_attempt(stage, stack, state="accepted"))
        (recovery,) = recoveries(stage.field, stack)
        arn = stage.field.cell.machine_arn.replace(":stateMachine:", ":execution:") + f":{recovery['recovery_id']}"
        stage.field.on_call.client("stepfunctions").stop_execution(executionArn=arn)
        stage.until("the rule's call fails", lambda: stage.refused("escalate", "dynamodb:GetItem", since))
        stage.until(f"the grace of {stack} is over", lambda: _is_past_grace(stage, stack), seconds=90)
        stage.beat()
    return stack
