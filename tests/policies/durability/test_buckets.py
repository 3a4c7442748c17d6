"""Buckets that lose versions, keep everything for ever, or are copied in part are found."""

from copy import deepcopy
from typing import Any

import pytest
from pulumi_policy import PolicyProviderResource, PolicyResource, StackValidationArgs

from policies.access import bucket_owner, bucket_public
from policies.durability import bucket_copies, bucket_lifecycle, bucket_parts, bucket_versions
from policies.encryption import bucket
from policies.rule import Rule
from tests.policies.conftest import OPTIONS, Judge

KEY = "arn:aws:kms:us-east-1:222222222222:key/k"
ON = {"status": "Enabled"}
BY_DEFAULT = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY}
BLOCKED = dict.fromkeys(bucket_public.BLOCKS, True)
FORGETS = [
    {"id": "superseded", **ON, "noncurrentVersionExpiration": {"noncurrentDays": 90}},
    {"id": "unfinished", **ON, "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}},
]
MOVES = {"id": "large", **ON, "transitions": [{"storageClass": "STANDARD_IA", "days": 30}]}
COPY: dict[str, Any] = {
    "id": "us-west-2",
    **ON,
    "deleteMarkerReplication": ON,
    "sourceSelectionCriteria": {"sseKmsEncryptedObjects": ON, "replicaModifications": ON},
    "destination": {"encryptionConfiguration": {"replicaKmsKeyId": KEY}, "replicationTime": ON, "metrics": ON},
}


def copy_without(*path: str) -> dict[str, Any]:
    """A rule of replication, with what lies at *path* taken away."""
    changed = deepcopy(COPY)
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return {"rules": [changed]}


@pytest.mark.parametrize(
    ("rule", "props", "findings"),
    [
        (bucket_versions.RULE, {"versioningConfiguration": ON}, []),
        (bucket_versions.RULE, {"versioningConfiguration": {"status": "Suspended"}}, ["has its versions Suspended"]),
        (bucket.RULE, {"rules": [{"applyServerSideEncryptionByDefault": BY_DEFAULT, "bucketKeyEnabled": True}]}, []),
        (
            bucket.RULE,
            {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}]},
            ["encrypts under a key of AWS", "asks KMS for every object"],
        ),
        (bucket_public.RULE, BLOCKED, []),
        (bucket_public.RULE, {**BLOCKED, "ignorePublicAcls": False}, ["leaves ignorePublicAcls off"]),
        (bucket_public.RULE, {}, [f"leaves {block} off" for block in bucket_public.BLOCKS]),
        (bucket_owner.RULE, {"rule": {"objectOwnership": "BucketOwnerEnforced"}}, []),
        (bucket_owner.RULE, {"rule": {"objectOwnership": "ObjectWriter"}}, ["says ObjectWriter"]),
        (bucket_lifecycle.RULE, {"rules": FORGETS}, []),
        (bucket_lifecycle.RULE, {"rules": [*FORGETS, {**MOVES, "filter": {"objectSizeGreaterThan": 131072}}]}, []),
        (bucket_lifecycle.RULE, {"rules": [*FORGETS, MOVES]}, ["moves objects of any size by large"]),
        (
            bucket_lifecycle.RULE,
            {"rules": [{**each, "status": "Disabled"} for each in FORGETS]},
            ["keeps superseded versions for ever", "keeps unfinished uploads for ever"],
        ),
        (bucket_copies.RULE, {"rules": [COPY]}, []),
        (bucket_copies.RULE, copy_without("status"), ["has rule us-west-2 that is off"]),
        (bucket_copies.RULE, copy_without("deleteMarkerReplication"), ["has rule us-west-2 that leaves deletions out"]),
        (
            bucket_copies.RULE,
            copy_without("sourceSelectionCriteria"),
            ["has rule us-west-2 that leaves encrypted objects out", "has rule us-west-2 that leaves changes of copies out"],
        ),
        (
            bucket_copies.RULE,
            copy_without("destination", "encryptionConfiguration"),
            ["has rule us-west-2 that names no key there"],
        ),
        (bucket_copies.RULE, copy_without("destination", "replicationTime"), ["has rule us-west-2 that keeps no time"]),
        (bucket_copies.RULE, copy_without("destination", "metrics"), ["has rule us-west-2 that is not measured"]),
    ],
)
def test_a_bucket_is_told_what_it_should_be(judge: Judge, rule: Rule, props: dict[str, Any], findings: list[str]) -> None:
    """Each part of a bucket, with one thing wrong."""
    (resource_type,) = rule.resource_types

    assert judge(rule, resource_type, props) == [f"thing {finding}: {rule.remedy}" for finding in findings]


