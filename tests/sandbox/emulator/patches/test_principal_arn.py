"""aws:PrincipalArn of who acts by a role."""

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.launcher import Emulator
from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox


def test_trust_may_name_the_role_exactly(emulator: Emulator, acting: Callable[..., Session], name: str) -> None:
    """A role of another account lets in the sessions of one role, by its ARN, and of no other."""
    sts = acting({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}).client("sts")
    for role, let_in in ((name, f"{name}-caller"), (f"{name}-b", "another")):
        condition = {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::222222222222:role/{let_in}"}}
        principal = {"AWS": "arn:aws:iam::222222222222:root"}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}
        emulator.session("111111111111").client("iam").create_role(
            RoleName=role, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]})
        )

    assert sts.assume_role(RoleArn=f"arn:aws:iam::111111111111:role/{name}", RoleSessionName="lease")["Credentials"]
    with pytest.raises(ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=f"arn:aws:iam::111111111111:role/{name}-b", RoleSessionName="lease")


def test_path_is_part_of_it(root: Session, emulator: Emulator, name: str) -> None:
    """A role under a path is named with it, though its session is not."""
    from sandbox.emulator.session import Credentials  # noqa: PLC0415

    iam = root.client("iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Action": "sts:AssumeRole"}
    arn = iam.create_role(Path="/tools/", RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"][
        "Arn"
    ]
    own = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalArn": arn}}}
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [own]}))
    keys = root.client("sts").assume_role(RoleArn=arn, RoleSessionName="me")["Credentials"]

    session = emulator.session_of(
        Credentials(
            access_key_id=keys["AccessKeyId"], secret_access_key=keys["SecretAccessKey"], session_token=keys["SessionToken"]
        )
    )

    assert arn == f"arn:aws:iam::222222222222:role/tools/{name}"
    assert session.client("sqs").list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200
