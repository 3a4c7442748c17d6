"""The real program's own providers refuse to deploy anywhere but where the settings say."""

from typing import Any

import pytest

from sandbox.emulator.launcher import Emulator
from sandbox.project import EngineError
from tests.deployment.conftest import Deploy, one_cell, sandbox_config

pytestmark = pytest.mark.sandbox


def config_with(**account: Any) -> dict[str, Any]:
    """One cell whose account is described otherwise than it is."""
    config = sandbox_config()
    settings = one_cell(config["stackmend:settings"])
    settings["accounts"][0] |= account
    return config | {"stackmend:settings": settings}


def made_by_deployment(emulator: Emulator, account: str) -> list[str]:
    """What the deployer changed there; reading and signing in do not count."""
    return [
        one.action
        for one in emulator.calls()
        if one.account == account and "stackmend-deploy" in one.caller_arn and one.error is None
        and not one.action.startswith("sts:") and not one.action.split(":")[1].startswith(("Get", "List", "Describe"))
    ]  # fmt: skip


def test_wrong_external_id_makes_nothing_in_that_account(project: Deploy, emulator: Emulator) -> None:
    """The role does not let the deployer in, and the message names role and external id."""
    with pytest.raises(EngineError, match=r"222222222222:role/stackmend-deploy.*external id 'another' was refused"):
        project("refused", config_with(external_id="another")).up()

    assert made_by_deployment(emulator, "222222222222") == []


def test_account_without_the_bootstrap_role_is_named(project: Deploy, emulator: Emulator) -> None:
    """Its id was mistyped, or the StackSet has not reached it yet."""
    with pytest.raises(EngineError, match="444444444444:role/stackmend-deploy"):
        project("refused", config_with(id="444444444444")).up()

    assert made_by_deployment(emulator, "444444444444") == []


def test_role_of_another_account_is_refused_by_the_allowed_account(project: Deploy, emulator: Emulator) -> None:
    """Should a role ever lead elsewhere, the provider holds the account that it ends in against the settings."""
    program_of_another = """
import pulumi_aws as aws
from components import environment
def led_astray(place, settings):
    role = place.deploy_role_arn.replace("222222222222", "333333333333")
    return aws.Provider(
        f"{place.account_name}-{place.region}", region=place.region, allowed_account_ids=[place.account],
        assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=role, external_id=place.external_id)],
    )
environment._provider = led_astray
"""
    stack = project("refused", config_with(), program_head=program_of_another)

    with pytest.raises(
        EngineError, match="allowedAccountIds: the credentials belong to account 333333333333, allowed are 222222222222"
    ):
        stack.up()

    assert made_by_deployment(emulator, "333333333333") == []


def test_resource_with_a_foreign_region_is_refused(project: Deploy, emulator: Emulator) -> None:
    """A queue of the real program that names another region than its provider's is stopped by the pack, before anything is made."""
    astray = """
import pulumi
def elsewhere(args):
    if args.type_ == "aws:sqs/queue:Queue":
        return pulumi.ResourceTransformationResult({**args.props, "region": "us-west-2"}, args.opts)
pulumi.runtime.register_stack_transformation(elsewhere)
"""
    with pytest.raises(EngineError, match="goes to us-west-2, its provider to us-east-1"):
        project("refused", config_with(), program_head=astray).preview()

    assert made_by_deployment(emulator, "222222222222") == []
