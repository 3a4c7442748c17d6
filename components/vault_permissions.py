"""What S3 may do when it copies one vault to another, as data."""

from collections.abc import Iterable

from components.addresses import CellAddresses
from components.permissions import Statement


def replication_statements(cell: CellAddresses, others: Iterable[CellAddresses]) -> tuple[Statement, ...]:
    """What S3 may do in the vault's name: read versions here, write them in the other vaults, and no more.

    S3 user guide, "Setting up permissions for live replication".
    """
    return (
        Statement(
            sid="ReadTheRules",
            actions=("s3:GetReplicationConfiguration", "s3:ListBucket"),
            resources=(cell.vault_arn,),
        ),
        Statement(
            sid="ReadVersions",
            actions=("s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"),
            resources=(f"{cell.vault_arn}/*",),
        ),
        Statement(
            sid="WriteCopies",
            actions=("s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"),
            resources=tuple(f"{other.vault_arn}/*" for other in others),
        ),
    )


def replication_key_statements(
    cell: CellAddresses, key_arn: str, others: Iterable[CellAddresses], key_arns: Iterable[str]
) -> list[Statement]:
    """Each side's own key, through S3 in its region, for the vault alone (S3 user guide, "Replicating encrypted objects").

    The context that S3 presents is the bucket where bucket keys are on, and the object for what was written without.
    """
    opens = _key_of_vault("Open", "kms:Decrypt", cell, key_arn)
    return [
        opens,
        *(_key_of_vault(f"Seal{n}", "kms:Encrypt", *each) for n, each in enumerate(zip(others, key_arns, strict=True), 1)),
    ]


def _key_of_vault(sid: str, action: str, cell: CellAddresses, key_arn: str) -> Statement:
    return Statement(
        sid=sid,
        actions=(action,),
        resources=(key_arn,),
        conditions={
            "StringEquals": {"kms:ViaService": f"s3.{cell.region}.amazonaws.com"},
            "ArnLike": {"kms:EncryptionContext:aws:s3:arn": [cell.vault_arn, f"{cell.vault_arn}/*"]},
        },
    )
