"""Topics are encrypted under our keys."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import Rule
from policies.values import is_set

KEY_OF_AWS = "alias/aws/sns"


def topic_is_encrypted_under_our_key(args: ResourceValidationArgs) -> Iterator[str]:
    if not is_set(args.props, "kmsMasterKeyId"):
        yield "is not encrypted"
    elif str(args.props.get("kmsMasterKeyId")).endswith(KEY_OF_AWS):
        yield f"is encrypted under {KEY_OF_AWS}, which lets no alarm publish"


RULE = Rule(
    name="topic-is-encrypted-under-our-key",
    description="An alert says what broke; AWS's key has a policy that nobody can open to the services that send alarms.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html",
    remedy="set kms_master_key_id to the cell's key",
    resource_types=("aws:sns/topic:Topic",),
    judge=topic_is_encrypted_under_our_key,
)
