"""Task tokens: what ends a state that waits for one, and what a token is good for afterwards."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox

# Leaves its token in a queue, then does as the event says.
ACT = """
import boto3, time
class TransientError(Exception):
    pass
def handler(event, context):
    sqs = boto3.client("sqs")
    url = sqs.meta.endpoint_url + "/222222222222/" + context.function_name
    sqs.send_message(QueueUrl=url, MessageBody=event["task_token"])
    if event.get("succeed"):
        boto3.client("stepfunctions").send_task_success(taskToken=event["task_token"], output='{"end_status": "X"}')
    if event.get("fail"):
        raise TransientError("try again")
"""


class Field:
    """A function under a task token, its queue of tokens, and a machine around it."""

    def __init__(self, root: Session, name: str, machine: str, until: Callable[..., Any]) -> None:
        self.states, self._sqs, self._until = root.client("stepfunctions"), root.client("sqs"), until
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        self._machine = machine

    def start(self, **event: Any) -> str:
        """Start an execution and answer its ARN."""
        return str(self.states.start_execution(stateMachineArn=self._machine, input=json.dumps(event))["executionArn"])

    def token(self) -> str:
        """The next token that a function was given."""
        [message] = self._until(lambda: self._sqs.receive_message(QueueUrl=self._url).get("Messages"))
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return str(message["Body"])

    def ended(self, execution: str) -> Any:
        """The execution's description once it has ended."""

        def look() -> Any:
            found = self.states.describe_execution(executionArn=execution)
            return found if found["status"] != "RUNNING" else None

        return self._until(look)

    def send(self, token: str, output: str = "{}") -> None:
        """Send success."""
        self.states.send_task_success(taskToken=token, output=output)


@pytest.fixture
def make_field(
    root: Session, name: str, make_function: Callable[..., str], make_machine: Callable[..., str], until: Callable[..., Any]
) -> Callable[..., Field]:
    """Make the machine of one waiting state; its fields are the keywords."""

    def make(**more: Any) -> Field:
        parameters = {
            "FunctionName": make_function(name, ACT),
            "Payload": {"task_token.$": "$$.Task.Token", "fail.$": "$.fail", "succeed.$": "$.succeed"},
        }
        resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
        act = {"Type": "Task", "Resource": resource, "Parameters": parameters, "TimeoutSeconds": 20, "End": True}
        return Field(root, name, make_machine(name, {"Act": act | more}), until)

    return make


def test_token_wakes_its_state(make_field: Callable[..., Field]) -> None:
    """The output that was sent is the state's result."""
    field = make_field()
    execution = field.start()

    field.send(field.token(), '{"end_status": "UPDATE_ROLLBACK_COMPLETE"}')

    ended = field.ended(execution)
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"end_status": "UPDATE_ROLLBACK_COMPLETE"})


def test_function_may_send_its_own_success(make_field: Callable[..., Field]) -> None:
    """Where there is nothing to wait for, the function itself ends its state."""
    assert json.loads(field_end(make_field(), succeed=True)["output"]) == {"end_status": "X"}


def field_end(field: Field, **event: Any) -> Any:
    """Start and await."""
    return field.ended(field.start(**event))


def test_success_counts_though_the_function_fails_later(make_field: Callable[..., Field]) -> None:
    """What was sent first stands."""
    assert field_end(make_field(), succeed=True, fail=True)["status"] == "SUCCEEDED"


def test_failed_function_fails_its_state(make_field: Callable[..., Field]) -> None:
    """At once and by class, not by the state's time-out."""
    ended = field_end(make_field(), fail=True)

    assert (ended["status"], ended["error"]) == ("FAILED", "TransientError")
    assert json.loads(ended["cause"])["errorMessage"] == "try again"


def test_catch_sees_the_functions_error(make_field: Callable[..., Field], name: str) -> None:
    """Catch applies as to any task."""
    field = make_field(Catch=[{"ErrorEquals": ["TransientError"], "ResultPath": "$.error", "Next": "Act"}])
    execution = field.start(fail=True)
    field.token()
    field.token()  # caught, and on to the next state, which here is itself

    field.states.stop_execution(executionArn=execution)


def test_retry_has_a_new_token_and_the_old_one_is_closed(make_field: Callable[..., Field]) -> None:
    """The token of the failed attempt wakes nobody; the retry has one of its own."""
    field = make_field(Retry=[{"ErrorEquals": ["TransientError"], "IntervalSeconds": 1, "MaxAttempts": 1, "MaxDelaySeconds": 1}])
    execution = field.start(fail=True)
    old, new = field.token(), field.token()

    assert old != new
    with pytest.raises(ClientError, match="TaskTimedOut"):
        field.send(old)
    assert field.ended(execution)["status"] == "FAILED"


def test_used_token_is_closed(make_field: Callable[..., Field]) -> None:
    """A second success, also the very next moment, is told that the task is over."""
    field = make_field()
    execution = field.start()
    token = field.token()
    field.send(token)

    with pytest.raises(ClientError, match="TaskTimedOut"):
        field.send(token)
    field.ended(execution)
    with pytest.raises(ClientError, match="TaskTimedOut"):
        field.send(token)


def test_token_ends_with_its_state(make_field: Callable[..., Field]) -> None:
    """After the state's time-out the token is closed, and States.Timeout is the state's error."""
    field = make_field(TimeoutSeconds=1)
    execution = field.start()
    token = field.token()

    assert field.ended(execution)["error"] == "States.Timeout"
    with pytest.raises(ClientError, match="TaskTimedOut"):
        field.send(token)


def test_token_ends_with_its_execution(make_field: Callable[..., Field], until: Callable[..., Any]) -> None:
    """An execution that is stopped takes its tokens with it, at once."""
    field = make_field()
    execution = field.start()
    token = field.token()

    field.states.stop_execution(executionArn=execution)

    def is_closed() -> bool:
        try:
            field.send(token)
        except ClientError as refused:
            return bool(refused.response["Error"]["Code"] == "TaskTimedOut")
        return False

    until(is_closed)
    assert field.ended(execution)["status"] == "ABORTED"


def test_unknown_token_is_invalid(root: Session) -> None:
    """What was never a token is told so."""
    with pytest.raises(ClientError, match="InvalidToken"):
        root.client("stepfunctions").send_task_success(taskToken="never", output="{}")


def test_output_must_be_json(make_field: Callable[..., Field]) -> None:
    """A bad output is refused and leaves the state waiting."""
    field = make_field()
    execution = field.start()
    token = field.token()

    with pytest.raises(ClientError, match="InvalidOutput"):
        field.send(token, "not JSON")
    field.send(token)

    assert field.ended(execution)["status"] == "SUCCEEDED"


def test_other_region_does_not_know_the_token(make_field: Callable[..., Field], root: Session) -> None:
    """Tokens live in their region and account."""
    field = make_field()
    execution = field.start()
    token = field.token()

    with pytest.raises(ClientError, match="InvalidToken"):
        root.in_region("us-west-2").client("stepfunctions").send_task_success(taskToken=token, output="{}")
    field.send(token)
    field.ended(execution)
