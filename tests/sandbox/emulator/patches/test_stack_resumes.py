"""Failed stacks that go on: only with the rollback disabled, with the failed version, and with the way back still known."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox


def fails_for_now(template: Callable[..., str], version: str) -> str:
    """A template whose resource fails as its parameter says."""
    parameters = {"Fails": {"Type": "CommaDelimitedList", "Default": "nothing"}}
    return template(version, "CHOSEN", Parameters=parameters).replace('["CHOSEN"]', '{"Ref": "Fails"}')


@pytest.fixture
def halted(root: Session, name: str, template: Callable[..., str], settled: Callable[..., Any]) -> str:
    """A stack in UPDATE_FAILED: its update to 2 fails for as long as its parameter says so."""
    cloudformation = root.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=fails_for_now(template, "1"))
    assert settled(name)["StackStatus"] == "CREATE_COMPLETE"
    cloudformation.update_stack(
        StackName=name, TemplateBody=fails_for_now(template, "2"), Parameters=[_fails("Update:2")], DisableRollback=True
    )
    assert settled(name)["StackStatus"] == "UPDATE_FAILED"
    return name


def _fails(what: str) -> dict[str, str]:
    return {"ParameterKey": "Fails", "ParameterValue": what}


def test_it_goes_on_with_the_failed_version(root: Session, halted: str, settled: Callable[..., Any]) -> None:
    """UsePreviousTemplate is the version that failed, as GetTemplate shows it."""
    cloudformation = root.client("cloudformation")

    cloudformation.update_stack(StackName=halted, UsePreviousTemplate=True, Parameters=[_fails("nothing")], DisableRollback=True)

    assert settled(halted)["StackStatus"] == "UPDATE_COMPLETE"
    resource = cloudformation.get_template(StackName=halted)["TemplateBody"]["Resources"]["R"]
    assert resource["Properties"]["Version"] == "2"


def test_the_same_again_is_tried_and_not_called_no_update(root: Session, halted: str, settled: Callable[..., Any]) -> None:
    """What failed is an update in itself; it fails again here, and the stack still knows what was stable."""
    cloudformation = root.client("cloudformation")
    kept = [{"ParameterKey": "Fails", "UsePreviousValue": True}]

    cloudformation.update_stack(StackName=halted, UsePreviousTemplate=True, Parameters=kept, DisableRollback=True)
    assert settled(halted)["StackStatus"] == "UPDATE_FAILED"

    cloudformation.rollback_stack(StackName=halted)
    assert settled(halted)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    resource = cloudformation.get_template(StackName=halted)["TemplateBody"]["Resources"]["R"]
    assert resource["Properties"]["Version"] == "1"


def test_without_disabled_rollback_it_is_refused(root: Session, halted: str, settled: Callable[..., Any]) -> None:
    """As before, and the stack stays as it is."""
    with pytest.raises(ClientError, match="cannot be updated"):
        root.client("cloudformation").update_stack(StackName=halted, UsePreviousTemplate=True, Parameters=[_fails("nothing")])
    assert settled(halted)["StackStatus"] == "UPDATE_FAILED"


def test_a_refused_one_leaves_the_stack_as_it_was(root: Session, halted: str, settled: Callable[..., Any]) -> None:
    """A template that cannot be read changes nothing."""
    with pytest.raises(ClientError, match="ValidationError"):
        root.client("cloudformation").update_stack(StackName=halted, TemplateBody="{", DisableRollback=True)
    assert settled(halted)["StackStatus"] == "UPDATE_FAILED"


def test_a_failed_creation_goes_on(root: Session, name: str, template: Callable[..., str], settled: Callable[..., Any]) -> None:
    """And ends as an update."""
    cloudformation = root.client("cloudformation")
    cloudformation.create_stack(
        StackName=name, TemplateBody=fails_for_now(template, "1"), Parameters=[_fails("Create:1")], DisableRollback=True
    )
    assert settled(name)["StackStatus"] == "CREATE_FAILED"

    cloudformation.update_stack(StackName=name, UsePreviousTemplate=True, Parameters=[_fails("nothing")], DisableRollback=True)

    assert settled(name)["StackStatus"] == "UPDATE_COMPLETE"
