"""One emulator for all tests of the emulator; each test works under names of its own."""

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.emulator.launcher import Emulator, running
from sandbox.emulator.session import Credentials, Session

ACCOUNT = "222222222222"
REGION = "us-east-1"
TRUST = {"Version": "2012-10-17"}


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """A running emulator."""
    with running() as started:
        yield started


@pytest.fixture(scope="session")
def root(emulator: Emulator) -> Session:
    """The root of the tests' account, for what they build on."""
    return emulator.session(ACCOUNT, REGION)


@pytest.fixture
def name() -> str:
    """A name that no other test uses."""
    return f"t{uuid.uuid4().hex[:10]}"


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    """Look until what is looked for is there, and answer it; fail after some seconds."""

    def wait(look: Callable[[], Any], seconds: float = 15) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := look()):
            if time.monotonic() > deadline:
                pytest.fail(f"not there within {seconds} s; last seen: {found!r}")
            time.sleep(0.05)
        return found

    return wait


@pytest.fixture(scope="session")
def make_role(root: Session) -> Callable[..., str]:
    """Make a role that *service* may assume, with *statements*, and answer its ARN."""

    def make(role: str, service: str, *statements: dict[str, Any], account: str | None = None) -> str:
        principal = {"Service": service} if account is None else {"AWS": f"arn:aws:iam::{account}:root"}
        trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
        iam = root.client("iam")
        arn = str(iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST | trust))["Role"]["Arn"])
        if statements:
            iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=json.dumps(TRUST | {"Statement": list(statements)}))
        return arn

    return make


@pytest.fixture
def acting(emulator: Emulator, root: Session, make_role: Callable[..., str], name: str) -> Callable[..., Session]:
    """A session `assumed-role/<name>-caller/acting` that these statements allow something."""

    def act(*statements: dict[str, Any]) -> Session:
        arn = make_role(f"{name}-caller", "", *statements, account=ACCOUNT)
        keys = root.client("sts").assume_role(RoleArn=arn, RoleSessionName="acting")["Credentials"]
        credentials = Credentials(
            access_key_id=keys["AccessKeyId"], secret_access_key=keys["SecretAccessKey"], session_token=keys["SessionToken"]
        )
        return emulator.session_of(credentials, REGION)

    return act


@pytest.fixture(scope="session")
def make_function(root: Session, make_role: Callable[..., str]) -> Callable[..., str]:
    """Make a Python function from source whose handler is `handler`, and answer its ARN; its role may do everything."""

    def make(function: str, source: str, **more: Any) -> str:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("code_under_test.py", source)
        role = make_role(function, "lambda.amazonaws.com", {"Effect": "Allow", "Action": "*", "Resource": "*"})
        made = root.client("lambda").create_function(
            FunctionName=function, Runtime="python3.13", Role=role, Handler="code_under_test.handler",
            Code={"ZipFile": content.getvalue()}, **({"Timeout": 10} | more),
        )  # fmt: skip
        return str(made["FunctionArn"])

    return make


@pytest.fixture
def make_machine(root: Session, make_role: Callable[..., str]) -> Callable[..., str]:
    """Make a state machine and answer its ARN."""

    def make(machine: str, states: dict[str, Any], **more: Any) -> str:
        definition = {"StartAt": next(iter(states)), "States": states, **more}
        made = root.client("stepfunctions").create_state_machine(
            name=machine, definition=json.dumps(definition), roleArn=make_role(f"{machine}-machine", "states.amazonaws.com")
        )
        return str(made["stateMachineArn"])

    return make


@pytest.fixture
def scheduled(root: Session) -> Callable[[Any], int]:
    """How often an execution has called its tasks."""

    def count(execution: Any) -> int:
        history = root.client("stepfunctions").get_execution_history(executionArn=execution["executionArn"])["events"]
        return sum(one["type"] == "TaskScheduled" for one in history)

    return count


@pytest.fixture
def run(root: Session, until: Callable[..., Any]) -> Callable[..., Any]:
    """Start an execution, wait for its end, and answer its description."""

    def execute(machine: str, data: Any = None, **named: Any) -> Any:
        states = root.client("stepfunctions")
        arn = states.start_execution(stateMachineArn=machine, input=json.dumps(data or {}), **named)["executionArn"]

        def ended() -> Any:
            found = states.describe_execution(executionArn=arn)
            return found if found["status"] != "RUNNING" else None

        return until(ended)

    return execute
