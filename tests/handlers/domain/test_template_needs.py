"""What templates take from others by name, in every way in which CloudFormation lets people write it."""

import pytest

from handlers.domain.template_needs import taken

VALUES = {"AWS::Region": "us-east-1", "Net": "core"}


@pytest.mark.parametrize(
    "text",
    [
        "Value: !ImportValue core-Vpc",
        'Value: !ImportValue "core-Vpc"',
        "Value:\n  Fn::ImportValue: core-Vpc",
        "Value:\n  'Fn::ImportValue': 'core-Vpc'",
        '{"Value": {"Fn::ImportValue": "core-Vpc"}}',
        "Value:\n  Fn::ImportValue: !Sub ${Net}-Vpc",
        'Value:\n  Fn::ImportValue: !Sub "${Net}-Vpc"',
        "Value: !ImportValue\n  Fn::Sub: ${Net}-Vpc",
        '{"Value": {"Fn::ImportValue": {"Fn::Sub": "${Net}-Vpc"}}}',
        '{"Value":{"Fn::ImportValue":{"Fn::Sub":"${Net}-Vpc"}}}',
    ],
)
def test_an_import_is_found_however_it_is_written(text: str) -> None:
    """JSON and YAML, long and short, with and without something to fill in."""
    found = taken([text], VALUES)

    assert found.imports == ("core-Vpc",)
    assert found.unresolved == ()


@pytest.mark.parametrize("text", ['{"Fn::ImportValue": {"Ref": "Net"}}', "Fn::ImportValue: !Ref Net"])
def test_a_parameter_may_hold_the_whole_name(text: str) -> None:
    """Its value is known."""
    assert taken([text], VALUES).imports == ("core",)


@pytest.mark.parametrize(
    "text",
    [
        "Fn::ImportValue: !Join ['-', [a, b]]",
        '{"Fn::ImportValue": {"Fn::Join": ["-", ["a", "b"]]}}',
        "Fn::ImportValue: !Sub ${Hidden}-Vpc",
        "Fn::ImportValue:\n  Fn::Select: [0, !Ref Names]",
        "Fn::ImportValue: !Ref Hidden",
    ],
)
def test_what_only_cloudformation_knows_is_named_and_not_guessed(text: str) -> None:
    """A wrong edge would let a stack wait for nothing."""
    found = taken([text], VALUES)

    assert found.imports == ()
    assert len(found.unresolved) == 1


def test_each_is_taken_once_over_all_templates() -> None:
    """A nested stack's needs are its root's."""
    found = taken(["!ImportValue a", "!ImportValue a\n{{resolve:ssm:/x:1}} {{resolve:ssm:/x:1}}"], {})

    assert (found.imports, found.references) == (("a",), ("{{resolve:ssm:/x:1}}",))
