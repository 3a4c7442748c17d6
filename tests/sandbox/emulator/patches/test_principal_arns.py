"""A trust may name exact roles of another account, by their ARNs with path."""

import json

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.launcher import Emulator
from sandbox.emulator.session import Credentials, Session

pytestmark = pytest.mark.sandbox
HERE, THERE = "222222222222", "111111111111"


def visitor(emulator: Emulator, name: str, account: str = HERE) -> Session:
    """Somebody with a role under a path, who may assume anything that lets them."""
    root = emulator.session(account)
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    role = root.client("iam").create_role(
        RoleName=name, Path="/team/", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]})
    )
    root.client("iam").put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps({"Statement": [may]}))
    keys = root.client("sts").assume_role(RoleArn=role["Role"]["Arn"], RoleSessionName="visit")["Credentials"]
    return emulator.session_of(
        Credentials(
            access_key_id=keys["AccessKeyId"], secret_access_key=keys["SecretAccessKey"], session_token=keys["SessionToken"]
        )
    )


def test_only_the_named_role_comes_in(emulator: Emulator, name: str) -> None:
    """The session of the role that the condition names is let in; another role of the same account is not."""
    condition = {"ArnEquals": {"aws:PrincipalArn": [f"arn:aws:iam::{HERE}:role/team/{name}-a"]}}
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{HERE}:root"},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
    iam = emulator.session(THERE).client("iam")
    door = iam.create_role(RoleName=f"{name}-door", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]["Arn"]
    named, other = (visitor(emulator, f"{name}-{one}").client("sts") for one in "ab")

    assert named.assume_role(RoleArn=door, RoleSessionName="in")["Credentials"]
    with pytest.raises(ClientError, match="AssumeRole"):
        other.assume_role(RoleArn=door, RoleSessionName="in")
