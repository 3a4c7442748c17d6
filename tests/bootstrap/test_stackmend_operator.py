"""The role in which people operate Stackmend: who comes in, that the runbooks' commands are allowed, and that no stack is changed."""

import re
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.decode import cfn_yaml

from handlers.aws.people import CellPeople
from handlers.domain.identity import StackKey
from tests.handlers.bench import WORD
from tests.handlers.fake_table import FakeTable

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "bootstrap" / "stackmend-operator.yaml"
TEXT = TEMPLATE.read_text(encoding="utf-8")
ROLE: dict[str, Any] = cfn_yaml.loads(TEXT)["Resources"]["OperatorRole"]["Properties"]
STATEMENTS = {one["Sid"]: one for policy in ROLE["Policies"] for one in policy["PolicyDocument"]["Statement"]}
POLICY_CHARACTERS = 10_240  # all inline policies of a role together; IAM user guide, "IAM and AWS STS quotas"

BY_THE_TEAM = {
    "cloudformation continue-update-rollback", "cloudformation cancel-update-stack",
    "cloudformation update-termination-protection", "sqs start-message-move-task",
}  # fmt: skip
"""Named in a runbook's text for whoever owns the stack or the deployment: not the operator's."""
ALWAYS = {"sts get-caller-identity"}
"""Needs no permission."""
SERVICES = {"stepfunctions": "states"}
CALLED = {"logs tail": "logs:FilterLogEvents", "cloudtrail lookup-events": "cloudtrail:LookupEvents"}


def actions() -> set[str]:
    """Everything that the role allows."""
    named = [one["Action"] for one in STATEMENTS.values()]
    return {action for each in named for action in ([each] if isinstance(each, str) else each)}


def commands() -> set[str]:
    """Every `aws` command of the runbooks."""
    pages = (ROOT / "docs" / "runbooks").glob("*.md")
    return {found for page in pages for found in re.findall(r"\baws ([a-z]+ [a-z-]+)", page.read_text(encoding="utf-8"))}


def test_it_is_a_valid_template_that_fits_into_a_role() -> None:
    """By cfn-lint, without an exception; every action is named."""
    assert [str(match) for match in lint_file(TEMPLATE)] == []
    assert [action for action in actions() if "*" in action] == []
    assert len(re.sub(r"\s+", "", TEXT[TEXT.index("Policies:") :])) < POLICY_CHARACTERS


def test_only_what_knows_no_resource_is_allowed_on_every_resource() -> None:
    """With the reason beside it."""
    assert [sid for sid, one in STATEMENTS.items() if one["Resource"] == "*"] == ["Lists"]
    assert re.search(r'Resource: "\*" # \w', TEXT)


@pytest.mark.parametrize("command", sorted(commands() - BY_THE_TEAM - ALWAYS))
def test_every_command_of_the_runbooks_is_allowed(command: str) -> None:
    """Whoever is called at night types them in this role."""
    service, _, operation = command.partition(" ")
    action = CALLED.get(
        command, f"{SERVICES.get(service, service)}:{''.join(word.capitalize() for word in operation.split('-'))}"
    )

    assert action in actions()


def test_no_stack_is_changed() -> None:
    """Nor any record put, nor anything of Stackmend's deployed."""
    writes = {
        action
        for action in actions()
        if not re.match(r"\w+:(Batch)?(Get|List|Describe|Query|Filter|Lookup|Simulate|Receive)", action)
    }

    assert {action for action in writes if not action.startswith("kms:")} == {
        "dynamodb:UpdateItem", "sqs:DeleteMessage", "sqs:SendMessage", "states:StopExecution",
    }  # fmt: skip


def test_words_go_into_the_door_of_every_event_alone() -> None:
    """What is sent into another queue would be believed there as what AWS or a function of ours has said."""
    arn = STATEMENTS["Ask"]["Resource"]["Fn::Sub"]

    assert STATEMENTS["Ask"]["Action"] == "sqs:SendMessage"
    assert arn.endswith(":stackmend-${Environment}-intake")


def test_what_people_say_is_made_of_the_allowed_attributes() -> None:
    """The emulator does not ask for them: what a pause and a switch write is held against the condition here."""
    table = FakeTable()
    people = CellPeople(table, "222222222222#us-east-1")  # type: ignore[arg-type]
    key = StackKey(account="222222222222", region="us-east-1", name="app-one")
    people.pause(key, WORD, until=WORD.at)
    people.stop(WORD)
    written = {name for item in table.items.values() for name in item}
    condition = STATEMENTS["PauseAndStop"]["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"]

    assert written == set(condition)


def test_of_the_leases_only_the_switch_is_written() -> None:
    """A lease is its cell's."""
    condition = STATEMENTS["StopEverywhere"]["Condition"]["ForAllValues:StringEquals"]

    assert condition == {"dynamodb:LeadingKeys": [{"Fn::Sub": "SWITCH#${Environment}"}]}


def test_a_users_session_bears_their_name() -> None:
    """It stands in the record of what they say."""
    users, roles = (one["Fn::If"][1] for one in ROLE["AssumeRolePolicyDocument"]["Statement"])

    assert users["Condition"]["StringEquals"]["sts:RoleSessionName"] == "${aws:username}"
    assert (users["Principal"], roles["Principal"]) == ({"AWS": {"Ref": "OperatorUsers"}}, {"AWS": {"Ref": "OperatorRoles"}})
