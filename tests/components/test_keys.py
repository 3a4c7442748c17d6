"""Who may use a region's key, as data."""

import json
from typing import Any

import pytest

from components.keys import KeyArgs, key_policy
from tests.components.conftest import Lint, Recording


@pytest.fixture
def args() -> KeyArgs:
    return KeyArgs(
        alias="alias/stackmend-test-cell",
        purpose="A test.",
        partition="aws",
        account="222222222222",
        region="us-east-1",
        environment="test",
        has_logs=True,
        has_alarms=True,
        deletion_days=30,
    )


def by_sid(args: KeyArgs) -> dict[str, dict[str, Any]]:
    return {statement["Sid"]: statement for statement in key_policy(args)["Statement"]}


def test_the_account_decides_for_its_roles(args: KeyArgs) -> None:
    """Without this nobody could ever change the key again."""
    assert by_sid(args)["AccountDecides"]["Principal"] == {"AWS": "arn:aws:iam::222222222222:root"}


def test_logs_may_write_our_log_groups_only(args: KeyArgs) -> None:
    """The encryption context names the group."""
    statement = by_sid(args)["LogsWrites"]

    assert statement["Principal"] == {"Service": "logs.us-east-1.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": [
                "arn:aws:logs:us-east-1:222222222222:log-group:/aws/lambda/stackmend-test-*",
                "arn:aws:logs:us-east-1:222222222222:log-group:/aws/vendedlogs/states/stackmend-test-*",
            ]
        }
    }


def test_alarms_may_write_for_our_alarms_only(args: KeyArgs) -> None:
    """Both conditions are ones that CloudWatch presents."""
    statement = by_sid(args)["AlarmsWrite"]

    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert set(statement["Condition"]) == {"StringEquals", "ArnLike"}


def test_a_key_that_nobody_but_roles_uses_names_no_service(args: KeyArgs) -> None:
    """The lease table's key."""
    lease = KeyArgs(**{**vars(args), "has_logs": False, "has_alarms": False})

    assert set(by_sid(lease)) == {"AccountDecides"}


def test_every_service_that_writes_under_a_key_stands_in_its_policy(sandbox: Recording) -> None:
    """Derived from what is deployed: log groups, and what sends to an encrypted topic by itself."""
    writers = set()
    for group in sandbox.of("LogGroup"):
        writers.add((group.inputs["kmsKeyId"], f"logs.{sandbox.place_of(group)[1]}.amazonaws.com"))
    topic_keys = {
        f"arn:aws:sns:us-east-1:222222222222:{topic.inputs['name']}": topic.inputs["kmsMasterKeyId"]
        for topic in sandbox.of("Topic")
    }
    for alarm in sandbox.of("MetricAlarm"):
        writers |= {(topic_keys[action], "cloudwatch.amazonaws.com") for action in alarm.inputs["alarmActions"]}
    for target in sandbox.of("EventTarget"):
        if target.inputs["arn"] in topic_keys:
            writers.add((topic_keys[target.inputs["arn"]], "events.amazonaws.com"))
    policy = json.loads(sandbox.one("Key", "workload-us-east-1-key-key").inputs["policy"])
    named = {statement["Principal"]["Service"] for statement in policy["Statement"] if "Service" in statement["Principal"]}

    assert {service for _, service in writers} == named
    assert len({key for key, _ in writers}) == 1


def test_every_named_service_is_held_by_a_condition(args: KeyArgs) -> None:
    """No service may use the key for another account's resources."""
    services = [statement for statement in key_policy(args)["Statement"] if "Service" in statement["Principal"]]

    assert all(statement["Condition"] for statement in services)


def test_every_key_rotates_and_waits_before_it_goes(sandbox: Recording) -> None:
    """The settings say how long."""
    for key in sandbox.of("Key"):
        assert (key.inputs["enableKeyRotation"], key.inputs["deletionWindowInDays"]) == (True, 7)


def test_cfn_lint_takes_the_policy(args: KeyArgs, findings: Lint) -> None:
    """As a key's policy in a template."""
    assert findings("AWS::KMS::Key", {"KeyPolicy": key_policy(args), "EnableKeyRotation": True}) == []
