"""CloudFormation as the cell uses it: reads that end where they must."""

from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from botocore.exceptions import ClientError
from pydantic import BaseModel, ConfigDict

from handlers.aws.calls import Client, ask, code_of, message_of, pages
from handlers.domain.attempt import Trace
from handlers.domain.identity import StackKey
from handlers.domain.records import End
from handlers.domain.stability import is_own, last_stable
from handlers.domain.status import BEGINNINGS, FAILED, IN_PROGRESS, Kind, StackStatus
from handlers.domain.sweep import SeenStack

CLOCK_SKEW = timedelta(minutes=1)
"""How far our clock and CloudFormation's may differ when old events are told from ours; generous, it only costs reading."""

EXPRESS = "EXPRESS"
"""The deployment mode whose operations do not wait for their resources (service model, DeploymentConfigMode)."""

EVENT_PAGES = 20
"""Of 100 events each: 2,000 cover a failed update and rollback of 500 resources (CloudFormation's quota for one stack)."""


class StackNow(BaseModel):
    """A stack as DescribeStacks shows it at this moment."""

    model_config = ConfigDict(frozen=True)

    stack_id: str
    name: str
    status: StackStatus
    role_arn: str | None = None
    is_nested: bool = False
    is_protected: bool = False
    """Termination protection."""
    is_express: bool = False
    """Whether its operations end before its resources are ready (DeploymentConfig)."""
    exports: tuple[str, ...] = ()
    """The names under which it exports values."""
    parameters: tuple[str, ...] = ()
    """The names of its parameters; no value is read, since CloudFormation keeps those that an update leaves as they are."""
    capabilities: tuple[str, ...] = ()
    """What its last operation acknowledged: the next one has to do so again."""


class OwnEvent(BaseModel):
    """CloudFormation's own event about a stack: how it came to rest, or how what goes on began. Its id is the failure's id."""

    model_config = ConfigDict(frozen=True)

    end: End
    token: str | None
    reason: str


