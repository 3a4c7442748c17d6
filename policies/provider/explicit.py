"""Every resource names its provider."""

from collections.abc import Iterator

from pulumi_policy import ResourceValidationArgs, Severity

from policies.rule import ALL_OF_AWS, Rule


def resource_names_its_provider(args: ResourceValidationArgs) -> Iterator[str]:
    # the engine calls the ones it makes itself "default" or "default_<version>"
    if args.provider is None or args.provider.name.split("_")[0] == "default":
        yield "has no provider of its own"


RULE = Rule(
    name="resource-names-its-provider",
    description="A default provider takes account and region from whoever deploys; a resource would land there.",
    severity=Severity.CRITICAL,
    url="https://www.pulumi.com/docs/iac/concepts/providers/",
    remedy="give it, or a component above it, the provider of its account and region",
    resource_types=(ALL_OF_AWS,),
    judge=resource_names_its_provider,
)
