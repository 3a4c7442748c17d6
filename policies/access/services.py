"""A service reaches our resources only when it acts for us."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.access.principals import PERMISSION
from policies.documents import RESOURCE_POLICIES, statements_of
from policies.iam.trust import SOURCE_KEYS
from policies.rule import Rule
from policies.values import is_set

# Key policies are apart: which services present a source there differs, and some present an encryption context instead.
_JUDGED = {kind: where for kind, where in RESOURCE_POLICIES.items() if not kind.startswith("aws:kms/")}


def service_reaches_it_only_for_us(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type == PERMISSION:
        principal = args.props.get("principal") or ""
        if principal.endswith(".amazonaws.com") and not (is_set(args.props, "sourceArn") or is_set(args.props, "sourceAccount")):
            yield f"lets {principal} in for anybody"
        return
    for statement in statements_of(args, _JUDGED):
        if statement.allows and not statement.binding_keys & SOURCE_KEYS:
            for service in statement.principals.get("Service", []):
                yield f"lets {service} in for anybody by {statement.label}"


RULE = Rule(
    name="service-reaches-it-only-for-us",
    description="A service acts for every customer of AWS; without a source, another account's rule could write here.",
    severity=Severity.HIGH,
    url="https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    remedy="add aws:SourceArn or aws:SourceAccount",
    resource_types=(*_JUDGED, PERMISSION),
    judge=service_reaches_it_only_for_us,
)
