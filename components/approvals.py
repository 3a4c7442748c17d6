"""Where people's answers come in and are kept: a table that one function writes, and the URL through which IAM says who calls."""

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, ResourceOptions

from components.functions import CellFunction, FunctionArgs, FunctionFrame
from components.ledger import TTL_ATTRIBUTE

ANSWERS_AT_ONCE = 2
"""People answer one at a time; two of them may do so in the same second."""


@dataclass(frozen=True, kw_only=True)
class ApprovalsArgs:
    """What the answers' table and function need; without an approver role nobody can reach the function."""

    frame: FunctionFrame
    timeout_seconds: int
    approver_role_arn: str | None
    is_protected: bool
    reserves_concurrency: bool


class Approvals(ComponentResource):
    """The cell's approvals. Kept in this region alone, on purpose.

    A request waits in an execution, which dies with its region, and an approval holds under one fence: a partner that takes
    over must ask again, and could use no copy.
    """

    def __init__(self, name: str, args: ApprovalsArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:Approvals", name, None, opts)
        self._child = ResourceOptions(parent=self)
        self._table(name, args)
        arguments = FunctionArgs(
            role="approve",
            frame=args.frame,
            timeout_seconds=args.timeout_seconds,
            reserved_concurrency=ANSWERS_AT_ONCE if args.reserves_concurrency else None,
        )
        self.function = CellFunction(f"{name}-approve", arguments, self._child)
        if args.approver_role_arn is not None:
            self._door(name, args.approver_role_arn)
        self.register_outputs({})

    def _table(self, name: str, args: ApprovalsArgs) -> aws.dynamodb.Table:
        return aws.dynamodb.Table(
            f"{name}-table",
            name=args.frame.reach.cell.approvals_table,
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            range_key="sk",
            attributes=[aws.dynamodb.TableAttributeArgs(name=key, type="S") for key in ("pk", "sk")],
            ttl=aws.dynamodb.TableTtlArgs(attribute_name=TTL_ATTRIBUTE, enabled=True),
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.frame.key_arn),
            deletion_protection_enabled=args.is_protected,
            opts=self._child,
        )

    def _door(self, name: str, approver_role_arn: str) -> None:
        """The URL and who may call it (Lambda guide, "Control access to function URLs"): both rights, and each by the URL only.

        Whoever could invoke the function directly could write any caller into the event.
        """
        aws.lambda_.FunctionUrl(
            f"{name}-url", function_name=self.function.function_name, authorization_type="AWS_IAM", opts=self._child
        )
        aws.lambda_.Permission(
            f"{name}-url-permission",
            action="lambda:InvokeFunctionUrl",
            function=self.function.function_name,
            principal=approver_role_arn,
            function_url_auth_type="AWS_IAM",
            opts=self._child,
        )
        aws.lambda_.Permission(
            f"{name}-invoke-permission",
            action="lambda:InvokeFunction",
            function=self.function.function_name,
            principal=approver_role_arn,
            invoked_via_function_url=True,
            opts=self._child,
        )
