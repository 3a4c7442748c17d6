"""The templates of the drills: the ground that the custom resource stands on, and a stack that uses it twice."""

import json
from collections.abc import Mapping
from pathlib import Path

FUNCTION = Path(__file__).with_name("function.py")
GROUND = "drill-ground"
LONE_ROLE = "drill-lone-role"
FUNCTION_SECONDS = 840  # how long the resource can be made to hang; Lambda allows 900
PART = "team-drill-part-${AWS::AccountId}-${AWS::Region}"
"""Another name in each place: when a function is deleted, the emulator ends its namesakes' workers elsewhere, too."""
INLINE_LIMIT = 4096  # characters of AWS::Lambda::Function ZipFile; CloudFormation template reference, lambda-function-code


def ground() -> str:
    """The function, its role, the table of causes, and the service role that the drill's stacks are deployed with."""
    code = FUNCTION.read_text()
    if len(code) > INLINE_LIMIT:
        raise ValueError(f"{FUNCTION} has {len(code)} characters; inline code may have {INLINE_LIMIT}: shorten it")
    return json.dumps(
        {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Resources": {
                "Causes": _causes(),
                "Log": _log(),
                "FunctionRole": _function_role(),
                "Function": _function(code),
                "ServiceRole": _service_role(),
            },
            "Outputs": {
                "Causes": {"Value": {"Ref": "Causes"}},
                "Function": {"Value": {"Fn::GetAtt": ["Function", "Arn"]}},
                "ServiceRole": {"Value": {"Fn::GetAtt": ["ServiceRole", "Arn"]}},
            },
        }
    )


def lone_role() -> str:
    """A service role as the ground's, which can be deleted while a stack bears it."""
    outputs = {"ServiceRole": {"Value": {"Fn::GetAtt": ["ServiceRole", "Arn"]}}}
    return _template({"ServiceRole": _service_role("lone")}, outputs)


def fragile(*, version: int, function_arn: str, causes: str, is_watched: bool = False, needs: str | None = None) -> str:
    """A stack of two resources; with *version* 2, `Release` fails when it is brought there and `Config` when it is brought back.

    Two resources, because an update and its rollback both call the function: which of the two fails must not be a race.
    Where it *is_watched* it also holds an alarm and exports a value; where it *needs* a stack it imports that one's.
    """
    part = _part(version, function_arn, causes)
    if needs is not None:
        part = {
            **part,
            "Properties": {**_properties(version, function_arn, causes), "Needs": {"Fn::ImportValue": f"{needs}-version"}},
        }
    resources: dict[str, object] = {"Config": part, "Release": {**part, "DependsOn": "Config"}}
    if not is_watched:
        return _template(resources)
    return _template({**resources, "Alarm": _alarm()}, {"Version": {"Value": "1", "Export": {"Name": _named("version")}}})


def inner(*, version: int, function_arn: str, causes: str) -> str:
    """What is nested in `outer`."""
    return _template({"Config": _part(version, function_arn, causes)})


def outer(*, version: int, function_arn: str, causes: str, inner_url: str) -> str:
    """As `fragile`, but that `Config`, which fails when it is brought back, stands in a nested stack."""
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": inner_url}}
    return _template({"Inner": nested, "Release": {**_part(version, function_arn, causes), "DependsOn": "Inner"}})


def _template(resources: dict[str, object], outputs: Mapping[str, object] | None = None) -> str:
    whole = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
    return json.dumps({**whole, "Outputs": outputs} if outputs else whole)


def _named(part: str) -> dict[str, object]:
    return {"Fn::Sub": f"${{AWS::StackName}}-{part}"}


def _alarm() -> dict[str, object]:
    """It never has data: nobody writes the metric."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": _named("errors"),
            "Namespace": "TeamDrill",
            "MetricName": "Errors",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 0,
            "ComparisonOperator": "GreaterThanThreshold",
        },
    }


def _part(version: int, function_arn: str, causes: str) -> dict[str, object]:
    return {"Type": "Custom::DrillPart", "Properties": _properties(version, function_arn, causes)}


def _properties(version: int, function_arn: str, causes: str) -> dict[str, object]:
    return {
        "ServiceToken": function_arn,
        "ServiceTimeout": FUNCTION_SECONDS + 60,
        "Causes": causes,
        "Version": str(version),
    }


def _causes() -> dict[str, object]:
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": "team-drill-causes",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "cause", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "cause", "KeyType": "HASH"}],
        },
    }


def _log() -> dict[str, object]:
    """The function's own log group, so that it goes with the ground and Lambda makes none that stays."""
    return {
        "Type": "AWS::Logs::LogGroup",
        "Properties": {"LogGroupName": {"Fn::Sub": f"/aws/lambda/{PART}"}, "RetentionInDays": 1},
    }


def _function_role() -> dict[str, object]:
    return _role(
        "function",
        "lambda.amazonaws.com",
        [
            _allow(["dynamodb:GetItem", "dynamodb:UpdateItem"], {"Fn::GetAtt": ["Causes", "Arn"]}),
            _allow(
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                {"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/team-drill-part*"},
            ),
        ],
    )


def _service_role(name: str = "service") -> dict[str, object]:
    invoke = {"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:" + PART}
    alarms = {"Fn::Sub": "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"}
    keep = _allow(["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"], alarms)
    return _role(name, "cloudformation.amazonaws.com", [_allow(["lambda:InvokeFunction"], invoke), keep])


def _function(code: str) -> dict[str, object]:
    return {
        "Type": "AWS::Lambda::Function",
        "DependsOn": "Log",
        "Properties": {
            "FunctionName": {"Fn::Sub": PART},
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Timeout": FUNCTION_SECONDS,
            "Role": {"Fn::GetAtt": ["FunctionRole", "Arn"]},
            "Code": {"ZipFile": code},
        },
    }


def _role(part: str, service: str, statements: list[dict[str, object]]) -> dict[str, object]:
    """Roles are the account's: the region in their names lets a ground stand in two regions at once."""
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": {"Fn::Sub": f"team-drill-{part}-${{AWS::Region}}"},
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": service},
                        "Action": "sts:AssumeRole",
                        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
                    }
                ],
            },
            "Policies": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}],
        },
    }


def _allow(actions: list[str], resource: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}
