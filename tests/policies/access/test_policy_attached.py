"""Queues and topics without a policy are found."""

import pytest
from pulumi_policy import PolicyResource, StackValidationArgs

from policies.access.policy_attached import ATTACHED_BY, RULE
from tests.policies.conftest import EXPLICIT, OPTIONS


def resource(kind: str, name: str, **refers_to: list[PolicyResource]) -> PolicyResource:
    return PolicyResource(kind, {}, f"urn:{name}", name, OPTIONS, EXPLICIT, None, [], refers_to)


def judged(*resources: PolicyResource) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []

    def report(message: str, urn: str | None = None) -> None:
        found.append((message, urn))

    RULE.policy().validate(StackValidationArgs(list(resources), {}), report)
    return found


@pytest.mark.parametrize("kind", ATTACHED_BY)
def test_each_has_its_own_policy(kind: str) -> None:
    """A policy covers what it refers to, and nothing beside it."""
    policy, link = ATTACHED_BY[kind]
    one, other = resource(kind, "one"), resource(kind, "other")

    assert judged(one, resource(policy, "policy", **{link: [one]})) == []
    assert judged(one, other, resource(policy, "policy", **{link: [one]})) == [
        (f"other has no {policy.rsplit(':', 1)[1]}: {RULE.remedy}", "urn:other")
    ]


def test_other_references_do_not_count() -> None:
    """Naming a queue in the document attaches nothing to it."""
    queue = resource("aws:sqs/queue:Queue", "intake")

    assert judged(queue, resource("aws:sqs/queuePolicy:QueuePolicy", "policy", policy=[queue])) == [
        (f"intake has no QueuePolicy: {RULE.remedy}", "urn:intake")
    ]
