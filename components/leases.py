"""Where a region's right to act is kept: one strongly consistent table over three control regions, and two doors per cell."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions

from components.addresses import ACTING, CellAddresses, LeaseAddresses, Role
from components.permissions import Statement, lease_statements, use_of_key
from components.roles import BoundedRole, RoleArgs, RoleFrame, Visitor

READERS: tuple[Role, ...] = ("intake", *ACTING.values())
RENEWERS: tuple[Role, ...] = ("heartbeat",)


@dataclass(frozen=True, kw_only=True)
class LeasesArgs:
    """The table's name and the key of each control region; the first region is where the table is made."""

    addresses: LeaseAddresses
    key_arns: Mapping[str, Input[str]]
    is_protected: bool


class Leases(ComponentResource):
    """A table that survives the loss of any one control region with nothing lost.

    Strong consistency over regions leaves no room for TTL and transactions, and the table must be empty when it begins.
    """

    def __init__(self, name: str, args: LeasesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:hub:Leases", name, None, opts)
        table = self._table(name, args)
        self.table_name: Output[str] = table.name
        self.register_outputs({"table_name": self.table_name})

    def _table(self, name: str, args: LeasesArgs) -> aws.dynamodb.Table:
        home, *others = args.addresses.regions
        return aws.dynamodb.Table(
            f"{name}-table",
            name=args.addresses.table,
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            attributes=[aws.dynamodb.TableAttributeArgs(name="pk", type="S")],
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.key_arns[home]),
            deletion_protection_enabled=args.is_protected,
            stream_enabled=True,  # the provider asks for it of every table with replicas
            stream_view_type="NEW_AND_OLD_IMAGES",
            replicas=[_replica(region, args) for region in others],
            opts=ResourceOptions(parent=self),
        )


def _replica(region: str, args: LeasesArgs) -> aws.dynamodb.TableReplicaArgs:
    return aws.dynamodb.TableReplicaArgs(
        region_name=region,
        consistency_mode="STRONG",
        kms_key_arn=args.key_arns[region],
        point_in_time_recovery=True,
        deletion_protection_enabled=args.is_protected,
        propagate_tags=True,
    )


@dataclass(frozen=True, kw_only=True)
class LeaseDoorArgs:
    """Which cell comes in, and what it must present."""

    cell: CellAddresses
    lease: LeaseAddresses
    key_arns: Mapping[str, Input[str]]
    frame: RoleFrame
    external_id: str
    organization_id: str | None


class LeaseDoor(ComponentResource):
    """One cell's way to its lease: a role that reads it and a role that keeps it, each for the functions that need it."""

    def __init__(self, name: str, args: LeaseDoorArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:hub:LeaseDoor", name, None, opts)
        self._child = ResourceOptions(parent=self)
        self.read = self._role(f"{name}-read", "lease-read", READERS, args)
        self.renew = self._role(f"{name}-renew", "lease-renew", RENEWERS, args)
        self.register_outputs({"read_role_arn": self.read.arn, "renew_role_arn": self.renew.arn})

    def _role(self, name: str, door: str, visitors: tuple[Role, ...], args: LeaseDoorArgs) -> BoundedRole:
        visitor = Visitor(
            partition=args.cell.partition,
            account=args.cell.account,
            role_arns=tuple(args.cell.role_arn(role) for role in visitors),
            external_id=args.external_id,
            organization_id=args.organization_id,
        )
        arguments = RoleArgs(
            role_name=args.lease.role_name("lease-read" if door == "lease-read" else "lease-renew", args.cell),
            frame=args.frame,
            trust=visitor.trust(),
            statements=lease_statements(door, args.cell, args.lease),
            key_statements=Output.all(**args.key_arns).apply(_uses_of_keys),
        )
        return BoundedRole(name, arguments, self._child)


def _uses_of_keys(key_arns: Mapping[str, str]) -> list[Statement]:
    """The key of each replica, because a call may be answered by any of them."""
    return [
        use_of_key(arn, (f"dynamodb.{region}.amazonaws.com",), sid=f"UseTheKey{number}")
        for number, (region, arn) in enumerate(sorted(key_arns.items()), start=1)
    ]
