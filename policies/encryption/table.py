"""Tables are encrypted under our keys, in every region."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule
from policies.values import as_list, is_set


def table_is_encrypted_under_our_key(args: ResourceValidationArgs) -> Iterator[str]:
    encryption = args.props.get("serverSideEncryption") or {}
    if not encryption.get("enabled") or not is_set(encryption, "kmsKeyArn"):
        yield "is encrypted under a key of AWS"
    for replica in as_list(args.props.get("replicas")):
        if not is_set(replica, "kmsKeyArn"):
            yield f"is encrypted under a key of AWS in {replica.get('regionName')}"


RULE = Rule(
    name="table-is-encrypted-under-our-key",
    description="A key of ours can be withdrawn, and CloudTrail shows who used it; each replica needs the key of its region.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html",
    remedy="enable server-side encryption with the region's key, in the table and in every replica",
    resource_types=("aws:dynamodb/table:Table",),
    judge=table_is_encrypted_under_our_key,
)
