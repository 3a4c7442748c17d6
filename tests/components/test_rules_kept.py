"""What the components build keeps every rule of the pack, with all that a preview cannot know yet filled in."""

import pytest
from pulumi_policy import PolicyProviderResource, PolicyResource, StackValidationArgs

from policies.pack import RULES
from policies.rule import Rule, StackRule
from tests.components.conftest import Recording, Registered, Synth, settings_of
from tests.policies.conftest import OPTIONS, judged


def provider_of(resource: Registered, recording: Recording) -> PolicyProviderResource | None:
    found = [one for one in recording.resources_seen if one.urn == resource.provider]
    return PolicyProviderResource(found[0].type, found[0].inputs, found[0].urn, found[0].name) if found else None


@pytest.mark.parametrize("file", ["Pulumi.prod.yaml", "Pulumi.staging.yaml", "sandbox/Pulumi.sandbox.yaml"])
def test_every_resource_keeps_every_rule(synth: Synth, file: str) -> None:
    """No deployment of ours is refused by our own rules, and none is left unjudged."""
    recording = synth(settings_of(file))
    found = [
        f"{rule.name}: {finding}"
        for rule in RULES
        if isinstance(rule, Rule)
        for resource in recording.resources_seen
        if rule.judges(resource.type)
        for finding in judged(rule, resource.type, resource.inputs, provider_of(resource, recording), resource.name)
    ]

    assert found == []
    assert [rule.name for rule in RULES if not any(rule.judges(resource.type) for resource in recording.resources_seen)] == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if isinstance(rule, StackRule)], ids=lambda rule: rule.name)
def test_resources_keep_the_rules_about_them_together(synth: Synth, rule: StackRule) -> None:
    """What the components attach to a resource is what the rule looks for."""
    recording = synth(settings_of("Pulumi.prod.yaml"))
    resources = {
        one.urn: PolicyResource(one.type, dict(one.inputs), one.urn, one.name, OPTIONS, provider_of(one, recording), None, [], {})
        for one in recording.resources_seen
    }
    for one in recording.resources_seen:
        waited_for = [resources[urn] for urn in one.waits_for if urn in resources]
        resources[one.urn].property_dependencies.update(
            dict.fromkeys(("queueUrl", "arn", "bucket", "eventSourceArn"), waited_for)
        )

    assert list(rule.judge(StackValidationArgs(list(resources.values()), {}))) == []
    assert any(rule.judges(resource.resource_type) for resource in resources.values())
