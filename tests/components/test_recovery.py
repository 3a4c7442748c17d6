"""The machine as it is deployed, and the ways out for what nobody could repair."""

import json
from typing import Any

import pytest

from components.addresses import CellAddresses
from components.recovery import STEPS, status_pattern
from tests.components.conftest import Lint, Recording

CELL = "workload-us-east-1-recovery"


@pytest.fixture
def machine(sandbox: Recording) -> dict[str, Any]:
    return dict(sandbox.one("StateMachine", f"{CELL}-machine").inputs)


def test_the_definition_calls_functions_that_there_are(machine: dict[str, Any], sandbox: Recording) -> None:
    """The addresses worked out from names are the ones that are deployed."""
    states = json.loads(machine["definition"])["States"].values()
    called = {state["Parameters"]["FunctionName"].rpartition(":")[2] for state in states if state["Type"] == "Task"}

    assert called == {f"stackmend-sandbox-{step}" for step in STEPS}
    assert called <= {one.inputs["name"] for one in sandbox.of("Function")}


def test_the_machine_is_made_after_its_functions_and_rights(sandbox: Recording) -> None:
    """An execution that starts at once finds everything there."""
    waits = sandbox.one("StateMachine", f"{CELL}-machine").waits_for

    assert {sandbox.one("Function", f"{CELL}-{step}-function").urn for step in STEPS} <= waits
    assert sandbox.one("RolePolicy", f"{CELL}-machine-calls").urn in waits


def test_it_logs_everything(machine: dict[str, Any]) -> None:
    """Its data are ids, so the log may hold them."""
    logging = machine["loggingConfiguration"]

    assert (logging["level"], logging["includeExecutionData"]) == ("ALL", True)
    assert logging["logDestination"].endswith(":*")


def test_only_this_machine_takes_its_role_on(sandbox: Recording) -> None:
    """Step Functions presents machine and account."""
    (statement,) = json.loads(sandbox.one("Role", f"{CELL}-machine-role").inputs["assumeRolePolicy"])["Statement"]

    assert statement["Principal"] == {"Service": "states.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnEquals": {"aws:SourceArn": "arn:aws:states:us-east-1:222222222222:stateMachine:stackmend-sandbox-recovery"},
        "StringEquals": {"aws:SourceAccount": "222222222222"},
    }


def test_each_end_that_no_state_can_catch_is_told(sandbox: Recording) -> None:
    """FAILED, TIMED_OUT and ABORTED of this machine, and of no other."""
    pattern = json.loads(sandbox.one("EventRule", f"{CELL}-status-rule").inputs["eventPattern"])

    assert pattern["detail"] == {
        "stateMachineArn": ["arn:aws:states:us-east-1:222222222222:stateMachine:stackmend-sandbox-recovery"],
        "status": ["FAILED", "TIMED_OUT", "ABORTED"],
    }


def test_cfn_lint_takes_the_rule(findings: Lint) -> None:
    """As a rule's event pattern in a template."""
    cell = CellAddresses(environment="test", partition="aws", account="222222222222", region="us-east-1")

    assert findings("AWS::Events::Rule", {"EventPattern": status_pattern(cell)}) == []


def test_only_that_rule_may_call_escalate(sandbox: Recording) -> None:
    """Not any rule of any account."""
    permission = sandbox.one("Permission", f"{CELL}-status-permission").inputs

    assert permission["principal"] == "events.amazonaws.com"
    assert permission["sourceAccount"] == "222222222222"
    assert permission["sourceArn"].endswith("stackmend-sandbox-escalate")


def test_an_escalation_that_fails_is_tried_again_and_then_kept(sandbox: Recording) -> None:
    """The last net has a net."""
    config = sandbox.one("FunctionEventInvokeConfig", f"{CELL}-escalate-invoke-config").inputs

    assert config["maximumRetryAttempts"] == 2
    assert config["destinationConfig"]["onFailure"]["destination"].endswith("escalate-dead")


def test_a_failed_call_is_kept_only_where_the_role_may_send(sandbox: Recording) -> None:
    """Lambda sends it in the function's name."""
    for function in ("recovery-escalate", "heartbeat-beat"):
        document = json.loads(sandbox.one("RolePolicy", f"workload-us-east-1-{function}-calls").inputs["policy"])
        (send,) = [statement for statement in document["Statement"] if statement["Sid"] == "Send"]

        assert any(arn.endswith("-dead") for arn in send["Resource"])


def test_act_lives_shorter_than_a_lease_may(sandbox: Recording) -> None:
    """Its time-out is the settings' own."""
    assert sandbox.one("Function", f"{CELL}-act-roll-function").inputs["timeout"] == 30
    assert sandbox.one("Function", f"{CELL}-diagnose-function").inputs["timeout"] == 60
