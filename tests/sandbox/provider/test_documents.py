"""Documents that mean the same are equal, and those that do not are not."""

import json

import pytest

from sandbox.provider.documents import json_normal, policy_normal


def policy(**changes: object) -> str:
    statement = {"Effect": "Allow", "Action": ["a:B", "a:C"], "Resource": "*", **changes}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize(
    "other",
    [
        json.dumps(json.loads(policy()), indent=4, sort_keys=True),
        policy(Action=["a:C", "a:B"]),
        policy(Resource=["*"]),
        json.dumps({**json.loads(policy()), "Statement": json.loads(policy())["Statement"][0]}),
    ],
    ids=["spacing", "order", "list of one", "one statement"],
)
def test_same_policy(other: str) -> None:
    """Spacing, order and lists of one make no difference to IAM."""
    assert policy_normal(policy()) == policy_normal(other)


@pytest.mark.parametrize(
    "other",
    [policy(Effect="Deny"), policy(Action=["a:B"]), policy(Resource="arn:aws:s3:::a"), policy(Condition={"Bool": {"a": "true"}})],
    ids=["effect", "action", "resource", "condition"],
)
def test_other_policy(other: str) -> None:
    """Anything that IAM would decide differently is a difference."""
    assert policy_normal(policy()) != policy_normal(other)


def test_account_id_is_its_root() -> None:
    """AWS answers with the root's ARN where a program gave the bare account id."""
    bare, root = "222222222222", "arn:aws:iam::222222222222:root"
    assert policy_normal(policy(Principal={"AWS": bare})) == policy_normal(policy(Principal={"AWS": root}))


def test_condition_values_are_texts() -> None:
    """A condition says true or "true", 300 or "300"."""
    one, other = {"Bool": {"a": True}, "NumericLessThan": {"b": 300}}, {"Bool": {"a": "true"}, "NumericLessThan": {"b": "300"}}
    assert policy_normal(policy(Condition=one)) == policy_normal(policy(Condition=other))


def test_order_counts_in_other_documents() -> None:
    """A state machine's Catch list is tried in order."""
    assert json_normal('{"a": [1, 2], "b": 3}') == json_normal('{"b":3,"a":[1,2]}')
    assert json_normal('{"a": [1, 2]}') != json_normal('{"a": [2, 1]}')


@pytest.mark.parametrize("normal", [json_normal, policy_normal])
def test_what_is_no_json_stays_itself(normal: object) -> None:
    """A text that cannot be read is compared as text."""
    assert callable(normal)
    assert normal("{not json") == "{not json"
