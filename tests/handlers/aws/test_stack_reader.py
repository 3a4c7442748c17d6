"""Everything that makes a stack, read from moto's CloudFormation."""

import json
from typing import Any

import pytest

from handlers.aws.stack_reader import StackReader, raw_templates
from handlers.domain.secrecy import Hidden
from handlers.domain.version import Text
from tests.handlers.aws.conftest import client

TEMPLATE = json.dumps(
    {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Parameters": {"Password": {"Type": "String"}, "Size": {"Type": "String"}},
        "Resources": {"Queue": {"Type": "AWS::SQS::Queue"}},
    },
    indent=3,
)
POLICY = '{"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}'


@pytest.fixture
def cloudformation(aws: None) -> Any:
    """One stack."""
    made = raw_templates(client("cloudformation"))
    made.create_stack(
        StackName="app-one",
        TemplateBody=TEMPLATE,
        Parameters=[
            {"ParameterKey": "Password", "ParameterValue": "hunter2"},
            {"ParameterKey": "Size", "ParameterValue": "2"},
        ],
        Tags=[{"Key": "team", "Value": "web"}],
        StackPolicyBody=POLICY,
    )
    return made


def test_a_template_is_read_as_it_was_sent(cloudformation: Any) -> None:
    """With its spaces: botocore would hand out a parsed one, whose digest is another."""
    reader = StackReader(cloudformation)
    seen = reader.look("app-one")
    assert seen is not None
    reading = reader.read(seen, at_rest=True)

    assert reading.texts == (TEMPLATE,)
    assert reading.made.template == Text.of(TEMPLATE)
    assert reading.made.tags == {"team": "web"}
    assert json.loads(reading.made.stack_policy or "") == json.loads(POLICY)
    assert reading.resources == {"Queue": "CREATE_COMPLETE"}


def test_a_password_is_read_and_not_kept(cloudformation: Any) -> None:
    """Moto shows it plainly, as CloudFormation shows one that is not NoEcho."""
    reader = StackReader(cloudformation)
    seen = reader.look("app-one")
    assert seen is not None
    made = reader.read(seen, at_rest=False).made

    assert made.hidden == {"Password": Hidden.LOOKS_SECRET}
    assert {each.name: each.value for each in made.parameters} == {"Password": None, "Size": "2"}


def test_a_stack_that_is_gone_is_none(cloudformation: Any) -> None:
    """And no error."""
    assert StackReader(cloudformation).look("app-two") is None
