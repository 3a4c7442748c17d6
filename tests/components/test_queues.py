"""Every queue of a cell, and who may send to it."""

import json
from typing import Any

import pytest

from components.addresses import DEAD, CellAddresses
from components.queues import QueueArgs, queue_policy
from tests.components.conftest import Lint, Recording

CELL = CellAddresses(environment="test", partition="aws", account="222222222222", region="us-east-1")
ARN = "arn:aws:sqs:us-east-1:222222222222:stackmend-test-intake"


@pytest.fixture
def statements() -> list[dict[str, Any]]:
    args = QueueArgs(cell=CELL, queue="intake", retention_days=14, rules=("intake", "notice"))
    found: list[dict[str, Any]] = queue_policy(args)["Statement"]
    return found


def queues(recording: Recording) -> dict[str, dict[str, Any]]:
    return {one.inputs["name"].removeprefix("stackmend-sandbox-"): dict(one.inputs) for one in recording.of("Queue")}


def test_nothing_comes_without_tls(statements: list[dict[str, Any]]) -> None:
    """For every caller and every call."""
    tls = statements[0]

    assert (tls["Effect"], tls["Principal"], tls["Action"], tls["Resource"]) == ("Deny", "*", "sqs:*", ARN)
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_the_named_rules_of_the_own_account_may_send(statements: list[dict[str, Any]]) -> None:
    """EventBridge would otherwise deliver any account's rule here."""
    rules = statements[1]

    assert rules["Principal"] == {"Service": "events.amazonaws.com"}
    assert rules["Condition"] == {
        "ArnEquals": {
            "aws:SourceArn": [
                "arn:aws:events:us-east-1:222222222222:rule/stackmend-test-intake",
                "arn:aws:events:us-east-1:222222222222:rule/stackmend-test-notice",
            ]
        },
        "StringEquals": {"aws:SourceAccount": "222222222222"},
    }


def test_a_queue_without_rules_names_no_service() -> None:
    """Roles of the own account send by their own rights."""
    document = queue_policy(QueueArgs(cell=CELL, queue="escalation", retention_days=14))

    assert [statement["Sid"] for statement in document["Statement"]] == ["TlsOnly"]


def test_cfn_lint_takes_the_policy(statements: list[dict[str, Any]], findings: Lint) -> None:
    """As a queue's policy in a template."""
    document = {"Version": "2012-10-17", "Statement": statements}

    assert findings("AWS::SQS::QueuePolicy", {"PolicyDocument": document, "Queues": ["https://queue"]}) == []


def test_every_queue_is_encrypted_by_sqs_itself(sandbox: Recording) -> None:
    """Under a customer's key EventBridge's messages would be lost without a grant; what is in them are ids."""
    assert all(queue["sqsManagedSseEnabled"] and "kmsMasterKeyId" not in queue for queue in queues(sandbox).values())


def test_what_was_taken_five_times_in_vain_is_kept_apart(sandbox: Recording) -> None:
    """Each door has its own dead letters."""
    for door in ("intake", "notice", "capture"):
        redrive = json.loads(queues(sandbox)[door]["redrivePolicy"])

        assert redrive["deadLetterTargetArn"].endswith(f":stackmend-sandbox-{door}-dead")
        assert redrive["maxReceiveCount"] == 5


def test_dead_letters_come_only_from_their_door(sandbox: Recording) -> None:
    """No other queue may name them as its own."""
    for name, queue in queues(sandbox).items():
        allowed = json.loads(queue["redriveAllowPolicy"])
        if name in ("intake-dead", "notice-dead", "capture-dead"):
            source = f"arn:aws:sqs:us-east-1:222222222222:stackmend-sandbox-{name.removesuffix('-dead')}"
            assert allowed == {"redrivePermission": "byQueue", "sourceQueueArns": [source]}
        else:
            assert allowed == {"redrivePermission": "denyAll"}


def test_a_queue_is_made_after_its_dead_letters(sandbox: Recording) -> None:
    """SQS refuses to name a queue that is not there."""
    for door in ("intake", "notice", "capture"):
        waits = sandbox.one("Queue", f"workload-us-east-1-intake-{door}-events-queue").waits_for

        assert sandbox.one("Queue", f"workload-us-east-1-intake-{door}-dead-queue").urn in waits


def test_escalations_wait_apart_from_what_could_not_be_carried(sandbox: Recording) -> None:
    """A message that was sent straight to a dead-letter queue could not be moved back."""
    assert set(queues(sandbox)) == {*DEAD, "intake", "notice", "capture", "escalation"}


def test_messages_wait_as_long_as_the_settings_say(sandbox: Recording) -> None:
    """One day in the sandbox."""
    assert {queue["messageRetentionSeconds"] for queue in queues(sandbox).values()} == {86400}
