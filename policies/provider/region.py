"""No resource goes to another region than its provider's."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import ALL_OF_AWS, Rule


def resource_stays_in_its_region(args: ResourceValidationArgs) -> Iterator[str]:
    region = args.props.get("region")
    if not region or args.provider is None:
        return
    home = args.provider.props.get("region")
    if region != home:
        yield f"goes to {region}, its provider to {home}"


RULE = Rule(
    name="resource-stays-in-its-region",
    description="Since version 7 a resource may override its provider's region; a cell's parts would lie apart unseen.",
    severity=Severity.CRITICAL,
    url="https://www.pulumi.com/registry/packages/aws/how-to-guides/7-0-migration/",
    remedy="leave region unset and give the resource the provider of that region",
    resource_types=(ALL_OF_AWS,),
    judge=resource_stays_in_its_region,
)
