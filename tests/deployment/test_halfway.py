"""Deployments that stop half-way, meet another, or come before their partner: each has a named end, and the next `up` goes on."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.project import EngineError, Project, StateInUseError
from sandbox.world import World
from tests.deployment.conftest import Deploy, one_cell, sandbox_config

pytestmark = pytest.mark.sandbox
WORKLOAD = "222222222222"


def alone() -> dict[str, Any]:
    config = sandbox_config()
    return config | {"stackmend:settings": one_cell(config["stackmend:settings"])}


def with_partner() -> dict[str, Any]:
    config = sandbox_config()
    settings = config["stackmend:settings"]
    return config | {"stackmend:settings": {**settings, "accounts": settings["accounts"][:1]}}


def without(world: World, policy: str, action: str) -> str:
    """Take *action* away from the deploy role; answers the policy's document as it was."""
    iam = world.emulator.session(WORKLOAD).client("iam")
    before = json.dumps(iam.get_role_policy(RoleName="stackmend-deploy", PolicyName=policy)["PolicyDocument"])
    assert f'"{action}"' in before
    less = before.replace(f'"{action}"', '"sts:GetCallerIdentity"')
    iam.put_role_policy(RoleName="stackmend-deploy", PolicyName=policy, PolicyDocument=less)
    return before


def test_one_missing_permission_stops_it_and_the_next_up_goes_on(project: Deploy, world: World) -> None:
    """The message names the action; given back, the same stack is completed, and nothing is made twice."""
    stack = project("halfway", alone())
    before = without(world, "messages", "sqs:SetQueueAttributes")

    with pytest.raises(EngineError, match="not authorized to perform: sqs:SetQueueAttributes"):
        stack.up()
    left = world.remains(WORKLOAD, "us-east-1")
    world.emulator.session(WORKLOAD).client("iam").put_role_policy(
        RoleName="stackmend-deploy", PolicyName="messages", PolicyDocument=before
    )

    assert left  # half of it stands
    assert "create" in stack.up().changes
    assert stack.up().is_unchanged


def test_a_partner_that_comes_later_gets_its_copy(project: Deploy) -> None:
    """The cell stood alone, and said so; its ledger is extended, never made anew."""
    first = project("halfway", alone())
    first.up()

    changed = project("halfway", with_partner()).up()

    assert changed.changes.get("replace", 0) == changed.changes.get("delete", 0) == 0
    assert changed.changes["update"] >= 1
    assert sorted(changed.outputs["cells"]) == ["workload-us-east-1", "workload-us-west-2"]


def test_two_ups_of_one_stack_at_once_are_told(project: Deploy, world: World, tmp_path: Path) -> None:
    """The second is refused while the first goes on; where the two know nothing of each other, AWS's names stop the second."""
    first = project("halfway", alone())
    second = project("halfway", alone())
    refusals: list[str] = []

    def meanwhile(_step: object) -> None:
        if not refusals:
            with pytest.raises(StateInUseError, match="is used by another run: wait for it or end it") as refused:
                second.up()
            refusals.append(str(refused.value))

    first.up(progress=meanwhile)
    assert refusals

    environment = world.emulator.environment() | world.deployer_environment()
    folder = tmp_path / "project"
    stranger = Project(first._engine, tmp_path / "another-state", "halfway", environment, folder=folder)
    with pytest.raises(EngineError, match=r"already exists|AlreadyExists"):
        stranger.up()
    assert first.refresh().changes.get("delete", 0) == 0
    assert first.up().is_unchanged
