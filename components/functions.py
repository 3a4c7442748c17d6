"""One Lambda function of a cell with everything that is its own: role, log group, settings for asynchronous calls."""

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import Archive, ComponentResource, Input, Output, Resource, ResourceOptions

from components.addresses import Role
from components.layer import RUNTIME
from components.permissions import Reach, function_statements, key_statement
from components.roles import BoundedRole, RoleArgs, RoleFrame, function_trust

SERVICE = {"POWERTOOLS_SERVICE_NAME": "stackmend", "POWERTOOLS_METRICS_NAMESPACE": "Stackmend", "POWERTOOLS_LOG_LEVEL": "INFO"}


@dataclass(frozen=True, kw_only=True)
class FunctionFrame:
    """What all functions of one cell have in common."""

    reach: Reach
    code: Archive
    layer_arn: Input[str]
    key_arn: Input[str]
    role_frame: RoleFrame
    architecture: str
    log_days: int


@dataclass(frozen=True, kw_only=True)
class FunctionArgs:
    """What one function is for, and how much it may take."""

    role: Role
    frame: FunctionFrame
    timeout_seconds: int
    memory_mb: int = 512
    """Everything here waits for AWS, so memory buys only the start: below 512 MB, importing boto3 and pydantic takes seconds."""
    reserved_concurrency: int | None = None


class CellFunction(ComponentResource):
    """A function that may do what `permissions` says of its role."""

    def __init__(self, name: str, args: FunctionArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:CellFunction", name, None, opts)
        self._child = ResourceOptions(parent=self)
        self.role = self._role(name, args)
        self.address = args.frame.reach.cell.function_arn(args.role)
        self.resource = self._function(name, args, self._log_group(name, args))
        self.arn: Output[str] = self.resource.arn
        self.function_name: Output[str] = self.resource.name
        self.register_outputs({"arn": self.arn, "function_name": self.function_name})

    def _role(self, name: str, args: FunctionArgs) -> BoundedRole:
        reach = args.frame.reach
        arguments = RoleArgs(
            role_name=reach.cell.role_name(args.role),
            frame=args.frame.role_frame,
            trust=function_trust(),
            statements=function_statements(args.role, reach),
            key_statements=Output.from_input(args.frame.key_arn).apply(lambda arn: [key_statement(reach, args.role, arn)]),
        )
        return BoundedRole(name, arguments, self._child)

    def _log_group(self, name: str, args: FunctionArgs) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{name}-log",
            name=args.frame.reach.cell.log_group_name(args.role),
            retention_in_days=args.frame.log_days,
            kms_key_id=args.frame.key_arn,
            opts=self._child,
        )

    def _function(self, name: str, args: FunctionArgs, log: aws.cloudwatch.LogGroup) -> aws.lambda_.Function:
        """After its log group, or Lambda would make one without key; after its policies, or the first calls would be refused."""
        frame = args.frame
        ready: list[Resource] = [log, *self.role.policies]
        return aws.lambda_.Function(
            f"{name}-function",
            name=frame.reach.cell.function_name(args.role),
            runtime=RUNTIME,
            architectures=[frame.architecture],
            handler=f"handlers.{args.role.replace('-', '_')}.lambda_handler",
            code=frame.code,
            layers=[frame.layer_arn],
            role=self.role.arn,
            timeout=args.timeout_seconds,
            memory_size=args.memory_mb,
            reserved_concurrent_executions=args.reserved_concurrency,
            environment=aws.lambda_.FunctionEnvironmentArgs(variables=SERVICE),
            tracing_config=aws.lambda_.FunctionTracingConfigArgs(mode="Active"),
            logging_config=aws.lambda_.FunctionLoggingConfigArgs(
                log_format="JSON", log_group=log.name, application_log_level="INFO", system_log_level="INFO"
            ),
            opts=ResourceOptions(parent=self, depends_on=ready),
        )

    def keep_failed_calls(self, name: str, dead_letters: Input[str], *, retries: int, age_seconds: int) -> None:
        """Send what an asynchronous call could not do, after *retries*, to a queue."""
        on_failure = aws.lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(destination=dead_letters)
        aws.lambda_.FunctionEventInvokeConfig(
            f"{name}-invoke-config",
            function_name=self.function_name,
            maximum_retry_attempts=retries,
            maximum_event_age_in_seconds=age_seconds,
            destination_config=aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgs(on_failure=on_failure),
            opts=ResourceOptions(parent=self),
        )
