"""The functions as Lambda calls them, over moto: settings from the zip, clients made once, answers plain."""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import botocore.session
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers import act_roll, diagnose, escalate, heartbeat, intake, notice, runtime, settle, validate
from handlers.aws.inventory import Inventory
from handlers.aws.ledger import Unresolved
from handlers.aws.orders import Orders
from handlers.aws.roles import Roles
from handlers.aws.stack_reader import StackReader
from handlers.aws.stacks import Stacks
from handlers.aws.table import Table
from handlers.domain.events import OverdueAttempt
from handlers.runtime import Runtime, utc_now, worker
from tests.handlers.aws.conftest import aws, client, table
from tests.handlers.bench import cell_data
from tests.handlers.fake_cloudformation import FakeCloudFormation, FakeStack
from tests.handlers.fake_services import FakeIam
from tests.handlers.fake_templates import FakeTemplates
from tests.handlers.journey import PASSING

__all__ = ["aws", "table"]

# In Lambda every function has a process of its own; here they share one, and with it the metrics' dimensions.
pytestmark = pytest.mark.filterwarnings("ignore:Dimension 'function' has already been added")

EVENTS = Path(__file__).parents[1] / "events"
CELL = cell_data()


@dataclass
class Context:
    """What Lambda tells a function about itself."""

    function_name: str = "stackmend-test-intake"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:222222222222:function:stackmend-test-intake"
    aws_request_id: str = "52fdfc07-2182-154f-163f-5f0f9a621d72"


def call(entry: ModuleType, event: dict[str, Any]) -> Any:
    """Call an entry as Lambda does."""
    return entry.lambda_handler(event, cast("LambdaContext", Context()))


@dataclass
class Deployed:
    """The cell as it is deployed, but CloudFormation, which moto cannot break."""

    runtime: Runtime
    cloudformation: FakeCloudFormation
    urls: dict[str, str]

    def break_stack(self, name: str = "app-one") -> FakeStack:
        """A stack whose rollback has failed."""
        stack = self.cloudformation.create(name)
        self.cloudformation.fail_update(stack, PASSING)
        return stack

    def newest(self) -> str:
        """The newest event's body."""
        return json.dumps(self.cloudformation.published[-1])

    def letters(self, queue: str) -> list[dict[str, Any]]:
        """What lies in a queue."""
        received = client("sqs").receive_message(QueueUrl=self.urls[queue], MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in received.get("Messages", [])]