class Stacks:
    """CloudFormation in the cell's account and region, to be read."""

    def __init__(self, reads: Client) -> None:
        self._reads = reads

    def describe(self, stack: str) -> StackNow | None:
        """Look at a stack by id or name; None when CloudFormation does not know it."""
        try:
            answer = ask(self._reads.describe_stacks, StackName=stack)
        except ClientError as error:
            if _is_unknown_stack(error):
                return None
            raise
        if not answer["Stacks"]:
            return None
        found = answer["Stacks"][0]
        return StackNow(
            stack_id=found["StackId"],
            name=found["StackName"],
            status=StackStatus(found["StackStatus"]),
            role_arn=found.get("RoleARN"),
            is_nested=bool(found.get("ParentId") or found.get("RootId")),
            is_protected=bool(found.get("EnableTerminationProtection")),
            is_express=(found.get("DeploymentConfig") or {}).get("Mode") == EXPRESS,
            exports=tuple(sorted(one["ExportName"] for one in found.get("Outputs", []) if one.get("ExportName"))),
            parameters=tuple(sorted(one["ParameterKey"] for one in found.get("Parameters", []))),
            capabilities=tuple(found.get("Capabilities", [])),
        )

    def generation(self, stack_id: str) -> StackNow:
        """Look at one generation of a stack; one that CloudFormation no longer knows is deleted."""
        found = self.describe(stack_id)
        if found is not None:
            return found
        return StackNow(stack_id=stack_id, name=StackKey.of(stack_id).name, status=StackStatus.DELETE_COMPLETE)

    def events(self, stack_id: str) -> Iterator[Mapping[str, Any]]:
        """A stack's events, newest first, page by page; none when the stack is gone."""
        try:
            for page in pages(self._reads.describe_stack_events, EVENT_PAGES, StackName=stack_id):
                yield from page["StackEvents"]
        except ClientError as error:
            if not _is_unknown_stack(error):
                raise

    def failing_operation(self, stack_id: str) -> list[Mapping[str, Any]]:
        """The events of the operation that failed, newest first: back to where somebody asked for it.

        Nested stacks that failed in it speak after their parent: the cause is theirs, the parent only says that they failed.
        """
        taken: list[Mapping[str, Any]] = []
        waiting = [stack_id]
        for each in waiting:
            own = list(self._newest_operation(each))
            taken += own
            nested = (one.get("PhysicalResourceId") for one in own if _is_failed_nested(one))
            waiting += [one for one in dict.fromkeys(nested) if one and one not in waiting]
        return taken

    def _newest_operation(self, stack_id: str) -> Iterator[Mapping[str, Any]]:
        for event in self.events(stack_id):
            yield event
            if is_own(event) and event["ResourceStatus"] in BEGINNINGS:
                return

    def came_to_rest(self, now: StackNow) -> OwnEvent | None:
        """The newest event of the stack itself with its present status: the one that says when it came to rest so."""
        own = (event for event in self.events(now.stack_id) if is_own(event))
        found = next((event for event in own if event["ResourceStatus"] == now.status), None)
        return _own(found) if found else None

    def began(self, now: StackNow) -> OwnEvent | None:
        """The stack's own event with which the operation in progress began; its own rollback is a part of it."""
        own = (event for event in self.events(now.stack_id) if is_own(event))
        going_on = takewhile(lambda event: StackStatus(event["ResourceStatus"]).kind is Kind.IN_PROGRESS, own)
        found = deque(going_on, maxlen=1)
        return _own(found[0]) if found else None

    def waits_for(self, stack_id: str) -> tuple[str, ...]:
        """Logical ids of the resources that the operation in progress still works on."""
        newest: dict[str, str] = {}
        for event in self._newest_operation(stack_id):
            if not is_own(event):
                newest.setdefault(event["LogicalResourceId"], event["ResourceStatus"])
        return tuple(sorted(name for name, status in newest.items() if status.endswith("_IN_PROGRESS")))

    def last_stable(self, stack_id: str) -> StackStatus | None:
        """The newest stable status that the stack's own events prove; None where they prove none."""
        return last_stable(self.events(stack_id))

    def trace(self, stack_id: str, token: str, since: datetime) -> Trace | End:
        """What became of the operation with our *token*, which is not older than *since*, as the stack's events tell."""
        for event in self.events(stack_id):
            if event.get("ClientRequestToken") == token:
                at_rest = is_own(event) and StackStatus(event["ResourceStatus"]).kind is not Kind.IN_PROGRESS
                return _end(event) if at_rest else Trace.RUNNING
            if event["Timestamp"] < since - CLOCK_SKEW:
                break
        return Trace.NONE

    def unwell(self) -> tuple[SeenStack, ...]:
        """Every stack of the account and region that has failed or is in progress."""
        statuses = [str(status) for status in (*FAILED, *IN_PROGRESS)]
        listed = pages(self._reads.list_stacks, StackStatusFilter=statuses)
        return tuple(_seen(each) for page in listed for each in page["StackSummaries"])


def _is_unknown_stack(error: ClientError) -> bool:
    """CloudFormation has no error code of its own for this."""
    return code_of(error) == "ValidationError" and "does not exist" in message_of(error)


def _is_failed_nested(event: Mapping[str, Any]) -> bool:
    is_nested = event.get("ResourceType") == "AWS::CloudFormation::Stack" and not is_own(event)
    return is_nested and str(event["ResourceStatus"]).endswith("_FAILED")


def _end(event: Mapping[str, Any]) -> End:
    return End(status=event["ResourceStatus"], at=event["Timestamp"], event_id=event["EventId"])


def _own(event: Mapping[str, Any]) -> OwnEvent:
    reason = str(event.get("ResourceStatusReason") or "")
    return OwnEvent(end=_end(event), token=event.get("ClientRequestToken"), reason=reason)


def _seen(summary: Mapping[str, Any]) -> SeenStack:
    return SeenStack(
        stack_id=summary["StackId"],
        name=summary["StackName"],
        status=StackStatus(summary["StackStatus"]),
        is_nested=bool(summary.get("ParentId") or summary.get("RootId")),
        updated_at=summary.get("LastUpdatedTime"),
        created_at=summary.get("CreationTime"),
    )
