"""How executions begin and end: names, time-outs, stops."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox

WAIT = {"Wait": {"Type": "Wait", "Seconds": 2, "Next": "After"}, "After": {"Type": "Pass", "End": True}}


@pytest.fixture
def states(root: Session) -> Any:
    """Step Functions' client."""
    return root.client("stepfunctions")


def kinds(states: Any, execution: str) -> list[str]:
    """Types of the execution's events, in order."""
    return [one["type"] for one in states.get_execution_history(executionArn=execution)["events"]]


class TestTimeouts:
    """A machine's own TimeoutSeconds."""

    def test_execution_times_out(self, states: Any, name: str, make_machine: Callable[..., str], run: Any) -> None:
        """It ends as TIMED_OUT about when its machine says, and its history ends with ExecutionTimedOut."""
        ended = run(make_machine(name, WAIT, TimeoutSeconds=1))

        assert ended["status"] == "TIMED_OUT"
        assert 0.9 < (ended["stopDate"] - ended["startDate"]).total_seconds() < 1.9
        assert kinds(states, ended["executionArn"])[-1] == "ExecutionTimedOut"

    def test_nothing_follows_the_time_out(
        self, states: Any, name: str, make_machine: Callable[..., str], run: Any, until: Any
    ) -> None:
        """The state that still ran adds nothing to status or history."""
        ended = run(make_machine(name, {"Wait": {"Type": "Wait", "Seconds": 2, "End": True}}, TimeoutSeconds=1))
        other = run(make_machine(f"{name}-other", {"Wait": {"Type": "Wait", "Seconds": 2, "End": True}}))

        assert other["status"] == "SUCCEEDED"  # by now the first one's wait is over too
        assert states.describe_execution(executionArn=ended["executionArn"])["status"] == "TIMED_OUT"
        assert kinds(states, ended["executionArn"])[-1] == "ExecutionTimedOut"

    def test_time_out_is_told(self, root: Session, name: str, make_machine: Callable[..., str], run: Any, until: Any) -> None:
        """The rule that escalates hears of it: source aws.states, status TIMED_OUT."""
        queue = root.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        machine = make_machine(name, WAIT, TimeoutSeconds=1)
        pattern = {
            "source": ["aws.states"],
            "detail-type": ["Step Functions Execution Status Change"],
            "detail": {"status": ["FAILED", "TIMED_OUT", "ABORTED"], "stateMachineArn": [machine]},
        }
        root.client("events").put_rule(Name=name, EventPattern=json.dumps(pattern))
        target = {"Id": "q", "Arn": f"arn:aws:sqs:us-east-1:222222222222:{name}"}
        root.client("events").put_targets(Rule=name, Targets=[target])
        ended = run(machine, name="r-1")

        [message] = until(lambda: root.client("sqs").receive_message(QueueUrl=queue).get("Messages"))

        detail = json.loads(message["Body"])["detail"]
        assert (detail["status"], detail["name"], detail["executionArn"]) == ("TIMED_OUT", "r-1", ended["executionArn"])

    def test_quick_execution_is_not_touched(self, name: str, make_machine: Callable[..., str], run: Any) -> None:
        """What ends in time succeeds."""
        assert run(make_machine(name, {"P": {"Type": "Pass", "End": True}}, TimeoutSeconds=60))["status"] == "SUCCEEDED"


class TestNames:
    """An execution's name is used once; asking again while it runs is not asking twice."""

    def test_same_request_while_running(self, states: Any, name: str, make_machine: Callable[..., str]) -> None:
        """The answer is the first one's."""
        machine = make_machine(name, WAIT)
        first = states.start_execution(stateMachineArn=machine, name="r", input='{"a": 1}')

        again = states.start_execution(stateMachineArn=machine, name="r", input='{"a": 1}')

        assert (again["executionArn"], again["startDate"]) == (first["executionArn"], first["startDate"])
        assert len(states.list_executions(stateMachineArn=machine)["executions"]) == 1

    def test_other_input_is_refused(self, states: Any, name: str, make_machine: Callable[..., str]) -> None:
        """The name is taken by another request."""
        machine = make_machine(name, WAIT)
        states.start_execution(stateMachineArn=machine, name="r", input='{"a": 1}')

        with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
            states.start_execution(stateMachineArn=machine, name="r", input='{"a": 2}')

    def test_ended_execution_keeps_its_name(self, states: Any, name: str, make_machine: Callable[..., str], run: Any) -> None:
        """Once closed, the same request is refused too."""
        machine = make_machine(name, {"P": {"Type": "Pass", "End": True}})
        run(machine, {}, name="r")

        with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
            states.start_execution(stateMachineArn=machine, name="r", input="{}")


def test_task_error_after_stop_changes_nothing(  # noqa: PLR0917 - all are fixtures
    states: Any, name: str, make_function: Callable[..., str], make_machine: Callable[..., str], run: Any, until: Any
) -> None:
    """ABORTED stays, and ExecutionAborted is the last event, though the task fails and would be retried."""
    function = make_function(name, "import time\ndef handler(event, context):\n    time.sleep(1)\n    raise ValueError\n")
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2}]
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": function}, "End": True}
    machine = make_machine(name, {"Call": task | {"Retry": retry}})
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    until(lambda: "TaskScheduled" in kinds(states, execution))

    states.stop_execution(executionArn=execution, error="Stopped", cause="by hand")

    run(make_machine(f"{name}-other", {"Call": task}))  # takes as long as the stopped one's task
    found = states.describe_execution(executionArn=execution)
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Stopped", "by hand")
    assert kinds(states, execution)[-1] == "ExecutionAborted"
