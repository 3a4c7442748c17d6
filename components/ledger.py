"""The table in which a cell writes down what failed, who may act on it, and what came of it."""

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions

from components.addresses import UNRESOLVED

TTL_ATTRIBUTE = "expires_at"
KEYS = {"pk": "S", "sk": "S", "unresolved_cell": "S", "unresolved_key": "S"}


@dataclass(frozen=True, kw_only=True)
class Replica:
    """Where a second copy stands, and the key of that region that encrypts it."""

    region: str
    key_arn: Input[str]


@dataclass(frozen=True, kw_only=True)
class LedgerArgs:
    """What a ledger needs to know; a replica carries the owner's name too, so the name says the owner's region."""

    table_name: str
    key_arn: Input[str]
    is_protected: bool
    replica: Replica | None = None


class Ledger(ComponentResource):
    """A cell's memory, encrypted, restorable to any second, and in the partner's region too where there is one.

    Not the lease table: this one is consistent in its own region only, and so is written by the lease's holder alone.
    """

    def __init__(self, name: str, args: LedgerArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:Ledger", name, None, opts)
        table = self._table(name, args)
        self.arn: Output[str] = table.arn
        self.table_name: Output[str] = table.name
        self.register_outputs({"arn": self.arn, "table_name": self.table_name})

    def _table(self, name: str, args: LedgerArgs) -> aws.dynamodb.Table:
        is_replicated = args.replica is not None
        return aws.dynamodb.Table(
            f"{name}-table",
            name=args.table_name,
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            range_key="sk",
            attributes=[aws.dynamodb.TableAttributeArgs(name=key, type=kind) for key, kind in KEYS.items()],
            global_secondary_indexes=[_unresolved()],
            ttl=aws.dynamodb.TableTtlArgs(attribute_name=TTL_ATTRIBUTE, enabled=True),
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.key_arn),
            deletion_protection_enabled=args.is_protected,
            stream_enabled=is_replicated or None,  # replication reads the stream
            stream_view_type="NEW_AND_OLD_IMAGES" if is_replicated else None,
            replicas=[_replica(args.replica, args.is_protected)] if args.replica else None,
            opts=ResourceOptions(parent=self),
        )


def _unresolved() -> aws.dynamodb.TableGlobalSecondaryIndexArgs:
    """Sparse: an item is in it only while it has both keys, so a quiet cell's query reads nothing."""
    return aws.dynamodb.TableGlobalSecondaryIndexArgs(
        name=UNRESOLVED,
        projection_type="ALL",
        key_schemas=[
            aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name="unresolved_cell", key_type="HASH"),
            aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name="unresolved_key", key_type="RANGE"),
        ],
    )


def _replica(replica: Replica, is_protected: bool) -> aws.dynamodb.TableReplicaArgs:
    """Recovery to a moment and protection are each replica's own, and off unless said."""
    return aws.dynamodb.TableReplicaArgs(
        region_name=replica.region,
        kms_key_arn=replica.key_arn,
        point_in_time_recovery=True,
        deletion_protection_enabled=is_protected,
        propagate_tags=True,
    )
