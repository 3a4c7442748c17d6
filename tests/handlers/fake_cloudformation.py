"""CloudFormation in memory, as a client sees it: it keeps the moves legal that AWS keeps legal, and tells the same events."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

ACCOUNT = "222222222222"
REGION = "us-east-1"
STACK = "AWS::CloudFormation::Stack"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service"


def refusal(operation: str, code: str, message: str, status: int = 400) -> ClientError:
    """An error as boto3 raises it."""
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


@dataclass(kw_only=True)
class FakeStack:
    """One generation of a stack."""

    stack_id: str
    name: str
    status: str
    role_arn: str | None
    parent_id: str | None = None
    token: str | None = None
    """Of the operation in progress, or of the last one."""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    exports: list[str] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    capabilities: list[str] = field(default_factory=list)
    is_protected: bool = False
    mode: str | None = None
    """Its deployment mode, where it says one."""
    holds: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Of a resource that is asked about: its type and physical id."""
    resources: dict[str, str] = field(default_factory=lambda: {"Queue": "CREATE_COMPLETE", "Chaos": "CREATE_COMPLETE"})


class FakeCloudFormation:
    """Stacks that a test breaks, and that end their operations when the test says so."""

    def __init__(self, clock: Callable[[], datetime], page: int = 3) -> None:
        self.stacks: dict[str, FakeStack] = {}
        self.published: list[dict[str, Any]] = []
        """What EventBridge would have delivered, oldest first."""
        self.accepted: list[tuple[str, str, str | None]] = []
        """Every mutation that was taken on: stack name, token, role given."""
        self.updates: list[dict[str, Any]] = []
        """What each accepted update and rollback was given beside name, token and role."""
        self.lost: list[str] = []
        """Stacks that a rollback has deleted, since they never were stable."""
        self.imported: set[str] = set()
        """Exports that other stacks import."""
        self.calls = 0
        self.fail_next: ClientError | None = None
        self._clock = clock
        self._page = page
        self._tokens: set[tuple[str, str]] = set()

    # What a test does to the world

    def create(self, name: str, *, role_arn: str | None = ROLE, parent_id: str | None = None) -> FakeStack:
        """A healthy stack."""
        stack = self.begin(name, role_arn=role_arn, parent_id=parent_id)
        self.say(stack, "CREATE_COMPLETE", "", token="deploy-0")
        return stack

    def current(self, name: str) -> FakeStack | None:
        """The generation that bears the name now."""
        bearers = [stack for stack in self.stacks.values() if stack.name == name and stack.status != "DELETE_COMPLETE"]
        return bearers[-1] if bearers else None

    def fail_update(self, stack: FakeStack, reason: str = "Received response status [FAILED] from custom resource") -> None:
        """A deployment and then its rollback fail."""
        stack.updated_at = self._clock()
        token = f"deploy-{len(stack.events)}"
        self.say(stack, "UPDATE_IN_PROGRESS", "User Initiated", token=token)
        self.tell(stack, "Chaos", "UPDATE_FAILED", reason, token)
        self.say(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Chaos].", token=token)
        self._fail_rollback(stack, token, reason)

    def end_resume(self, stack: FakeStack, *, well: bool, reason: str = "Internal failure") -> None:
        """The update in progress ends, with its rollback disabled."""
        assert stack.status == "UPDATE_IN_PROGRESS"
        self.tell(stack, "Chaos", "UPDATE_COMPLETE" if well else "UPDATE_FAILED", "" if well else reason, stack.token)
        self.say(stack, "UPDATE_COMPLETE" if well else "UPDATE_FAILED", "", token=stack.token)

    def fail_and_stay(self, stack: FakeStack, reason: str = "Invalid value") -> None:
        """A deployment fails, and its rollback is disabled."""
        stack.updated_at = self._clock()
        token = f"deploy-{len(stack.events)}"
        self.say(stack, "UPDATE_IN_PROGRESS", "User Initiated", token=token)
        self.tell(stack, "Chaos", "UPDATE_FAILED", reason, token)
        self.say(stack, "UPDATE_FAILED", "The following resource(s) failed to update: [Chaos].", token=token)

    def create_and_fail(self, name: str, *, updated: bool, reason: str = "Invalid value") -> FakeStack:
        """A stack that never was stable: its creation failed with rollback disabled, and so did, where *updated*, an update."""
        stack = self.begin(name)
        self.tell(stack, "Chaos", "CREATE_FAILED", reason, "deploy-0")
        self.say(stack, "CREATE_FAILED", "The following resource(s) failed to create: [Chaos].", token="deploy-0")
        if updated:
            self.fail_and_stay(stack, reason)
        return stack

    def begin(self, name: str, *, role_arn: str | None = ROLE, parent_id: str | None = None) -> FakeStack:
        """A stack whose creation goes on; a new generation where the name had one."""
        generation = sum(stack.name == name for stack in self.stacks.values()) + 1
        stack_id = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/{generation:08d}"
        stack = FakeStack(
            stack_id=stack_id, name=name, status="", role_arn=role_arn, parent_id=parent_id, created_at=self._clock()
        )
        self.stacks[stack_id] = stack
        self.say(stack, "CREATE_IN_PROGRESS", "User Initiated", token="deploy-0")
        return stack

    def begin_update(self, stack: FakeStack) -> None:
        """A deployment that goes on: one resource does not answer."""
        stack.updated_at = self._clock()
        token = f"deploy-{len(stack.events)}"
        self.say(stack, "UPDATE_IN_PROGRESS", "User Initiated", token=token)
        self.tell(stack, "Chaos", "UPDATE_IN_PROGRESS", "", token)

    def _fail_rollback(self, stack: FakeStack, token: str | None, reason: str) -> None:
        self.tell(stack, "Chaos", "UPDATE_FAILED", reason, token)
        self.say(stack, "UPDATE_ROLLBACK_FAILED", "The following resource(s) failed to update: [Chaos].", token=token)

    def end_operation(self, stack: FakeStack, *, well: bool, reason: str = "Internal failure") -> None:
        """The rollback in progress ends."""
        assert stack.status == "UPDATE_ROLLBACK_IN_PROGRESS"
        if not well:
            self._fail_rollback(stack, stack.token, reason)
            return
        self.tell(stack, "Chaos", "UPDATE_COMPLETE", "", stack.token)
        self.say(stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "", token=stack.token)
        self.say(stack, "UPDATE_ROLLBACK_COMPLETE", "", token=stack.token)

    def someone_continues(self, stack: FakeStack) -> None:
        """A person does by hand what a recovery would."""
        self.say(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated", token=f"person-{len(stack.events)}")

    def delete(self, stack: FakeStack) -> None:
        """A person deletes the stack."""
        token = f"person-{len(stack.events)}"
        self.say(stack, "DELETE_IN_PROGRESS", "User Initiated", token=token)
        self.say(stack, "DELETE_COMPLETE", "", token=token)

    def say(self, stack: FakeStack, status: str, reason: str, *, token: str | None) -> None:
        """The stack's own event, to DescribeStackEvents and to EventBridge."""
        stack.status, stack.token = status, token
        self._note(stack, (stack.name, STACK, stack.stack_id), status, reason, token)
        detail = {
            "stack-id": stack.stack_id,
            "status-details": {"status": status, "status-reason": reason},
            "client-request-token": token,
        }
        self.published.append(
            {
                "version": "0",
                "source": "aws.cloudformation",
                "account": ACCOUNT,
                "id": f"bridge-{len(self.published)}",
                "region": REGION,
                "detail-type": "CloudFormation Stack Status Change",
                "time": self._clock().isoformat(),
                "resources": [stack.stack_id],
                "detail": detail,
            }
        )

    def tell(self, stack: FakeStack, logical_id: str, status: str, reason: str, token: str | None) -> None:
        """A resource's event."""
        stack.resources[logical_id] = status
        self._note(stack, (logical_id, "Custom::Chaos", f"physical-{logical_id}"), status, reason, token)

    def _note(self, stack: FakeStack, resource: tuple[str, str, str], status: str, reason: str, token: str | None) -> None:
        logical, kind, physical = resource
        event = {
            "StackId": stack.stack_id,
            "StackName": stack.name,
            "EventId": f"{stack.stack_id[-8:]}-{stack.name}-{len(stack.events):04d}",
            "LogicalResourceId": logical,
            "PhysicalResourceId": physical,
            "ResourceType": kind,
            "Timestamp": self._clock() + timedelta(microseconds=len(stack.events)),
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
        }
        stack.events.append(event | ({"ClientRequestToken": token} if token else {}))

    # What a client calls

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        stack = self._find("DescribeStacks", StackName)
        shown: dict[str, Any] = {"StackId": stack.stack_id, "StackName": stack.name, "StackStatus": stack.status}
        shown["Outputs"] = [{"OutputKey": "Url"}, *({"OutputKey": name, "ExportName": name} for name in stack.exports)]
        shown["Parameters"] = [{"ParameterKey": name, "ParameterValue": "****"} for name in stack.parameters]
        shown |= {"Capabilities": list(stack.capabilities), "EnableTerminationProtection": stack.is_protected}
        if stack.mode:
            shown["DeploymentConfig"] = {"Mode": stack.mode}
        if stack.role_arn:
            shown["RoleARN"] = stack.role_arn
        if stack.parent_id:
            shown |= {"ParentId": stack.parent_id, "RootId": stack.parent_id}
        return {"Stacks": [shown]}

    def describe_stack_events(self, StackName: str, NextToken: str | None = None) -> dict[str, Any]:  # noqa: N803
        events = self._find("DescribeStackEvents", StackName).events[::-1]
        start = int(NextToken or 0)
        answer: dict[str, Any] = {"StackEvents": events[start : start + self._page]}
        if start + self._page < len(events):
            answer["NextToken"] = str(start + self._page)
        return answer

    def list_stack_resources(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        stack = self._find("ListStackResources", StackName)
        listed = ((name, status, *stack.holds.get(name, ("Custom::Chaos", name))) for name, status in stack.resources.items())
        fields = ("LogicalResourceId", "ResourceStatus", "ResourceType", "PhysicalResourceId")
        return {"StackResourceSummaries": [dict(zip(fields, one, strict=True)) for one in listed]}

    def list_imports(self, ExportName: str) -> dict[str, Any]:  # noqa: N803
        self._count("ListImports")
        if ExportName not in self.imported:
            raise refusal("ListImports", "ValidationError", f"Export '{ExportName}' is not imported by any stack.")
        return {"Imports": ["other-stack"]}

    def list_stacks(self, StackStatusFilter: list[str]) -> dict[str, Any]:  # noqa: N803
        self._count("ListStacks")
        return {"StackSummaries": [_summary(stack) for stack in self.stacks.values() if stack.status in StackStatusFilter]}

    def continue_update_rollback(
        self,
        StackName: str,  # noqa: N803
        ClientRequestToken: str,  # noqa: N803
        RoleARN: str | None = None,  # noqa: N803
        ResourcesToSkip: list[str] | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        stack = self._find("ContinueUpdateRollback", StackName)
        if (stack.stack_id, ClientRequestToken) in self._tokens:
            raise refusal("ContinueUpdateRollback", "TokenAlreadyExistsException", f"Token {ClientRequestToken} already exists")
        if stack.status != "UPDATE_ROLLBACK_FAILED":
            message = f"Stack:{stack.stack_id} is in {stack.status} state and can not be continued"
            raise refusal("ContinueUpdateRollback", "ValidationError", message)
        self._tokens.add((stack.stack_id, ClientRequestToken))
        stack.role_arn = stack.role_arn or RoleARN
        self.accepted.append((stack.name, ClientRequestToken, RoleARN))
        self.say(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated", token=ClientRequestToken)
        return {"ResponseMetadata": {"RequestId": f"request-{len(self.accepted)}"}}

    def rollback_stack(
        self,
        StackName: str,  # noqa: N803
        ClientRequestToken: str,  # noqa: N803
        RoleARN: str | None = None,  # noqa: N803
        **given: Any,
    ) -> dict[str, Any]:
        stack = self._find("RollbackStack", StackName)
        if (stack.stack_id, ClientRequestToken) in self._tokens:
            raise refusal("RollbackStack", "TokenAlreadyExistsException", f"Token {ClientRequestToken} already exists")
        if stack.status not in {"CREATE_FAILED", "UPDATE_FAILED"}:
            message = f"Stack:{stack.stack_id} is in {stack.status} state and can not be rolled back"
            raise refusal("RollbackStack", "ValidationError", message)
        self._tokens.add((stack.stack_id, ClientRequestToken))
        stack.role_arn = stack.role_arn or RoleARN
        self.accepted.append((stack.name, ClientRequestToken, RoleARN))
        self.updates.append(given)
        own = [event["ResourceStatus"] for event in stack.events if event["LogicalResourceId"] == stack.name]
        if not any(status.endswith("_COMPLETE") for status in own):
            self.lost.append(stack.name)
        self.say(stack, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated", token=ClientRequestToken)
        return {"ResponseMetadata": {"RequestId": f"request-{len(self.accepted)}"}}

    def update_stack(
        self,
        StackName: str,  # noqa: N803
        ClientRequestToken: str,  # noqa: N803
        RoleARN: str | None = None,  # noqa: N803
        **given: Any,
    ) -> dict[str, Any]:
        stack = self._find("UpdateStack", StackName)
        if (stack.stack_id, ClientRequestToken) in self._tokens:
            raise refusal("UpdateStack", "TokenAlreadyExistsException", f"Token {ClientRequestToken} already exists")
        if stack.status not in {"CREATE_FAILED", "UPDATE_FAILED"} or not given.get("DisableRollback"):
            raise refusal("UpdateStack", "ValidationError", f"Stack:{stack.stack_id} is in {stack.status} state")
        self._tokens.add((stack.stack_id, ClientRequestToken))
        stack.role_arn = stack.role_arn or RoleARN
        self.accepted.append((stack.name, ClientRequestToken, RoleARN))
        self.updates.append(given)
        self.say(stack, "UPDATE_IN_PROGRESS", "User Initiated", token=ClientRequestToken)
        return {"ResponseMetadata": {"RequestId": f"request-{len(self.accepted)}"}}

    def _find(self, operation: str, wanted: str) -> FakeStack:
        self._count(operation)
        stack = self.stacks.get(wanted) if wanted.startswith("arn:") else self.current(wanted)
        if stack is None:
            raise refusal(operation, "ValidationError", f"Stack with id {wanted} does not exist")
        return stack

    def _count(self, _operation: str) -> None:
        self.calls += 1
        if self.fail_next is not None:
            error, self.fail_next = self.fail_next, None
            raise error


def _summary(stack: FakeStack) -> dict[str, Any]:
    shown: dict[str, Any] = {"StackId": stack.stack_id, "StackName": stack.name, "StackStatus": stack.status}
    if stack.created_at:
        shown["CreationTime"] = stack.created_at
    if stack.updated_at:
        shown["LastUpdatedTime"] = stack.updated_at
    if stack.parent_id:
        shown |= {"ParentId": stack.parent_id, "RootId": stack.parent_id}
    return shown