@pytest.fixture
def deployed(table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """Tables, queues, topic and machine in moto; cell.json where the zip has it."""
    monkeypatch.setattr("handlers.runtime.CELL_FILE", tmp_path / "cell.json")
    topic = client("sns").create_topic(Name="stackmend-test-alerts")["TopicArn"]
    names = [CELL[name] for name in ("intake_queue", "notice_queue", "capture_queue", "escalation_queue")]
    urls = {name: client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in names}
    account = topic.split(":")[4]
    machine = _machine(account)
    _lease_tables()
    (tmp_path / "cell.json").write_text(json.dumps(CELL | {"alert_topic_arn": topic, "machine_arn": machine}))
    worker.cache_clear()
    made = worker()
    cloudformation = FakeCloudFormation(utc_now)
    made.__dict__.update(stacks=Stacks(cloudformation), orders=Orders(cloudformation), inventory=Inventory(cloudformation))
    made.__dict__.update(stack_reader=StackReader(FakeTemplates(cloudformation)), roles=Roles(FakeIam()))
    client("s3").create_bucket(Bucket=CELL["vault_bucket"])
    made.mail._account = account
    yield Deployed(made, cloudformation, urls)
    worker.cache_clear()


def _machine(account: str) -> str:
    definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
    made = client("stepfunctions").create_state_machine(
        name="stackmend-test", definition=json.dumps(definition), roleArn=f"arn:aws:iam::{account}:role/machine"
    )
    return str(made["stateMachineArn"])


def _lease_tables() -> None:
    """Under moto a role is assumed into its own account: the tables stand there."""
    credentials = client("sts").assume_role(RoleArn=CELL["lease"]["renew_role_arn"], RoleSessionName="seed")["Credentials"]
    dynamodb = botocore.session.get_session().create_client(
        "dynamodb",
        region_name="us-east-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    dynamodb.create_table(
        TableName=CELL["lease"]["table"],
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )


def batch(*bodies: str) -> dict[str, Any]:
    """A batch as SQS hands it to Lambda."""
    event: dict[str, Any] = json.loads((EVENTS / "sqs_batch.json").read_text())
    record = event["Records"][0]
    return {"Records": [copy.deepcopy(record) | {"messageId": f"m-{n}", "body": body} for n, body in enumerate(bodies)]}


def failed_items(answer: dict[str, Any]) -> list[str]:
    """The messages that stay in the queue."""
    return [item["itemIdentifier"] for item in answer["batchItemFailures"]]


def test_a_batch_survives_its_bad_letters(deployed: Deployed) -> None:
    """Malformed, unknown and foreign ones are failed items; the good ones between them are done."""
    call(heartbeat, {})
    deployed.break_stack()
    good = deployed.newest()
    unknown = good.replace("UPDATE_ROLLBACK_FAILED", "UPDATE_DREAMING")
    foreign = good.replace("222222222222", "333333333333")

    answer = call(intake, batch("no json", good, unknown, foreign, good))

    assert failed_items(answer) == ["m-0", "m-2", "m-3"]
    states = client("stepfunctions")
    started = states.list_executions(stateMachineArn=deployed.runtime.cell.machine_arn)["executions"]
    assert len(started) == 1


def test_a_batch_that_fails_whole_is_answered_not_raised(deployed: Deployed) -> None:
    """Each message has its own redrive."""
    assert failed_items(call(intake, batch("no json", "{}"))) == ["m-0", "m-1"]


def test_a_transient_error_fails_only_its_message(deployed: Deployed) -> None:
    """SQS delivers it again."""
    call(heartbeat, {})
    deployed.break_stack()
    deployed.cloudformation.stacks[next(iter(deployed.cloudformation.stacks))].events.clear()

    assert failed_items(call(intake, batch(deployed.newest()))) == ["m-0"]


def test_a_recovery_runs_through_every_function(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the event to the settled ledger, each function as Lambda calls it."""
    woken: list[str] = []

    def wake(token: str, **_: object) -> bool:
        woken.append(token)
        return True

    monkeypatch.setattr(deployed.runtime.machine, "wake", wake)
    assert call(heartbeat, {}) == {"outcome": "beat"}
    stack = deployed.break_stack()
    call(intake, batch(deployed.newest()))
    (claim,) = [deployed.runtime.ledger.claim(failure.stack) for failure in deployed.runtime.ledger.unresolved().failures]
    assert claim is not None
    state = claim.machine_input()

    state["decision"] = call(diagnose, state)
    assert state["decision"]["route"] == "act"
    assert call(act_roll, state | {"task_token": "task-1"}) is None
    deployed.cloudformation.end_operation(stack, well=True)
    assert failed_items(call(notice, batch(deployed.newest()))) == []
    assert woken == ["task-1"]
    state["decision"] = call(validate, state)
    assert call(settle, state) == {"outcome": "closed"}

    recovery = deployed.runtime.ledger.recovery(claim.stack, claim.recovery_id)
    assert recovery is not None
    assert (recovery.outcome, recovery.attempts) == ("recovered", 1)
    assert deployed.runtime.ledger.unresolved() == Unresolved()
    assert deployed.runtime.ledger.consumed_units > 0


def test_an_escalation_reaches_queue_and_topic(deployed: Deployed) -> None:
    """By their real clients."""
    call(heartbeat, {})
    deployed.break_stack("ask-one")
    call(intake, batch(deployed.newest()))
    (failure,) = deployed.runtime.ledger.unresolved().failures
    claim = deployed.runtime.ledger.claim(failure.stack)
    assert claim is not None
    state = claim.machine_input()

    assert call(escalate, state | {"decision": call(diagnose, state)}) == {"outcome": "closed"}

    (letter,) = deployed.letters(CELL["escalation_queue"])
    assert (letter["kind"], letter["code"], letter["recovery_id"]) == ("stackmend.escalation", "proposed", claim.recovery_id)


def test_the_heartbeats_letters_are_readable_by_their_receivers(deployed: Deployed) -> None:
    """Over a real queue."""
    deployed.break_stack()
    call(heartbeat, {})

    (letter,) = deployed.letters(CELL["intake_queue"])
    assert failed_items(call(intake, batch(json.dumps(letter)))) == []
    stack_id = letter["stack_id"]
    overdue = OverdueAttempt(stack_id=stack_id, token="sm-none", found_at=utc_now())
    assert failed_items(call(notice, batch(overdue.model_dump_json()))) == []


def test_every_log_line_names_cell_and_recovery(deployed: Deployed, capsys: pytest.CaptureFixture[str]) -> None:
    """And metrics come as one blob of the embedded format."""
    call(heartbeat, {})
    deployed.break_stack()
    capsys.readouterr()
    call(intake, batch(deployed.newest()))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    blobs = [line for line in lines if "_aws" in line]
    (blob,) = blobs
    assert blob["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Stackmend"
    assert (blob["environment"], blob["cell"]) == ("test", "222222222222#us-east-1")
    assert blob["RecoveryStarted"] == [1.0]


def test_clients_are_made_once_per_worker(deployed: Deployed) -> None:
    """And hub sessions are kept until shortly before they end."""
    assert worker() is worker()
    first = worker().lease_keeper._client_in("us-east-1")
    assert worker().lease_keeper._client_in("us-east-1") is first


def test_a_cell_file_stands_beside_the_package() -> None:
    """At the root of the zip."""
    assert Path(runtime.__file__).resolve().parent.parent / "cell.json" == runtime.CELL_FILE
