"""Buckets and what they are told, as examples of their types."""

import json
from typing import Any

from tests.sandbox.provider.example import ACCOUNT, KEY, PARTNER, REGION, ROLE, TAGS, Example

BUCKET = "example-bucket"
BUCKET_ARN = f"arn:aws:s3:::{BUCKET}"
PARTNERS_BUCKET_ARN = "arn:aws:s3:::example-other-bucket"


def bucket_policy(action: str) -> str:
    """Nothing of it over plain text."""
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": [action],
        "Resource": [BUCKET_ARN, f"{BUCKET_ARN}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=1)


def versioning(status: str) -> dict[str, Any]:
    return {"versioningConfiguration": {"status": status}}


def encryption(*, bucket_key: bool) -> dict[str, Any]:
    by_default = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
    return {"rules": [{"applyServerSideEncryptionByDefault": by_default, "bucketKeyEnabled": bucket_key}]}


def lifecycle(days: int) -> dict[str, Any]:
    superseded = {
        "id": "superseded",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "noncurrentVersionExpiration": {"noncurrentDays": days},
        "expiration": {"expiredObjectDeleteMarker": True},
    }
    unfinished = {
        "id": "unfinished",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
    }
    large = {
        "id": "large",
        "status": "Enabled",
        "filter": {"objectSizeGreaterThan": 131072},
        "noncurrentVersionTransitions": [{"storageClass": "STANDARD_IA", "noncurrentDays": 30}],
        "transitions": [{"storageClass": "STANDARD_IA", "days": 30}],
    }
    return {"rules": [superseded, unfinished, large]}


def replication(status: str) -> dict[str, Any]:
    on, minutes = {"status": "Enabled"}, {"minutes": 15}
    return {
        "role": ROLE,
        "rules": [
            {
                "id": PARTNER,
                "priority": 0,
                "status": status,
                "filter": {"prefix": ""},
                "deleteMarkerReplication": on,
                "sourceSelectionCriteria": {"replicaModifications": on, "sseKmsEncryptedObjects": on},
                "destination": {
                    "bucket": PARTNERS_BUCKET_ARN,
                    "encryptionConfiguration": {"replicaKmsKeyId": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/example"},
                    "replicationTime": {**on, "time": minutes},
                    "metrics": {**on, "eventThreshold": minutes},
                },
            }
        ],
    }


BLOCKED = {"blockPublicAcls": True, "blockPublicPolicy": True, "ignorePublicAcls": True, "restrictPublicBuckets": True}

S3_NEEDS = (
    Example("aws:s3/bucket:Bucket", {"bucket": BUCKET, "forceDestroy": True}),
    Example("aws:s3/bucketVersioning:BucketVersioning", {"bucket": BUCKET, **versioning("Enabled")}),
    Example("aws:s3/bucket:Bucket", {"bucket": "example-versions"}),
    Example("aws:s3/bucket:Bucket", {"bucket": "example-other-bucket"}),
    Example("aws:s3/bucketVersioning:BucketVersioning", {"bucket": "example-other-bucket", **versioning("Enabled")}),
)

S3_EXAMPLES = (
    Example("aws:s3/bucket:Bucket", {"bucket": "example-vault", "forceDestroy": True, "tags": TAGS}, {"tags": {"owner": "a"}}),
    Example(
        "aws:s3/bucketVersioning:BucketVersioning",
        {"bucket": "example-versions", **versioning("Enabled")},
        versioning("Suspended"),
        leaves_nothing=False,
    ),
    Example(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {"bucket": BUCKET, **encryption(bucket_key=True)},
        encryption(bucket_key=False),
        leaves_nothing=False,
    ),
    Example("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", {"bucket": BUCKET, **BLOCKED}, {"blockPublicAcls": False}),
    Example(
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        {"bucket": BUCKET, "rule": {"objectOwnership": "BucketOwnerEnforced"}},
        {"rule": {"objectOwnership": "BucketOwnerPreferred"}},
    ),
    Example(
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", {"bucket": BUCKET, **lifecycle(90)}, lifecycle(30)
    ),
    Example(
        "aws:s3/bucketPolicy:BucketPolicy",
        {"bucket": BUCKET, "policy": bucket_policy("s3:*")},
        {"policy": bucket_policy("s3:PutObject")},
    ),
    Example(
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        {"bucket": BUCKET, **replication("Enabled")},
        {"rules": replication("Disabled")["rules"]},
    ),
)
