"""The role under which people answer: who comes in, under which name, and that it can do nothing else."""

from pathlib import Path
from typing import Any

from cfnlint.api import lint_file
from cfnlint.decode import cfn_yaml

TEMPLATE = Path(__file__).parents[2] / "bootstrap" / "stackmend-approver.yaml"
ROLE: dict[str, Any] = cfn_yaml.loads(TEMPLATE.read_text(encoding="utf-8"))["Resources"]["ApproverRole"]["Properties"]


def test_it_is_a_valid_template() -> None:
    """By cfn-lint, without an exception."""
    assert [str(match) for match in lint_file(TEMPLATE)] == []


def test_a_session_bears_its_users_name() -> None:
    """Else an approver could answer as another, and approve what they started themselves."""
    (statement,) = ROLE["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Action"] == "sts:AssumeRole"  # neither TagSession nor SetSourceIdentity: nothing else to choose
    assert statement["Principal"] == {"AWS": {"Ref": "ApproverArns"}}
    assert statement["Condition"]["StringEquals"]["sts:RoleSessionName"] == "${aws:username}"


def test_it_calls_the_url_and_nothing_else() -> None:
    """Never the function itself: its event says who calls only where the URL has made it."""
    (policy,) = ROLE["Policies"]
    by_action = {one["Action"]: one for one in policy["PolicyDocument"]["Statement"]}

    assert set(by_action) == {"lambda:GetFunctionUrlConfig", "lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}
    assert by_action["lambda:InvokeFunction"]["Condition"] == {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
    assert all(one["Resource"]["Fn::Sub"].endswith("function:stackmend-*-approve") for one in by_action.values())
