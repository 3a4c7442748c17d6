"""What a function's caller learns of its failure."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox

COUNTING = """
calls = 0
class TransientError(Exception):
    pass
def handler(event, context):
    global calls
    calls += 1
    if event.get("fail"):
        raise TransientError("try again")
    return calls
"""


def invoke(root: Session, function: str, event: Any) -> tuple[str | None, Any]:
    """Error kind and payload of one call."""
    answer = root.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    return answer.get("FunctionError"), json.load(answer["Payload"])


def task(function: str, **more: Any) -> dict[str, Any]:
    """A state that calls the function."""
    parameters = {"FunctionName": function, "Payload.$": "$"}
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": parameters, "End": True, **more}


def test_error_is_named_by_its_class(root: Session, name: str, make_function: Callable[..., str]) -> None:
    """The errorType is the exception's class, with message, request id and the trace's frames."""
    make_function(name, COUNTING)

    kind, body = invoke(root, name, {"fail": True})

    assert kind == "Unhandled"
    assert (body["errorType"], body["errorMessage"]) == ("TransientError", "try again")
    [frame] = body["stackTrace"]
    assert "line 9, in handler\n" in frame
    assert "raise TransientError" in frame
    assert set(body) == {"errorMessage", "errorType", "requestId", "stackTrace"}


def test_environment_stays_warm_after_an_error(root: Session, name: str, make_function: Callable[..., str]) -> None:
    """A raised exception is an answer, not the end of the environment."""
    make_function(name, COUNTING)

    assert invoke(root, name, {})[1] == 1
    assert invoke(root, name, {"fail": True})[0] == "Unhandled"
    assert invoke(root, name, {})[1] == 3


def test_class_is_what_retry_matches(
    name: str, make_function: Callable[..., str], make_machine: Callable[..., str], run: Any, scheduled: Callable[[Any], int]
) -> None:
    """A Retry for the class repeats the call, one for another class does not."""
    function = make_function(
        name, "class TransientError(Exception): pass\ndef handler(event, context): raise TransientError('x')\n"
    )

    def attempts(error: str) -> int:
        retry = [{"ErrorEquals": [error], "IntervalSeconds": 1, "BackoffRate": 1, "MaxAttempts": 2, "MaxDelaySeconds": 1}]
        ended = run(make_machine(f"{name}-{error}", {"Call": task(function, Retry=retry)}))
        assert (ended["status"], ended["error"]) == ("FAILED", "TransientError")
        assert json.loads(ended["cause"])["errorMessage"] == "x"
        return scheduled(ended)

    assert attempts("TransientError") == 3
    assert attempts("RefusedError") == 1


def test_class_is_what_catch_matches(
    name: str, make_function: Callable[..., str], make_machine: Callable[..., str], run: Any
) -> None:
    """The caught error carries class and cause."""
    function = make_function(name, "class RefusedError(Exception): pass\ndef handler(event, context): raise RefusedError('no')\n")
    caught = [{"ErrorEquals": ["RefusedError"], "ResultPath": "$.error", "Next": "Caught"}]
    states = {"Call": task(function, Catch=caught), "Caught": {"Type": "Pass", "End": True}}
    del states["Call"]["End"]
    states["Call"]["Next"] = "Caught"

    ended = run(make_machine(name, states), {"recovery_id": "r"})

    found = json.loads(ended["output"])
    assert (found["recovery_id"], found["error"]["Error"]) == ("r", "RefusedError")
    assert json.loads(found["error"]["Cause"])["errorMessage"] == "no"


def test_module_that_cannot_be_imported(root: Session, name: str, make_function: Callable[..., str]) -> None:
    """AWS calls it Runtime.ImportModuleError; a missing handler is Runtime.HandlerNotFound."""
    make_function(name, "import nothing_of_that_name\n")
    make_function(f"{name}-empty", "x = 1\n")

    assert invoke(root, name, {})[1]["errorType"] == "Runtime.ImportModuleError"
    assert "nothing_of_that_name" in invoke(root, name, {})[1]["errorMessage"]
    assert invoke(root, f"{name}-empty", {})[1]["errorType"] == "Runtime.HandlerNotFound"


def test_throttled_task_is_named_as_documented(
    root: Session, name: str, make_function: Callable[..., str], make_machine: Callable[..., str], run: Any
) -> None:
    """A function over its reserved concurrency fails its state with Lambda.TooManyRequestsException."""
    function = make_function(name, COUNTING)
    root.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    assert run(make_machine(name, {"Call": task(function)}))["error"] == "Lambda.TooManyRequestsException"


def test_time_out_keeps_its_name(root: Session, name: str, make_function: Callable[..., str]) -> None:
    """A function that ran out of time raised nothing: Sandbox.Timedout, as before."""
    make_function(name, "import time\ndef handler(event, context): time.sleep(5)\n", Timeout=1)

    kind, body = invoke(root, name, {})

    assert (kind, body["errorType"]) == ("Unhandled", "Sandbox.Timedout")