def test_a_key_that_is_not_known_counts_as_given(judge: Judge, unknown: str) -> None:
    """In a first preview no key has an ARN."""
    changed = deepcopy(COPY)
    changed["destination"]["encryptionConfiguration"]["replicaKmsKeyId"] = unknown
    by_default = {"applyServerSideEncryptionByDefault": {**BY_DEFAULT, "kmsMasterKeyId": unknown}, "bucketKeyEnabled": True}

    assert judge(bucket_copies.RULE, bucket_parts.COPIES, {"rules": [changed]}) == []
    assert judge(bucket.RULE, bucket.RULE.resource_types[0], {"rules": [by_default]}) == []


def resource(
    kind: str, name: str, region: str = "us-east-1", account: str = "1", **refers_to: list[PolicyResource]
) -> PolicyResource:
    provider = PolicyProviderResource(
        "pulumi:providers:aws", {"region": region, "allowedAccountIds": [account]}, f"urn:{region}", region
    )
    return PolicyResource(kind, {}, f"urn:{name}", name, OPTIONS, provider, None, [], refers_to)


def with_parts(one: PolicyResource, *parts: str) -> list[PolicyResource]:
    return [one, *(resource(part, f"{one.name}-{number}", bucket=[one]) for number, part in enumerate(parts))]


def found(*resources: PolicyResource) -> list[str]:
    rule = bucket_parts.RULE
    messages: list[str] = []

    def report(message: str, urn: str | None = None) -> None:
        messages.append(f"{urn}: {message}")

    rule.policy().validate(StackValidationArgs(list(resources), {}), report)
    return messages


@pytest.mark.parametrize("missing", bucket_parts.PARTS)
def test_each_part_is_missed(missing: str) -> None:
    """Whatever is forgotten is named."""
    one = resource(bucket_parts.BUCKET, "vault")
    parts = [part for part in bucket_parts.PARTS if part != missing]

    assert found(*with_parts(one, *parts)) == [f"urn:vault: vault has no {missing.rsplit(':', 1)[1]}: {bucket_parts.RULE.remedy}"]


@pytest.mark.parametrize(
    ("other", "is_asked"),
    [
        pytest.param({"region": "us-west-2"}, True, id="another region of the account"),
        pytest.param({"region": "us-east-1"}, False, id="the same region"),
        pytest.param({"region": "us-west-2", "account": "2"}, False, id="another account"),
    ],
)
def test_a_copy_is_asked_for_where_there_is_somewhere_to_copy_to(other: dict[str, str], is_asked: bool) -> None:
    """A cell whose partner is not there yet has nowhere."""
    here, there = resource(bucket_parts.BUCKET, "here"), resource(bucket_parts.BUCKET, "there", **other)  # type: ignore[arg-type]
    messages = found(*with_parts(here, *bucket_parts.PARTS), *with_parts(there, *bucket_parts.PARTS, bucket_parts.COPIES))
    expected = f"urn:here: here has no copy in another region of its account, where a bucket stands: {bucket_parts.RULE.remedy}"

    assert messages == ([expected] if is_asked else [])
