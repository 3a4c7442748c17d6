"""The bucket in which a cell keeps what a stack can be taken back to, and its copies in the regions that may need them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, Resource, ResourceOptions

from components.addresses import CellAddresses
from components.roles import BoundedRole, RoleArgs, RoleFrame, service_trust
from components.vault_permissions import replication_key_statements, replication_statements

UNFINISHED_DAYS = 7
"""Long past any upload of ours; its parts are paid for and seen by nobody (S3 user guide, "Aborting incomplete uploads")."""
REPLICATION_MINUTES = 15
"""The only threshold that S3's replication time control knows (S3 API, ReplicationTimeValue)."""
EVERYTHING = ""
"""The prefix of every key: a rule without a filter is of the older kind, which knows neither time control nor delete markers."""


@dataclass(frozen=True, kw_only=True)
class VaultArgs:
    """One cell's vault; whoever may empty it says so."""

    cell: CellAddresses
    key_arn: Input[str]
    superseded_days: int
    evidence_days: int
    is_protected: bool


class Vault(ComponentResource):
    """Versioned, under the cell's key, reached over TLS and by nobody outside, with an end for what is superseded.

    Nothing moves to a colder class: a template is smaller than the 128 KB under which that saves nothing.
    """

    ready: tuple[Resource, ...]
    """What must stand before anything is copied from here or to here."""

    def __init__(self, name: str, args: VaultArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:Vault", name, None, opts)
        self._child = ResourceOptions(parent=self)
        self.cell = args.cell
        self.key_arn = args.key_arn
        bucket = aws.s3.Bucket(
            f"{name}-bucket", bucket=args.cell.vault_bucket, force_destroy=not args.is_protected, opts=self._child
        )
        self.bucket_name: Output[str] = bucket.bucket
        self.arn: Output[str] = bucket.arn
        self.ready = (self._versions(name), self._encryption(name, args.key_arn), *self._closed(name))
        self._lifecycle(name, args)
        self.register_outputs({"arn": self.arn, "bucket_name": self.bucket_name})

    def _versions(self, name: str) -> aws.s3.BucketVersioning:
        return aws.s3.BucketVersioning(
            f"{name}-versions",
            bucket=self.bucket_name,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=self._child,
        )

    def _encryption(self, name: str, key_arn: Input[str]) -> aws.s3.BucketServerSideEncryptionConfiguration:
        """With a bucket key, or every object would be a call to KMS."""
        by_default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="aws:kms", kms_master_key_id=key_arn
        )
        rule = aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
            apply_server_side_encryption_by_default=by_default, bucket_key_enabled=True
        )
        return aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption", bucket=self.bucket_name, rules=[rule], opts=self._child
        )

    def _closed(self, name: str) -> tuple[Resource, ...]:
        """One after the other: S3 answers a conflict when two change who may reach a bucket at once."""
        public = aws.s3.BucketPublicAccessBlock(
            f"{name}-public",
            bucket=self.bucket_name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=self._child,
        )
        owner = aws.s3.BucketOwnershipControls(
            f"{name}-owner",
            bucket=self.bucket_name,
            rule=aws.s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=ResourceOptions(parent=self, depends_on=[public]),
        )
        policy = aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=self.bucket_name,
            policy=json.dumps(bucket_policy(self.cell)),
            opts=ResourceOptions(parent=self, depends_on=[owner]),
        )
        return public, owner, policy

    def _lifecycle(self, name: str, args: VaultArgs) -> None:
        """Not copied by replication: each side has its own."""
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=self.bucket_name,
            rules=[_superseded(args.superseded_days), _evidence(args.evidence_days), _unfinished()],
            opts=ResourceOptions(parent=self, depends_on=list(self.ready[:1])),  # it counts versions
        )


def bucket_policy(cell: CellAddresses) -> dict[str, Any]:
    """Roles of the own account come in by their own policies."""
    tls_only = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [cell.vault_arn, f"{cell.vault_arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [tls_only]}


def _superseded(days: int) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="superseded",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=EVERYTHING),
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=days
        ),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
    )


def _evidence(days: int) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    """As long as the ledger knows the failure that it explains."""
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="evidence",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="evidence/"),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
    )


def _unfinished() -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id="unfinished",
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=EVERYTHING),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=UNFINISHED_DAYS
        ),
    )


@dataclass(frozen=True, kw_only=True)
class VaultCopiesArgs:
    """From one vault to all others that it is a partner of, whichever of the two takes over from the other."""

    source: Vault
    others: Sequence[Vault]
    frame: RoleFrame


class VaultCopies(ComponentResource):
    """What is written in one vault is in the others within minutes, under their own keys, deletions included.

    S3 does not copy a copy on. In a ring of three every region is a partner of both others, so that each holds everything.
    """

    def __init__(self, name: str, args: VaultCopiesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("stackmend:cell:VaultCopies", name, None, opts)
        role = BoundedRole(name, _role(args), ResourceOptions(parent=self))
        stands = [resource for vault in (args.source, *args.others) for resource in vault.ready]
        aws.s3.BucketReplicationConfig(
            f"{name}-rules",
            bucket=args.source.bucket_name,
            role=role.arn,
            rules=[_rule(priority, other) for priority, other in enumerate(args.others)],
            opts=ResourceOptions(parent=self, depends_on=[*role.policies, *stands]),
        )
        self.register_outputs({})


def _role(args: VaultCopiesArgs) -> RoleArgs:
    cell, others = args.source.cell, [other.cell for other in args.others]
    keys = Output.all(args.source.key_arn, *(other.key_arn for other in args.others))
    return RoleArgs(
        role_name=cell.role_name("vault-copies"),
        frame=args.frame,
        trust=service_trust("s3.amazonaws.com"),
        statements=replication_statements(cell, others),
        key_statements=keys.apply(lambda arns: replication_key_statements(cell, arns[0], others, arns[1:])),
    )


def _rule(priority: int, other: Vault) -> aws.s3.BucketReplicationConfigRuleArgs:
    """Both ways between the same two buckets, changes of a copy's tags come back too (replica modifications)."""
    on = "Enabled"
    return aws.s3.BucketReplicationConfigRuleArgs(
        id=other.cell.region,
        priority=priority,
        status=on,
        filter=aws.s3.BucketReplicationConfigRuleFilterArgs(prefix=EVERYTHING),
        delete_marker_replication=aws.s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(status=on),
        source_selection_criteria=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
            replica_modifications=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaReplicaModificationsArgs(status=on),
            sse_kms_encrypted_objects=aws.s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                status=on
            ),
        ),
        destination=_destination(other),
    )


def _destination(other: Vault) -> aws.s3.BucketReplicationConfigRuleDestinationArgs:
    return aws.s3.BucketReplicationConfigRuleDestinationArgs(
        bucket=other.arn,
        encryption_configuration=aws.s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
            replica_kms_key_id=other.key_arn
        ),
        replication_time=aws.s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs(
            status="Enabled",
            time=aws.s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(minutes=REPLICATION_MINUTES),
        ),
        metrics=aws.s3.BucketReplicationConfigRuleDestinationMetricsArgs(
            status="Enabled",
            event_threshold=aws.s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(minutes=REPLICATION_MINUTES),
        ),
    )
