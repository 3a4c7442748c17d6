"""Tables that cannot be taken back, or can be deleted, are found in every region."""

import json
from typing import Any

import pytest
from pulumi_policy import PolicyProviderResource

from policies.durability import table_deletion, table_recovery
from tests.policies.conftest import Judge

TABLE = "aws:dynamodb/table:Table"
TAGS = {"tags": {"stackmend:disposable": "true"}}


def provider(default_tags: object) -> PolicyProviderResource:
    props = {"region": "us-east-1", "defaultTags": default_tags}
    return PolicyProviderResource("pulumi:providers:aws", props, "urn:provider", "payments-us-east-1")


@pytest.mark.parametrize(
    ("props", "findings"),
    [
        pytest.param({"pointInTimeRecovery": {"enabled": True}}, [], id="alone"),
        pytest.param(
            {"pointInTimeRecovery": {"enabled": True}, "replicas": [{"regionName": "us-west-2", "pointInTimeRecovery": True}]},
            [],
            id="with a replica",
        ),
        pytest.param({}, ["cannot be taken back to a moment"], id="not a word"),
        pytest.param({"pointInTimeRecovery": {"enabled": False}}, ["cannot be taken back to a moment"], id="off"),
        pytest.param(
            {"pointInTimeRecovery": {"enabled": True}, "replicas": [{"regionName": "us-west-2"}, {"regionName": "us-east-2"}]},
            ["cannot be taken back to a moment in us-west-2", "cannot be taken back to a moment in us-east-2"],
            id="replicas without a word",
        ),
    ],
)
def test_recovery_to_a_moment(judge: Judge, props: dict[str, Any], findings: list[str]) -> None:
    """Each replica has its own setting."""
    rule = table_recovery.RULE

    assert judge(rule, TABLE, props) == [f"thing {finding}: {rule.remedy}" for finding in findings]


@pytest.mark.parametrize(
    ("props", "findings"),
    [
        pytest.param({"deletionProtectionEnabled": True}, [], id="alone"),
        pytest.param({}, ["can be deleted"], id="not a word"),
        pytest.param(
            {"deletionProtectionEnabled": True, "replicas": [{"regionName": "us-west-2", "deletionProtectionEnabled": False}]},
            ["can be deleted in us-west-2"],
            id="a replica without",
        ),
    ],
)
def test_protection_from_deletion(judge: Judge, props: dict[str, Any], findings: list[str]) -> None:
    """A replica that goes is no copy any more."""
    rule = table_deletion.RULE

    assert judge(rule, TABLE, props) == [f"thing {finding}: {rule.remedy}" for finding in findings]


@pytest.mark.parametrize(
    ("default_tags", "is_let_pass"),
    [
        pytest.param(json.dumps(TAGS), True, id="as the engine keeps it"),
        pytest.param(TAGS, True, id="as it was given"),
        pytest.param({"tags": {"stackmend:disposable": "false"}}, False, id="another value"),
        pytest.param(None, False, id="no tags"),
    ],
)
def test_what_is_torn_down_again_says_so_on_every_resource(judge: Judge, default_tags: object, is_let_pass: bool) -> None:
    """A sandbox's tables go with it; nothing else is let off."""
    found = judge(table_deletion.RULE, TABLE, {}, provider(default_tags))

    assert found == ([] if is_let_pass else [f"thing can be deleted: {table_deletion.RULE.remedy}"])
