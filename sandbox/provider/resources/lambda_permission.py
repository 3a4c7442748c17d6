"""Statements in the resource policy of a Lambda function."""

import json
from typing import Final

from sandbox.provider.resource import Call, ResourceType
from sandbox.provider.schema import Properties, flag, name, text
from sandbox.provider.wire import Value, Values

# Where AddPermission puts each of its arguments in the statement.
# https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
_CONDITIONS: Final = {
    "sourceArn": ("ArnLike", "AWS:SourceArn"),
    "sourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "principalOrgId": ("StringEquals", "aws:PrincipalOrgID"),
    "functionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "eventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
}


def function_name(function: str) -> str:
    """A function's name, also where its ARN is given."""
    return function.split(":")[6] if function.startswith("arn:") else function


_PROPERTIES: Final[Properties] = {
    "statementId": name(100),
    "function": text(api="FunctionName", required=True, replaces=True, normal=function_name),
    "action": text(required=True, replaces=True),
    "principal": text(required=True, replaces=True),
    "sourceArn": text(replaces=True),
    "sourceAccount": text(replaces=True),
    "principalOrgId": text(api="PrincipalOrgID", replaces=True),
    "functionUrlAuthType": text(replaces=True),
    "invokedViaFunctionUrl": flag(replaces=True),
    "eventSourceToken": text(replaces=True),
    "qualifier": text(replaces=True),
}


def _create(call: Call) -> str:
    call.client.add_permission(**call.parameters())
    return str(call.inputs["statementId"])


def _of_function(call: Call) -> Values:
    qualifier = call.known.get("qualifier")
    return {"FunctionName": call.known["function"], **({"Qualifier": qualifier} if qualifier else {})}


def _read(call: Call) -> Values | None:
    policy = json.loads(call.client.get_policy(**_of_function(call))["Policy"])
    statement = next((each for each in policy["Statement"] if each.get("Sid") == call.id), None)
    if statement is None:
        return None
    conditions = {
        name: _condition(statement, operator, key) for name, (operator, key) in _CONDITIONS.items() if name in call.known
    }
    return {
        "statementId": call.id,
        "action": statement["Action"],
        "principal": _principal(statement["Principal"], call.known["principal"]),
        **conditions,
    }


def _condition(statement: Values, operator: str, key: str) -> Value:
    """The value of a condition; keys of conditions are not case-sensitive."""
    found = statement.get("Condition", {}).get(operator, {})
    return next((value for name, value in found.items() if name.lower() == key.lower()), None)


def _principal(shown: Value, known: str) -> str:
    """The principal as the program writes it: a service, an account's id for its root, an ARN, or everybody."""
    word = next(iter(shown.values())) if isinstance(shown, dict) else shown
    return known if word == f"arn:aws:iam::{known}:root" else str(word)


PERMISSION = ResourceType(
    pulumi_type="aws:lambda/permission:Permission",
    service="lambda",
    properties=_PROPERTIES,
    outputs=(),
    create=_create,
    read=_read,
    delete=lambda call: call.client.remove_permission(**_of_function(call), StatementId=call.id),
)

TYPES = (PERMISSION,)
