"""The name of a stack whose creation was rolled back is not free."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.emulator.session import Session

pytestmark = pytest.mark.sandbox


def test_create_over_rollback_complete_is_refused(
    root: Session, name: str, template: Callable[..., str], settled: Callable[..., Any]
) -> None:
    """A stack in ROLLBACK_COMPLETE can only be deleted; once it is, the name is free."""
    cloudformation = root.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=template("1", "Create:1"))
    assert settled(name)["StackStatus"] == "ROLLBACK_COMPLETE"

    with pytest.raises(ClientError, match=f"AlreadyExistsException.*Stack \\[{name}\\] already exists"):
        cloudformation.create_stack(StackName=name, TemplateBody=template("1"))

    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    cloudformation.create_stack(StackName=name, TemplateBody=template("1"))
    assert settled(name)["StackStatus"] == "CREATE_COMPLETE"
