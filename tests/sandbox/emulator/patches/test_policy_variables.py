"""A trust that fixes a session's name to the user's."""

import json

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.launcher import Emulator
from sandbox.emulator.session import Credentials, Session

pytestmark = pytest.mark.sandbox

ACCOUNT = "222222222222"
NAMED = {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}
UNKNOWN = {"StringEquals": {"sts:RoleSessionName": "${aws:PrincipalTag/team}"}}


def _user(emulator: Emulator, root: Session, name: str) -> Session:
    iam = root.client("iam")
    iam.create_user(UserName=name)
    may = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17"} | may))
    keys = iam.create_access_key(UserName=name)["AccessKey"]
    return emulator.session_of(Credentials(access_key_id=keys["AccessKeyId"], secret_access_key=keys["SecretAccessKey"]))


def _role(root: Session, name: str, condition: dict[str, dict[str, str]]) -> str:
    principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    return str(root.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"])


def test_session_bears_the_users_name(emulator: Emulator, root: Session, name: str) -> None:
    """Under another name than one's own nobody comes in."""
    sts = _user(emulator, root, name).client("sts")
    role = _role(root, f"{name}-role", NAMED)

    given = sts.assume_role(RoleArn=role, RoleSessionName=name)["AssumedRoleUser"]["Arn"]

    assert given.endswith(f":assumed-role/{name}-role/{name}")
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=role, RoleSessionName="somebody-else")


def test_variable_without_a_value_matches_nothing(emulator: Emulator, root: Session, name: str) -> None:
    """Who has no such tag is not let in by its absence."""
    sts = _user(emulator, root, name).client("sts")
    role = _role(root, f"{name}-role", UNKNOWN)

    for guess in (name, "team", "none"):
        with pytest.raises(ClientError, match="AccessDenied"):
            sts.assume_role(RoleArn=role, RoleSessionName=guess)
